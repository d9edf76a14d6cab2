//! Whose account a request comes from.

use crate::model::*;
use std::collections::{BTreeMap, BTreeSet};

/// The accounts of one kind that stand for exactly one agent and one purpose.
pub struct Holders {
    usable: BTreeMap<(AgentId, PurposeId), Vec<Str>>,
    reasons: BTreeMap<AgentId, BTreeSet<String>>,
    kind: IdentityKind,
}

impl Holders {
    /// Those of that kind. `accepts` says why an account's text cannot be used.
    pub fn of(model: &Model, kind: IdentityKind, accepts: impl Fn(&str) -> Result<(), String>) -> Holders {
        let mut users: BTreeMap<&Str, BTreeSet<String>> = BTreeMap::new();
        for agent in &model.agents {
            for identity in agent.identities.iter().filter(|identity| identity.kind == kind) {
                users.entry(&identity.value).or_default().insert(format!("agent `{}`", agent.name));
            }
        }
        for principal in &model.principals {
            if let PrincipalKind::Person { identities, .. } = &principal.kind {
                for identity in identities.iter().filter(|identity| identity.kind == kind) {
                    users.entry(&identity.value).or_default().insert(format!("person `{}`", principal.name));
                }
            }
        }
        let mut usable: BTreeMap<_, Vec<Str>> = BTreeMap::new();
        let mut reasons: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        let held = purposes_held(model);
        for (at, agent) in model.agents.iter().enumerate() {
            let id = AgentId::at(at);
            let mut serves: BTreeMap<&Str, PurposeSet> = BTreeMap::new();
            for identity in agent.identities.iter().filter(|identity| identity.kind == kind) {
                let purposes = identity.purposes.as_ref().unwrap_or(&held[at]);
                let entry = serves.entry(&identity.value).or_default();
                *entry = entry.union(purposes);
            }
            for (value, purposes) in serves {
                let reason = if let Err(reason) = accepts(value) {
                    reason
                } else if users[value].len() > 1 {
                    let others: Vec<_> = users[value].iter().cloned().collect();
                    format!("`{value}` is shared by {}", others.join(" and "))
                } else if purposes.len() > 1 {
                    let names: Vec<_> =
                        purposes.iter().map(|p| format!("`{}`", model.purpose(p).name)).collect();
                    format!(
                        "`{value}` serves several purposes ({}), which the target cannot tell apart; \
                         give each an identity of its own",
                        names.join(", ")
                    )
                } else {
                    if let Some(purpose) = purposes.first() {
                        usable.entry((id, purpose)).or_default().push(value.clone());
                    }
                    continue;
                };
                reasons.entry(id).or_default().insert(reason);
            }
        }
        Holders { usable, reasons, kind }
    }

    /// The accounts that a grant's requests come from, or why there is none.
    pub fn for_grant(&self, model: &Model, grant: &Grant) -> Result<&[Str], String> {
        if let Some(values) = self.usable.get(&(grant.to, grant.purpose)) {
            return Ok(values);
        }
        let agent = &model.agent(grant.to).name;
        match self.reasons.get(&grant.to) {
            Some(reasons) => Err(reasons.iter().cloned().collect::<Vec<_>>().join("; ")),
            None => Err(format!(
                "`{agent}` has no {} identity for purpose `{}`",
                self.kind.name(),
                model.purpose(grant.purpose).name
            )),
        }
    }
}

/// For each agent, the purposes for which it has grants: those that an identity serves which states none.
pub fn purposes_held(model: &Model) -> Vec<PurposeSet> {
    let mut held = vec![PurposeSet::new(); model.agents.len()];
    for grant in &model.grants {
        held[grant.to.index()].insert(grant.purpose);
    }
    held
}
