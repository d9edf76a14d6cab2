//! `prove` blocks: what is claimed of all requests, proved or refuted.

use crate::Verdict;
use crate::analysis::{Analysis, Found};
use crate::clock::Clock;
use crate::smt::question::{Counting, Formula, Question, Slot};
use bailiwick_compiler::model::*;
use bailiwick_compiler::{Db, Project, compile};
use bailiwick_grammar::Span;

/// What came of a `prove` block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProofResult {
    /// Its title.
    pub title: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Its properties, in order.
    pub properties: Vec<PropertyResult>,
}

/// What came of one property.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PropertyResult {
    /// Where it stands, in the block's module.
    pub span: Span,
    /// What is known; a refutation has one request.
    pub verdict: Verdict,
}

/// What comes of every `prove` block, in the model's order. Of a project with errors nothing is proved.
pub fn proofs(db: &dyn Db, project: Project, clock: Clock) -> Vec<ProofResult> {
    let compiled = compile(db, project);
    match compiled.has_errors() {
        true => Vec::new(),
        false => results(&Analysis::new(&compiled.model, clock.now(db))),
    }
}

/// What comes of every `prove` block of a model.
pub fn results(analysis: &Analysis) -> Vec<ProofResult> {
    let results = analysis.model.proofs.iter().map(|proof| ProofResult {
        title: proof.title.clone(),
        origin: proof.origin.clone(),
        properties: proof
            .properties
            .iter()
            .map(|(property, span)| PropertyResult { span: *span, verdict: verdict(analysis, property) })
            .collect(),
    });
    results.collect()
}

/// Whether a property holds.
pub fn verdict(analysis: &Analysis, property: &Property) -> Verdict {
    let found = match property {
        Property::Never(agents, call) => allowed(analysis, agents, call),
        Property::Only(agents, call) => {
            let others = AgentSet::all(analysis.model.agents.len()).minus(agents);
            allowed(analysis, &others, call)
        }
        Property::Always(agent, purpose, call) => denied(analysis, *agent, *purpose, call),
    };
    match found {
        Found::None => Verdict::Proved,
        Found::Some(requests) => Verdict::Refuted(requests),
        Found::Undecided(why) => Verdict::Undecided(why),
    }
}

/// An allowed request with one of these agents in its chain that matches the call.
fn allowed(analysis: &Analysis, agents: &AgentSet, call: &Call) -> Found {
    let apart: Vec<&ClassSet> = call.data.iter().collect();
    let apart = &apart;
    let grants =
        analysis.model.grants.iter().filter(|grant| grant.lines.iter().any(|line| line.ops.meets(&call.ops)));
    let questions = grants.flat_map(|grant| {
        analysis.chains(grant, agents).into_iter().flat_map(move |chain| {
            let slots = analysis.slots(grant, &chain, apart).into_iter();
            let matching = slots.filter(|slot| {
                call.ops.contains(slot.op) && call.data.as_ref().is_none_or(|met| met.meets(&slot.data))
            });
            matching.filter_map(move |slot| {
                let allowed = analysis.policy.allowed_by(0, &slot, grant, &Counting::Given)?;
                let formula = Formula::All(vec![allowed, Formula::cond(0, &call.cond)]);
                Some(Question { slots: vec![slot], one_session: false, formula })
            })
        })
    });
    analysis.first(questions)
}

/// A denied request of this agent alone that matches the call. More labels make a request harder
/// to allow, so the most that the call speaks of stand for all.
fn denied(analysis: &Analysis, agent: AgentId, purpose: PurposeId, call: &Call) -> Found {
    let model = analysis.model;
    let questions = call.ops.iter().filter_map(|op| {
        let labels = &model.op(op).labels;
        let data = call.data.as_ref().map_or_else(|| labels.clone(), |covered| labels.intersection(covered));
        if data.is_empty() && !labels.is_empty() {
            return None;
        }
        let slot = Slot { chain: vec![agent], purpose, op, data };
        let grants = analysis.grants_of[agent.index()].iter().map(|&id| model.grant(id));
        let allowed = analysis.policy.allowed(0, &slot, grants, &Counting::Given);
        let formula = Formula::All(vec![Formula::cond(0, &call.cond), allowed.negate()]);
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    analysis.first(questions)
}
