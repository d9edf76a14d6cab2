//! Cedar: a schema, permits sharded by root agent, forbids and guards.
//!
//! A request becomes: the root agent as principal, the operation as action, the tool as
//! resource, everything else as context ([`request()`] shows it field by field). An enforcement
//! point loads `schema.cedarschema`, `policies/guards.cedar`, `policies/forbids.cedar` and the
//! one file `policies/agents/ROOT.cedar` of the request's root, so that what the engine looks at
//! does not grow with the estate; loading every file gives the same decisions.

mod condition;
mod forbids;
mod grants;
mod policy;
mod request;
mod schema;
mod text;

pub use request::request;

use super::{Assumption, Emission, Fidelity, Outcome, Target};
use crate::model::*;
use serde_json::json;
use std::collections::BTreeMap;

/// The target.
pub struct Cedar;

impl Target for Cedar {
    fn name(&self) -> &'static str {
        "cedar"
    }

    /// Every tool exists in Cedar: no binding is needed.
    fn applies(&self, model: &Model) -> bool {
        !model.ops.is_empty()
    }

    fn emit(&self, model: &Model) -> Emission {
        let mut files = BTreeMap::from([
            ("schema.cedarschema".to_owned(), schema::schema(model)),
            ("entities.json".to_owned(), entities(model)),
            ("policies/guards.cedar".to_owned(), forbids::guards(model).join("\n")),
            (
                "policies/forbids.cedar".to_owned(),
                model
                    .forbids
                    .iter()
                    .filter_map(|forbid| forbids::forbid(model, forbid))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
        ]);
        if model.ops.is_empty() {
            files.retain(|path, _| !path.starts_with("policies/"));
        }
        for grant in &model.grants {
            let file = files.entry(shard(&model.agent(grant.to).name)).or_default();
            for permit in grants::permits(model, grant) {
                if !file.is_empty() {
                    file.push('\n');
                }
                file.push_str(&permit);
            }
        }
        let outcome = |at| Outcome {
            grant: GrantId::at(at),
            result: Fidelity::ExactUnderAssumptions,
            assumptions: vec![Assumption::WellFormedRequests],
            losses: Vec::new(),
        };
        Emission {
            files,
            outcomes: (0..model.grants.len()).map(outcome).collect(),
            assumptions: vec![Assumption::WellFormedRequests],
            rules: Vec::new(),
        }
    }
}

/// The file of an agent's permits. Capitals are marked, for file systems that do not tell them apart.
pub fn shard(agent: &str) -> String {
    let mut name = String::new();
    for c in agent.chars() {
        if c.is_ascii_uppercase() {
            name.push('=');
        }
        name.push(c);
    }
    format!("policies/agents/{name}.cedar")
}

/// The actions and their groups, for engines that are given no schema. Agents, purposes, tools
/// and data classes have neither attributes nor parents, so nothing need be said of them.
fn entities(model: &Model) -> String {
    let uid = |id: &str| json!({ "type": format!("{}::Action", text::NAMESPACE), "id": id });
    let groups = schema::groups(model);
    let names: std::collections::BTreeSet<_> = groups.values().flatten().collect();
    let ops = groups
        .iter()
        .map(|(&op, groups)| (model.op_name(op), groups.iter().map(|g| uid(g)).collect::<Vec<_>>()));
    let actions = names.iter().map(|name| (name.to_string(), Vec::new())).chain(ops);
    let rows: Vec<_> = actions
        .map(|(name, parents)| json!({ "uid": uid(&name), "attrs": {}, "parents": parents }))
        .collect();
    serde_json::to_string_pretty(&rows).expect("entities are plain JSON") + "\n"
}
