//! Whether what is about to be written can be read back: what cannot is not written.

use super::calls::{Call, calls};
use super::document::Document;
use super::lift::lift_statement;
use crate::model::*;
use crate::targets::iam::glob::write;
use crate::targets::iam::unit::Region;
use serde_json::json;
use std::collections::BTreeMap;

/// Reads single regions back.
pub struct ReadBack<'m> {
    model: &'m Model,
    /// The parts of calls, by their action in lower case.
    calls: BTreeMap<String, Vec<Call<'m>>>,
}

impl<'m> ReadBack<'m> {
    /// Of the calls of a model's tools.
    pub fn new(model: &'m Model) -> ReadBack<'m> {
        let mut by_action: BTreeMap<String, Vec<Call>> = BTreeMap::new();
        for call in calls(model) {
            by_action.entry(call.action.to_ascii_lowercase()).or_default().push(call);
        }
        ReadBack { model, calls: by_action }
    }

    /// Why nobody could say of which calls a region speaks, those of other tools with its action
    /// included; `None` when that can be said.
    pub fn obstacle(&self, region: &Region) -> Option<String> {
        let mut statement = json!({
            "Effect": "Allow",
            "Action": region.action,
            "Resource": write(&region.resource),
        });
        if !region.conditions.is_empty() {
            statement["Condition"] = region.conditions.write();
        }
        let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let document = Document::read(&text);
        let calls = || self.calls.get(&region.action.to_ascii_lowercase()).into_iter().flatten();
        let lifted = document.statements.iter().flat_map(|statement| {
            // which role it is makes no difference to what a region is tested for
            calls().filter_map(|call| lift_statement(self.model, call, "", statement).err())
        });
        document.unread.iter().cloned().chain(lifted).next()
    }
}
