//! What the data says of operations, by name.

use super::super::tree::Estate;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// An operation.
pub(super) struct Operation<'e> {
    /// The tool, where it does nothing else.
    pub tool: Option<&'e str>,
    /// The keys of the forbids that are listed under it.
    pub forbids: BTreeSet<&'e str>,
    /// The labels that calls to it may have.
    pub labels: BTreeSet<&'e str>,
}

/// The operations. One of which something is not said is left out.
pub(super) fn operations(estate: &Estate) -> BTreeMap<&str, Operation<'_>> {
    let tools = estate.tools.as_object().into_iter().flatten();
    let ops = tools.flat_map(|(tool, says)| {
        let variants = says["variant"]["ops"].as_object().into_iter().flat_map(|ops| ops.values());
        let several = variants.chain([&says["otherwise"]]).map(|op| (None, op));
        several.chain([(Some(tool.as_str()), &says["op"])])
    });
    let named = ops.filter_map(|(tool, op)| {
        let strings = |field| Some(op[field].as_array()?.iter().filter_map(Json::as_str));
        let labels = op["labels"].as_object()?.keys().map(String::as_str).chain(strings("declared")?);
        let (forbids, labels) = (strings("forbids")?.collect(), labels.collect());
        Some((op["name"].as_str()?, Operation { tool, forbids, labels }))
    });
    named.collect()
}
