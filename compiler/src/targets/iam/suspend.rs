//! The kill switch: what takes a suspended agent's roles everything away.
//!
//! An identity's policies are asked at every call, so `suspended.json` stops sessions that are out
//! already. Whoever lifts the suspension later must not bring those back: `revoked.json` denies all
//! to sessions issued before an instant, and stays attached until the longest of them has ended.

use super::Role;
use super::condition::{Conditions, Operand, Operator, Test};
use super::document::{Document, Names};
use crate::model::*;
use crate::targets::{Rule, Source};
use std::collections::{BTreeMap, BTreeSet};

/// The key of the instant at which a session's credentials were issued.
const TOKEN_ISSUE_TIME: &str = "aws:TokenIssueTime";

/// File contents by path, and what their statements come from.
pub type Files = (BTreeMap<String, String>, Vec<Rule>);

/// What denies the roles of every suspended agent everything.
pub(super) fn suspended(model: &Model, names: &mut Names) -> Files {
    each(model, names, "suspended.json", &Conditions::default())
}

/// The artifacts of the suspensions alone, for a kill switch thrown at `now` (seconds since 1970):
/// `suspended.json` and `revoked.json` for each role of a suspended agent.
pub fn revoked(model: &Model, now: i64) -> Files {
    let mut names = Names::default();
    let (mut files, mut rules) = suspended(model, &mut names);
    let mut before = Conditions::default();
    before.join(&Test {
        operator: Operator::DateLessThan,
        if_exists: false,
        key: TOKEN_ISSUE_TIME.to_string(),
        values: [Operand::Instant(now)].into(),
    });
    let (more, of_more) = each(model, &mut names, "revoked.json", &before);
    files.extend(more);
    rules.extend(of_more);
    (files, rules)
}

fn each(model: &Model, names: &mut Names, file: &str, conditions: &Conditions) -> Files {
    let (mut files, mut rules) = (BTreeMap::new(), Vec::new());
    for (at, forbid) in model.forbids.iter().enumerate().filter(|(_, forbid)| forbid.suspension) {
        for agent in forbid.agents.iter() {
            let identities = model.agent(agent).identities.iter();
            let roles: BTreeSet<String> = identities
                .filter(|identity| identity.kind == IdentityKind::AwsRole)
                .filter_map(|identity| Some(Role::of(&identity.value)?.folder()))
                .collect();
            for role in roles {
                let path = format!("{role}/{file}");
                let document =
                    Document::of_nothing(model, Source::Forbid(ForbidId::at(at)), conditions.clone());
                let (text, of_document) = document.write(&path, names);
                files.insert(path, text);
                rules.extend(of_document);
            }
        }
    }
    (files, rules)
}
