//! A role's permissions boundary, from the ceilings over its agent: defence in depth.
//!
//! It holds the actions and resources that every ceiling leaves open, conditions aside. That no grant
//! exceeds a ceiling is proved, so the boundary takes nothing from what the policies allow; one that
//! would, or that AWS would not take, is not written. What cannot be read back is not in it.

use super::glob::write;
use super::pack::MANAGED;
use super::unit::Region;
use crate::model::*;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// The boundary of an agent's role, out of these bounds, `allowed` being what its policies allow.
pub fn boundary<'a>(
    model: &Model,
    agent: AgentId,
    bounds: &[Region],
    allowed: impl Iterator<Item = &'a Region>,
) -> Option<String> {
    let ceilings: Vec<_> = model.ceilings.iter().filter(|one| one.agents.contains(agent)).collect();
    if ceilings.is_empty() {
        return None;
    }
    let open =
        |op: OpId| ceilings.iter().all(|ceiling| ceiling.lines.iter().any(|line| line.ops.contains(op)));
    let bounds: Vec<&Region> = bounds.iter().filter(|bound| open(bound.unit.0)).collect();
    let within = |region: &Region| {
        let over =
            |bound: &&Region| bound.action.eq_ignore_ascii_case(&region.action) && bound.covers(region);
        bounds.iter().any(over)
    };
    if !allowed.into_iter().all(within) {
        return None;
    }
    let mut resources: BTreeMap<&Str, BTreeSet<String>> = BTreeMap::new();
    for bound in &bounds {
        resources.entry(&bound.action).or_default().insert(write(&bound.resource));
    }
    let mut actions: BTreeMap<BTreeSet<String>, BTreeSet<&str>> = BTreeMap::new();
    for (action, resources) in resources {
        actions.entry(resources).or_default().insert(action);
    }
    let statement = |(at, (resources, actions)): (usize, (BTreeSet<String>, BTreeSet<&str>))| {
        json!({
            "Sid": format!("Ceiling{}", at + 1),
            "Effect": "Allow",
            "Action": actions,
            "Resource": resources,
        })
    };
    let statements: Vec<Json> = actions.into_iter().enumerate().map(statement).collect();
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    let taken = !statements.is_empty() && document.to_string().len() <= MANAGED;
    taken.then(|| format!("{document:#}\n"))
}
