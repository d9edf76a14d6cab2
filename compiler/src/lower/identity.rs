//! Accounts: each kind of identity in the form that its system gives it.

use super::scope::{Lowered, Scope};
use crate::diagnostic::{Explanation, error};
use crate::model::{Identity, IdentityKind};
use bailiwick_grammar::Span;
use bailiwick_grammar::ast::IdentityDecl;

impl Scope<'_> {
    /// An `identity` line.
    pub fn identity(&mut self, decl: &IdentityDecl, span: Span) -> Lowered<Identity> {
        let words = IdentityKind::ALL.map(IdentityKind::name);
        let kind = self.word(&decl.kind, "kind of identity", IdentityKind::named(&decl.kind), &words)?;
        if decl.values.len() != kind.strings() {
            let problem = error(
                "bad-identity",
                format!(
                    "`{}` takes {}",
                    kind.name(),
                    match kind {
                        IdentityKind::Oidc => "two strings: the issuer and the subject",
                        IdentityKind::AwsPrincipal => "two strings: the principal and its external id",
                        _ => "one string",
                    }
                ),
            )
            .help(form(kind).1);
            return Err(self.report(problem, span));
        }
        let fine = match kind {
            IdentityKind::Spiffe => is_spiffe(&decl.values[0]),
            IdentityKind::Oidc => {
                decl.values[0].starts_with("https://") && decl.values.iter().all(|v| is_plain(v))
            }
            IdentityKind::AwsRole => is_role_arn(&decl.values[0]),
            IdentityKind::AwsPrincipal => is_role_arn(&decl.values[0]) && is_external_id(&decl.values[1]),
            IdentityKind::Kubernetes => is_service_account(&decl.values[0]),
            IdentityKind::Entra | IdentityKind::Oauth => is_plain(&decl.values[0]),
        };
        if !fine {
            let (what, help) = form(kind);
            let problem = error("bad-identity", format!("this is no {what}")).help(help);
            return Err(self.report(problem, decl.values[0].span));
        }
        let value = match decl.values.as_slice() {
            [first, second] => format!("{} {}", first.node, second.node).into(),
            // A client id there is a GUID: tokens carry it in lower case, however it is written here.
            [id] if kind == IdentityKind::Entra => id.node.to_ascii_lowercase().into(),
            _ => decl.values[0].node.clone(),
        };
        let purposes = decl.purposes.as_ref().map(|purposes| self.set(purposes)).transpose()?;
        Ok(Identity { kind, value, purposes, span })
    }
}

/// What an identity of the kind is called, and how it is written.
fn form(kind: IdentityKind) -> (&'static str, &'static str) {
    match kind {
        IdentityKind::Spiffe => {
            ("spiffe id", "write `identity spiffe \"spiffe://acme.example/agents/name\"`")
        }
        IdentityKind::Oidc => {
            ("issuer and subject", "write `identity oidc \"https://login.acme.example\" \"subject\"`")
        }
        IdentityKind::AwsRole => {
            ("role arn", "write `identity aws-role \"arn:aws:iam::123456789012:role/name\"`")
        }
        IdentityKind::AwsPrincipal => (
            "role arn and external id",
            "write `identity aws-principal \"arn:aws:iam::123456789012:role/name\" \"external id\"`; an external id has 2 to 1,224 letters, digits and `_+=,.@:/-`",
        ),
        IdentityKind::Kubernetes => ("service account", "write `identity kubernetes \"namespace/name\"`"),
        IdentityKind::Entra => {
            ("client id", "write the client id, without spaces: `identity entra \"6f1c…\"`")
        }
        IdentityKind::Oauth => {
            ("client id", "write the client id, without spaces: `identity oauth \"support-bot\"`")
        }
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_spiffe(text: &str) -> bool {
    let Some((domain, path)) = text.strip_prefix("spiffe://").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let in_domain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let in_segment = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    text.len() <= 2048
        && !domain.is_empty()
        && domain.bytes().all(in_domain)
        && path.split('/').all(|part| !matches!(part, "" | "." | "..") && part.bytes().all(in_segment))
}

fn is_role_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (arn, partition, service, region, account, resource) =
        (next(), next(), next(), next(), next(), next());
    let name = resource.strip_prefix("role/").unwrap_or_default();
    arn == "arn"
        && matches!(partition, "aws" | "aws-cn" | "aws-us-gov" | "aws-iso" | "aws-iso-b" | "aws-eusc")
        && service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&byte))
}

/// Whether AWS takes it for an external id (`ExternalId` of `sts:AssumeRole`).
fn is_external_id(text: &str) -> bool {
    (2..=1224).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte))
}

fn is_service_account(text: &str) -> bool {
    text.split_once('/').is_some_and(|(namespace, name)| {
        is_dns_name(namespace, 63) && !namespace.contains('.') && is_dns_name(name, 253)
    })
}

/// Whether the text is a Kubernetes name: lower-case labels of letters, digits and hyphens, joined by dots.
pub(crate) fn is_dns_name(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "bad-identity",
    "an identity does not have the form that its system gives it",
    "an export would bind the grant to an account that cannot exist, or to another one",
    "person alice { email \"alice@acme.example\" }\nagent a { owner alice  identity kubernetes \"agents\" }\n",
    "write it as the system does: the help shows the form",
)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_the_systems() {
        assert!(
            is_spiffe("spiffe://acme.example/agents/a") && is_role_arn("arn:aws:iam::123456789012:role/a/b")
        );
        assert!(is_service_account("agents/support-bot"));
        assert!(
            is_external_id("ab")
                && is_external_id("acme/7f3:x-1@b,c=d+e_f.g")
                && is_external_id(&"x".repeat(1224))
        );
        for bad in ["", "a", "a b", "a*", "${aws:userid}", "ä1", &"x".repeat(1225)] {
            assert!(!is_external_id(bad), "{bad}");
        }
        for bad in [
            "spiffe://acme.example",
            "spiffe://ACME/a",
            "spiffe://a//b",
            "spiffe://a/../b",
            "https://a/b",
            "spiffe:///x",
        ] {
            assert!(!is_spiffe(bad), "{bad}");
        }
        for bad in [
            "arn:aws:iam::12345:role/a",
            "arn:aws:iam::123456789012:user/a",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/*",
        ] {
            assert!(!is_role_arn(bad), "{bad}");
        }
        for bad in ["agents", "a/b/c", "Agents/a", "a.b/c", "-a/b", "/a", "a/"] {
            assert!(!is_service_account(bad), "{bad}");
        }
    }
}
