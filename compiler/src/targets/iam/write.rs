//! The files of every role, and what became of every grant.

use super::approval;
use super::boundary::boundary;
use super::document::{Names, statements};
use super::pack::pack;
use super::unit::Region;
use super::{Progress, Role, issue, session_policy, suspend, wrap};
use crate::model::*;
use crate::targets::{Assumption, Emission, Outcome, Source, reduce};
use std::collections::{BTreeMap, BTreeSet};

/// Who makes requests with a role, and for what.
type Session = (AgentId, PurposeId);

/// Writes it all down. `bounds` is what boundaries may hold; `sessions` are the grants, by who uses
/// them for what.
pub fn write(
    model: &Model,
    bounds: &[Region],
    sessions: &BTreeMap<Session, Vec<usize>>,
    mut progress: Vec<Progress>,
) -> Emission {
    let mut emission = Emission::default();
    let mut names = Names::default();
    for (session, grants) in sessions {
        write_session(model, bounds, *session, grants, &mut progress, &mut names, &mut emission);
    }
    let (files, rules) = suspend::suspended(model, &mut names);
    emission.files.extend(files);
    emission.rules.extend(rules);
    wrapped(model, &mut emission.files);
    for (at, progress) in progress.into_iter().enumerate() {
        emission.outcomes.push(outcome(model, GrantId::at(at), progress));
    }
    let assumed = emission.outcomes.iter().flat_map(|outcome| outcome.assumptions.iter().cloned());
    emission.assumptions = assumed.collect::<BTreeSet<_>>().into_iter().collect();
    emission
}

/// What belongs to the roles of one agent and purpose.
fn write_session(
    model: &Model,
    bounds: &[Region],
    (agent, purpose): Session,
    grants: &[usize],
    progress: &mut [Progress],
    names: &mut Names,
    emission: &mut Emission,
) {
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
    let packed =
        pack(statements(model, &allowed), &statements(model, &denied), model.options.iam.managed_policies);
    if !packed.documents.is_empty() {
        let kept = packed.documents.values().flat_map(|document| document.statements());
        let tags: BTreeSet<String> =
            kept.flat_map(|statement| statement.conditions.tags()).map(tag_name).collect();
        let boundary = boundary(model, agent, bounds, allowed.iter().map(|(_, region)| *region));
        for role in roles.iter().filter_map(|role| Role::of(role)) {
            let folder = role.folder();
            for (name, document) in &packed.documents {
                let file = format!("{folder}/{name}");
                let (text, rules) = document.write(&file, names);
                emission.files.insert(file, text);
                emission.rules.extend(rules);
            }
            let policies =
                packed.documents.keys().filter_map(|name| emission.files.get(&format!("{folder}/{name}")));
            let session_policy = session_policy::session_policy(policies.map(String::as_str));
            let session = issue::session(model, &role, agent, purpose, &tags);
            let more = [
                ("trust.json", issue::trust(&role, model.agent(agent), purpose)),
                ("session.json", Some(session)),
                ("boundary.json", boundary.clone()),
                (session_policy::FILE, session_policy),
            ];
            let more = more.into_iter().filter_map(|(name, text)| Some((format!("{folder}/{name}"), text?)));
            emission.files.extend(more);
        }
    }
    let kept: BTreeSet<Source> =
        packed.documents.values().flat_map(|one| one.statements()).map(|statement| statement.from).collect();
    for (statement, reason) in packed.left_out {
        let Source::Grant(grant) = statement.from else { continue };
        let lost = &mut progress[grant.index()];
        lost.losses.insert(reason);
        if !kept.contains(&statement.from) {
            lost.allowed.clear();
        }
    }
}

/// A session attribute, of the key that carries it.
fn tag_name(key: &str) -> String {
    key.split_once('/').map_or(key, |(_, name)| name).to_string()
}

/// Adds the wrappers of every folder that are asked for.
fn wrapped(model: &Model, files: &mut BTreeMap<String, String>) {
    let roles = model.agents.iter().flat_map(|agent| &agent.identities);
    let roles: BTreeMap<String, Role> = roles
        .filter(|identity| identity.kind == IdentityKind::AwsRole)
        .filter_map(|identity| Role::of(&identity.value))
        .map(|role| (role.folder(), role))
        .collect();
    let mut wrappers = Vec::new();
    for (folder, role) in &roles {
        let inside = files.iter().filter_map(|(path, text)| {
            let (of, name) = path.rsplit_once('/')?;
            (of == folder).then_some((name, text.as_str()))
        });
        let inside: BTreeMap<&str, &str> = inside.collect();
        if inside.is_empty() {
            continue;
        }
        for wrapper in &model.options.iam.wrappers {
            let text = wrap::wrap(*wrapper, role, &inside);
            wrappers.extend(text.map(|text| (format!("{folder}/{}", wrap::file(*wrapper)), text)));
        }
    }
    files.extend(wrappers);
}

fn outcome(model: &Model, grant: GrantId, mut progress: Progress) -> Outcome {
    for region in &progress.allowed {
        for tag in region.conditions.tags() {
            progress.assumptions.insert(Assumption::TagSetByIssuer { tag: tag.to_string() });
            if approval::of_key(model, tag).is_some() {
                progress.assumptions.insert(Assumption::ApprovalOfSession { tag: tag.to_string() });
            }
        }
    }
    let exported = !progress.allowed.is_empty();
    let nothing = "it allows no call that reaches AWS";
    reduce::outcome(grant, exported, progress.assumptions, progress.losses, nothing)
}
