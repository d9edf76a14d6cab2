//! What rules ask with: the model, its indexes, and the way from a question to a checked answer.

use crate::clock::{Obligation, solved};
use crate::smt::question::{Policy, Question, Slot};
use crate::smt::term::Answer;
use crate::smt::{self, search::Quick};
use bailiwick_compiler::diagnostic::{Diagnostic, Witness};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{self, Request};
use bailiwick_compiler::{Db, evaluator};
use std::collections::BTreeSet;

/// A model under analysis.
pub struct Analysis<'m> {
    db: &'m dyn Db,
    /// The model.
    pub model: &'m Model,
    /// The run's moment, in seconds since 1970.
    pub now: i64,
    /// What grants and forbids say.
    pub policy: Policy<'m>,
    /// The grants of each agent.
    pub grants_of: Vec<Vec<GrantId>>,
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
    pub fn new(db: &'m dyn Db, model: &'m Model, now: i64) -> Self {
        let mut grants_of = vec![Vec::new(); model.agents.len()];
        for (at, grant) in model.grants.iter().enumerate() {
            grants_of[grant.to.index()].push(GrantId::at(at));
        }
        Self { db, model, now, policy: Policy::new(model), grants_of }
    }

    /// Looks for requests; what is found is replayed through the evaluator before it is shown.
    pub fn ask(&self, question: &Question) -> Found {
        self.db.unwind_if_revision_cancelled();
        let (problem, layout) = match smt::encode(self.model, question, self.now) {
            Ok(stated) => stated,
            Err(why) => return Found::Undecided(why),
        };
        let answer = match smt::search::search(&problem) {
            Quick::Sat(values) => Answer::Sat(values),
            Quick::Unsat => return Found::None,
            Quick::Open => solved(self.db, Obligation::new(self.db, problem.clone())),
        };
        match answer {
            Answer::Unsat => Found::None,
            Answer::Unknown(why) => Found::Undecided(why),
            Answer::Sat(mut values) => {
                smt::shrink::shrink(&problem, &mut values);
                let requests = smt::decode(self.model, question, &layout, &values);
                match self.replays(question, &requests) {
                    true => Found::Some(requests),
                    false => Found::Undecided("internal error: a witness did not replay".into()),
                }
            }
        }
    }

    /// Whether the requests are well formed as written, and what was asked holds of them.
    fn replays(&self, question: &Question, requests: &[Request]) -> bool {
        let well_formed = |request: &Request| {
            request::read(self.model, &request::write(self.model, request)).as_ref() == Ok(request)
        };
        requests.iter().all(well_formed) && question.formula.holds(self.model, requests)
    }

    /// The first of the questions that finds requests; undecided when none does and one is.
    pub fn first<'q>(&self, questions: impl IntoIterator<Item = Question<'q>>) -> Found {
        let mut undecided = None;
        for question in questions {
            match self.ask(&question) {
                Found::None => {}
                Found::Some(requests) => return Found::Some(requests),
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
            }
        }
        undecided.map_or(Found::None, Found::Undecided)
    }

    /// The shortest chains that a grant could authorise and in which one of `among` takes part:
    /// the grantee alone when it is one, else with a single delegate. Of delegates that nothing
    /// tells apart only the first is taken.
    pub fn chains(&self, grant: &Grant, among: &AgentSet) -> Vec<Vec<AgentId>> {
        if among.contains(grant.to) {
            return vec![vec![grant.to]];
        }
        let mut kinds = BTreeSet::new();
        let named = grant.delegates.iter().fold(AgentSet::new(), |all, clause| all.union(&clause.to));
        let delegates = named.intersection(among);
        let mut chains = Vec::new();
        for delegate in delegates.iter() {
            let clauses: Vec<bool> =
                grant.delegates.iter().map(|clause| clause.to.contains(delegate)).collect();
            if kinds.insert((self.policy.kind(delegate), clauses)) {
                chains.push(vec![grant.to, delegate]);
            }
        }
        chains
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
        let facts = self.model.op(op);
        if facts.labels.is_empty() {
            return vec![ClassSet::new()];
        }
        let labels = facts.labels.intersection(covers);
        // What is declared reads better than what lies below it.
        let declared = labels.intersection(&facts.declared);
        let mut kinds = BTreeSet::new();
        let mut kept = Vec::new();
        for label in declared.iter().chain(labels.minus(&declared).iter()) {
            let mut kind: Vec<bool> = apart.iter().map(|set| set.contains(label)).collect();
            kind.extend(self.policy.met(chain, op, label));
            if kinds.insert(kind) {
                kept.push(ClassSet::only(label));
            }
        }
        kept
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
        let op = format!("`{}`", self.model.op_name(request.op));
        let labels: Vec<String> =
            request.data.iter().map(|label| format!("`{}`", self.model.class(label).name)).collect();
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
