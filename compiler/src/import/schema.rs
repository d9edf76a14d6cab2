//! JSON Schema to types, one argument at a time.
//!
//! The language has scalars, enumerations and sets; all else is `opaque`. What a schema demands
//! beyond that (bounds, lengths, patterns, alternatives, the insides of objects) is not lost in
//! silence: [`Typed::lost`] says it in words.

use super::json::Json;
use super::text::{quoted, shorten, value};

/// How an argument is declared.
#[derive(Debug, PartialEq)]
pub(super) struct Typed {
    /// Its type, as written.
    pub(super) ty: String,
    /// Whether it may be absent.
    pub(super) optional: bool,
    /// Its default, as written.
    pub(super) default: Option<String>,
    /// What the schema says and the declaration does not, in words.
    pub(super) lost: Vec<String>,
}

/// The declaration of an argument with that schema; `root` is where its references lead.
pub(super) fn argument(schema: &Json, root: &Json, required: bool) -> Typed {
    let mut reader = Reader { root, steps: 0, lost: Vec::new() };
    let (kind, nullable) = reader.kind(schema, 0);
    let optional = !required || nullable;
    let default = match schema.get("default") {
        Some(default) if optional => reader.default(&kind, default),
        Some(_) | None => None,
    };
    let mut seen = std::collections::BTreeSet::new();
    reader.lost.retain(|what| seen.insert(what.clone()));
    Typed { ty: kind.text(), optional, default, lost: reader.lost }
}

/// Keywords that say nothing about which values are valid, and those read elsewhere in this file.
const READ: [&str; 25] = [
    "$comment",
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "anyOf",
    "const",
    "default",
    "definitions",
    "deprecated",
    "description",
    "enum",
    "example",
    "examples",
    "items",
    "nullable",
    "oneOf",
    "prefixItems",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "writeOnly",
    "additionalProperties",
];

/// References and alternatives followed before giving up.
const DEPTH: u32 = 32;
/// Schemas read for one argument before giving up: alternatives of alternatives multiply.
const STEPS: u32 = 1_000;

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Bool,
    Int,
    Decimal,
    String,
    Enum(Vec<String>),
    Set(Box<Kind>),
    Opaque,
}

impl Kind {
    fn text(&self) -> String {
        match self {
            Kind::Bool => "bool".to_owned(),
            Kind::Int => "int".to_owned(),
            Kind::Decimal => "decimal".to_owned(),
            Kind::String => "string".to_owned(),
            Kind::Enum(values) => values.iter().map(|text| value(text)).collect::<Vec<_>>().join(" | "),
            Kind::Set(of) => format!("set<{}>", of.text()),
            Kind::Opaque => "opaque".to_owned(),
        }
    }
}

struct Reader<'a> {
    root: &'a Json,
    steps: u32,
    lost: Vec<String>,
}

impl<'a> Reader<'a> {
    fn lose(&mut self, what: impl Into<String>) {
        self.lost.push(what.into());
    }

    fn opaque(&mut self, why: impl Into<String>) -> (Kind, bool) {
        self.lose(why);
        (Kind::Opaque, false)
    }

    /// The type, and whether null is among its values.
    fn kind(&mut self, schema: &Json, depth: u32) -> (Kind, bool) {
        self.steps += 1;
        if depth > DEPTH || self.steps > STEPS {
            return self.opaque("its schema refers to itself or is too deep");
        }
        if !matches!(schema, Json::Object(_)) {
            return self.opaque("it has no type");
        }
        if let Some(reference) = schema.get("$ref") {
            let target = reference.str().and_then(|path| self.resolve(path));
            self.constraints(schema);
            return match target {
                Some(target) => self.kind(target, depth + 1),
                None => self.opaque(format!("`$ref` {} leads nowhere", brief(reference))),
            };
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(word).and_then(Json::array) {
                self.constraints(schema);
                return self.alternatives(word, branches, depth);
            }
        }
        if let Some(values) = schema.get("enum").and_then(Json::array) {
            self.constraints(schema);
            return self.enumeration(values, schema);
        }
        let (name, nullable) = self.type_name(schema);
        let kind = match name.as_deref() {
            Some("boolean") => Kind::Bool,
            Some("integer") => Kind::Int,
            Some("number") => Kind::Decimal,
            Some("string") => Kind::String,
            Some("array") => self.array(schema, depth),
            Some("object") => {
                self.lose(inside(schema));
                Kind::Opaque
            }
            Some("null") => return (Kind::Opaque, true),
            Some(other) => self.opaque(format!("its type is {}", brief(&Json::String(other.to_owned())))).0,
            None => self.opaque("it has no single type").0,
        };
        if kind != Kind::Opaque {
            self.constraints(schema);
        }
        (kind, nullable)
    }

    /// The one type that is not null, and whether null stands beside it.
    fn type_name(&self, schema: &Json) -> (Option<String>, bool) {
        let nullable = schema.get("nullable") == Some(&Json::Bool(true));
        match schema.get("type") {
            Some(Json::String(name)) => (Some(name.clone()), nullable),
            Some(Json::Array(names)) => {
                let mut others = names.iter().filter_map(Json::str).filter(|name| *name != "null");
                let first = others.next().map(str::to_owned);
                let null = names.iter().any(|name| name.str() == Some("null"));
                (first.filter(|_| others.next().is_none()), null || nullable)
            }
            _ => (None, nullable),
        }
    }

    fn alternatives(&mut self, word: &str, branches: &[Json], depth: u32) -> (Kind, bool) {
        let is_null = |branch: &&Json| branch.get("type").and_then(Json::str) == Some("null");
        let mut nullable = branches.iter().any(|branch| is_null(&branch));
        let mut kinds: Vec<Kind> = Vec::new();
        for branch in branches.iter().filter(|branch| !is_null(branch)).take(64) {
            let (kind, null) = self.kind(branch, depth + 1);
            nullable |= null;
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        match kinds.as_slice() {
            [kind] => (kind.clone(), nullable),
            _ => {
                let names: Vec<String> = kinds.iter().take(8).map(Kind::text).collect();
                self.lose(format!("`{word}` of different types ({})", shorten(&names.join(", "), 80)));
                (Kind::Opaque, nullable)
            }
        }
    }

    fn enumeration(&mut self, values: &[Json], schema: &Json) -> (Kind, bool) {
        let nullable = values.contains(&Json::Null) || self.type_name(schema).1;
        let mut texts: Vec<String> = Vec::new();
        for value in values.iter().filter(|value| **value != Json::Null) {
            match value {
                Json::String(text) if texts.contains(text) => {}
                Json::String(text) => texts.push(text.clone()),
                other => {
                    let (name, _) = self.type_name(schema);
                    self.lose(format!("`enum` with {}: only texts can be enumerated", other.kind()));
                    let kind = match name.as_deref() {
                        Some("integer") => Kind::Int,
                        Some("number") => Kind::Decimal,
                        Some("boolean") => Kind::Bool,
                        _ => Kind::Opaque,
                    };
                    return (kind, nullable);
                }
            }
        }
        if texts.len() < 2 {
            self.lose(format!(
                "`enum` {}: an enumeration has two values or more",
                brief(&Json::Array(values.to_vec()))
            ));
            return (Kind::String, nullable);
        }
        (Kind::Enum(texts), nullable)
    }

    fn array(&mut self, schema: &Json, depth: u32) -> Kind {
        if schema.get("prefixItems").is_some() {
            return self.opaque("it is a tuple").0;
        }
        let Some(items) = schema.get("items") else { return self.opaque("it is an array of anything").0 };
        let before = self.lost.len();
        let (kind, nullable) = self.kind(items, depth + 1);
        match kind {
            Kind::Opaque | Kind::Set(_) => {
                self.lost.truncate(before);
                let elements = match items.get("type").and_then(Json::str) {
                    Some("array") => "arrays",
                    Some("object") => "objects",
                    _ => "anything",
                };
                self.opaque(format!("it is an array of {elements}")).0
            }
            _ if nullable => self.opaque("its elements may be null").0,
            element => Kind::Set(Box::new(element)),
        }
    }

    /// Says what the schema demands of values beyond their type.
    fn constraints(&mut self, schema: &Json) {
        for (key, value) in schema.members() {
            if !READ.contains(&key.as_str()) && !key.starts_with("x-") {
                self.lose(format!("{} {}", super::text::shown(key), brief(value)));
            }
        }
        if let Some(value) = schema.get("const") {
            self.lose(format!("`const` {}", brief(value)));
        }
    }

    fn default(&mut self, kind: &Kind, default: &Json) -> Option<String> {
        let text = match (kind, default) {
            (_, Json::Null) => return None,
            (Kind::Bool, Json::Bool(value)) => Some(value.to_string()),
            (Kind::Int, Json::Number(number)) => number.as_i64().map(|value| value.to_string()),
            (Kind::Decimal, Json::Number(number)) => decimal(number),
            (Kind::String, Json::String(text)) => Some(quoted(text)),
            (Kind::Enum(values), Json::String(text)) if values.contains(text) => Some(value(text)),
            (
                Kind::Bool
                | Kind::Int
                | Kind::Decimal
                | Kind::String
                | Kind::Enum(_)
                | Kind::Set(_)
                | Kind::Opaque,
                _,
            ) => None,
        };
        if text.is_none() {
            self.lose(format!("`default` {}", brief(default)));
        }
        text
    }

    fn resolve(&self, path: &str) -> Option<&'a Json> {
        let mut at = self.root;
        for part in path.strip_prefix("#/")?.split('/') {
            at = at.get(&part.replace("~1", "/").replace("~0", "~"))?;
        }
        Some(at)
    }
}

/// A decimal literal, when the number is one: at most four places, no exponent.
fn decimal(number: &serde_json::Number) -> Option<String> {
    if let Some(whole) = number.as_i64() {
        return (whole.unsigned_abs() < 900_000_000_000_000).then(|| whole.to_string());
    }
    let value = number.as_f64().filter(|value| value.abs() < 1e9)?;
    let text = format!("{value}");
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    (places <= 4).then_some(text)
}

/// What an object has inside, in words.
fn inside(schema: &Json) -> String {
    let names: Vec<&str> = schema
        .get("properties")
        .map_or(&[][..], Json::members)
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    if names.is_empty() {
        "it is an object".to_owned()
    } else {
        format!("it is an object, with {} inside", super::text::shown(&names.join(", ")))
    }
}

/// A value in a message, no longer than a few words.
fn brief(json: &Json) -> String {
    match json {
        Json::Array(_) | Json::Object(_) => format!("`{}`", shorten(&json.to_string(), 60)),
        Json::String(text) => super::text::shown(text),
        Json::Null | Json::Bool(_) | Json::Number(_) => format!("`{json}`"),
    }
}

#[cfg(test)]
mod tests;
