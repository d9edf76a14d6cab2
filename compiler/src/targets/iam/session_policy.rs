//! The session policy of a role: `session-policy.json`, for issuers that pass one.
//!
//! It says what the role's policies say, in one document. A session may do what both allow, so it
//! changes nothing where the role has its own policies only, and keeps sessions within the source
//! where somebody attached another. Nothing rests on it: whoever forgets it has the role's policies,
//! and so has whoever passes one that says more. So the proof does not look at it.

use serde_json::{Value as Json, json};

/// Its file.
pub const FILE: &str = "session-policy.json";
/// The most characters that AWS takes, white space included ("IAM and AWS STS quotas").
const LONGEST: usize = 2_048;

/// The session policy of a role with these policies; `None` when there is none, or it is too long.
pub fn session_policy<'a>(policies: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut statements: Vec<Json> = Vec::new();
    for text in policies {
        let document: Json = serde_json::from_str(text).ok()?;
        for statement in document.get("Statement")?.as_array()? {
            let mut statement = statement.clone();
            // Each document names its own, and has the denials that bear on its allowances.
            statement.as_object_mut()?.remove("Sid");
            if !statements.contains(&statement) {
                statements.push(statement);
            }
        }
    }
    let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    (!statements.is_empty() && document.chars().count() <= LONGEST).then_some(document)
}
