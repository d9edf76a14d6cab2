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
        let left = site.says_given(given, wanted);
        let mut open = Site::conjuncts(&left).iter();
        open.all(|part| self.excludes(site, given, &site.says(&part.clone().negate())))
    }

    /// Whether the two are known never to hold together.
    pub fn excludes(&self, site: &Site<'m>, given: &Predicate, other: &Predicate) -> bool {
        let left = site.says_given(given, other);
        left == Predicate::FALSE || self.exists(site, &all([given.clone(), left])) == Found::None
    }

    /// Whether there is a request here of which the predicate holds.
    fn exists(&self, site: &Site<'m>, predicate: &Predicate) -> Found {
        self.prover.analysis.exists(&question(site, predicate))
    }

    /// Looks for a request here of which the predicate holds and that `check` confirms.
    pub fn ask(&self, site: &Site<'m>, predicate: &Predicate, check: impl Fn(&Request) -> bool) -> Found {
        if *predicate == Predicate::FALSE {
            return Found::None;
        }
        match self.prover.analysis.ask(&question(site, predicate)) {
            Found::Some(requests) if !requests.iter().all(check) => {
                Found::Undecided("internal error: a witness did not replay".into())
            }
            found => found,
        }
    }
}

fn question<'p>(site: &Site, predicate: &'p Predicate) -> Question<'p> {
    let data = site.model.op(site.op).declared.clone();
    Question {
        slots: vec![Slot { chain: vec![site.root], purpose: site.purpose, op: site.op, data }],
        one_session: false,
        formula: Formula::Is(0, predicate),
    }
}
