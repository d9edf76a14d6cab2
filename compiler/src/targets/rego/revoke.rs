//! A suspension by itself: a JSON Patch (RFC 6902) of the bundle's data.

use super::condition::condition;
use super::data::{object, set_of};
use crate::model::{Cond, Model};
use crate::revoke::{Revocation, Revoked};
use serde_json::json;

/// One more forbid. It restricts neither operations nor data, so it holds of every call.
pub(super) fn revoke(revocation: &Revocation) -> Revoked {
    let forbid = object([
        ("agents", set_of([&*revocation.agent])),
        ("because", json!(&*revocation.because)),
        ("kind", json!("suspension")),
        ("name", json!(&*revocation.agent)),
        ("source", json!("revoked")),
        ("unless", condition(&Model::default(), &Cond::FALSE)),
    ]);
    let step =
        object([("op", json!("add")), ("path", json!("/bailiwick/estate/forbids/-")), ("value", forbid)]);
    let text = serde_json::to_string_pretty(&[step]).expect("a patch is plain JSON") + "\n";
    Revoked { files: [("patch.json".to_string(), text)].into(), missing: Vec::new() }
}
