//! Kubernetes: service accounts, roles and bindings, and admission policies for what they cannot say.
//!
//! RBAC sees the account, the verb, the resource, the namespace and sometimes the object's name;
//! it knows no conditions and cannot deny. Admission sees what a write leaves behind. So a
//! condition that neither sees, and every forbid that may match by it, leaves less of a grant or
//! nothing. Each grant has roles and bindings of its own, so that removing them at its expiry is
//! removing its file; the policies of an account stand for all its grants, and only ever deny.

mod accounts;
mod admission;
mod clean_up;
mod manifests;
mod names;
mod policies;
pub mod read;
mod region;
pub mod request;
mod revoke;
mod tokens;
mod yaml;

pub use accounts::per_purpose;
pub use region::is_namespace;

use super::dual::dual;
use super::reading::Reading;
use super::reduce::{Facts, Holders, outcome, reduce, session_assumptions, settle};
use super::{Assumption, Emission, Target};
use crate::model::*;
use crate::revoke::{Revocation, Revoked};
use crate::types::value::instant_text;
use policies::{InTheWay, Session};
use region::{Region, Unit, see, units};
use std::collections::{BTreeMap, BTreeSet};

/// The shortest life of a service account's token, in seconds.
const SHORTEST_TOKEN: i64 = 600;

/// The Kubernetes target.
pub struct Kubernetes;

impl Target for Kubernetes {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn applies(&self, model: &Model) -> bool {
        model.ops.iter().any(|op| !op.bindings.kubernetes.is_empty())
    }

    fn emit(&self, model: &Model, now: i64) -> Emission {
        emit(model, now)
    }

    fn read(&self, model: &Model, files: &BTreeMap<String, String>) -> Reading {
        read::read(model, files)
    }

    fn revoke(&self, revocation: &Revocation, model: Option<&Model>) -> Revoked {
        revoke::revoke(revocation, model)
    }
}

/// What became of one grant so far.
#[derive(Default)]
struct Progress {
    regions: Vec<Region>,
    accounts: Vec<Str>,
    assumptions: BTreeSet<Assumption>,
    losses: BTreeSet<String>,
}

fn emit(model: &Model, now: i64) -> Emission {
    let model = &*per_purpose(model);
    let holders = Holders::of(model, IdentityKind::Kubernetes, accounts::check);
    let units = units(model);
    let mut progress: Vec<Progress> = Vec::new();
    for grant in &model.grants {
        progress.push(match plan(model, grant, now, &holders, &units) {
            Ok(progress) => progress,
            Err(reason) => Progress { losses: [reason].into(), ..Progress::default() },
        });
    }
    share(model, &units, &mut progress);
    admit(model, &mut progress);
    write(model, progress)
}

/// One grant by itself.
fn plan(
    model: &Model,
    grant: &Grant,
    now: i64,
    holders: &Holders,
    units: &BTreeMap<OpId, Vec<Unit>>,
) -> Result<Progress, String> {
    // whoever deploys what is built, deploys it now
    if let Some(instant) = grant.starts.filter(|starts| *starts > now) {
        let starts = instant_text(instant);
        return Err(format!(
            "it starts at {starts}, and the cluster does not know the time: build again then"
        ));
    }
    if let Some(instant) = grant.expires.filter(|expires| *expires <= now) {
        return Err(format!(
            "it expired at {}, and the cluster does not know the time",
            instant_text(instant)
        ));
    }
    let mut progress = Progress {
        assumptions: session_assumptions(model, grant, SHORTEST_TOKEN)?.into_iter().collect(),
        ..Progress::default()
    };
    progress.accounts = holders.for_grant(model, grant)?.to_vec();
    let mut identities = model.agent(grant.to).identities.iter();
    if identities.all(|of| of.kind != IdentityKind::Kubernetes || of.purposes.is_some()) {
        // each account says for what it is
        progress.assumptions.remove(&Assumption::OneIdentityPerPurpose);
    }
    if let Some(instant) = grant.expires {
        progress.assumptions.insert(Assumption::RemovedAt { instant });
    }
    if let Some(instant) = grant.starts {
        progress.assumptions.insert(Assumption::InstalledFrom { instant });
    }
    if !grant.delegates.is_empty() {
        progress.losses.insert("what its delegates may do is not exported".to_string());
    }
    let ops = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
    for op in ops.iter() {
        let name = model.op_name(op);
        let facts = Facts { model, grant, op };
        let Some(of_op) = units.get(&op) else {
            progress.losses.insert(format!("`{name}` has no binding that Kubernetes can be asked about"));
            continue;
        };
        let Some(forbids) = facts.reckoned_with(&mut progress.assumptions, &mut progress.losses) else {
            continue;
        };
        let mut cond = vec![facts.condition()];
        cond.extend(forbids.into_iter().map(|(_, forbid)| dual(&forbid.when)));
        let cond = Cond::All(cond);
        for unit in of_op {
            if let Some(reason) = unit.unsayable() {
                progress.losses.insert(format!("`{name}`: {reason}"));
                continue;
            }
            let reduced = reduce(&cond, &facts, &|literal| see(unit, &facts, literal));
            for what in reduced.unseen {
                progress.losses.insert(format!("`{name}`: `{}` {}", unit.verb, unseen(unit, &what)));
            }
            let regions = reduced.alternatives.iter().filter_map(|facts| unit.region(grant, facts));
            for region in regions {
                if !progress.regions.contains(&region) {
                    progress.regions.push(region);
                }
            }
        }
    }
    Ok(progress)
}

fn unseen(unit: &Unit, what: &str) -> String {
    let named = unit.name_arg.as_ref().is_some_and(|arg| what == format!("`args.{arg}`"));
    if named && !unit.sees_name() {
        format!("cannot be limited to names, which {what} would need")
    } else {
        format!("depends on {what}, which {}", unit.blindness())
    }
}

/// Calls that several tools stand behind are allowed only where all of them are.
fn share(model: &Model, units: &BTreeMap<OpId, Vec<Unit>>, progress: &mut [Progress]) {
    let mut by_call: BTreeMap<_, Vec<&Unit>> = BTreeMap::new();
    for unit in units.values().flatten() {
        by_call.entry(unit.call()).or_default().push(unit);
    }
    let mut sessions: BTreeMap<(AgentId, PurposeId), Vec<usize>> = BTreeMap::new();
    for (at, grant) in model.grants.iter().enumerate() {
        sessions.entry((grant.to, grant.purpose)).or_default().push(at);
    }
    for grants in sessions.values() {
        let mut by_region_call: BTreeMap<_, Vec<(usize, Region)>> = BTreeMap::new();
        for &at in grants {
            for region in std::mem::take(&mut progress[at].regions) {
                by_region_call.entry(region.call.clone()).or_default().push((at, region));
            }
        }
        for (call, mut regions) in by_region_call {
            let units = &by_call[&call];
            let taken = settle(
                model,
                &mut regions,
                units,
                |region, unit| unit.meets(region),
                |region, unit| region.unit == unit.id,
                Region::covers,
            );
            for ((at, region), unit) in taken {
                progress[at].losses.insert(format!(
                    "`{}`: `{}` on `{}` is also how `{}` is carried out, and that is not allowed there",
                    model.op_name(region.unit.0),
                    call.verb,
                    call.resource,
                    model.op_name(units[unit].id.0)
                ));
            }
            for (at, region) in regions {
                progress[at].regions.push(region);
            }
        }
    }
}

/// The regions by agent and purpose, and so by account.
fn sessions(model: &Model, progress: &[Progress]) -> BTreeMap<(AgentId, PurposeId), Session> {
    let mut sessions: BTreeMap<(AgentId, PurposeId), Session> = BTreeMap::new();
    for (at, (grant, progress)) in model.grants.iter().zip(progress).enumerate() {
        let regions = progress.regions.iter().map(|region| (GrantId::at(at), region.clone()));
        sessions.entry((grant.to, grant.purpose)).or_default().extend(regions);
    }
    sessions
}

/// What a policy would let through against the source is taken out.
fn admit(model: &Model, progress: &mut [Progress]) {
    for mut session in sessions(model, progress).into_values() {
        for (grant, region, why) in policies::settle(&mut session) {
            let of = &mut progress[grant.index()];
            of.regions.retain(|kept| *kept != region);
            let (verb, resource) = (&region.call.verb, &region.call.resource);
            let why = match why {
                InTheWay::Time(by) => {
                    let by = &model.grant(by).name;
                    format!(
                        "is also given by grant `{by}`, at another time, and admission does not know the time"
                    )
                }
                InTheWay::Verb(other) => {
                    format!("is to admission the same as `{other}`, which is not allowed there alike")
                }
            };
            let name = model.op_name(region.unit.0);
            of.losses.insert(format!("`{name}`: `{verb}` on `{resource}` {why}"));
        }
    }
}

fn write(model: &Model, progress: Vec<Progress>) -> Emission {
    let mut emission = Emission::default();
    let mut accounts: BTreeMap<Str, Vec<GrantId>> = BTreeMap::new();
    // a refused grant has no account, so any of them may be the one that knows
    let mut known: BTreeMap<(AgentId, PurposeId), BTreeSet<Str>> = BTreeMap::new();
    for (grant, progress) in model.grants.iter().zip(&progress) {
        known.entry((grant.to, grant.purpose)).or_default().extend(progress.accounts.iter().cloned());
    }
    for (of, session) in sessions(model, &progress) {
        for account in known.get(&of).into_iter().flatten() {
            if let Some((path, text, rules)) = policies::of_account(model, account, &session) {
                emission.files.insert(path, text);
                emission.rules.extend(rules);
            }
        }
    }
    for (at, progress) in progress.into_iter().enumerate() {
        let id = GrantId::at(at);
        let exported = !progress.regions.is_empty();
        if exported {
            for account in &progress.accounts {
                accounts.entry(account.clone()).or_default().push(id);
            }
            let (path, text, rules) = manifests::grant(model, id, &progress.accounts, &progress.regions);
            emission.files.insert(path, text);
            emission.rules.extend(rules);
            let clean_up = clean_up::of_grant(model, id, &places(&progress.regions));
            emission.files.extend(clean_up.map(|text| (clean_up::file(model.grant(id)), text)));
        }
        let nothing = "nothing that it allows can reach Kubernetes: it allows no call at all";
        emission.outcomes.push(outcome(id, exported, progress.assumptions, progress.losses, nothing));
    }
    if !accounts.is_empty() {
        let text = manifests::accounts(model, &accounts);
        emission.files.insert(manifests::ACCOUNTS_FILE.to_string(), text);
        let requests = tokens::requests(model, &accounts);
        emission.files.extend(requests.map(|text| (tokens::FILE.to_string(), text)));
    }
    let assumed = emission.outcomes.iter().flat_map(|outcome| outcome.assumptions.iter().cloned());
    emission.assumptions = assumed.collect::<BTreeSet<_>>().into_iter().collect();
    emission
}

/// Where the regions have bindings.
fn places(regions: &[Region]) -> clean_up::Places<'_> {
    let mut places = clean_up::Places::new();
    for region in regions {
        match &region.namespaces {
            None => _ = places.insert(None),
            Some(namespaces) => places.extend(namespaces.iter().map(|name| Some(name.as_str()))),
        }
    }
    places
}
