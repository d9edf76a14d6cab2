//! The request: what an enforcement point asks, and whether it is well formed.
//!
//! [`read`] turns the contract's JSON (`docs/request.schema.json`) into a [`Request`]; what it
//! does not accept is ill formed and denied. Labels never widen, defaults are filled in and
//! derived arguments gathered here, so that the evaluator sees only complete requests.
//! [`well_formed`] says of a request made in memory whether reading could have given it.

mod check;
mod json;
mod read;
mod write;

pub use check::well_formed;
pub use read::read;
pub use write::write;

use crate::model::*;
use std::collections::BTreeMap;

/// A well-formed request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The root first, the caller last; one to [`MAX_CHAIN`] agents.
    pub chain: Vec<AgentId>,
    /// What the root's session was opened for.
    pub purpose: PurposeId,
    /// The tool, and with it the variant that the arguments select.
    pub op: OpId,
    /// The labels: not empty unless the operation touches nothing.
    pub data: ClassSet,
    /// The arguments, defaults and derived ones included; what is absent has no entry.
    pub args: Record,
    /// Seconds since 1970.
    pub now: i64,
    /// When the root's session started, at or before `now`.
    pub started: i64,
    /// That of the weakest hop.
    pub authn: Authn,
    /// Declared session attributes; what is absent has no entry.
    pub session: Record,
    /// When each person approved this same request.
    pub approvals: BTreeMap<PrincipalId, i64>,
}

/// Why a request is ill formed: one sentence, lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IllFormed(pub String);

impl std::fmt::Display for IllFormed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
