//! Approvals as session tags: what a static policy cannot ask for is asked for when a session is
//! issued, and aged then.
//!
//! A tag stands for a demand: who may approve, and within what time. The issuer sets it on a session
//! that is opened with such an approval, young enough that it still counts when the session ends. A
//! session without the tag, because nobody approved or nobody thought of it, may do nothing that
//! demands the approval.
//!
//! Worked example. `approval ops within 1h` is the tag `bailiwick:approved:ops:3600`. Sessions that
//! carry it last half an hour, and the approval is at most half an hour old when one is opened.

use super::condition::{Operand as Constant, Operator, Test};
use super::issue::{Subject, subjects};
use super::plan::SHORTEST_SESSION;
use crate::evaluator::approval_given;
use crate::model::*;
use crate::request::Request;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// How the condition key of a tag of the session begins.
const OF_SESSION: &str = "aws:PrincipalTag/";
/// How the name of such a tag begins.
pub const TAG: &str = "bailiwick:approved:";
/// Its value.
pub const GIVEN: &str = "yes";
/// The longest name of a tag, in characters.
const LONGEST_TAG: usize = 128;

/// The tag that stands for a demand; `None` when none can.
pub fn tag(model: &Model, demand: &Demand) -> Option<String> {
    let independent = if demand.independent { ":independent" } else { "" };
    let tag = format!("{TAG}{}:{}{independent}", model.principal(demand.by).name, demand.within);
    (tag.len() <= LONGEST_TAG && of_tag(model, &tag).as_ref() == Some(demand)).then_some(tag)
}

/// The demand that a tag stands for. AWS tells names apart without regard to case, and so does this.
pub fn of_tag(model: &Model, tag: &str) -> Option<Demand> {
    let (start, rest) = tag.split_at_checked(TAG.len())?;
    let mut parts = rest.split(':');
    let (name, within) = (parts.next()?, parts.next()?);
    let independent = match (parts.next(), parts.next()) {
        (None, None) => false,
        (Some(word), None) if word.eq_ignore_ascii_case("independent") => true,
        _ => return None,
    };
    let rows = model.principals.iter().enumerate();
    let mut alike = rows.filter(|(_, row)| row.name.eq_ignore_ascii_case(name));
    let (by, None) = (PrincipalId::at(alike.next()?.0), alike.next()) else { return None };
    let seconds = within.parse().ok().filter(|seconds: &i64| seconds.to_string() == *within)?;
    start.eq_ignore_ascii_case(TAG).then_some(Demand { by, within: seconds, independent })
}

/// The test for an approval that a grant to this agent for that purpose asks for; `None` when IAM
/// cannot say it, or nobody but the agent would set the tag.
pub fn test(model: &Model, agent: AgentId, purpose: PurposeId, literal: &Literal) -> Option<Test> {
    let Atom::Approved(demand) = &literal.atom else { return None };
    let asked = Asked::of(model, agent, demand, i64::MAX)?;
    let sure = !literal.negated && !is_set_by_agent(model.agent(agent), purpose) && !asked.by.is_empty();
    let key = format!("{OF_SESSION}{}", tag(model, demand)?);
    let values = [Constant::Text(GIVEN.to_string())].into();
    sure.then_some(Test { operator: Operator::StringEquals, if_exists: false, key, values })
}

/// The demand that a condition key stands for.
pub fn of_key(model: &Model, key: &str) -> Option<Demand> {
    let (start, tag) = key.split_at_checked(OF_SESSION.len())?;
    of_tag(model, tag).filter(|_| start.eq_ignore_ascii_case(OF_SESSION))
}

/// Whether the agent may choose the tags of the sessions that it opens. Those of a token are its
/// issuer's; whoever presents a certificate or another role chooses itself.
fn is_set_by_agent(agent: &Agent, purpose: PurposeId) -> bool {
    subjects(agent, purpose).iter().any(chooses_tags)
}

/// Whether who takes a role so chooses the session's tags.
pub fn chooses_tags(subject: &Subject) -> bool {
    match subject {
        Subject::Token(..) => false,
        Subject::Certificate(_) | Subject::Principal(..) => true,
    }
}

/// What the issuer of a session sees to before it sets the tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who may have approved.
    pub by: Vec<Str>,
    /// The attribute of the session that names somebody who may not.
    pub not_by: Option<Str>,
    /// How old the approval may be when the session begins, in seconds.
    pub oldest: i64,
    /// How long the session lasts at most, in seconds.
    pub seconds: i64,
}

impl Asked {
    /// What is asked for a demand of sessions that last no longer than `most`; `None` when AWS has no
    /// session so short that an approval outlives it.
    pub fn of(model: &Model, agent: AgentId, demand: &Demand, most: i64) -> Option<Self> {
        let by = model.may_approve(demand, agent);
        let seconds = (demand.within / 2).max(SHORTEST_SESSION).min(most);
        (seconds < demand.within).then(|| Self {
            by: by.iter().map(|person| model.principal(person).name.clone()).collect(),
            not_by: model.may_not_approve(demand).cloned(),
            oldest: demand.within - seconds,
            seconds,
        })
    }
}

impl Asked {
    /// As a member of the session's parameters.
    pub fn write(&self) -> Json {
        let by: Vec<&str> = self.by.iter().map(|name| &**name).collect();
        let mut asked = json!({
            "ApprovedBy": by,
            "OldestSeconds": self.oldest,
            "DurationSeconds": self.seconds,
        });
        if let Some(attribute) = &self.not_by {
            asked["NotBy"] = format!("session.{attribute}").into();
        }
        asked
    }
}

/// The tags that the most lenient issuer would have set by now for a request: those of every demand
/// of the project that is met.
pub fn tags_of(model: &Model, request: &Request) -> BTreeSet<String> {
    let met = |demand: &&Demand| approval_given(model, demand, request);
    demands(model).filter(met).filter_map(|demand| tag(model, demand)).collect()
}

/// Every demand of the project's grants and forbids.
fn demands(model: &Model) -> impl Iterator<Item = &Demand> {
    let of_grants = model.grants.iter().flat_map(|grant| {
        let lines = grant.lines.iter().map(|line| &line.cond);
        let demanded = grant.approvals.iter().map(|approval| &approval.demanded);
        lines.chain(demanded).chain([&grant.when])
    });
    let conditions = of_grants.chain(model.forbids.iter().map(|forbid| &forbid.when));
    let stated = conditions.flat_map(Cond::literals).filter_map(|literal| match &literal.atom {
        Atom::Approved(demand) => Some(demand),
        _ => None,
    });
    model.grants.iter().flat_map(|grant| &grant.approvals).map(|approval| &approval.demand).chain(stated)
}
