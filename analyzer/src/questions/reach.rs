//! What an agent can touch: by itself, for those who delegate to it, and through those it hands over to.

use super::{Candidate, Open, topmost};
use crate::analysis::{Analysis, Found};
use crate::smt::question::Counting;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;

/// What an agent reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// By side, then in the order of grants.
    pub touches: Vec<Touch>,
    /// The agents that it can hand over to, further ones by way of these included.
    pub hands_over: AgentSet,
    /// What could not be decided.
    pub open: Vec<Open>,
}

/// How an agent comes to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It makes the call by a grant of its own.
    Own,
    /// It makes the call as the delegate of whose grant it is.
    Delegate,
    /// It can hand over to an agent that makes the call by a grant of that one's own: data and
    /// instructions travel with the hand-over.
    HandedOver,
}

/// A call that is allowed, on data that nothing tells apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// How the agent comes to it.
    pub side: Side,
    /// By this grant.
    pub grant: GrantId,
    /// The operation.
    pub op: OpId,
    /// The classes, each with all below it; none for what touches nothing.
    pub data: ClassSet,
    /// Whether it takes an approval, whatever the arguments.
    pub approved: bool,
    /// A request that is allowed; its last agent calls.
    pub request: Request,
}

/// What an agent can touch.
pub fn reach(analysis: &Analysis, agent: AgentId) -> Reach {
    let model = analysis.model;
    let mut reach = Reach::default();
    let usable = analysis.remembered.hand_overs.usable(analysis, agent);
    reach.hands_over = usable.perhaps.minus(&AgentSet::only(agent));
    for (at, grant) in model.grants.iter().enumerate() {
        let id = GrantId::at(at);
        if grant.to == agent {
            reach.take(analysis, id, &[agent], Side::Own);
        } else if grant.delegates.iter().any(|clause| clause.to.contains(agent)) {
            reach.take(analysis, id, &[grant.to, agent], Side::Delegate);
        }
        if reach.hands_over.contains(grant.to) {
            reach.take(analysis, id, &[grant.to], Side::HandedOver);
        }
        if reach.hands_over.contains(grant.to) && !usable.sure.contains(grant.to) {
            let (call, why) =
                ("the hand-over".into(), "whether any of it is allowed could not be decided".into());
            reach.open.push(Open { chain: vec![agent, grant.to], grant: id, call, why });
        }
    }
    reach.touches.sort_by_key(|touch| (touch.side, touch.grant, touch.op));
    reach
}

impl Reach {
    fn take(&mut self, analysis: &Analysis, id: GrantId, chain: &[AgentId], side: Side) {
        let grant = analysis.model.grant(id);
        for candidate in Candidate::all(analysis, grant, chain, &[]) {
            let ask = |counting| match candidate.allowed(analysis, counting, None) {
                Some(question) => analysis.ask(&question),
                None => Found::None,
            };
            let mut open = |why, how| {
                let call = format!("{}{how}", candidate.text(analysis));
                self.open.push(Open { chain: chain.to_vec(), grant: id, call, why });
            };
            let request = match ask(&Counting::Given) {
                Found::None => continue,
                Found::Some(requests) => requests.into_iter().next(),
                Found::Undecided(why) => {
                    open(why, "");
                    continue;
                }
            };
            let approved = match ask(&Counting::Nobody) {
                Found::None => true,
                Found::Some(_) => false,
                Found::Undecided(why) => {
                    open(why, " without an approval");
                    false
                }
            };
            let data = topmost(analysis.model, &candidate.labels);
            let op = candidate.slot.op;
            self.touches.extend(request.map(|request| Touch {
                side,
                grant: id,
                op,
                data,
                approved,
                request,
            }));
        }
    }
}
