//! What one root agent can set in motion, and the policies about it: a file that decides alone.
//!
//! Only a permit for the root can allow what it asks, so a shard needs the guards and forbids of
//! the operations and delegates of that root's grants, and no others: what a forbid says of other
//! operations or agents, no permit allows anyway. Every policy of a shard speaks of its root
//! alone, so that loading several shards gives the same decisions as loading the right one.

use super::groups::Groups;
use super::{Cedar, forbids, grants, guards};
use crate::model::*;
use crate::targets::stem::stem;

/// A root and what its grants could allow.
pub(super) struct Shard<'a> {
    /// Where its policies look for arguments.
    pub shape: Cedar,
    /// The project.
    pub model: &'a Model,
    /// The groups of its actions.
    pub groups: &'a Groups,
    /// The root.
    pub root: AgentId,
    /// Its grants.
    pub grants: Vec<&'a Grant>,
    /// The operations that they speak of.
    pub ops: OpSet,
    /// The agents that may stand behind the root.
    pub delegates: AgentSet,
}

impl<'a> Shard<'a> {
    /// The shard of a root with these grants.
    pub(super) fn new(
        shape: Cedar,
        model: &'a Model,
        groups: &'a Groups,
        root: AgentId,
        grants: Vec<&'a Grant>,
    ) -> Self {
        let lines = grants.iter().flat_map(|grant| &grant.lines);
        let ops = lines.fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        let clauses = grants.iter().flat_map(|grant| &grant.delegates);
        let delegates = clauses.fold(AgentSet::new(), |agents, clause| agents.union(&clause.to));
        Self { shape, model, groups, root, grants, ops, delegates }
    }

    /// Its file.
    pub(super) fn text(&self) -> String {
        let permits = self.grants.iter().flat_map(|grant| grants::permits(self, grant));
        let forbids = self.model.forbids.iter().filter_map(|forbid| forbids::forbid(self, forbid));
        guards::guards(self).into_iter().chain(forbids).chain(permits).collect::<Vec<_>>().join("\n")
    }

    /// The name of a policy that each shard has for itself.
    pub(super) fn id(&self, what: &str) -> String {
        format!("{what}:{}", self.model.agent(self.root).name)
    }
}

/// The file of an agent, relative to the target's folder.
pub fn file(agent: &str) -> String {
    format!("policies/agent.{}.cedar", stem(agent))
}
