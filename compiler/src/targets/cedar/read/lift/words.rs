//! The names that policies speak in, and what they mean in the model.

use super::super::super::groups::Groups;
use super::super::super::text::NAMESPACE;
use super::super::tree::Uid;
use super::truth::atom;
use super::value::Value;
use super::{Calls, Lifted};
use crate::model::*;
use crate::targets::Source;
use crate::targets::cedar::Cedar;
use crate::targets::reading::Predicate;
use std::collections::HashMap;

/// What is looked up by name, for a whole deployment.
pub struct Words<'a> {
    /// Where arguments stand.
    pub shape: Cedar,
    /// The model.
    pub model: &'a Model,
    /// The groups of actions.
    groups: &'a Groups,
    ops: HashMap<String, OpId>,
    grants: HashMap<&'a str, GrantId>,
    /// By whether it is a suspension, and its name.
    forbids: HashMap<(bool, &'a str), ForbidId>,
}

impl<'a> Words<'a> {
    /// The words of a model.
    pub fn new(shape: Cedar, model: &'a Model, groups: &'a Groups) -> Self {
        let ops = (0..model.ops.len()).map(OpId::at);
        let grants = model.grants.iter().enumerate();
        let forbids = model.forbids.iter().enumerate();
        Self {
            shape,
            model,
            groups,
            ops: ops.map(|op| (model.op_name(op), op)).collect(),
            grants: grants.map(|(at, grant)| (&*grant.name, GrantId::at(at))).collect(),
            forbids: forbids
                .map(|(at, forbid)| ((forbid.suspension, &*forbid.name), ForbidId::at(at)))
                .collect(),
        }
    }

    /// The declaration that a policy's annotations name.
    pub fn declaration<'t>(&self, note: impl Fn(&str) -> Option<&'t String>) -> Option<Source> {
        let grant = note("grant").and_then(|name| self.grants.get(name.as_str()));
        let forbid = [("forbid", false), ("suspension", true)]
            .into_iter()
            .find_map(|(key, suspension)| self.forbids.get(&(suspension, note(key)?.as_str())));
        grant.copied().map(Source::Grant).or(forbid.copied().map(Source::Forbid))
    }

    /// The operation that an action is.
    pub fn action(&self, uid: &Uid) -> Option<OpId> {
        named(std::slice::from_ref(uid), "Action").find_map(|name| self.ops.get(name).copied())
    }

    /// The operations that are one of these actions, or in one of these groups.
    pub fn actions(&self, uids: &[Uid]) -> OpSet {
        let ops = named(uids, "Action").filter_map(|name| self.ops.get(name).copied());
        let groups = named(uids, "Action").filter_map(|name| self.groups.members(name));
        groups.fold(ops.collect(), |found: OpSet, group| found.union(group))
    }

    /// The operations whose tool is one of these.
    pub fn tools(&self, uids: &[Uid]) -> OpSet {
        let tools = named(uids, "Tool").filter_map(|name| self.model.tool_named(name));
        tools.flat_map(|tool| self.model.ops_of(tool).collect::<Vec<_>>()).collect()
    }
}

impl Calls<'_> {
    /// The variable is one of these, or below: of all entities only actions have any above them.
    pub(super) fn is(&self, of: &Value, uids: &[Uid]) -> Lifted<Predicate> {
        Ok(match of {
            Value::Principal => Predicate::Root(self.agents(uids)),
            Value::Resource => Predicate::Op(self.words.tools(uids)),
            Value::Action => Predicate::Op(self.words.actions(uids)),
            Value::Purpose => {
                let named = named(uids, "Purpose").filter_map(|name| self.words.model.purpose_named(name));
                atom(Atom::Purpose(named.collect()), false)
            }
            _ => return Err("an entity is compared with something else".into()),
        })
    }

    pub(super) fn agents(&self, uids: &[Uid]) -> AgentSet {
        named(uids, "Agent").filter_map(|name| self.words.model.agent_named(name)).collect()
    }

    pub(super) fn classes(&self, uids: &[Uid]) -> ClassSet {
        named(uids, "DataClass").filter_map(|name| self.words.model.class_named(name)).collect()
    }
}

/// The ids of those of a type of ours.
fn named<'u>(uids: &'u [Uid], kind: &'u str) -> impl Iterator<Item = &'u str> {
    let of_kind =
        move |uid: &&Uid| uid.kind.strip_prefix(NAMESPACE).and_then(|k| k.strip_prefix("::")) == Some(kind);
    uids.iter().filter(of_kind).map(|uid| uid.id.as_str())
}

pub(super) fn entities(parts: Vec<Value>) -> Lifted<Vec<Uid>> {
    let uid = |part| match part {
        Value::Entity(uid) => Ok(uid),
        _ => Err("a set of entities holds something else".to_owned()),
    };
    parts.into_iter().map(uid).collect()
}
