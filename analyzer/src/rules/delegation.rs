//! What the rules on delegation share: who hands over to whom, and by which request.

use crate::analysis::{Analysis, Found};
use crate::smt::question::{Counting, Formula, Question, Slot, matching};
use bailiwick_compiler::model::*;

/// A grant that lives on, and one of its delegate clauses.
pub type HandOver<'m> = (&'m Grant, &'m DelegateClause);

/// Every hand-over of grants that have not expired, in the order of the grants.
pub fn hand_overs<'m>(analysis: &Analysis<'m>) -> Vec<HandOver<'m>> {
    let grants = analysis.model.grants.iter().map(|grant| &**grant);
    let alive = grants.filter(|grant| grant.expires.is_none_or(|expires| analysis.now < expires));
    alive.flat_map(|grant| grant.delegates.iter().map(move |clause| (grant, clause))).collect()
}

/// A request that a delegate may make by that clause, right behind the grantee: with one of these
/// shapes, all of which have the chain of the two.
pub fn acting<'m>(
    analysis: &Analysis<'m>,
    hand_over: HandOver<'m>,
    shapes: impl IntoIterator<Item = Slot>,
) -> Found {
    let questions = shapes.into_iter().filter_map(|slot| {
        let authorised = authorised(analysis, hand_over, &slot)?;
        let forbidden = analysis.policy.forbidden(0, &slot, &Counting::Given);
        let formula = Formula::All(vec![authorised, forbidden.negate()]);
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    analysis.first(questions)
}

/// The grant authorises the request by that clause, whatever is forbidden.
pub fn authorised<'m>(
    analysis: &Analysis<'m>,
    (grant, clause): HandOver<'m>,
    slot: &Slot,
) -> Option<Formula<'m>> {
    let mut parts = vec![analysis.policy.authorised(0, slot, grant, &Counting::Given)?];
    // The grant may have other clauses: within `only` of this one, this one covers the chain.
    if let Some(only) = &clause.only {
        if only.covers.as_ref().is_some_and(|covers| !slot.data.is_subset(covers)) {
            return None;
        }
        parts.push(matching(0, slot, &only.lines, &Counting::Given)?);
    }
    Some(Formula::All(parts))
}

/// The shapes of what a clause hands on to a delegate.
pub fn shapes(analysis: &Analysis, (grant, clause): HandOver, delegate: AgentId) -> Vec<Slot> {
    let covers = clause.only.as_ref().and_then(|only| only.covers.as_ref());
    analysis.slots(grant, &[grant.to, delegate], &covers.into_iter().collect::<Vec<_>>())
}
