//! Admission policies: for each account and each kind of write that some grant limits by more than
//! RBAC sees, one that lets through what some grant allows.
//!
//! A policy stands for all grants of its account together, because of two policies both must agree.
//! It does not know the time, nor `update` from `patch`. So a region may be in it only where, for
//! every other region that RBAC opens by the same operation, what it lets through is allowed with
//! that one's verb and for that one's life.

use super::admission::{Operation, conjuncts, quote};
use super::manifests::{Marks, marks};
use super::region::Region;
use super::yaml::{Yaml, stream};
use crate::model::*;
use crate::targets::{Rule, Source};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A kind of write: operation, API group, resource.
type Write = (Operation, Str, Str);

/// The regions of one agent for one purpose, with their grants.
pub type Session = Vec<(GrantId, Region)>;

/// What a region has to make way for.
pub enum InTheWay {
    /// This grant, which holds at another time.
    Time(GrantId),
    /// Another verb, which admission takes for the same.
    Verb(Str),
}

/// Takes out of a session what its policies would let through against the source: the region, and why.
pub fn settle(session: &mut Session) -> Vec<(GrantId, Region, InTheWay)> {
    let mut taken = Vec::new();
    for (_, at) in writes(session) {
        let regions: Vec<&(GrantId, Region)> = at.iter().map(|&at| &session[at]).collect();
        if regions.iter().all(|(_, region)| region.checks.is_empty()) {
            continue;
        }
        let mut kept = regions.clone();
        for &(id, region) in &regions {
            let others = kept.iter().find(|(_, other)| {
                // each deletion of a collection comes without the object's name
                other.call.verb != region.call.verb && &*region.call.verb == "deletecollection"
                    || region.meets(other) && !allowed(&regions, region, other)
            });
            let Some((by, other)) = others else { continue };
            let why = match other.call.verb == region.call.verb {
                true => InTheWay::Time(*by),
                false => InTheWay::Verb(other.call.verb.clone()),
            };
            kept.retain(|(_, kept)| kept != region);
            taken.push((*id, region.clone(), why));
        }
    }
    session.retain(|(id, region)| !taken.iter().any(|(of, gone, _)| of == id && gone == region));
    taken
}

/// Whether what is in `region` is allowed with the verb of `other` as long as that holds.
fn allowed(regions: &[&(GrantId, Region)], region: &Region, other: &Region) -> bool {
    regions.iter().any(|(_, wide)| {
        wide.call.verb == other.call.verb
            && wide.life.0 <= other.life.0
            && other.life.1 <= wide.life.1
            && Region { life: region.life, ..wide.clone() }.covers(region)
    })
}

/// The writes of a session, and where in it their regions are.
fn writes(session: &Session) -> BTreeMap<Write, Vec<usize>> {
    let mut writes: BTreeMap<Write, Vec<usize>> = BTreeMap::new();
    for (at, (_, region)) in session.iter().enumerate() {
        if let Some(operation) = Operation::of(&region.call.verb) {
            let write = (operation, region.call.group.clone(), region.call.resource.clone());
            writes.entry(write).or_default().push(at);
        }
    }
    writes
}

/// The file with the policies of an account and what binds them, and its rules; `None` when RBAC
/// says everything.
pub fn of_account(model: &Model, account: &str, session: &Session) -> Option<(String, String, Vec<Rule>)> {
    let (namespace, name) = account.split_once('/')?;
    let path = format!("admission/{namespace}.{name}.yaml");
    let mut documents = Vec::new();
    let mut rules = Vec::new();
    for ((operation, group, resource), at) in writes(session) {
        let regions: Vec<&(GrantId, Region)> = at.iter().map(|&at| &session[at]).collect();
        let alternatives: BTreeSet<Vec<String>> =
            regions.iter().map(|(_, region)| conjuncts(region)).collect();
        let limited = regions.iter().any(|(_, region)| !region.checks.is_empty());
        if !limited || alternatives.contains(&Vec::new()) {
            continue;
        }
        let grants: BTreeSet<GrantId> = regions.iter().map(|(id, _)| *id).collect();
        let id = policy_name(account, operation, &group, &resource);
        let mut metadata = vec![("name".to_string(), Yaml::text(&id))];
        metadata.extend(marks(model, &Marks::Grants(grants.iter().copied().collect())));
        let policy = Policy {
            metadata: Yaml::Map(metadata),
            operation,
            group: &group,
            resource: &resource,
            user: format!("system:serviceaccount:{namespace}:{name}"),
            expression: any(&alternatives),
            message: message(model, grants.first().copied()?, &resource),
        };
        for (kind, spec) in
            [("ValidatingAdmissionPolicy", policy.spec()), ("ValidatingAdmissionPolicyBinding", binding(&id))]
        {
            documents.push(Yaml::map([
                ("apiVersion", Yaml::text("admissionregistration.k8s.io/v1")),
                ("kind", Yaml::text(kind)),
                ("metadata", policy.metadata.clone()),
                ("spec", spec),
            ]));
            rules.extend(grants.iter().map(|grant| Rule {
                file: path.clone(),
                id: format!("{kind} {id}"),
                from: Source::Grant(*grant),
            }));
        }
    }
    (!documents.is_empty()).then(|| (path, stream(&documents), rules))
}

/// Unique to account and write, and short whatever they are.
fn policy_name(account: &str, operation: Operation, group: &str, resource: &str) -> String {
    let operation = operation.name().to_ascii_lowercase();
    let digest = Sha256::digest(format!("{account} {operation} {group} {resource}").as_bytes());
    let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let short: String = resource.chars().map(|c| if c == '/' { '.' } else { c }).take(128).collect();
    format!("bailiwick.{operation}.{}.{digest}", short.trim_end_matches(['.', '-']))
}

fn message(model: &Model, grant: GrantId, resource: &str) -> String {
    let grant = model.grant(grant);
    format!(
        "no grant to agent {} for purpose {} allows this of {resource}",
        model.agent(grant.to).name,
        model.purpose(grant.purpose).name
    )
}

fn any(alternatives: &BTreeSet<Vec<String>>) -> String {
    let all = alternatives.iter().map(|parts| parts.join(" && "));
    match alternatives.len() {
        1 => all.collect(),
        _ => all.map(|one| format!("({one})")).collect::<Vec<_>>().join(" || "),
    }
}

struct Policy<'a> {
    metadata: Yaml,
    operation: Operation,
    group: &'a str,
    resource: &'a str,
    user: String,
    expression: String,
    message: String,
}

impl Policy<'_> {
    fn spec(&self) -> Yaml {
        let write = Yaml::map([
            ("apiGroups", Yaml::texts([self.group])),
            ("apiVersions", Yaml::texts(["*"])),
            ("operations", Yaml::texts([self.operation.name()])),
            ("resources", Yaml::texts([self.resource])),
        ]);
        let account = Yaml::map([
            ("name", Yaml::text("account")),
            ("expression", Yaml::Text(format!("request.userInfo.username == {}", quote(&self.user)))),
        ]);
        let validation = Yaml::map([
            ("expression", Yaml::text(&self.expression)),
            ("message", Yaml::text(&self.message)),
            ("reason", Yaml::text("Forbidden")),
        ]);
        Yaml::map([
            // what cannot be decided is denied
            ("failurePolicy", Yaml::text("Fail")),
            (
                "matchConstraints",
                Yaml::map([
                    ("matchPolicy", Yaml::text("Equivalent")),
                    ("resourceRules", Yaml::List(vec![write])),
                ]),
            ),
            ("matchConditions", Yaml::List(vec![account])),
            ("validations", Yaml::List(vec![validation])),
        ])
    }
}

fn binding(policy: &str) -> Yaml {
    Yaml::map([("policyName", Yaml::text(policy)), ("validationActions", Yaml::texts(["Deny"]))])
}
