//! Grants as permits.
//!
//! A grant becomes a permit for each of its tool lines and, within a line, for each group of
//! operations that the grant's other clauses treat alike. So no permit asks which operation it
//! is about, and the validator types each against exactly the arguments that it names.

use super::condition::Place;
use super::policy::{Effect, Policy};
use super::shard::Shard;
use super::text::{self, all, any};
use crate::model::*;
use crate::targets::dual::dual;
use std::collections::BTreeMap;

/// The permits of a grant, printed.
pub(super) fn permits(shard: &Shard, grant: &Grant) -> Vec<String> {
    let mut permits = Vec::new();
    for line in &grant.lines {
        for ops in alike(grant, &line.ops) {
            let number = permits.len() + 1;
            permits.extend(permit(shard, grant, &line.cond, &ops, number).print());
        }
    }
    permits
}

/// The operations, grouped by the clauses of the grant that speak of them.
fn alike(grant: &Grant, ops: &OpSet) -> Vec<OpSet> {
    let sets: Vec<&OpSet> = grant
        .approvals
        .iter()
        .map(|approval| &approval.ops)
        .chain(
            grant
                .delegates
                .iter()
                .flat_map(|clause| &clause.only)
                .flat_map(|only| &only.lines)
                .map(|line| &line.ops),
        )
        .collect();
    let mut groups: BTreeMap<Vec<bool>, OpSet> = BTreeMap::new();
    for op in ops.iter() {
        groups.entry(sets.iter().map(|set| set.contains(op)).collect()).or_default().insert(op);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(OpSet::first);
    groups
}

fn permit(shard: &Shard, grant: &Grant, line: &Cond, ops: &OpSet, number: usize) -> Policy {
    let model = shard.model;
    let place = Place { shape: shard.shape, model, ops };
    let root = model.agent(grant.to);
    let policy = Policy::new(Effect::Permit, format!("grant:{}:{number}", grant.name))
        .note("grant", &*grant.name)
        .note("owner", &*model.principal(root.owner).name)
        .note("purpose", &*model.purpose(grant.purpose).name)
        .source(&grant.origin)
        .principal(text::agent(model, grant.to))
        .actions(shard, ops)
        .when(format!("context.purpose == {}", text::purpose(model, grant.purpose)))
        .when(place.condition(line))
        .when(covered(model, &grant.covers, ops))
        .when(lifetime(grant))
        .when(format!("context.authn >= {}", model.authn_of(grant) as i64))
        .when(place.condition(&grant.when));
    let demands =
        grant.approvals.iter().filter(|approval| approval.ops.meets(ops)).fold(policy, |policy, approval| {
            policy.when(any(vec![
                place.condition(&dual(&approval.demanded)),
                place.approved(&approval.demand, Some(grant.to)),
            ]))
        });
    demands.when(delegation(&place, grant))
}

/// Every label of the request is covered.
fn covered(model: &Model, covers: &ClassSet, ops: &OpSet) -> String {
    let labels = ops.iter().fold(ClassSet::new(), |labels, op| labels.union(&model.op(op).labels));
    match classes(model, &covers.intersection(&labels)) {
        Some(set) => format!("{set}.containsAll(context.data)"),
        None => "context.data.isEmpty()".into(),
    }
}

/// A set of data classes; `None` of none.
pub(super) fn classes(model: &Model, set: &ClassSet) -> Option<String> {
    text::set(set.iter().map(|class| text::entity("DataClass", &model.class(class).name)))
}

/// The times that the grant allows. A session that starts in the future, or before 1970, has no
/// age; asking first keeps the subtraction within 64 bits.
fn lifetime(grant: &Grant) -> String {
    let mut parts = vec!["context.started >= 0".to_owned(), "context.started <= context.now".to_owned()];
    parts.extend(grant.starts.map(|starts| format!("context.now >= {starts}")));
    parts.extend(grant.expires.map(|expires| format!("context.now < {expires}")));
    parts.extend(grant.ttl.map(|ttl| format!("context.now - context.started <= {ttl}")));
    all(parts)
}

/// The root acts itself, or one clause covers the chain alone.
fn delegation(place: &Place, grant: &Grant) -> String {
    let clauses = grant.delegates.iter().map(|clause| {
        let Some(to) = text::set(clause.to.iter().map(|agent| text::agent(place.model, agent))) else {
            return "false".into();
        };
        let within =
            vec![format!("context.hops <= {}", clause.depth), format!("{to}.containsAll(context.delegates)")];
        all(within.into_iter().chain(clause.only.iter().map(|only| self::only(place, only))).collect())
    });
    any(["context.hops == 0".to_owned()].into_iter().chain(clauses).collect())
}

fn only(place: &Place, only: &Only) -> String {
    let lines = only.lines.iter().filter(|line| line.ops.meets(place.ops));
    let lines = any(lines.map(|line| place.condition(&line.cond)).collect());
    let data = only.covers.iter().map(|covers| covered(place.model, covers, place.ops));
    all([lines].into_iter().chain(data).collect())
}
