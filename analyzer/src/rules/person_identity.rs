//! `person-identity`: an agent that signs in with a person's account.

use super::{Rule, Run};
use crate::analysis::Analysis;
use crate::named::Named;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use std::collections::BTreeMap;

const CODE: &str = "person-identity";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "an agent that uses the account of a person",
        why: "the agent may do all that the person may, nobody can tell which of the two acted, and the account stays when the agent goes",
        example: r#"person alice {
  email "alice@acme.example"
  identity oidc "https://login.acme.example" "alice"
}
agent bot {
  owner alice
  identity oidc "https://login.acme.example" "alice"
}
"#,
        mend: &[(
            "agent bot {\n  owner alice\n  identity oidc \"https://login.acme.example\" \"alice\"",
            "agent bot {\n  owner alice\n  identity oidc \"https://login.acme.example\" \"bot\"",
        )],
        remedy: "give the agent an identity of its own",
        references: &["OWASP ASI03", "NIST SP 800-53 IA-2", "NIST SP 800-53 IA-4"],
    },
    run: Run::Ground(run),
};

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    let model = analysis.model;
    let mut people: BTreeMap<(IdentityKind, &Str), (&Principal, &Identity)> = BTreeMap::new();
    for person in &model.principals {
        if let PrincipalKind::Person { identities, .. } = &person.kind {
            for identity in identities {
                people.entry((identity.kind, &identity.value)).or_insert((person, identity));
            }
        }
    }
    let mut diagnostics = Vec::new();
    for agent in &model.agents {
        for identity in &agent.identities {
            let Some((person, theirs)) = people.get(&(identity.kind, &identity.value)) else { continue };
            let message = format!(
                "agent `{}` of `{}` uses {} identity `{}`, which is the account of `{}`",
                agent.name,
                model.principal(agent.owner).name,
                identity.kind.name(),
                identity.value,
                person.name,
            );
            let mut diagnostic = Diagnostic::error(CODE, message)
                .at(&agent.origin.module, identity.span)
                .label(&person.origin.module, theirs.span, format!("the account of `{}`", person.name))
                .help(format!("give `{}` an identity of its own", agent.name))
                .about("agent", &agent.name);
            diagnostic = analysis.naming(diagnostic, [Named::Principal(agent.owner)]);
            diagnostic.references = RULE.references();
            diagnostics.push(diagnostic);
        }
    }
    diagnostics
}
