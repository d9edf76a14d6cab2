//! AWS IAM: for each role, the policies to attach to it.
//!
//! IAM sees the role, the action, the resource and condition keys. A policy is static: it cannot
//! ask for an approval, nor know a session's age. What a grant says beyond that is assumed of how
//! the role's credentials are issued, or it is refused. Forbids become explicit denials where they
//! can be said exactly; otherwise what they may match is not allowed in the first place.

mod arn;
pub mod compare;
mod condition;
mod document;
pub mod read;
pub mod request;
mod revoke;
pub mod suspend;
mod unit;

use super::dual::dual;
use super::reading::Reading;
use super::reduce::{Data, Facts, Holders, reduce, session_assumptions, settle};
use super::{Assumption, Emission, Fidelity, Outcome, Source, Target};
use crate::model::*;
use crate::revoke::{Revocation, Revoked};
use document::{Document, Names, split, statements};
use std::collections::{BTreeMap, BTreeSet};
use unit::{Region, Unit, UnitId, from, see, units, until};

/// The shortest session of a role, in seconds.
const SHORTEST_SESSION: i64 = 900;

/// The AWS IAM target.
pub struct Iam;

impl Target for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    fn applies(&self, model: &Model) -> bool {
        model.ops.iter().any(|op| !op.bindings.aws.is_empty())
    }

    fn emit(&self, model: &Model) -> Emission {
        emit(model)
    }

    fn read(&self, model: &Model, files: &BTreeMap<String, String>) -> Reading {
        read::read(model, files)
    }

    fn revoke(&self, revocation: &Revocation, _model: Option<&Model>) -> Revoked {
        revoke::revoke(revocation)
    }
}

/// What became of one grant so far.
#[derive(Default)]
struct Progress {
    roles: Vec<Str>,
    allowed: Vec<Region>,
    denied: Vec<(ForbidId, Region)>,
    assumptions: BTreeSet<Assumption>,
    losses: BTreeSet<String>,
}

fn emit(model: &Model) -> Emission {
    let holders = Holders::of(model, IdentityKind::AwsRole, check_role);
    let units = units(model);
    let mut by_op: BTreeMap<OpId, Vec<&Unit>> = BTreeMap::new();
    let mut by_action: BTreeMap<String, Vec<&Unit>> = BTreeMap::new();
    for unit in &units {
        by_op.entry(unit.id.0).or_default().push(unit);
        by_action.entry(unit.action.to_ascii_lowercase()).or_default().push(unit);
    }
    let mut progress: Vec<Progress> = model
        .grants
        .iter()
        .map(|grant| {
            plan(model, grant, &holders, &by_op)
                .unwrap_or_else(|reason| Progress { losses: [reason].into(), ..Progress::default() })
        })
        .collect();
    let mut sessions: BTreeMap<(AgentId, PurposeId), Vec<usize>> = BTreeMap::new();
    for (at, grant) in model.grants.iter().enumerate() {
        sessions.entry((grant.to, grant.purpose)).or_default().push(at);
    }
    for grants in sessions.values() {
        share(model, &by_action, grants, &mut progress);
    }
    write(model, &sessions, progress)
}

/// Why a text is no role that a policy can be attached to.
fn check_role(arn: &str) -> Result<(), String> {
    role_path(arn).map(|_| ()).ok_or_else(|| format!("`{arn}` is no ARN of an IAM role"))
}

/// The account, path and name of a role.
fn role_path(arn: &str) -> Option<String> {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, "iam", "", account, resource] = fields.as_slice() else { return None };
    let path = resource.strip_prefix("role/")?;
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && !matches!(segment, "." | "..")
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
    };
    let right = fields[0] == "arn"
        && partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && path.split('/').all(is_segment);
    right.then(|| format!("{account}/{path}"))
}

/// One grant by itself.
fn plan(
    model: &Model,
    grant: &Grant,
    holders: &Holders,
    by_op: &BTreeMap<OpId, Vec<&Unit>>,
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
        match facts.data() {
            Data::Covered => {}
            Data::CoveredIfStatic => {
                progress.assumptions.insert(Assumption::StaticDataClasses);
            }
            Data::Partly => {
                progress.losses.insert(format!("`{name}` touches data that the grant covers only in part"));
                continue;
            }
            Data::Outside => continue,
        }
        let forbids = facts.forbids();
        if forbids.iter().any(|(_, _, rests)| *rests) {
            progress.assumptions.insert(Assumption::StaticDataClasses);
        }
        if forbids.iter().any(|(_, forbid, _)| forbid.when.is_true()) {
            continue; // wholly forbidden: nothing is lost
        }
        for unit in units {
            plan_unit(&mut progress, &facts, unit, &name, &forbids);
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
    forbids: &[(ForbidId, &Forbid, bool)],
) {
    if let Err(reason) = &unit.shape {
        progress.losses.insert(format!("`{name}`: {reason}"));
        return;
    }
    let mut all = vec![facts.condition()];
    let mut denied = Vec::new();
    let mut left_out: BTreeMap<String, &str> = BTreeMap::new();
    for (id, forbid, _) in forbids {
        let reduced = reduce(&forbid.when, facts, &|literal| see(unit, facts, literal));
        let regions: Result<Vec<Vec<Region>>, ()> =
            reduced.alternatives.iter().map(|alternative| unit.regions(alternative)).collect();
        match regions {
            Ok(regions) if reduced.unseen.is_empty() && !reduced.alternatives.iter().any(Vec::is_empty) => {
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
    let reduced = reduce(&Cond::All(all), facts, &|literal| see(unit, facts, literal));
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
    let mut allowed = Vec::new();
    for mut alternative in reduced.alternatives {
        alternative.extend(life.iter().cloned());
        match unit.regions(&alternative) {
            Ok(regions) => allowed.extend(regions),
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
        let tool = &facts.model.tool(facts.model.op(facts.op).tool).name;
        progress.assumptions.extend(unit.segments.iter().map(|argument| Assumption::OneSegment {
            tool: tool.to_string(),
            argument: argument.to_string(),
        }));
        progress.denied.extend(denied);
    }
    for region in allowed {
        if !progress.allowed.contains(&region) {
            progress.allowed.push(region);
        }
    }
}

/// Calls that several tools stand behind are allowed only where all of them are.
fn share(
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
            &mut regions,
            units,
            |(_, region), unit| unit.meets(region),
            |(_, region), unit| region.is_of(unit),
            |(_, wide), (_, narrow)| wide.covers(narrow),
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
                let tool = &model.tool(model.op(unit.id.0).tool).name;
                progress[at].assumptions.extend(unit.segments.iter().map(|argument| {
                    Assumption::OneSegment { tool: tool.to_string(), argument: argument.to_string() }
                }));
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
                            && arn::meet(&denial.resource, &region.resource)
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

fn write(
    model: &Model,
    sessions: &BTreeMap<(AgentId, PurposeId), Vec<usize>>,
    mut progress: Vec<Progress>,
) -> Emission {
    let mut emission = Emission::default();
    let mut names = Names::default();
    for grants in sessions.values() {
        // A grant that cannot be exported at all has none.
        let roles: BTreeSet<Str> = grants.iter().flat_map(|&at| progress[at].roles.iter().cloned()).collect();
        let allowed: Vec<(Source, &Region)> = grants
            .iter()
            .flat_map(|&at| progress[at].allowed.iter().map(move |r| (Source::Grant(GrantId::at(at)), r)))
            .collect();
        let actions: BTreeSet<String> =
            allowed.iter().map(|(_, region)| region.action.to_ascii_lowercase()).collect();
        let denied: Vec<(Source, &Region)> = grants
            .iter()
            .flat_map(|&at| progress[at].denied.iter())
            .filter(|(_, region)| actions.contains(&region.action.to_ascii_lowercase()))
            .map(|(forbid, region)| (Source::Forbid(*forbid), region))
            .collect();
        let (documents, too_large) = split(statements(&allowed), &statements(&denied));
        for role in roles.iter().filter_map(|role| role_path(role)) {
            for (number, document) in documents.iter().enumerate() {
                let file = format!("{role}/policy-{}.json", number + 1);
                let (text, rules) = document.write(model, &file, &mut names);
                emission.files.insert(file, text);
                emission.rules.extend(rules);
            }
        }
        let kept: BTreeSet<Source> = documents.iter().flat_map(Document::sources).collect();
        for statement in too_large {
            let Source::Grant(grant) = statement.from else { continue };
            let lost = &mut progress[grant.index()];
            lost.losses.insert(format!(
                "a statement does not fit into a policy of {} characters",
                document::MOST_CHARACTERS
            ));
            if !kept.contains(&statement.from) {
                lost.allowed.clear();
            }
        }
    }
    let (files, rules) = suspend::suspended(model, &mut names);
    emission.files.extend(files);
    emission.rules.extend(rules);
    let mut altogether = BTreeSet::new();
    for (at, mut progress) in progress.into_iter().enumerate() {
        for region in &progress.allowed {
            for tag in region.conditions.tags() {
                progress.assumptions.insert(Assumption::TagSetByIssuer { tag: tag.to_string() });
            }
        }
        let result = match (progress.allowed.is_empty(), progress.losses.is_empty()) {
            (true, _) => Fidelity::Refused,
            (false, false) => Fidelity::Narrowed,
            (false, true) => Fidelity::ExactUnderAssumptions,
        };
        let mut losses: Vec<_> = progress.losses.into_iter().collect();
        let mut assumptions = Vec::new();
        if result == Fidelity::Refused {
            if losses.is_empty() {
                losses.push("it allows no call that reaches AWS".to_string());
            }
        } else {
            assumptions = progress.assumptions.into_iter().collect();
            altogether.extend(assumptions.iter().cloned());
        }
        emission.outcomes.push(Outcome { grant: GrantId::at(at), result, assumptions, losses });
    }
    emission.assumptions = altogether.into_iter().collect();
    emission
}
