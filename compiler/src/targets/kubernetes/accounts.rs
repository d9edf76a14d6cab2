//! Service accounts: one for each agent and purpose.
//!
//! Worked example. `identity kubernetes "agents/bot"` of an agent with grants for `serve` and
//! `repair` becomes the accounts `agents/bot.serve` and `agents/bot.repair`, so that the cluster
//! can tell the two purposes apart. An agent with grants for one purpose keeps `agents/bot`, and an
//! identity `for` a purpose is that purpose's account as it is.

use super::names::readable;
use super::region::{is_dns, is_namespace};
use crate::model::*;
use crate::targets::reduce::purposes_held;
use std::borrow::Cow;
use std::sync::Arc;

/// Why a text is no service account that can be written: `NAMESPACE/NAME`.
pub fn check(account: &str) -> Result<(), String> {
    match account.split_once('/') {
        Some((namespace, name)) if is_namespace(namespace) && is_dns(name, 253) => Ok(()),
        Some(_) | None => Err(format!("`{account}` is no service account: write `NAMESPACE/NAME`")),
    }
}

/// The model with an account of its own for each purpose that an agent has grants for.
pub fn per_purpose(model: &Model) -> Cow<'_, Model> {
    let mut split: Cow<Model> = Cow::Borrowed(model);
    for ((at, agent), held) in model.agents.iter().enumerate().zip(purposes_held(model)) {
        let shared =
            |identity: &&Identity| identity.kind == IdentityKind::Kubernetes && identity.purposes.is_none();
        if !agent.identities.iter().any(|identity| shared(&identity)) {
            continue;
        }
        if held.len() < 2 {
            continue;
        }
        let of = |purpose: PurposeId, identity: &Identity| Identity {
            value: derived(&identity.value, &model.purpose(purpose).name).into(),
            purposes: Some(PurposeSet::only(purpose)),
            ..identity.clone()
        };
        let identities = agent.identities.iter().flat_map(|identity| match shared(&identity) {
            true => held.iter().map(|purpose| of(purpose, identity)).collect(),
            false => vec![identity.clone()],
        });
        let identities = identities.collect();
        Arc::make_mut(&mut split.to_mut().agents[at]).identities = identities;
    }
    split
}

/// The account of a purpose. What is no name in Kubernetes is written as one, with a digest of the
/// whole, so that no two purposes share it.
fn derived(account: &str, purpose: &str) -> String {
    let whole = format!("{account}.{purpose}");
    if check(&whole).is_ok() {
        return whole;
    }
    format!("{account}.{}", readable(purpose, 40, &whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_of_any_name_have_accounts_apart() {
        let names = ["serve", "re_pair", "re-pair", "Serve", "___", &"x".repeat(300)];
        let accounts: std::collections::BTreeSet<String> =
            names.iter().map(|purpose| derived("agents/bot", purpose)).collect();
        assert_eq!(accounts.len(), names.len(), "{accounts:?}");
        assert!(accounts.iter().all(|account| check(account).is_ok()), "{accounts:?}");
        assert!(accounts.contains("agents/bot.serve"));
    }
}
