//! Under what a forbid is listed, so that a decision looks at few.
//!
//! A request comes by its operation and by every agent of its chain. A forbid has to be listed
//! under all operations, or under all agents, that it speaks of; the fewer of all there are, the
//! fewer requests come by in vain. One that speaks of all of both is listed under every operation,
//! of which a request has one.

use super::data::key;
use crate::model::*;
use std::collections::BTreeMap;

/// The keys of the forbids.
#[derive(Default)]
pub(super) struct Index {
    agents: BTreeMap<AgentId, Vec<String>>,
    ops: BTreeMap<OpId, Vec<String>>,
}

impl Index {
    /// The index of a project's forbids and suspensions.
    pub(super) fn new(model: &Model) -> Index {
        let mut index = Index::default();
        let (agents, ops) = (model.agents.len(), model.ops.len());
        for forbid in &model.forbids {
            let key = || key(forbid);
            let (of_agents, of_ops) = (forbid.agents.len(), forbid.ops.len());
            if of_agents * ops < of_ops * agents {
                forbid.agents.iter().for_each(|id| index.agents.entry(id).or_default().push(key()));
            } else {
                forbid.ops.iter().for_each(|id| index.ops.entry(id).or_default().push(key()));
            }
        }
        index
    }

    /// What is looked at when the agent is in the chain.
    pub(super) fn of_agent(&self, id: AgentId) -> &[String] {
        self.agents.get(&id).map_or(&[], Vec::as_slice)
    }

    /// What is looked at when the operation is called.
    pub(super) fn of_op(&self, id: OpId) -> &[String] {
        self.ops.get(&id).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbid_is_listed_where_the_fewest_come_by() {
        let text = "person p { email \"p@acme.example\" }\nagent a { owner p }\nagent b { owner p }\n\
            tool s { effect read  touches nothing }\ntool t { effect write  touches nothing }\n\
            tool u { effect write  touches nothing }\n\
            forbid every-call { }\nforbid of-agent { agents a }\nforbid of-tool { tools t }\n\
            forbid both { agents a  tools t }\nforbid more { agents a  tools effect write }\n";
        let compiled = crate::compile_text(&[("main", text)]);
        assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
        let model = &compiled.model;
        let index = Index::new(model);
        assert_eq!(index.of_agent(model.agent_named("a").unwrap()), ["forbid more", "forbid of-agent"]);
        assert!(index.of_agent(model.agent_named("b").unwrap()).is_empty());
        let op = |name| model.ops_of(model.tool_named(name).unwrap()).next().unwrap();
        assert_eq!(index.of_op(op("t")), ["forbid both", "forbid every-call", "forbid of-tool"]);
        assert_eq!(index.of_op(op("u")), ["forbid every-call"]);
    }
}
