//! Sets of agents, tools, purposes and data; resolution decides which by what is expected.

use super::{Name, Text};
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
    /// `binding …`.
    Binding(Box<Calls>),
}

/// Calls in a target, by what a tool is bound to there; each text may have `*` in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Calls {
    /// `aws ACTIONS [resource ARNS]`.
    Aws { actions: Vec<Text>, resources: Vec<Text> },
    /// `kubernetes VERBS RESOURCES [namespace NAMES]`.
    Kubernetes { verbs: Vec<Text>, resources: Vec<Text>, namespaces: Vec<Text> },
}
