//! What `separate` and `toxic` share: can these legs be filled within one scope?
//!
//! Within an agent, an owner or a delegation the requests are free of each other, so each leg is
//! a question of its own, remembered per agent. Within a session they share what the session is,
//! and with `joining` an argument: then the legs are one question, asked for each choice of a
//! grant, an operation and a label a leg.
//!
//! Requests made under delegation from an agent need not be looked at: whatever a delegate can
//! do for it, it can do itself (see `question`). What a hand-over adds are the delegate's own
//! direct requests.

use crate::analysis::{Analysis, Found};
use crate::smt::question::{Counting, Formula, Question, Slot};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use std::collections::BTreeMap;

/// The most choices of candidates that are asked about together for one unit.
const CHOICES: usize = 1000;

/// A unit of a scope: the agents whose requests count together.
struct Unit {
    kind: &'static str,
    name: Str,
    origin: Origin,
    agents: AgentSet,
    /// In a session: what it was opened for.
    purpose: Option<PurposeId>,
    /// In a delegation: the agent from which the others are reached.
    from: Option<AgentId>,
}

/// A way to fill a leg: a grant and a shape of request.
#[derive(Clone)]
struct Candidate<'m> {
    grant: &'m Grant,
    slot: Slot,
}

/// What is known of a leg and an agent.
#[derive(Clone)]
enum Reach {
    No,
    Yes(Box<Request>),
    Undecided(String),
}

/// The search for one rule.
pub struct Search<'a, 'm> {
    analysis: &'a Analysis<'m>,
    rule: &'m Combination,
    reach: BTreeMap<(usize, AgentId), Reach>,
    edges: BTreeMap<(AgentId, AgentId), Option<bool>>,
}

/// The finding of a unit.
enum Filled {
    No,
    By(Vec<(usize, Request)>),
    Undecided(String),
}

/// All findings of a rule: `code` is the rule's, and it speaks of its legs as `word`s.
pub fn examine<'m>(
    analysis: &Analysis<'m>,
    rule: &'m Combination,
    code: &'static str,
    word: &str,
) -> Vec<Diagnostic> {
    let all: Vec<usize> = (0..rule.legs.len()).collect();
    let together: Vec<Vec<usize>> = match rule.pairwise {
        true => all.iter().flat_map(|&b| (0..b).map(move |a| vec![a, b])).collect(),
        false => vec![all],
    };
    let mut search = Search { analysis, rule, reach: BTreeMap::new(), edges: BTreeMap::new() };
    let units = search.units();
    let mut diagnostics = Vec::new();
    for legs in &together {
        // A unit within which a smaller one was found says nothing new.
        let mut found: Vec<AgentSet> = Vec::new();
        for unit in &units {
            if found.iter().any(|agents| agents.is_subset(&unit.agents)) {
                continue;
            }
            match search.fill(unit, legs) {
                Filled::No => {}
                Filled::By(requests) => {
                    found.push(unit.agents.clone());
                    diagnostics.push(search.finding(unit, requests, code, word));
                }
                Filled::Undecided(why) => {
                    let about = format!("{code}` for `{}", rule.name);
                    let mut diagnostic =
                        analysis.undecided(&about, unit.kind, &unit.name, &unit.origin, &why);
                    diagnostic.rule = Some(rule.name.clone());
                    diagnostics.push(diagnostic);
                }
            }
        }
    }
    diagnostics
}

impl<'m> Search<'_, 'm> {
    /// The units of the rule's scope, small ones first.
    fn units(&self) -> Vec<Unit> {
        let model = self.analysis.model;
        let agents = || (0..model.agents.len()).map(AgentId::at);
        let of_agent = |id: AgentId, agents: AgentSet, purpose, from| {
            let agent = model.agent(id);
            Unit {
                kind: "agent",
                name: agent.name.clone(),
                origin: agent.origin.clone(),
                agents,
                purpose,
                from,
            }
        };
        let mut units: Vec<Unit> = match self.rule.scope {
            Scope::Session => agents()
                .flat_map(|id| {
                    let grants = self.analysis.grants_of[id.index()].iter();
                    let purposes: PurposeSet = grants.map(|&grant| model.grant(grant).purpose).collect();
                    purposes
                        .iter()
                        .map(|purpose| of_agent(id, AgentSet::only(id), Some(purpose), None))
                        .collect::<Vec<_>>()
                })
                .collect(),
            Scope::Agent => agents().map(|id| of_agent(id, AgentSet::only(id), None, None)).collect(),
            Scope::Delegation => {
                agents().map(|id| of_agent(id, self.reached(id, &mut |_, _| true), None, Some(id))).collect()
            }
            Scope::Owner => (0..model.principals.len())
                .map(PrincipalId::at)
                .map(|id| {
                    let mut owners = model.people_of(id);
                    owners.insert(id);
                    let principal = model.principal(id);
                    let kind = match principal.kind {
                        PrincipalKind::Person { .. } => "person",
                        PrincipalKind::Team { .. } => "team",
                    };
                    let agents =
                        agents().filter(|&agent| owners.contains(model.agent(agent).owner)).collect();
                    let (name, origin) = (principal.name.clone(), principal.origin.clone());
                    Unit { kind, name, origin, agents, purpose: None, from: None }
                })
                .collect(),
        };
        units.sort_by_key(|unit| unit.agents.len());
        units
    }

    /// The agent, and all that can be reached from it by hand-overs of which `usable` holds.
    fn reached(&self, from: AgentId, usable: &mut impl FnMut(AgentId, AgentId) -> bool) -> AgentSet {
        let mut reached = AgentSet::only(from);
        let mut queue = vec![from];
        while let Some(agent) = queue.pop() {
            for &grant in &self.analysis.grants_of[agent.index()] {
                for clause in &self.analysis.model.grant(grant).delegates {
                    for next in clause.to.minus(&reached).iter() {
                        if usable(agent, next) && reached.insert(next) {
                            queue.push(next);
                        }
                    }
                }
            }
        }
        reached
    }

    /// Whether an agent can hand anything over to another; `None` when nobody knows.
    fn hands_over(&mut self, from: AgentId, to: AgentId) -> Option<bool> {
        if let Some(known) = self.edges.get(&(from, to)) {
            return *known;
        }
        let analysis = self.analysis;
        let grants = analysis.grants_of[from.index()].iter().map(|&grant| analysis.model.grant(grant));
        let questions = grants.flat_map(|grant| {
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
        self.edges.insert((from, to), known);
        known
    }

    fn fill(&mut self, unit: &Unit, legs: &[usize]) -> Filled {
        let filled = self.fill_by(unit, &unit.agents, legs);
        let Some(from) = unit.from.filter(|_| !matches!(filled, Filled::No)) else { return filled };
        // The hand-overs are declared; only now is it worth asking whether they can happen.
        let mut usable = BTreeMap::new();
        loop {
            let mut missing = None;
            let sure = self.reached(from, &mut |a, b| match usable.get(&(a, b)) {
                Some(known) => *known == Some(true),
                None => {
                    missing = missing.or(Some((a, b)));
                    false
                }
            });
            let Some((a, b)) = missing else {
                let filled = self.fill_by(unit, &sure, legs);
                if !matches!(filled, Filled::No) {
                    return filled;
                }
                break;
            };
            usable.insert((a, b), self.hands_over(a, b));
        }
        let perhaps =
            self.reached(from, &mut |a, b| usable.get(&(a, b)).is_none_or(|known| *known != Some(false)));
        match self.fill_by(unit, &perhaps, legs) {
            Filled::No => Filled::No,
            _ => Filled::Undecided("whether a delegation on the way can be used is undecided".into()),
        }
    }

    fn fill_by(&mut self, unit: &Unit, agents: &AgentSet, legs: &[usize]) -> Filled {
        let joined =
            self.rule.joins.iter().any(|join| legs.contains(&join.left) && legs.contains(&join.right));
        // Bit sets first: every leg needs an agent with some candidate.
        if !legs.iter().all(|&leg| agents.iter().any(|agent| self.possible(leg, agent))) {
            return Filled::No;
        }
        if joined || self.rule.scope == Scope::Session {
            return self.fill_together(unit, agents, legs);
        }
        let (mut requests, mut undecided) = (Vec::new(), None);
        for &leg in legs {
            let mut best = Reach::No;
            for agent in agents.iter() {
                match self.reach(leg, agent) {
                    Reach::No => {}
                    Reach::Undecided(why) => best = Reach::Undecided(why),
                    yes @ Reach::Yes(_) => {
                        best = yes;
                        break;
                    }
                }
            }
            match best {
                Reach::No => return Filled::No,
                Reach::Undecided(why) => undecided = undecided.or(Some(why)),
                Reach::Yes(request) => requests.push((leg, *request)),
            }
        }
        undecided.map_or(Filled::By(requests), Filled::Undecided)
    }

    /// One question for all legs, for each choice of candidates.
    fn fill_together(&mut self, unit: &Unit, agents: &AgentSet, legs: &[usize]) -> Filled {
        let mut undecided = None;
        let mut choices: Vec<Vec<Candidate>> = vec![Vec::new()];
        for &leg in legs {
            let mut ways = Vec::new();
            for agent in agents.iter() {
                for candidate in self.candidates(leg, agent, unit.purpose) {
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
                if let (Some(left), Some(right)) = (at(join.left), at(join.right)) {
                    let left = (left, join.left_arg.clone());
                    parts.push(Formula::Join(left, (right, join.right_arg.clone())));
                }
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
    fn candidates(&self, leg: usize, agent: AgentId, purpose: Option<PurposeId>) -> Vec<Candidate<'m>> {
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

    /// Whether an agent has a grant with an operation and a label that could fill a leg.
    fn possible(&self, leg: usize, agent: AgentId) -> bool {
        let model = self.analysis.model;
        let leg = &self.rule.legs[leg];
        self.analysis.grants_of[agent.index()].iter().any(|&grant| {
            let grant = model.grant(grant);
            grant.lines.iter().any(|line| {
                line.ops.intersection(&leg.ops).iter().any(|op| {
                    let labels = model.op(op).labels.intersection(&grant.covers);
                    leg.meets.as_ref().is_none_or(|met| met.meets(&labels))
                })
            })
        })
    }

    /// Whether an agent can fill a leg by itself.
    fn reach(&mut self, leg: usize, agent: AgentId) -> Reach {
        if let Some(known) = self.reach.get(&(leg, agent)) {
            return known.clone();
        }
        let mut reach = Reach::No;
        for candidate in self.candidates(leg, agent, None) {
            match self.alone(leg, &candidate) {
                Found::None => {}
                Found::Undecided(why) => reach = Reach::Undecided(why),
                Found::Some(mut requests) => {
                    if let Some(request) = requests.pop() {
                        reach = Reach::Yes(Box::new(request));
                        break;
                    }
                }
            }
        }
        self.reach.insert((leg, agent), reach.clone());
        reach
    }

    /// Whether a candidate fills a leg when nothing else is asked.
    fn alone(&self, leg: usize, candidate: &Candidate<'m>) -> Found {
        match self.filled(0, &self.rule.legs[leg], candidate) {
            None => Found::None,
            Some(formula) => {
                let slots = vec![candidate.slot.clone()];
                self.analysis.ask(&Question { slots, one_session: false, formula })
            }
        }
    }

    /// The request of that slot fills the leg.
    fn filled(&self, at: usize, leg: &'m Leg, candidate: &Candidate<'m>) -> Option<Formula<'m>> {
        let policy = &self.analysis.policy;
        let Candidate { grant, slot } = candidate;
        let asks_approval =
            leg.cond.literals().iter().any(|literal| matches!(literal.atom, Atom::Approved(_)));
        let mut parts = vec![Formula::cond(at, &leg.cond)];
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

    fn finding(
        &self,
        unit: &Unit,
        requests: Vec<(usize, Request)>,
        code: &'static str,
        word: &str,
    ) -> Diagnostic {
        let (model, rule) = (self.analysis.model, self.rule);
        let deeds: Vec<String> = requests
            .iter()
            .map(|(leg, request)| {
                let by = match unit.agents.len() {
                    1 => String::new(),
                    _ => format!(" by `{}`", model.agent(request.chain[0]).name),
                };
                format!("`{}` with {}{by}", rule.legs[*leg].name, self.analysis.call(request))
            })
            .collect();
        let who = match (unit.kind, rule.scope) {
            ("agent", Scope::Session) => {
                let purpose = unit
                    .purpose
                    .map_or_else(String::new, |purpose| format!(" for `{}`", model.purpose(purpose).name));
                format!("one session{purpose} of {}", self.analysis.agent_of(self.first(unit)))
            }
            ("agent", Scope::Delegation) if unit.agents.len() > 1 => {
                format!(
                    "{} with those it can delegate to",
                    self.analysis.agent_of(unit.from.unwrap_or(self.first(unit)))
                )
            }
            ("agent", _) => self.analysis.agent_of(self.first(unit)),
            (kind, _) => format!("{kind} `{}`, through the agents owned,", unit.name),
        };
        let all = if rule.pairwise { "two duties" } else { "all legs" };
        let message = format!("{who} can fill {all} of `{}`: {}", rule.name, deeds.join("; "));
        let mut diagnostic = Diagnostic::new(code, rule.severity, message)
            .at(&unit.origin.module, unit.origin.span)
            .label(&rule.origin.module, rule.origin.span, "the rule")
            .about(unit.kind, &unit.name)
            .help(match rule.pairwise {
                true => format!(
                    "give one of these duties to an agent outside the {}, or forbid it here",
                    scope_name(rule.scope)
                ),
                false => {
                    "take one leg away: split the agent, forbid the call, or demand an approval for it".into()
                }
            });
        for (leg, request) in &requests {
            let name = &rule.legs[*leg].name;
            diagnostic = diagnostic.label(
                &rule.origin.module,
                rule.legs[*leg].span,
                format!("{word} `{name}`: {}", self.analysis.call(request)),
            );
            let allowing = model
                .grants
                .iter()
                .find(|grant| bailiwick_compiler::evaluator::authorises(model, grant, request));
            if let Some(grant) = allowing {
                let text = format!("`{name}` is allowed here, to `{}`", model.agent(grant.to).name);
                diagnostic = diagnostic.label(&grant.origin.module, grant.origin.span, text);
            }
        }
        for (from, to) in self.path(unit, &requests) {
            let grants = self.analysis.grants_of[from.index()].iter().map(|&id| model.grant(id));
            let clause = grants
                .flat_map(|grant| grant.delegates.iter().map(move |clause| (grant, clause)))
                .find(|(_, clause)| clause.to.contains(to));
            if let Some((grant, clause)) = clause {
                let text =
                    format!("`{}` hands over to `{}` here", model.agent(from).name, model.agent(to).name);
                diagnostic = diagnostic.label(&grant.origin.module, clause.span, text);
            }
        }
        diagnostic.rule = Some(rule.name.clone());
        diagnostic.references = rule.references.clone();
        let roles = requests.into_iter().map(|(leg, request)| (rule.legs[leg].name.to_string(), request));
        diagnostic.witness = Some(self.analysis.witness(roles));
        diagnostic
    }

    fn first(&self, unit: &Unit) -> AgentId {
        unit.agents.first().unwrap_or(AgentId(0))
    }

    /// The hand-overs that lead from a delegation's agent to those who make the requests.
    fn path(&self, unit: &Unit, requests: &[(usize, Request)]) -> Vec<(AgentId, AgentId)> {
        let Some(from) = unit.from else { return Vec::new() };
        let mut came: BTreeMap<AgentId, AgentId> = BTreeMap::new();
        self.reached(from, &mut |a, b| {
            let usable = self.edges.get(&(a, b)).copied().flatten() == Some(true);
            if usable {
                came.entry(b).or_insert(a);
            }
            usable
        });
        let mut steps = Vec::new();
        for (_, request) in requests {
            let mut at = request.chain[0];
            while let Some(&before) = came.get(&at).filter(|_| at != from) {
                if steps.contains(&(before, at)) {
                    break;
                }
                steps.push((before, at));
                at = before;
            }
        }
        steps
    }
}

fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Session => "session",
        Scope::Agent => "agent",
        Scope::Delegation => "delegation",
        Scope::Owner => "owner",
    }
}
