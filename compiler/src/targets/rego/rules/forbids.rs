//! What the forbids ask of the calls that a rule is of. Of most of them it is known that they are out of the
//! way, or how they are got out of it, before there is a request.

use super::super::condition::compares;
use super::super::text::term;
use super::super::tree::{Estate, Forbid, Names};
use super::{LONGEST, comparison};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// That the lists which concern the request have nothing that is in the way: a rule of its own, which
/// looks at every forbid of them.
pub(super) const LISTS: &str = "unforbidden";

/// How many conditions of forbids are written out in a rule, since forbids times grants may be a lot of text.
const FEW: usize = 8;

/// What the data says of an operation.
pub(super) struct Operation<'e> {
    /// The keys of the forbids that are listed under it.
    forbids: BTreeSet<&'e str>,
    /// The labels that calls to it may have.
    labels: BTreeSet<&'e str>,
}

/// The operations, by name.
pub(super) fn operations(estate: &Estate) -> BTreeMap<&str, Operation<'_>> {
    let tools = estate.tools.as_object().into_iter().flat_map(|tools| tools.values());
    let ops = tools.flat_map(|tool| {
        let variants = tool["variant"]["ops"].as_object().into_iter().flat_map(|ops| ops.values());
        [&tool["op"], &tool["otherwise"]].into_iter().chain(variants)
    });
    let named = ops.filter_map(|op| {
        let strings = |field| Some(op[field].as_array()?.iter().filter_map(Json::as_str));
        let labels = op["labels"].as_object()?.keys().map(String::as_str).chain(strings("declared")?);
        let (forbids, labels) = (strings("forbids")?.collect(), labels.collect());
        Some((op["name"].as_str()?, Operation { forbids, labels }))
    });
    named.collect()
}

/// The calls that a rule is of, as far as they are known before there is one.
pub(super) struct Calls<'e> {
    /// Who may be in the chain: the root, and whoever may be behind it.
    pub agents: &'e [&'e str],
    /// The operations of which one is called.
    pub ops: &'e [&'e str],
    /// The labels that the grant covers.
    pub covers: &'e Names,
}

impl Calls<'_> {
    /// What is to be asked of them; nothing at all when a forbid is in the way of each.
    pub(super) fn unforbidden(
        &self,
        estate: &Estate,
        operations: &BTreeMap<&str, Operation>,
    ) -> Option<Vec<String>> {
        let lists = || vec![LISTS.to_owned()];
        let of_ops: Option<Vec<_>> = self.ops.iter().map(|op| operations.get(op)).collect();
        let of_agents = self.agents.iter().map(|name| estate.agents.get(*name));
        let of_agents: Option<Vec<_>> = of_agents.map(|agent| Some(&agent?.forbids)).collect();
        // a list that is not there denies, and the rule that goes through them does that
        let (Some(of_ops), Some(of_agents)) = (of_ops, of_agents) else { return Some(lists()) };
        let keys = of_ops.iter().flat_map(|op| op.forbids.iter().copied());
        let keys: BTreeSet<_> = keys.chain(of_agents.iter().copied().flatten().map(String::as_str)).collect();
        let labels = of_ops.iter().flat_map(|op| op.labels.iter().copied());
        let labels: Vec<_> = labels.filter(|label| self.covers.contains_key(*label)).collect();
        let (mut asks, mut known) = (Vec::new(), true);
        for key in keys {
            // so does a forbid that is listed and not there
            let Some(forbid) = estate.forbids.get(key) else { return Some(lists()) };
            if self.are_apart(forbid, &labels) {
                continue;
            }
            let of_root = of_agents.first().is_some_and(|keys| keys.iter().any(|of| of == key));
            let looked_at = of_root || of_ops.iter().all(|op| op.forbids.contains(key));
            if !(looked_at && self.all_concern(forbid)) {
                known = false;
                continue;
            }
            asks.extend(written_out(forbid.unless.as_ref()?));
        }
        let short = asks.len() <= FEW && asks.iter().all(|ask| ask.len() <= LONGEST);
        Some(if known && short { asks } else { lists() })
    }

    /// Whether the forbid speaks of none of the calls, which may have these labels, whatever it is that
    /// excuses from it.
    fn are_apart(&self, forbid: &Forbid, labels: &[&str]) -> bool {
        let none_of = |here: &[&str], names: &Option<Names>| {
            names.as_ref().is_some_and(|names| !here.iter().any(|name| names.contains_key(*name)))
        };
        none_of(self.ops, &forbid.ops)
            || none_of(self.agents, &forbid.agents)
            || none_of(labels, &forbid.meets)
    }

    /// Whether the forbid speaks of each of the calls. A call may have no label, and then meets none.
    fn all_concern(&self, forbid: &Forbid) -> bool {
        let all_of = |here: &[&str], names: &Option<Names>| {
            names.as_ref().is_none_or(|names| here.iter().all(|name| names.contains_key(*name)))
        };
        let root = &self.agents[..self.agents.len().min(1)];
        all_of(self.ops, &forbid.ops) && all_of(root, &forbid.agents) && forbid.meets.is_none()
    }
}

/// What excuses from a forbid, as a rule asks it.
fn written_out(unless: &Json) -> Vec<String> {
    let parts = unless["all"].as_array().map_or(std::slice::from_ref(unless), Vec::as_slice);
    let written = |part| match compares(part) {
        true => comparison(part, &term(&part["value"])),
        false => vec![format!("holds({})", term(part))],
    };
    parts.iter().flat_map(written).collect()
}
