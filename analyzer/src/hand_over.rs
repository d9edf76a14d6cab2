//! Who can be reached from whom by delegation.
//!
//! A hand-over is *declared* when a grant of one agent names the other as a delegate, and *usable*
//! when some request of that chain is allowed. What is declared is a closure over bit sets; whether
//! it is usable is asked only where it matters, once for delegates that nothing tells apart.

use crate::analysis::{Analysis, Found};
use crate::smt::question::{Counting, Question};
use bailiwick_compiler::model::*;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// What is known of hand-overs.
#[derive(Default)]
pub struct HandOvers {
    /// For each agent, the delegates that its grants name.
    direct: Vec<AgentSet>,
    /// For each agent, itself and all that declared hand-overs lead to.
    declared: Vec<AgentSet>,
    /// For each agent, itself and those that usable ones lead to.
    usable: Vec<OnceLock<Usable>>,
    /// For each agent, whether it can hand over to delegates of a kind.
    edges: Vec<Mutex<BTreeMap<Delegate, Option<bool>>>>,
}

/// What tells delegates of one agent apart: what the policy asks of them, and which of the
/// agent's clauses name them.
type Delegate = (usize, Vec<bool>);

/// Whom an agent can hand over to, itself included.
#[derive(Clone, Debug)]
pub struct Usable {
    /// Those that it surely can.
    pub sure: AgentSet,
    /// Those of whom it is not proved that it cannot.
    pub perhaps: AgentSet,
}

impl HandOvers {
    /// Takes in that the grants of these agents are not what they were.
    pub fn advance(&mut self, model: &Model, grants_of: &[Vec<GrantId>], changed: &AgentSet) {
        let count = model.agents.len();
        self.direct.resize_with(count, AgentSet::new);
        self.declared.resize_with(count, AgentSet::new);
        self.usable.resize_with(count, OnceLock::new);
        self.edges.resize_with(count, Mutex::default);
        let mut redrawn = AgentSet::new();
        for agent in changed.iter() {
            let grants = grants_of[agent.index()].iter().map(|&grant| model.grant(grant));
            let clauses = grants.flat_map(|grant| &grant.delegates);
            let direct = clauses.fold(AgentSet::new(), |all, clause| all.union(&clause.to));
            if direct != self.direct[agent.index()] || self.declared[agent.index()].is_empty() {
                self.direct[agent.index()] = direct;
                redrawn.insert(agent);
            }
            self.edges[agent.index()] = Mutex::default();
        }
        for at in 0..count {
            // What an agent reaches depends on the agents that it reaches, and on no other.
            if self.declared[at].meets(changed) {
                self.usable[at] = OnceLock::new();
            }
            if self.declared[at].meets(&redrawn) || redrawn.contains(AgentId::at(at)) {
                let direct = &self.direct;
                self.declared[at] =
                    closure(AgentId::at(at), |agent, reached| direct[agent.index()].minus(reached));
            }
        }
    }

    /// The agent, and all that its declared hand-overs lead to.
    pub fn declared(&self, from: AgentId) -> &AgentSet {
        &self.declared[from.index()]
    }

    /// The agent, and all that its usable hand-overs lead to.
    pub fn usable(&self, analysis: &Analysis, from: AgentId) -> &Usable {
        self.usable[from.index()].get_or_init(|| {
            let led = |keep: fn(Option<bool>) -> bool| {
                closure(from, |agent, reached| {
                    let others = self.direct[agent.index()].minus(reached);
                    others.iter().filter(|&to| keep(self.can(analysis, agent, to))).collect()
                })
            };
            let sure = led(|can| can == Some(true));
            Usable { perhaps: led(|can| can != Some(false)), sure }
        })
    }

    /// A shortest way of usable hand-overs.
    pub fn path(&self, analysis: &Analysis, from: AgentId, to: AgentId) -> Vec<(AgentId, AgentId)> {
        let mut came: BTreeMap<AgentId, AgentId> = BTreeMap::new();
        let mut reached = AgentSet::only(from);
        let mut ring = vec![from];
        while !ring.is_empty() && !reached.contains(to) {
            let mut next_ring = Vec::new();
            for &agent in &ring {
                for next in self.direct[agent.index()].minus(&reached).iter() {
                    if self.can(analysis, agent, next) == Some(true) {
                        reached.insert(next);
                        came.insert(next, agent);
                        next_ring.push(next);
                    }
                }
            }
            ring = next_ring;
        }
        let mut steps = Vec::new();
        let mut at = to;
        while let Some(&before) = came.get(&at) {
            steps.push((before, at));
            at = before;
        }
        steps.reverse();
        steps
    }

    /// Whether an agent can hand anything over to another; `None` when nobody knows.
    fn can(&self, analysis: &Analysis, from: AgentId, to: AgentId) -> Option<bool> {
        let grants = || analysis.grants_of[from.index()].iter().map(|&grant| analysis.model.grant(grant));
        let named = grants().flat_map(|grant| grant.delegates.iter().map(|clause| clause.to.contains(to)));
        let delegate = (analysis.policy.kind(to), named.collect());
        let edges = || self.edges[from.index()].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = edges().get(&delegate) {
            return *known;
        }
        let questions = grants().flat_map(|grant| {
            let chain = [from, to];
            analysis.slots(grant, &chain, &[]).into_iter().filter_map(move |slot| {
                let formula = analysis.policy.allowed_by(0, &slot, grant, &Counting::Given)?;
                Some(Question { slots: vec![slot], one_session: false, formula })
            })
        });
        let known = match analysis.first(questions) {
            Found::Some(_) => Some(true),
            Found::None => Some(false),
            Found::Undecided(_) => None,
        };
        edges().insert(delegate, known);
        known
    }
}

/// What is reached from an agent, itself included; `next` gives whom an agent leads to beyond
/// those that were reached before.
fn closure(from: AgentId, next: impl Fn(AgentId, &AgentSet) -> AgentSet) -> AgentSet {
    let mut reached = AgentSet::only(from);
    let mut queue = vec![from];
    while let Some(agent) = queue.pop() {
        let new = next(agent, &reached);
        queue.extend(new.iter());
        reached = reached.union(&new);
    }
    reached
}
