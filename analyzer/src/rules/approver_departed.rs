//! `approver-departed`: an approval that only people who are gone could give.

use super::{Rule, Run};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "approver-departed";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "an approval that a grant demands and only people who have departed could give",
        why: "either the grant is stuck, or somebody uses an account that should be gone",
        example: r#"data payments { sensitivity restricted }
person alice { email "alice@acme.example" }
person bob {
  email "bob@acme.example"
  departed on 2026-10-31
}
tool stripe.refund {
  effect write irreversible
  writes payments
}
purpose refunds {
  "Return money to customers who were charged in error."
  needs stripe.refund
  needs data payments
}
agent bot { owner alice }
grant refund {
  to bot for refunds
  allow stripe.refund
  on payments
  approval bob within 1h
  expires 2027-06-30
}
"#,
        mend: &[("approval bob within 1h", "approval alice within 1h")],
        remedy: "name an approver who is there",
        references: &["NIST SP 800-53 PS-4"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let model = analysis.model;
    let owner = model.people_of(model.agent(grant.to).owner);
    let mut diagnostics = Vec::new();
    for clause in &grant.approvals {
        let mut people = model.people_of(clause.demand.by);
        if clause.demand.independent {
            people = people.minus(&owner);
        }
        if people.is_empty() || !people.iter().all(|person| analysis.gone(person)) {
            continue;
        }
        let by = model.principal(clause.demand.by);
        let message = format!(
            "grant `{}` to {} demands an approval by `{}`, and all who could give it have departed",
            grant.name,
            analysis.agent_of(grant.to),
            by.name,
        );
        diagnostics.push(
            Diagnostic::warning(CODE, message)
                .at(&grant.origin.module, clause.span)
                .label(&by.origin.module, by.origin.span, "declared here")
                .help("name an approver who is there")
                .about("grant", &grant.name),
        );
    }
    diagnostics
}
