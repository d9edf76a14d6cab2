//! What people ask of a policy: who can make such a call, what does an agent reach, why is a
//! request decided as it is.
//!
//! The first two answers are each a list of *ways*: a grant, the chain by which an agent comes to use it, and a
//! request that shows it, replayed through the evaluator. What could not be decided stands beside
//! them and is never taken for a no.

mod reach;
#[cfg(test)]
mod tests;
mod who_can;
mod why;

pub use reach::{Reach, Side, Touch, reach};
pub use who_can::{Way, WhoCan, who_can};
pub use why::{Judged, Step, Why, why};

use crate::analysis::Analysis;
use crate::smt::question::{Counting, Formula, Question, Slot};
use bailiwick_compiler::model::*;

/// Something that an answer leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The chain that it is about: whose authority is used first, who calls last.
    pub chain: Vec<AgentId>,
    /// The grant.
    pub grant: GrantId,
    /// The call, in words.
    pub call: String,
    /// Why nobody knows.
    pub why: String,
}

/// A call by a chain under a grant: labels that nothing tells apart, asked about as one.
struct Candidate<'m> {
    slot: Slot,
    /// All the labels that the slot's label stands for.
    labels: ClassSet,
    grant: &'m Grant,
}

impl<'m> Candidate<'m> {
    /// The calls that a grant could let a chain make. `apart` tells labels apart beyond what forbids do.
    fn all(
        analysis: &Analysis<'m>,
        grant: &'m Grant,
        chain: &[AgentId],
        apart: &[&ClassSet],
    ) -> Vec<Candidate<'m>> {
        let ops = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        let of_op = |op: OpId| {
            let kinds = analysis.labels_alike(chain, op, &grant.covers, apart).into_iter();
            kinds.map(move |labels| {
                let data = analysis.foremost(op, &labels);
                let slot = Slot { chain: chain.to_vec(), purpose: grant.purpose, op, data };
                Candidate { slot, labels, grant }
            })
        };
        ops.iter().flat_map(of_op).collect()
    }

    /// Whether it is allowed, the approvals counted that are said to, and `more` is so; `None` when
    /// it cannot be.
    fn allowed(
        &self,
        analysis: &Analysis<'m>,
        counting: &Counting,
        more: Option<&'m Cond>,
    ) -> Option<Question<'m>> {
        let allowed = analysis.policy.allowed_by(0, &self.slot, self.grant, counting)?;
        let more = more.map(|cond| Formula::Cond(0, cond, counting.clone()));
        let formula = Formula::All([allowed].into_iter().chain(more).collect());
        Some(Question { slots: vec![self.slot.clone()], one_session: false, formula })
    }

    /// Whether a call with these operations and labels may be it.
    fn is(&self, call: &Call) -> bool {
        call.ops.contains(self.slot.op) && call.data.as_ref().is_none_or(|met| met.meets(&self.slot.data))
    }

    /// The call in words, with all labels that it may carry but those below others of them.
    fn text(&self, analysis: &Analysis) -> String {
        analysis.called(self.slot.op, &topmost(analysis.model, &self.labels))
    }
}

/// Those of the labels that lie below no other of them.
fn topmost(model: &Model, labels: &ClassSet) -> ClassSet {
    let above = |label: &ClassId| model.class(*label).above.intersection(labels);
    labels.iter().filter(|label| above(label) == ClassSet::only(*label)).collect()
}
