//! What a cluster can tell apart: a call, in some namespaces, on objects of some names, and of a
//! write what admission sees of it.

use super::admission::{self, Check, Kind, On, Test};
use crate::model::*;
use crate::targets::reduce::{Facts, domain_of};
use std::collections::{BTreeMap, BTreeSet};

/// A verb on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The API group; empty for the core group.
    pub group: Str,
    /// The resource, with its subresource after `/`.
    pub resource: Str,
    /// The verb.
    pub verb: Str,
}

/// Names, or all there are.
pub type Names = Option<BTreeSet<String>>;

/// Which operation, and which of its bindings.
pub type UnitId = (OpId, usize);

/// One way in which an operation reaches the API server.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its binding.
    pub id: UnitId,
    /// The API group; empty for the core group.
    pub group: Str,
    /// The resource, with its subresource after `/`.
    pub resource: Str,
    /// The verb.
    pub verb: Str,
    /// The argument that carries the namespace, when one does.
    pub namespace_arg: Option<Str>,
    /// The namespaces that its requests can have: `{""}` for cluster-scoped resources.
    pub namespaces: Names,
    /// The argument that carries the object's name, when one does.
    pub name_arg: Option<Str>,
    /// The names that the binding states.
    pub names: Names,
    /// The fields of the object that an argument of every call stands in, and what they are.
    pub fields: BTreeMap<Str, (Str, Kind)>,
    /// An argument of these that a call may leave out, or that is no text: then nobody knows where
    /// the call goes.
    pub loose: Option<Str>,
}

/// What a reduced condition says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The namespace is one of these.
    Namespace(BTreeSet<String>),
    /// The object's name is one of these.
    Name(BTreeSet<String>),
    /// Something that admission has to see to.
    Check(Check),
}

/// What a grant allows of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where it comes from.
    pub unit: UnitId,
    /// The call.
    pub call: Call,
    /// The namespaces; `None` for all, and for cluster-scoped resources.
    pub namespaces: Names,
    /// The objects' names; `None` for all.
    pub names: Names,
    /// What else must hold of each request, which RBAC does not see.
    pub checks: BTreeSet<Check>,
    /// The life of the grant, in seconds since 1970: start included, end excluded.
    pub life: (i64, i64),
}

/// Verbs whose requests carry the object's name for certain.
const NAMED_VERBS: [&str; 4] = ["get", "update", "patch", "delete"];

/// Well-known resources that live in namespaces: a cluster-wide rule for one of them would allow
/// more than the cluster-scoped call that the binding speaks of.
const NAMESPACED: [&str; 26] = [
    "bindings",
    "configmaps",
    "controllerrevisions",
    "cronjobs",
    "daemonsets",
    "deployments",
    "endpoints",
    "endpointslices",
    "events",
    "horizontalpodautoscalers",
    "ingresses",
    "jobs",
    "leases",
    "limitranges",
    "networkpolicies",
    "persistentvolumeclaims",
    "poddisruptionbudgets",
    "pods",
    "replicasets",
    "replicationcontrollers",
    "resourcequotas",
    "rolebindings",
    "roles",
    "secrets",
    "serviceaccounts",
    "services",
];

/// Every way in which the operations reach the API server. An operation with a binding that
/// cannot be used has none for it.
pub fn units(model: &Model) -> BTreeMap<OpId, Vec<Unit>> {
    let mut all: BTreeMap<OpId, Vec<Unit>> = BTreeMap::new();
    for (at, op) in model.ops.iter().enumerate() {
        let id = OpId::at(at);
        for (number, binding) in op.bindings.kubernetes.iter().enumerate() {
            let (namespace_arg, namespaces) = match &binding.namespace {
                Place::Arg(arg) => (Some(arg.clone()), domain(model, id, arg)),
                Place::Fixed(name) => (None, Some([name.to_string()].into())),
                Place::Cluster => (None, Some([String::new()].into())),
            };
            let (name_arg, names) = match &binding.name {
                Some(Place::Arg(arg)) => (Some(arg.clone()), domain(model, id, arg)),
                Some(Place::Fixed(name)) => (None, Some([name.to_string()].into())),
                Some(Place::Cluster) | None => (None, None),
            };
            let args = &model.tool(op.tool).args;
            let sure = |arg: &&Str| {
                args.get(*arg).is_some_and(|arg| {
                    !matches!(arg.source, ArgSource::Optional)
                        && matches!(arg.ty, Type::String | Type::Enum(_) | Type::Person)
                })
            };
            let fields: BTreeMap<Str, (Str, Kind)> = binding
                .fields
                .iter()
                .filter_map(|(path, name)| {
                    let arg = args.get(name)?;
                    // What a call leaves out of its new state stays what it was, or becomes a default.
                    let stated = !matches!(arg.source, ArgSource::Optional);
                    stated.then(|| Some((path.clone(), (name.clone(), Kind::of(&arg.ty)?))))?
                })
                .collect();
            let loose = namespace_arg.iter().chain(&name_arg).find(|arg| !sure(arg)).cloned();
            for group in &binding.groups {
                for resource in &binding.resources {
                    for verb in &binding.verbs {
                        all.entry(id).or_default().push(Unit {
                            id: (id, number),
                            group: group.clone(),
                            resource: resource.clone(),
                            verb: verb.clone(),
                            namespace_arg: namespace_arg.clone(),
                            namespaces: namespaces.clone(),
                            name_arg: name_arg.clone(),
                            names: names.clone(),
                            fields: fields.clone(),
                            loose: loose.clone(),
                        });
                    }
                }
            }
        }
    }
    all
}

fn domain(model: &Model, op: OpId, arg: &str) -> Names {
    domain_of(model, op, arg).map(|values| values.iter().filter_map(text).collect())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Decimal(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Ip(_)
        | Value::Cidr(_)
        | Value::Authn(_)
        | Value::Set(_)
        | Value::Opaque => None,
    }
}

impl Unit {
    /// The call.
    pub fn call(&self) -> Call {
        Call { group: self.group.clone(), resource: self.resource.clone(), verb: self.verb.clone() }
    }

    /// Whether its requests carry the object's name.
    pub fn sees_name(&self) -> bool {
        NAMED_VERBS.contains(&&*self.verb)
    }

    /// Whether a source request says what name its requests carry.
    pub fn knows_name(&self) -> bool {
        self.sees_name() && (self.name_arg.is_some() || self.names.is_some())
    }

    /// Whether its binding states the object's name.
    fn has_fixed_name(&self) -> bool {
        self.name_arg.is_none() && self.names.is_some()
    }

    /// Whether it is for cluster-scoped resources.
    pub fn is_cluster(&self) -> bool {
        self.namespace_arg.is_none() && self.namespaces.as_ref().is_some_and(|names| names.contains(""))
    }

    /// What is the matter with a condition that cannot be said of its requests.
    pub fn blindness(&self) -> &'static str {
        match admission::is_admitted(self) {
            true => "neither RBAC nor admission sees or can compare so",
            false => "RBAC does not see or cannot compare so",
        }
    }

    /// Why RBAC cannot express it at all, if it cannot.
    pub fn unsayable(&self) -> Option<String> {
        if [&self.group, &self.resource, &self.verb].iter().any(|part| part.contains('*')) {
            return Some("a wildcard in a binding would allow more than the tool does".to_string());
        }
        if self.verb.is_empty() || self.resource.is_empty() || self.verb.chars().any(char::is_uppercase) {
            return Some(format!("`{}` on `{}` is no call of Kubernetes", self.verb, self.resource));
        }
        if let Some(arg) = &self.loose {
            return Some(format!(
                "a call without `args.{arg}`, or with one that is no text, goes nobody knows where"
            ));
        }
        let resource = self.resource.split('/').next().unwrap_or_default();
        if self.is_cluster() && NAMESPACED.contains(&resource) {
            return Some(format!(
                "`{resource}` live in namespaces, so a rule for the whole cluster would allow more than the \
                 binding says"
            ));
        }
        if self.has_fixed_name() && !self.sees_name() && !admission::shows_new_name(self) {
            return Some(format!("`{}` cannot be limited to a name", self.verb));
        }
        None
    }

    /// What these facts leave of it, for a grant; `None` when nothing.
    pub fn region(&self, grant: &Grant, facts: &[Fact]) -> Option<Region> {
        let mut namespaces = if self.is_cluster() { None } else { self.namespaces.clone() };
        let mut names = if self.sees_name() { self.names.clone() } else { None };
        let mut checks = BTreeSet::new();
        if let Some(fixed) = self.names.as_ref().filter(|_| self.has_fixed_name() && !self.sees_name()) {
            let values = fixed.iter().map(|name| Value::Text(name.as_str().into())).collect();
            checks.insert(Check { on: On::Name, test: Test::OneOf(values) });
        }
        for fact in facts {
            let (have, more) = match fact {
                Fact::Namespace(more) => (&mut namespaces, more),
                Fact::Name(more) => (&mut names, more),
                Fact::Check(check) => {
                    checks.insert(check.clone());
                    continue;
                }
            };
            *have = Some(match have {
                Some(have) => have.intersection(more).cloned().collect(),
                None => more.clone(),
            });
        }
        if let Some(namespaces) = &mut namespaces {
            namespaces.retain(|name| is_namespace(name));
        }
        if let Some(names) = &mut names {
            names.retain(|name| is_object_name(name));
        }
        let life = (grant.starts.unwrap_or(EARLIEST), grant.expires.unwrap_or(AFTER_LATEST));
        let nothing = |names: &Names| names.as_ref().is_some_and(BTreeSet::is_empty);
        if nothing(&namespaces) || nothing(&names) || life.0 >= life.1 {
            return None;
        }
        Some(Region { unit: self.id, call: self.call(), namespaces, names, checks, life })
    }

    /// Whether some of its requests look like requests in the region; what admission would see of
    /// them is not looked at.
    pub fn meets(&self, region: &Region) -> bool {
        let names = if self.sees_name() { &self.names } else { &None };
        share(&self.namespaces, &region.namespaces) && share(names, &region.names)
    }
}

fn share(left: &Names, right: &Names) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => !left.is_disjoint(right),
        (None, _) | (_, None) => true,
    }
}

impl Region {
    /// Whether RBAC lets a request of the one into the other, verbs aside.
    pub fn meets(&self, other: &Region) -> bool {
        share(&self.namespaces, &other.namespaces) && share(&self.names, &other.names)
    }

    /// Whether every request in the other region is in this one, at every time.
    pub fn covers(&self, other: &Region) -> bool {
        let within = |wide: &Names, narrow: &Names| match (wide, narrow) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => narrow.is_subset(wide),
        };
        within(&self.namespaces, &other.namespaces)
            && within(&self.names, &other.names)
            && self.checks.is_subset(&other.checks)
            && self.life.0 <= other.life.0
            && other.life.1 <= self.life.1
    }
}

/// A literal as RBAC can say it of the unit, else as admission can; or `None`.
pub fn see(unit: &Unit, facts: &Facts, literal: &Literal) -> Option<Vec<Vec<Fact>>> {
    let check = || admission::see(unit, facts, literal).map(|check| vec![vec![Fact::Check(check)]]);
    see_rbac(unit, facts, literal).or_else(check)
}

fn see_rbac(unit: &Unit, facts: &Facts, literal: &Literal) -> Option<Vec<Vec<Fact>>> {
    let (Atom::Compare { left: attr, .. } | Atom::OneOf { attr, .. } | Atom::Has(attr)) = &literal.atom
    else {
        return None;
    };
    let Attr::Arg(arg) = attr else { return None };
    let is_namespace_arg = unit.namespace_arg.as_ref() == Some(arg);
    let is_name_arg = unit.name_arg.as_ref() == Some(arg) && unit.sees_name();
    if !is_namespace_arg && !is_name_arg {
        return None;
    }
    // A request without the argument never reaches the API server by this binding.
    if matches!(literal.atom, Atom::Has(_)) {
        return Some(if literal.negated { Vec::new() } else { vec![Vec::new()] });
    }
    let values: BTreeSet<String> = match literal.listed()? {
        (values, true) => values.iter().map(text).collect::<Option<_>>()?,
        (values, false) => {
            let others = domain_of(facts.model, facts.op, arg)?;
            others.difference(&values).map(text).collect::<Option<_>>()?
        }
    };
    if is_namespace_arg && !values.iter().all(|name| is_namespace(name)) {
        return None;
    }
    if is_name_arg && !values.iter().all(|name| is_object_name(name)) {
        return None;
    }
    let mut said = Vec::new();
    if is_namespace_arg {
        said.push(Fact::Namespace(values.clone()));
    }
    if is_name_arg {
        said.push(Fact::Name(values));
    }
    Some(vec![said])
}

/// Whether it can name a namespace: a DNS label.
pub fn is_namespace(name: &str) -> bool {
    is_dns(name, 63) && !name.contains('.')
}

/// Whether it can name an object of any kind: no `/`, no `%`, not a dot segment.
pub fn is_object_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && !matches!(name, "." | "..")
        && name.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '/' | '%'))
}

/// Whether it is a DNS subdomain of at most so many characters.
pub fn is_dns(name: &str, most: usize) -> bool {
    !name.is_empty()
        && name.len() <= most
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}
