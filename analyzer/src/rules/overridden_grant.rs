//! `overridden-grant`: a grant of which forbids, or a suspension, leave nothing.
//!
//! What a delegate could do of it, the grantee could do alone, so the grantee alone is looked at.

use super::{Rule, Run, SHOWN, listed};
use crate::analysis::{Analysis, Found};
use crate::smt::question::{Counting, Formula, Question};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "overridden-grant";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a grant that forbids take back whole; a note where its agent is suspended",
        why: "it promises what is denied, and comes back to life, unseen, on the day a forbid is relaxed",
        example: r#"data records { sensitivity internal }
person alice { email "alice@acme.example" }
tool crm.erase {
  effect delete irreversible
  writes records
}
purpose cleaning {
  "Erase what customers ask us to erase."
  needs crm.erase
  needs data records
}
agent bot { owner alice }
grant erase {
  to bot for cleaning
  allow crm.erase
  on records
  expires 2027-06-30
}
forbid no-deletes {
  tools effect delete
  because "nothing is deleted by agents"
}
"#,
        mend: &[(
            "  tools effect delete\n  because \"nothing is deleted by agents\"",
            "  agents not bot\n  tools effect delete\n  because \"nothing is deleted by other agents\"",
        )],
        remedy: "delete the grant, or narrow the forbid to what it is meant to stop",
        references: &["NIST SP 800-53 AC-6(7)"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    // What has expired is told of elsewhere.
    match grant.expires.is_some_and(|expires| expires <= analysis.now) {
        true => Vec::new(),
        false => examine(analysis, grant).into_iter().collect(),
    }
}

fn examine(analysis: &Analysis, grant: &Grant) -> Option<Diagnostic> {
    let policy = &analysis.policy;
    let (mut denied, mut undecided) = (None, None);
    for slot in analysis.slots(grant, &[grant.to], &[]) {
        let Some(authorised) = policy.authorised(0, &slot, grant, &Counting::Given) else { continue };
        let forbidden = policy.forbidden(0, &slot, &Counting::Given);
        let allowed = Formula::All(vec![authorised.clone(), forbidden.clone().negate()]);
        let denies = Formula::All(vec![authorised, forbidden]);
        let question = |formula| Question { slots: vec![slot.clone()], one_session: false, formula };
        match analysis.exists(&question(allowed)) {
            Found::Some(_) => return None,
            Found::Undecided(why) => undecided = undecided.or(Some(why)),
            Found::None if denied.is_some() => {}
            Found::None => match analysis.ask(&question(denies)) {
                Found::Some(mut requests) => denied = requests.pop(),
                Found::None => {}
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
            },
        }
    }
    if let Some(why) = undecided {
        return Some(analysis.undecided(CODE, "grant", &grant.name, &grant.origin, &why));
    }
    // A grant that authorises nothing by itself is `never-applies`.
    let denied = denied?;
    let agent = analysis.model.agent(grant.to);
    let about = format!("grant `{}` to {}", grant.name, analysis.agent_of(grant.to));
    let mut diagnostic = if agent.suspended.is_some() {
        Diagnostic::note(CODE, format!("{about} allows nothing while its agent is suspended"))
            .label(&agent.origin.module, agent.origin.span, "suspended here")
            .help("take the grant away too, unless the agent is to have it when it comes back")
    } else {
        overridden(analysis, grant, about)
    };
    diagnostic = diagnostic.at(&grant.origin.module, grant.origin.span).about("grant", &grant.name);
    diagnostic.references = RULE.references();
    diagnostic.witness = Some(analysis.witness([("denied".to_string(), denied)]));
    Some(diagnostic)
}

/// The finding, with the forbids that take back some of the grant.
fn overridden(analysis: &Analysis, grant: &Grant, about: String) -> Diagnostic {
    let slots = analysis.slots(grant, &[grant.to], &[]);
    let denies = |forbid: &&std::sync::Arc<Forbid>| {
        let met = slots.iter().filter(|slot| {
            forbid.ops.contains(slot.op) && forbid.meets.as_ref().is_none_or(|met| met.meets(&slot.data))
        });
        let questions = met.filter_map(|slot| {
            let authorised = analysis.policy.authorised(0, slot, grant, &Counting::Given)?;
            let formula = Formula::All(vec![authorised, Formula::cond(0, &forbid.when)]);
            Some(Question { slots: vec![slot.clone()], one_session: false, formula })
        });
        forbid.agents.contains(grant.to) && analysis.any(questions) != Found::None
    };
    let forbids: Vec<_> = analysis.model.forbids.iter().filter(denies).collect();
    let names = listed(forbids.iter().map(|forbid| &*forbid.name));
    let message = format!(
        "{about} allows nothing that {names} {} not deny",
        match forbids.len() {
            1 => "does",
            _ => "do",
        }
    );
    let diagnostic = Diagnostic::warning(CODE, message)
        .help("delete the grant, or narrow the forbid to what it is meant to stop")
        .fix(format!("delete grant `{}`", grant.name), &grant.origin.module, grant.origin.span, "");
    forbids.iter().take(SHOWN).fold(diagnostic, |diagnostic, forbid| {
        diagnostic.label(&forbid.origin.module, forbid.origin.span, "denied here")
    })
}
