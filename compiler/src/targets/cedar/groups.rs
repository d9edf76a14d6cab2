//! The groups that actions are in, and the policies' operations in their words.

use super::text;
use crate::model::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Groups of operations by name: what can be said of an operation in the language, each a group.
pub(super) struct Groups {
    members: BTreeMap<String, OpSet>,
    /// The name of the group that has exactly these operations; the first in the order of names.
    named: HashMap<OpSet, String>,
}

impl Groups {
    /// The groups of a project.
    pub(super) fn new(model: &Model) -> Self {
        let mut members: BTreeMap<String, OpSet> = BTreeMap::new();
        for id in (0..model.ops.len()).map(OpId::at) {
            for name in names(model, id) {
                members.entry(name).or_default().insert(id);
            }
        }
        let mut named = HashMap::new();
        for (name, ops) in &members {
            named.entry(ops.clone()).or_insert_with(|| name.clone());
        }
        Self { members, named }
    }

    /// Every group's name.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.members.keys()
    }

    /// The groups that the operation is in.
    pub(super) fn of(&self, op: OpId) -> impl Iterator<Item = &String> {
        self.members.iter().filter(move |(_, ops)| ops.contains(op)).map(|(name, _)| name)
    }

    /// The operations in a group.
    pub(super) fn members(&self, name: &str) -> Option<&OpSet> {
        self.members.get(name)
    }

    /// Whether these operations are said in a word: all of them, or just a group.
    pub(super) fn has(&self, model: &Model, ops: &OpSet) -> bool {
        ops.len() == model.ops.len() || self.named.contains_key(ops)
    }

    /// The scope of a policy about these operations: one action, the group that is exactly these,
    /// or a list; `None` of all, so that a policy about everything stays as short as it is.
    pub(super) fn scope(&self, model: &Model, ops: &OpSet) -> Option<String> {
        if ops.len() == model.ops.len() {
            return None;
        }
        let actions: Vec<_> = ops.iter().map(|op| text::action(model, op)).collect();
        Some(match (actions.as_slice(), self.named.get(ops)) {
            ([one], _) => format!("action == {one}"),
            (_, Some(group)) => format!("action in {}", text::entity("Action", group)),
            (many, None) => format!("action in [\n    {}\n  ]", many.join(",\n    ")),
        })
    }
}

fn names(model: &Model, id: OpId) -> BTreeSet<String> {
    let op = model.op(id);
    let tool = &model.tool(op.tool).name;
    let mut names = BTreeSet::from([format!("effect:{}", op.effect.name()), format!("tool:{tool}")]);
    names.extend(op.irreversible.then(|| "irreversible".to_owned()));
    names.extend(op.ingests_untrusted.then(|| "ingests:untrusted".to_owned()));
    names.extend(op.reaches_external.then(|| "reaches:external".to_owned()));
    names.extend(op.tags.iter().map(|tag| format!("tag:{tag}")));
    names.extend(tool.match_indices('.').map(|(dot, _)| format!("tools:{}.*", &tool[..dot])));
    names
}
