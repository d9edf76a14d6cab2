//! Whether one grant authorises a request: the seven clauses, and which of them fail.

use super::condition::holds;
use crate::model::*;
use crate::request::Request;
use serde::Serialize;

/// A clause of a grant, and what a request that does not meet it lacks. Times are in seconds since 1970, spans of
/// time in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "clause")]
pub enum Clause {
    /// The root of the chain is not the grantee.
    Grantee,
    /// The session is for another purpose.
    Purpose,
    /// The operation is not among the grant's.
    Tool,
    /// The operation is, but no line's `where` holds.
    Where,
    /// These labels are not covered.
    Data {
        /// What is not covered.
        missing: ClassSet,
    },
    /// Too early.
    Starts {
        /// From then.
        starts: i64,
    },
    /// Too late.
    Expired {
        /// Until before then.
        expires: i64,
    },
    /// The session is too old.
    Ttl {
        /// How old it is.
        age: i64,
        /// How old it may be.
        ttl: i64,
    },
    /// The session's authentication is too weak.
    Authn {
        /// The least that the grant and every agent of the chain ask for.
        needed: Authn,
    },
    /// `when` does not hold.
    When,
    /// A demanded approval is not there.
    Approval {
        /// Position of the `approval` line.
        line: usize,
    },
    /// No delegate clause covers the chain.
    Delegation,
}

/// Whether the grant authorises the request.
pub fn authorises(model: &Model, grant: &Grant, request: &Request) -> bool {
    grant.to == request.chain[0]
        && grant.purpose == request.purpose
        && failing(model, grant, request).is_empty()
}

/// The clauses of the grant that the request does not meet, in the order of the language page;
/// none when it authorises.
pub fn failing(model: &Model, grant: &Grant, request: &Request) -> Vec<Clause> {
    let failing = clauses(model, grant, request).into_iter().filter(|(_, met)| !met);
    failing.map(|(clause, _)| clause).collect()
}

/// Every clause of the grant that bears on the request, and whether the request meets it.
pub fn clauses(model: &Model, grant: &Grant, request: &Request) -> Vec<(Clause, bool)> {
    let mut clauses = Vec::new();
    let mut demand = |met: bool, clause: Clause| clauses.push((clause, met));

    demand(grant.to == request.chain[0], Clause::Grantee);
    demand(grant.purpose == request.purpose, Clause::Purpose);

    let governed = grant.lines.iter().any(|line| line.ops.contains(request.op));
    demand(governed, Clause::Tool);
    if governed {
        demand(line_matches(model, &grant.lines, request), Clause::Where);
    }
    let missing = request.data.minus(&grant.covers);
    demand(missing.is_empty(), Clause::Data { missing });

    if let Some(starts) = grant.starts {
        demand(starts <= request.now, Clause::Starts { starts });
    }
    if let Some(expires) = grant.expires {
        demand(request.now < expires, Clause::Expired { expires });
    }
    if let Some(ttl) = grant.ttl {
        let age = request.now - request.started;
        demand(age <= ttl, Clause::Ttl { age, ttl });
    }

    let needed = request.chain.iter().map(|&agent| model.agent(agent).authn).fold(grant.authn, Authn::max);
    demand(request.authn >= needed, Clause::Authn { needed });
    if !grant.when.is_true() {
        demand(holds(model, &grant.when, request), Clause::When);
    }

    for (line, clause) in grant.approvals.iter().enumerate() {
        if !clause.ops.contains(request.op) {
            continue;
        }
        let demanded = holds(model, &clause.demanded, request);
        demand(!demanded || approval_given(model, &clause.demand, request), Clause::Approval { line });
    }
    if request.chain.len() > 1 {
        demand(delegation_covers(model, grant, request), Clause::Delegation);
    }
    clauses
}

/// Whether one of the lines has the operation and its condition holds.
pub fn line_matches(model: &Model, lines: &[ToolLine], request: &Request) -> bool {
    lines.iter().any(|line| line.ops.contains(request.op) && holds(model, &line.cond, request))
}

/// Whether the lines match and cover the request's data: what needs, holdings and ceilings ask.
pub fn covered_by(model: &Model, lines: &[ToolLine], covers: &ClassSet, request: &Request) -> bool {
    request.data.is_subset(covers) && line_matches(model, lines, request)
}

/// One delegate clause must cover the chain alone: its length, every later agent, and `only`.
fn delegation_covers(model: &Model, grant: &Grant, request: &Request) -> bool {
    let delegates = &request.chain[1..];
    delegates.is_empty()
        || grant.delegates.iter().any(|clause| {
            delegates.len() <= clause.depth
                && delegates.iter().all(|&agent| clause.to.contains(agent))
                && clause.only.as_ref().is_none_or(|only| {
                    line_matches(model, &only.lines, request)
                        && only.covers.as_ref().is_none_or(|covers| request.data.is_subset(covers))
                })
        })
}

/// Whether somebody who counts approved: not in the future, and not longer ago than the window.
pub fn approval_given(model: &Model, demand: &Demand, request: &Request) -> bool {
    approvers(model, demand, request).iter().any(|person| {
        request
            .approvals
            .get(&person)
            .is_some_and(|&given| given <= request.now && request.now.saturating_sub(given) <= demand.within)
    })
}

/// Whose approval counts for this request.
///
/// Of a team, its members without the requester; where the project declares the requester and the
/// request does not state it, nobody can be shown to be someone else, so nobody counts. An
/// independent approval excludes the root agent's owner and that owner's members.
pub fn approvers(model: &Model, demand: &Demand, request: &Request) -> PrincipalSet {
    let mut people = model.may_approve(demand, request.chain[0]);
    if let Some(attribute) = model.may_not_approve(demand) {
        match request.session.get(attribute) {
            Some(Value::Text(requester)) => {
                if let Some(requester) = model.principal_named(requester) {
                    people.remove(requester);
                }
            }
            _ => return PrincipalSet::new(),
        }
    }
    people
}
