//! The whole of what a question finds, as a short list of regions that a person can read.
//!
//! Worked example. A grant allows refunds up to 5000 anywhere, the purpose needs
//! `args.amount <= 500 and args.region == "eu-west-1"`. The question "allowed and not needed" has
//! requests without number; its regions are `args.amount` 501 to 5000, and `args.region` absent or
//! other than `eu-west-1` with `args.amount` up to 5000.
//!
//! What conditions can tell apart cuts each attribute into finitely many *cells* (`cells`). A region
//! is a choice of cells for each attribute. It starts as the cells of a request that was found and
//! grows, attribute by attribute, as far as the solver proves that all of it is in the answer; then
//! it is taken off, and the next request is looked for. So each region lies inside the answer, and
//! when none is left, together they are all of it.
//!
//! Regions speak of what conditions speak of. The rest of a request's circumstances (when it is
//! made, by what authentication, with whose approvals) is chosen once a region, as generously as
//! the policy demands: a region says that *there are* circumstances in which all of it is allowed.

mod cells;
mod fixed;
#[cfg(test)]
mod tests;
mod words;

use crate::analysis::Analysis;
use crate::smt;
use crate::smt::encode::{Stated, compared, state};
use crate::smt::layout::{Held, Layout};
use crate::smt::place::{Place, place};
use crate::smt::question::{Formula, Question};
use crate::smt::ranges::Ranges;
use crate::smt::term::{Answer, Problem, Term, Var};
use bailiwick_compiler::diagnostic::Excess;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use cells::Dimension;
use fixed::{Fixed, fix};
use std::collections::BTreeSet;

/// The most regions of one question: more are not read.
const MOST: usize = 6;
/// The most proofs that one question's regions may take.
const BUDGET: usize = 600;
/// The most calls whose excess is looked at: the rest is counted.
const MOST_CALLS: usize = 12;

/// Requests that are alike, all of which a question finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// What is so of them, a fact an attribute; none when it is so of all.
    pub facts: Vec<String>,
    /// One of them, replayed through the evaluator.
    pub request: Request,
    /// What it is in integers.
    term: Term,
}

/// The regions of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// Regions, each inside of what the question finds.
    pub regions: Vec<Region>,
    /// Why they are not all of it, when they are not known to be.
    pub rest: Option<String>,
}

impl Analysis<'_> {
    /// The whole of what a question about one request finds.
    pub fn regions(&self, question: &Question) -> Cover {
        let mut cover = Cover { regions: Vec::new(), rest: None };
        match state(self.model, question, self.now) {
            Ok(stated) => Search { analysis: self, question, stated, proofs: 0 }.run(&mut cover),
            Err(why) => cover.rest = Some(why),
        }
        cover
    }

    /// All that questions, one a call, find: regions of calls that have them alike are told once.
    pub fn excess(&self, questions: &[Question]) -> Vec<Excess> {
        let named = |question: &Question| {
            let calls = question.slots.iter().map(|slot| self.called(slot.op, &slot.data));
            calls.collect::<Vec<_>>().join(" and ")
        };
        let questions: Vec<_> = questions.iter().map(|question| (named(question), question)).collect();
        self.told(&questions)
    }

    /// The same of questions about calls that are named as they are to be told.
    pub fn told(&self, questions: &[(String, &Question)]) -> Vec<Excess> {
        let mut found: Vec<Excess> = Vec::new();
        for (call, question) in questions.iter().take(MOST_CALLS) {
            let Cover { regions, rest } = self.regions(question);
            let regions: Vec<Vec<String>> = regions.into_iter().map(|region| region.facts).collect();
            match found.iter_mut().find(|known| known.regions == regions && known.rest == rest) {
                Some(known) => known.calls.push(call.clone()),
                None => found.push(Excess { calls: vec![call.clone()], regions, rest }),
            }
        }
        if let Some(more @ 1..) = questions.len().checked_sub(MOST_CALLS) {
            let rest = Some("not looked at one by one".into());
            found.push(Excess { calls: vec![format!("{more} more calls")], regions: Vec::new(), rest });
        }
        found
    }
}

/// The first of an excess, for the end of a sentence: `` : `args.amount` 501 to 5000 ``.
pub fn in_short(excess: &[Excess]) -> String {
    let Some(first) = excess.first() else { return String::new() };
    let regions = first.regions.iter().filter(|facts| !facts.is_empty());
    let regions: Vec<String> = regions.map(|facts| facts.join(" with ")).collect();
    let more = if regions.len() > 2 || first.rest.is_some() { "; and more" } else { "" };
    let shown = regions.iter().take(2).cloned().collect::<Vec<_>>().join("; ");
    if shown.is_empty() { shown } else { format!(": {shown}{more}") }
}

struct Search<'q, 'a, 'm> {
    analysis: &'q Analysis<'a>,
    question: &'q Question<'m>,
    stated: Stated,
    proofs: usize,
}

impl Search<'_, '_, '_> {
    fn run(&mut self, cover: &mut Cover) {
        let vars = self.stated.layout.vars.clone();
        let term = Term::all([self.stated.well_formed.clone(), self.stated.asked.clone()]);
        let mut left = Problem { vars, term };
        loop {
            let mut values = match self.analysis.settle(&left) {
                Answer::Sat(values) => values,
                Answer::Unsat => break,
                Answer::Unknown(why) => {
                    cover.rest = Some(why);
                    break;
                }
            };
            if cover.regions.len() == MOST || self.proofs > BUDGET {
                cover.rest = Some("and more".into());
                break;
            }
            smt::shrink::shrink(&left, &mut values, &self.stated.layout.followers());
            let requests = smt::decode(self.analysis.model, self.question, &self.stated.layout, &values);
            let Some(request) = self.analysis.replayed(self.question, requests).and_then(|mut all| all.pop())
            else {
                cover.rest = Some("internal error: a witness did not replay".into());
                break;
            };
            self.be_generous(&left, &mut values);
            let dimensions = self.grow(&values);
            let term = Term::all(dimensions.iter().map(Dimension::term));
            let facts = dimensions.iter().filter_map(|dimension| self.words().fact(dimension)).collect();
            left.term = Term::all([left.term, term.negate()]);
            cover.regions.push(Region { facts, request, term });
        }
        self.merge(&mut cover.regions);
    }

    /// Leaves out regions that lie in later ones, which may be wider for having better circumstances.
    fn merge(&self, regions: &mut Vec<Region>) {
        let within = |region: &Region, other: &Region| {
            let parts = [self.stated.well_formed.clone(), region.term.clone(), other.term.negate()];
            let problem = Problem { vars: self.stated.layout.vars.clone(), term: Term::all(parts) };
            self.analysis.settle(&problem) == Answer::Unsat
        };
        for at in (0..regions.len()).rev() {
            let (region, later) = (&regions[at], &regions[at + 1..]);
            if later.iter().any(|other| within(region, other)) {
                regions.remove(at);
            }
        }
    }

    fn words(&self) -> words::Words<'_, '_> {
        words::Words { model: self.analysis.model, question: self.question, layout: &self.stated.layout }
    }

    /// Gives every approval and the strongest authentication, where that changes nothing.
    fn be_generous(&self, problem: &Problem, values: &mut Vec<i64>) {
        let layout = &self.stated.layout;
        for ((slot, _), (given, at)) in &layout.approvals {
            let now =
                ordered(layout, *slot, &Attr::Now).map_or(values[at.index()], |now| values[now.index()]);
            attempt(problem, values, &[(*given, 1), (*at, now)]);
        }
        let levels = (0..self.question.slots.len()).filter_map(|slot| ordered(layout, slot, &Attr::Authn));
        for var in levels {
            (0..Authn::ALL.len()).rev().any(|level| attempt(problem, values, &[(var, level as i64)]));
        }
    }

    /// What stands for each variable inside of a region: itself where conditions speak of it. A
    /// session and approvals stay as old as they are, whichever the moment of the call is.
    fn fixed(&self, values: &[i64], visible: &BTreeSet<Place>) -> Vec<Fixed> {
        let layout = &self.stated.layout;
        let mut fixed: Vec<Fixed> = values.iter().map(|&value| Fixed::Value(value)).collect();
        for (place, entry) in layout.entries.iter().filter(|(place, _)| visible.contains(place)) {
            cells::variables(entry).into_iter().for_each(|var| fixed[var.index()] = Fixed::Above(var, 0));
            if let (Attr::Now, Held::Ordered(now)) = (&place.attr, &entry.held) {
                let started = ordered(layout, place.slot, &Attr::Started);
                let given = layout.approvals.iter().filter(|((slot, _), _)| *slot == place.slot);
                let at = given.map(|(_, (_, at))| *at);
                for var in started.into_iter().chain(at) {
                    let age = values[now.index()].saturating_sub(values[var.index()]);
                    fixed[var.index()] = Fixed::Above(*now, -age);
                }
            }
        }
        for (place, entry) in layout.entries.iter().filter(|(place, _)| visible.contains(place)) {
            if let (Attr::Started, Held::Ordered(started)) = (&place.attr, &entry.held) {
                fixed[started.index()] = Fixed::Above(*started, 0);
            }
        }
        fixed
    }

    /// The region around a request: first whatever does not matter is let go, then what does
    /// grows by one cell after the other.
    fn grow(&mut self, values: &[i64]) -> Vec<Dimension> {
        let visible = visible(self.question);
        let fixed = self.fixed(values, &visible);
        // what is as old as that was there then: no region reaches back beyond the earliest instant
        let born = fixed.iter().filter_map(|fixed| match fixed {
            Fixed::Above(now, more @ ..0) => Some(Term::In(*now, Ranges::from(EARLIEST - more))),
            Fixed::Above(..) | Fixed::Value(_) => None,
        });
        let asked = Term::all([fix(&self.stated.asked, &fixed)].into_iter().chain(born));
        let well_formed = fix(&self.stated.well_formed, &fixed);
        let outside = Term::all([well_formed.clone(), asked.negate()]);
        let seen = Term::all([well_formed, asked]);
        let mut dimensions = cells::dimensions(&self.stated.layout, &visible, &seen, values);
        for at in 0..dimensions.len() {
            let all = dimensions[at].all();
            let chosen = std::mem::replace(&mut dimensions[at].chosen, all);
            if !self.inside(&dimensions, &outside) {
                dimensions[at].chosen = chosen;
            }
        }
        for at in 0..dimensions.len() {
            for cell in dimensions[at].all().difference(&dimensions[at].chosen.clone()) {
                let chosen = std::mem::replace(&mut dimensions[at].chosen, BTreeSet::from([*cell]));
                let inside = self.inside(&dimensions, &outside);
                dimensions[at].chosen = chosen;
                if inside {
                    dimensions[at].chosen.insert(*cell);
                }
            }
        }
        dimensions
    }

    /// Whether nothing of the region is outside: proved, else no.
    fn inside(&mut self, dimensions: &[Dimension], outside: &Term) -> bool {
        self.proofs += 1;
        let within = dimensions.iter().map(Dimension::term);
        let term = Term::all(within.chain([outside.clone()]));
        let problem = Problem { vars: self.stated.layout.vars.clone(), term };
        self.proofs <= BUDGET && self.analysis.settle(&problem) == Answer::Unsat
    }
}

/// The attributes that conditions speak of.
fn visible(question: &Question) -> BTreeSet<Place> {
    let mut visible = BTreeSet::new();
    question.formula.leaves(&mut |leaf| {
        let Formula::Cond(slot, cond, _) = leaf else { return };
        for literal in cond.literals() {
            let mut see = |attr: &Attr| _ = visible.insert(place(question, *slot, attr));
            compared(&literal.atom).into_iter().for_each(&mut see);
            match &literal.atom {
                Atom::Has(attr) => see(attr),
                Atom::During(_) => see(&Attr::Now),
                _ => {}
            }
        }
    });
    // a session starts no later than now, so what is said of one is said of both
    let started = visible.iter().filter(|place| place.attr == Attr::Started);
    let now: Vec<Place> = started.map(|place| Place { slot: place.slot, attr: Attr::Now }).collect();
    visible.extend(now);
    visible
}

fn ordered(layout: &Layout, slot: usize, attr: &Attr) -> Option<Var> {
    match layout.entry(slot, attr)?.held {
        Held::Ordered(var) => Some(var),
        Held::Listed(..) | Held::Set(_) | Held::Opaque => None,
    }
}

/// Moves variables, unless the problem then no longer holds.
fn attempt(problem: &Problem, values: &mut Vec<i64>, moves: &[(Var, i64)]) -> bool {
    let mut moved = values.clone();
    moves.iter().for_each(|(var, value)| moved[var.index()] = *value);
    let holds = problem.accepts(&moved);
    if holds {
        *values = moved;
    }
    holds
}

/// One value or another, for a bit.
fn is(var: Var, value: i64) -> Term {
    Term::In(var, Ranges::only(value))
}
