//! Request to JSON: the text that [`super::read`] takes back, for witnesses and generated tests.

use super::Request;
use crate::model::*;
use crate::types::value;
use std::collections::BTreeMap;
use std::fmt;

/// Writes the request in the contract's form, on one line, in the order in which people read it.
///
/// Raw arguments from which others are derived are made up to derive the same again; where that
/// cannot be (two derived sets of which only one is empty), reading gives another request.
pub fn write(model: &Model, request: &Request) -> String {
    let tool = model.tool(model.op(request.op).tool);
    let mut session = vec![
        ("started".to_string(), instant(request.started)),
        ("authn".to_string(), Json::text(request.authn.name())),
    ];
    session.extend(request.session.iter().map(|(name, value)| (name.to_string(), to_json(value))));

    let agents = request.chain.iter().map(|&agent| Json::text(&model.agent(agent).name));
    let mut fields = vec![
        ("chain", Json::Array(agents.collect())),
        ("purpose", Json::text(&model.purpose(request.purpose).name)),
        ("tool", Json::text(&tool.name)),
    ];
    if !request.data.is_empty() {
        let labels = request.data.iter().map(|label| Json::text(&model.class(label).name));
        fields.push(("data", Json::Array(labels.collect())));
    }
    let args = write_args(tool, &request.args);
    if !args.is_empty() {
        fields.push(("args", Json::Object(args.into_iter().collect())));
    }
    fields.push(("now", instant(request.now)));
    fields.push(("session", Json::Object(session)));
    if !request.approvals.is_empty() {
        let given = request.approvals.iter();
        let given = given.map(|(&who, &at)| (model.principal(who).name.to_string(), instant(at)));
        fields.push(("approvals", Json::Object(given.collect())));
    }
    Json::Object(fields.into_iter().map(|(name, json)| (name.to_string(), json)).collect()).to_string()
}

/// JSON to be written. Numbers are texts: a decimal keeps all its digits.
#[derive(Clone, Debug)]
enum Json {
    Leaf(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn text(text: &str) -> Self {
        Json::Leaf(serde_json::Value::from(text).to_string())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = |at: usize| if at > 0 { ", " } else { "" };
        match self {
            Json::Leaf(text) => f.write_str(text),
            Json::Array(elements) => {
                f.write_str("[")?;
                for (at, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", separator(at))?;
                }
                f.write_str("]")
            }
            Json::Object(members) if members.is_empty() => f.write_str("{}"),
            Json::Object(members) => {
                f.write_str("{ ")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{}: {value}", separator(at), Json::text(name))?;
                }
                f.write_str(" }")
            }
        }
    }
}

fn instant(seconds: i64) -> Json {
    Json::text(&value::instant_text(seconds))
}

/// A value as the contract writes it.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(truth) => Json::Leaf(truth.to_string()),
        Value::Int(number) | Value::Duration(number) => Json::Leaf(number.to_string()),
        Value::Decimal(number) => Json::Leaf(value::decimal_text(*number)),
        Value::Text(text) => Json::text(text),
        Value::Instant(seconds) => instant(*seconds),
        Value::Ip(address) => Json::text(&address.to_string()),
        Value::Cidr(net) => Json::text(&net.0.to_string()),
        Value::Authn(level) => Json::text(level.name()),
        Value::Set(members) => Json::Array(members.iter().map(to_json).collect()),
        Value::Opaque => Json::Object(Vec::new()),
    }
}

fn write_args(tool: &Tool, args: &Record) -> BTreeMap<String, Json> {
    let mut written = BTreeMap::new();
    let derived = |name: &Str| match tool.args.get(name).map(|arg| &arg.source) {
        Some(ArgSource::Each(path)) => path.split_first(),
        _ => None,
    };
    for (name, value) in args.iter().filter(|(name, _)| derived(name).is_none()) {
        written.insert(name.to_string(), to_json(value));
    }
    for (name, value) in args {
        if let Some((first, rest)) = derived(name) {
            underive(written.entry(first.to_string()).or_insert(Json::Object(Vec::new())), rest, value);
        }
    }
    written
}

/// Makes up a raw value from which `value` is derived along `path`, keeping what is there: for a
/// set an array with an object for each element, for a scalar one object.
fn underive(slot: &mut Json, path: &[Str], value: &Value) {
    let Value::Set(members) = value else { return nest(slot, path, value) };
    if !matches!(slot, Json::Array(_)) {
        *slot = Json::Array(Vec::new());
    }
    if let Json::Array(rows) = slot
        && !members.is_empty()
    {
        while rows.len() < members.len() {
            rows.push(rows.last().cloned().unwrap_or(Json::Object(Vec::new())));
        }
        for (row, member) in rows.iter_mut().zip(members.iter().cycle()) {
            nest(row, path, member);
        }
    }
}

fn nest(slot: &mut Json, path: &[Str], value: &Value) {
    let Some((first, rest)) = path.split_first() else {
        *slot = to_json(value);
        return;
    };
    if !matches!(slot, Json::Object(_)) {
        *slot = Json::Object(Vec::new());
    }
    if let Json::Object(members) = slot {
        let at = members.iter().position(|(name, _)| **name == **first).unwrap_or_else(|| {
            members.push((first.to_string(), Json::Object(Vec::new())));
            members.len() - 1
        });
        nest(&mut members[at].1, rest, value);
    }
}
