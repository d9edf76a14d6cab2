//! AWS IAM: for each role, the policies to attach to it.
//!
//! IAM sees the role, the action, the resource and condition keys. A policy is static: it cannot
//! ask for an approval but by a tag of the session, nor know a session's age. What a grant says
//! beyond that is assumed of how the role's credentials are issued, or it is refused. Forbids become
//! explicit denials where they can be said exactly; otherwise what they may match is not allowed in
//! the first place.

mod approval;
mod arn;
mod boundary;
pub mod compare;
mod condition;
mod document;
mod glob;
mod issue;
mod pack;
mod plan;
pub mod read;
pub mod request;
mod revoke;
mod role;
mod see;
mod session_policy;
pub mod suspend;
mod unit;
mod wrap;
mod write;

use super::reading::Reading;
use super::reduce::Holders;
use super::{Assumption, Emission, Target};
use crate::model::*;
use crate::revoke::{Revocation, Revoked};
use plan::{plan, share};
use read::ReadBack;
use role::Role;
use std::collections::{BTreeMap, BTreeSet};
use unit::{Region, Unit, units};

/// The AWS IAM target.
pub struct Iam;

impl Target for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    fn applies(&self, model: &Model) -> bool {
        model.ops.iter().any(|op| !op.bindings.aws.is_empty())
    }

    fn emit(&self, model: &Model, _now: i64) -> Emission {
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
    let back = ReadBack::new(model);
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
            plan(model, grant, &holders, &by_op, &back)
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
    let bounds: Vec<Region> = units.iter().filter_map(Unit::whole).collect();
    let bounds: Vec<Region> = bounds.into_iter().filter(|one| back.obstacle(one).is_none()).collect();
    write::write(model, &bounds, &sessions, progress)
}

/// Why a text is no role that a policy can be attached to.
fn check_role(arn: &str) -> Result<(), String> {
    Role::of(arn).map(|_| ()).ok_or_else(|| format!("`{arn}` is no ARN of an IAM role"))
}
