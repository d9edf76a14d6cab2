//! `constant-condition`: a condition, or a part of one, that is always true or always false.
//!
//! Worked example. In `where args.amount <= 500 and args.amount <= 900` the second part is true
//! whenever the first is: it adds nothing. In `where args.amount < 5 or args.amount < 3 and
//! args.amount > 4` the second alternative never holds. Both are asked *given the rest*: what the
//! grant demands of the same call besides, and the other parts of the same conjunction.
//!
//! What contradicts itself, and what was meant to restrict and restricts nothing, is a warning.
//! What follows from the rest is belt and braces, a note. A literal has two values, absence
//! included (see the model's conditions), so nothing here has to think of a third.
//!
//! Most conditions compare each attribute once; where all comparisons are of attributes of their
//! own and each can be true and false, no part of a condition is constant, and nothing is asked.

mod sites;

use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::smt::question::{Formula, Question, Slot};
use crate::wording;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use sites::Site;

const CODE: &str = "constant-condition";

/// How many comparisons a condition may have whose parts are looked at one by one.
const PARTS: usize = 40;

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a condition that is always true or always false, or has a part that is; a note where that follows from the rest",
        why: "its author meant to tell two kinds of call apart, and it tells none: what was to be restricted is not, or what was to be allowed is not",
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
  allow crm.read where args.limit != 10 or args.limit != 20
  on records
  expires 2027-06-30
}
"#,
        mend: &[("args.limit != 10 or args.limit != 20", "args.limit not in (10, 20)")],
        remedy: "say what was meant, or take the part out that decides nothing",
        references: &["NIST SP 800-53 AC-3"],
    },
    run: Run::Grant(of_grant),
};

/// The same of conditions that stand elsewhere than in grants.
pub const BEYOND_GRANTS: Rule = Rule { explanation: RULE.explanation, run: Run::Ground(of_rules) };

fn of_grant(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let alive = grant.expires.is_none_or(|expires| analysis.now < expires);
    let sites = if alive { sites::of_grant(analysis, grant) } else { Vec::new() };
    let mut known = Vec::new();
    sites.iter().flat_map(|site| examine(analysis, site, &mut known)).collect()
}

fn of_rules(analysis: &Analysis) -> Vec<Diagnostic> {
    sites::of_rules(analysis).iter().flat_map(|site| examine(analysis, site, &mut Vec::new())).collect()
}

/// What is known of a formula, asked of every call that a site speaks of.
enum Constant {
    No,
    Never,
    Undecided(String),
}

/// What is told of one condition.
struct Telling<'a, 'm> {
    analysis: &'a Analysis<'m>,
    site: &'a Site<'m>,
    /// Requests that earlier questions found: one of them may answer the next.
    known: &'a mut Vec<Request>,
    diagnostics: Vec<Diagnostic>,
    undecided: Option<String>,
}

fn examine(analysis: &Analysis, site: &Site, known: &mut Vec<Request>) -> Vec<Diagnostic> {
    if site.slots.is_empty() || site.is_plain(analysis.model) {
        return Vec::new();
    }
    let mut telling = Telling { analysis, site, known, diagnostics: Vec::new(), undecided: None };
    telling.whole();
    let why = telling.undecided.filter(|_| telling.diagnostics.is_empty());
    telling
        .diagnostics
        .extend(why.map(|why| analysis.undecided(CODE, site.kind, site.name, site.origin, &why)));
    telling.diagnostics
}

impl<'m> Telling<'_, 'm> {
    /// Whether a formula never holds, of no call that the site speaks of; with the rest or by itself.
    fn never(&mut self, formula: &Formula<'m>, with_rest: bool) -> bool {
        match self.constant(formula, with_rest) {
            Constant::No => false,
            Constant::Never => true,
            Constant::Undecided(why) => {
                self.undecided.get_or_insert(why);
                false
            }
        }
    }

    fn constant(&mut self, formula: &Formula<'m>, with_rest: bool) -> Constant {
        let model = self.analysis.model;
        let holds = |request: &Request| {
            let request = std::slice::from_ref(request);
            let mut slots = self.site.slots.iter().filter(|(slot, _)| is_of(&request[0], slot));
            formula.holds(model, request) && slots.any(|(_, rest)| !with_rest || rest.holds(model, request))
        };
        if self.known.iter().any(holds) {
            return Constant::No;
        }
        let questions = self.site.slots.iter().map(|(slot, rest)| {
            let rest = if with_rest { rest.clone() } else { Formula::TRUE };
            let formula = Formula::All(vec![rest, formula.clone()]);
            Question { slots: vec![slot.clone()], one_session: false, formula }
        });
        match self.analysis.any(questions) {
            Found::Some(requests) => {
                self.known.extend(requests);
                Constant::No
            }
            Found::None => Constant::Never,
            Found::Undecided(why) => Constant::Undecided(why),
        }
    }

    fn whole(&mut self) {
        let cond = self.site.cond;
        let holds = Formula::cond(0, cond);
        if self.never(&holds, true) {
            // Of some conditions another rule says what follows when they never hold.
            if let Some(consequence) = self.site.when_false {
                let text = wording::condition(self.analysis.model, cond);
                self.tell(Severity::Warning, &text, "always false", consequence);
            }
            return;
        }
        if self.never(&holds.clone().negate(), true) {
            // One comparison alone that is always true names what there is anyway: harmless.
            let single = matches!(cond, Cond::Literal(_));
            let by_itself = !single && !speaks_of_purpose(cond) && self.never(&holds.negate(), false);
            let severity = if by_itself { self.site.when_true } else { Severity::Note };
            let text = wording::condition(self.analysis.model, cond);
            self.tell(severity, &text, "always true", "it tells no call from another");
            return;
        }
        // Each part is a question of the size of the whole.
        if cond.literals().len() <= PARTS {
            self.parts(cond, &[]);
        }
    }

    /// The parts of a condition that is itself neither always true nor always false; `given` holds besides.
    fn parts(&mut self, cond: &'m Cond, given: &[Formula<'m>]) {
        match cond {
            Cond::Literal(_) => {}
            Cond::All(parts) => {
                let mut kept: Vec<bool> = vec![true; parts.len()];
                for (at, part) in parts.iter().enumerate() {
                    let others = (parts.iter().zip(&kept).enumerate())
                        .filter(|(other, (_, kept))| *other != at && **kept)
                        .map(|(_, (other, _))| Formula::cond(0, other));
                    let given: Vec<Formula> = given.iter().cloned().chain(others).collect();
                    // Others that never hold together are told of where the whole is.
                    let fails = with(&given, Formula::cond(0, part).negate());
                    if self.never(&fails, true) {
                        // Of two parts that imply each other the first goes, and the second stays.
                        kept[at] = false;
                        let text = wording::condition(self.analysis.model, part);
                        self.tell(Severity::Note, &text, "always true, given the rest", "it adds nothing");
                    } else {
                        self.parts(part, &given);
                    }
                }
            }
            Cond::Any(parts) => {
                let mut kept: Vec<bool> = vec![true; parts.len()];
                for (at, part) in parts.iter().enumerate() {
                    let holds = Formula::cond(0, part);
                    if self.never(&with(given, holds.clone()), true) {
                        let by_itself = self.never(&holds, false) && !speaks_of_purpose(part);
                        let (severity, how) = match by_itself {
                            true => (Severity::Warning, "always false"),
                            false => (Severity::Note, "always false, given the rest"),
                        };
                        kept[at] = false;
                        let text = wording::condition(self.analysis.model, part);
                        self.tell(severity, &text, how, "this alternative never counts");
                        continue;
                    }
                    let others = (parts.iter().zip(&kept).enumerate())
                        .filter(|(other, (_, kept))| *other != at && **kept)
                        .map(|(_, (other, _))| Formula::cond(0, other).negate());
                    let alone: Vec<Formula> = given.iter().cloned().chain(others).collect();
                    if self.never(&with(&alone, holds), true) {
                        kept[at] = false;
                        let text = wording::condition(self.analysis.model, part);
                        self.tell(
                            Severity::Note,
                            &text,
                            "covered by the other alternatives",
                            "it adds nothing",
                        );
                    } else {
                        self.parts(part, given);
                    }
                }
            }
        }
    }

    fn tell(&mut self, severity: Severity, text: &str, how: &str, consequence: &str) {
        let site = self.site;
        let message = format!(
            "`{text}` in {} of {} `{}`{} is {how}: {consequence}",
            site.word, site.kind, site.name, site.to
        );
        let mut diagnostic = Diagnostic::new(CODE, severity, message)
            .at(&site.origin.module, site.span)
            .help("say what was meant, or take out what decides nothing")
            .about(site.kind, site.name);
        diagnostic.references = RULE.references();
        self.diagnostics.push(diagnostic);
    }
}

fn with<'m>(given: &[Formula<'m>], formula: Formula<'m>) -> Formula<'m> {
    Formula::All(given.iter().cloned().chain([formula]).collect())
}

fn is_of(request: &Request, slot: &Slot) -> bool {
    let Slot { chain, purpose, op, data } = slot;
    (chain, purpose, op, data) == (&request.chain, &request.purpose, &request.op, &request.data)
}

/// A site's calls are for one purpose or for a few: what is constant of a purpose is so by the rest.
fn speaks_of_purpose(cond: &Cond) -> bool {
    cond.literals().iter().any(|literal| matches!(literal.atom, Atom::Purpose(_)))
}

/// The condition as findings write it.
#[cfg(test)]
pub fn written(model: &Model, cond: &Cond) -> String {
    wording::condition(model, cond)
}
