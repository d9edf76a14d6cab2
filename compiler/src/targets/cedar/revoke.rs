//! A suspension by itself: a file to load beside the policies, whatever they are.

use super::policy::{Effect, Policy};
use super::text;
use crate::revoke::{Revocation, Revoked};
use crate::targets::stem::stem;

/// Its file. Each agent has its own: who is revoked next brings nobody back.
pub(super) fn revoked(agent: &str) -> String {
    format!("revoked/{}.cedar", stem(agent))
}

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
    Revoked { files: [(revoked(agent), text)].into(), missing: Vec::new() }
}
