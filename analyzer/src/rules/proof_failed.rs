//! `proof-failed`: a property of a `prove` block that does not hold.

use super::over_privilege::line_of;
use super::{Rule, Run};
use crate::Verdict;
use crate::analysis::Analysis;
use crate::named::Named;
use crate::proofs::results;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::evaluator;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;

const CODE: &str = "proof-failed";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "a property of a `prove` block of which there is a counterexample",
        why: "the policy does not say what its authors claim that it says",
        example: r#"data payments { sensitivity restricted }
person alice { email "alice@acme.example" }
person mallory { email "mallory@acme.example" }
tool stripe.refund {
  effect write irreversible
  writes payments
}
purpose refunds {
  "Return money to customers who were charged in error."
  needs stripe.refund
  needs data payments
}
agent bot { owner mallory }
agent teller { owner alice }
grant refund {
  to bot for refunds
  allow stripe.refund
  on payments
  expires 2027-06-30
}
prove "only alice's agents move money" {
  never agents not owned-by alice calling stripe.refund
}
"#,
        mend: &[("agent bot { owner mallory }", "agent bot { owner alice }")],
        remedy: "look at the counterexample: either a grant is too wide, or the claim is",
        references: &[],
    },
    run: Run::Project(run),
};

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for result in results(analysis) {
        let module = &result.origin.module;
        for property in result.properties {
            match property.verdict {
                Verdict::Proved => {}
                Verdict::Refuted(requests) => {
                    let request = requests.first();
                    let text = request.map(|request| {
                        let who = analysis.agent_of(request.chain[0]);
                        let may = if analysis.allows(request) { "may" } else { "may not" };
                        format!(": {who} {may} call {}", analysis.call(request))
                    });
                    let message = format!("\"{}\" does not hold{}", result.title, text.unwrap_or_default());
                    let mut diagnostic = Diagnostic::error(CODE, message)
                        .at(module, property.span)
                        .help("the request is a counterexample: narrow the grants, or the claim");
                    for request in &requests {
                        let grants = analysis.grants_of[request.chain[0].index()].iter();
                        let mut grants = grants.map(|&id| analysis.model.grant(id));
                        let allowing = grants.find(|one| evaluator::authorises(analysis.model, one, request));
                        if let Some(grant) = allowing.filter(|_| analysis.allows(request)) {
                            let at = line_of(grant, request.op).unwrap_or(grant.origin.span);
                            diagnostic = diagnostic.label(&grant.origin.module, at, "allowed here");
                        }
                        diagnostic = analysis.naming(diagnostic, Named::of(request));
                    }
                    let role =
                        |request: &Request| if analysis.allows(request) { "request" } else { "denied" };
                    let requests = requests.into_iter().map(|request| (role(&request).into(), request));
                    diagnostic.witness = Some(analysis.witness(requests));
                    diagnostics.push(diagnostic);
                }
                Verdict::Undecided(why) => {
                    let message = format!("whether \"{}\" holds is undecided: {why}", result.title);
                    diagnostics.push(
                        Diagnostic::warning("undecided", message)
                            .at(module, property.span)
                            .help("what is undecided is not safe: make the conditions simpler"),
                    );
                }
            }
        }
    }
    diagnostics
}
