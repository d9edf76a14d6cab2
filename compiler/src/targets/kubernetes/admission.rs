//! What admission can tell apart: the namespace, the name and the fields of what a write leaves behind.
//!
//! RBAC opens a call to a service account, and a ValidatingAdmissionPolicy for the same account says
//! no to what no grant allows of it. Its CEL expression sees the object as it will be: for `update`
//! and `patch` the new state, whole and defaulted; for `delete` nothing but namespace and name.
//!
//! Worked example. `args.replicas <= 3`, where the binding says `field "spec.replicas" =
//! args.replicas`, is the check `has(object.spec) && has(object.spec.replicas) &&
//! type(object.spec.replicas) == int && object.spec.replicas <= 3`: a field that is missing or is no
//! integer is denied, and so is whatever makes the expression fail (`failurePolicy: Fail`).

use super::region::{Region, Unit, is_dns, is_object_name};
use crate::model::*;
use crate::targets::reduce::{Facts, domain_of};
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};
use std::collections::BTreeSet;

/// What a check is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The namespace.
    Namespace,
    /// The object's name.
    Name,
    /// A field of the object: names joined by dots.
    Field(Str, Kind),
}

/// The types of CEL that a field can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `string`.
    Text,
}

/// What must hold of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// It is one of these.
    OneOf(BTreeSet<Value>),
    /// It is none of these.
    NoneOf(BTreeSet<Value>),
    /// It compares so with this.
    Order(CompareOp, i64),
    /// It is matched by the pattern, or is not.
    Like {
        /// The pattern.
        pattern: Pattern,
        /// Whether it must not be matched.
        negated: bool,
    },
}

/// Something that must hold of a write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Check {
    /// What it is about.
    pub on: On,
    /// What must hold of it.
    pub test: Test,
}

/// What admission calls a write. It does not tell `update` from `patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// `create`.
    Create,
    /// `update` and `patch`.
    Update,
    /// `delete`, and each deletion of a `deletecollection`.
    Delete,
}

impl Operation {
    /// What a verb is to admission; `None` for reads, which pass it by.
    pub fn of(verb: &str) -> Option<Operation> {
        match verb {
            "create" => Some(Operation::Create),
            "update" | "patch" => Some(Operation::Update),
            "delete" | "deletecollection" => Some(Operation::Delete),
            _ => None,
        }
    }

    /// As an admission request states it.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Create => "CREATE",
            Operation::Update => "UPDATE",
            Operation::Delete => "DELETE",
        }
    }
}

/// Subresources whose requests reach admission as `CONNECT`, without an object.
pub const CONNECTING: [&str; 4] = ["attach", "exec", "portforward", "proxy"];

/// API groups some or all of whose objects admission policies are never asked about:
/// `k8s.io/apiserver/pkg/admission/plugin/policy/validating`.
const EXEMPT: [&str; 3] = ["admissionregistration.k8s.io", "authentication.k8s.io", "authorization.k8s.io"];

impl Kind {
    /// The type in which a field carries arguments of a type of the language.
    pub fn of(ty: &Type) -> Option<Kind> {
        match ty {
            Type::Bool => Some(Kind::Bool),
            Type::Int => Some(Kind::Int),
            Type::String | Type::Path | Type::Url | Type::Enum(_) | Type::Person => Some(Kind::Text),
            Type::Decimal
            | Type::Instant
            | Type::Duration
            | Type::Ip
            | Type::Cidr
            | Type::Set(_)
            | Type::Opaque
            | Type::Authn => None,
        }
    }

    /// Its name in CEL.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Text => "string",
        }
    }
}

/// Whether a policy can be written that is asked about the unit's requests.
pub fn is_admitted(unit: &Unit) -> bool {
    let (resource, subresource) = unit.resource.split_once('/').unwrap_or((&unit.resource, ""));
    Operation::of(&unit.verb).is_some()
        && &*unit.verb != "deletecollection"
        && is_dns(resource, 253)
        && (unit.resource.find('/').is_none() || is_dns(subresource, 63))
        && (unit.group.is_empty() || is_dns(&unit.group, 253))
        && !CONNECTING.contains(&subresource)
        && !EXEMPT.contains(&&*unit.group)
}

/// Whether the object that admission is shown carries the name of an object that is made.
pub fn shows_new_name(unit: &Unit) -> bool {
    is_admitted(unit) && &*unit.verb == "create" && !unit.resource.contains('/')
}

/// A literal as admission can say it of the unit's requests, or `None`.
pub fn see(unit: &Unit, facts: &Facts, literal: &Literal) -> Option<Check> {
    let (Atom::Compare { left: attr, .. } | Atom::OneOf { attr, .. } | Atom::Like { attr, .. }) =
        &literal.atom
    else {
        return None;
    };
    let Attr::Arg(arg) = attr else { return None };
    if !is_admitted(unit) {
        return None;
    }
    let ty = &facts.arg(arg)?.ty;
    let on = if unit.namespace_arg.as_ref() == Some(arg) {
        On::Namespace
    } else if unit.name_arg.as_ref() == Some(arg) {
        if !unit.sees_name() && !shows_new_name(unit) {
            return None;
        }
        On::Name
    } else {
        let (path, (_, kind)) = unit.fields.iter().find(|(_, (of, _))| of == arg)?;
        if Operation::of(&unit.verb) == Some(Operation::Delete) {
            return None;
        }
        On::Field(path.clone(), *kind)
    };
    let test = match (literal.listed(), &literal.atom) {
        (Some((values, are)), _) => among(values, are, facts, arg, ty)?,
        (None, Atom::Compare { op, right: Operand::Value(Value::Int(than)), .. }) => {
            Test::Order(if literal.negated { op.negated() } else { *op }, *than)
        }
        (None, Atom::Like { pattern, .. }) if *ty == Type::String => {
            Test::Like { pattern: pattern.clone(), negated: literal.negated }
        }
        (None, _) => return None,
    };
    let named = |value: &Value| matches!(value, Value::Text(text) if is_object_name(text));
    match (&on, &test) {
        // What RBAC cannot say of names in a list is no list of names.
        (On::Namespace, Test::OneOf(_)) => None,
        (On::Name, Test::OneOf(values)) if unit.sees_name() || !values.iter().all(named) => None,
        _ => Some(Check { on, test }),
    }
}

/// One of these, or (with `are` false) none of these: where that says the same of every value that
/// is well formed.
fn among(values: BTreeSet<Value>, are: bool, facts: &Facts, arg: &str, ty: &Type) -> Option<Test> {
    if are {
        return Some(Test::OneOf(values));
    }
    match domain_of(facts.model, facts.op, arg) {
        Some(all) => Some(Test::OneOf(all.difference(&values).cloned().collect())),
        // Any other text of a field is an argument too only where every text is one.
        None => matches!(ty, Type::String | Type::Int).then_some(Test::NoneOf(values)),
    }
}

/// What a region asks of a write, in CEL: every one of these. None when it asks nothing.
pub fn conjuncts(region: &Region) -> Vec<String> {
    let mut all = Vec::new();
    let texts =
        |names: &BTreeSet<String>| names.iter().map(|name| Value::Text(name.as_str().into())).collect();
    if let Some(namespaces) = &region.namespaces {
        all.push(says("request.namespace", &Test::OneOf(texts(namespaces))));
    }
    if let Some(names) = &region.names {
        all.push(says("request.name", &Test::OneOf(texts(names))));
    }
    for check in &region.checks {
        let terms = match &check.on {
            On::Namespace => vec![says("request.namespace", &check.test)],
            // A name that the API server makes up is not yet in the request.
            On::Name if &*region.call.verb == "create" => field("metadata.name", Kind::Text, &check.test),
            On::Name => vec![says("request.name", &check.test)],
            On::Field(path, kind) => field(path, *kind, &check.test),
        };
        for term in terms {
            if !all.contains(&term) {
                all.push(term);
            }
        }
    }
    all
}

/// A field's test behind what guards it: it is there, all the way, and of its type.
fn field(path: &str, kind: Kind, test: &Test) -> Vec<String> {
    let mut at = "object".to_string();
    let mut all = Vec::new();
    for name in path.split('.') {
        at = format!("{at}.{name}");
        all.push(format!("has({at})"));
    }
    all.push(format!("type({at}) == {}", kind.name()));
    all.push(says(&at, test));
    all
}

fn says(what: &str, test: &Test) -> String {
    let list = |values: &BTreeSet<Value>| values.iter().filter_map(constant).collect::<Vec<_>>();
    match test {
        Test::OneOf(values) => match &list(values)[..] {
            [one] => format!("{what} == {one}"),
            some => format!("{what} in [{}]", some.join(", ")),
        },
        Test::NoneOf(values) => match &list(values)[..] {
            [one] => format!("{what} != {one}"),
            some => format!("!({what} in [{}])", some.join(", ")),
        },
        Test::Order(op, than) => format!("{what} {} {than}", op.symbol()),
        Test::Like { pattern, negated } => {
            let not = if *negated { "!" } else { "" };
            format!("{not}{what}.{}", like(pattern))
        }
    }
}

/// A constant in CEL. JSON's escapes are CEL's too.
fn constant(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Text(text) => Some(quote(text)),
        Value::Decimal(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Ip(_)
        | Value::Cidr(_)
        | Value::Authn(_)
        | Value::Set(_)
        | Value::Opaque => None,
    }
}

/// A text in CEL.
pub fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The call that says whether a text is matched.
fn like(Pattern(parts): &Pattern) -> String {
    use PatternPart::{Star, Text};
    match &parts[..] {
        [Text(start), Star] => format!("startsWith({})", quote(start)),
        [Star, Text(end)] => format!("endsWith({})", quote(end)),
        [Star, Text(inner), Star] => format!("contains({})", quote(inner)),
        parts => {
            let runs = parts.iter().map(|part| match part {
                Text(run) => literal_regex(run),
                Star => ".*".to_string(),
            });
            format!("matches({})", quote(&format!("(?s)^{}$", runs.collect::<String>())))
        }
    }
}

/// What regular expressions take for something else, each behind a backslash.
fn literal_regex(run: &str) -> String {
    let mut text = String::new();
    for c in run.chars() {
        if SPECIAL.contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// The characters that mean something in a regular expression of RE2.
pub const SPECIAL: &str = r"\.+*?()|[]{}^$";
