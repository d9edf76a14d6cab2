//! A suspension by itself: a file to load beside the policies, whatever they are.

use super::policy::{Effect, Policy};
use super::text;
use crate::revoke::{Revocation, Revoked};

/// Its file.
pub(super) const REVOKED: &str = "revoked.cedar";

/// Two forbids: one that reads nothing but the principal and so can never err, and one for the
/// delegates of the chain.
pub(super) fn revoke(revocation: &Revocation) -> Revoked {
    let Revocation { agent, because, .. } = revocation;
    let entity = text::entity("Agent", agent);
    let forbid = |what: &str| {
        Policy::new(Effect::Forbid, format!("revoked:{agent}:{what}"))
            .note("suspension", &**agent)
            .note("because", &**because)
    };
    let policies = [
        forbid("root").principal(entity.clone()).print(),
        forbid("delegate")
            .when(format!("context has delegates && context.delegates.contains({entity})"))
            .print(),
    ];
    let text = policies.into_iter().flatten().collect::<Vec<_>>().join("\n");
    Revoked { files: [(REVOKED.to_string(), text)].into(), missing: Vec::new() }
}
