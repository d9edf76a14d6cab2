//! Bindings to rules over requests of the language.
//!
//! Each [`Unit`] of an operation (a verb on a resource, by one binding of its tool) is a part of its
//! calls: the call goes through when every unit may be carried out. What a source request says of
//! its requests to the API server leaves some of it open (a `list` may name an object or not), so a
//! unit that is not determined has two parts, *may* and *must*: in the first a rule counts when it
//! lets through some request that the unit may make, in the second only when it lets through all.
//! Then "each allowed part is allowed by the source" and "all parts are allowed" mean, together,
//! what [`super::super::request::project`] makes them mean.

use super::super::manifests::grant_file;
use super::Manifests;
use super::rbac::{Binding, PolicyRule, Subject, user_of};
use crate::model::*;
use crate::targets::Source;
use crate::targets::kubernetes::region::Unit;
use crate::targets::reading::{Predicate, ReadRule, Reading, Unread};
use crate::targets::reduce::purposes_held;
use bailiwick_grammar::ast::CompareOp;
use std::collections::{BTreeMap, BTreeSet};

/// The units by verb, group and resource, each with its operation and the first of its parts.
type Calls<'a> = BTreeMap<(&'a str, &'a str, &'a str), Vec<(OpId, usize, &'a Unit)>>;

/// Lifts what was read; `units` are the ways of the project's tools to the API server.
pub fn lift(model: &Model, units: &BTreeMap<OpId, Vec<Unit>>, read: &Manifests) -> Reading {
    let mut reading = Reading::default();
    let mut calls = Calls::new();
    for (op, units) in units {
        let mut parts = 0;
        for unit in units {
            calls.entry((&unit.verb, &unit.group, &unit.resource)).or_default().push((*op, parts, unit));
            parts += if unit.knows_name() { 1 } else { 2 };
        }
        reading.parts.insert(*op, parts);
    }
    let accounts = accounts(model);
    for (file, account) in &read.workloads {
        if accounts.contains_key(account.as_str()) {
            let what = format!("a job runs as `{account}`, the account of an agent");
            reading.unread.push(Unread { file: file.clone(), what });
        }
    }
    let grants = model.grants.iter().enumerate();
    let grants: BTreeMap<String, GrantId> =
        grants.map(|(at, grant)| (grant_file(grant), GrantId::at(at))).collect();
    let of_grant = |binding: &&Binding| grants.contains_key(binding.file.as_str());
    let bindings: BTreeSet<&str> =
        read.bindings.iter().filter(of_grant).map(|binding| binding.name.as_str()).collect();
    for binding in &read.bindings {
        let stray = |what: String| Unread {
            file: binding.file.clone(),
            what: format!("{} gives {what}", binding.id),
        };
        let mut bound: BTreeSet<&str> = BTreeSet::new();
        for subject in &binding.subjects {
            let found: Vec<&str> = match subject {
                Subject::Account(namespace, name) => {
                    let account = accounts.get_key_value(format!("{namespace}/{name}").as_str());
                    account.into_iter().map(|(account, _)| *account).collect()
                }
                // Users and groups reach agents by the names that their accounts have there.
                Subject::User(_) | Subject::Group(_) => {
                    let those = accounts.keys().filter(|account| {
                        account.split_once('/').is_some_and(|(namespace, name)| {
                            let (user, groups) = user_of(namespace, name);
                            subject.is(&user, &groups)
                        })
                    });
                    those.copied().collect()
                }
            };
            let alone = match subject {
                Subject::Account(..) => !found.is_empty(),
                Subject::User(_) => !found.is_empty(),
                Subject::Group(_) => false,
            };
            bound.extend(found);
            if !alone && !binding.rules.iter().all(|rule| removes(rule, &bindings)) {
                reading
                    .strays
                    .push(stray(format!("access to {}, which is no agent's alone", subject.text())));
            }
        }
        if bound.is_empty() {
            continue;
        }
        for rule in &binding.rules {
            for what in strays(binding, rule, &calls) {
                reading.strays.push(stray(what));
            }
        }
        // whose file it is says with which grant it is taken out, whatever it says of itself
        let from = grants.get(binding.file.as_str()).copied();
        for account in bound {
            let ttl = from.and_then(|grant| model.grant(grant).ttl);
            for (file, life) in read.tokens.get(account).into_iter().flatten() {
                if let Some(ttl) = ttl.filter(|ttl| life > ttl) {
                    let what = format!(
                        "a token of `{account}` lives {life} s, a session of `{}` {ttl} s",
                        binding.id
                    );
                    reading.strays.push(Unread { file: file.clone(), what });
                }
            }
            let root = Predicate::Any(accounts[account].iter().map(Holder::predicate).collect());
            let permits = match permits(model, binding, account, &calls, read) {
                Ok(permits) => permits,
                Err((file, what)) => {
                    let unread = Unread { file, what };
                    if !reading.unread.contains(&unread) {
                        reading.unread.push(unread);
                    }
                    continue;
                }
            };
            for ((op, part), places) in permits {
                reading.permits.push(ReadRule {
                    file: binding.file.clone(),
                    id: binding.id.clone(),
                    from: from.map(Source::Grant),
                    part,
                    holds: Predicate::All(vec![
                        root.clone(),
                        Predicate::Op(OpSet::only(op)),
                        Predicate::Any(places),
                    ]),
                });
            }
        }
    }
    reading
}

/// What lets a call through, by its operation and the part of it that is asked for.
type Permits = BTreeMap<(OpId, usize), Vec<Predicate>>;

/// Where a binding lets an account's calls through, and admission too: by operation and part.
fn permits(
    model: &Model,
    binding: &Binding,
    account: &str,
    calls: &Calls,
    read: &Manifests,
) -> Result<Permits, (String, String)> {
    let (namespace, name) = account.split_once('/').unwrap_or_default();
    let user = user_of(namespace, name).0;
    let mut permits = Permits::new();
    for rule in &binding.rules {
        let met = calls.iter().filter(|((verb, group, resource), _)| rule.is_for(verb, group, resource));
        for (op, part, unit) in met.flat_map(|(_, units)| units) {
            let Some(here) = place(unit, binding) else { continue };
            let mut may = vec![here, read.admission.admits(model, &user, unit)?];
            if unit.knows_name() {
                may.extend(named(unit, rule));
            } else if rule.names.is_empty() {
                permits.entry((*op, part + 1)).or_default().push(Predicate::All(may.clone()));
            }
            permits.entry((*op, *part)).or_default().push(Predicate::All(may));
        }
    }
    Ok(permits)
}

/// An agent, and the purposes that an account of it serves.
struct Holder {
    agent: AgentId,
    purposes: PurposeSet,
}

impl Holder {
    fn predicate(&self) -> Predicate {
        let purposes = Predicate::atom(Atom::Purpose(self.purposes.clone()));
        Predicate::All(vec![Predicate::Root(AgentSet::only(self.agent)), purposes])
    }
}

/// Whose the accounts are.
fn accounts(model: &Model) -> BTreeMap<&str, Vec<Holder>> {
    let mut accounts: BTreeMap<&str, Vec<Holder>> = BTreeMap::new();
    for ((at, agent), held) in model.agents.iter().enumerate().zip(purposes_held(model)) {
        for identity in agent.identities.iter().filter(|identity| identity.kind == IdentityKind::Kubernetes) {
            let purposes = identity.purposes.clone().unwrap_or_else(|| held.clone());
            let holder = Holder { agent: AgentId::at(at), purposes };
            accounts.entry(&identity.value).or_default().push(holder);
        }
    }
    accounts
}

fn is(arg: &Str, text: &str) -> Predicate {
    Predicate::compare(&Attr::Arg(arg.clone()), CompareOp::Eq, Value::Text(text.into()))
}

/// When the unit's requests are where the binding holds; `None` for never.
fn place(unit: &Unit, binding: &Binding) -> Option<Predicate> {
    match (&binding.namespace, &unit.namespace_arg) {
        (None, Some(arg)) => Some(Predicate::has(&Attr::Arg(arg.clone()))),
        (None, None) => Some(Predicate::TRUE),
        (Some(namespace), Some(arg)) => Some(is(arg, namespace)),
        (Some(namespace), None) => {
            unit.namespaces.as_ref().is_some_and(|fixed| fixed.contains(namespace)).then_some(Predicate::TRUE)
        }
    }
}

/// When the rule holds of the name that the unit's requests carry.
fn named(unit: &Unit, rule: &PolicyRule) -> Option<Predicate> {
    let present = unit.name_arg.as_ref().map(|arg| Predicate::has(&Attr::Arg(arg.clone())));
    if rule.names.is_empty() {
        return present;
    }
    let names = rule.names.iter();
    Some(match &unit.name_arg {
        Some(arg) => Predicate::Any(names.map(|name| is(arg, name)).collect()),
        None => match &unit.names {
            Some(fixed) if names.clone().any(|name| fixed.contains(name)) => Predicate::TRUE,
            Some(_) | None => Predicate::FALSE,
        },
    })
}

/// Whether a rule lets its holder do nothing but take out bindings of grants that are here: whoever
/// holds that can only end access.
fn removes(rule: &PolicyRule, bindings: &BTreeSet<&str>) -> bool {
    rule.verbs.iter().all(|verb| verb == "delete")
        && rule.groups.iter().all(|group| group == "rbac.authorization.k8s.io")
        && rule
            .resources
            .iter()
            .all(|resource| resource == "rolebindings" || resource == "clusterrolebindings")
        && !rule.names.is_empty()
        && rule.names.iter().all(|name| bindings.contains(name.as_str()))
        && rule.urls.is_empty()
}

/// What a rule lets agents do that none of the project's tools does.
fn strays(binding: &Binding, rule: &PolicyRule, calls: &Calls) -> Vec<String> {
    let mut found = Vec::new();
    if !rule.urls.is_empty() && binding.namespace.is_none() {
        found.push("paths of the API server, which no tool asks for".to_string());
    }
    for group in &rule.groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                if [verb, group].into_iter().any(|part| part == "*") || resource.contains('*') {
                    found.push(format!("`{verb}` on `{resource}` of `{group}`: more than the tools do"));
                    continue;
                }
                let units = calls.get(&(verb.as_str(), group.as_str(), resource.as_str()));
                let units: Vec<&Unit> = units.into_iter().flatten().map(|(_, _, unit)| *unit).collect();
                if units.is_empty() {
                    found.push(format!("`{verb}` on `{resource}`, which no tool does"));
                    continue;
                }
                // A unit whose namespace or name is an argument of any text makes every request.
                let in_places = |unit: &&&Unit| match (&binding.namespace, &unit.namespaces) {
                    (_, None) => true,
                    (Some(namespace), Some(have)) => have.contains(namespace),
                    (None, Some(_)) => unit.is_cluster(),
                };
                let here: Vec<&&Unit> = units.iter().filter(in_places).collect();
                let any = |unit: &&&&Unit| !unit.sees_name() || unit.names.is_none();
                let known = |name: &String| {
                    here.iter().any(|unit| {
                        !unit.sees_name() || unit.names.as_ref().is_none_or(|names| names.contains(name))
                    })
                };
                if here.is_empty() {
                    let place = binding.namespace.as_deref().unwrap_or("every namespace");
                    found.push(format!("`{verb}` on `{resource}` in `{place}`, which no tool does there"));
                } else if rule.names.is_empty() && !here.iter().any(|unit| any(&unit)) {
                    found.push(format!("`{verb}` on all `{resource}`, and tools do it to some by name only"));
                } else if let Some(name) = rule.names.iter().find(|name| !known(name)) {
                    found.push(format!("`{verb}` on `{resource}` named `{name}`, which no tool does"));
                }
            }
        }
    }
    found
}
