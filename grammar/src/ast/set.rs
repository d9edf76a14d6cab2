//! Sets of agents, tools, purposes and data; resolution decides which by what is expected.

use super::Name;
use crate::span::At;
use serde::Serialize;

/// A set expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum SetExpr {
    /// `a, b` or `a or b`: two or more.
    Union(Vec<At<SetExpr>>),
    /// `a and b`: two or more.
    Intersection(Vec<At<SetExpr>>),
    /// `not a`.
    Not(Box<At<SetExpr>>),
    /// A declared name.
    Name(Name),
    /// A name with `*` in it.
    Glob(Name),
    /// What has an attribute.
    Having(Predicate),
}

/// An attribute by which members are chosen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Predicate {
    /// `tagged T`.
    Tagged(Name),
    /// `owned-by P`.
    OwnedBy(Name),
    /// `effect E`.
    Effect(Name),
    /// `irreversible`.
    Irreversible,
    /// `ingesting untrusted`.
    IngestingUntrusted,
    /// `reaching external`.
    ReachingExternal,
    /// `at-least L`.
    AtLeast(Name),
    /// `at-most L`.
    AtMost(Name),
    /// `regulated-by R`.
    RegulatedBy(Name),
}
