//! A suspension by itself: what [`suspend`](super::suspend) writes, for an agent that is known by its
//! declaration alone.

use super::{Role, suspend};
use crate::model::*;
use crate::revoke::{Revocation, Revoked};
use bailiwick_grammar::Span;
use std::sync::Arc;

/// The policies, in a folder for each role.
pub(super) fn revoke(revocation: &Revocation) -> Revoked {
    let roles: Vec<&Str> = revocation.accounts(IdentityKind::AwsRole).collect();
    let unusable = roles.iter().filter(|role| Role::of(role).is_none());
    let missing = unusable.map(|role| format!("`{role}` is no role that a policy can be attached to"));
    Revoked {
        missing: missing.collect(),
        files: suspend::revoked(&alone(revocation, &roles), revocation.now).0,
    }
}

/// A model with nothing in it but the agent and its suspension.
fn alone(revocation: &Revocation, roles: &[&Str]) -> Model {
    let Revocation { agent: name, because, .. } = revocation;
    let span = Span::default();
    let origin = Origin { module: name.clone(), span };
    let identities = roles.iter().map(|role| Identity {
        kind: IdentityKind::AwsRole,
        value: (*role).clone(),
        purposes: None,
        span,
    });
    let agent = Agent {
        name: name.clone(),
        origin: origin.clone(),
        owner: PrincipalId(0),
        identities: identities.collect(),
        authn: Authn::default(),
        review: None,
        tags: Vec::new(),
        suspended: Some(because.clone()),
    };
    let suspension = Forbid {
        name: name.clone(),
        origin,
        suspension: true,
        agents: AgentSet::only(AgentId(0)),
        ops: OpSet::new(),
        meets: None,
        when: Cond::TRUE,
        open: false,
        because: Some(because.clone()),
    };
    Model { agents: vec![Arc::new(agent)], forbids: vec![Arc::new(suspension)], ..Model::default() }
}
