//! Regions to manifests: what is written, and how it leads back to its grant.

use super::region::{Names, Region, is_dns, is_namespace};
use super::yaml::{Yaml, stream};
use crate::model::*;
use crate::targets::{Rule, Source};
use crate::types::value::instant_text;
use std::collections::{BTreeMap, BTreeSet};

/// The file with all service accounts.
pub const ACCOUNTS_FILE: &str = "service-accounts.yaml";

/// The API group of RBAC.
const RBAC: &str = "rbac.authorization.k8s.io";

/// Why a text is no service account that can be written: `NAMESPACE/NAME`.
pub fn check_account(account: &str) -> Result<(), String> {
    match account.split_once('/') {
        Some((namespace, name)) if is_namespace(namespace) && is_dns(name, 253) => Ok(()),
        Some(_) | None => Err(format!("`{account}` is no service account: write `NAMESPACE/NAME`")),
    }
}

/// The service accounts, each with a grant that it carries.
pub fn accounts(model: &Model, accounts: &BTreeMap<Str, GrantId>) -> String {
    let documents: Vec<_> = accounts
        .iter()
        .filter_map(|(account, grant)| {
            let (namespace, name) = account.split_once('/')?;
            let grant = model.grant(*grant);
            let mut entries = common("v1", "ServiceAccount");
            let mut metadata = vec![
                ("name".to_string(), Yaml::text(name)),
                ("namespace".to_string(), Yaml::text(namespace)),
            ];
            metadata.extend(marks(model, grant, false));
            entries.push(("metadata".to_string(), Yaml::Map(metadata)));
            // Tokens are asked for one by one, with an end; none is put into every pod.
            entries.push(("automountServiceAccountToken".to_string(), Yaml::Bool(false)));
            Some(Yaml::Map(entries))
        })
        .collect();
    stream(&documents)
}

/// Where a grant's roles and bindings are: they are installed and taken out together.
pub fn grant_file(grant: &Grant) -> String {
    format!("grants/{}.yaml", grant.name)
}

/// The file of one grant: its path, its text and its rules.
pub fn grant(
    model: &Model,
    id: GrantId,
    accounts: &[Str],
    regions: &[Region],
) -> (String, String, Vec<Rule>) {
    let grant = model.grant(id);
    let path = grant_file(grant);
    let name = format!("bailiwick:{}", grant.name);
    let mut by_namespace: BTreeMap<Option<&str>, Vec<&Region>> = BTreeMap::new();
    for region in regions {
        match &region.namespaces {
            None => by_namespace.entry(None).or_default().push(region),
            Some(namespaces) => {
                for namespace in namespaces {
                    by_namespace.entry(Some(namespace)).or_default().push(region);
                }
            }
        }
    }
    let mut documents = Vec::new();
    let mut rules = Vec::new();
    for (namespace, regions) in by_namespace {
        let (role, binding) = match namespace {
            None => ("ClusterRole", "ClusterRoleBinding"),
            Some(_) => ("Role", "RoleBinding"),
        };
        for kind in [role, binding] {
            let mut metadata = vec![("name".to_string(), Yaml::text(&name))];
            metadata.extend(namespace.map(|namespace| ("namespace".to_string(), Yaml::text(namespace))));
            metadata.extend(marks(model, grant, true));
            let mut entries = common("rbac.authorization.k8s.io/v1", kind);
            entries.push(("metadata".to_string(), Yaml::Map(metadata)));
            if kind == role {
                entries.push(("rules".to_string(), policy_rules(&regions)));
            } else {
                entries.push((
                    "roleRef".to_string(),
                    Yaml::map([
                        ("apiGroup", Yaml::text(RBAC)),
                        ("kind", Yaml::text(role)),
                        ("name", Yaml::text(&name)),
                    ]),
                ));
                entries.push(("subjects".to_string(), subjects(accounts)));
            }
            documents.push(Yaml::Map(entries));
            let place = namespace.map(|namespace| format!("{namespace}/")).unwrap_or_default();
            rules.push(Rule {
                file: path.clone(),
                id: format!("{kind} {place}{name}"),
                from: Source::Grant(id),
            });
        }
    }
    (path, stream(&documents), rules)
}

fn common(version: &str, kind: &str) -> Vec<(String, Yaml)> {
    vec![("apiVersion".to_string(), Yaml::text(version)), ("kind".to_string(), Yaml::text(kind))]
}

fn subjects(accounts: &[Str]) -> Yaml {
    let subjects = accounts.iter().filter_map(|account| account.split_once('/'));
    Yaml::List(
        subjects
            .map(|(namespace, name)| {
                Yaml::map([
                    ("kind", Yaml::text("ServiceAccount")),
                    ("name", Yaml::text(name)),
                    ("namespace", Yaml::text(namespace)),
                ])
            })
            .collect(),
    )
}

/// One rule for the verbs that share a resource and names; then one for the resources that share
/// verbs and names. What the rules say together stays the same.
fn policy_rules(regions: &[&Region]) -> Yaml {
    let mut verbs: BTreeMap<(&Names, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    for region in regions {
        let call = &region.call;
        verbs.entry((&region.names, &call.group, &call.resource)).or_default().insert(&call.verb);
    }
    let mut resources: BTreeMap<(&Names, &str, BTreeSet<&str>), BTreeSet<&str>> = BTreeMap::new();
    for ((names, group, resource), verbs) in verbs {
        resources.entry((names, group, verbs)).or_default().insert(resource);
    }
    let rules = resources.into_iter().map(|((names, group, verbs), resources)| {
        let mut rule = vec![
            ("apiGroups".to_string(), Yaml::texts([group])),
            ("resources".to_string(), Yaml::texts(resources)),
        ];
        if let Some(names) = names {
            rule.push(("resourceNames".to_string(), Yaml::texts(names.iter().map(String::as_str))));
        }
        rule.push(("verbs".to_string(), Yaml::texts(verbs)));
        Yaml::Map(rule)
    });
    Yaml::List(rules.collect())
}

/// Labels to select by, annotations to read: what leads back to the grant.
fn marks(model: &Model, grant: &Grant, of_grant: bool) -> Vec<(String, Yaml)> {
    let agent = model.agent(grant.to);
    let mut marks = vec![
        ("agent", agent.name.to_string()),
        ("owner", model.principal(agent.owner).name.to_string()),
        ("purpose", model.purpose(grant.purpose).name.to_string()),
    ];
    if of_grant {
        marks.push(("grant", grant.name.to_string()));
    }
    let mut labels = vec![("app.kubernetes.io/managed-by".to_string(), Yaml::text("bailiwick"))];
    let fitting = marks.iter().filter(|(_, value)| is_label(value));
    labels.extend(fitting.map(|(key, value)| (format!("bailiwick.dev/{key}"), Yaml::text(value))));
    if of_grant {
        marks.push(("source", grant.origin.module.to_string()));
        marks.extend(grant.starts.map(|instant| ("install-from", instant_text(instant))));
        marks.extend(grant.expires.map(|instant| ("remove-at", instant_text(instant))));
        marks.extend(grant.ttl.map(|seconds| ("longest-token-seconds", seconds.to_string())));
    }
    let annotations =
        marks.into_iter().map(|(key, value)| (format!("bailiwick.dev/{key}"), Yaml::Text(value))).collect();
    vec![("labels".to_string(), Yaml::Map(labels)), ("annotations".to_string(), Yaml::Map(annotations))]
}

fn is_label(value: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    value.len() <= 63
        && edge(value.chars().next())
        && edge(value.chars().next_back())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
