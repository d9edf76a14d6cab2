//! The JSON of a request, field by field as text: so that a field can also be given something
//! that no request should have.

use super::draft::Draft;
use bailiwick_compiler::model::*;
use bailiwick_compiler::types::value;
use std::fmt;

/// The members of a JSON object, in order: names and the JSON text of their values. A name may
/// come twice.
pub type Members = Vec<(String, String)>;

/// A request as JSON to be.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Everything but the four below.
    pub fields: Members,
    /// `args`; left out when `None`.
    pub args: Option<Members>,
    /// `session`.
    pub session: Members,
    /// `approvals`; left out when `None`.
    pub approvals: Option<Members>,
}

impl Sketch {
    /// The JSON of a draft.
    pub fn of(model: &Model, draft: &Draft) -> Sketch {
        let tool = model.tool(model.op(draft.op).tool);
        let agents: Vec<String> = draft.chain.iter().map(|&agent| text(&model.agent(agent).name)).collect();
        let mut fields = vec![
            ("chain".into(), array(&agents)),
            ("purpose".into(), text(&model.purpose(draft.purpose).name)),
            ("tool".into(), text(&tool.name)),
            ("now".into(), instant(draft.now)),
        ];
        if let Some(data) = &draft.data {
            let labels: Vec<String> = data.iter().map(|&class| text(&model.class(class).name)).collect();
            fields.push(("data".into(), array(&labels)));
        }
        let args = arguments(tool, &draft.args);
        let mut session: Members =
            vec![("started".into(), instant(draft.started)), ("authn".into(), text(draft.authn.name()))];
        session.extend(draft.session.iter().map(|(name, value)| (name.to_string(), json(value))));
        let approvals: Members = draft
            .approvals
            .iter()
            .map(|&(who, given)| (model.principal(who).name.to_string(), instant(given)))
            .collect();
        Sketch {
            fields,
            args: (!args.is_empty()).then_some(args),
            session,
            approvals: (!approvals.is_empty()).then_some(approvals),
        }
    }

    /// Replaces or adds a top-level field.
    pub fn field(&mut self, name: &str, json: impl Into<String>) {
        put(&mut self.fields, name, json.into());
    }

    /// Leaves a top-level field out.
    pub fn without(&mut self, name: &str) {
        self.fields.retain(|(field, _)| field != name);
    }
}

/// Replaces or adds a member.
pub fn put(members: &mut Members, name: &str, json: String) {
    match members.iter_mut().find(|(member, _)| member == name) {
        Some((_, value)) => *value = json,
        None => members.push((name.into(), json)),
    }
}

impl fmt::Display for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = self.fields.clone();
        all.extend(self.args.iter().map(|args| ("args".to_string(), object(args))));
        all.push(("session".into(), object(&self.session)));
        all.extend(self.approvals.iter().map(|approvals| ("approvals".to_string(), object(approvals))));
        f.write_str(&object(&all))
    }
}

/// A JSON string.
pub fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An instant in the contract's form.
pub fn instant(seconds: i64) -> String {
    text(&value::instant_text(seconds))
}

fn array(elements: &[String]) -> String {
    format!("[{}]", elements.join(","))
}

fn object(members: &Members) -> String {
    let members: Vec<String> = members.iter().map(|(name, json)| format!("{}:{json}", text(name))).collect();
    format!("{{{}}}", members.join(","))
}

/// A value in the contract's form.
pub fn json(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) | Value::Duration(number) => number.to_string(),
        Value::Decimal(number) => value::decimal_text(*number),
        Value::Text(string) => text(string),
        Value::Instant(seconds) => instant(*seconds),
        Value::Ip(address) => text(&address.to_string()),
        Value::Cidr(net) => text(&net.0.to_string()),
        Value::Authn(level) => text(level.name()),
        Value::Set(members) => array(&members.iter().map(json).collect::<Vec<_>>()),
        Value::Opaque => r#"{"any":["thing",1]}"#.into(),
    }
}

/// Arguments as the call states them: derived ones inside the raw argument that they come from.
/// Of two derived from one raw argument, the first is kept, and the other gets what it gets.
fn arguments(tool: &Tool, args: &Record) -> Members {
    let mut members = Members::new();
    let mut raw = Members::new();
    for (name, value) in args {
        match tool.args.get(name).map(|arg| &arg.source) {
            Some(ArgSource::Each(path)) => {
                if let Some((first, rest)) = path.split_first() {
                    put(&mut raw, first, gathered(rest, value));
                }
            }
            Some(ArgSource::Required | ArgSource::Optional | ArgSource::Default(_)) | None => {
                members.push((name.to_string(), json(value)));
            }
        }
    }
    for (name, json) in raw {
        put(&mut members, &name, json);
    }
    members
}

/// An array of objects from which the set is gathered along the path.
fn gathered(path: &[Str], value: &Value) -> String {
    let nest = |value: &Value| {
        path.iter().rev().fold(json(value), |inner, name| format!("{{{}:{inner}}}", text(name)))
    };
    match value {
        Value::Set(members) => array(&members.iter().map(nest).collect::<Vec<_>>()),
        single => nest(single),
    }
}
