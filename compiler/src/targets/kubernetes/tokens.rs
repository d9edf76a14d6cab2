//! What an issuer asks the API server for, account by account.
//!
//! A token stands for a session, so none may live longer than the shortest `ttl` of the grants that
//! its account carries. Whoever opens a session posts the account's `TokenRequest` to its `token`
//! subresource; the annotations say for which agent and purpose.

use super::manifests::{Marks, marks};
use super::yaml::{Yaml, stream};
use crate::model::*;
use std::collections::BTreeMap;

/// The file with all token requests.
pub const FILE: &str = "token-requests.yaml";

/// The requests of the accounts that carry a grant with a `ttl`; `None` when none does.
pub fn requests(model: &Model, accounts: &BTreeMap<Str, Vec<GrantId>>) -> Option<String> {
    let documents: Vec<_> = accounts
        .iter()
        .filter_map(|(account, grants)| {
            let (namespace, name) = account.split_once('/')?;
            let shortest = grants.iter().filter_map(|id| model.grant(*id).ttl).min()?;
            let mut metadata = vec![
                ("name".to_string(), Yaml::text(name)),
                ("namespace".to_string(), Yaml::text(namespace)),
            ];
            metadata.extend(marks(model, &Marks::Account(*grants.first()?)));
            Some(Yaml::map([
                ("apiVersion", Yaml::text("authentication.k8s.io/v1")),
                ("kind", Yaml::text("TokenRequest")),
                ("metadata", Yaml::Map(metadata)),
                // no audience of its own: the API server's
                (
                    "spec",
                    Yaml::map([("audiences", Yaml::texts([])), ("expirationSeconds", Yaml::Int(shortest))]),
                ),
            ]))
        })
        .collect();
    (!documents.is_empty()).then(|| stream(&documents))
}
