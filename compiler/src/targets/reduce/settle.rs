//! What the sessions of an account share: what they rest on, and calls that several tools stand behind.

use crate::model::*;
use crate::targets::{Assumption, Fidelity, Outcome};
use std::collections::BTreeSet;

/// What every export to a static target rests on for this grant, `shortest` being the shortest
/// session (in seconds) that the target can bound; or why the grant cannot be exported.
pub fn session_assumptions(model: &Model, grant: &Grant, shortest: i64) -> Result<Vec<Assumption>, String> {
    let mut assumptions = vec![
        Assumption::WellFormedRequests,
        Assumption::OneIdentityPerAgent,
        Assumption::OneIdentityPerPurpose,
        Assumption::NoDelegatedUse,
    ];
    let authn = model.authn_of(grant);
    if authn > Authn::ApiKey {
        assumptions.push(Assumption::IssuedAtAuthentication { level: authn.name().to_string() });
    }
    if let Some(ttl) = grant.ttl {
        if ttl < shortest {
            return Err(format!(
                "its ttl of {ttl} s is shorter than the shortest session there, {shortest} s"
            ));
        }
        assumptions.push(Assumption::MaximumSessionLength { seconds: ttl });
    }
    Ok(assumptions)
}

/// What became of a grant: `exported` says whether anything of it was, and `nothing` is the loss of
/// one of which nothing was, though nothing was in the way.
pub fn outcome(
    grant: GrantId,
    exported: bool,
    assumptions: BTreeSet<Assumption>,
    losses: BTreeSet<String>,
    nothing: &str,
) -> Outcome {
    let mut losses: Vec<String> = losses.into_iter().collect();
    if !exported {
        if losses.is_empty() {
            losses.push(nothing.to_string());
        }
        return Outcome { grant, result: Fidelity::Refused, assumptions: Vec::new(), losses };
    }
    let result = if losses.is_empty() { Fidelity::ExactUnderAssumptions } else { Fidelity::Narrowed };
    Outcome { grant, result, assumptions: assumptions.into_iter().collect(), losses }
}

/// Takes out the regions (each beside the position of its grant) that some other tool's requests
/// share without being allowed.
///
/// Two tools may stand behind one call of the target. What it allows must then be allowed for
/// both: a region stays only when every unit (a tool's way of making the call) that meets it has
/// a region that covers it, in every session that its own grant's export rests on. Whether that one
/// stays itself is of no matter then: what it covers is allowed by the source. Returns what was
/// taken out, with the unit that was in the way.
pub fn settle<R, U>(
    model: &Model,
    regions: &mut Vec<(usize, R)>,
    units: &[U],
    meets: impl Fn(&R, &U) -> bool,
    of: impl Fn(&R, &U) -> bool,
    covers: impl Fn(&R, &R) -> bool,
) -> Vec<((usize, R), usize)> {
    let in_the_way: Vec<Option<usize>> = regions
        .iter()
        .map(|(at, region)| {
            units.iter().position(|unit| {
                let covered = |(by, other): &(usize, R)| {
                    of(other, unit) && covers(other, region) && serves_sessions_of(model, *by, *at)
                };
                meets(region, unit) && !of(region, unit) && !regions.iter().any(covered)
            })
        })
        .collect();
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for (region, unit) in std::mem::take(regions).into_iter().zip(in_the_way) {
        match unit {
            Some(unit) => taken.push((region, unit)),
            None => kept.push(region),
        }
    }
    *regions = kept;
    taken
}

/// Whether every session that the one grant's export rests on is one that the other's rests on too.
fn serves_sessions_of(model: &Model, other: usize, one: usize) -> bool {
    let (other, one) = (&model.grants[other], &model.grants[one]);
    model.authn_of(other) <= model.authn_of(one)
        && other.ttl.is_none_or(|longest| one.ttl.is_some_and(|ttl| ttl <= longest))
}
