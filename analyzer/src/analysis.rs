//! What rules ask with: the model, its indexes, and the way from a question to a checked answer.

use crate::remembered::Remembered;
use crate::smt::question::{Policy, Question, Slot};
use crate::smt::term::{Answer, Problem};
use crate::smt::{self, search::Quick};
use bailiwick_compiler::diagnostic::{Diagnostic, Witness};
use bailiwick_compiler::evaluator;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{self, Request};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A model under analysis.
pub struct Analysis<'m> {
    /// The model.
    pub model: &'m Model,
    /// The run's moment, in seconds since 1970.
    pub now: i64,
    /// What grants and forbids say.
    pub policy: Policy<'m>,
    /// The grants of each agent.
    pub grants_of: Vec<Vec<GrantId>>,
    /// What earlier checks left behind.
    pub(crate) remembered: Arc<Remembered>,
    /// Set when nobody waits for the answers any more.
    pub(crate) stop: AtomicBool,
}

/// Nobody waits for the answer any more.
struct Stopped;

/// Ids by what tells them apart, in the order in which the kinds came.
struct Kinds<K, I> {
    positions: BTreeMap<K, usize>,
    sets: Vec<IdSet<I>>,
}

impl<K, I> Default for Kinds<K, I> {
    fn default() -> Self {
        Self { positions: BTreeMap::new(), sets: Vec::new() }
    }
}

impl<K: Ord, I: Id> Kinds<K, I> {
    fn add(&mut self, kind: K, id: I) {
        let at = *self.positions.entry(kind).or_insert(self.sets.len());
        match self.sets.get_mut(at) {
            Some(set) => _ = set.insert(id),
            None => self.sets.push(IdSet::only(id)),
        }
    }
}

/// The grants of each agent.
pub(crate) fn grants_of(model: &Model) -> Vec<Vec<GrantId>> {
    let mut grants_of = vec![Vec::new(); model.agents.len()];
    for (at, grant) in model.grants.iter().enumerate() {
        grants_of[grant.to.index()].push(GrantId::at(at));
    }
    grants_of
}

/// Whether requests of some shape exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// These do: well formed, and checked through the evaluator.
    Some(Vec<Request>),
    /// None does.
    None,
    /// Nobody knows, and why.
    Undecided(String),
}

impl<'m> Analysis<'m> {
    /// Indexes a model.
    pub fn new(model: &'m Model, now: i64) -> Self {
        let grants_of = grants_of(model);
        let remembered = Arc::new(Remembered::new(model, &grants_of));
        Self::remembering(model, now, grants_of, remembered)
    }

    /// Indexes a model of which something is remembered.
    pub(crate) fn remembering(
        model: &'m Model,
        now: i64,
        grants_of: Vec<Vec<GrantId>>,
        remembered: Arc<Remembered>,
    ) -> Self {
        let policy = Policy::knowing(model, remembered.forbidding.clone());
        Self { model, now, policy, grants_of, remembered, stop: AtomicBool::new(false) }
    }

    /// Looks for requests that read well; what is found is replayed through the evaluator before
    /// it is shown.
    pub fn ask(&self, question: &Question) -> Found {
        self.find(question, true)
    }

    /// The same where nobody sees the requests, but only that there are some: any will do.
    pub fn exists(&self, question: &Question) -> Found {
        self.find(question, false)
    }

    fn find(&self, question: &Question, to_be_read: bool) -> Found {
        if self.stop.load(Ordering::Relaxed) {
            std::panic::resume_unwind(Box::new(Stopped));
        }
        if question.formula.truth() == Some(false) {
            return Found::None;
        }
        let (problem, layout) = match smt::encode(self.model, question, self.now) {
            Ok(stated) => stated,
            Err(why) => return Found::Undecided(why),
        };
        match self.settle(&problem) {
            Answer::Unsat => Found::None,
            Answer::Unknown(why) => Found::Undecided(why),
            Answer::Sat(mut values) => {
                if to_be_read {
                    smt::shrink::shrink(&problem, &mut values, &layout.followers());
                }
                let requests = smt::decode(self.model, question, &layout, &values);
                match self.replayed(question, requests) {
                    Some(requests) => Found::Some(requests),
                    None => Found::Undecided("internal error: a witness did not replay".into()),
                }
            }
        }
    }

    /// Settles a problem: on the fast path where that can, else by the solver.
    pub(crate) fn settle(&self, problem: &Problem) -> Answer {
        match smt::search::search(problem) {
            Quick::Sat(values) => Answer::Sat(values),
            Quick::Unsat => Answer::Unsat,
            Quick::Open => self.remembered.solved(problem),
        }
    }

    /// The requests, if they are well formed and what was asked holds of them.
    pub(crate) fn replayed(&self, question: &Question, requests: Vec<Request>) -> Option<Vec<Request>> {
        let well_formed = requests.iter().all(|request| request::well_formed(self.model, request));
        (well_formed && question.formula.holds(self.model, &requests)).then_some(requests)
    }

    /// The first of the questions that finds requests; undecided when none does and one is.
    pub fn first<'q>(&self, questions: impl IntoIterator<Item = Question<'q>>) -> Found {
        self.first_of(questions, true)
    }

    /// The same where nobody sees the requests.
    pub fn any<'q>(&self, questions: impl IntoIterator<Item = Question<'q>>) -> Found {
        self.first_of(questions, false)
    }

    fn first_of<'q>(&self, questions: impl IntoIterator<Item = Question<'q>>, to_be_read: bool) -> Found {
        let mut undecided = None;
        for question in questions {
            match self.find(&question, to_be_read) {
                Found::None => {}
                Found::Some(requests) => return Found::Some(requests),
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
            }
        }
        undecided.map_or(Found::None, Found::Undecided)
    }

    /// All questions that find requests, and the requests of the first of them; undecided when none
    /// does and one is.
    pub fn all<'q>(&self, questions: impl IntoIterator<Item = Question<'q>>) -> (Vec<Question<'q>>, Found) {
        let (mut found, mut first, mut undecided) = (Vec::new(), None, None);
        for question in questions {
            match self.ask(&question) {
                Found::None => {}
                Found::Some(requests) => {
                    first = first.or(Some(requests));
                    found.push(question);
                }
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
            }
        }
        let answer = first.map_or_else(|| undecided.map_or(Found::None, Found::Undecided), Found::Some);
        (found, answer)
    }

    /// The shortest chains that a grant could authorise and in which one of `among` takes part:
    /// the grantee alone when it is one, else with a single delegate. Of delegates that nothing
    /// tells apart only the first is taken.
    pub fn chains(&self, grant: &Grant, among: &AgentSet) -> Vec<Vec<AgentId>> {
        if among.contains(grant.to) {
            return vec![vec![grant.to]];
        }
        let kinds = self.delegates(grant).into_iter().filter_map(|kind| kind.intersection(among).first());
        kinds.map(|delegate| vec![grant.to, delegate]).collect()
    }

    /// The delegates that a grant names, those together that nothing tells apart.
    pub fn delegates(&self, grant: &Grant) -> Vec<AgentSet> {
        let named = grant.delegates.iter().fold(AgentSet::new(), |all, clause| all.union(&clause.to));
        let mut kinds = Kinds::default();
        for delegate in named.iter() {
            let clauses: Vec<bool> =
                grant.delegates.iter().map(|clause| clause.to.contains(delegate)).collect();
            kinds.add((self.policy.kind(delegate), clauses), delegate);
        }
        kinds.sets
    }

    /// The shapes of requests that a grant could authorise for a chain that starts with its
    /// grantee: its operations, each with one label. Labels of which neither a forbid nor one of
    /// `apart` tells the difference are stood for by one.
    pub fn slots(&self, grant: &Grant, chain: &[AgentId], apart: &[&ClassSet]) -> Vec<Slot> {
        let ops = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        ops.iter()
            .flat_map(|op| {
                self.labels(chain, op, &grant.covers, apart).into_iter().map(move |data| (op, data))
            })
            .map(|(op, data)| Slot { chain: chain.to_vec(), purpose: grant.purpose, op, data })
            .collect()
    }

    /// The label sets worth asking about for an operation: single labels among `covers`, one of
    /// each kind; the empty set for what touches nothing.
    pub fn labels(
        &self,
        chain: &[AgentId],
        op: OpId,
        covers: &ClassSet,
        apart: &[&ClassSet],
    ) -> Vec<ClassSet> {
        let kinds = self.labels_alike(chain, op, covers, apart);
        kinds.iter().map(|kind| self.foremost(op, kind)).collect()
    }

    /// The labels of an operation among `covers`, those together of which neither a forbid nor one
    /// of `apart` tells the difference; the empty set for what touches nothing.
    pub fn labels_alike(
        &self,
        chain: &[AgentId],
        op: OpId,
        covers: &ClassSet,
        apart: &[&ClassSet],
    ) -> Vec<ClassSet> {
        let facts = self.model.op(op);
        if facts.labels.is_empty() {
            return vec![ClassSet::new()];
        }
        let labels = facts.labels.intersection(covers);
        let declared = labels.intersection(&facts.declared);
        let mut kinds = Kinds::default();
        for label in declared.iter().chain(labels.minus(&declared).iter()) {
            let mut kind: Vec<bool> = apart.iter().map(|set| set.contains(label)).collect();
            kind.extend(self.policy.met(chain, op, label));
            kinds.add(kind, label);
        }
        kinds.sets
    }

    /// The label that stands for those of its kind: what is declared reads better than what lies below it.
    pub fn foremost(&self, op: OpId, kind: &ClassSet) -> ClassSet {
        let declared = kind.intersection(&self.model.op(op).declared);
        declared.first().or(kind.first()).into_iter().collect()
    }

    /// Whether a person has departed, or every member of a team has.
    pub fn gone(&self, who: PrincipalId) -> bool {
        let left = |person: PrincipalId| match self.model.principal(person).kind {
            PrincipalKind::Person { departed, .. } => departed.is_some_and(|at| at <= self.now),
            PrincipalKind::Team { .. } => false,
        };
        let people = self.model.people_of(who);
        !people.is_empty() && people.iter().all(left)
    }

    /// Whether the policy allows the request.
    pub fn allows(&self, request: &Request) -> bool {
        evaluator::decide(self.model, request).is_allow()
    }

    /// Requests as a diagnostic's witness, each with its role.
    pub fn witness(&self, requests: impl IntoIterator<Item = (String, Request)>) -> Witness {
        let requests = requests.into_iter();
        Witness {
            requests: requests.map(|(role, request)| (role, request::write(self.model, &request))).collect(),
            note: None,
        }
    }

    /// `` agent `a` of `owner` ``.
    pub fn agent_of(&self, agent: AgentId) -> String {
        let agent = self.model.agent(agent);
        format!("agent `{}` of `{}`", agent.name, self.model.principal(agent.owner).name)
    }

    /// What a request does, for a sentence: `` `stripe.refund` on `financial.payment` ``.
    pub fn call(&self, request: &Request) -> String {
        self.called(request.op, &request.data)
    }

    /// The same of an operation and labels.
    pub fn called(&self, op: OpId, data: &ClassSet) -> String {
        let op = format!("`{}`", self.model.op_name(op));
        let labels: Vec<String> =
            data.iter().map(|label| format!("`{}`", self.model.class(label).name)).collect();
        if labels.is_empty() { op } else { format!("{op} on {}", labels.join(", ")) }
    }

    /// The diagnostic of a question about a subject that nobody could answer.
    pub fn undecided(
        &self,
        rule: &str,
        kind: &'static str,
        name: &Str,
        origin: &Origin,
        why: &str,
    ) -> Diagnostic {
        Diagnostic::warning(
            "undecided",
            format!("whether `{rule}` holds of {kind} `{name}` is undecided: {why}"),
        )
        .at(&origin.module, origin.span)
        .help("what is undecided is not safe: make the conditions simpler until it can be decided")
        .about(kind, name)
    }
}
