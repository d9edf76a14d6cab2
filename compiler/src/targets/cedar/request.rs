//! A request as Cedar sees it: the reference for whoever writes an adapter.
//!
//! [`request::read`](crate::request::read) has refused what is ill formed, filled in the defaults
//! and gathered the derived arguments; what is left is to name things. The shapes are those of
//! Cedar's JSON for entities and contexts.

use super::Cedar;
use super::text::NAMESPACE;
use crate::model::*;
use crate::request::Request;
use crate::types::value::{decimal_text, url_host};
use serde_json::{Map, Value as Json, json};

/// `principal`, `action`, `resource` (each with `type` and `id`) and `context`.
pub fn request(shape: Cedar, model: &Model, request: &Request) -> Json {
    let uid = |kind: &str, name: &str| json!({ "type": format!("{NAMESPACE}::{kind}"), "id": name });
    let entity = |kind: &str, name: &str| json!({ "__entity": uid(kind, name) });
    let tool = model.tool(model.op(request.op).tool);
    let (root, delegates) = request.chain.split_first().expect("a chain is not empty");
    let args = request
        .args
        .iter()
        .map(|(name, value)| (name.to_string(), attribute(value, tool.args.get(name).map(|arg| &arg.ty))));
    let session = request
        .session
        .iter()
        .map(|(name, value)| (name.to_string(), attribute(value, model.session.get(name))));
    let approvals =
        request.approvals.iter().map(|(&who, &at)| (model.principal(who).name.to_string(), json!(at)));
    json!({
        "principal": uid("Agent", &model.agent(*root).name),
        "action": uid("Action", &model.op_name(request.op)),
        "resource": uid("Tool", &tool.name),
        "context": {
            "purpose": entity("Purpose", &model.purpose(request.purpose).name),
            "delegates": delegates.iter().map(|&agent| entity("Agent", &model.agent(agent).name)).collect::<Vec<_>>(),
            "hops": delegates.len(),
            "data": request.data.iter().map(|class| entity("DataClass", &model.class(class).name)).collect::<Vec<_>>(),
            (shape.args()): args.collect::<Map<_, _>>(),
            "now": request.now,
            "started": request.started,
            "authn": request.authn as i64,
            "session": session.collect::<Map<_, _>>(),
            "approvals": approvals.collect::<Map<_, _>>(),
        },
    })
}

/// An attribute: of a URL, its text and its host.
fn attribute(value: &Value, ty: Option<&Type>) -> Json {
    match (value, ty) {
        (Value::Text(url), Some(Type::Url)) => json!({ "text": &**url, "host": url_host(url) }),
        _ => scalar(value),
    }
}

fn scalar(value: &Value) -> Json {
    let extension = |name: &str, arg: String| json!({ "__extn": { "fn": name, "arg": arg } });
    match value {
        Value::Bool(value) => json!(value),
        Value::Int(value) | Value::Instant(value) | Value::Duration(value) => json!(value),
        Value::Decimal(value) => extension("decimal", decimal_text(*value)),
        Value::Text(text) => json!(&**text),
        Value::Ip(address) => extension("ip", address.to_string()),
        Value::Cidr(net) => extension("ip", net.0.to_string()),
        Value::Authn(level) => json!(*level as i64),
        Value::Set(values) => values.iter().map(scalar).collect(),
        Value::Opaque => json!(true),
    }
}
