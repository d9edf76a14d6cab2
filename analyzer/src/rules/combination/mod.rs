//! What `separate` and `toxic` share: can these legs be filled within one scope?
//!
//! Within an agent, an owner or a delegation the requests are free of each other, so each leg is
//! a question of its own, remembered per agent. Within a session they share what the session is,
//! and with `joining` an argument or an object: then the legs so tied are one question, asked for
//! each choice of a grant, an operation and a label a leg.
//!
//! Requests made under delegation from an agent need not be looked at: whatever a delegate can
//! do for it, it can do itself (see `question`). What a hand-over adds are the delegate's own
//! direct requests.
//!
//! Bit sets come first: a unit is looked into only when for every leg one of its agents has some
//! grant with an operation and a label of that leg. What came of a unit stays known until a grant
//! of one of its agents changes.

#[cfg(test)]
mod brute;
mod fill;
mod finding;
mod unit;

use crate::analysis::Analysis;
use crate::kept::Findings;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use std::collections::HashMap;
use std::sync::Arc;
use unit::{Unit, UnitId};

/// What is known of a rule.
#[derive(Default)]
pub struct Known {
    /// For each leg, the agents with a grant that could fill it; of those that are not stale.
    possible: Vec<AgentSet>,
    /// For each agent, whether its grants have been looked at for `possible`.
    fresh: AgentSet,
    /// Whether an agent can fill a leg by itself.
    reach: HashMap<(usize, AgentId), Reach>,
    /// What came of a unit, for some legs, and on whose grants that depends.
    filled: HashMap<(Vec<usize>, UnitId), (AgentSet, Outcome)>,
    /// How many units the last examination looked into.
    looked: usize,
}

/// What is known of a leg and an agent.
#[derive(Clone)]
enum Reach {
    No,
    Yes(Arc<Request>),
    Undecided(String),
}

/// What came of a unit.
#[derive(Clone)]
enum Outcome {
    No,
    Found(Arc<Diagnostic>),
    Undecided(Arc<Diagnostic>),
}

impl Known {
    /// Forgets what depends on the grants of these agents.
    pub fn forget(&mut self, changed: &AgentSet) {
        self.fresh = self.fresh.minus(changed);
        self.reach.retain(|(_, agent), _| !changed.contains(*agent));
        self.filled.retain(|_, (agents, _)| !agents.meets(changed));
    }

    /// How many units the last examination looked into.
    pub fn looked_into(&self) -> usize {
        self.looked
    }
}

/// The examination of one rule.
struct Search<'a> {
    analysis: &'a Analysis<'a>,
    rule: &'a Combination,
    known: &'a mut Known,
}

/// All findings of a rule: `code` is the rule's, and it speaks of its legs as `word`s.
pub fn examine(
    analysis: &Analysis,
    rule: &Combination,
    known: &mut Known,
    code: &'static str,
    word: &str,
) -> Findings {
    let all: Vec<usize> = (0..rule.legs.len()).collect();
    let together: Vec<Vec<usize>> = match rule.pairwise {
        true => all.iter().flat_map(|&b| (0..b).map(move |a| vec![a, b])).collect(),
        false => vec![all],
    };
    known.looked = 0;
    let mut search = Search { analysis, rule, known };
    search.refresh();
    let mut findings = Vec::new();
    for legs in together {
        // A unit within which a smaller one was found says nothing new.
        let mut single = AgentSet::new();
        let mut found: Vec<AgentSet> = Vec::new();
        for unit in search.units(&legs) {
            let says_nothing_new =
                |agents: &AgentSet| single.meets(agents) || found.iter().any(|one| one.is_subset(agents));
            // What is declared comes first, since whether it can be used has to be asked.
            if says_nothing_new(&unit.agents) && says_nothing_new(search.together(&unit)) {
                continue;
            }
            match search.outcome(&unit, &legs, code, word) {
                Outcome::No => {}
                Outcome::Found(finding) => {
                    findings.push(finding);
                    let agents = search.together(&unit);
                    match agents.len() {
                        1 => single = single.union(agents),
                        _ => found.push(agents.clone()),
                    }
                }
                Outcome::Undecided(finding) => findings.push(finding),
            }
        }
    }
    findings
}

impl Search<'_> {
    /// The agents of a unit whose requests surely count together.
    fn together<'u>(&'u self, unit: &'u Unit) -> &'u AgentSet {
        match unit.from() {
            Some(from) => &self.analysis.remembered.hand_overs.usable(self.analysis, from).sure,
            None => &unit.agents,
        }
    }

    /// What comes of a unit, remembered or looked into now.
    fn outcome(&mut self, unit: &Unit, legs: &[usize], code: &'static str, word: &str) -> Outcome {
        let key = (legs.to_vec(), unit.id);
        if let Some((_, outcome)) = self.known.filled.get(&key) {
            return outcome.clone();
        }
        self.known.looked += 1;
        let outcome = match self.fill(unit, legs) {
            fill::Filled::No => Outcome::No,
            fill::Filled::By(requests) => Outcome::Found(Arc::new(self.finding(unit, requests, code, word))),
            fill::Filled::Undecided(why) => {
                let (kind, name, origin) = self.subject(unit);
                let about = format!("{code}` for `{}", self.rule.name);
                let Origin { module, span } = &self.rule.origin;
                let diagnostic = self.analysis.undecided(&about, kind, name, origin, &why);
                let mut diagnostic = diagnostic.label(module, *span, "the rule");
                diagnostic.rule = Some(self.rule.name.clone());
                Outcome::Undecided(Arc::new(diagnostic))
            }
        };
        self.known.filled.insert(key, (unit.agents.clone(), outcome.clone()));
        outcome
    }
}
