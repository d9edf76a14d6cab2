//! `eval`: one request, or a stream of them, decided and explained.

use super::{envelope, unsound};
use crate::args::Format;
use crate::clock;
use crate::console::Console;
use crate::render::human::Human;
use crate::render::json::Named;
use crate::render::{json, visible};
use crate::session::Session;
use crate::status::{Failure, Status};
use crate::workspace::{self, reason};
use bailiwick_compiler::evaluator::{self, Clause, Decision, Denial, Reasons};
use bailiwick_compiler::model::{Grant, Model};
use bailiwick_compiler::request;
use serde::Serialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::BufRead;
use std::path::Path;

pub fn run(
    console: &mut Console,
    path: &Path,
    requests: &Path,
    now: Option<i64>,
    format: Format,
) -> Result<Status, Failure> {
    let session = Session::open(path)?;
    let compiled = match session.sound() {
        Ok(compiled) => compiled,
        Err(findings) => {
            unsound(console, &session, "eval", format, &findings)?;
            return Err(Failure::new("a project with errors decides nothing"));
        }
    };
    let mut judge = Judge { session: &session, model: &compiled.model, now, format, denied: false };
    if requests == Path::new("-") {
        judge.stream(console)?;
    } else {
        judge.text(console, &workspace::read(requests)?)?;
    }
    Ok(if judge.denied { Status::Findings } else { Status::Clean })
}

struct Judge<'a> {
    session: &'a Session,
    model: &'a Model,
    now: Option<i64>,
    format: Format,
    denied: bool,
}

impl Judge<'_> {
    /// Decides from standard input: line by line as they come when the first line is a request by
    /// itself, else all of it as one.
    fn stream(&mut self, console: &mut Console) -> Result<(), Failure> {
        let unreadable = |error: std::io::Error| {
            Failure::new(format!("standard input cannot be read: {}", reason(&error)))
        };
        let mut input = std::io::stdin().lock();
        let mut line = Vec::new();
        let mut first = Vec::new();
        while input.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
            first.append(&mut line);
            if !first.trim_ascii().is_empty() {
                break;
            }
        }
        if !is_json(&first) {
            let mut rest = std::mem::take(&mut first);
            std::io::Read::read_to_end(&mut input, &mut rest).map_err(unreadable)?;
            return self.text(console, &utf8(rest)?);
        }
        line = first;
        loop {
            self.line(console, &utf8(std::mem::take(&mut line))?)?;
            console.flush()?;
            if input.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
                return Ok(());
            }
        }
    }

    /// Decides what is in a text: a request a line, or one over several lines.
    fn text(&mut self, console: &mut Console, text: &str) -> Result<(), Failure> {
        let first = text.lines().find(|line| !line.trim().is_empty());
        match first {
            None => Err(Failure::new("there is no request to decide")),
            Some(line) if is_json(line.as_bytes()) => {
                text.lines().try_for_each(|line| self.line(console, line))
            }
            Some(_) => self.decide(console, text),
        }
    }

    fn line(&mut self, console: &mut Console, line: &str) -> Result<(), Failure> {
        let line = line.trim();
        if line.is_empty() { Ok(()) } else { self.decide(console, line) }
    }

    fn decide(&mut self, console: &mut Console, text: &str) -> Result<(), Failure> {
        let answer = match request::read(self.model, &with_now(text, self.now)) {
            Ok(request) => self.reasoned(&evaluator::explain(self.model, &request), &request),
            Err(ill_formed) => {
                Answer { because: "ill-formed", ill_formed: Some(ill_formed.0), ..Answer::default() }
            }
        };
        self.denied |= !answer.allow;
        match self.format {
            Format::Human => console.print(&visible(&self.human(&answer))),
            Format::Json => {
                let status = if answer.allow { Status::Clean } else { Status::Findings };
                console.print(&json::line(&envelope(self.session, "eval", status, answer)))
            }
        }
    }

    fn reasoned(&self, reasons: &Reasons, request: &request::Request) -> Answer {
        let model = self.model;
        let names = |people: &bailiwick_compiler::model::PrincipalSet| {
            people.iter().map(|id| model.principal(id).name.to_string()).collect()
        };
        let mut answer = Answer::default();
        match reasons.decision {
            Decision::Allow(grant) => {
                answer.allow = true;
                answer.because = "grant";
                answer.grant = Some(self.grant(model.grant(grant)));
            }
            Decision::Deny(Denial::Forbidden(_)) => answer.because = "forbidden",
            Decision::Deny(Denial::NoGrant) => answer.because = "no-grant",
        }
        answer.forbids = reasons
            .forbids
            .iter()
            .map(|&id| Named::forbid(&self.session.workspace, model.forbid(id)))
            .collect();
        answer.near = reasons
            .near
            .iter()
            .map(|(id, clauses)| Near {
                grant: self.grant(model.grant(*id)),
                fails: clauses
                    .iter()
                    .map(|clause| Fails {
                        clause: clause_name(clause),
                        reason: in_words(model, model.grant(*id), clause, request),
                    })
                    .collect(),
            })
            .collect();
        answer.approvals = reasons
            .approvals
            .iter()
            .map(|approver| Approval {
                grant: model.grant(approver.grant).name.to_string(),
                by: names(&approver.people),
                within: approver.within,
            })
            .collect();
        answer
    }

    fn grant(&self, grant: &Grant) -> Named {
        Named::grant(&self.session.workspace, grant)
    }

    fn human(&self, answer: &Answer) -> String {
        let mut places = Human::new(&self.session.workspace, 100, false);
        let mut text = String::new();
        // writing to a string cannot fail
        if let Some(grant) = &answer.grant {
            let _ = writeln!(text, "allowed by grant `{}` ({})", grant.name, places.place(&grant.location));
        } else if let Some(why) = &answer.ill_formed {
            let _ = writeln!(text, "denied: the request is ill formed: {why}");
        } else if answer.forbids.is_empty() {
            let _ = writeln!(text, "denied: no grant authorises it");
        }
        for (at, forbid) in answer.forbids.iter().enumerate() {
            let also = if at == 0 { "denied: forbidden by" } else { "  and by" };
            let _ = writeln!(text, "{also} `{}` ({})", forbid.name, places.place(&forbid.location));
            if let Some(because) = &forbid.because {
                let _ = writeln!(text, "  because {because}");
            }
        }
        for near in &answer.near {
            let _ = writeln!(text, "  grant `{}` ({})", near.grant.name, places.place(&near.grant.location));
            if near.fails.is_empty() {
                let _ = writeln!(text, "    would authorise it");
            }
            for fails in &near.fails {
                let _ = writeln!(text, "    {}", fails.reason);
            }
        }
        for approval in &answer.approvals {
            let who = if approval.by.is_empty() {
                "nobody can".into()
            } else {
                format!("{} can", approval.by.join(" or "))
            };
            let _ = writeln!(
                text,
                "  missing for grant `{}`: an approval no older than {}; {who} give it",
                approval.grant,
                span(approval.within)
            );
        }
        text
    }
}

/// A decision and why; the JSON output.
#[derive(Default, Serialize)]
struct Answer {
    allow: bool,
    because: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ill_formed: Option<String>,
    forbids: Vec<Named>,
    near: Vec<Near>,
    approvals: Vec<Approval>,
}

#[derive(Serialize)]
struct Near {
    grant: Named,
    fails: Vec<Fails>,
}

#[derive(Serialize)]
struct Fails {
    clause: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct Approval {
    grant: String,
    by: Vec<String>,
    within: i64,
}

fn clause_name(clause: &Clause) -> &'static str {
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

/// Why the clause fails, in words.
fn in_words(model: &Model, grant: &Grant, clause: &Clause, request: &request::Request) -> String {
    match clause {
        Clause::Grantee => format!("is for `{}`", model.agent(grant.to).name),
        Clause::Purpose => format!(
            "is for the purpose `{}`, not `{}`",
            model.purpose(grant.purpose).name,
            model.purpose(request.purpose).name
        ),
        Clause::Tool => format!("does not allow `{}`", model.op_name(request.op)),
        Clause::Where => {
            format!("allows `{}` only where a condition holds, and it does not", model.op_name(request.op))
        }
        Clause::Data { missing } => {
            let names: Vec<String> = missing.iter().map(|id| format!("`{}`", model.class(id).name)).collect();
            format!("does not cover {}", names.join(", "))
        }
        Clause::Starts { starts } => format!("starts {}", clock::text(*starts)),
        Clause::Expired { expires } => format!("expired {}", clock::text(*expires)),
        Clause::Ttl { age, ttl } => format!("its ttl is {}, the session is {} old", span(*ttl), span(*age)),
        Clause::Authn { needed } => {
            format!("needs authentication `{}`, the session has `{}`", needed.name(), request.authn.name())
        }
        Clause::When => "its `when` does not hold".into(),
        Clause::Approval { line } => {
            let demand = &grant.approvals[*line].demand;
            let independent = if demand.independent { ", independent of the agent's owner" } else { "" };
            format!(
                "wants an approval by `{}` within {}{independent}",
                model.principal(demand.by).name,
                span(demand.within)
            )
        }
        Clause::Delegation => "no delegation of it covers the chain".into(),
    }
}

/// A duration as the language writes it.
fn span(seconds: i64) -> String {
    let mut text = String::new();
    let mut left = seconds;
    for (unit, size) in [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        if left / size > 0 {
            let _ = write!(text, "{}{unit}", left / size); // writing to a string cannot fail
            left %= size;
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

fn utf8(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| Failure::new("standard input is not UTF-8"))
}

/// The request with `now` filled in, when the command line states one and the request does not. It
/// is put in as text, so that whatever else is wrong with the request is still there to be found.
fn with_now(text: &str, now: Option<i64>) -> String {
    let fields = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(text);
    match (now, fields) {
        (Some(now), Ok(fields)) if !fields.contains_key("now") => {
            let comma = if fields.is_empty() { "" } else { "," };
            text.replacen('{', &format!("{{\"now\":\"{}\"{comma}", clock::text(now)), 1)
        }
        (Some(_) | None, Ok(_) | Err(_)) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_filled_in_only_where_it_is_missing() {
        assert_eq!(with_now("{}", Some(0)), r#"{"now":"1970-01-01T00:00:00Z"}"#);
        assert_eq!(with_now(r#" {"a":1,"a":2}"#, Some(0)), r#" {"now":"1970-01-01T00:00:00Z","a":1,"a":2}"#);
        for kept in [r#"{"now":"x"}"#, r#"{"now":null}"#, "[{}]", "{", ""] {
            assert_eq!(with_now(kept, Some(0)), kept);
        }
        assert_eq!(with_now("{}", None), "{}");
    }

    #[test]
    fn durations_are_written_as_the_language_does() {
        for (seconds, text) in [(0, "0s"), (900, "15m"), (5_400, "1h30m"), (694_861, "1w1d1h1m1s")] {
            assert_eq!(span(seconds), text);
        }
    }
}
