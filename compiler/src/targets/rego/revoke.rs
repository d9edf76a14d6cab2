//! A suspension by itself: a JSON Patch (RFC 6902) of the bundle's data.

use super::condition::condition;
use super::data::{object, set_of};
use crate::model::{Cond, Model};
use crate::revoke::{Revocation, Revoked};
use serde_json::json;

/// One more forbid, listed under its agent. It restricts neither operations nor data, so it holds
/// of every call that the agent takes part in. It is listed first: a patch that is applied in part
/// denies too.
pub(super) fn revoke(revocation: &Revocation) -> Revoked {
    let agent = &*revocation.agent;
    let key = format!("revocation {agent}");
    let forbid = object([
        ("agents", set_of([agent])),
        ("because", json!(&*revocation.because)),
        ("kind", json!("suspension")),
        ("name", json!(agent)),
        ("source", json!("revoked")),
        ("unless", condition(&Model::default(), &Cond::FALSE)),
    ]);
    // no name has a `/` or a `~` in it, which pointers would take for something else
    let add = |path: String, value| {
        object([("op", json!("add")), ("path", json!(format!("/bailiwick/estate/{path}"))), ("value", value)])
    };
    let steps = [add(format!("agents/{agent}/forbids/-"), json!(key)), add(format!("forbids/{key}"), forbid)];
    let text = serde_json::to_string_pretty(&steps).expect("a patch is plain JSON") + "\n";
    Revoked { files: [("patch.json".to_string(), text)].into(), missing: Vec::new() }
}
