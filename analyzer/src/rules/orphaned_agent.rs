//! `orphaned-agent`: an agent that systems know and nobody has work for.

use super::{Rule, Run, listed};
use crate::analysis::Analysis;
use crate::named::Named;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "orphaned-agent";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Note,
        finds: "an agent with accounts, without a grant that has not expired, and to whom nobody delegates",
        why: "its accounts work and its work is gone: nobody looks at what they are used for",
        example: r#"person alice { email "alice@acme.example" }
agent bot {
  owner alice
  identity spiffe "spiffe://acme.example/agents/bot"
}
"#,
        mend: &[(
            "  identity spiffe \"spiffe://acme.example/agents/bot\"\n",
            "  identity spiffe \"spiffe://acme.example/agents/bot\"\n  suspended because \"its work has moved to another agent\"\n",
        )],
        remedy: "delete the agent and its accounts, or suspend it until it has work again",
        references: &["OWASP ASI10", "NIST SP 800-53 AC-2(3)"],
    },
    run: Run::Project(run),
};

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    let model = analysis.model;
    let clauses = analysis.remembered.hand_overs.living_clauses(analysis.now);
    let delegates = clauses.fold(AgentSet::new(), |all, clause| all.union(&clause.to));
    let idle = (0..model.agents.len()).map(AgentId::at).filter(|&id| {
        let agent = model.agent(id);
        !agent.identities.is_empty()
            && agent.suspended.is_none()
            && !delegates.contains(id)
            && !analysis.remembered.granted[id.index()].lives(analysis.now)
    });
    let findings = idle.map(|id| {
        let agent = model.agent(id);
        let accounts = listed(agent.identities.iter().map(|identity| &*identity.value));
        let message = format!(
            "{} has no grant and nobody delegates to it, and it has accounts: {accounts}",
            analysis.agent_of(id)
        );
        let mut diagnostic = Diagnostic::note(CODE, message)
            .at(&agent.origin.module, agent.origin.span)
            .help("delete it and its accounts, or suspend it until it has work again")
            .about("agent", &agent.name);
        diagnostic = analysis.naming(diagnostic, [Named::Agent(id)]);
        diagnostic.references = RULE.references();
        diagnostic
    });
    findings.collect()
}
