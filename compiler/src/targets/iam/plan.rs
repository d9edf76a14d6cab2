//! What a grant allows as far as IAM can tell it, and where other tools are in its way.

use super::Progress;
use super::approval;
use super::glob::meet;
use super::read::ReadBack;
use super::see::{from, see, until};
use super::unit::{Fact, Region, Unit, UnitId};
use crate::model::*;
use crate::targets::dual::dual;
use crate::targets::reduce::{Facts, Holders, reduce, session_assumptions, settle};
use std::collections::{BTreeMap, BTreeSet};

/// The shortest session of a role, in seconds.
pub const SHORTEST_SESSION: i64 = 900;

/// One grant by itself.
pub fn plan(
    model: &Model,
    grant: &Grant,
    holders: &Holders,
    by_op: &BTreeMap<OpId, Vec<&Unit>>,
    back: &ReadBack,
) -> Result<Progress, String> {
    let mut progress = Progress {
        assumptions: session_assumptions(model, grant, SHORTEST_SESSION)?.into_iter().collect(),
        ..Progress::default()
    };
    progress.roles = holders.for_grant(model, grant)?.to_vec();
    if !grant.delegates.is_empty() {
        progress.losses.insert("what its delegates may do is not exported".to_string());
    }
    let ops = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
    for op in ops.iter() {
        let facts = Facts { model, grant, op };
        let name = model.op_name(op);
        let Some(units) = by_op.get(&op) else {
            progress.losses.insert(format!("`{name}` is not bound to AWS"));
            continue;
        };
        let Some(forbids) = facts.reckoned_with(&mut progress.assumptions, &mut progress.losses) else {
            continue;
        };
        for unit in units {
            plan_unit(&mut progress, &facts, unit, &name, &forbids, back);
        }
    }
    Ok(progress)
}

/// One way in which an operation of the grant reaches AWS.
fn plan_unit(
    progress: &mut Progress,
    facts: &Facts,
    unit: &Unit,
    name: &str,
    forbids: &[(ForbidId, &Forbid)],
    back: &ReadBack,
) {
    let shape = match &unit.shape {
        Ok(shape) => shape,
        Err(reason) => {
            progress.losses.insert(format!("`{name}`: {reason}"));
            return;
        }
    };
    let mut all = vec![facts.condition()];
    let mut denied = Vec::new();
    let mut left_out: BTreeMap<String, &str> = BTreeMap::new();
    for (id, forbid) in forbids {
        let reduced = reduce(&forbid.when, facts, &|literal| see(unit, facts, literal));
        let regions: Result<Vec<Vec<Region>>, ()> =
            reduced.alternatives.iter().map(|alternative| unit.regions(alternative)).collect();
        let whole = |alternative: &Vec<Fact>| alternative.iter().all(|fact| matches!(fact, Fact::There(_)));
        let readable = |regions: &Vec<Vec<Region>>| {
            regions.iter().flatten().all(|region| back.obstacle(region).is_none())
        };
        match regions {
            Ok(regions)
                if reduced.unseen.is_empty()
                    && !reduced.alternatives.iter().any(whole)
                    && readable(&regions) =>
            {
                denied.extend(regions.into_iter().flatten().map(|region| (*id, region)));
            }
            Ok(_) | Err(()) => {
                all.push(dual(&forbid.when));
                for what in reduced.unseen {
                    left_out.insert(what, &forbid.name);
                }
            }
        }
    }
    let mut life = Vec::new();
    life.extend(facts.grant.starts.map(from));
    life.extend(facts.grant.expires.map(until));
    // Only what allows: a denial that a missing tag keeps away would be a hole.
    let (agent, purpose) = (facts.grant.to, facts.grant.purpose);
    let reduced = reduce(&Cond::All(all), facts, &|literal| {
        let approval = approval::test(facts.model, agent, purpose, literal);
        approval.map(|test| vec![vec![Fact::Test(test)]]).or_else(|| see(unit, facts, literal))
    });
    let on_approval =
        |fact: &Fact| matches!(fact, Fact::Test(test) if approval::of_key(facts.model, &test.key).is_some());
    if reduced.alternatives.iter().flatten().any(on_approval) {
        progress.losses.insert(format!(
            "`{name}`: an approval counts only for a session that is opened after it and ends before it is too old"
        ));
    }
    for what in &reduced.unseen {
        let because = match left_out.get(what) {
            Some(forbid) => format!(", of which forbid `{forbid}` speaks"),
            None => String::new(),
        };
        progress.losses.insert(format!(
            "`{name}`: `{}` depends on {what}{because}, which IAM does not see or cannot compare so",
            unit.action
        ));
    }
    let optional = |arg: &&Str| shape.holds(arg) && !facts.present(&Attr::Arg((*arg).clone()));
    let tool = facts.model.tool(facts.model.op(facts.op).tool);
    for arg in tool.args.keys().filter(optional) {
        if reduced.alternatives.iter().any(|facts| !facts.iter().any(|fact| fact.needs(arg))) {
            progress.losses.insert(format!(
                "`{name}`: without `args.{arg}`, which is in the resource's name, it does not reach `{}`",
                unit.action
            ));
        }
    }
    let mut allowed = Vec::new();
    for mut alternative in reduced.alternatives {
        alternative.extend(life.iter().cloned());
        match unit.regions(&alternative) {
            Ok(regions) => {
                for region in regions {
                    match back.obstacle(&region) {
                        None => allowed.push(region),
                        Some(why) => drop(progress.losses.insert(format!(
                            "`{name}`: what is said of `{}` cannot be read back: {why}",
                            unit.action
                        ))),
                    }
                }
            }
            Err(()) => {
                progress.losses.insert(format!(
                    "`{name}`: `{}` has a condition that one statement cannot hold together, or that needs \
                     an argument fixed which stands before another in the resource's name",
                    unit.action
                ));
            }
        }
    }
    if !allowed.is_empty() {
        progress.assumptions.extend(unit.assumptions(facts.model));
        progress.denied.extend(denied);
    }
    for region in allowed {
        if !progress.allowed.contains(&region) {
            progress.allowed.push(region);
        }
    }
}

/// Calls that several tools stand behind are allowed only where all of them are.
pub fn share(
    model: &Model,
    by_action: &BTreeMap<String, Vec<&Unit>>,
    grants: &[usize],
    progress: &mut [Progress],
) {
    let mut regions: BTreeMap<String, Vec<(usize, Region)>> = BTreeMap::new();
    for &at in grants {
        for region in std::mem::take(&mut progress[at].allowed) {
            regions.entry(region.action.to_ascii_lowercase()).or_default().push((at, region));
        }
    }
    for (action, mut regions) in regions {
        let units = &by_action[&action];
        let taken = settle(
            model,
            &mut regions,
            units,
            |region, unit| unit.meets(region),
            |region, unit| region.is_of(unit),
            Region::covers,
        );
        for ((at, region), unit) in taken {
            progress[at].losses.insert(format!(
                "`{}`: `{}` is also how `{}` is carried out, and that is not allowed there",
                model.op_name(region.unit.0),
                region.action,
                model.op_name(units[unit].id.0)
            ));
        }
        // Assumptions about the other tools' arguments bear on what is allowed here.
        for (at, region) in regions {
            for unit in units.iter().filter(|unit| unit.id.0 != region.unit.0) {
                progress[at].assumptions.extend(unit.assumptions(model));
            }
            progress[at].allowed.push(region);
        }
    }
    // A denial that another way of making the call runs into takes something from its grant.
    let denials: Vec<(ForbidId, Region)> =
        grants.iter().flat_map(|&at| progress[at].denied.iter().cloned()).collect();
    for &at in grants {
        let caught: BTreeSet<(ForbidId, UnitId)> = progress[at]
            .allowed
            .iter()
            .flat_map(|region| {
                denials
                    .iter()
                    .filter(|(_, denial)| {
                        denial.unit != region.unit
                            && denial.action.eq_ignore_ascii_case(&region.action)
                            && meet(&denial.resource, &region.resource)
                    })
                    .map(|(forbid, _)| (*forbid, region.unit))
            })
            .collect();
        for (forbid, unit) in caught {
            progress[at].losses.insert(format!(
                "`{}`: forbid `{}` also takes away calls that look like what it forbids",
                model.op_name(unit.0),
                model.forbid(forbid).name
            ));
        }
    }
}
