//! `never-applies`: a grant that authorises nothing, whatever is asked.

use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::smt::question::{Counting, Question};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "never-applies";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a grant that can never authorise a request",
        why: "it says something that its author did not mean: a contradiction, an empty time window, data that none of its tools touches, an approval that nobody can give",
        example: r#"data records { sensitivity internal }
person alice { email "alice@acme.example" }
tool crm.read {
  arg limit: int
  effect read
  reads records
}
purpose support {
  "Answer customers."
  needs crm.read
  needs data records
}
agent bot { owner alice }
grant lookup {
  to bot for support
  allow crm.read where args.limit > 100
  on records
  when args.limit < 10
  expires 2027-06-30
}
"#,
        mend: &[("when args.limit < 10", "when args.limit < 1000")],
        remedy: "mend the part that contradicts the rest, or delete the grant",
        references: &["NIST SP 800-53 AC-6(7)"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    examine(analysis, grant).into_iter().collect()
}

fn examine(analysis: &Analysis, grant: &Grant) -> Option<Diagnostic> {
    let slots = analysis.slots(grant, &[grant.to], &[]);
    let nothing = slots.is_empty();
    let questions = slots.into_iter().filter_map(|slot| {
        let formula = analysis.policy.authorised(0, &slot, grant, &Counting::Given)?;
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    match analysis.any(questions) {
        Found::Some(_) => return None,
        Found::Undecided(why) => {
            return Some(analysis.undecided(CODE, "grant", &grant.name, &grant.origin, &why));
        }
        Found::None => {}
    }
    let message =
        format!("grant `{}` to {} can never authorise a request", grant.name, analysis.agent_of(grant.to));
    let diagnostic = Diagnostic::warning(CODE, message)
        .at(&grant.origin.module, grant.origin.span)
        .fix(format!("delete grant `{}`", grant.name), &grant.origin.module, grant.origin.span, "")
        .about("grant", &grant.name);
    let impossible = impossible_approval(analysis.model, grant);
    Some(if grant.starts.zip(grant.expires).is_some_and(|(starts, expires)| starts >= expires) {
        diagnostic.help("it expires before it starts: mend `starts` or `expires`")
    } else if nothing {
        diagnostic.help("none of its tools touches only the data that it is `on`: mend `on`, or the tools")
    } else if let Some(clause) = impossible {
        diagnostic
            .label(&grant.origin.module, clause.span, "nobody can give this approval")
            .help("name an approver beyond the agent's own owner")
    } else {
        diagnostic.help("its `when`, `where` and approvals contradict each other: mend one of them")
    })
}

/// An approval that nobody can give: independent, and all who could are the owner's.
fn impossible_approval<'g>(model: &Model, grant: &'g Grant) -> Option<&'g ApprovalClause> {
    let owner = model.people_of(model.agent(grant.to).owner);
    grant.approvals.iter().find(|clause| {
        let people = model.people_of(clause.demand.by);
        people.is_empty() || clause.demand.independent && people.is_subset(&owner)
    })
}
