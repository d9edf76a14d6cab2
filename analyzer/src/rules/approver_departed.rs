//! `approver-departed`: an approval that only people who are gone could give.

use super::{Rule, Run};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use bailiwick_grammar::Span;

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
    let mut diagnostics = Vec::new();
    for (demand, span) in demands(grant) {
        let people = model.may_approve(demand, grant.to);
        if people.is_empty() || !people.iter().all(|person| analysis.gone(person)) {
            continue;
        }
        let by = model.principal(demand.by);
        let message = format!(
            "grant `{}` to {} demands an approval by `{}`, and all who could give it have departed",
            grant.name,
            analysis.agent_of(grant.to),
            by.name,
        );
        let diagnostic = Diagnostic::warning(CODE, message)
            .at(&grant.origin.module, span)
            .label(&by.origin.module, by.origin.span, "declared here")
            .help("name an approver who is there")
            .about("grant", &grant.name);
        diagnostics.push(diagnostic);
    }
    diagnostics
}

/// The approvals that a grant asks for and where: in its `approval` lines and in its conditions.
fn demands(grant: &Grant) -> impl Iterator<Item = (&Demand, Span)> {
    let only = grant.delegates.iter().filter_map(|clause| Some((clause, clause.only.as_ref()?)));
    let only = only.flat_map(|(clause, only)| only.lines.iter().map(|line| (&line.cond, clause.span)));
    let lines = grant.lines.iter().map(|line| (&line.cond, line.span));
    let conditions = lines.chain([(&grant.when, grant.origin.span)]).chain(only);
    let asked = conditions.flat_map(|(cond, span)| {
        cond.literals().into_iter().filter_map(move |literal| {
            let Atom::Approved(demand) = &literal.atom else { return None };
            (!literal.negated).then_some((demand, span))
        })
    });
    grant.approvals.iter().map(|clause| (&clause.demand, clause.span)).chain(asked)
}
