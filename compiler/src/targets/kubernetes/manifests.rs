//! Regions to manifests: what is written, and how it leads back to its grant.

use super::names::digest;
use super::region::{Names, Region};
use super::yaml::{Yaml, stream};
use crate::model::*;
use crate::targets::stem::stem;
use crate::targets::{Rule, Source};
use crate::types::value::instant_text;
use std::collections::{BTreeMap, BTreeSet};

/// The file with all service accounts.
pub const ACCOUNTS_FILE: &str = "service-accounts.yaml";

/// The API group of RBAC.
pub const RBAC: &str = "rbac.authorization.k8s.io";

/// The service accounts, each with the grants that it carries.
pub fn accounts(model: &Model, accounts: &BTreeMap<Str, Vec<GrantId>>) -> String {
    let documents: Vec<_> = accounts
        .iter()
        .filter_map(|(account, grants)| {
            let (namespace, name) = account.split_once('/')?;
            let mut entries = common("v1", "ServiceAccount");
            let mut metadata = vec![
                ("name".to_string(), Yaml::text(name)),
                ("namespace".to_string(), Yaml::text(namespace)),
            ];
            metadata.extend(marks(model, &Marks::Account(*grants.first()?)));
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
    format!("grants/{}.yaml", stem(&grant.name))
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
    let name = role_name(grant);
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
            metadata.extend(marks(model, &Marks::Grants(vec![id])));
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

/// The name of a grant's roles and bindings.
pub fn role_name(grant: &Grant) -> String {
    format!("bailiwick:{}", grant.name)
}

/// The first two entries of an object.
pub fn common(version: &str, kind: &str) -> Vec<(String, Yaml)> {
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

/// What leads back from an object, and to what.
pub enum Marks {
    /// An account, to the agent and the purpose of a grant that it carries.
    Account(GrantId),
    /// What is there for these grants, all of one agent and one purpose.
    Grants(Vec<GrantId>),
}

/// Labels to select by, annotations to read: what leads back to the grants.
pub fn marks(model: &Model, of: &Marks) -> Vec<(String, Yaml)> {
    let grants = match of {
        Marks::Account(grant) => std::slice::from_ref(grant),
        Marks::Grants(grants) => grants,
    };
    let grants: Vec<&Grant> = grants.iter().map(|id| model.grant(*id)).collect();
    let mut labels = vec![("app.kubernetes.io/managed-by".to_string(), Yaml::text("bailiwick"))];
    let mut annotations = Vec::new();
    let mut note =
        |key: &str, value: String| annotations.push((format!("bailiwick.dev/{key}"), Yaml::Text(value)));
    if let Some(grant) = grants.first() {
        let agent = model.agent(grant.to);
        let owner = &model.principal(agent.owner).name;
        let mut marks =
            vec![("agent", &agent.name), ("owner", owner), ("purpose", &model.purpose(grant.purpose).name)];
        if let (Marks::Grants(_), [grant]) = (of, &grants[..]) {
            marks.push(("grant", &grant.name));
        }
        for (key, value) in marks {
            labels.push((format!("bailiwick.dev/{key}"), Yaml::Text(label(value))));
            note(key, value.to_string());
        }
    }
    if let Marks::Grants(_) = of {
        let list =
            |of: fn(&Grant) -> String| grants.iter().map(|grant| of(grant)).collect::<Vec<_>>().join(", ");
        note("source", list(|grant| grant.origin.module.to_string()));
        match &grants[..] {
            [grant] => {
                let life = [("install-from", grant.starts), ("remove-at", grant.expires)];
                for (key, instant) in life {
                    instant.into_iter().for_each(|instant| note(key, instant_text(instant)));
                }
                grant.ttl.into_iter().for_each(|ttl| note("longest-token-seconds", ttl.to_string()));
            }
            _ => note("grants", list(|grant| grant.name.to_string())),
        }
    }
    vec![("labels".to_string(), Yaml::Map(labels)), ("annotations".to_string(), Yaml::Map(annotations))]
}

/// A text as the value of a label: one that is none is cut, and told apart by its digest.
pub fn label(text: &str) -> String {
    if is_label(text) {
        return text.to_string();
    }
    let digest = digest(text);
    let fitting = text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' });
    let start: String = fitting.take(52).collect();
    match start.trim_matches(['-', '_', '.']) {
        "" => digest,
        start => format!("{start}-{digest}"),
    }
}

fn is_label(value: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    value.len() <= 63
        && edge(value.chars().next())
        && edge(value.chars().next_back())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
