//! What the API server asks RBAC, and which of it a request of the language becomes.

use crate::model::*;
use crate::request::Request;
use serde::Serialize;

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
            for group in &binding.groups {
                for resource in &binding.resources {
                    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
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
                    });
                }
            }
        }
    }
    all
}
