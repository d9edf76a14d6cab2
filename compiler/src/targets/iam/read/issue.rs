//! Whom a trust policy lets take a role, and what its sessions are said to be issued with.

use super::document::{Document, Effect, Principal, Statement, Test};
use super::operator::{Operator, Quantifier};
use crate::import::json::Json;
use crate::model::*;
use crate::targets::iam::issue::{
    AUDIENCE, PURPOSE_TAG, ROLES_ANYWHERE, Subject, USUAL, shortest_ttl, subjects,
};
use crate::targets::iam::role::Role;

/// What is wrong with a role's trust policy: whoever is not one of these agents, acting for one of
/// these purposes, may not take the role. A denial takes nothing but away.
pub fn trusted(
    model: &Model,
    role: &Role,
    holders: &[(AgentId, &PurposeSet)],
    document: &Document,
) -> Vec<String> {
    let known: Vec<Subject> = holders
        .iter()
        .flat_map(|(agent, purposes)| {
            purposes.iter().flat_map(|purpose| subjects(model.agent(*agent), purpose))
        })
        .collect();
    let allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let strangers = allows.filter(|statement| !known.iter().any(|subject| is_only(role, subject, statement)));
    strangers
        .map(|statement| {
            format!("{}: it lets somebody take the role who is no agent with that role", statement.name())
        })
        .collect()
}

/// Whether nobody but the subject fits the statement. Further tests only narrow it.
fn is_only(role: &Role, subject: &Subject, statement: &Statement) -> bool {
    let Some(principals) = statement.principals.as_ref().filter(|principals| !principals.negated) else {
        return false;
    };
    let is = |kind: &str, who: &str| {
        principals.of.iter().all(|one| *one == Principal::One(kind.to_string(), who.to_string()))
    };
    let pinned = |key: &str, value: &str| statement.tests.iter().any(|test| pins(test, key, value));
    match subject {
        Subject::Token(host, subject) => {
            let Role { partition, account, .. } = role;
            is("Federated", &format!("arn:{partition}:iam::{account}:oidc-provider/{host}"))
                && pinned(&format!("{host}:aud"), AUDIENCE)
                && pinned(&format!("{host}:sub"), subject)
        }
        Subject::Certificate(id) => {
            is("Service", ROLES_ANYWHERE) && pinned("aws:PrincipalTag/x509SAN/URI", id)
        }
        Subject::Principal(arn, id) => is("AWS", arn) && pinned("sts:ExternalId", id),
    }
}

/// Whether the key must be there and have that value.
fn pins(test: &Test, key: &str, value: &str) -> bool {
    let exactly = Operator::String { like: false, ignore_case: false };
    let literal = |constant: &super::operator::Constant| constant.text().and_then(|text| text.literal());
    test.operator == exactly
        && test.quantifier == Quantifier::Single
        && !test.negated
        && !test.if_exists
        && test.key.eq_ignore_ascii_case(key)
        && test.constants.iter().all(|constant| literal(constant).as_deref() == Some(value))
}

/// What is wrong with the parameters of a role's sessions, which these agents use for these purposes;
/// an error says why they are not understood.
pub fn parameters<'a>(
    model: &Model,
    role: &Role,
    holders: impl Iterator<Item = (AgentId, &'a PurposeSet)>,
    text: &str,
) -> Result<Vec<String>, String> {
    let json = Json::read(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let members = ["DurationSeconds", "MaxSessionDuration", "RoleArn", "RoleSessionName", "Tags"];
    let mut names: Vec<&str> = json.members().iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if names != members {
        return Err(format!("its members are {}, no more and no less", members.join(", ")));
    }
    let number = |name: &str| match json.get(name) {
        Some(Json::Number(number)) => number.as_i64().ok_or_else(|| format!("`{name}` is no whole number")),
        _ => Err(format!("`{name}` is a number")),
    };
    if json.get("RoleArn").and_then(Json::str) != Some(&role.arn) {
        return Err("it is about another role than the folder's".to_string());
    }
    json.get("RoleSessionName").and_then(Json::str).ok_or("`RoleSessionName` is a string")?;
    let mut wrong = Vec::new();
    let (seconds, most) = (number("DurationSeconds")?, number("MaxSessionDuration")?);
    let purposes: Vec<_> =
        holders.flat_map(|(agent, purposes)| purposes.iter().map(move |one| (agent, one))).collect();
    let ttls = purposes.iter().filter_map(|(agent, purpose)| shortest_ttl(model, *agent, *purpose));
    let shortest = ttls.min().unwrap_or(i64::MAX);
    if seconds > most.min(shortest) {
        wrong.push(format!("sessions of {seconds} s are longer than what they are for may last"));
    }
    // a role's most cannot be less than this, whatever its sessions are opened with
    if most > shortest.max(USUAL) {
        wrong
            .push(format!("the role has sessions of up to {most} s, longer than what they are for may last"));
    }
    for tag in json.get("Tags").and_then(Json::array).ok_or("`Tags` is a list")? {
        let text = |name: &str| tag.get(name).and_then(Json::str);
        match (text("Key"), text("From"), text("Value")) {
            (Some(PURPOSE_TAG), None, Some(value)) => {
                if !purposes.iter().any(|(_, purpose)| *model.purpose(*purpose).name == *value) {
                    wrong.push(format!(
                        "its sessions are said to be for `{value}`, which the role is not for"
                    ));
                }
            }
            (Some(key), Some(from), None)
                if from.strip_prefix("session.") == Some(key) && model.session.contains_key(key) => {}
            _ => return Err("a tag is an attribute of the session under its own name".to_string()),
        }
    }
    Ok(wrong)
}
