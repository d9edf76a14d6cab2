//! What the policy itself says of calls to an operation, as predicates: what artifacts are held to.

use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;

/// The grant authorises the request, given that its root, purpose and operation are right; `weakest`
/// is what [`weakest`] says of the model.
pub fn authorises(model: &Model, weakest: &[Predicate], grant: &Grant, op: OpId) -> Predicate {
    let mut parts = vec![
        matches(&grant.lines, op),
        Predicate::DataWithin(grant.covers.clone()),
        Predicate::at_least(model.authn_of(grant)),
        Predicate::Cond(grant.when.clone()),
    ];
    parts.extend(
        grant.starts.map(|starts| Predicate::compare(&Attr::Now, CompareOp::Ge, Value::Instant(starts))),
    );
    parts.extend(
        grant.expires.map(|expires| Predicate::compare(&Attr::Now, CompareOp::Lt, Value::Instant(expires))),
    );
    parts.extend(grant.ttl.map(Predicate::Age));
    for clause in grant.approvals.iter().filter(|clause| clause.ops.contains(op)) {
        parts.push(Predicate::Any(vec![
            Predicate::Cond(clause.demanded.clone()).negate(),
            Predicate::atom(Atom::Approved(clause.demand.clone())),
        ]));
    }
    let clauses = grant.delegates.iter().map(|clause| delegated(model, clause, op));
    parts.push(Predicate::Any([Predicate::Hops(0)].into_iter().chain(clauses).collect()));
    if !grant.delegates.is_empty() {
        parts.extend(weakest.iter().cloned());
    }
    Predicate::All(parts)
}

/// The forbid matches the request, given that its operation is among the forbid's.
pub fn forbids(forbid: &Forbid) -> Predicate {
    let agents = || forbid.agents.clone();
    let mut parts = vec![Predicate::Any(vec![Predicate::Root(agents()), Predicate::SomeDelegate(agents())])];
    parts.extend(forbid.meets.clone().map(Predicate::DataMeets));
    parts.push(Predicate::Cond(forbid.when.clone()));
    Predicate::All(parts)
}

fn matches(lines: &[ToolLine], op: OpId) -> Predicate {
    let lines = lines.iter().filter(|line| line.ops.contains(op));
    Predicate::Any(lines.map(|line| Predicate::Cond(line.cond.clone())).collect())
}

fn delegated(model: &Model, clause: &DelegateClause, op: OpId) -> Predicate {
    let mut parts =
        vec![Predicate::Hops(clause.depth), Predicate::delegates_within(&clause.to, model.agents.len())];
    if let Some(only) = &clause.only {
        parts.push(matches(&only.lines, op));
        parts.extend(only.covers.clone().map(Predicate::DataWithin));
    }
    Predicate::All(parts)
}

/// The weakest hop's authentication is enough for every delegate.
pub fn weakest(model: &Model) -> Vec<Predicate> {
    let levels = Authn::ALL.into_iter().skip(1).map(|level| {
        let agents = model.agents.iter().enumerate();
        let demanding = agents.filter(|(_, agent)| agent.authn == level).map(|(at, _)| AgentId::at(at));
        Predicate::Any(vec![
            Predicate::at_least(level),
            Predicate::SomeDelegate(demanding.collect()).negate(),
        ])
    });
    levels.collect()
}
