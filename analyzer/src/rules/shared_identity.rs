//! `shared-identity`: one account, two agents that use it.

use super::{Rule, Run};
use crate::analysis::Analysis;
use crate::named::Named;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use std::collections::BTreeMap;

const CODE: &str = "shared-identity";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "an identity that two agents share",
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
    run: Run::Ground(run),
};

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    let mut users: BTreeMap<(IdentityKind, &Str), Vec<(&Agent, &Identity)>> = BTreeMap::new();
    for agent in &analysis.model.agents {
        for identity in &agent.identities {
            users.entry((identity.kind, &identity.value)).or_default().push((agent, identity));
        }
    }
    users.into_values().flat_map(|users| shared(analysis, &users)).collect()
}

/// A finding for each agent after the first.
fn shared(analysis: &Analysis, users: &[(&Agent, &Identity)]) -> Vec<Diagnostic> {
    let Some(((first, first_identity), others)) = users.split_first() else { return Vec::new() };
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for (agent, identity) in others {
        let known = |diagnostic: &Diagnostic| {
            diagnostic.subject.as_ref().is_some_and(|(_, name)| *name == agent.name)
        };
        if agent.name == first.name || diagnostics.iter().any(known) {
            continue;
        }
        let owner = |agent: &Agent| &analysis.model.principal(agent.owner).name;
        let message = format!(
            "agent `{}` of `{}` shares {} identity `{}` with agent `{}` of `{}`",
            agent.name,
            owner(agent),
            identity.kind.name(),
            identity.value,
            first.name,
            owner(first),
        );
        let mut diagnostic = Diagnostic::error(CODE, message)
            .at(&agent.origin.module, identity.span)
            .label(&first.origin.module, first_identity.span, "the same identity")
            .help(format!("give `{}` an identity of its own", agent.name))
            .about("agent", &agent.name);
        diagnostic = analysis.naming(diagnostic, [agent.owner, first.owner].map(Named::Principal));
        diagnostic.references = RULE.references();
        diagnostics.push(diagnostic);
    }
    diagnostics
}
