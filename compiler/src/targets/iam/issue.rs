//! Who may take a role, and what its sessions are issued with: `trust.json` and `session.json`,
//! for what a static policy cannot say.
//!
//! The trust policy names the agent by its OIDC subject, by the SPIFFE id in its certificate (IAM
//! Roles Anywhere), or as a role of another account that presents an external id. It says nothing
//! of accounts that AWS has no way to check by itself: a role whose agent has neither is taken as
//! whoever set it up decided.

use super::approval::{self, Asked};
use super::plan::SHORTEST_SESSION;
use super::role::Role;
use crate::model::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// The audience of tokens that are meant for AWS.
pub const AUDIENCE: &str = "sts.amazonaws.com";
/// Who hands out sessions for certificates.
pub const ROLES_ANYWHERE: &str = "rolesanywhere.amazonaws.com";
/// The session's tag that holds its purpose; no policy tests it, audit logs show it.
pub const PURPOSE_TAG: &str = "bailiwick:purpose";
/// The longest session of a role, in seconds.
const LONGEST: i64 = 43_200;
/// The session that AWS gives when nobody says how long, and the least that a role can be bounded to.
pub const USUAL: i64 = 3_600;

/// An identity by which AWS can tell an agent itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A token: the issuer without `https://`, the subject.
    Token(String, String),
    /// A certificate: the SPIFFE id.
    Certificate(String),
    /// A role of another account: its ARN, and the external id that it presents.
    Principal(String, String),
}

/// The identities of an agent by which it can take a role for a purpose.
pub fn subjects(agent: &Agent, purpose: PurposeId) -> Vec<Subject> {
    let serves = |identity: &&Identity| identity.purposes.as_ref().is_none_or(|all| all.contains(purpose));
    let identities = agent.identities.iter().filter(serves);
    identities.filter_map(|identity| subject(identity.kind, &identity.value)).collect()
}

fn subject(kind: IdentityKind, value: &str) -> Option<Subject> {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains(['*', '?']);
    match kind {
        IdentityKind::Oidc => {
            let (issuer, subject) = value.split_once(' ')?;
            let host = issuer.strip_prefix("https://")?.trim_end_matches('/');
            // AWS takes no issuer with a port or a query; it is part of a key's name.
            let in_issuer = |c: char| c.is_ascii_alphanumeric() || "-._/".contains(c);
            let fine = !host.is_empty() && host.chars().all(in_issuer) && plain(subject);
            fine.then(|| Subject::Token(host.to_string(), subject.to_string()))
        }
        IdentityKind::Spiffe => plain(value).then(|| Subject::Certificate(value.to_string())),
        IdentityKind::AwsPrincipal => {
            let (arn, id) = value.split_once(' ')?;
            let fine = Role::of(arn).is_some() && plain(id);
            fine.then(|| Subject::Principal(arn.to_string(), id.to_string()))
        }
        IdentityKind::AwsRole | IdentityKind::Kubernetes | IdentityKind::Entra | IdentityKind::Oauth => None,
    }
}

/// The role's trust policy; `None` when AWS has no way to tell the agent.
pub fn trust(role: &Role, agent: &Agent, purpose: PurposeId) -> Option<String> {
    let Role { partition, account, .. } = role;
    let literal = |text: &str| text.replace('$', "${$}");
    let statement = |(at, subject): (usize, Subject)| match subject {
        Subject::Token(host, subject) => json!({
            "Sid": format!("Token{}", at + 1),
            "Effect": "Allow",
            "Principal": { "Federated": format!("arn:{partition}:iam::{account}:oidc-provider/{host}") },
            "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
            "Condition": { "StringEquals": {
                format!("{host}:aud"): AUDIENCE,
                format!("{host}:sub"): literal(&subject),
            } },
        }),
        Subject::Certificate(id) => json!({
            "Sid": format!("Certificate{}", at + 1),
            "Effect": "Allow",
            "Principal": { "Service": ROLES_ANYWHERE },
            "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
            "Condition": {
                "ArnLike": { "aws:SourceArn": format!("arn:{partition}:rolesanywhere:*:{account}:trust-anchor/*") },
                "StringEquals": { "aws:PrincipalTag/x509SAN/URI": literal(&id) },
            },
        }),
        Subject::Principal(arn, id) => json!({
            "Sid": format!("Principal{}", at + 1),
            "Effect": "Allow",
            "Principal": { "AWS": arn },
            "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
            "Condition": { "StringEquals": { "sts:ExternalId": literal(&id) } },
        }),
    };
    let statements: Vec<Json> = subjects(agent, purpose).into_iter().enumerate().map(statement).collect();
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    (!statements.is_empty()).then(|| format!("{document:#}\n"))
}

/// The shortest `ttl` of an agent's grants for a purpose, in seconds. A grant whose `ttl` is below what
/// AWS can bound is refused, and does not count.
pub fn shortest_ttl(model: &Model, agent: AgentId, purpose: PurposeId) -> Option<i64> {
    let grants = model.grants.iter().filter(|grant| grant.to == agent && grant.purpose == purpose);
    grants.filter_map(|grant| grant.ttl).filter(|ttl| *ttl >= SHORTEST_SESSION).min()
}

/// What an issuer passes to `sts:AssumeRole…` for a session of the role: how long it lasts, and the
/// tags that the policies test.
pub fn session(
    model: &Model,
    role: &Role,
    agent: AgentId,
    purpose: PurposeId,
    tags: &BTreeSet<String>,
) -> String {
    let seconds = shortest_ttl(model, agent, purpose).unwrap_or(USUAL).min(LONGEST);
    let (id, agent, purpose) = (agent, &model.agent(agent).name, &model.purpose(purpose).name);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_=,.@-".contains(c) { c } else { '-' };
    let name: String = format!("{agent}.{purpose}").chars().map(plain).take(64).collect();
    let tags = tags.iter().map(|tag| {
        let asked = approval::of_tag(model, tag).and_then(|demand| Asked::of(model, id, &demand, seconds));
        match asked {
            Some(asked) => json!({ "Key": tag, "Value": approval::GIVEN, "If": asked.write() }),
            None => json!({ "Key": tag, "From": format!("session.{tag}") }),
        }
    });
    let purpose = json!({ "Key": PURPOSE_TAG, "Value": purpose.to_string() });
    let document = json!({
        "RoleArn": role.arn,
        "RoleSessionName": name,
        "DurationSeconds": seconds,
        "MaxSessionDuration": seconds.max(USUAL),
        "Tags": tags.chain([purpose]).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}
