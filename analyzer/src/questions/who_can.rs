//! Which agents can make a call, by which grant, directly or as a delegate.

use super::{Candidate, Open};
use crate::analysis::{Analysis, Found};
use crate::smt::question::{Counting, Formula, Question};
use bailiwick_compiler::diagnostic::Excess;
use bailiwick_compiler::evaluator;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use std::collections::BTreeSet;

/// Who can.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// By agent; of one agent the direct ways first, then in the order of grants.
    pub ways: Vec<Way>,
    /// What could not be decided.
    pub open: Vec<Open>,
}

/// A way in which an agent can make the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Who calls.
    pub agent: AgentId,
    /// Whose authority is used: the agent itself, or who delegates to it.
    pub root: AgentId,
    /// By this grant.
    pub grant: GrantId,
    /// The calls, and which requests of theirs are allowed.
    pub calls: Vec<Excess>,
    /// The same with no approval at all.
    pub unapproved: Vec<Excess>,
    /// The approvals that make the difference; none when both are the same.
    pub approvals: Vec<Demand>,
    /// A request that is allowed.
    pub request: Request,
}

/// Who can make a call. Whoever stands further down a chain can do no more than right behind its
/// root, so each agent is looked at alone and as the only delegate of each grant that names it.
pub fn who_can<'m>(analysis: &Analysis<'m>, call: &'m Call) -> WhoCan {
    let mut answer = WhoCan::default();
    for (at, grant) in analysis.model.grants.iter().enumerate() {
        if !grant.lines.iter().any(|line| line.ops.meets(&call.ops)) {
            continue;
        }
        let alone = AgentSet::only(grant.to);
        let delegates = analysis.delegates(grant);
        let delegates = delegates.iter().map(|kind| kind.minus(&alone)).filter(|kind| !kind.is_empty());
        answer.take(analysis, call, GrantId::at(at), &alone);
        delegates.for_each(|kind| answer.take(analysis, call, GrantId::at(at), &kind));
    }
    answer.ways.sort_by_key(|way| (way.agent, way.agent != way.root, way.grant));
    answer
}

impl WhoCan {
    /// The ways of callers that nothing tells apart.
    fn take<'m>(&mut self, analysis: &Analysis<'m>, call: &'m Call, id: GrantId, callers: &AgentSet) {
        let (grant, Some(caller)) = (analysis.model.grant(id), callers.first()) else { return };
        let chain = |caller| if caller == grant.to { vec![caller] } else { vec![grant.to, caller] };
        let apart: Vec<&ClassSet> = call.data.iter().collect();
        let candidates = Candidate::all(analysis, grant, &chain(caller), &apart);
        let (mut asked, mut request) = (Vec::new(), None);
        for candidate in candidates.iter().filter(|one| one.is(call)) {
            let Some(question) = candidate.allowed(analysis, &Counting::Given, Some(&call.cond)) else {
                continue;
            };
            match analysis.ask(&question) {
                Found::None => {}
                Found::Some(requests) => {
                    request = request.or(requests.into_iter().next());
                    asked.push((candidate, question));
                }
                Found::Undecided(why) => {
                    let call = candidate.text(analysis);
                    let open = |caller| Open {
                        chain: chain(caller),
                        grant: id,
                        call: call.clone(),
                        why: why.clone(),
                    };
                    self.open.extend(callers.iter().map(open));
                }
            }
        }
        let Some(request) = request else { return };
        let told: Vec<_> = asked.iter().map(|(one, question)| (one.text(analysis), question)).collect();
        let calls = analysis.told(&told);
        let demands: BTreeSet<&Demand> = asked.iter().flat_map(|(_, question)| demands(question)).collect();
        let unapproved = match demands.is_empty() {
            true => calls.clone(),
            false => self.unapproved(analysis, call, id, &asked, &chain(caller)),
        };
        let approvals: Vec<Demand> = match unapproved == calls {
            true => Vec::new(),
            false => demands.into_iter().cloned().collect(),
        };
        for agent in callers.iter() {
            let request = Request { chain: chain(agent), ..request.clone() };
            if !(analysis.allows(&request) && matches(analysis.model, call, &request)) {
                let why = "internal error: a witness did not replay".into();
                self.open.push(Open { chain: request.chain, grant: id, call: "every call".into(), why });
                continue;
            }
            let (calls, unapproved, approvals) = (calls.clone(), unapproved.clone(), approvals.clone());
            self.ways.push(Way { agent, root: grant.to, grant: id, calls, unapproved, approvals, request });
        }
    }

    /// What of the calls is allowed with no approval.
    fn unapproved<'m>(
        &mut self,
        analysis: &Analysis<'m>,
        call: &'m Call,
        id: GrantId,
        asked: &[(&Candidate<'m>, Question<'m>)],
        chain: &[AgentId],
    ) -> Vec<Excess> {
        let mut alone = Vec::new();
        for (candidate, _) in asked {
            let question = candidate.allowed(analysis, &Counting::Nobody, Some(&call.cond));
            match question.as_ref().map_or(Found::None, |question| analysis.ask(question)) {
                Found::None => {}
                Found::Some(_) => alone.extend(question.map(|question| (candidate.text(analysis), question))),
                Found::Undecided(why) => {
                    let call = format!("{} without an approval", candidate.text(analysis));
                    self.open.push(Open { chain: chain.to_vec(), grant: id, call, why });
                }
            }
        }
        let told: Vec<_> = alone.iter().map(|(call, question)| (call.clone(), question)).collect();
        analysis.told(&told)
    }
}

/// The approvals that a question speaks of.
fn demands<'m>(question: &Question<'m>) -> BTreeSet<&'m Demand> {
    let mut demands = BTreeSet::new();
    question.formula.leaves(&mut |leaf| {
        if let Formula::Approved(_, demand, _) = leaf {
            demands.insert(*demand);
        }
        if let Formula::Cond(_, cond, _) = leaf {
            let cond: &'m Cond = cond;
            for literal in cond.literals() {
                if let Atom::Approved(demand) = &literal.atom {
                    demands.insert(demand);
                }
            }
        }
    });
    demands
}

/// Whether the request is such a call.
fn matches(model: &Model, call: &Call, request: &Request) -> bool {
    call.ops.contains(request.op)
        && call.data.as_ref().is_none_or(|met| met.meets(&request.data))
        && evaluator::holds(model, &call.cond, request)
}
