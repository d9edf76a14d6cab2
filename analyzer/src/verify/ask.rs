//! Questions about one site: by comparing where that is enough, else by the solver.

use super::Root;
use super::site::{Site, all};
use crate::analysis::Found;
use crate::smt::question::{Formula, Question, Slot};
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::reading::Predicate;

impl<'m> Root<'_, 'm> {
    /// Whether the one is known to imply the other, conjunct by conjunct.
    pub fn implies(&self, site: &Site<'m>, given: &Predicate, wanted: &Predicate) -> bool {
        let known = Site::conjuncts(given);
        Site::conjuncts(wanted).iter().all(|part| {
            known.contains(part) || self.excludes(site, given, &site.says(&part.clone().negate()))
        })
    }

    /// Whether the two are known never to hold together.
    pub fn excludes(&self, site: &Site<'m>, given: &Predicate, other: &Predicate) -> bool {
        let known = Site::conjuncts(given);
        let contradicted = |part: &Predicate| known.contains(&site.says(&part.clone().negate()));
        let denied = match other {
            Predicate::Any(parts) => parts.iter().all(contradicted),
            _ => Site::conjuncts(other).iter().any(contradicted),
        };
        denied || self.ask(site, &all([given.clone(), other.clone()]), |_| true) == Found::None
    }

    /// Looks for a request here of which the predicate holds and that `check` confirms.
    pub fn ask(&self, site: &Site<'m>, predicate: &Predicate, check: impl Fn(&Request) -> bool) -> Found {
        if *predicate == Predicate::FALSE {
            return Found::None;
        }
        let data = site.model.op(site.op).declared.clone();
        let question = Question {
            slots: vec![Slot { chain: vec![site.root], purpose: site.purpose, op: site.op, data }],
            one_session: false,
            formula: Formula::Is(0, predicate),
        };
        match self.prover.analysis.ask(&question) {
            Found::Some(requests) if !requests.iter().all(check) => {
                Found::Undecided("internal error: a witness did not replay".into())
            }
            found => found,
        }
    }
}
