//! What the API server asks RBAC and admission, and which of it a request of the language becomes.

use super::admission::Operation;
use super::read::rbac::user_of;
use crate::model::*;
use crate::request::Request;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A request as RBAC sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ClusterRequest {
    /// The service account, `NAMESPACE/NAME`.
    pub account: String,
    /// The verb.
    pub verb: String,
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource.
    pub resource: String,
    /// The subresource; empty for none.
    pub subresource: String,
    /// The namespace; empty for cluster-scoped resources and for all namespaces.
    pub namespace: String,
    /// The object's name; empty when the request carries none.
    pub name: String,
}

/// A call that a source request makes: all its requests to the API server, but for the name when
/// the verb's requests carry none for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projected {
    /// The request; its `name` is empty when any name may be there.
    pub request: ClusterRequest,
    /// Whether any name may be there.
    pub any_name: bool,
    /// What a write leaves behind, as far as it is known: by path, names joined by dots.
    pub fields: BTreeMap<String, Json>,
}

impl Projected {
    /// The variables `request` and `object` of the expressions of admission policies, as far as
    /// those that are emitted speak of them; `None` for what admission is not asked about.
    pub fn review(&self) -> Option<Json> {
        let ClusterRequest { account, verb, group, resource, subresource, namespace, name } = &self.request;
        let operation = Operation::of(verb)?;
        let user = account.split_once('/').map(|(namespace, name)| user_of(namespace, name).0);
        let mut request = json!({
            "operation": operation.name(),
            "userInfo": { "username": user },
            "resource": { "group": group, "resource": resource },
        });
        for (key, text) in [("namespace", namespace), ("name", name), ("subResource", subresource)] {
            if !text.is_empty() {
                request[key] = text.as_str().into();
            }
        }
        let object = match operation {
            Operation::Delete => Json::Null,
            Operation::Create | Operation::Update => {
                let mut object = Map::new();
                self.fields.iter().for_each(|(path, value)| put(&mut object, path, value));
                // what is changed has the name that it is asked for by
                if operation == Operation::Update && !name.is_empty() {
                    put(&mut object, "metadata.name", &name.as_str().into());
                }
                Json::Object(object)
            }
        };
        Some(json!({ "request": request, "object": object }))
    }
}

/// Puts a value where a path leads.
fn put(object: &mut Map<String, Json>, path: &str, value: &Json) {
    match path.split_once('.') {
        None => drop(object.insert(path.to_string(), value.clone())),
        Some((first, rest)) => {
            let below = object.entry(first).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(below) = below {
                put(below, rest, value);
            }
        }
    }
}

/// The requests that a direct call becomes, for one of the agent's accounts. A call that lacks an
/// argument its binding speaks of reaches nothing by that binding.
pub fn project(model: &Model, account: &str, request: &Request) -> Vec<Projected> {
    let mut all = Vec::new();
    let place = |place: &Place| match place {
        Place::Arg(arg) => match request.args.get(arg) {
            Some(Value::Text(text)) => Some(text.to_string()),
            Some(_) | None => None,
        },
        Place::Fixed(text) => Some(text.to_string()),
        Place::Cluster => Some(String::new()),
    };
    for binding in &model.op(request.op).bindings.kubernetes {
        let Some(namespace) = place(&binding.namespace) else { continue };
        let name = match &binding.name {
            Some(name) => match place(name) {
                Some(name) => Some(name),
                None => continue,
            },
            None => None,
        };
        for verb in &binding.verbs {
            let named = matches!(&**verb, "get" | "update" | "patch" | "delete");
            let leaves = matches!(Operation::of(verb), Some(Operation::Create | Operation::Update));
            let fields = binding.fields.iter().filter_map(|(path, arg)| {
                let value = match request.args.get(arg)? {
                    Value::Bool(value) => Json::from(*value),
                    Value::Int(value) => Json::from(*value),
                    Value::Text(text) => Json::from(text.to_string()),
                    _ => return None,
                };
                leaves.then(|| (path.to_string(), value))
            });
            let fields: BTreeMap<String, Json> = fields.collect();
            for group in &binding.groups {
                for resource in &binding.resources {
                    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
                    let mut fields = fields.clone();
                    if &**verb == "create" && subresource.is_empty() {
                        let name =
                            name.iter().map(|name| ("metadata.name".to_string(), name.as_str().into()));
                        fields.extend(name);
                    }
                    all.push(Projected {
                        request: ClusterRequest {
                            account: account.to_string(),
                            verb: verb.to_string(),
                            group: group.to_string(),
                            resource: resource.to_string(),
                            subresource: subresource.to_string(),
                            namespace: namespace.clone(),
                            name: name.clone().filter(|_| named).unwrap_or_default(),
                        },
                        any_name: !named || name.is_none(),
                        fields,
                    });
                }
            }
        }
    }
    all
}
