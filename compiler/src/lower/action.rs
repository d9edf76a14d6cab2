//! AWS actions: how they are written, and whether AWS has them.

use super::scope::{Lowered, Scope};
use crate::diagnostic::{Diagnostic, Explanation};
use crate::model::*;
use crate::resolve::glob;
use crate::resolve::names::suggest;
use bailiwick_grammar::ast::Text;
use bailiwick_stdlib::aws::services;

const UNKNOWN: &str = "unknown-aws-action";

impl Scope<'_> {
    /// `service:Action`; `globs` tells whether `*` may stand in it.
    pub fn action(&mut self, action: &Text, globs: bool) -> Lowered<Str> {
        let star = |byte: u8| globs && byte == b'*';
        let halves = action.split_once(':').filter(|(service, name)| {
            let in_service =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || star(byte);
            let in_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || star(byte);
            !service.is_empty()
                && service.bytes().all(in_service)
                && name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || star(first))
                && name.bytes().all(in_name)
        });
        let Some((service, name)) = halves else {
            let message = format!("`{}` is no aws action", action.node);
            let help = match globs {
                true => "write `\"s3:GetObject\"`, or `\"s3:*\"` where it may be any",
                false => "write each action out, `\"s3:GetObject\"`, without wildcards",
            };
            return Err(self.bad(action.span, &message, help));
        };
        if let Some((message, near)) = unknown(service, name) {
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "look it up in the service authorization reference of AWS; if it is newer than \
                         this version, waive the finding"
                    .to_string(),
            };
            self.report(Diagnostic::warning(UNKNOWN, message).help(help), action.span);
        }
        Ok(action.node.clone())
    }
}

/// What is the matter with an action that AWS does not have, and what may have been meant.
fn unknown(service: &str, name: &str) -> Option<(String, Option<String>)> {
    // IAM compares actions without regard to case.
    let wanted = name.to_ascii_lowercase();
    let has =
        |actions: &[&str]| actions.iter().any(|action| glob::matches(&wanted, &action.to_ascii_lowercase()));
    let mut of_service = services().iter().filter(|(prefix, _)| glob::matches(service, prefix)).peekable();
    if of_service.peek().is_none() {
        let near = suggest(service, services().keys()).map(|near| format!("{near}:{name}"));
        return Some((format!("aws has no service `{service}`"), near));
    }
    if of_service.any(|(_, actions)| has(actions)) {
        return None;
    }
    let message = match name.contains('*') {
        true => format!("no action of aws is matched by `{service}:{name}`"),
        false => format!("aws has no action `{service}:{name}`"),
    };
    let near = match services().get(service).and_then(|actions| suggest(name, actions)) {
        Some(near) => Some(format!("{service}:{near}")),
        None => {
            services().iter().find(|(_, actions)| has(actions)).map(|(other, _)| format!("{other}:{name}"))
        }
    };
    Some((message, near))
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation {
    code: UNKNOWN,
    severity: Severity::Warning,
    finds: "an action of a binding, or of `binding aws`, that AWS does not have",
    why: "a tool bound to it can do nothing, and a forbid or a leg that looks for it finds nothing: \
          what was meant goes by another name, unseen. A warning and no error, because AWS adds \
          actions every week and the list is as old as this version",
    example: "tool get {\n  arg key: string\n  effect read\n  touches nothing\n  bind aws {\n    \
              actions \"s3:GetObjekt\"\n    resource \"arn:aws:s3:::b/{args.key}\"\n  }\n}\n",
    mend: &[("s3:GetObjekt", "s3:GetObject")],
    remedy: "write it as the service authorization reference of AWS does; an action that is newer than this \
             version is waived: `waive unknown-aws-action on tool get { … }`",
    references: &[],
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_does_not_have_is_said_with_what_is_near() {
        let near = |service, name| unknown(service, name).map(|(_, near)| near);
        for (service, name) in [("s3", "GetObject"), ("s3", "getobject"), ("iam", "Pass*"), ("*", "*")] {
            assert_eq!(unknown(service, name), None, "{service}:{name}");
        }
        let said = |text: &str| Some(Some(text.to_string()));
        assert_eq!(near("s3", "GetObjekt"), said("s3:GetObject"));
        assert_eq!(near("lamda", "InvokeFunction"), said("lambda:InvokeFunction"));
        assert_eq!(near("ec2", "SendSSHPublicKey"), said("ec2-instance-connect:SendSSHPublicKey"));
        assert_eq!(near("zzzzzzzzz", "Run"), Some(None));
        assert!(unknown("iam", "Wreck*").is_some_and(|(message, _)| message.contains("matched")));
    }
}
