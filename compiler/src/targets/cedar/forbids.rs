//! Forbids and suspensions.
//!
//! A forbid is written with the dual of its condition in `unless`, so that what is absent leaves
//! it standing. In a shard it speaks of what the shard's grants could allow.

use super::condition::Place;
use super::grants::classes;
use super::policy::{Effect, Policy};
use super::shard::Shard;
use super::text;
use crate::model::*;
use crate::targets::dual::dual;

/// A forbid or a suspension as the shard needs it, printed; `None` of one that cannot bite there.
pub(super) fn forbid(shard: &Shard, forbid: &Forbid) -> Option<String> {
    let kind = if forbid.suspension { "suspension" } else { "forbid" };
    let bites = forbid.ops.intersection(&shard.ops);
    if bites.is_empty() {
        return None;
    }
    // said as a group where it is one, else of the shard's operations alone
    let ops = if shard.groups.has(shard.model, &forbid.ops) { &forbid.ops } else { &bites };
    let place = Place { shape: shard.shape, model: shard.model, ops };
    let policy = Policy::new(Effect::Forbid, shard.id(&format!("{kind}:{}", forbid.name)))
        .note(kind, &*forbid.name)
        .source(&forbid.origin)
        .principal(text::agent(shard.model, shard.root))
        .actions(shard, ops)
        .when(takes_part(shard, &forbid.agents))
        .when(match &forbid.meets {
            Some(meets) => meet(shard.model, meets, ops),
            None => "true".into(),
        })
        .unless(place.condition(&dual(&forbid.when)));
    match &forbid.because {
        Some(because) => policy.note("because", &**because),
        None => policy,
    }
    .print()
}

/// One of the agents is the root or may stand behind it.
pub(super) fn takes_part(shard: &Shard, agents: &AgentSet) -> String {
    if agents.contains(shard.root) {
        return "true".into();
    }
    let behind = agents.intersection(&shard.delegates);
    match text::set(behind.iter().map(|agent| text::agent(shard.model, agent))) {
        Some(set) => format!("{set}.containsAny(context.delegates)"),
        None => "false".into(),
    }
}

/// One of the labels is met.
fn meet(model: &Model, meets: &ClassSet, ops: &OpSet) -> String {
    let labels = ops.iter().fold(ClassSet::new(), |labels, op| labels.union(&model.op(op).labels));
    match classes(model, &meets.intersection(&labels)) {
        Some(set) => format!("{set}.containsAny(context.data)"),
        None => "false".into(),
    }
}
