//! Conditions, as written: `and` and `or` are n-ary, so that a long chain is not a deep tree.

use super::{Name, Text};
use crate::span::At;
use serde::Serialize;
use std::sync::Arc;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Condition {
    /// `a or b`: two or more.
    Or(Vec<At<Condition>>),
    /// `a and b`: two or more.
    And(Vec<At<Condition>>),
    /// `not a`.
    Not(Box<At<Condition>>),
    /// An attribute alone, of type `bool`; or `true`, `false`.
    Bare(At<Operand>),
    /// `a == b` and the like; `a at-least b` is `>=`.
    Compare { left: At<Operand>, op: CompareOp, right: At<Operand> },
    /// `a in (x, y)`, `a in "10.0.0.0/8"`; `negated` for `not in`.
    In { operand: At<Operand>, values: Vec<At<Operand>>, negated: bool },
    /// `a contains x`.
    Contains { operand: At<Operand>, element: At<Operand> },
    /// `a contains-all (x, y)`.
    ContainsAll { operand: At<Operand>, values: Vec<At<Operand>> },
    /// `a contains-any (x, y)`.
    ContainsAny { operand: At<Operand>, values: Vec<At<Operand>> },
    /// `a subset-of (x, y)`.
    SubsetOf { operand: At<Operand>, values: Vec<At<Operand>> },
    /// `a like "x*"`.
    Like { operand: At<Operand>, pattern: At<Pattern> },
    /// `a under "/x"`.
    Under { operand: At<Operand>, base: Text },
    /// `a host "h"`.
    Host { operand: At<Operand>, host: Text },
    /// `has a`.
    Has(At<Operand>),
    /// `approved by WHO within D [independent]`; seconds.
    Approved { by: Name, within: At<i64>, independent: bool },
    /// `during DAYS [from to to] in ZONE`; minutes of the day.
    During { days: At<Days>, hours: Option<At<(u16, u16)>>, zone: Name },
}

/// Days of the week by name, as written: `mon` … `sun`, `weekdays`, `weekends`, `every-day`.
pub type Days = Vec<Name>;

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`, `at-least`
    Ge,
}

impl CompareOp {
    /// How it is written: here, in Cedar and in the Rego export's data alike.
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Eq => "==",
            CompareOp::Ne => "!=",
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Gt => ">",
            CompareOp::Ge => ">=",
        }
    }

    /// The operator that is true when this one is false.
    pub fn negated(self) -> CompareOp {
        match self {
            CompareOp::Eq => CompareOp::Ne,
            CompareOp::Ne => CompareOp::Eq,
            CompareOp::Lt => CompareOp::Ge,
            CompareOp::Le => CompareOp::Gt,
            CompareOp::Gt => CompareOp::Le,
            CompareOp::Ge => CompareOp::Lt,
        }
    }

    /// The operator that says the same with its sides exchanged.
    pub fn turned(self) -> CompareOp {
        match self {
            CompareOp::Eq | CompareOp::Ne => self,
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
        }
    }
}

/// One side of a comparison: a dotted name (an attribute, or a name that stands for a value) or a literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Operand {
    /// `args.amount`, `now`, `purpose`, `production`, `mtls`, `alice`.
    Name(Name),
    /// Anything else.
    Literal(Literal),
}

/// A literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Literal {
    /// `true`
    Bool(bool),
    /// `500`
    Int(i64),
    /// `12.5`, in ten-thousandths.
    Decimal(i64),
    /// `"x"`, escapes resolved.
    Text(Arc<str>),
    /// `2026-10-01`, in seconds since 1970.
    Instant(i64),
    /// `15m`, in seconds.
    Duration(i64),
}

/// A `like` pattern: its literal runs and its stars, in order. Two stars never stand together,
/// nor do two runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Pattern(pub Vec<PatternPart>);

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatternPart {
    /// Exactly this text, not empty.
    Text(Arc<str>),
    /// Any run of characters, also none.
    Star,
}
