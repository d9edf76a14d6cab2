//! `data.json` as it may be: every field has its type, none is unknown, none comes twice.
//!
//! In Rego what is undefined fails silently, and null is a value like any other. So a field that
//! may be left out is left out or has its type; it is never null.

use super::data::base_field;
use crate::model::{Model, OpId};
use serde::de::{Deserialize, Deserializer, IgnoredAny};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The document.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub bailiwick: Root,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    pub estate: Estate,
}

/// What the project says.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estate {
    pub agents: BTreeMap<String, Agent>,
    /// Names of grants, by root, purpose and operation.
    pub candidates: BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<String>>>>,
    pub forbids: BTreeMap<String, Forbid>,
    pub grants: BTreeMap<String, Grant>,
    pub people: Json,
    pub purposes: Json,
    pub session: Json,
    pub tools: Json,
}

impl Estate {
    /// Takes from the tools the keys of the forbids that are looked at when an operation is called.
    ///
    /// The operations are those of the model, at their places: of what the data has besides nothing is taken.
    pub fn take_listed(&mut self, model: &Model) -> BTreeMap<OpId, Vec<String>> {
        let mut found = BTreeMap::new();
        let mut take = |at: OpId, op: Option<&mut Json>| {
            let listed = op.and_then(|op| op.get_mut("forbids"));
            if let Some(listed) = listed
                && let Ok(keys) = Vec::deserialize(&*listed)
            {
                *listed = json!([]);
                found.insert(at, keys);
            }
        };
        for tool in &model.tools {
            let Some(read) = self.tools.get_mut(&*tool.name) else { continue };
            if let Some(base) = tool.base {
                take(base, read.get_mut(base_field(tool)));
            }
            for (value, &op) in tool.variant.iter().flat_map(|variants| &variants.ops) {
                take(op, read.pointer_mut("/variant/ops").and_then(|ops| ops.get_mut(&**value)));
            }
        }
        found
    }

    /// The sections that say how a request is read.
    pub fn request(&self) -> [(&'static str, &Json); 4] {
        [
            ("people", &self.people),
            ("purposes", &self.purposes),
            ("session", &self.session),
            ("tools", &self.tools),
        ]
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    pub answerable: Json,
    pub authn: i64,
    /// Keys of forbids that are looked at when it is in the chain.
    pub forbids: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub also: Vec<Json>,
    pub approvals: Vec<Map<String, Json>>,
    pub authn: i64,
    pub covers: Names,
    pub delegates: Vec<Delegate>,
    pub expires: i64,
    pub lines: Vec<Line>,
    #[serde(rename = "owner")]
    _owner: IgnoredAny,
    pub purpose: String,
    #[serde(rename = "source")]
    _source: IgnoredAny,
    pub starts: i64,
    pub ttl: i64,
    pub when: Vec<Json>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub also: Vec<Json>,
    pub ops: Names,
    pub when: Vec<Json>,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delegate {
    pub depth: usize,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    pub to: Names,
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    pub covers: Option<Names>,
    pub lines: Vec<Line>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbid {
    #[serde(default, deserialize_with = "stated")]
    pub agents: Option<Names>,
    #[serde(default, rename = "because")]
    _because: IgnoredAny,
    pub kind: String,
    #[serde(default, deserialize_with = "stated")]
    pub meets: Option<Names>,
    pub name: String,
    #[serde(default, deserialize_with = "stated")]
    pub ops: Option<Names>,
    #[serde(rename = "source")]
    _source: IgnoredAny,
    #[serde(default, deserialize_with = "stated")]
    pub unless: Option<Json>,
}

/// A set of names: an object whose every member is `true`.
pub type Names = BTreeMap<String, True>;

/// `true`, and nothing else.
#[derive(Clone, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "bool", into = "bool")]
pub struct True;

impl From<True> for bool {
    fn from(True: True) -> bool {
        true
    }
}

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<True, &'static str> {
        value.then_some(True).ok_or("what is in a set is `true`")
    }
}

fn stated<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
