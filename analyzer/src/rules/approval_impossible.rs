//! `approval-impossible`: an approval that a grant demands and nobody can give.
//!
//! Where all who could give it have departed, `approver-departed` says so; where the whole grant
//! is stuck whoever is there, `never-applies` does. What is left are demands that block a part of a
//! grant: independent of the only ones who could give it, or by the very person whose session it is.

use super::{Rule, Run, SHOWN, listed};
use crate::analysis::{Analysis, Found};
use crate::named::Named;
use crate::smt::question::{Counting, Formula, Question, matching};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "approval-impossible";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "an approval that a grant demands for some of its calls and that nobody can give",
        why: "those calls are blocked for good, and under pressure somebody will take the approval away instead of naming an approver",
        example: r#"data payments { sensitivity restricted }
person alice { email "alice@acme.example" }
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
  approval alice within 1h for stripe.refund if args.amount > 100 independent
  expires 2027-06-30
}
"#,
        mend: &[
            ("approval alice within 1h", "approval bob within 1h"),
            (
                "person alice { email \"alice@acme.example\" }\n",
                "person alice { email \"alice@acme.example\" }\nperson bob { email \"bob@acme.example\" }\n",
            ),
        ],
        remedy: "name an approver who is neither the agent's owner nor the requester",
        references: &["NIST SP 800-53 AC-5"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let suspects: Vec<(usize, PrincipalSet)> = (grant.approvals.iter().enumerate())
        .filter_map(|(at, clause)| Some((at, suspect(analysis, grant, clause)?)))
        .collect();
    if suspects.is_empty() || never_applies(analysis, grant) {
        return Vec::new();
    }
    suspects.into_iter().filter_map(|(at, present)| examine(analysis, grant, at, &present)).collect()
}

/// Who is there to give an approval, when that may not be enough.
fn suspect(analysis: &Analysis, grant: &Grant, clause: &ApprovalClause) -> Option<PrincipalSet> {
    let model = analysis.model;
    let people = model.may_approve(&clause.demand, grant.to);
    let present: PrincipalSet = people.iter().filter(|&person| !analysis.gone(person)).collect();
    if present.is_empty() {
        // All of them departed: that is `approver-departed`.
        return people.is_empty().then_some(present);
    }
    // Of a team the requester does not count, nor does anybody where nobody is known to request.
    let user = Attr::Session(model.requester_attribute()?.clone());
    let team = matches!(model.principal(clause.demand.by).kind, PrincipalKind::Team { .. });
    let conditions = grant.lines.iter().map(|line| &line.cond).chain([&grant.when, &clause.demanded]);
    let speaks = conditions.flat_map(Cond::literals).any(|literal| literal.atom.speaks_of(&user));
    (team && speaks).then_some(present)
}

fn never_applies(analysis: &Analysis, grant: &Grant) -> bool {
    let questions = analysis.slots(grant, &[grant.to], &[]).into_iter().filter_map(|slot| {
        let formula = analysis.policy.authorised(0, &slot, grant, &Counting::Given)?;
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    analysis.any(questions) == Found::None
}

fn examine(analysis: &Analysis, grant: &Grant, at: usize, present: &PrincipalSet) -> Option<Diagnostic> {
    let clause = &grant.approvals[at];
    // All that the grant asks for but approvals; then the one approval, by somebody who is there.
    let demanding = |approved: bool| {
        let slots = analysis.slots(grant, &[grant.to], &[]).into_iter();
        slots.filter(|slot| clause.ops.contains(slot.op)).filter_map(move |slot| {
            let mut parts = vec![
                matching(0, &slot, &grant.lines, &Counting::Given)?,
                Formula::Timely(0, grant),
                Formula::Authn(0, analysis.model.authn_of(grant)),
                Formula::cond(0, &grant.when),
                Formula::cond(0, &clause.demanded),
            ];
            if approved {
                parts.push(Formula::Approved(0, &clause.demand, Counting::Only(present.clone())));
            }
            Some(Question { slots: vec![slot], one_session: false, formula: Formula::All(parts) })
        })
    };
    match analysis.any(demanding(true)) {
        Found::Some(_) => return None,
        Found::Undecided(why) => {
            return Some(analysis.undecided(CODE, "grant", &grant.name, &grant.origin, &why));
        }
        Found::None => {}
    }
    // An approval that is never demanded blocks nothing.
    let Found::Some(requests) = analysis.first(demanding(false)) else { return None };
    let model = analysis.model;
    let by = model.principal(clause.demand.by);
    let call = requests.first().map(|request| analysis.call(request)).unwrap_or_default();
    let owner = model.principal(model.agent(grant.to).owner);
    let (why, help) = match present.first() {
        None if clause.demand.independent => (
            format!("all who could give it answer for the agent themselves, as `{}`", owner.name),
            "name an approver beyond the agent's own owner".to_string(),
        ),
        None => (format!("`{}` has no members", by.name), format!("give `{}` a member", by.name)),
        Some(_) => {
            let names = listed(present.iter().map(|person| &*model.principal(person).name));
            (
                format!("only {names} could, and a requester does not approve"),
                "name an approver who is never the requester".to_string(),
            )
        }
    };
    let message = format!(
        "grant `{}` to {} demands an approval of {call} by `{}` that nobody can give: {why}",
        grant.name,
        analysis.agent_of(grant.to),
        by.name,
    );
    let mut diagnostic = Diagnostic::warning(CODE, message)
        .at(&grant.origin.module, clause.span)
        .label(&by.origin.module, by.origin.span, "who is to approve")
        .label(&owner.origin.module, owner.origin.span, "the agent's owner")
        .help(help)
        .about("grant", &grant.name);
    diagnostic = analysis.naming(diagnostic, requests.iter().flat_map(Named::of));
    diagnostic = analysis.naming(diagnostic, present.iter().take(SHOWN).map(Named::Principal));
    diagnostic.references = RULE.references();
    let requests = requests.into_iter().map(|request| ("blocked".to_string(), request));
    diagnostic.witness = Some(analysis.witness(requests));
    Some(diagnostic)
}
