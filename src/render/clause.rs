//! A grant clause by clause, for one request: met or failed, where it stands, and the values it saw.

use super::human::Human;
use super::json::{Named, Place, place};
use crate::clock;
use crate::session::Session;
use bailiwick_analyzer::questions::{Judged, Step, Why};
use bailiwick_analyzer::wording;
use bailiwick_compiler::diagnostic::Location;
use bailiwick_compiler::evaluator::{Clause, approval_given, holds};
use bailiwick_compiler::model::{ClassSet, Cond, Grant, Model};
use bailiwick_compiler::places;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::types::value::duration_text;
use serde::Serialize;
use std::fmt::Write;

/// Every clause of the grants that matter, and the conditions of the forbids that match.
#[derive(Serialize)]
pub struct Story {
    grants: Vec<Told>,
    conditions: Vec<Forbidding>,
}

#[derive(Serialize)]
struct Told {
    grant: Named,
    authorises: bool,
    clauses: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    clause: &'static str,
    met: bool,
    says: String,
    at: Vec<Place>,
    conditions: Vec<Condition>,
    #[serde(skip)]
    locations: Vec<Location>,
}

/// The condition of a forbid.
#[derive(Serialize)]
struct Forbidding {
    forbid: String,
    condition: Condition,
}

/// A condition, or a part of one.
#[derive(Serialize)]
struct Condition {
    text: String,
    met: bool,
    parts: Vec<Condition>,
    seen: Vec<Seen>,
    #[serde(skip)]
    one_of: bool,
}

#[derive(Serialize)]
struct Seen {
    attribute: String,
    value: Option<String>,
}

impl Story {
    /// What was found.
    pub fn of(session: &Session, model: &Model, why: &Why, request: &Request) -> Self {
        let grants = why.grants.iter().map(|(id, steps)| {
            let grant = model.grant(*id);
            let clauses = steps.iter().map(|step| Line::of(session, model, grant, step, request));
            Told {
                grant: Named::grant(&session.workspace, grant),
                authorises: steps.iter().all(|step| step.met),
                clauses: clauses.collect(),
            }
        });
        let forbids = why.reasons.forbids.iter().zip(&why.forbids);
        let conditions = forbids.filter(|(_, judged)| !judged.cond.is_true()).map(|(&id, judged)| {
            let forbid = model.forbid(id).name.to_string();
            Forbidding { forbid, condition: Condition::of(model, judged) }
        });
        Self { grants: grants.collect(), conditions: conditions.collect() }
    }

    /// For a person: a line a clause, its conditions below it.
    pub fn human(&self, text: &mut String, places: &mut Human) {
        // writing to a string cannot fail
        for Forbidding { forbid, condition } in &self.conditions {
            let _ = writeln!(text, "  `{forbid}` asks");
            condition.human(text, 4);
        }
        for told in &self.grants {
            let would = if told.authorises { ", which would authorise it" } else { "" };
            let would = if self.conditions.is_empty() && told.authorises { "" } else { would };
            let (name, at) = (&told.grant.name, places.place(&told.grant.location));
            let _ = writeln!(text, "  grant `{name}` ({at}){would}");
            for clause in &told.clauses {
                let at: Vec<String> = clause.locations.iter().map(|at| places.place(at)).collect();
                let at = if at.is_empty() { String::new() } else { format!(" ({})", at.join(", ")) };
                let _ = writeln!(text, "    {} {}{at}", verdict(clause.met), clause.says);
                clause.conditions.iter().for_each(|condition| condition.human(text, 13));
            }
        }
    }
}

fn verdict(met: bool) -> &'static str {
    if met { "met   " } else { "FAILED" }
}

impl Line {
    fn of(session: &Session, model: &Model, grant: &Grant, step: &Step, request: &Request) -> Self {
        let spans = match &step.clause {
            // of several lines those that have the operation
            Clause::Where | Clause::Tool if step.met || step.clause == Clause::Where => grant
                .lines
                .iter()
                .filter(|line| line.ops.contains(request.op))
                .map(|line| line.span)
                .collect(),
            clause => places::of_clause(&session.db, session.project, grant, clause),
        };
        let locations: Vec<Location> =
            spans.into_iter().map(|span| Location { module: grant.origin.module.clone(), span }).collect();
        Self {
            clause: name(&step.clause),
            met: step.met,
            says: in_words(model, grant, &step.clause, step.met, request),
            at: locations.iter().map(|at| place(&session.workspace, at)).collect(),
            conditions: step.conditions.iter().map(|judged| Condition::of(model, judged)).collect(),
            locations,
        }
    }
}

impl Condition {
    fn of(model: &Model, judged: &Judged) -> Self {
        let seen = judged
            .seen
            .iter()
            .map(|(attr, value)| Seen { attribute: attr.text(), value: value.as_ref().map(wording::value) });
        Self {
            text: wording::condition(model, judged.cond),
            met: judged.met,
            parts: judged.parts.iter().map(|part| Condition::of(model, part)).collect(),
            seen: seen.collect(),
            one_of: matches!(judged.cond, Cond::Any(_)),
        }
    }

    fn human(&self, text: &mut String, indent: usize) {
        let verdict = if self.met { "true " } else { "false" };
        if self.parts.is_empty() {
            let seen: Vec<String> = self.seen.iter().map(Seen::text).collect();
            let seen = if seen.is_empty() { String::new() } else { format!(": {}", seen.join(", ")) };
            let _ = writeln!(text, "{:indent$}{verdict} {}{seen}", "", self.text);
            return;
        }
        let joined = if self.one_of { "one of" } else { "all of" };
        let _ = writeln!(text, "{:indent$}{verdict} {joined}", "");
        self.parts.iter().for_each(|part| part.human(text, indent + 2));
    }
}

impl Seen {
    fn text(&self) -> String {
        match &self.value {
            Some(value) => format!("`{}` is {value}", self.attribute),
            None => format!("`{}` is absent", self.attribute),
        }
    }
}

/// The word for a clause.
pub fn name(clause: &Clause) -> &'static str {
    match clause {
        Clause::Grantee => "grantee",
        Clause::Purpose => "purpose",
        Clause::Tool => "tool",
        Clause::Where => "where",
        Clause::Data { .. } => "data",
        Clause::Starts { .. } => "starts",
        Clause::Expired { .. } => "expired",
        Clause::Ttl { .. } => "ttl",
        Clause::Authn { .. } => "authn",
        Clause::When => "when",
        Clause::Approval { .. } => "approval",
        Clause::Delegation => "delegation",
    }
}

/// What the clause asks and why it is met or fails, in words.
pub fn in_words(model: &Model, grant: &Grant, clause: &Clause, met: bool, request: &Request) -> String {
    let op = || model.op_name(request.op);
    let classes = |set: &ClassSet| {
        set.iter().map(|id| format!("`{}`", model.class(id).name)).collect::<Vec<_>>().join(", ")
    };
    match clause {
        Clause::Grantee => format!("is for `{}`", model.agent(grant.to).name),
        Clause::Purpose if met => format!("is for the purpose `{}`", model.purpose(grant.purpose).name),
        Clause::Purpose => format!(
            "is for the purpose `{}`, not `{}`",
            model.purpose(grant.purpose).name,
            model.purpose(request.purpose).name
        ),
        Clause::Tool if met => format!("allows `{}`", op()),
        Clause::Tool => format!("does not allow `{}`", op()),
        Clause::Where if met => format!("allows `{}` as it is called", op()),
        Clause::Where => format!("allows `{}` only where a condition holds, and it does not", op()),
        Clause::Data { .. } if met && request.data.is_empty() => "has no data to cover".into(),
        Clause::Data { .. } if met => format!("covers {}", classes(&request.data)),
        Clause::Data { missing } => format!("does not cover {}", classes(missing)),
        Clause::Starts { starts } if met => format!("started {}", clock::text(*starts)),
        Clause::Starts { starts } => format!("starts {}", clock::text(*starts)),
        Clause::Expired { expires } if met => format!("expires {}", clock::text(*expires)),
        Clause::Expired { expires } => format!("expired {}", clock::text(*expires)),
        Clause::Ttl { age, ttl } => {
            format!("its ttl is {}, the session is {} old", duration_text(*ttl), duration_text(*age))
        }
        Clause::Authn { needed } => {
            format!("needs authentication `{}`, the session has `{}`", needed.name(), request.authn.name())
        }
        Clause::When if met => "its `when` holds".into(),
        Clause::When => "its `when` does not hold".into(),
        Clause::Approval { line } => {
            let approval = &grant.approvals[*line];
            let demand = &approval.demand;
            let independent = if demand.independent { ", independent of the agent's owner" } else { "" };
            let (by, within) = (&model.principal(demand.by).name, duration_text(demand.within));
            let asks = match (met, holds(model, &approval.demanded, request)) {
                (false, _) => "wants",
                (true, true) if approval_given(model, demand, request) => "has",
                (true, _) => "does not want, for this call,",
            };
            format!("{asks} an approval by `{by}` within {within}{independent}")
        }
        Clause::Delegation if met => "a delegation of it covers the chain".into(),
        Clause::Delegation => "no delegation of it covers the chain".into(),
    }
}
