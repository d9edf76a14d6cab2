//! Who can be reached from whom by delegation.
//!
//! A hand-over is *declared* when a grant of one agent names the other as a delegate, and *usable*
//! when some request of that chain is allowed. What is declared is a closure over bit sets; whether
//! it is usable is asked only where it matters, a clause at a time and once for delegates that
//! nothing tells apart, and stays known until a grant of the one who hands over changes.

use crate::analysis::{Analysis, Found};
use crate::recall::Recall;
use crate::smt::question::{Counting, Formula, Question, Slot};
use bailiwick_compiler::model::*;
use bailiwick_grammar::Span;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};

/// A grant, and one of its delegate clauses.
#[derive(Clone, Copy)]
pub struct HandOver<'m> {
    /// The grant.
    pub grant: &'m Grant,
    /// The clause.
    pub clause: &'m DelegateClause,
    /// The clause's number among those of all grants to the same agent.
    pub nth: usize,
}

/// The hand-overs of an agent, in the order of its grants.
pub fn hand_overs<'m>(analysis: &Analysis<'m>, from: AgentId) -> impl Iterator<Item = HandOver<'m>> {
    let model = analysis.model;
    let grants = analysis.grants_of[from.index()].iter().map(move |&id| model.grant(id));
    let clauses = grants.flat_map(|grant| grant.delegates.iter().map(move |clause| (grant, clause)));
    clauses.enumerate().map(|(nth, (grant, clause))| HandOver { grant, clause, nth })
}

/// Those of grants that have not expired.
pub fn living<'a, 'm>(analysis: &'a Analysis<'m>, from: AgentId) -> impl Iterator<Item = HandOver<'m>> + 'a {
    hand_overs(analysis, from).filter(move |one| one.lives(analysis))
}

impl<'m> HandOver<'m> {
    /// Whether the grant has not expired.
    fn lives(&self, analysis: &Analysis) -> bool {
        self.grant.expires.is_none_or(|expires| analysis.now < expires)
    }

    /// Whether the clause names the agent.
    pub fn names(&self, agent: AgentId) -> bool {
        self.clause.to.contains(agent)
    }

    /// The shapes of what it hands on to a delegate.
    pub fn shapes(&self, analysis: &Analysis, delegate: AgentId) -> Vec<Slot> {
        let covers = self.clause.only.as_ref().and_then(|only| only.covers.as_ref());
        analysis.slots(self.grant, &[self.grant.to, delegate], &covers.into_iter().collect::<Vec<_>>())
    }

    /// The grant authorises the request by that clause, whatever is forbidden.
    pub fn authorises(&self, analysis: &Analysis<'m>, slot: &Slot) -> Option<Formula<'m>> {
        analysis.policy.handed_on(0, slot, self.grant, self.clause, &Counting::Given)
    }

    /// A request that a delegate may make by it, right behind the grantee: with one of these
    /// shapes, all of which have the chain of the two.
    pub fn acting(&self, analysis: &Analysis<'m>, shapes: impl IntoIterator<Item = Slot>) -> Found {
        let questions = shapes.into_iter().filter_map(|slot| {
            let authorised = self.authorises(analysis, &slot)?;
            let forbidden = analysis.policy.forbidden(0, &slot, &Counting::Given);
            let formula = Formula::All(vec![authorised, forbidden.negate()]);
            Some(Question { slots: vec![slot], one_session: false, formula })
        });
        analysis.first(questions)
    }
}

/// What is known of hand-overs.
#[derive(Default)]
pub struct HandOvers {
    /// For each agent, what its grants say of delegates.
    clauses: Vec<Vec<Clause>>,
    /// For each agent, itself and all that declared hand-overs lead to.
    declared: Vec<AgentSet>,
    /// For each agent, whom it can hand over to itself.
    steps: Vec<OnceLock<Steps>>,
    /// For each agent, itself and those that usable ones lead to.
    usable: Vec<OnceLock<Usable>>,
    /// What a delegate of a kind can do by the nth clause of an agent's grants.
    acting: Recall<(AgentId, usize, usize), Arc<Found>>,
}

/// What a grant says of delegates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The grant's purpose.
    pub purpose: PurposeId,
    /// The delegates.
    pub to: AgentSet,
    /// When the grant ends, in seconds since 1970.
    expires: Option<i64>,
    /// The grant's name, and where in it the clause stands.
    place: (Str, Span),
}

/// Whom an agent can hand over to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usable {
    /// Those that it surely can.
    pub sure: AgentSet,
    /// Those of whom it is not proved that it cannot.
    pub perhaps: AgentSet,
}

/// Whom an agent can hand over to itself.
#[derive(Default, PartialEq, Eq)]
pub struct Steps {
    /// By any grant.
    ever: Usable,
    /// By a grant that lives on.
    pub now: Usable,
}

impl HandOvers {
    /// Takes in that the grants of these agents are not what they were. Gives the agents of which
    /// something may have changed, those from which one of these is reached; and what these showed.
    pub fn advance(
        &mut self,
        model: &Model,
        grants_of: &[Vec<GrantId>],
        changed: &AgentSet,
    ) -> (AgentSet, Shown) {
        let count = model.agents.len();
        self.clauses.resize_with(count, Vec::new);
        self.declared.resize_with(count, AgentSet::new);
        self.steps.resize_with(count, OnceLock::new);
        self.usable.resize_with(count, OnceLock::new);
        let mut shown = Shown { clauses: Vec::new(), steps: Vec::new(), acting: self.acting.forget(changed) };
        let mut redrawn = AgentSet::new();
        for agent in changed.iter() {
            let grants = grants_of[agent.index()].iter().map(|&grant| model.grant(grant));
            let clauses = grants.flat_map(|grant| {
                grant.delegates.iter().map(|DelegateClause { to, span, .. }| Clause {
                    purpose: grant.purpose,
                    to: to.clone(),
                    expires: grant.expires,
                    place: (grant.name.clone(), *span),
                })
            });
            let older = std::mem::replace(&mut self.clauses[agent.index()], clauses.collect());
            if named(&older) != named(&self.clauses[agent.index()]) || self.declared[agent.index()].is_empty()
            {
                redrawn.insert(agent);
            }
            shown.clauses.push((agent, older));
            shown.steps.extend(self.steps[agent.index()].take().map(|steps| (agent, steps)));
        }
        let direct: Vec<AgentSet> =
            if redrawn.is_empty() { Vec::new() } else { self.clauses.iter().map(|all| named(all)).collect() };
        let mut concerned = AgentSet::new();
        for at in 0..count {
            let agent = AgentId::at(at);
            // What an agent reaches depends on the agents that it reaches, and on no other.
            if self.declared[at].meets(changed) || changed.contains(agent) {
                self.usable[at] = OnceLock::new();
                concerned.insert(agent);
            }
            if self.declared[at].meets(&redrawn) || redrawn.contains(agent) {
                self.declared[at] = closure(agent, |agent| &direct[agent.index()]);
            }
        }
        (concerned, shown)
    }

    /// What the grants of all agents say of delegates, but for those that have expired.
    pub fn living_clauses(&self, now: i64) -> impl Iterator<Item = &Clause> {
        let lives = move |clause: &&Clause| clause.expires.is_none_or(|expires| now < expires);
        self.clauses.iter().flatten().filter(lives)
    }

    /// The agent, and all that its declared hand-overs lead to.
    pub fn declared(&self, from: AgentId) -> &AgentSet {
        &self.declared[from.index()]
    }

    /// The agents that declared hand-overs lead to from this one and back; itself at least.
    pub fn ring(&self, agent: AgentId) -> AgentSet {
        self.declared(agent).iter().filter(|&other| self.declared(other).contains(agent)).collect()
    }

    /// The agent, and all that its usable hand-overs lead to.
    pub fn usable(&self, analysis: &Analysis, from: AgentId) -> &Usable {
        self.usable[from.index()].get_or_init(|| Usable {
            sure: closure(from, |agent| &self.steps(analysis, agent).ever.sure),
            perhaps: closure(from, |agent| &self.steps(analysis, agent).ever.perhaps),
        })
    }

    /// Whom an agent can hand over to itself.
    pub fn steps(&self, analysis: &Analysis, from: AgentId) -> &Steps {
        self.steps[from.index()].get_or_init(|| {
            let mut steps = Steps::default();
            for hand_over in hand_overs(analysis, from) {
                for to in hand_over.clause.to.iter().filter(|&to| to != from) {
                    let found = self.by_kind(analysis, hand_over, to);
                    let lives = hand_over.lives(analysis);
                    for usable in [Some(&mut steps.ever), Some(&mut steps.now).filter(|_| lives)] {
                        let Some(usable) = usable else { continue };
                        match *found {
                            Found::None => {}
                            Found::Some(_) => _ = (usable.sure.insert(to), usable.perhaps.insert(to)),
                            Found::Undecided(_) => _ = usable.perhaps.insert(to),
                        }
                    }
                }
            }
            steps
        })
    }

    /// A shortest way of usable hand-overs.
    pub fn path(&self, analysis: &Analysis, from: AgentId, to: AgentId) -> Vec<(AgentId, AgentId)> {
        let mut came: BTreeMap<AgentId, AgentId> = BTreeMap::new();
        let mut reached = AgentSet::only(from);
        let mut queue = VecDeque::from([from]);
        while let Some(agent) = queue.pop_front().filter(|_| !reached.contains(to)) {
            for next in self.steps(analysis, agent).ever.sure.minus(&reached).iter() {
                reached.insert(next);
                came.insert(next, agent);
                queue.push_back(next);
            }
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

    /// A request that this delegate may make by a hand-over that names it.
    pub fn acting(&self, analysis: &Analysis, hand_over: HandOver, to: AgentId) -> Found {
        let mut found = (*self.by_kind(analysis, hand_over, to)).clone();
        if let Found::Some(requests) = &mut found {
            // It may have been asked of another one, that nothing tells apart from this.
            for request in requests.iter_mut().filter(|request| request.chain[1] != to) {
                request.chain[1] = to;
                if !analysis.allows(request) {
                    return Found::Undecided("internal error: a witness did not replay".into());
                }
            }
        }
        found
    }

    /// A request by which one agent hands over to another, by a grant that lives on; undecided when
    /// none is found and one may exist.
    pub fn by_living(&self, analysis: &Analysis, from: AgentId, to: AgentId) -> Found {
        let mut undecided = None;
        for hand_over in living(analysis, from).filter(|one| one.names(to)) {
            match self.acting(analysis, hand_over, to) {
                Found::None => {}
                Found::Some(requests) => return Found::Some(requests),
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
            }
        }
        undecided.map_or(Found::None, Found::Undecided)
    }

    /// What some delegate of the kind of this one may do.
    fn by_kind(&self, analysis: &Analysis, hand_over: HandOver, to: AgentId) -> Arc<Found> {
        let from = hand_over.grant.to;
        self.acting.of((from, hand_over.nth, analysis.policy.kind(to)), || {
            let found = hand_over.acting(analysis, hand_over.shapes(analysis, to));
            (AgentSet::only(from), Arc::new(found))
        })
    }
}

/// What some agents showed of their hand-overs to those from whom hand-overs lead to them.
pub struct Shown {
    clauses: Vec<(AgentId, Vec<Clause>)>,
    steps: Vec<(AgentId, Steps)>,
    acting: Vec<((AgentId, usize, usize), Arc<Found>)>,
}

impl Shown {
    /// Whether an agent shows the same now.
    pub fn again(&self, analysis: &Analysis, agent: AgentId) -> bool {
        let known = &analysis.remembered.hand_overs;
        let mut clauses = self.clauses.iter().filter(|(of, _)| *of == agent);
        let mut steps = self.steps.iter().filter(|(of, _)| *of == agent);
        clauses.all(|(_, clauses)| *clauses == known.clauses[agent.index()])
            && steps.all(|(_, steps)| steps == known.steps(analysis, agent))
            && self.acting.iter().filter(|((of, ..), _)| *of == agent).all(|((_, nth, kind), found)| {
                // The clauses are the same, so the nth is there.
                let hand_over = hand_overs(analysis, agent).nth(*nth);
                let to = hand_over
                    .and_then(|one| one.clause.to.iter().find(|&to| analysis.policy.kind(to) == *kind));
                hand_over.zip(to).is_some_and(|(one, to)| known.by_kind(analysis, one, to) == *found)
            })
    }
}

/// The delegates that clauses name.
fn named(clauses: &[Clause]) -> AgentSet {
    clauses.iter().fold(AgentSet::new(), |all, clause| all.union(&clause.to))
}

/// What is reached from an agent, itself included; `next` gives whom an agent leads to.
fn closure<'a>(from: AgentId, next: impl Fn(AgentId) -> &'a AgentSet) -> AgentSet {
    let mut reached = AgentSet::only(from);
    let mut queue = vec![from];
    while let Some(agent) = queue.pop() {
        let new = next(agent).minus(&reached);
        queue.extend(new.iter());
        reached = reached.union(&new);
    }
    reached
}
