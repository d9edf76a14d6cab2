//! Why a request is decided as it is: every clause of the grants that matter, with what it saw.

use crate::smt::compared;
use bailiwick_compiler::evaluator::{Clause, Decision, Reasons, clauses, explain, holds, value_of};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why<'m> {
    /// The decision, what denies, and which approvals would turn it.
    pub reasons: Reasons,
    /// The conditions of the forbids that match, in the same order.
    pub forbids: Vec<Judged<'m>>,
    /// The grant that authorises, or those that come near, each with all its clauses.
    pub grants: Vec<(GrantId, Vec<Step<'m>>)>,
}

/// A clause of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'m> {
    /// Which.
    pub clause: Clause,
    /// Whether the request meets it.
    pub met: bool,
    /// The conditions in it, where it has any; of several lines one must hold.
    pub conditions: Vec<Judged<'m>>,
}

/// A condition, or a part of one, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<'m> {
    /// What is asked.
    pub cond: &'m Cond,
    /// Whether it holds.
    pub met: bool,
    /// Its parts, unless it is a single comparison.
    pub parts: Vec<Judged<'m>>,
    /// The values that a comparison saw; none for what is absent.
    pub seen: Vec<(Attr, Option<Value>)>,
}

/// Decides the request and goes through every clause.
pub fn why<'m>(model: &'m Model, request: &Request) -> Why<'m> {
    let reasons = explain(model, request);
    let authorising = match reasons.decision {
        Decision::Allow(grant) => Some(grant),
        Decision::Deny(_) => None,
    };
    let near = reasons.near.iter().map(|(grant, _)| *grant);
    let grants = authorising.into_iter().chain(near).map(|id| (id, steps(model, model.grant(id), request)));
    let forbids = reasons.forbids.iter().map(|&id| judge(model, &model.forbid(id).when, request));
    Why { forbids: forbids.collect(), grants: grants.collect(), reasons }
}

fn steps<'m>(model: &'m Model, grant: &'m Grant, request: &Request) -> Vec<Step<'m>> {
    let judge = |cond| judge(model, cond, request);
    let of_lines = |lines: &'m [ToolLine]| {
        lines.iter().filter(|line| line.ops.contains(request.op)).map(|line| judge(&line.cond)).collect()
    };
    let step = |(clause, met): (Clause, bool)| {
        let conditions = match &clause {
            Clause::Where => of_lines(&grant.lines),
            Clause::When => vec![judge(&grant.when)],
            Clause::Approval { line } => vec![judge(&grant.approvals[*line].demanded)],
            Clause::Delegation => {
                let only = grant.delegates.iter().filter_map(|clause| clause.only.as_ref());
                only.flat_map(|only| -> Vec<_> { of_lines(&only.lines) }).collect()
            }
            Clause::Grantee
            | Clause::Purpose
            | Clause::Tool
            | Clause::Data { .. }
            | Clause::Starts { .. }
            | Clause::Expired { .. }
            | Clause::Ttl { .. }
            | Clause::Authn { .. } => Vec::new(),
        };
        let conditions = conditions.into_iter().filter(|judged: &Judged| !judged.cond.is_true()).collect();
        Step { clause, met, conditions }
    };
    clauses(model, grant, request).into_iter().map(step).collect()
}

fn judge<'m>(model: &'m Model, cond: &'m Cond, request: &Request) -> Judged<'m> {
    let (mut parts, mut seen) = (Vec::new(), Vec::new());
    let met = match cond {
        Cond::All(inner) | Cond::Any(inner) => {
            parts = inner.iter().map(|part| judge(model, part, request)).collect();
            match cond {
                Cond::All(_) => parts.iter().all(|part| part.met),
                Cond::Any(_) | Cond::Literal(_) => parts.iter().any(|part| part.met),
            }
        }
        Cond::Literal(literal) => {
            seen = spoken_of(&literal.atom)
                .into_iter()
                .map(|attr| (attr.clone(), value_of(attr, request)))
                .collect();
            holds(model, cond, request)
        }
    };
    Judged { cond, met, parts, seen }
}

/// The attributes that an atom looks at.
fn spoken_of(atom: &Atom) -> Vec<&Attr> {
    match atom {
        Atom::Has(attr) => vec![attr],
        Atom::During(_) => vec![&Attr::Now],
        Atom::Compare { .. }
        | Atom::OneOf { .. }
        | Atom::Contains { .. }
        | Atom::ContainsAll { .. }
        | Atom::ContainsAny { .. }
        | Atom::SubsetOf { .. }
        | Atom::Like { .. }
        | Atom::Under { .. }
        | Atom::Host { .. }
        | Atom::InNet { .. }
        | Atom::Approved(_)
        | Atom::Purpose(_) => compared(atom),
    }
}
