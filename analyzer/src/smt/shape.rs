//! The chain and the labels of a request where a question leaves them open.
//!
//! Rules fix both in the slot. What an artifact says of them may be any boolean combination, so
//! there they are integers like the rest. Agents that no part of the question tells apart are one
//! *kind*; the delegates are positions that hold a kind's number, or 0 where nobody is, sorted
//! downwards, since nothing asks for their order. Labels that nothing tells apart are one kind too,
//! and a kind is there or not.
//!
//! Worked example. A question asks `some delegate is in {b, c}` and `at most 2 hops`. The kinds
//! are `{b, c}` and all others. Three positions are enough: a longer chain has more than two hops
//! like one of three, and one delegate out of `{b, c}` is as good as many.

use super::ranges::Ranges;
use super::term::{Bounds, Term, Var};
use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::reading::Predicate;

/// What is open about a slot's request.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    delegates: Option<Delegates>,
    labels: Option<Labels>,
}

#[derive(Clone, Debug)]
struct Delegates {
    /// The agents of each kind; its number is its position plus one.
    kinds: Vec<AgentSet>,
    positions: Vec<Var>,
}

#[derive(Clone, Debug)]
struct Labels {
    /// The labels of each kind, and whether one of them is there.
    kinds: Vec<(ClassSet, Var)>,
}

/// What a question asks of delegates and labels.
#[derive(Default)]
pub struct Open<'q> {
    agents: Vec<&'q AgentSet>,
    longest: Option<usize>,
    labels: Vec<&'q ClassSet>,
}

impl<'q> Open<'q> {
    /// Gathers what a predicate asks.
    pub fn see(&mut self, predicate: &'q Predicate) {
        match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| self.see(part)),
            Predicate::Not(inner) => self.see(inner),
            Predicate::SomeDelegate(agents) => self.agents.push(agents),
            Predicate::Hops(most) => self.longest = self.longest.max(Some((*most).min(MAX_CHAIN))),
            Predicate::DataWithin(labels) | Predicate::DataMeets(labels) => self.labels.push(labels),
            Predicate::Cond(_) | Predicate::Root(_) | Predicate::Op(_) | Predicate::Age(_) => {}
        }
    }

    /// Lays out what is asked; `var` makes a variable.
    pub fn lay(mut self, model: &Model, op: OpId, mut var: impl FnMut(Bounds) -> Var) -> Shape {
        self.agents.sort();
        self.agents.dedup();
        let mut shape = Shape::default();
        if !self.agents.is_empty() || self.longest.is_some() {
            let kinds = split(AgentSet::all(model.agents.len()), &self.agents);
            let enough = self.agents.len().max(self.longest.map_or(0, |most| most + 1)).min(MAX_CHAIN - 1);
            let bounds = Bounds { low: 0, high: kinds.len() as i64, prefer: 0 };
            let positions = (0..enough).map(|_| var(bounds)).collect();
            shape.delegates = Some(Delegates { kinds, positions });
        }
        let labels = &model.op(op).labels;
        if !self.labels.is_empty() && !labels.is_empty() {
            let kinds = split(labels.clone(), &self.labels).into_iter();
            let kinds = kinds.map(|kind| (kind, var(Bounds { low: 0, high: 1, prefer: 0 })));
            shape.labels = Some(Labels { kinds: kinds.collect() });
        }
        shape
    }
}

/// The finest parts of `whole` of which each set holds all or nothing.
fn split<I: Id>(whole: IdSet<I>, sets: &[&IdSet<I>]) -> Vec<IdSet<I>> {
    let mut kinds = vec![whole];
    for set in sets {
        let halves = kinds.iter().flat_map(|kind| [kind.intersection(set), kind.minus(set)]);
        kinds = halves.filter(|half| !half.is_empty()).collect();
    }
    kinds
}

impl Shape {
    /// Nobody stands behind a place where nobody stands; a call that touches data has a label.
    pub fn well_formed(&self) -> Term {
        let sorted = self.delegates.iter().flat_map(|delegates| {
            let pairs = delegates.positions.windows(2);
            pairs.map(|pair| Term::Diff { left: pair[1], right: pair[0], most: 0 })
        });
        let labelled = self.labels.iter();
        let labelled =
            labelled.map(|labels| Term::any(labels.kinds.iter().map(|(_, there)| Term::set(*there))));
        Term::all(sorted.chain(labelled))
    }

    /// One of the delegates is one of these.
    pub fn some_delegate(&self, agents: &AgentSet) -> Term {
        let Some(Delegates { kinds, positions }) = &self.delegates else { return Term::FALSE };
        let meant = kinds.iter().enumerate().filter(|(_, kind)| kind.meets(agents));
        let meant = Ranges::of(meant.map(|(at, _)| (at as i64 + 1, at as i64 + 1)));
        Term::any(positions.iter().map(|&position| Term::In(position, meant.clone())))
    }

    /// At most so many delegates.
    pub fn hops(&self, most: usize) -> Term {
        let positions = self.delegates.iter().flat_map(|delegates| &delegates.positions);
        match positions.copied().nth(most) {
            Some(beyond) => Term::In(beyond, Ranges::only(0)),
            None => Term::TRUE,
        }
    }

    /// Every label is one of these.
    pub fn data_within(&self, set: &ClassSet) -> Term {
        let kinds = self.labels.iter().flat_map(|labels| &labels.kinds);
        let others = kinds.filter(|(kind, _)| !kind.is_subset(set));
        Term::all(others.map(|(_, there)| Term::set(*there).negate()))
    }

    /// Some label is one of these.
    pub fn data_meets(&self, set: &ClassSet) -> Term {
        let kinds = self.labels.iter().flat_map(|labels| &labels.kinds);
        Term::any(kinds.filter(|(kind, _)| kind.meets(set)).map(|(_, there)| Term::set(*there)))
    }

    /// The delegates that the values stand for; `None` where the slot's own chain stands.
    pub fn chain(&self, values: &[i64]) -> Option<Vec<AgentId>> {
        let Delegates { kinds, positions } = self.delegates.as_ref()?;
        let numbers = positions.iter().map(|position| values[position.index()]);
        let kind = |number: i64| kinds.get(usize::try_from(number).ok()?.checked_sub(1)?);
        Some(numbers.filter_map(|number| kind(number)?.first()).collect())
    }

    /// The labels that the values stand for, declared ones where they can be; `None` where the
    /// slot's own stand.
    pub fn data(&self, declared: &ClassSet, values: &[i64]) -> Option<ClassSet> {
        let there = self.labels.as_ref()?.kinds.iter().filter(|(_, there)| values[there.index()] == 1);
        Some(there.filter_map(|(kind, _)| kind.intersection(declared).first().or(kind.first())).collect())
    }
}
