//! The solver's language: bounded integers, interval membership, differences, `and`, `or`.
//!
//! There is no negation: the complement of an interval set is one, and the complement of
//! `x - y <= k` is `y - x <= -k - 1`. So every term is in negation normal form by construction.
//! A problem names nothing of a project, so two subjects that ask the same question share an answer.

use super::ranges::Ranges;

/// An integer variable: a position in [`Problem::vars`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Var(pub u32);

impl Var {
    /// Its position.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A formula over integer variables. `All([])` is true, `Any([])` is false.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// Every one holds.
    All(Vec<Term>),
    /// At least one holds.
    Any(Vec<Term>),
    /// The variable's value is in these ranges.
    In(Var, Ranges),
    /// `left - right <= most`.
    Diff {
        /// The minuend.
        left: Var,
        /// The subtrahend.
        right: Var,
        /// The most that the difference may be.
        most: i64,
    },
}

impl Term {
    /// Always true.
    pub const TRUE: Term = Term::All(Vec::new());
    /// Always false.
    pub const FALSE: Term = Term::Any(Vec::new());

    /// True or false.
    pub fn truth(value: bool) -> Term {
        if value { Term::TRUE } else { Term::FALSE }
    }

    /// Every one holds; constants are folded.
    pub fn all(parts: impl IntoIterator<Item = Term>) -> Term {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Term::All(inner) => kept.extend(inner),
                Term::Any(inner) if inner.is_empty() => return Term::FALSE,
                other => kept.push(other),
            }
        }
        if kept.len() == 1 { kept.remove(0) } else { Term::All(kept) }
    }

    /// At least one holds; constants are folded.
    pub fn any(parts: impl IntoIterator<Item = Term>) -> Term {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Term::Any(inner) => kept.extend(inner),
                Term::All(inner) if inner.is_empty() => return Term::TRUE,
                other => kept.push(other),
            }
        }
        if kept.len() == 1 { kept.remove(0) } else { Term::Any(kept) }
    }

    /// The variable, taken as a truth value, is 1.
    pub fn set(var: Var) -> Term {
        Term::In(var, Ranges::only(1))
    }

    /// The two variables are equal.
    pub fn equal(left: Var, right: Var) -> Term {
        Term::All(vec![Term::Diff { left, right, most: 0 }, Term::Diff { left: right, right: left, most: 0 }])
    }

    /// The complement.
    pub fn negate(&self) -> Term {
        match self {
            Term::All(parts) => Term::any(parts.iter().map(Term::negate)),
            Term::Any(parts) => Term::all(parts.iter().map(Term::negate)),
            Term::In(var, ranges) => Term::In(*var, ranges.complement()),
            Term::Diff { left, right, most } => {
                // Differences are only ever asked with small bounds (zero, one, a duration).
                Term::Diff { left: *right, right: *left, most: (-1i64).saturating_sub(*most) }
            }
        }
    }

    /// Whether it holds under these values, one a variable.
    pub fn holds(&self, values: &[i64]) -> bool {
        match self {
            Term::All(parts) => parts.iter().all(|part| part.holds(values)),
            Term::Any(parts) => parts.iter().any(|part| part.holds(values)),
            Term::In(var, ranges) => ranges.contains(values[var.index()]),
            Term::Diff { left, right, most } => {
                i128::from(values[left.index()]) - i128::from(values[right.index()]) <= i128::from(*most)
            }
        }
    }

    /// Calls `see` on every leaf.
    pub fn leaves(&self, see: &mut impl FnMut(&Term)) {
        match self {
            Term::All(parts) | Term::Any(parts) => parts.iter().for_each(|part| part.leaves(see)),
            Term::In(..) | Term::Diff { .. } => see(self),
        }
    }
}

/// A variable's bounds, both included, and the value that reads best in a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// The least value.
    pub low: i64,
    /// The greatest value.
    pub high: i64,
    /// The value to prefer.
    pub prefer: i64,
}

/// Is there an assignment within bounds that makes the term true?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// The variables.
    pub vars: Vec<Bounds>,
    /// What must hold.
    pub term: Term,
}

impl Problem {
    /// Whether these values are within bounds and make the term true.
    pub fn accepts(&self, values: &[i64]) -> bool {
        values.len() == self.vars.len()
            && self.vars.iter().zip(values).all(|(bounds, value)| (bounds.low..=bounds.high).contains(value))
            && self.term.holds(values)
    }
}

/// What came of a [`Problem`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// These values do it.
    Sat(Vec<i64>),
    /// No values do.
    Unsat,
    /// Nobody knows, and why.
    Unknown(String),
}
