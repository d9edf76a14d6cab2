//! A suspension by itself: data that the module looks at beside the bundle's.

use crate::revoke::{Revocation, Revoked};
use crate::targets::stem::stem;
use serde_json::json;

/// The reason, to be put at `data.bailiwick_revoked[AGENT]`. That is no bundle's: engines take it as
/// they run, and whatever is there denies every chain with the agent in it.
pub(super) fn revoke(revocation: &Revocation) -> Revoked {
    let file = format!("revoked/{}.json", stem(&revocation.agent));
    let text = json!(&*revocation.because).to_string() + "\n";
    Revoked { files: [(file, text)].into(), missing: Vec::new() }
}
