//! `forbid-never-bites`: a forbid that denies nothing a grant allows, or nothing at all.
//!
//! Most forbids are guard rails: they speak of sets that stay open, and are meant for the grant
//! that somebody writes next year. That none of today's grants runs into one is good to know and
//! nothing to mend, so it is a note. A forbid that no request could match, whatever is granted,
//! is a slip, unless its sets may grow: then it is a guard rail too.
//!
//! A request that is authorised with a longer chain is authorised with the shortest one in which
//! the forbid's agent takes part (see `question`), so those chains are enough.

use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::recall::Recall;
use crate::smt::question::{Counting, Formula, Question, Slot};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "forbid-never-bites";

/// How many questions are asked about one forbid. Nobody is told that it never bites unless that
/// is proved, so what goes beyond is left alone.
const QUESTIONS: usize = 2000;

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a forbid that can match no request; a note where it could, and denies nothing that a grant allows",
        why: "it looks like protection and is none; where it is a guard rail, nothing depends on it today",
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
  allow crm.read
  on records
  expires 2027-06-30
}
forbid no-bulk {
  tools crm.read
  when args.limit > 100 and args.limit < 100
  because "nobody needs more than a hundred records"
}
"#,
        mend: &[("args.limit > 100 and args.limit < 100", "args.limit > 100")],
        remedy: "mend its sets or its condition; keep it where it is a guard rail for grants to come",
        references: &["NIST SP 800-53 AC-3"],
    },
    run: Run::Project(run),
};

/// What is known of forbids, by their place in the model.
#[derive(Default)]
pub struct Known {
    /// Whether one can match.
    matches: Recall<usize, Matches>,
    /// What it denies of the grants to an agent.
    bites: Recall<(usize, AgentId), Bites>,
}

impl Known {
    /// Forgets what depends on the grants of these agents.
    pub fn forget(&mut self, changed: &AgentSet) {
        self.bites.forget(changed);
    }
}

/// Whether some request could match a forbid.
#[derive(Clone)]
enum Matches {
    Some,
    /// None is looked for: its sets are empty, and may grow.
    NoneYet,
    /// None can; why, and what to do.
    Never(&'static str, &'static str),
    Undecided(String),
}

/// How many questions it took to see whether a forbid denies something, and whether it does; also
/// true when nobody knows.
type Bites = (usize, bool);

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    // A suspension is there because of the agent, not because of what it is granted.
    let forbids = analysis.model.forbids.iter().enumerate().filter(|(_, forbid)| !forbid.suspension);
    forbids.filter_map(|(at, forbid)| examine(analysis, at, forbid)).collect()
}

fn examine(analysis: &Analysis, at: usize, forbid: &Forbid) -> Option<Diagnostic> {
    let known = &analysis.remembered.forbids;
    let (severity, message, help) = match known
        .matches
        .of(at, || (AgentSet::new(), matches(analysis, forbid)))
    {
        Matches::Undecided(why) => {
            return Some(analysis.undecided(CODE, "forbid", &forbid.name, &forbid.origin, &why));
        }
        Matches::Some if bites(analysis, at, forbid) => return None,
        Matches::Never(why, help) => {
            (Severity::Warning, format!("forbid `{}` can never match a request: {why}", forbid.name), help)
        }
        Matches::Some | Matches::NoneYet => (
            Severity::Note,
            format!("forbid `{}` denies nothing that a grant allows", forbid.name),
            "no decision depends on it today: keep it as a guard rail for grants to come; \
             if it was to stop something, its sets or its condition miss it",
        ),
    };
    let mut diagnostic = Diagnostic::new(CODE, severity, message)
        .at(&forbid.origin.module, forbid.origin.span)
        .help(help)
        .about("forbid", &forbid.name);
    diagnostic.references = RULE.references();
    Some(diagnostic)
}

fn matches(analysis: &Analysis, forbid: &Forbid) -> Matches {
    let touched = |op| forbid.meets.as_ref().is_none_or(|met| met.meets(&analysis.model.op(op).labels));
    if !forbid.open && !forbid.ops.iter().any(touched) {
        return Matches::Never(
            "none of its tools touches its data",
            "mend its data or its tools: what it is to stop is not stopped",
        );
    }
    let shapes = shapes(analysis.model, forbid);
    if shapes.is_empty() {
        return Matches::NoneYet;
    }
    let questions = shapes.into_iter().map(|slot| Question {
        slots: vec![slot],
        one_session: false,
        formula: Formula::cond(0, &forbid.when),
    });
    match analysis.any(questions) {
        Found::Some(_) => Matches::Some,
        Found::None => Matches::Never(
            "its condition is always false",
            "mend its condition: what it is to stop is not stopped",
        ),
        Found::Undecided(why) => Matches::Undecided(why),
    }
}

/// The shapes of request that the forbid's sets speak of, one for each operation and, where its
/// condition asks for it, purpose.
fn shapes(model: &Model, forbid: &Forbid) -> Vec<Slot> {
    let Some(agent) = forbid.agents.first() else { return Vec::new() };
    let by_purpose = forbid.when.literals().iter().any(|literal| matches!(literal.atom, Atom::Purpose(_)));
    let purposes = (0..model.purposes.len()).map(PurposeId::at).take(if by_purpose { usize::MAX } else { 1 });
    let purposes: Vec<_> = purposes.collect();
    let slots = forbid.ops.iter().flat_map(|op| {
        let labels = &model.op(op).labels;
        let data = match &forbid.meets {
            Some(met) => labels.intersection(met).first().map(ClassSet::only),
            None => Some(labels.first().map(ClassSet::only).unwrap_or_default()),
        };
        let shape = move |&purpose| data.clone().map(|data| Slot { chain: vec![agent], purpose, op, data });
        purposes.iter().filter_map(shape).collect::<Vec<_>>()
    });
    slots.collect()
}

/// Whether the forbid denies something that a grant authorises; also true when nobody knows.
fn bites(analysis: &Analysis, at: usize, forbid: &Forbid) -> bool {
    let mut asked = 0;
    analysis.remembered.may_call(&forbid.ops).any(|agent| {
        let known = &analysis.remembered.forbids.bites;
        let (questions, bites) =
            known.of((at, agent), || (AgentSet::only(agent), bites_grants_to(analysis, forbid, agent)));
        asked += questions;
        bites || asked >= QUESTIONS
    })
}

/// The same of the grants to one agent.
fn bites_grants_to(analysis: &Analysis, forbid: &Forbid, agent: AgentId) -> Bites {
    let apart: Vec<&ClassSet> = forbid.meets.iter().collect();
    let mut asked = 0;
    for grant in analysis.grants_of[agent.index()].iter().map(|&id| analysis.model.grant(id)) {
        for chain in analysis.chains(grant, &forbid.agents) {
            for slot in analysis.slots(grant, &chain, &apart) {
                if !forbid.ops.contains(slot.op)
                    || forbid.meets.as_ref().is_some_and(|met| !met.meets(&slot.data))
                {
                    continue;
                }
                let authorised = analysis.policy.authorised(0, &slot, grant, &Counting::Given);
                let Some(authorised) = authorised else { continue };
                let formula = Formula::All(vec![authorised, Formula::cond(0, &forbid.when)]);
                asked += 1;
                match analysis.exists(&Question { slots: vec![slot], one_session: false, formula }) {
                    Found::None if asked < QUESTIONS => {}
                    Found::None | Found::Some(_) | Found::Undecided(_) => return (asked, true),
                }
            }
        }
    }
    (asked, false)
}
