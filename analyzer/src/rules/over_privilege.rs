//! `over-privilege`: what a grant allows, the forbids taken off, and its purpose does not need.

mod tighten;

use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::named::Named;
use crate::regions::in_short;
use crate::smt::question::{Counting, Formula, Question, within};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;

const CODE: &str = "over-privilege";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a grant that allows, forbids taken off, what its purpose does not need",
        why: "an agent that is talked into misuse can misuse all it holds; what its purpose does not need is risk without use",
        example: r#"data payments { sensitivity restricted }
person alice { email "alice@acme.example" }
tool stripe.refund {
  arg amount: int
  effect write irreversible
  writes payments
}
purpose refunds {
  "Return money to customers who were charged in error."
  needs stripe.refund where args.amount <= 500
  needs data payments
}
agent bot { owner alice }
grant refund {
  to bot for refunds
  allow stripe.refund where args.amount <= 5000
  on payments
  expires 2027-06-30
}
"#,
        mend: &[("where args.amount <= 5000", "where args.amount <= 500")],
        remedy: "take out what is not needed, or tighten its `where` to the purpose's; if it is needed after all, say so in the purpose",
        references: &["OWASP ASI03", "NIST SP 800-53 AC-6"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let purpose = analysis.model.purpose(grant.purpose);
    let needs = &purpose.needs;
    let (mut found, mut requests, mut undecided) = (Vec::new(), Vec::<Request>::new(), Vec::new());
    // Delegates can do no more than the root, so it is enough to look at the root alone.
    for slot in analysis.slots(grant, &[grant.to], &[&needs.covers]) {
        let Some(allowed) = analysis.policy.allowed_by(0, &slot, grant, &Counting::Given) else { continue };
        let needed = within(0, &slot, &needs.lines, &needs.covers);
        let formula = Formula::All(vec![allowed, needed.negate()]);
        let question = Question { slots: vec![slot], one_session: false, formula };
        match analysis.ask(&question) {
            Found::None => {}
            Found::Some(shown) => {
                found.push(question);
                requests.extend(shown);
            }
            Found::Undecided(why) => {
                undecided.push(analysis.undecided(CODE, "grant", &grant.name, &grant.origin, &why));
            }
        }
    }
    undecided.truncate(1);
    undecided.extend(finding(analysis, grant, purpose, &found, requests));
    undecided
}

/// The finding of what questions, one a call, found: all of it, and a request for each operation.
fn finding(
    analysis: &Analysis,
    grant: &Grant,
    purpose: &Purpose,
    found: &[Question],
    mut requests: Vec<Request>,
) -> Option<Diagnostic> {
    requests.dedup_by_key(|request| request.op);
    let first = requests.first()?;
    let more = match requests.len() - 1 {
        0 => String::new(),
        1 => " and one more operation".into(),
        others => format!(" and {others} more operations"),
    };
    let excess = analysis.excess(found);
    let message = format!(
        "grant `{}` lets {} call {}{more}, beyond what purpose `{}` needs{}",
        grant.name,
        analysis.agent_of(grant.to),
        analysis.call(first),
        purpose.name,
        in_short(&excess),
    );
    let at = line_of(grant, first.op).unwrap_or(grant.origin.span);
    let mut diagnostic = Diagnostic::warning(CODE, message).at(&grant.origin.module, at);
    let (span, text, help) = why(analysis.model, purpose, first);
    diagnostic = diagnostic.label(&purpose.origin.module, span, text).help(help).about("grant", &grant.name);
    diagnostic = analysis.naming(diagnostic, Named::of(first));
    diagnostic.references = RULE.explanation.references.iter().map(|&reference| reference.into()).collect();
    diagnostic.excess = excess;
    diagnostic.fix = tighten::fix(analysis, grant, &purpose.needs, found);
    diagnostic.witness =
        Some(analysis.witness(requests.into_iter().take(3).map(|request| ("request".into(), request))));
    Some(diagnostic)
}

/// The line of a grant that has the operation.
pub fn line_of(grant: &Grant, op: OpId) -> Option<bailiwick_grammar::Span> {
    grant.lines.iter().find(|line| line.ops.contains(op)).map(|line| line.span)
}

/// What makes a request unneeded: where, a label's text, and what to do.
fn why(model: &Model, purpose: &Purpose, request: &Request) -> (bailiwick_grammar::Span, String, String) {
    let op = model.op_name(request.op);
    let line = purpose.needs.lines.iter().find(|line| line.ops.contains(request.op));
    let uncovered = request.data.minus(&purpose.needs.covers).first();
    match (line, uncovered) {
        (None, _) => (
            purpose.origin.span,
            format!("the purpose does not need `{op}`"),
            format!("take `{op}` out of the grant, or add `needs {op}` to purpose `{}`", purpose.name),
        ),
        (Some(_), Some(label)) => {
            let label = &model.class(label).name;
            (
                purpose.origin.span,
                format!("the purpose does not need data `{label}`"),
                format!(
                    "take `{label}` out of the grant's `on`, or add `needs data {label}` to purpose `{}`",
                    purpose.name
                ),
            )
        }
        (Some(line), None) => (
            line.span,
            "the purpose needs no more than this".into(),
            format!("tighten the grant's condition on `{op}` to the purpose's"),
        ),
    }
}
