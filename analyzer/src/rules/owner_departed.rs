//! `owner-departed`: an agent whose owner is gone.

use super::{Rule, Run};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "owner-departed";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "an agent whose owner has departed, or is a team of which every member has or that has none",
        why: "nobody answers for it, nobody notices what it does, and nobody takes its access away",
        example: r#"person alice {
  email "alice@acme.example"
  departed on 2026-10-31
}
agent bot { owner alice }
"#,
        mend: &[
            ("person alice {", "person bob { email \"bob@acme.example\" }\nperson alice {"),
            ("owner alice", "owner bob"),
        ],
        remedy: "give the agent to an owner who is there, or suspend or delete it",
        references: &["NIST SP 800-53 PS-4", "NIST SP 800-53 AC-2"],
    },
    run: Run::Agent(run),
};

fn run(analysis: &Analysis, agent: AgentId) -> Vec<Diagnostic> {
    let agent = analysis.model.agent(agent);
    let nobody = analysis.model.people_of(agent.owner).is_empty();
    if agent.suspended.is_some() || !nobody && !analysis.gone(agent.owner) {
        return Vec::new();
    }
    let owner = analysis.model.principal(agent.owner);
    let message = match owner.kind {
        PrincipalKind::Person { .. } => {
            format!("agent `{}` is owned by `{}`, who has departed", agent.name, owner.name)
        }
        PrincipalKind::Team { .. } if nobody => {
            format!("agent `{}` is owned by `{}`, which has no members", agent.name, owner.name)
        }
        PrincipalKind::Team { .. } => {
            format!("agent `{}` is owned by `{}`, all of whose members have departed", agent.name, owner.name)
        }
    };
    let mut diagnostic = Diagnostic::error(CODE, message)
        .at(&agent.origin.module, agent.origin.span)
        .label(&owner.origin.module, owner.origin.span, if nobody { "nobody" } else { "departed" })
        .help("give the agent to an owner who is there, or suspend it")
        .about("agent", &agent.name);
    diagnostic.references = RULE.explanation.references.iter().map(|&text| text.into()).collect();
    vec![diagnostic]
}
