//! What IAM is asked, and which of it a request of the language becomes.

use super::approval;
pub use super::approval::tags_of as approval_tags;
use super::arn::text_of;
use crate::model::*;
use crate::request::Request;
use crate::types::value::{decimal_text, instant_text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A request as IAM sees it. Keys that are absent have no entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AwsRequest {
    /// The role's ARN.
    pub role: String,
    /// `service:Action`.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// Single-valued condition keys, `aws:CurrentTime` as RFC 3339 text among them.
    pub context: BTreeMap<String, String>,
    /// Multi-valued condition keys.
    pub sets: BTreeMap<String, BTreeSet<String>>,
}

/// The requests that a direct call becomes, for one of the agent's roles. A `*` of a template
/// stands in the resource as it is; keys that the binding does not bind may be anything besides. Of
/// approvals the session has every tag that it could have.
/// A call that lacks an argument its resource holds reaches nothing by that resource.
pub fn project(model: &Model, role: &str, request: &Request) -> Vec<AwsRequest> {
    let mut all = Vec::new();
    for binding in &model.op(request.op).bindings.aws {
        let mut context: BTreeMap<String, String> =
            [("aws:CurrentTime".to_string(), instant_text(request.now))].into();
        let mut sets = BTreeMap::new();
        for (name, value) in &request.session {
            context.extend(key_text(value).map(|text| (format!("aws:PrincipalTag/{name}"), text)));
        }
        for tag in approval::tags_of(model, request) {
            context.insert(format!("aws:PrincipalTag/{tag}"), approval::GIVEN.to_string());
        }
        for (key, arg) in &binding.keys {
            match request.args.get(arg) {
                Some(Value::Set(values)) if !values.is_empty() => {
                    sets.insert(key.to_string(), values.iter().filter_map(key_text).collect());
                }
                Some(value) => context.extend(key_text(value).map(|text| (key.to_string(), text))),
                None => {}
            }
        }
        for template in &binding.resources {
            let resource: Option<String> = template
                .0
                .iter()
                .map(|part| match part {
                    TemplatePart::Text(text) => Some(text.to_string()),
                    TemplatePart::Arg(arg) => request.args.get(arg).and_then(text_of),
                })
                .collect();
            let Some(resource) = resource else { continue };
            for action in &binding.actions {
                all.push(AwsRequest {
                    role: role.to_string(),
                    action: action.to_string(),
                    resource: resource.clone(),
                    context: context.clone(),
                    sets: sets.clone(),
                });
            }
        }
    }
    all
}

/// A value as the text of a condition key.
pub fn key_text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Text(_) => text_of(value),
        Value::Decimal(number) => Some(decimal_text(*number)),
        Value::Instant(seconds) => Some(instant_text(*seconds)),
        Value::Duration(seconds) => Some(seconds.to_string()),
        Value::Ip(address) => Some(address.to_string()),
        Value::Cidr(net) => Some(net.0.to_string()),
        Value::Authn(_) | Value::Set(_) | Value::Opaque => None,
    }
}
