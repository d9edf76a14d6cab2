//! `test` and `prove`: what the policy is expected to say.

use super::{Condition, Literal, Name, SetExpr};
use crate::span::At;
use serde::Serialize;

/// A line of a `test`.
#[allow(clippy::large_enum_variant)] // most lines are expectations
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum TestItem {
    /// `given at INSTANT`.
    GivenAt(At<i64>),
    /// `given session { … }`.
    GivenSession(Vec<(Name, At<RecordValue>)>),
    /// `allow REQUEST`, `deny REQUEST [due to NAME]`.
    Expect(Expectation),
}

/// One expected decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Expectation {
    /// Whether the request is to be allowed.
    pub allow: bool,
    /// The request.
    pub request: At<RequestExpr>,
    /// For a denial: `ill-formed`, `no-grant`, or the forbid or suspended agent that denies.
    pub due_to: Option<Name>,
}

/// A concrete request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct RequestExpr {
    /// The agent whose authority is used.
    pub root: Name,
    /// The further agents, in order.
    pub via: Vec<Name>,
    /// The session's purpose.
    pub purpose: Name,
    /// The tool called.
    pub tool: Name,
    /// The arguments.
    pub args: Vec<(Name, At<RecordValue>)>,
    /// The data labels; `None` when absent, empty for `on nothing`.
    pub data: Option<Vec<Name>>,
    /// When; `given at` or the run's time when absent.
    pub at: Option<At<i64>>,
    /// How long ago the session started, in seconds.
    pub started: Option<At<i64>>,
    /// The authentication level.
    pub authn: Option<Name>,
    /// Session attributes.
    pub session: Vec<(Name, At<RecordValue>)>,
    /// Approvals.
    pub approvals: Vec<ApprovalAt>,
}

/// `WHO D ago`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ApprovalAt {
    /// The person.
    pub by: Name,
    /// How long ago, in seconds.
    pub ago: At<i64>,
}

/// A value in a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum RecordValue {
    /// A literal.
    Literal(Literal),
    /// An enumeration value or a person, by name.
    Name(Name),
    /// `null`: the same as absent.
    Null,
    /// `[a, b]`.
    List(Vec<At<RecordValue>>),
    /// `{ a: b }`.
    Record(Vec<(Name, At<RecordValue>)>),
}

/// One universally quantified property.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Property {
    /// `never agents SET calling …`.
    Never { agents: At<SetExpr>, call: Call },
    /// `only agents SET calling …`.
    Only { agents: At<SetExpr>, call: Call },
    /// `always AGENT for PURPOSE calling …`.
    Always { agent: Name, purpose: Name, call: Call },
}

/// `calling TOOLS [data SET] [where C]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Call {
    /// The tools.
    pub tools: At<SetExpr>,
    /// The data; any when absent.
    pub data: Option<At<SetExpr>>,
    /// What holds of the call.
    pub condition: Option<At<Condition>>,
}
