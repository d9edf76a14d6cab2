//! What is remembered between checks of a project, shared by the threads of one.

use crate::analysis::Analysis;
use crate::granted::Granted;
use crate::hand_over::{self, HandOvers};
use crate::rules::combination::Known;
use crate::rules::{delegated_reach, forbid_never_bites};
use crate::smt;
use crate::smt::question::Forbidding;
use crate::smt::term::{Answer, Problem};
use bailiwick_compiler::model::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is worth remembering between checks, and shared by the threads of one. It holds no
/// positions and no ids of grants, which change when a grant comes or goes.
#[derive(Default)]
pub struct Remembered {
    /// What the solver said of a problem. A problem is its whole content, so whoever asks the
    /// same again, after an edit or for another subject of the same shape, shares the answer.
    answers: Mutex<HashMap<Problem, Answer>>,
    /// Who can hand over to whom.
    pub hand_overs: HandOvers,
    /// What is known of what agents reach.
    pub reach: delegated_reach::Known,
    /// What is known of forbids.
    pub forbids: forbid_never_bites::Known,
    /// What each agent is granted.
    pub granted: Vec<Granted>,
    /// What forbids each agent.
    pub forbidding: Arc<Forbidding>,
    /// What is known of each combination, in the model's order.
    pub combinations: Vec<Mutex<Known>>,
}

impl Remembered {
    /// Nothing yet, about a model.
    pub fn new(model: &Model, grants_of: &[Vec<GrantId>]) -> Self {
        let combinations = model.combinations.iter().map(|_| Mutex::default()).collect();
        let forbidding = Arc::new(Forbidding::of(model));
        let mut new = Self { combinations, forbidding, ..Self::default() };
        new.advance(model, grants_of, &AgentSet::all(model.agents.len()));
        new
    }

    /// Forgets what depends on the grants of these agents. Gives the agents from which one of them
    /// is reached, and what these showed of themselves.
    pub fn advance(
        &mut self,
        model: &Model,
        grants_of: &[Vec<GrantId>],
        changed: &AgentSet,
    ) -> (AgentSet, Shown) {
        if changed.is_empty() {
            return Default::default();
        }
        for known in &mut self.combinations {
            known.get_mut().unwrap_or_else(PoisonError::into_inner).forget(changed);
        }
        let reach = self.reach.forget(changed);
        self.forbids.forget(changed);
        self.granted.resize_with(model.agents.len(), Granted::default);
        for agent in changed.iter() {
            let grants = grants_of[agent.index()].iter().map(|&grant| model.grant(grant));
            self.granted[agent.index()] = Granted::of(grants);
        }
        let (concerned, hand_overs) = self.hand_overs.advance(model, grants_of, changed);
        (concerned, Shown { changed: changed.clone(), known: Some((hand_overs, reach)) })
    }

    /// The agents that a grant gives one of these operations.
    pub fn may_call<'a>(&'a self, ops: &'a OpSet) -> impl Iterator<Item = AgentId> + 'a {
        let granted = self.granted.iter().enumerate();
        granted.filter(|(_, granted)| granted.ops.meets(ops)).map(|(at, _)| AgentId::at(at))
    }

    /// What the solver says of a problem.
    pub fn solved(&self, problem: &Problem) -> Answer {
        let answers = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = answers().get(problem) {
            return known.clone();
        }
        let answer = smt::solve::solve(problem);
        answers().insert(problem.clone(), answer.clone());
        answer
    }
}

/// What agents whose grants changed showed of themselves, before, to those from whom hand-overs lead
/// to them. Where they show the same again nothing that rests on it can be otherwise.
#[derive(Default)]
pub struct Shown {
    changed: AgentSet,
    known: Option<(hand_over::Shown, delegated_reach::Shown)>,
}

impl Shown {
    /// Nobody knows what they showed.
    pub fn unknown(changed: &AgentSet) -> Self {
        Self { changed: changed.clone(), known: None }
    }

    /// The agents that show something else now.
    pub fn otherwise(&self, analysis: &Analysis) -> AgentSet {
        let Some((hand_overs, reach)) = &self.known else { return self.changed.clone() };
        let same = |agent: &AgentId| hand_overs.again(analysis, *agent) && reach.again(analysis, *agent);
        self.changed.iter().filter(|agent| !same(agent)).collect()
    }
}
