//! `unused-identity`: an account that serves purposes which its agent does not have.

use super::{Rule, Run, SHOWN, listed};
use crate::analysis::Analysis;
use crate::named::Named;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "unused-identity";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Note,
        finds: "an identity of an agent for purposes that no grant gives it, by itself or as a delegate",
        why: "it is an account that nothing needs: exports attach no authority to it, and nobody misses it when it is abused",
        example: r#"data records { sensitivity internal }
person alice { email "alice@acme.example" }
tool crm.read {
  effect read
  reads records
}
purpose support {
  "Answer customers."
  needs crm.read
  needs data records
}
purpose reports { "Count customers." }
agent bot {
  owner alice
  identity spiffe "spiffe://acme.example/agents/bot"
  identity aws-role "arn:aws:iam::123456789012:role/bot-reports" for reports
}
grant lookup {
  to bot for support
  allow crm.read
  on records
  expires 2027-06-30
}
"#,
        mend: &[("  identity aws-role \"arn:aws:iam::123456789012:role/bot-reports\" for reports\n", "")],
        remedy: "delete the account, or correct what it is `for`",
        references: &["OWASP ASI03", "NIST SP 800-53 IA-4"],
    },
    run: Run::Project(run),
};

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    let model = analysis.model;
    // The purposes of each agent that has such an identity: its own, and those it is a delegate for.
    let bound = |id: &AgentId| {
        let agent = model.agent(*id);
        agent.suspended.is_none() && agent.identities.iter().any(|identity| identity.purposes.is_some())
    };
    let concerned: AgentSet = (0..model.agents.len()).map(AgentId::at).filter(bound).collect();
    if concerned.is_empty() {
        return Vec::new();
    }
    let mut purposes = vec![PurposeSet::new(); model.agents.len()];
    for agent in concerned.iter() {
        purposes[agent.index()].clone_from(&analysis.remembered.granted[agent.index()].purposes);
    }
    for clause in analysis.remembered.hand_overs.living_clauses(analysis.now) {
        for delegate in clause.to.intersection(&concerned).iter() {
            purposes[delegate.index()].insert(clause.purpose);
        }
    }
    concerned.iter().flat_map(|id| of_agent(analysis, id, &purposes[id.index()])).collect()
}

fn of_agent(analysis: &Analysis, id: AgentId, purposes: &PurposeSet) -> Vec<Diagnostic> {
    let model = analysis.model;
    let agent = model.agent(id);
    let unused = agent.identities.iter().filter_map(|identity| {
        let served = identity.purposes.as_ref().filter(|served| !served.meets(purposes))?;
        let message = format!(
            "{} has {} identity `{}` for {}, and nothing is granted to it for that",
            analysis.agent_of(id),
            identity.kind.name(),
            identity.value,
            listed(served.iter().map(|purpose| &*model.purpose(purpose).name)),
        );
        let mut diagnostic = Diagnostic::note(CODE, message)
            .at(&agent.origin.module, identity.span)
            .help("delete the account, or correct what it is `for`")
            .fix(
                format!("delete the identity from agent `{}`", agent.name),
                &agent.origin.module,
                identity.span,
                "",
            )
            .about("agent", &agent.name);
        let purposes = served.iter().take(SHOWN).map(Named::Purpose);
        diagnostic = analysis.naming(diagnostic, [Named::Agent(id)].into_iter().chain(purposes));
        diagnostic.references = RULE.references();
        Some(diagnostic)
    });
    unused.collect()
}
