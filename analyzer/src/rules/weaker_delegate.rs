//! `weaker-delegate`: a delegate that is content with weaker authentication than it is handed.
//!
//! A session is as strong as its weakest hop, and the grant's demand is held against that: nothing
//! is let through, and whatever the delegate does with the authentication it is used to is denied.

use super::{Rule, Run, SHOWN, listed};
use crate::analysis::{Analysis, Found};
use crate::hand_over::{HandOver, living};
use crate::named::Named;
use crate::smt::question::{Counting, Formula, Question, matching};
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
    let own = living(analysis, grant.to).filter(|one| one.grant.name == grant.name);
    own.filter_map(|hand_over| examine(analysis, hand_over)).collect()
}

fn examine(analysis: &Analysis, hand_over: HandOver) -> Option<Diagnostic> {
    let HandOver { grant, clause, .. } = hand_over;
    let model = analysis.model;
    let demanded = demanded(analysis, hand_over);
    let root = model.agent(grant.to);
    let weaker = |least: Authn| -> Vec<AgentId> {
        let below = |agent: &AgentId| {
            let agent = model.agent(*agent);
            agent.suspended.is_none() && agent.authn < least
        };
        clause.to.iter().filter(|&agent| agent != grant.to).filter(below).collect()
    };
    let (severity, who, least, delegates) = match (weaker(demanded), weaker(root.authn)) {
        (delegates, _) if !delegates.is_empty() => {
            (Severity::Warning, format!("grant `{}`", grant.name), demanded, delegates)
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
    diagnostic = analysis.naming(diagnostic, delegates.iter().take(SHOWN).map(|&agent| Named::Agent(agent)));
    diagnostic.references = RULE.references();
    Some(diagnostic)
}

/// The least authentication with which anybody could use what is handed on: what the grant states,
/// or more where its conditions ask for more.
fn demanded(analysis: &Analysis, hand_over: HandOver) -> Authn {
    let HandOver { grant, clause, .. } = hand_over;
    let only: &[ToolLine] = clause.only.as_ref().map_or(&[], |only| &only.lines);
    let conditions = grant.lines.iter().chain(only).map(|line| &line.cond).chain([&grant.when]);
    if !conditions.flat_map(Cond::literals).any(|literal| literal.atom.speaks_of(&Attr::Authn)) {
        return grant.authn;
    }
    // The operations as the root asks for them: what the agents demand themselves is not the grant's.
    let usable = |below: Option<Authn>| {
        let slots = analysis.slots(grant, &[grant.to], &[]).into_iter();
        let questions = slots.filter_map(|slot| {
            let mut parts = vec![
                matching(0, &slot, &grant.lines, &Counting::Given)?,
                Formula::Timely(0, grant),
                Formula::Authn(0, grant.authn),
                Formula::cond(0, &grant.when),
            ];
            if clause.only.is_some() {
                parts.push(matching(0, &slot, only, &Counting::Given)?);
            }
            parts.extend(below.map(|level| Formula::Authn(0, level).negate()));
            Some(Question { slots: vec![slot], one_session: false, formula: Formula::All(parts) })
        });
        analysis.any(questions)
    };
    let needed = |level: &Authn| *level > grant.authn && usable(Some(*level)) == Found::None;
    let least = Authn::ALL.into_iter().filter(needed).max().unwrap_or(grant.authn);
    // What nobody can use whatever they show demands nothing of delegates.
    if matches!(usable(None), Found::Some(_)) { least } else { grant.authn }
}
