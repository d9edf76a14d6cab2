//! The answer to `who-can`: the ways of each agent, for a program and for a person.

use super::human::{Human, said};
use super::json::{Named, raw};
use super::{counted, visible};
use crate::workspace::Workspace;
use bailiwick_analyzer::questions::{Open, Way, WhoCan};
use bailiwick_compiler::diagnostic::Excess;
use bailiwick_compiler::model::{AgentId, Demand, Model};
use bailiwick_compiler::request;
use bailiwick_compiler::types::value::duration_text;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Who can.
#[derive(Serialize)]
pub struct Answer {
    calling: String,
    now: String,
    agents: usize,
    ways: Vec<Told>,
    undecided: Vec<Undecided>,
}

#[derive(Serialize)]
struct Told {
    agent: String,
    owner: String,
    root: String,
    grant: Named,
    purpose: String,
    calls: Vec<Excess>,
    unapproved: Vec<Excess>,
    approvals: Vec<Approval>,
    request: Box<RawValue>,
}

/// An approval that a way takes, and by whom it may be given: of a team not by the requester.
#[derive(Serialize)]
struct Approval {
    by: String,
    within: i64,
    independent: bool,
    people: Vec<String>,
}

/// What could not be decided.
#[derive(Serialize)]
pub(super) struct Undecided {
    chain: Vec<String>,
    grant: String,
    call: String,
    reason: String,
}

impl Answer {
    /// What was found.
    pub fn of(workspace: &Workspace, model: &Model, calling: &str, now: String, found: &WhoCan) -> Self {
        let told = |way: &Way| {
            let (agent, grant) = (model.agent(way.agent), model.grant(way.grant));
            Told {
                agent: agent.name.to_string(),
                owner: model.principal(agent.owner).name.to_string(),
                root: model.agent(way.root).name.to_string(),
                grant: Named::grant(workspace, grant),
                purpose: model.purpose(grant.purpose).name.to_string(),
                calls: way.calls.clone(),
                unapproved: way.unapproved.clone(),
                approvals: way.approvals.iter().map(|one| Approval::of(model, one, way.root)).collect(),
                request: raw(&request::write(model, &way.request)),
            }
        };
        Self {
            calling: calling.into(),
            now,
            agents: found.ways.iter().map(|way| way.agent).collect::<BTreeSet<AgentId>>().len(),
            ways: found.ways.iter().map(told).collect(),
            undecided: found.open.iter().map(|open| Undecided::of(model, open)).collect(),
        }
    }

    /// For a person: an agent after the other, each with its ways.
    pub fn human(&self, places: &mut Human) -> String {
        let mut text = String::new();
        let mut last = None;
        // writing to a string cannot fail
        for way in &self.ways {
            if last != Some(&way.agent) {
                let _ = writeln!(text, "agent `{}` of `{}`", way.agent, way.owner);
                last = Some(&way.agent);
            }
            let whose = match way.root == way.agent {
                true => "by".to_owned(),
                false => format!("as a delegate of `{}` by", way.root),
            };
            let (grant, purpose) = (&way.grant, &way.purpose);
            let place = places.place(&grant.location);
            let _ = writeln!(text, "  {whose} grant `{}` ({place}) for purpose `{purpose}`", grant.name);
            told(&mut text, "    ", &way.calls);
            if !way.approvals.is_empty() {
                let approvals: Vec<String> = way.approvals.iter().map(Approval::text).collect();
                let _ = writeln!(text, "    with an approval by {}", approvals.join(", or by "));
                match way.unapproved.is_empty() {
                    true => _ = writeln!(text, "    without one: nothing"),
                    false => {
                        let _ = writeln!(text, "    without one:");
                        told(&mut text, "      ", &way.unapproved);
                    }
                }
            }
            let _ = writeln!(text, "    for example, for `bailiwick eval --request -`:\n{}", way.request);
        }
        open(&mut text, &self.undecided);
        let _ = match self.agents {
            0 => writeln!(text, "no agent can make such a call"),
            1 => writeln!(text, "1 agent can make such a call"),
            agents => writeln!(text, "{} can make such a call", counted(agents, "agent")),
        };
        visible(&text).into_owned()
    }
}

/// Calls in words, indented.
fn told(text: &mut String, indent: &str, calls: &[Excess]) {
    for excess in calls {
        for (at, line) in said(excess).lines().enumerate() {
            let line = line.trim_start();
            let _ = writeln!(text, "{indent}{}{line}", if at == 0 { "" } else { "  " });
        }
    }
}

/// What could not be decided, in words.
pub(super) fn open(text: &mut String, undecided: &[Undecided]) {
    for Undecided { chain, grant, call, reason } in undecided {
        let by = chain.join("` by way of `");
        let _ = writeln!(text, "undecided: {call} by `{by}`, by grant `{grant}`: {reason}");
    }
    if !undecided.is_empty() {
        let _ = writeln!(text, "what is undecided is not safe: it counts as possible");
    }
}

impl Undecided {
    pub(super) fn of(model: &Model, open: &Open) -> Self {
        Self {
            chain: open.chain.iter().map(|&agent| model.agent(agent).name.to_string()).collect(),
            grant: model.grant(open.grant).name.to_string(),
            call: open.call.clone(),
            reason: open.why.clone(),
        }
    }
}

impl Approval {
    fn of(model: &Model, demand: &Demand, root: AgentId) -> Self {
        let mut people = model.people_of(demand.by);
        if demand.independent {
            people = people.minus(&model.people_of(model.agent(root).owner));
        }
        Self {
            by: model.principal(demand.by).name.to_string(),
            within: demand.within,
            independent: demand.independent,
            people: people.iter().map(|id| model.principal(id).name.to_string()).collect(),
        }
    }

    fn text(&self) -> String {
        let independent = if self.independent { ", independent of the agent's owner" } else { "" };
        let mut text = format!("`{}` within {}{independent}", self.by, duration_text(self.within));
        if self.people != [self.by.as_str()] {
            let people = if self.people.is_empty() { "nobody".into() } else { self.people.join(" or ") };
            let _ = write!(text, " ({people})");
        }
        text
    }
}
