//! Predicates in two senses: what holds of *some* call behind a request of the language, and what
//! holds of *every* one.
//!
//! IAM sees things that a request of the language does not fix: what AWS puts for a `*` of a
//! template, condition keys that the binding does not carry, fractions of a second. An allowance
//! counts as far as some of that makes it hold, a denial only as far as all of it does; for what
//! is claimed to go through it is the other way round.

use crate::model::*;
use crate::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;

/// A property of a request of the language, in both senses. `every` implies `some`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both {
    /// It holds of some call that the request may become.
    pub some: Predicate,
    /// It holds of every call that the request may become.
    pub every: Predicate,
}

impl Both {
    /// The same in both senses.
    pub fn sure(predicate: Predicate) -> Both {
        Both { some: predicate.clone(), every: predicate }
    }

    /// Nothing is known.
    pub fn unknown() -> Both {
        Both { some: Predicate::TRUE, every: Predicate::FALSE }
    }

    /// It does not hold.
    pub fn negate(self) -> Both {
        Both { some: not(self.every), every: not(self.some) }
    }

    /// All hold.
    pub fn all(parts: Vec<Both>) -> Both {
        let (some, every) = parts.into_iter().map(|both| (both.some, both.every)).unzip();
        Both { some: all(some), every: all(every) }
    }

    /// One holds.
    pub fn any(parts: Vec<Both>) -> Both {
        let (some, every) = parts.into_iter().map(|both| (both.some, both.every)).unzip();
        Both { some: any(some), every: any(every) }
    }

    /// Whether both senses are the same.
    pub fn is_sure(&self) -> bool {
        self.some == self.every
    }
}

/// All of these, without what goes without saying.
pub fn all(parts: Vec<Predicate>) -> Predicate {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Predicate::All(inner) => kept.extend(inner),
            part if part == Predicate::FALSE => return Predicate::FALSE,
            part => kept.push(part),
        }
    }
    match kept.len() {
        1 => kept.remove(0),
        _ => Predicate::All(kept),
    }
}

/// One of these, without what never holds.
pub fn any(parts: Vec<Predicate>) -> Predicate {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Predicate::Any(inner) => kept.extend(inner),
            part if part == Predicate::TRUE => return Predicate::TRUE,
            part if kept.contains(&part) => {}
            part => kept.push(part),
        }
    }
    match kept.len() {
        1 => kept.remove(0),
        _ => Predicate::Any(kept),
    }
}

/// Not this.
pub fn not(part: Predicate) -> Predicate {
    match part {
        Predicate::Not(inner) => *inner,
        part if part == Predicate::TRUE => Predicate::FALSE,
        part if part == Predicate::FALSE => Predicate::TRUE,
        part => part.negate(),
    }
}

/// The attribute has this value.
pub fn equals(attr: &Attr, value: Value) -> Predicate {
    Predicate::compare(attr, CompareOp::Eq, value)
}
