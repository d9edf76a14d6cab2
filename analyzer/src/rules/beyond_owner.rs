//! `beyond-owner`: what a grant allows an agent that its owner may not do.

use super::over_privilege::line_of;
use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::named::Named;
use crate::regions::in_short;
use crate::smt::question::{Counting, Formula, Question, within};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "beyond-owner";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "a grant that allows an agent what its owner does not hold",
        why: "an agent that may do more than its owner is a way for the owner to do it too",
        example: r#"data payments { sensitivity restricted }
person alice {
  email "alice@acme.example"
  holds stripe.refund where args.amount <= 100
  holds data payments
}
tool stripe.refund {
  arg amount: int
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
  expires 2027-06-30
}
"#,
        mend: &[("  allow stripe.refund\n", "  allow stripe.refund where args.amount <= 100\n")],
        remedy: "tighten the grant to what the owner holds, or give the agent to an owner who holds it",
        references: &["OWASP ASI03", "NIST SP 800-53 AC-6"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    examine(analysis, grant).into_iter().collect()
}

fn examine(analysis: &Analysis, grant: &Grant) -> Option<Diagnostic> {
    let owner = analysis.model.agent(grant.to).owner;
    // A request is held when one of them, the owner or a member of it, holds it whole.
    let mut holders = analysis.model.people_of(owner);
    holders.insert(owner);
    let held: Vec<&Needs> =
        holders.iter().filter_map(|who| analysis.model.principal(who).holds.as_ref()).collect();
    if held.is_empty() {
        return None;
    }
    let covers: Vec<&ClassSet> = held.iter().map(|needs| &needs.covers).collect();
    let questions = analysis.slots(grant, &[grant.to], &covers).into_iter().filter_map(|slot| {
        let allowed = analysis.policy.allowed_by(0, &slot, grant, &Counting::Given)?;
        let holds = held.iter().map(|needs| within(0, &slot, &needs.lines, &needs.covers)).collect();
        let formula = Formula::All(vec![allowed, Formula::Any(holds).negate()]);
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    let (found, request) = match analysis.all(questions) {
        (_, Found::None) => return None,
        (found, Found::Some(mut requests)) => (found, requests.pop()?),
        (_, Found::Undecided(why)) => {
            return Some(analysis.undecided(CODE, "grant", &grant.name, &grant.origin, &why));
        }
    };
    let owner = analysis.model.principal(owner);
    let excess = analysis.excess(&found);
    let message = format!(
        "grant `{}` lets {} call {}, which `{}` may not do{}",
        grant.name,
        analysis.agent_of(grant.to),
        analysis.call(&request),
        owner.name,
        in_short(&excess),
    );
    let at = line_of(grant, request.op).unwrap_or(grant.origin.span);
    let mut diagnostic = Diagnostic::error(CODE, message)
        .at(&grant.origin.module, at)
        .label(&owner.origin.module, owner.origin.span, "the owner, and what it holds")
        .help(format!("tighten the grant to what `{}` holds, or add it to what `{0}` holds", owner.name))
        .about("grant", &grant.name);
    diagnostic = analysis.naming(diagnostic, Named::of(&request));
    diagnostic.references = RULE.explanation.references.iter().map(|&reference| reference.into()).collect();
    diagnostic.excess = excess;
    diagnostic.witness = Some(analysis.witness([("request".to_string(), request)]));
    Some(diagnostic)
}
