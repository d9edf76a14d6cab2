//! Cedar: a schema, and for each root agent the policies about it.
//!
//! A request becomes: the root agent as principal, the operation as action, the tool as
//! resource, everything else as context ([`request()`] shows it field by field). An enforcement
//! point loads `schema.cedarschema` and the one file of the request's root, which `index.json`
//! names: it has every permit, forbid and guard that can bear on that root, so that what the engine
//! looks at does not grow with the estate. A root that is not in the index may do nothing.

mod condition;
mod forbids;
mod grants;
mod groups;
mod guards;
mod policy;
pub mod read;
mod request;
mod revoke;
mod schema;
mod shard;
mod text;

pub use request::request;
pub use shard::file;

use super::reading::Reading;
use super::{Assumption, Emission, Fidelity, Outcome, Target};
use crate::model::*;
use crate::revoke::{Revocation, Revoked};
use groups::Groups;
use serde::Serialize;
use serde_json::{Value as Json, json};
use shard::Shard;
use std::collections::BTreeMap;

/// The target, by where its policies look for a call's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cedar {
    /// In `context.args`, as the request contract names them.
    Contract,
    /// In `context.input`, as gateways for MCP name them.
    Mcp,
}

impl Cedar {
    /// The field of the context that holds the arguments.
    fn args(self) -> &'static str {
        match self {
            Cedar::Contract => "args",
            Cedar::Mcp => "input",
        }
    }
}

impl Target for Cedar {
    fn name(&self) -> &'static str {
        match self {
            Cedar::Contract => "cedar",
            Cedar::Mcp => "cedar-mcp",
        }
    }

    /// Every tool exists in Cedar: no binding is needed. The shape for gateways is there for who asks.
    fn applies(&self, model: &Model) -> bool {
        match self {
            Cedar::Contract => !model.ops.is_empty(),
            Cedar::Mcp => false,
        }
    }

    fn emit(&self, model: &Model, _now: i64) -> Emission {
        let groups = Groups::new(model);
        let mut files = frame(*self, model, &groups);
        for (root, grants) in roots(model) {
            let path = file(&model.agent(root).name);
            files.insert(path, Shard::new(*self, model, &groups, root, grants).text());
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

    fn read(&self, model: &Model, files: &BTreeMap<String, String>) -> Reading {
        read::read(*self, model, files)
    }

    fn revoke(&self, revocation: &Revocation, _model: Option<&Model>) -> Revoked {
        revoke::revoke(revocation)
    }
}

/// The files of [`frame`].
const FRAME: [&str; 3] = ["entities.json", "index.json", "schema.cedarschema"];

/// What policies rest on, besides themselves: what there is, which file is whose, and the schema.
fn frame(shape: Cedar, model: &Model, groups: &Groups) -> BTreeMap<String, String> {
    let name = |root: AgentId| &*model.agent(root).name;
    let index: BTreeMap<_, _> = roots(model).into_keys().map(|root| (name(root), file(name(root)))).collect();
    let texts = [pretty(&entities(model, groups)), pretty(&index), schema::schema(shape, model, groups)];
    FRAME.map(str::to_owned).into_iter().zip(texts).collect()
}

/// The agents that have grants, and these.
fn roots(model: &Model) -> BTreeMap<AgentId, Vec<&Grant>> {
    let mut roots: BTreeMap<AgentId, Vec<&Grant>> = BTreeMap::new();
    for grant in &model.grants {
        roots.entry(grant.to).or_default().push(grant);
    }
    roots
}

/// The actions and their groups, for engines that are given no schema. Agents, purposes, tools
/// and data classes have neither attributes nor parents, so nothing need be said of them.
fn entities(model: &Model, groups: &Groups) -> Vec<Json> {
    let uid = |id: &str| json!({ "type": format!("{}::Action", text::NAMESPACE), "id": id });
    let row = |name: &str, parents: Vec<Json>| json!({ "uid": uid(name), "attrs": {}, "parents": parents });
    let ops = (0..model.ops.len()).map(OpId::at);
    let ops = ops.map(|op| row(&model.op_name(op), groups.of(op).map(|group| uid(group)).collect()));
    groups.names().map(|name| row(name, Vec::new())).chain(ops).collect()
}

fn pretty(json: &impl Serialize) -> String {
    serde_json::to_string_pretty(json).expect("names are plain JSON") + "\n"
}
