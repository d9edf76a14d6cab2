//! A question: are there requests of these shapes of which this holds?
//!
//! What is finite about a request (chain, purpose, operation, labels) is fixed in its [`Slot`]:
//! rules enumerate those by bit sets, and two arguments keep that enumeration short.
//!
//! *Chains.* If a request is allowed, so is the same request with agents taken out of the chain
//! behind the root: clause 7 asks less of a shorter chain, the weakest hop's authentication must
//! meet fewer demands, and forbids look for *any* agent. So a question that asks for one agent
//! somewhere in the chain needs only that agent alone or right behind a root.
//!
//! *Labels.* If a request is allowed, so is the same request with fewer labels, as long as one is
//! left: grants cover *every* label, forbids meet *some*. So a question that asks for a label (a
//! leg that meets it, a need that does not cover it) needs only that label. For `always` it is
//! the other way round: there the largest set is the hardest.

use bailiwick_compiler::evaluator;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::reading::Predicate;
use bailiwick_grammar::ast::Pattern;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is fixed about a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The root first, the caller last.
    pub chain: Vec<AgentId>,
    /// The session's purpose.
    pub purpose: PurposeId,
    /// The operation.
    pub op: OpId,
    /// The labels; empty iff the operation touches nothing.
    pub data: ClassSet,
}

/// Whose approvals count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Those that the request carries.
    Given,
    /// Nobody's: the request is looked at as if it carried none.
    Nobody,
    /// Only those of these people.
    Only(PrincipalSet),
}

/// What is asked of the requests. `All([])` is true, `Any([])` is false.
#[derive(Clone, Debug)]
pub enum Formula<'m> {
    /// Every one holds.
    All(Vec<Formula<'m>>),
    /// At least one holds.
    Any(Vec<Formula<'m>>),
    /// It does not hold.
    Not(Box<Formula<'m>>),
    /// The condition holds of that slot's request.
    Cond(usize, &'m Cond, Counting),
    /// The approval is there.
    Approved(usize, &'m Demand, Counting),
    /// The grant's time window holds `now`, and the session is not older than its `ttl`.
    Timely(usize, &'m Grant),
    /// The session's authentication is at least this.
    Authn(usize, Authn),
    /// Both arguments are equal; when one is absent, this.
    Join {
        /// Slot and argument.
        left: (usize, Str),
        /// Slot and argument.
        right: (usize, Str),
        /// What holds when one is absent.
        absent: bool,
    },
    /// The text of that slot's argument matches, or it is absent.
    Matches((usize, Str), Pattern),
    /// The predicate holds of that slot's request. Where it speaks of delegates or labels, they
    /// are open: the slot's chain is its root alone, and its labels stand only where nothing asks.
    Is(usize, &'m Predicate),
}

impl<'m> Formula<'m> {
    /// Always true.
    pub const TRUE: Formula<'m> = Formula::All(Vec::new());
    /// Always false.
    pub const FALSE: Formula<'m> = Formula::Any(Vec::new());

    /// It does not hold.
    pub fn negate(self) -> Formula<'m> {
        Formula::Not(Box::new(self))
    }

    /// The condition holds, as the request stands.
    pub fn cond(slot: usize, cond: &'m Cond) -> Formula<'m> {
        Formula::Cond(slot, cond, Counting::Given)
    }

    /// Its truth, where that shows without a look at any request.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Formula::All(parts) => fold(parts.iter().map(Formula::truth), false),
            Formula::Any(parts) => fold(parts.iter().map(Formula::truth), true),
            Formula::Not(inner) => inner.truth().map(|truth| !truth),
            Formula::Cond(_, cond, _) => match cond {
                Cond::All(parts) if parts.is_empty() => Some(true),
                Cond::Any(parts) if parts.is_empty() => Some(false),
                Cond::All(_) | Cond::Any(_) | Cond::Literal(_) => None,
            },
            Formula::Approved(_, _, Counting::Nobody) => Some(false),
            Formula::Approved(_, _, Counting::Given | Counting::Only(_))
            | Formula::Timely(..)
            | Formula::Authn(..)
            | Formula::Join { .. }
            | Formula::Matches(..)
            | Formula::Is(..) => None,
        }
    }

    /// Calls `see` on every leaf.
    pub fn leaves(&self, see: &mut impl FnMut(&Formula<'m>)) {
        match self {
            Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| part.leaves(see)),
            Formula::Not(inner) => inner.leaves(see),
            Formula::Cond(..)
            | Formula::Approved(..)
            | Formula::Timely(..)
            | Formula::Authn(..)
            | Formula::Join { .. }
            | Formula::Matches(..)
            | Formula::Is(..) => see(self),
        }
    }

    /// What the evaluator says of it, for these requests: every answer is checked against this.
    pub fn holds(&self, model: &Model, requests: &[Request]) -> bool {
        match self {
            Formula::All(parts) => parts.iter().all(|part| part.holds(model, requests)),
            Formula::Any(parts) => parts.iter().any(|part| part.holds(model, requests)),
            Formula::Not(inner) => !inner.holds(model, requests),
            Formula::Cond(slot, cond, counting) => {
                evaluator::holds(model, cond, &counting.of(&requests[*slot]))
            }
            Formula::Approved(slot, demand, counting) => {
                evaluator::approval_given(model, demand, &counting.of(&requests[*slot]))
            }
            Formula::Timely(slot, grant) => {
                let Request { now, started, .. } = requests[*slot];
                grant.starts.is_none_or(|starts| starts <= now)
                    && grant.expires.is_none_or(|expires| now < expires)
                    && grant.ttl.is_none_or(|ttl| now - started <= ttl)
            }
            Formula::Authn(slot, least) => requests[*slot].authn >= *least,
            Formula::Join { left: (left, left_arg), right: (right, right_arg), absent } => {
                match (requests[*left].args.get(left_arg), requests[*right].args.get(right_arg)) {
                    (Some(left), Some(right)) => left == right,
                    (None, _) | (_, None) => *absent,
                }
            }
            Formula::Matches((slot, arg), pattern) => match requests[*slot].args.get(arg) {
                Some(Value::Text(text)) => evaluator::matches_pattern(pattern, text),
                Some(_) => false,
                None => true,
            },
            Formula::Is(slot, predicate) => predicate.holds(model, &requests[*slot]),
        }
    }
}

/// The truth of a disjunction (`decisive` is true) or a conjunction (false) of these.
fn fold(parts: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    let mut open = false;
    for part in parts {
        match part {
            Some(truth) if truth == decisive => return Some(decisive),
            Some(_) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(!decisive) }
}

impl Counting {
    /// The request with the approvals that count.
    pub fn of<'r>(&self, request: &'r Request) -> Cow<'r, Request> {
        let mut counted = Cow::Borrowed(request);
        match self {
            Counting::Given => {}
            Counting::Nobody => counted.to_mut().approvals.clear(),
            Counting::Only(people) => {
                counted.to_mut().approvals.retain(|&person, _| people.contains(person));
            }
        }
        counted
    }
}

/// A question: requests, one a slot, of which the formula holds.
#[derive(Clone, Debug)]
pub struct Question<'m> {
    /// The shapes.
    pub slots: Vec<Slot>,
    /// Whether all requests are made in one session.
    pub one_session: bool,
    /// What must hold of them.
    pub formula: Formula<'m>,
}

/// What forbids each agent.
#[derive(Default)]
pub struct Forbidding {
    /// For each agent, the forbids that speak of it.
    forbids: Vec<Vec<ForbidId>>,
    /// For each agent, its kind: see [`Policy::kind`].
    kinds: Vec<usize>,
}

impl Forbidding {
    /// Indexes a model's forbids by agent.
    pub fn of(model: &Model) -> Self {
        let mut forbids = vec![Vec::new(); model.agents.len()];
        for (at, forbid) in model.forbids.iter().enumerate() {
            for agent in forbid.agents.iter() {
                forbids[agent.index()].push(ForbidId::at(at));
            }
        }
        let mut numbers = BTreeMap::new();
        let kinds = model.agents.iter().zip(&forbids).map(|(agent, forbids)| {
            let next = numbers.len();
            *numbers.entry((agent.authn, forbids)).or_insert(next)
        });
        Self { kinds: kinds.collect(), forbids }
    }
}

/// What the policy says of a slot, as formulas.
pub struct Policy<'m> {
    model: &'m Model,
    forbidding: Arc<Forbidding>,
}

impl<'m> Policy<'m> {
    /// That of a model.
    pub fn new(model: &'m Model) -> Self {
        Self::knowing(model, Arc::new(Forbidding::of(model)))
    }

    /// The same where what forbids its agents is known.
    pub fn knowing(model: &'m Model, forbidding: Arc<Forbidding>) -> Self {
        Self { model, forbidding }
    }

    fn forbids(&self, agent: AgentId) -> impl Iterator<Item = &'m Forbid> {
        self.forbidding.forbids[agent.index()].iter().map(|&id| self.model.forbid(id))
    }

    /// The same number for agents that the policy does not tell apart as delegates: what forbids
    /// them and the authentication they need are the same.
    pub fn kind(&self, agent: AgentId) -> usize {
        self.forbidding.kinds[agent.index()]
    }

    /// Some forbid matches the request.
    pub fn forbidden(&self, at: usize, slot: &Slot, counting: &Counting) -> Formula<'m> {
        let mut matching = Vec::new();
        for &agent in &slot.chain {
            for forbid in self.forbids(agent) {
                if forbid.ops.contains(slot.op)
                    && forbid.meets.as_ref().is_none_or(|met| met.meets(&slot.data))
                {
                    if forbid.when.is_true() {
                        return Formula::TRUE;
                    }
                    matching.push(Formula::Cond(at, &forbid.when, counting.clone()));
                }
            }
        }
        Formula::Any(matching)
    }

    /// For each forbid that bears on the operation by way of the chain and speaks of data,
    /// whether it meets the label.
    pub fn met<'s>(
        &'s self,
        chain: &'s [AgentId],
        op: OpId,
        label: ClassId,
    ) -> impl Iterator<Item = bool> + 's {
        let forbids = chain.iter().flat_map(|&agent| self.forbids(agent));
        forbids
            .filter(move |forbid| forbid.ops.contains(op))
            .filter_map(move |forbid| forbid.meets.as_ref().map(|met| met.contains(label)))
    }

    /// The grant authorises the request; `None` when it cannot, whatever the rest.
    pub fn authorised(
        &self,
        at: usize,
        slot: &Slot,
        grant: &'m Grant,
        counting: &Counting,
    ) -> Option<Formula<'m>> {
        let mut parts = self.undelegated(at, slot, grant, counting)?;
        parts.push(delegated(at, slot, &grant.delegates, counting)?);
        Some(Formula::All(parts))
    }

    /// The same by that delegate clause of the grant, for a chain of more than one.
    pub fn handed_on(
        &self,
        at: usize,
        slot: &Slot,
        grant: &'m Grant,
        clause: &'m DelegateClause,
        counting: &Counting,
    ) -> Option<Formula<'m>> {
        let mut parts = self.undelegated(at, slot, grant, counting)?;
        parts.push(delegated(at, slot, std::slice::from_ref(clause), counting)?);
        Some(Formula::All(parts))
    }

    /// All that a grant asks but for the delegates.
    fn undelegated(
        &self,
        at: usize,
        slot: &Slot,
        grant: &'m Grant,
        counting: &Counting,
    ) -> Option<Vec<Formula<'m>>> {
        if grant.to != slot.chain[0] || grant.purpose != slot.purpose || !slot.data.is_subset(&grant.covers) {
            return None;
        }
        let mut parts = vec![matching(at, slot, &grant.lines, counting)?, Formula::Timely(at, grant)];
        let least =
            slot.chain.iter().map(|&agent| self.model.agent(agent).authn).fold(grant.authn, Authn::max);
        parts.push(Formula::Authn(at, least));
        parts.push(Formula::Cond(at, &grant.when, counting.clone()));
        for clause in grant.approvals.iter().filter(|clause| clause.ops.contains(slot.op)) {
            parts.push(Formula::Any(vec![
                Formula::Cond(at, &clause.demanded, counting.clone()).negate(),
                Formula::Approved(at, &clause.demand, counting.clone()),
            ]));
        }
        Some(parts)
    }

    /// The grant authorises the request and no forbid matches it.
    pub fn allowed_by(
        &self,
        at: usize,
        slot: &Slot,
        grant: &'m Grant,
        counting: &Counting,
    ) -> Option<Formula<'m>> {
        let authorised = self.authorised(at, slot, grant, counting)?;
        Some(Formula::All(vec![authorised, self.forbidden(at, slot, counting).negate()]))
    }

    /// Some of these grants authorises the request and no forbid matches it.
    pub fn allowed(
        &self,
        at: usize,
        slot: &Slot,
        grants: impl IntoIterator<Item = &'m Grant>,
        counting: &Counting,
    ) -> Formula<'m> {
        let some =
            grants.into_iter().filter_map(|grant| self.authorised(at, slot, grant, counting)).collect();
        Formula::All(vec![Formula::Any(some), self.forbidden(at, slot, counting).negate()])
    }
}

/// One of the lines matches; `None` when none has the operation.
pub fn matching<'m>(
    at: usize,
    slot: &Slot,
    lines: &'m [ToolLine],
    counting: &Counting,
) -> Option<Formula<'m>> {
    let lines: Vec<_> = lines
        .iter()
        .filter(|line| line.ops.contains(slot.op))
        .map(|line| Formula::Cond(at, &line.cond, counting.clone()))
        .collect();
    (!lines.is_empty()).then_some(Formula::Any(lines))
}

/// The lines match and the data is covered: what needs, holdings and ceilings ask.
pub fn within<'m>(at: usize, slot: &Slot, lines: &'m [ToolLine], covers: &ClassSet) -> Formula<'m> {
    match slot.data.is_subset(covers) {
        true => matching(at, slot, lines, &Counting::Given).unwrap_or(Formula::FALSE),
        false => Formula::FALSE,
    }
}

/// One of a grant's delegate clauses covers the chain.
fn delegated<'m>(
    at: usize,
    slot: &Slot,
    clauses: &'m [DelegateClause],
    counting: &Counting,
) -> Option<Formula<'m>> {
    let delegates = &slot.chain[1..];
    if delegates.is_empty() {
        return Some(Formula::TRUE);
    }
    let clauses = clauses.iter().filter(|clause| {
        delegates.len() <= clause.depth && delegates.iter().all(|&agent| clause.to.contains(agent))
    });
    let clauses: Vec<_> = clauses
        .filter_map(|clause| match &clause.only {
            None => Some(Formula::TRUE),
            Some(only) if only.covers.as_ref().is_none_or(|covers| slot.data.is_subset(covers)) => {
                matching(at, slot, &only.lines, counting)
            }
            Some(_) => None,
        })
        .collect();
    (!clauses.is_empty()).then_some(Formula::Any(clauses))
}
