//! The units of a scope: agents whose requests count together.

use super::Search;
use bailiwick_compiler::model::*;

/// Which unit of a rule's scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnitId {
    /// An agent's sessions for a purpose.
    Session(AgentId, PurposeId),
    /// An agent.
    Agent(AgentId),
    /// An agent and those that it can hand over to.
    Delegation(AgentId),
    /// A person or a team.
    Owner(PrincipalId),
}

/// A unit of a scope.
pub struct Unit {
    /// Which.
    pub id: UnitId,
    /// Whose requests count together.
    pub agents: AgentSet,
}

impl Unit {
    /// In a session: what it was opened for.
    pub fn purpose(&self) -> Option<PurposeId> {
        match self.id {
            UnitId::Session(_, purpose) => Some(purpose),
            UnitId::Agent(_) | UnitId::Delegation(_) | UnitId::Owner(_) => None,
        }
    }

    /// In a delegation: the agent from which the others are reached.
    pub fn from(&self) -> Option<AgentId> {
        match self.id {
            UnitId::Delegation(from) => Some(from),
            UnitId::Session(..) | UnitId::Agent(_) | UnitId::Owner(_) => None,
        }
    }
}

impl<'m> Search<'m> {
    /// The units of the rule's scope that could fill these legs, small ones first.
    pub(super) fn units(&self, legs: &[usize]) -> Vec<Unit> {
        let model = self.analysis.model;
        let possible: Vec<&AgentSet> = legs.iter().map(|&leg| &self.known.possible[leg]).collect();
        let could = |agents: &AgentSet| possible.iter().all(|able| able.meets(agents));
        let alone = || -> AgentSet {
            let (first, others) = possible.split_first().expect("a combination has legs");
            others.iter().fold((*first).clone(), |all, able| all.intersection(able))
        };
        let mut units: Vec<Unit> = match self.rule.scope {
            Scope::Session => alone()
                .iter()
                .flat_map(|agent| {
                    let grants = self.analysis.grants_of[agent.index()].iter();
                    let purposes: PurposeSet = grants.map(|&grant| model.grant(grant).purpose).collect();
                    let units = purposes.iter().map(|purpose| UnitId::Session(agent, purpose));
                    units.map(|id| Unit { id, agents: AgentSet::only(agent) }).collect::<Vec<_>>()
                })
                .collect(),
            Scope::Agent => alone()
                .iter()
                .map(|agent| Unit { id: UnitId::Agent(agent), agents: AgentSet::only(agent) })
                .collect(),
            Scope::Delegation => (0..model.agents.len())
                .map(AgentId::at)
                .map(|from| (from, self.analysis.remembered.hand_overs.declared(from)))
                .filter(|(_, agents)| could(agents))
                .map(|(from, agents)| Unit { id: UnitId::Delegation(from), agents: agents.clone() })
                .collect(),
            Scope::Owner => (0..model.principals.len())
                .map(PrincipalId::at)
                .map(|id| {
                    let mut owners = model.people_of(id);
                    owners.insert(id);
                    let agents = model.agents.iter().enumerate();
                    let agents = agents.filter(|(_, agent)| owners.contains(agent.owner));
                    Unit { id: UnitId::Owner(id), agents: agents.map(|(at, _)| AgentId::at(at)).collect() }
                })
                .filter(|unit| could(&unit.agents))
                .collect(),
        };
        units.sort_by_key(|unit| unit.agents.len());
        units
    }

    /// A unit as a subject of findings: its kind, its name, where it stands.
    pub(super) fn subject(&self, unit: &Unit) -> (&'static str, &'m Str, &'m Origin) {
        let model = self.analysis.model;
        match unit.id {
            UnitId::Session(agent, _) | UnitId::Agent(agent) | UnitId::Delegation(agent) => {
                let agent = model.agent(agent);
                ("agent", &agent.name, &agent.origin)
            }
            UnitId::Owner(id) => {
                let principal = model.principal(id);
                let kind = match principal.kind {
                    PrincipalKind::Person { .. } => "person",
                    PrincipalKind::Team { .. } => "team",
                };
                (kind, &principal.name, &principal.origin)
            }
        }
    }
}
