//! `unusable-delegation`: a delegate clause that no chain can use, or not as deep as it says.
//!
//! Nothing is let through by it, and often somebody closed the way on purpose, so it is a note.

use super::{Rule, Run, SHOWN, listed};
use crate::analysis::{Analysis, Found};
use crate::hand_over::{HandOver, living};
use crate::named::Named;
use crate::smt::question::{Counting, Question};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use std::collections::BTreeSet;

const CODE: &str = "unusable-delegation";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Note,
        finds: "a delegation that nobody it names can ever use, or that is deeper than there are delegates",
        why: "work that was to be handed on is not, and what is written is not what is so",
        example: r#"data records { sensitivity internal }
person alice { email "alice@acme.example" }
tool crm.read {
  arg limit: int
  effect read
  reads records
}
purpose support {
  "Answer customers."
  needs crm.read where args.limit <= 100
  needs data records
}
agent bot { owner alice }
agent helper { owner alice }
grant lookup {
  to bot for support
  allow crm.read where args.limit <= 100
  on records
  expires 2027-06-30
  delegate to helper depth 1 only crm.read where args.limit > 100
}
"#,
        mend: &[(
            "depth 1 only crm.read where args.limit > 100",
            "depth 1 only crm.read where args.limit <= 10",
        )],
        remedy: "mend what the delegation is limited to, name delegates who can act, or take it out",
        references: &["NIST SP 800-53 AC-6(7)"],
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
    let about = |diagnostic: Diagnostic| {
        let mut diagnostic = diagnostic.at(&grant.origin.module, clause.span).about("grant", &grant.name);
        diagnostic.references = RULE.references();
        diagnostic
    };
    let mut others = clause.to.clone();
    others.remove(grant.to);
    let names = listed(others.iter().map(|agent| &*model.agent(agent).name));
    let (mut kinds, mut undecided) = (BTreeSet::new(), None);
    let mut usable = false;
    for delegate in others.iter().filter(|&delegate| kinds.insert(analysis.policy.kind(delegate))) {
        match analysis.remembered.hand_overs.acting(analysis, hand_over, delegate) {
            Found::Some(_) => {
                usable = true;
                break;
            }
            Found::None => {}
            Found::Undecided(why) => undecided = undecided.or(Some(why)),
        }
    }
    if let (false, Some(why)) = (usable, undecided) {
        return Some(analysis.undecided(CODE, "grant", &grant.name, &grant.origin, &why));
    }
    if !usable {
        // What its grantee cannot do either is for other rules to tell.
        if !root_can(analysis, grant) {
            return None;
        }
        let by_itself = others.iter().any(|delegate| {
            let shapes = hand_over.shapes(analysis, delegate).into_iter();
            let questions = shapes.filter_map(|slot| {
                let formula = hand_over.authorises(analysis, &slot)?;
                Some(Question { slots: vec![slot], one_session: false, formula })
            });
            analysis.any(questions) != Found::None
        });
        let (why, help) = if others.is_empty() {
            ("it names no other agent".to_string(), "name who is to act, or take it out")
        } else if by_itself {
            let why = format!("a forbid or a suspension takes back all that it hands on to {names}");
            (why, "take it out, unless it is to come back")
        } else {
            let why = format!("what it hands on to {names} contradicts the grant");
            (why, "mend its `only`, or take it out")
        };
        let message = format!(
            "a delegation of grant `{}` to {} can never be used: {why}",
            grant.name,
            analysis.agent_of(grant.to),
        );
        let diagnostic = about(Diagnostic::note(CODE, message).help(help));
        return Some(analysis.naming(diagnostic, others.iter().take(SHOWN).map(Named::Agent)));
    }
    let count = others.iter().filter(|&agent| model.agent(agent).suspended.is_none()).count();
    (clause.depth > count).then(|| {
        let message = format!(
            "grant `{}` to {} may be handed on {} deep, and there are only {count} to hand it to",
            grant.name,
            analysis.agent_of(grant.to),
            clause.depth,
        );
        about(Diagnostic::note(CODE, message).help(format!("`depth {count}` is as deep as they can go")))
    })
}

fn root_can(analysis: &Analysis, grant: &Grant) -> bool {
    let questions = analysis.slots(grant, &[grant.to], &[]).into_iter().filter_map(|slot| {
        let formula = analysis.policy.allowed_by(0, &slot, grant, &Counting::Given)?;
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    matches!(analysis.any(questions), Found::Some(_))
}
