//! The meaning: what the policy says of one well-formed request.
//!
//! Default deny. A request is allowed iff some grant authorises it and no forbid matches it; of
//! several grants the first in the fixed order (module path, then name) is the one reported.
//! Everything else in the project that decides, the solver's encoding and the exports, is held
//! to what this module says.

mod condition;
mod explain;
mod grant;

pub use condition::{holds, matches_pattern, value_of};
pub use explain::{Approver, Reasons, explain};
pub use grant::{Clause, approval_given, approvers, authorises, clauses, covered_by, failing, line_matches};

use crate::model::*;
use crate::request::Request;
use serde::Serialize;

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Allowed, by the first grant that authorises it.
    Allow(GrantId),
    /// Denied.
    Deny(Denial),
}

/// Why a well-formed request is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denial {
    /// This forbid, the first that matches, whatever the grants say.
    Forbidden(ForbidId),
    /// No grant authorises it.
    NoGrant,
}

impl Decision {
    /// Whether the request is allowed.
    pub fn is_allow(self) -> bool {
        matches!(self, Decision::Allow(_))
    }
}

/// Decides one request.
pub fn decide(model: &Model, request: &Request) -> Decision {
    if let Some(at) = model.forbids.iter().position(|forbid| forbids(model, forbid, request)) {
        return Decision::Deny(Denial::Forbidden(ForbidId::at(at)));
    }
    match model.grants.iter().position(|grant| authorises(model, grant, request)) {
        Some(at) => Decision::Allow(GrantId::at(at)),
        None => Decision::Deny(Denial::NoGrant),
    }
}

/// Whether the forbid matches: any agent of the chain is among its agents, the operation among
/// its operations, its classes (when given) meet the data, and its condition is not false.
pub fn forbids(model: &Model, forbid: &Forbid, request: &Request) -> bool {
    forbid.ops.contains(request.op)
        && request.chain.iter().any(|&agent| forbid.agents.contains(agent))
        && forbid.meets.as_ref().is_none_or(|met| met.meets(&request.data))
        && holds(model, &forbid.when, request)
}
