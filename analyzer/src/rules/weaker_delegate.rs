//! `weaker-delegate`: a delegate that is content with weaker authentication than it is handed.
//!
//! A session is as strong as its weakest hop, and the grant's demand is held against that: nothing
//! is let through, and whatever the delegate does with the authentication it is used to is denied.

use super::{Rule, Run, listed};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "weaker-delegate";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a delegate whose own least authentication is below what the grant demands; a note where it is below the grantee's",
        why: "a chain is as strong as its weakest hop: either the work is denied, or somebody lowers the grant to where the delegate is",
        example: r#"data payments { sensitivity restricted }
person alice { email "alice@acme.example" }
tool stripe.lookup {
  effect read
  reads payments
}
purpose refunds {
  "Return money to customers who were charged in error."
  needs stripe.lookup
  needs data payments
}
agent bot {
  owner alice
  authn at-least mtls
}
agent checker {
  owner alice
  authn at-least oauth
}
grant lookup {
  to bot for refunds
  allow stripe.lookup
  on payments
  authn at-least mtls
  expires 2027-06-30
  delegate to checker depth 1 only stripe.lookup
}
"#,
        mend: &[("authn at-least oauth", "authn at-least mtls")],
        remedy: "demand of the delegate what the grant demands: `authn at-least …`",
        references: &["OWASP ASI03", "NIST SP 800-53 IA-2"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let alive = grant.expires.is_none_or(|expires| analysis.now < expires);
    let clauses = grant.delegates.iter().filter(|_| alive);
    clauses.filter_map(|clause| examine(analysis, grant, clause)).collect()
}

fn examine(analysis: &Analysis, grant: &Grant, clause: &DelegateClause) -> Option<Diagnostic> {
    let model = analysis.model;
    let root = model.agent(grant.to);
    let weaker = |least: Authn| -> Vec<AgentId> {
        let below = |agent: &AgentId| {
            let agent = model.agent(*agent);
            agent.suspended.is_none() && agent.authn < least
        };
        clause.to.iter().filter(|&agent| agent != grant.to).filter(below).collect()
    };
    let (severity, who, least, delegates) = match (weaker(grant.authn), weaker(root.authn)) {
        (delegates, _) if !delegates.is_empty() => {
            (Severity::Warning, format!("grant `{}`", grant.name), grant.authn, delegates)
        }
        (_, delegates) => (Severity::Note, format!("its grantee `{}`", root.name), root.authn, delegates),
    };
    let first = model.agent(*delegates.first()?);
    let names = listed(delegates.iter().map(|&agent| &*model.agent(agent).name));
    let message = format!(
        "{who} demands `{}`, and {names}, to whom {} hands grant `{}` on, {} content with `{}`",
        least.name(),
        analysis.agent_of(grant.to),
        grant.name,
        if delegates.len() == 1 { "is" } else { "are" },
        delegates.iter().map(|&agent| model.agent(agent).authn).min().unwrap_or_default().name(),
    );
    let mut diagnostic = Diagnostic::new(CODE, severity, message)
        .at(&grant.origin.module, clause.span)
        .label(&first.origin.module, first.origin.span, "the delegate")
        .label(&root.origin.module, root.origin.span, "the grantee")
        .help(format!("state `authn at-least {}` for {names}", least.name()))
        .about("grant", &grant.name);
    diagnostic.references = RULE.references();
    Some(diagnostic)
}
