//! Conditions as everything but the parser sees them: two-valued, in negation normal form.
//!
//! Worked example. In a grant, `not (args.amount > 500 or args.currency == "EUR")` becomes
//! `All[ Literal(amount <= 500, absent: false), Literal(currency != "EUR", absent: false) ]`;
//! in a forbid the same text has `absent: true` twice. An absent attribute makes a literal that
//! speaks of it equal to its `absent`, so nobody needs a third truth value: not the evaluator,
//! not the solver, not a target.

#![allow(missing_docs)] // a field of a variant is named by the expression in the variant's own line

use super::id::{PrincipalId, PurposeSet};
use super::value::{Net, Str, Value};
use bailiwick_grammar::ast::{CompareOp, Pattern};
use serde::Serialize;
use std::collections::BTreeSet;

/// A condition. `All([])` is true, `Any([])` is false.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cond {
    /// Every one holds.
    All(Vec<Cond>),
    /// At least one holds.
    Any(Vec<Cond>),
    /// One atom, or its negation.
    Literal(Literal),
}

impl Cond {
    /// The condition that always holds.
    pub const TRUE: Cond = Cond::All(Vec::new());
    /// The condition that never holds.
    pub const FALSE: Cond = Cond::Any(Vec::new());

    /// Whether it is `TRUE` as written (not: whether it is valid).
    pub fn is_true(&self) -> bool {
        matches!(self, Cond::All(parts) if parts.is_empty())
    }

    /// Every literal in it, from left to right.
    pub fn literals(&self) -> Vec<&Literal> {
        match self {
            Cond::All(parts) | Cond::Any(parts) => parts.iter().flat_map(Cond::literals).collect(),
            Cond::Literal(literal) => vec![literal],
        }
    }
}

/// An atom or its negation, and what it is worth when an attribute it speaks of is absent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Literal {
    /// The atom.
    pub atom: Atom,
    /// Whether it is negated.
    pub negated: bool,
    /// Its value when an attribute that the atom compares is absent: false in grants (`present
    /// and l`), true in forbids (`present implies l`). Of no effect on [`Atom::Has`] and on
    /// atoms that speak of nothing optional.
    pub absent: bool,
}

impl Literal {
    /// Of a comparison for equality with constants: these, and whether the attribute has to be one
    /// of them or none.
    pub fn listed(&self) -> Option<(BTreeSet<Value>, bool)> {
        match &self.atom {
            Atom::Compare { op: CompareOp::Eq, right: Operand::Value(value), .. } => {
                Some(([value.clone()].into(), !self.negated))
            }
            Atom::Compare { op: CompareOp::Ne, right: Operand::Value(value), .. } => {
                Some(([value.clone()].into(), self.negated))
            }
            Atom::OneOf { values, .. } => Some((values.clone(), !self.negated)),
            Atom::Compare { .. }
            | Atom::InNet { .. }
            | Atom::Contains { .. }
            | Atom::ContainsAll { .. }
            | Atom::ContainsAny { .. }
            | Atom::SubsetOf { .. }
            | Atom::Like { .. }
            | Atom::Under { .. }
            | Atom::Host { .. }
            | Atom::Has(_)
            | Atom::Approved(_)
            | Atom::Purpose(_)
            | Atom::During(_) => None,
        }
    }
}

/// What an atom speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attr {
    /// `args.NAME`.
    Arg(Str),
    /// `session.NAME`, declared.
    Session(Str),
    /// `now`; never absent.
    Now,
    /// `session.started`; never absent.
    Started,
    /// `session.authn`; never absent.
    Authn,
}

impl Attr {
    /// How it is written.
    pub fn text(&self) -> String {
        match self {
            Attr::Arg(name) => format!("args.{name}"),
            Attr::Session(name) => format!("session.{name}"),
            Attr::Now => "now".into(),
            Attr::Started => "session.started".into(),
            Attr::Authn => "session.authn".into(),
        }
    }
}

/// The other side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operand {
    /// A constant of the attribute's type.
    Value(Value),
    /// Another attribute of its type.
    Attr(Attr),
}

/// A question about a request with a yes or a no, once its attributes are present.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Atom {
    /// `left op right`, scalars of one type; `<` and its kin on ordered types only.
    Compare { left: Attr, op: CompareOp, right: Operand },
    /// The scalar is one of these.
    OneOf { attr: Attr, values: BTreeSet<Value> },
    /// The set has this element.
    Contains { set: Attr, element: Operand },
    /// The set has all of these.
    ContainsAll { set: Attr, values: BTreeSet<Value> },
    /// The set has one of these.
    ContainsAny { set: Attr, values: BTreeSet<Value> },
    /// The set has nothing but these.
    SubsetOf { set: Attr, values: BTreeSet<Value> },
    /// The string is matched by the pattern.
    Like { attr: Attr, pattern: Pattern },
    /// The path or URL is the base or below it, by whole segments. The base is normalised.
    Under { attr: Attr, base: Str },
    /// The URL's host is this, or below it.
    Host { attr: Attr, host: Str, below: bool },
    /// The address is in one of these networks.
    InNet { attr: Attr, nets: BTreeSet<Net> },
    /// The attribute is present.
    Has(Attr),
    /// An approval by `by` is present, not in the future, not older than `within` seconds;
    /// `independent` excludes the root agent's owner and that owner's members.
    Approved(Demand),
    /// The request's purpose is one of these.
    Purpose(PurposeSet),
    /// `now` is in one of these half-open ranges of seconds since 1970: sorted, apart, not empty.
    During(Vec<(i64, i64)>),
}

impl Atom {
    /// Whether it compares that attribute, or asks whether it is there.
    pub fn speaks_of(&self, attribute: &Attr) -> bool {
        let is = |operand: &Operand| matches!(operand, Operand::Attr(attr) if attr == attribute);
        match self {
            Atom::Compare { left, right, .. } => left == attribute || is(right),
            Atom::Contains { set, element } => set == attribute || is(element),
            Atom::OneOf { attr, .. }
            | Atom::ContainsAll { set: attr, .. }
            | Atom::ContainsAny { set: attr, .. }
            | Atom::SubsetOf { set: attr, .. }
            | Atom::Like { attr, .. }
            | Atom::Under { attr, .. }
            | Atom::Host { attr, .. }
            | Atom::InNet { attr, .. }
            | Atom::Has(attr) => attr == attribute,
            Atom::Approved(_) | Atom::Purpose(_) | Atom::During(_) => false,
        }
    }
}

/// An approval that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Demand {
    /// Who: a person, or a team (any member who is not the requester).
    pub by: PrincipalId,
    /// How old it may be, in seconds; the end is included.
    pub within: i64,
    /// Whether the root agent's owner and that owner's members are excluded.
    pub independent: bool,
}
