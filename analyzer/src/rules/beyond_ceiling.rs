//! `beyond-ceiling`: what a grant allows, the forbids taken off, outside a ceiling on one of its agents.

use super::over_privilege::line_of;
use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::named::Named;
use crate::regions::in_short;
use crate::smt::question::{Counting, Formula, Question, within};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "beyond-ceiling";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "a grant that allows an agent, by itself or as a delegate, more than a ceiling lets it hold",
        why: "a ceiling is a promise about the most that some agents can ever do; a grant beyond it breaks the promise",
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
  expires 2027-06-30
}
ceiling modest {
  agents owned-by alice
  allow stripe.refund where args.amount <= 1000
  on payments
}
"#,
        mend: &[(
            "  allow stripe.refund\n  on payments\n  expires",
            "  allow stripe.refund where args.amount <= 1000\n  on payments\n  expires",
        )],
        remedy: "tighten the grant until it is within the ceiling; raise the ceiling only if those who set it agree",
        references: &["OWASP ASI03", "NIST SP 800-53 AC-6"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let ceilings = analysis.model.ceilings.iter();
    ceilings.filter_map(|ceiling| examine(analysis, ceiling, grant)).collect()
}

fn examine(analysis: &Analysis, ceiling: &Ceiling, grant: &Grant) -> Option<Diagnostic> {
    let questions = analysis.chains(grant, &ceiling.agents).into_iter().flat_map(|chain| {
        analysis.slots(grant, &chain, &[&ceiling.covers]).into_iter().filter_map(|slot| {
            let allowed = analysis.policy.allowed_by(0, &slot, grant, &Counting::Given)?;
            let inside = Formula::All(vec![
                within(0, &slot, &ceiling.lines, &ceiling.covers),
                Formula::cond(0, &ceiling.when),
            ]);
            let formula = Formula::All(vec![allowed, inside.negate()]);
            Some(Question { slots: vec![slot], one_session: false, formula })
        })
    });
    let (found, request) = match analysis.all(questions) {
        (_, Found::None) => return None,
        (found, Found::Some(mut requests)) => (found, requests.pop()?),
        (_, Found::Undecided(why)) => {
            let rule = format!("{CODE}` for ceiling `{}", ceiling.name);
            let diagnostic = analysis.undecided(&rule, "grant", &grant.name, &grant.origin, &why);
            return Some(diagnostic.label(&ceiling.origin.module, ceiling.origin.span, "the ceiling"));
        }
    };
    let through = match request.chain.as_slice() {
        [_, delegate, ..] => format!(" through `{}`", analysis.model.agent(*delegate).name),
        _ => String::new(),
    };
    let excess = analysis.excess(&found);
    let message = format!(
        "grant `{}` lets {} call {}{through}, beyond ceiling `{}`{}",
        grant.name,
        analysis.agent_of(grant.to),
        analysis.call(&request),
        ceiling.name,
        in_short(&excess),
    );
    let op = analysis.model.op_name(request.op);
    let at = line_of(grant, request.op).unwrap_or(grant.origin.span);
    let line = ceiling.lines.iter().find(|line| line.ops.contains(request.op));
    let mut diagnostic = Diagnostic::error(CODE, message)
        .at(&grant.origin.module, at)
        .label(
            &ceiling.origin.module,
            line.map_or(ceiling.origin.span, |line| line.span),
            match line {
                Some(_) => "the ceiling allows no more than this".to_string(),
                None => format!("the ceiling does not allow `{op}`"),
            },
        )
        .help(format!("tighten the grant's `{op}` to what ceiling `{}` allows, or take it out", ceiling.name))
        .about("grant", &grant.name);
    let handed_on = request.chain.get(1).and_then(|&delegate| {
        let clause = grant.delegates.iter().find(|clause| clause.to.contains(delegate))?;
        Some((clause.span, format!("handed on to `{}` here", analysis.model.agent(delegate).name)))
    });
    if let Some((span, text)) = handed_on {
        diagnostic = diagnostic.label(&grant.origin.module, span, text);
    }
    diagnostic = analysis.naming(diagnostic, Named::of(&request));
    diagnostic.rule = Some(ceiling.name.clone());
    diagnostic.references = RULE.explanation.references.iter().map(|&reference| reference.into()).collect();
    diagnostic.excess = excess;
    diagnostic.witness = Some(analysis.witness([("request".to_string(), request)]));
    Some(diagnostic)
}
