//! `shared-identity`: one account, two who use it.

use super::{Rule, Run};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use std::collections::BTreeMap;

const CODE: &str = "shared-identity";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "an identity that two agents share, or that an agent shares with a person",
        why: "whoever sees the account cannot tell who acts: each can do what the other may, and the record blames the wrong one",
        example: r#"person alice { email "alice@acme.example" }
agent bot {
  owner alice
  identity aws-role "arn:aws:iam::123456789012:role/bot"
}
agent helper {
  owner alice
  identity aws-role "arn:aws:iam::123456789012:role/bot"
}
"#,
        mend: &[(
            "agent helper {\n  owner alice\n  identity aws-role \"arn:aws:iam::123456789012:role/bot\"",
            "agent helper {\n  owner alice\n  identity aws-role \"arn:aws:iam::123456789012:role/helper\"",
        )],
        remedy: "give each agent an identity of its own",
        references: &["OWASP ASI03", "NIST SP 800-53 IA-4"],
    },
    run: Run::Project(run),
};

/// Who uses an identity.
enum User<'m> {
    Agent(&'m Agent),
    Person(&'m Principal),
}

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    let mut users: BTreeMap<(IdentityKind, &Str), Vec<(User, &Identity)>> = BTreeMap::new();
    for principal in &analysis.model.principals {
        if let PrincipalKind::Person { identities, .. } = &principal.kind {
            for identity in identities {
                let user = (User::Person(principal), identity);
                users.entry((identity.kind, &identity.value)).or_default().push(user);
            }
        }
    }
    for agent in &analysis.model.agents {
        for identity in &agent.identities {
            let user = (User::Agent(agent), identity);
            users.entry((identity.kind, &identity.value)).or_default().push(user);
        }
    }
    users.into_values().flat_map(|users| shared(analysis, &users)).collect()
}

/// A finding for each agent after the first user that is not the same agent again.
fn shared(analysis: &Analysis, users: &[(User, &Identity)]) -> Vec<Diagnostic> {
    let Some(((first, first_identity), others)) = users.split_first() else { return Vec::new() };
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for (user, identity) in others {
        let User::Agent(agent) = user else { continue };
        let known = |diagnostic: &Diagnostic| {
            diagnostic.subject.as_ref().is_some_and(|(_, name)| *name == agent.name)
        };
        let (other, origin) = match first {
            User::Agent(other) if other.name == agent.name => continue,
            User::Agent(other) => (format!("agent `{}`", other.name), &other.origin),
            User::Person(person) => (format!("`{}`, who is a person", person.name), &person.origin),
        };
        if diagnostics.iter().any(known) {
            continue;
        }
        let owner = &analysis.model.principal(agent.owner).name;
        let message = format!(
            "agent `{}` of `{owner}` shares {} identity `{}` with {other}",
            agent.name,
            identity.kind.name(),
            identity.value,
        );
        let mut diagnostic = Diagnostic::error(CODE, message)
            .at(&agent.origin.module, identity.span)
            .label(&origin.module, first_identity.span, "the same identity")
            .help(format!("give `{}` an identity of its own", agent.name))
            .about("agent", &agent.name);
        diagnostic.references = RULE.explanation.references.iter().map(|&text| text.into()).collect();
        diagnostics.push(diagnostic);
    }
    diagnostics
}
