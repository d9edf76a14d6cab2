//! Whom a trust policy lets take a role, and what its sessions are said to be issued with.

use super::document::{Document, Effect, Principal, Statement, Test};
use super::operator::{Constant, Operator, Quantifier};
use crate::import::json::Json;
use crate::model::*;
use crate::targets::iam::approval::{Asked, GIVEN, TAG, chooses_tags, of_tag};
use crate::targets::iam::issue::{
    AUDIENCE, PURPOSE_TAG, ROLES_ANYWHERE, Subject, USUAL, shortest_ttl, subjects,
};
use crate::targets::iam::role::Role;

/// What is wrong with a role's trust policy: whoever is not one of these agents, acting for one of
/// these purposes, may not take the role; and nobody may who chooses the session's tags itself, when
/// the role's policies ask these for an approval. A denial takes nothing but away.
pub fn trusted(
    model: &Model,
    role: &Role,
    holders: &[(AgentId, &PurposeSet)],
    document: &Document,
    asks_for_approvals: bool,
) -> Vec<String> {
    let known: Vec<Subject> = holders
        .iter()
        .flat_map(|(agent, purposes)| {
            purposes.iter().flat_map(|purpose| subjects(model.agent(*agent), purpose))
        })
        .collect();
    let allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let wrong = allows.filter_map(|statement| {
        let mut subjects = known.iter().filter(|subject| is_only(role, subject, statement));
        let what = match subjects.next() {
            None => "it lets somebody take the role who is no agent with that role",
            Some(subject) if asks_for_approvals && chooses_tags(subject) => {
                "it lets an agent choose the session's tags, and one of them stands for an approval"
            }
            Some(_) => return None,
        };
        Some(format!("{}: {what}", statement.name()))
    });
    wrong.collect()
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
        // the service acts for every account that has a trust anchor
        Subject::Certificate(id) => {
            is("Service", ROLES_ANYWHERE)
                && pinned("aws:PrincipalTag/x509SAN/URI", id)
                && statement.tests.iter().any(|test| is_own_anchor(role, test))
        }
        Subject::Principal(arn, id) => is("AWS", arn) && pinned("sts:ExternalId", id),
    }
}

/// Whether the key must be there, and by this operator fit one of the constants.
fn demands(test: &Test, key: &str, operator: Operator) -> bool {
    test.operator == operator
        && test.quantifier == Quantifier::Single
        && !test.negated
        && !test.if_exists
        && test.key.eq_ignore_ascii_case(key)
}

/// Whether the key must be there and have that value.
fn pins(test: &Test, key: &str, value: &str) -> bool {
    let exactly = Operator::String { like: false, ignore_case: false };
    let literal = |constant: &Constant| constant.text().and_then(|text| text.literal());
    demands(test, key, exactly)
        && test.constants.iter().all(|constant| literal(constant).as_deref() == Some(value))
}

/// Whether the call must come by way of a trust anchor of the role's own account.
fn is_own_anchor(role: &Role, test: &Test) -> bool {
    let own = |constant: &Constant| {
        let text = constant.text().map(ToString::to_string).unwrap_or_default();
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [arn, partition, service, _, account, rest] = fields[..] else { return false };
        (arn, partition, service, account) == ("arn", &role.partition, "rolesanywhere", &role.account)
            && rest.starts_with("trust-anchor/")
    };
    demands(test, "aws:SourceArn", Operator::Arn) && test.constants.iter().all(own)
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
            (Some(key), None, Some(GIVEN)) if key.starts_with(TAG) => {
                let demand = of_tag(model, key).ok_or_else(|| format!("`{key}` stands for no approval"))?;
                let asked = tag.get("If").ok_or_else(|| format!("`{key}` is set whatever was approved"))?;
                let agents = purposes.iter().map(|(agent, _)| *agent);
                wrong.extend(approval(model, agents, key, &demand, asked, seconds)?);
            }
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

/// What is wrong with when a tag is set that stands for an approval.
fn approval(
    model: &Model,
    agents: impl Iterator<Item = AgentId>,
    key: &str,
    demand: &Demand,
    asked: &Json,
    most: i64,
) -> Result<Option<String>, String> {
    let number = |name: &str| match asked.get(name) {
        Some(Json::Number(number)) => number.as_i64().filter(|number| *number >= 0),
        _ => None,
    };
    let (oldest, seconds) = number("OldestSeconds")
        .zip(number("DurationSeconds"))
        .ok_or_else(|| format!("`{key}`: `OldestSeconds` and `DurationSeconds` are whole numbers"))?;
    let names = asked.get("ApprovedBy").and_then(Json::array).ok_or_else(|| format!("`{key}`: by whom?"))?;
    let names: Option<Vec<&str>> = names.iter().map(Json::str).collect();
    let names = names.ok_or_else(|| format!("`{key}`: `ApprovedBy` lists names"))?;
    let known = ["ApprovedBy", "DurationSeconds", "NotBy", "OldestSeconds"];
    if let Some((name, _)) = asked.members().iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return Err(format!("`{key}`: nobody knows what `{name}` asks"));
    }
    let not_by = asked.get("NotBy").map(|who| who.str().and_then(|who| who.strip_prefix("session.")));
    for agent in agents {
        let Some(right) = Asked::of(model, agent, demand, most) else {
            return Ok(Some(format!("`{key}`: no session is so short that the approval outlives it")));
        };
        if names.iter().any(|name| !right.by.iter().any(|known| **known == **name)) {
            return Ok(Some(format!("`{key}` is set for the approval of somebody that does not count")));
        }
        if right.not_by.is_some() && not_by != Some(right.not_by.as_deref()) {
            return Ok(Some(format!("`{key}` is set for the requester's own approval")));
        }
    }
    if seconds > most || oldest.checked_add(seconds).is_none_or(|age| age > demand.within) {
        return Ok(Some(format!("`{key}`: at the session's end the approval may be older than it may be")));
    }
    Ok(None)
}
