//! Whether the legs can be filled by the requests of some agents.

use super::unit::Unit;
use super::{Reach, Search};
use crate::analysis::{Analysis, Found};
use crate::rules::object::Filler;
use crate::smt::question::{Counting, Formula, Question, Slot};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use std::sync::Arc;

/// The most choices of candidates that are asked about together for one unit.
const CHOICES: usize = 1000;

/// A way to fill a leg: a grant and a shape of request.
#[derive(Clone)]
struct Candidate<'m> {
    grant: &'m Grant,
    slot: Slot,
}

/// Whether some legs can be filled.
pub enum Filled {
    No,
    By(Vec<(usize, Request)>),
    Undecided(String),
}

impl<'a> Search<'a> {
    /// Looks at the grants of agents that changed: which legs they could fill.
    pub(super) fn refresh(&mut self) {
        let agents = AgentSet::all(self.analysis.model.agents.len());
        let stale = agents.minus(&self.known.fresh);
        self.known.possible.resize_with(self.rule.legs.len(), AgentSet::new);
        for (leg, able) in self.rule.legs.iter().zip(&mut self.known.possible) {
            *able = able.minus(&stale);
            let new = stale.iter().filter(|&agent| possible(self.analysis, leg, agent));
            *able = able.union(&new.collect());
        }
        self.known.fresh = agents;
    }

    /// Whether the unit can fill the legs.
    pub(super) fn fill(&mut self, unit: &Unit, legs: &[usize]) -> Filled {
        let filled = self.fill_by(unit, &unit.agents, legs);
        let Some(from) = unit.from().filter(|_| !matches!(filled, Filled::No)) else { return filled };
        // The hand-overs are declared; only now is it worth asking whether they can happen.
        let analysis = self.analysis;
        let usable = analysis.remembered.hand_overs.usable(analysis, from);
        let filled = self.fill_by(unit, &usable.sure, legs);
        if !matches!(filled, Filled::No) {
            return filled;
        }
        match self.fill_by(unit, &usable.perhaps, legs) {
            Filled::No => Filled::No,
            Filled::By(_) | Filled::Undecided(_) => {
                Filled::Undecided("whether a delegation on the way can be used is undecided".into())
            }
        }
    }

    fn fill_by(&mut self, unit: &Unit, agents: &AgentSet, legs: &[usize]) -> Filled {
        if !legs.iter().all(|&leg| self.known.possible[leg].meets(agents)) {
            return Filled::No;
        }
        let (mut requests, mut undecided) = (Vec::new(), None);
        for tied in self.tied(legs) {
            let filled = match (&*tied, self.rule.scope) {
                ([leg], Scope::Agent | Scope::Delegation | Scope::Owner) => self.fill_alone(agents, *leg),
                (_, _) => self.fill_together(unit, agents, &tied),
            };
            match filled {
                Filled::No => return Filled::No,
                Filled::Undecided(why) => undecided = undecided.or(Some(why)),
                Filled::By(found) => requests.extend(found),
            }
        }
        requests.sort_by_key(|(leg, _)| *leg);
        undecided.map_or(Filled::By(requests), Filled::Undecided)
    }

    /// The legs in groups, each of which must be asked about together: those of a session, and
    /// those that are joined, directly or through others.
    fn tied(&self, legs: &[usize]) -> Vec<Vec<usize>> {
        if self.rule.scope == Scope::Session {
            return vec![legs.to_vec()];
        }
        let mut groups: Vec<Vec<usize>> = legs.iter().map(|&leg| vec![leg]).collect();
        for join in &self.rule.joins {
            let of = |leg: usize| groups.iter().position(|group| group.contains(&leg));
            if let (Some(left), Some(right)) = (of(join.left), of(join.right))
                && left != right
            {
                let (first, second) = (left.min(right), left.max(right));
                let moved = groups.remove(second);
                groups[first].extend(moved);
            }
        }
        groups
    }

    fn fill_alone(&mut self, agents: &AgentSet, leg: usize) -> Filled {
        let mut undecided = None;
        for agent in agents.intersection(&self.known.possible[leg]).iter() {
            match self.reach(leg, agent) {
                Reach::No => {}
                Reach::Undecided(why) => undecided = undecided.or(Some(why)),
                Reach::Yes(request) => return Filled::By(vec![(leg, (*request).clone())]),
            }
        }
        undecided.map_or(Filled::No, Filled::Undecided)
    }

    /// One question for all legs, for each choice of candidates.
    fn fill_together(&self, unit: &Unit, agents: &AgentSet, legs: &[usize]) -> Filled {
        let mut undecided = None;
        let mut choices: Vec<Vec<Candidate>> = vec![Vec::new()];
        for &leg in legs {
            let mut ways = Vec::new();
            for agent in agents.intersection(&self.known.possible[leg]).iter() {
                for candidate in self.candidates(leg, agent, unit.purpose()) {
                    match self.alone(leg, &candidate) {
                        Found::None => {}
                        Found::Some(_) | Found::Undecided(_) => ways.push(candidate),
                    }
                }
            }
            choices = choices
                .iter()
                .flat_map(|choice| {
                    ways.iter().map(move |way| [choice.as_slice(), std::slice::from_ref(way)].concat())
                })
                .take(CHOICES + 1)
                .collect();
            if choices.len() > CHOICES {
                return Filled::Undecided(format!(
                    "there are more than {CHOICES} ways to choose its legs' calls"
                ));
            }
        }
        for choice in choices {
            let filled = choice
                .iter()
                .zip(legs)
                .enumerate()
                .map(|(at, (candidate, &leg))| self.filled(at, &self.rule.legs[leg], candidate));
            let Some(mut parts) = filled.collect::<Option<Vec<_>>>() else { continue };
            for join in &self.rule.joins {
                let at = |leg: usize| legs.iter().position(|&other| other == leg);
                let (Some(left), Some(right)) = (at(join.left), at(join.right)) else { continue };
                parts.push(match &join.on {
                    JoinOn::Args(left_arg, right_arg) => Formula::Join {
                        left: (left, left_arg.clone()),
                        right: (right, right_arg.clone()),
                        absent: false,
                    },
                    JoinOn::Resources => {
                        let filler =
                            |at: usize| self.filler(at, &self.rule.legs[legs[at]], choice[at].slot.op);
                        filler(left).meets(&filler(right))
                    }
                });
            }
            let question = Question {
                slots: choice.into_iter().map(|candidate| candidate.slot).collect(),
                one_session: self.rule.scope == Scope::Session,
                formula: Formula::All(parts),
            };
            match self.analysis.ask(&question) {
                Found::None => {}
                Found::Some(requests) => return Filled::By(legs.iter().copied().zip(requests).collect()),
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
            }
        }
        undecided.map_or(Filled::No, Filled::Undecided)
    }

    /// An agent's grants, operations and labels that could fill a leg.
    fn candidates(&self, leg: usize, agent: AgentId, purpose: Option<PurposeId>) -> Vec<Candidate<'a>> {
        let model = self.analysis.model;
        let leg = &self.rule.legs[leg];
        let apart: Vec<&ClassSet> = leg.meets.iter().collect();
        let mut candidates = Vec::new();
        for &id in &self.analysis.grants_of[agent.index()] {
            let grant = model.grant(id);
            if purpose.is_some_and(|purpose| purpose != grant.purpose)
                || !grant.lines.iter().any(|line| line.ops.meets(&leg.ops))
            {
                continue;
            }
            for slot in self.analysis.slots(grant, &[agent], &apart) {
                if leg.ops.contains(slot.op) && leg.meets.as_ref().is_none_or(|met| met.meets(&slot.data)) {
                    candidates.push(Candidate { grant, slot });
                }
            }
        }
        candidates
    }

    /// Whether an agent can fill a leg by itself.
    fn reach(&mut self, leg: usize, agent: AgentId) -> Reach {
        if let Some(known) = self.known.reach.get(&(leg, agent)) {
            return known.clone();
        }
        let mut reach = Reach::No;
        for candidate in self.candidates(leg, agent, None) {
            match self.alone(leg, &candidate) {
                Found::None => {}
                Found::Undecided(why) => reach = Reach::Undecided(why),
                Found::Some(mut requests) => {
                    if let Some(request) = requests.pop() {
                        reach = Reach::Yes(Arc::new(request));
                        break;
                    }
                }
            }
        }
        self.known.reach.insert((leg, agent), reach.clone());
        reach
    }

    /// Whether a candidate fills a leg when nothing else is asked.
    fn alone(&self, leg: usize, candidate: &Candidate<'a>) -> Found {
        match self.filled(0, &self.rule.legs[leg], candidate) {
            None => Found::None,
            Some(formula) => {
                let slots = vec![candidate.slot.clone()];
                self.analysis.ask(&Question { slots, one_session: false, formula })
            }
        }
    }

    /// The request of that slot fills the leg.
    fn filled(&self, at: usize, leg: &'a Leg, candidate: &Candidate<'a>) -> Option<Formula<'a>> {
        let policy = &self.analysis.policy;
        let Candidate { grant, slot } = candidate;
        let asks_approval =
            leg.cond.literals().iter().any(|literal| matches!(literal.atom, Atom::Approved(_)));
        let mut parts = vec![Formula::cond(at, &leg.cond), self.filler(at, leg, slot.op).fits()];
        if leg.unless_approved && !asks_approval {
            // The same request without its approvals fills the leg too, so it carries none.
            parts.push(policy.allowed_by(at, slot, grant, &Counting::Nobody)?);
        } else {
            parts.push(policy.allowed_by(at, slot, grant, &Counting::Given)?);
        }
        if leg.unless_approved && asks_approval {
            let model = self.analysis.model;
            let grants = self.analysis.grants_of[slot.chain[0].index()].iter().map(|&id| model.grant(id));
            parts.push(policy.allowed(at, slot, grants, &Counting::Nobody));
        }
        Some(Formula::All(parts))
    }

    pub(super) fn filler(&self, slot: usize, leg: &'a Leg, op: OpId) -> Filler<'a> {
        Filler { model: self.analysis.model, slot, op, leg }
    }
}

/// Whether an agent has a grant with an operation and a label that could fill a leg.
fn possible(analysis: &Analysis, leg: &Leg, agent: AgentId) -> bool {
    let model = analysis.model;
    analysis.grants_of[agent.index()].iter().any(|&grant| {
        let grant = model.grant(grant);
        grant.lines.iter().filter(|line| line.ops.meets(&leg.ops)).any(|line| {
            line.ops.intersection(&leg.ops).iter().any(|op| {
                let meets = |met: &ClassSet| met.meets(&model.op(op).labels.intersection(&grant.covers));
                leg.meets.as_ref().is_none_or(meets)
            })
        })
    })
}
