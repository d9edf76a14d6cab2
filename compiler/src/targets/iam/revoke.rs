//! A suspension by itself: two policies for each of the agent's roles.
//!
//! The first denies everything for as long as it is attached. The second denies everything to
//! sessions that were issued before the revocation, and stays when the agent is let in again: the
//! credentials that were out then are never good again.

use super::role_path;
use crate::model::IdentityKind;
use crate::revoke::{Revocation, Revoked};
use crate::types::value::instant_text;

/// The policies, in a folder for each role.
pub(super) fn revoke(revocation: &Revocation) -> Revoked {
    let mut revoked = Revoked::default();
    for role in revocation.accounts(IdentityKind::AwsRole) {
        let Some(path) = role_path(role) else {
            revoked.missing.push(format!("`{role}` is no role that a policy can be attached to"));
            continue;
        };
        let older = format!(
            r#",
      "Condition": {{ "DateLessThan": {{ "aws:TokenIssueTime": "{}" }} }}"#,
            instant_text(revocation.now)
        );
        revoked.files.insert(format!("{path}/suspended.json"), deny("Suspended", ""));
        revoked.files.insert(format!("{path}/older-sessions.json"), deny("OlderSessions", &older));
    }
    revoked
}

fn deny(sid: &str, condition: &str) -> String {
    format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "{sid}",
      "Effect": "Deny",
      "Action": "*",
      "Resource": "*"{condition}
    }}
  ]
}}
"#
    )
}
