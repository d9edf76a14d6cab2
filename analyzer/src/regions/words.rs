//! Cells in words: `` `args.amount` 501 and more ``, `` `args.region` absent or other than `eu-west-1` ``.

use super::cells::{Dimension, Subject};
use crate::smt::encode::{compared, meaning};
use crate::smt::layout::{Entry, Held, Layout};
use crate::smt::place::{Place, place};
use crate::smt::question::{Formula, Question};
use crate::smt::ranges::Ranges;
use crate::smt::term::{Term, Var};
use bailiwick_compiler::model::*;
use bailiwick_compiler::types::value::{decimal_text, duration_text, instant_text};
use bailiwick_grammar::ast::{Pattern, PatternPart};
use std::collections::BTreeSet;

/// The most ranges of one attribute that are told: more are counted.
const MOST_RANGES: usize = 3;

/// What it takes to name things.
pub struct Words<'q, 'm> {
    /// The model.
    pub model: &'q Model,
    /// The question.
    pub question: &'q Question<'m>,
    /// Its integers.
    pub layout: &'q Layout,
}

impl Words<'_, '_> {
    /// What a region says of a dimension; nothing where it has all its cells.
    pub fn fact(&self, dimension: &Dimension) -> Option<String> {
        if dimension.chosen.len() == dimension.all().len() {
            return None;
        }
        let yes = dimension.chosen.contains(&1);
        Some(match &dimension.subject {
            Subject::Presence(place) => format!("{} {}", name(place), if yes { "present" } else { "absent" }),
            Subject::Listed(place, at) => {
                let value = self.layout.entry(place.slot, &place.attr).and_then(|entry| match &entry.held {
                    Held::Set(members) => self.layout.lists[members.list].get(*at),
                    Held::Ordered(_) | Held::Listed(..) | Held::Opaque => None,
                });
                let value = value.map_or_else(|| "something".into(), text);
                format!("{} {} {value}", name(place), if yes { "with" } else { "without" })
            }
            Subject::Other(place, other) => {
                format!("{} {} {}", name(place), if yes { "with" } else { "without" }, name(other))
            }
            Subject::Rest(place) => {
                let with = if yes { "with members that" } else { "without members that" };
                format!("{} {with} no condition names", name(place))
            }
            Subject::Relation(left, right, classes) => {
                let ranges = union(classes.iter().zip(0..).filter(|(_, at)| dimension.chosen.contains(at)));
                format!("{} {} {}", name(left), self.relation(left, &ranges), name(right))
            }
            Subject::Scalar(place, classes) => {
                let chosen = classes.iter().zip(0..).filter(|(_, at)| dimension.chosen.contains(at));
                let absent = chosen.clone().any(|(class, _)| class.is_none());
                let values = union(chosen.filter_map(|(class, at)| Some((class.as_ref()?, at))));
                let all =
                    union(classes.iter().zip(0..).filter_map(|(class, at)| Some((class.as_ref()?, at))));
                let words = match (values.is_empty(), values == all) {
                    (true, _) => None,
                    (false, true) => Some("present".to_string()),
                    (false, false) => self
                        .layout
                        .entry(place.slot, &place.attr)
                        .map(|entry| self.values(place, entry, &values)),
                };
                match (absent, words) {
                    (true, Some(words)) => format!("{} absent or {words}", name(place)),
                    (false, Some(words)) => format!("{} {words}", name(place)),
                    (_, None) => format!("{} absent", name(place)),
                }
            }
        })
    }

    fn relation(&self, left: &Place, ranges: &Ranges) -> String {
        let ordered = self.layout.entry(left.slot, &left.attr).is_some_and(|entry| entry.ty.is_ordered());
        let (less, equal, more) = (ranges.contains(-1), ranges.contains(0), ranges.contains(1));
        let words = match (less, equal, more) {
            (false, true, false) => "equal to",
            (false, false, false) => "apart from",
            (true, false, true) => "other than",
            (_, false, _) if !ordered => "other than",
            (_, true, _) if !ordered => "beside",
            (true, false, false) => "less than",
            (true, true, false) => "at most",
            (false, false, true) => "more than",
            (false, true, true) => "at least",
            (true, true, true) => "near",
        };
        words.into()
    }

    fn values(&self, place: &Place, entry: &Entry, values: &Ranges) -> String {
        match &entry.held {
            Held::Ordered(var) => self.intervals(&entry.ty, *var, values),
            Held::Listed(var, list) => {
                let all = self.layout.lists[*list].len();
                let chosen = (0..all).filter(|&at| values.contains(at as i64)).collect();
                self.listed(place, entry, *var, *list, &chosen)
            }
            Held::Set(_) | Held::Opaque => "present".into(),
        }
    }

    fn intervals(&self, ty: &Type, var: Var, values: &Ranges) -> String {
        let bounds = self.layout.vars[var.index()];
        let (low, high) = (bounds.low, bounds.high);
        let show = |at: i64| text(&ordered(ty, at));
        let gaps = values.complement().meet(&Ranges::between(low, high));
        if gaps.iter().all(|(from, to)| from == to) && gaps.iter().count() < values.iter().count() {
            return format!("other than {}", list(gaps.iter().map(|(at, _)| show(at)), "and"));
        }
        let parts = values.iter().map(|(from, to)| match (from <= low, to >= high) {
            _ if from == to => show(from),
            (true, true) => "of any value".into(),
            (true, false) if *ty == Type::Instant => format!("before {}", show(to + 1)),
            (true, false) => format!("up to {}", show(to)),
            (false, true) if *ty == Type::Instant => format!("from {} on", show(from)),
            (false, true) => format!("{} and more", show(from)),
            (false, false) if *ty == Type::Instant => {
                format!("from {} and before {}", show(from), show(to + 1))
            }
            (false, false) => format!("{} to {}", show(from), show(to)),
        });
        let mut parts: Vec<String> = parts.collect();
        let more = parts.len().saturating_sub(MOST_RANGES);
        if more > 1 {
            parts.truncate(MOST_RANGES);
            parts.push(format!("in {more} more ranges"));
        }
        list(parts, "or")
    }

    /// Positions of a list: by the names of the values, or by what conditions ask of them.
    fn listed(
        &self,
        place: &Place,
        entry: &Entry,
        var: Var,
        list_number: usize,
        chosen: &BTreeSet<usize>,
    ) -> String {
        let values = &self.layout.lists[list_number];
        let all: BTreeSet<usize> = (0..values.len()).collect();
        let (constants, mut tests) = self.asked(place, var, &all);
        let named = |at: &usize| match entry.ty {
            Type::Bool | Type::Enum(_) | Type::Person => true,
            _ => constants.contains(&values[*at]),
        };
        for (words, passing) in tests.clone() {
            tests.push((format!("not {words}"), all.difference(&passing).copied().collect()));
        }
        let mut sets = vec![(String::new(), BTreeSet::new()), (String::new(), all.clone())];
        sets.extend(tests.clone());
        for (at, (first, one)) in tests.iter().enumerate() {
            for (second, other) in &tests[at + 1..] {
                sets.push((format!("{first} and {second}"), one.intersection(other).copied().collect()));
                sets.push((format!("{first} or {second}"), one.union(other).copied().collect()));
            }
        }
        let differing = |set: &BTreeSet<usize>| chosen.symmetric_difference(set).count();
        let fitting = sets.iter().filter(|(_, set)| chosen.symmetric_difference(set).all(&named));
        let Some((words, set)) = fitting.min_by_key(|(_, set)| differing(set)) else {
            let sample = chosen.iter().next().map_or_else(String::new, |&at| text(&values[at]));
            return format!("such as {sample}");
        };
        let names = |these: Vec<usize>, word| list(these.into_iter().map(|at| text(&values[at])), word);
        let less: Vec<usize> = set.difference(chosen).copied().collect();
        let more: Vec<usize> = chosen.difference(set).copied().collect();
        let mut parts = Vec::new();
        if !words.is_empty() {
            parts.push(words.clone());
        }
        if !less.is_empty() {
            parts.push(format!("other than {}", names(less, "and")));
        }
        let text = parts.join(", ");
        match (text.is_empty(), more.is_empty()) {
            (_, true) => text,
            (true, false) => names(more, "or"),
            (false, false) => format!("{text}, or {}", names(more, "or")),
        }
    }

    /// The constants that an attribute is compared with, and the other tests of its value with the
    /// positions that pass.
    fn asked(
        &self,
        at: &Place,
        var: Var,
        all: &BTreeSet<usize>,
    ) -> (BTreeSet<Value>, Vec<(String, BTreeSet<usize>)>) {
        let mut constants = BTreeSet::new();
        let mut tests: Vec<(String, BTreeSet<usize>)> = Vec::new();
        self.question.formula.leaves(&mut |leaf| {
            let Formula::Cond(slot, cond, _) = leaf else { return };
            for literal in cond.literals() {
                match &literal.atom {
                    Atom::Compare { right: Operand::Value(value), .. } => _ = constants.insert(value.clone()),
                    Atom::OneOf { values, .. } => constants.extend(values.iter().cloned()),
                    _ => {}
                }
                let here = compared(&literal.atom).first().map(|attr| place(self.question, *slot, attr));
                let Some(words) = test(&literal.atom).filter(|_| here.as_ref() == Some(at)) else { continue };
                let term = meaning(self.model, self.question, self.layout, *slot, &literal.atom);
                if let Term::In(of, ranges) = term
                    && of == var
                    && !tests.iter().any(|(known, _)| *known == words)
                {
                    tests.push((
                        words,
                        all.iter().copied().filter(|&at| ranges.contains(at as i64)).collect(),
                    ));
                }
            }
        });
        (constants, tests)
    }
}

/// A test of a text or an address in words.
fn test(atom: &Atom) -> Option<String> {
    match atom {
        Atom::Like { pattern, .. } => Some(format!("matching `{}`", pattern_text(pattern))),
        Atom::Under { base, .. } => Some(format!("under `{base}`")),
        Atom::Host { host, below: false, .. } => Some(format!("on host `{host}`")),
        Atom::Host { host, below: true, .. } => Some(format!("on a host below `{host}`")),
        Atom::InNet { nets, .. } => {
            Some(format!("in {}", list(nets.iter().map(|net| format!("`{}`", net.0)), "or")))
        }
        Atom::Compare { .. }
        | Atom::OneOf { .. }
        | Atom::Contains { .. }
        | Atom::ContainsAll { .. }
        | Atom::ContainsAny { .. }
        | Atom::SubsetOf { .. }
        | Atom::Has(_)
        | Atom::Approved(_)
        | Atom::Purpose(_)
        | Atom::During(_) => None,
    }
}

fn pattern_text(pattern: &Pattern) -> String {
    let part = |part: &PatternPart| match part {
        PatternPart::Star => "*".to_string(),
        PatternPart::Text(text) => text.replace('*', "\\*"),
    };
    pattern.0.iter().map(part).collect()
}

fn name(place: &Place) -> String {
    format!("`{}`", place.attr.text())
}

fn union<'r>(ranges: impl Iterator<Item = (&'r Ranges, usize)>) -> Ranges {
    Ranges::of(ranges.flat_map(|(ranges, _)| ranges.iter().collect::<Vec<_>>()))
}

fn ordered(ty: &Type, at: i64) -> Value {
    match ty {
        Type::Decimal => Value::Decimal(at),
        Type::Instant => Value::Instant(at),
        Type::Duration => Value::Duration(at),
        Type::Authn => Value::Authn(Authn::ALL[at.clamp(0, 3) as usize]),
        _ => Value::Int(at),
    }
}

/// A value as a sentence shows it.
fn text(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => decimal_text(*number),
        Value::Text(text) => format!("`{text}`"),
        Value::Instant(at) => instant_text(*at),
        Value::Duration(seconds) => duration_text(*seconds),
        Value::Ip(address) => format!("`{address}`"),
        Value::Cidr(net) => format!("`{}`", net.0),
        Value::Authn(level) => format!("`{}`", level.name()),
        Value::Set(members) => list(members.iter().map(text), "and"),
        Value::Opaque => "something".into(),
    }
}

/// `a, b and c`.
fn list(parts: impl IntoIterator<Item = String>, word: &str) -> String {
    let mut parts: Vec<String> = parts.into_iter().collect();
    match parts.pop() {
        Some(last) if !parts.is_empty() => format!("{} {word} {last}", parts.join(", ")),
        last => last.unwrap_or_default(),
    }
}
