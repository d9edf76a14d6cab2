//! Roles and bindings, and what the RBAC authorizer makes of them.
//!
//! The decision follows `plugin/pkg/auth/authorizer/rbac` and `pkg/apis/rbac/v1/evaluation_helpers.go`
//! of Kubernetes; `.ci/engines/run` asks the authorizer itself the same.

use super::object::{Fields, Meta, Object};
use std::collections::{BTreeMap, BTreeSet};

/// The API group of RBAC.
const GROUP: &str = "rbac.authorization.k8s.io";

/// A rule of a role. Empty lists match nothing, but for `names`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRule {
    /// Verbs, or `*`.
    pub verbs: Vec<String>,
    /// API groups, or `*`.
    pub groups: Vec<String>,
    /// Resources: `pods`, `pods/log`, `*/scale`, `*`.
    pub resources: Vec<String>,
    /// Objects' names; none for all.
    pub names: Vec<String>,
    /// Paths of requests that are for no resource; `*` at the end for all below.
    pub urls: Vec<String>,
}

/// To whom a binding gives its role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A service account: namespace and name.
    Account(String, String),
    /// A user.
    User(String),
    /// A group.
    Group(String),
}

/// A binding with the rules of its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The file.
    pub file: String,
    /// Kind, namespace and name, as a person would write them.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its namespace; `None` for a cluster role binding.
    pub namespace: Option<String>,
    /// To whom.
    pub subjects: Vec<Subject>,
    /// What.
    pub rules: Vec<PolicyRule>,
}

/// A request that the authorizer is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// The user's name.
    pub user: String,
    /// The user's groups.
    pub groups: Vec<String>,
    /// The verb.
    pub verb: String,
    /// For what.
    pub on: On,
}

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// A resource.
    Resource {
        /// The API group; empty for the core.
        group: String,
        /// The resource.
        resource: String,
        /// The subresource; empty for none.
        subresource: String,
        /// The namespace; empty for none and for all.
        namespace: String,
        /// The object's name; empty for none.
        name: String,
    },
    /// A path of the API server.
    Path(String),
}

/// The user and the groups of a service account.
pub fn user_of(namespace: &str, name: &str) -> (String, Vec<String>) {
    let groups = ["system:serviceaccounts".to_string(), format!("system:serviceaccounts:{namespace}")];
    let groups = groups.into_iter().chain(["system:authenticated".to_string()]).collect();
    (format!("system:serviceaccount:{namespace}:{name}"), groups)
}

/// Whether the authorizer lets a request through.
pub fn allows(bindings: &[Binding], asked: &Attributes) -> bool {
    bindings.iter().any(|binding| {
        let here = match (&binding.namespace, &asked.on) {
            (None, _) => true,
            (Some(have), On::Resource { namespace, .. }) => have == namespace,
            (Some(_), On::Path(_)) => false,
        };
        here && binding.subjects.iter().any(|subject| subject.is(&asked.user, &asked.groups))
            && binding.rules.iter().any(|rule| rule.allows(asked))
    })
}

impl Subject {
    /// Whether it stands for that user.
    pub fn is(&self, user: &str, groups: &[String]) -> bool {
        match self {
            Subject::Account(namespace, name) => *user == user_of(namespace, name).0,
            Subject::User(name) => user == name,
            Subject::Group(name) => groups.contains(name),
        }
    }

    /// As a person would write it.
    pub fn text(&self) -> String {
        match self {
            Subject::Account(namespace, name) => format!("service account `{namespace}/{name}`"),
            Subject::User(name) => format!("user `{name}`"),
            Subject::Group(name) => format!("group `{name}`"),
        }
    }
}

fn has(list: &[String], what: &str) -> bool {
    list.iter().any(|item| item == "*" || item == what)
}

impl PolicyRule {
    /// Whether it lets a request through.
    pub fn allows(&self, asked: &Attributes) -> bool {
        match &asked.on {
            On::Resource { group, resource, subresource, name, .. } => {
                let resource = match subresource.as_str() {
                    "" => resource.clone(),
                    sub => format!("{resource}/{sub}"),
                };
                self.is_for(&asked.verb, group, &resource)
                    && (self.names.is_empty() || self.names.contains(name))
            }
            On::Path(path) => {
                has(&self.verbs, &asked.verb)
                    && self.urls.iter().any(|url| match url.strip_suffix('*') {
                        Some(_) => path.starts_with(url.trim_end_matches('*')),
                        None => url == path,
                    })
            }
        }
    }

    /// Whether it speaks of that verb on that resource (with its subresource after `/`).
    pub fn is_for(&self, verb: &str, group: &str, resource: &str) -> bool {
        let sub = resource.split_once('/').map(|(_, sub)| sub);
        let on = |item: &String| {
            item == "*" || item == resource || sub.is_some_and(|sub| item.strip_prefix("*/") == Some(sub))
        };
        has(&self.verbs, verb) && has(&self.groups, group) && self.resources.iter().any(on)
    }

    fn take(mut fields: Fields) -> Result<PolicyRule, String> {
        let rule = PolicyRule {
            verbs: fields.texts("verbs")?,
            groups: fields.texts("apiGroups")?,
            resources: fields.texts("resources")?,
            names: fields.texts("resourceNames")?,
            urls: fields.texts("nonResourceURLs")?,
        };
        fields.done("a rule")?;
        Ok(rule)
    }
}

/// A role before it is bound.
struct Role {
    labels: BTreeMap<String, String>,
    rules: Vec<PolicyRule>,
    /// For each selector the labels that it asks for; `None` when nothing is aggregated.
    selectors: Option<Vec<BTreeMap<String, String>>>,
}

/// A binding before its role is looked up.
struct Unbound {
    binding: Binding,
    /// The role: its namespace, and its name.
    role: (Option<String>, String),
}

/// Roles and bindings, as they are read one by one.
#[derive(Default)]
pub struct Rbac {
    roles: BTreeMap<(Option<String>, String), Role>,
    unbound: Vec<Unbound>,
}

/// Whether an object is one of RBAC's.
pub fn is_rbac(object: &Object) -> bool {
    object.version.split('/').next() == Some(GROUP)
}

impl Rbac {
    /// Takes in a role or a binding.
    pub fn add(&mut self, file: &str, object: Object) -> Result<(), String> {
        let Object { version, kind, mut fields } = object;
        if !matches!(version.split_once('/'), Some((GROUP, "v1" | "v1beta1"))) {
            return Err(format!("`{version}` is no version of RBAC that is known"));
        }
        let meta = Meta::take(&mut fields)?;
        let namespaced = match kind.as_str() {
            "Role" | "RoleBinding" => true,
            "ClusterRole" | "ClusterRoleBinding" => false,
            _ => return Err(format!("the kind `{kind}` is not known")),
        };
        match (namespaced, &meta.namespace) {
            (true, None) => return Err(format!("{kind} `{}` is in no namespace", meta.name)),
            (false, Some(_)) => return Err(format!("{kind} `{}` is in a namespace", meta.name)),
            (true, Some(_)) | (false, None) => {}
        }
        let place = meta.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
        let id = format!("{kind} {place}{}", meta.name);
        let wrong = |what: String| format!("{id}: {what}");
        if kind.ends_with("Binding") {
            let unbound = bound(file, &id, meta, &mut fields).map_err(wrong)?;
            fields.done(&id)?;
            self.unbound.push(unbound);
            return Ok(());
        }
        let role = Role {
            rules: rules(&mut fields).map_err(wrong)?,
            selectors: match fields.take("aggregationRule") {
                Some(rule) if !namespaced => {
                    Some(Fields::of(rule, "`aggregationRule`").and_then(selectors).map_err(wrong)?)
                }
                Some(_) => return Err(wrong("only cluster roles aggregate".to_string())),
                None => None,
            },
            labels: meta.labels,
        };
        fields.done(&id)?;
        if self.roles.insert((meta.namespace, meta.name), role).is_some() {
            return Err(wrong("it is there twice".to_string()));
        }
        Ok(())
    }

    /// The bindings with their rules; and of those whose role is not known, the file and why.
    pub fn bindings(self) -> (Vec<Binding>, Vec<(String, String)>) {
        let (mut bindings, mut unread) = (Vec::new(), Vec::new());
        let mut ids = BTreeSet::new();
        for Unbound { mut binding, role } in self.unbound {
            if !ids.insert(binding.id.clone()) {
                unread.push((binding.file, format!("{}: it is there twice", binding.id)));
                continue;
            }
            match rules_of(&self.roles, &role, &mut BTreeSet::new()) {
                Ok(rules) => {
                    binding.rules = rules;
                    bindings.push(binding);
                }
                Err(what) => unread.push((binding.file, format!("{}: {what}", binding.id))),
            }
        }
        (bindings, unread)
    }
}

/// The rules of a role, with those of the roles that it aggregates.
fn rules_of(
    roles: &BTreeMap<(Option<String>, String), Role>,
    key: &(Option<String>, String),
    seen: &mut BTreeSet<String>,
) -> Result<Vec<PolicyRule>, String> {
    let role = roles.get(key).ok_or_else(|| format!("its role `{}` is not here", key.1))?;
    let Some(selectors) = &role.selectors else { return Ok(role.rules.clone()) };
    let mut rules = Vec::new();
    seen.insert(key.1.clone());
    for selector in selectors {
        let mut found = false;
        for (other, candidate) in roles.iter().filter(|((namespace, _), _)| namespace.is_none()) {
            if selector.iter().all(|(name, value)| candidate.labels.get(name) == Some(value)) {
                found = true;
                if !seen.contains(&other.1) {
                    rules.extend(rules_of(roles, other, seen)?);
                }
            }
        }
        if !found {
            return Err(format!("`{}` aggregates roles that are not here", key.1));
        }
    }
    Ok(rules)
}

fn rules(fields: &mut Fields) -> Result<Vec<PolicyRule>, String> {
    let rules = fields.list("rules")?.into_iter();
    rules.map(|rule| Fields::of(rule, "a rule").and_then(PolicyRule::take)).collect()
}

fn selectors(mut rule: Fields) -> Result<Vec<BTreeMap<String, String>>, String> {
    let mut all = Vec::new();
    for selector in rule.list("clusterRoleSelectors")? {
        let mut selector = Fields::of(selector, "a selector")?;
        all.push(selector.words("matchLabels")?);
        selector.done("a selector")?;
    }
    rule.done("`aggregationRule`")?;
    Ok(all)
}

fn bound(file: &str, id: &str, meta: Meta, fields: &mut Fields) -> Result<Unbound, String> {
    let mut reference = fields.map("roleRef")?;
    let group = reference.text("apiGroup")?.unwrap_or_else(|| GROUP.to_string());
    let kind = reference.text("kind")?.ok_or("its role has no kind")?;
    let role = reference.text("name")?.ok_or("its role has no name")?;
    reference.done("`roleRef`")?;
    let of = match (kind.as_str(), &meta.namespace) {
        ("ClusterRole", _) if group == GROUP => None,
        ("Role", Some(namespace)) if group == GROUP => Some(namespace.clone()),
        _ => return Err(format!("`{group}/{kind}` is no role that it can give")),
    };
    let mut subjects = Vec::new();
    for subject in fields.list("subjects")? {
        subjects.push(subject_of(Fields::of(subject, "a subject")?, meta.namespace.as_deref())?);
    }
    let binding = Binding {
        file: file.to_string(),
        id: id.to_string(),
        name: meta.name,
        namespace: meta.namespace,
        subjects,
        rules: Vec::new(),
    };
    Ok(Unbound { binding, role: (of, role) })
}

fn subject_of(mut fields: Fields, here: Option<&str>) -> Result<Subject, String> {
    let kind = fields.text("kind")?.ok_or("a subject has no kind")?;
    let group = fields.text("apiGroup")?;
    let name = fields.text("name")?.ok_or("a subject has no name")?;
    let namespace = fields.text("namespace")?.filter(|namespace| !namespace.is_empty());
    fields.done("a subject")?;
    let is = |wanted: &str| group.as_deref().is_none_or(|group| group == wanted);
    match kind.as_str() {
        "ServiceAccount" if is("") => {
            let namespace = namespace.or(here.map(str::to_string)).ok_or("an account has no namespace")?;
            Ok(Subject::Account(namespace, name))
        }
        "User" if is(GROUP) && namespace.is_none() => Ok(Subject::User(name)),
        "Group" if is(GROUP) && namespace.is_none() => Ok(Subject::Group(name)),
        _ => Err(format!("a subject of kind `{kind}` is not known")),
    }
}
