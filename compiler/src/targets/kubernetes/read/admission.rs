//! Admission policies and what binds them, and which requests they let through.
//!
//! A policy only ever denies, and only where a binding puts it in force. What it is asked about
//! follows `k8s.io/apiserver/pkg/admission/plugin/policy`: its resource rules select, its match
//! conditions excuse, its validations must all be true, and what fails is denied (`Fail`). A policy
//! that lets through what fails (`Ignore`) is not understood: an expression fails also where the
//! API server has no budget left for it, and no predicate says which requests those are.

use super::cel::lift::Scene;
use super::cel::{Expr, parse};
use super::object::{Fields, Meta, Object};
use crate::model::Model;
use crate::targets::kubernetes::admission::Operation;
use crate::targets::kubernetes::region::Unit;
use crate::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;
use std::collections::{BTreeMap, BTreeSet};

/// The API group of admission policies.
const GROUP: &str = "admissionregistration.k8s.io";

/// A resource rule: what it selects, each list with `*` for all.
struct Selected {
    groups: Vec<String>,
    operations: Vec<String>,
    resources: Vec<String>,
}

/// A policy.
struct Policy {
    file: String,
    id: String,
    rules: Vec<Selected>,
    conditions: Vec<Expr>,
    validations: Vec<Expr>,
}

/// Policies and bindings, as they are read one by one.
#[derive(Default)]
pub struct Policies {
    policies: BTreeMap<String, Policy>,
    /// The bindings' names, and of those that deny: file, and policy.
    bindings: BTreeMap<String, Option<(String, String)>>,
    /// What was not understood first: the file, and what.
    unknown: Option<(String, String)>,
}

/// Whether an object is of the API group of admission policies.
pub fn is_admission(object: &Object) -> bool {
    object.version.split('/').next() == Some(GROUP)
}

impl Policies {
    /// Takes in a policy or a binding.
    pub fn add(&mut self, file: &str, object: Object) -> Result<(), String> {
        let done = self.take(file, object);
        if let (Err(what), None) = (&done, &self.unknown) {
            self.unknown = Some((file.to_string(), what.clone()));
        }
        done
    }

    fn take(&mut self, file: &str, object: Object) -> Result<(), String> {
        let Object { version, kind, mut fields } = object;
        if !matches!(version.split_once('/'), Some((GROUP, "v1" | "v1beta1"))) {
            return Err(format!("`{version}` is no version of admission that is known"));
        }
        let meta = Meta::take(&mut fields)?;
        let id = format!("{kind} {}", meta.name);
        let wrong = |what: String| format!("{id}: {what}");
        let mut spec = fields.map("spec").map_err(wrong)?;
        fields.take("status");
        let twice = match kind.as_str() {
            "ValidatingAdmissionPolicy" => {
                let policy = policy(file, &id, &mut spec).map_err(wrong)?;
                self.policies.insert(meta.name, policy).is_some()
            }
            "ValidatingAdmissionPolicyBinding" => {
                let of = bound(&mut spec).map_err(wrong)?;
                self.bindings.insert(meta.name, of.map(|policy| (file.to_string(), policy))).is_some()
            }
            _ => return Err(format!("the kind `{kind}` is not known")),
        };
        spec.done("`spec`").map_err(wrong)?;
        fields.done(&id)?;
        if twice { Err(wrong("it is there twice".to_string())) } else { Ok(()) }
    }

    /// What is in force; and of the bindings whose policy is not here, the file and why.
    pub fn in_force(mut self) -> (Admission, Vec<(String, String)>) {
        let mut unread = Vec::new();
        let mut enforced = BTreeSet::new();
        for (name, of) in self.bindings {
            let Some((file, policy)) = of else { continue };
            if !self.policies.contains_key(&policy) {
                let missing = (file, format!("what `{name}` binds, `{policy}`, is not here"));
                self.unknown.get_or_insert_with(|| missing.clone());
                unread.push(missing);
            }
            enforced.insert(policy);
        }
        let mut admission = Admission { unknown: self.unknown, ..Admission::default() };
        self.policies.retain(|name, _| enforced.contains(name));
        for policy in self.policies.into_values() {
            admission.by_user.entry(only_user(&policy)).or_default().push(policy);
        }
        (admission, unread)
    }
}

/// The policies in force, by the one user that they are about.
#[derive(Default)]
pub struct Admission {
    /// What was not understood: it may deny anything that is written.
    unknown: Option<(String, String)>,
    by_user: BTreeMap<Option<String>, Vec<Policy>>,
}

impl Admission {
    /// Which requests of a unit are let through, for a user.
    ///
    /// # Errors
    ///
    /// The file, and what in it is not understood.
    pub fn admits(&self, model: &Model, user: &str, unit: &Unit) -> Result<Predicate, (String, String)> {
        let Some(operation) = Operation::of(&unit.verb) else { return Ok(Predicate::TRUE) };
        if let Some(unknown) = &self.unknown {
            return Err(unknown.clone());
        }
        let mine = self.by_user.get(&Some(user.to_string()));
        let everyone = self.by_user.get(&None);
        let mut all = Vec::new();
        for policy in mine.into_iter().chain(everyone).flatten() {
            if policy.rules.iter().any(|rule| rule.selects(operation, unit)) {
                let scene = Scene { model, user, unit, operation };
                let wrong = |what: String| (policy.file.clone(), format!("{}: {what}", policy.id));
                all.push(policy.admits(&scene).map_err(wrong)?);
            }
        }
        Ok(Predicate::All(all))
    }
}

impl Policy {
    fn admits(&self, scene: &Scene) -> Result<Predicate, String> {
        let conditions = scene.all(&self.conditions)?;
        // A condition that is false excuses, whatever the others do.
        if conditions.no == Predicate::Any(vec![Predicate::TRUE]) {
            return Ok(Predicate::TRUE);
        }
        let validations = scene.all(&self.validations)?;
        Ok(Predicate::Any(vec![conditions.no, Predicate::All(vec![conditions.yes, validations.yes])]))
    }
}

impl Selected {
    fn selects(&self, operation: Operation, unit: &Unit) -> bool {
        let has = |list: &[String], what: &str| list.iter().any(|item| item == "*" || item == what);
        let (resource, sub) = unit.resource.split_once('/').unwrap_or((&unit.resource, ""));
        let on = |item: &String| {
            let (of, below) = item.split_once('/').unwrap_or((item, ""));
            (of == "*" || of == resource) && (below == sub || below == "*")
        };
        has(&self.groups, &unit.group)
            && has(&self.operations, operation.name())
            && self.resources.iter().any(on)
    }
}

/// The user that a policy is about, when its only condition names one.
fn only_user(policy: &Policy) -> Option<String> {
    let [Expr::Compare(left, CompareOp::Eq, right)] = &policy.conditions[..] else { return None };
    match (left.path()?.as_slice(), &**right) {
        (["request", "userInfo", "username"], Expr::Text(user)) => Some(user.clone()),
        _ => None,
    }
}

fn policy(file: &str, id: &str, spec: &mut Fields) -> Result<Policy, String> {
    for key in ["paramKind", "variables", "auditAnnotations"] {
        if spec.take(key).is_some() {
            return Err(format!("`{key}` is not understood"));
        }
    }
    match spec.text("failurePolicy")?.as_deref() {
        None | Some("Fail") => {}
        Some("Ignore") => return Err("`Ignore` lets through whatever makes an expression fail".to_string()),
        Some(other) => return Err(format!("`{other}` is no failure policy")),
    }
    let mut constraints = spec.map("matchConstraints")?;
    // Equivalent requests that are selected besides are shown as these are.
    let exact = constraints.text("matchPolicy")?;
    if !matches!(exact.as_deref(), None | Some("Equivalent" | "Exact")) {
        return Err("its match policy is not known".to_string());
    }
    let rules = constraints.list("resourceRules")?;
    for key in ["namespaceSelector", "objectSelector"] {
        constraints.map(key)?.done(&format!("`{key}`"))?;
    }
    if !constraints.list("excludeResourceRules")?.is_empty() {
        return Err("`excludeResourceRules` is not understood".to_string());
    }
    constraints.done("`matchConstraints`")?;
    let mut expressions = |key: &str| -> Result<Vec<Expr>, String> {
        let all = spec.list(key)?.into_iter().map(|item| {
            let mut item = Fields::of(item, "an expression")?;
            for aside in ["name", "message", "messageExpression", "reason"] {
                item.take(aside);
            }
            let text = item.text("expression")?.ok_or("an expression is missing")?;
            item.done("an expression")?;
            parse(&text)
        });
        all.collect()
    };
    Ok(Policy {
        file: file.to_string(),
        id: id.to_string(),
        conditions: expressions("matchConditions")?,
        validations: expressions("validations")?,
        rules: rules.into_iter().map(selected).collect::<Result<_, _>>()?,
    })
}

fn selected(rule: serde_json::Value) -> Result<Selected, String> {
    let mut rule = Fields::of(rule, "a resource rule")?;
    let selected = Selected {
        groups: rule.texts("apiGroups")?,
        operations: rule.texts("operations")?,
        resources: rule.texts("resources")?,
    };
    // A request may come in any version that is served, and in any scope.
    if rule.texts("apiVersions")? != ["*"] {
        return Err("a resource rule is for some versions alone".to_string());
    }
    if !matches!(rule.text("scope")?.as_deref(), None | Some("*")) {
        return Err("a resource rule is for one scope alone".to_string());
    }
    rule.done("a resource rule")?;
    Ok(selected)
}

/// The policy that a binding makes deny; `None` when it only warns or audits.
fn bound(spec: &mut Fields) -> Result<Option<String>, String> {
    let policy = spec.text("policyName")?.ok_or("it names no policy")?;
    let actions = spec.texts("validationActions")?;
    if actions.is_empty()
        || !actions.iter().all(|action| matches!(action.as_str(), "Deny" | "Warn" | "Audit"))
    {
        return Err("its validation actions are not known".to_string());
    }
    for key in ["paramRef", "matchResources"] {
        if spec.take(key).is_some() {
            return Err(format!("`{key}` is not understood"));
        }
    }
    Ok(actions.iter().any(|action| action == "Deny").then_some(policy))
}
