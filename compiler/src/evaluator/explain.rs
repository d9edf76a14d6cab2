//! Why a request is decided as it is: for people, for audit, for tests.

use super::grant::{Clause, approvers, failing};
use super::{Decision, decide, forbids};
use crate::model::*;
use crate::request::Request;

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reasons {
    /// What is decided.
    pub decision: Decision,
    /// Every forbid that matches, in order.
    pub forbids: Vec<ForbidId>,
    /// Grants that come near, nearest first, with the clauses that fail: those of the same root
    /// for the same purpose or the same operation. Empty when the request is allowed.
    pub near: Vec<(GrantId, Vec<Clause>)>,
    /// Approvals that would turn the denial into an allowance: for the nearest grant of which
    /// nothing fails but approvals, who could give each. Empty where a forbid matches.
    pub approvals: Vec<Approver>,
}

/// One approval that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// The grant that demands it.
    pub grant: GrantId,
    /// Position of its `approval` line.
    pub line: usize,
    /// Whose approval would count; empty when nobody's can.
    pub people: PrincipalSet,
    /// How old it may be, in seconds.
    pub within: i64,
}

/// How many near grants are told of at the most.
const NEAR: usize = 8;

/// Decides the request and says why.
pub fn explain(model: &Model, request: &Request) -> Reasons {
    let decision = decide(model, request);
    let matching = (0..model.forbids.len())
        .map(ForbidId::at)
        .filter(|&id| forbids(model, model.forbid(id), request))
        .collect::<Vec<_>>();
    let mut near = Vec::new();
    if !decision.is_allow() {
        near = (0..model.grants.len())
            .map(GrantId::at)
            .filter(|&id| comes_near(model.grant(id), request))
            .map(|id| (id, failing(model, model.grant(id), request)))
            .collect();
        near.sort_by_key(|(id, clauses)| (clauses.len(), *id));
        near.truncate(NEAR);
    }
    let approvals = if matching.is_empty() { missing_approvals(model, &near, request) } else { Vec::new() };
    Reasons { decision, forbids: matching, near, approvals }
}

fn comes_near(grant: &Grant, request: &Request) -> bool {
    let tool = || grant.lines.iter().any(|line| line.ops.contains(request.op));
    grant.to == request.chain[0] && (grant.purpose == request.purpose || tool())
}

fn missing_approvals(model: &Model, near: &[(GrantId, Vec<Clause>)], request: &Request) -> Vec<Approver> {
    let only_approvals = |clauses: &[Clause]| {
        !clauses.is_empty() && clauses.iter().all(|clause| matches!(clause, Clause::Approval { .. }))
    };
    let Some((grant, clauses)) = near.iter().find(|(_, clauses)| only_approvals(clauses)) else {
        return Vec::new();
    };
    let lines = clauses.iter().filter_map(|clause| match clause {
        Clause::Approval { line } => Some(*line),
        _ => None,
    });
    lines
        .map(|line| {
            let demand = &model.grant(*grant).approvals[line].demand;
            let people = approvers(model, demand, request);
            Approver { grant: *grant, line, people, within: demand.within }
        })
        .collect()
}
