//! `eval` and `why`: one request, or a stream of them, decided and explained; `why` goes through
//! every clause.

use super::requests::{each, with_now};
use super::{envelope, unsound};
use crate::args::Format;
use crate::console::Console;
use crate::render::clause::Story;
use crate::render::decision::Answer;
use crate::render::human::Human;
use crate::render::{json, visible};
use crate::session::Session;
use crate::status::{Failure, Status};
use bailiwick_analyzer::questions::why;
use bailiwick_compiler::evaluator;
use bailiwick_compiler::request;
use std::path::Path;

/// How much is told of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What fails: `eval`.
    Failures,
    /// Every clause, and the values it saw: `why`.
    Clauses,
}

impl Detail {
    fn command(self) -> &'static str {
        match self {
            Detail::Failures => "eval",
            Detail::Clauses => "why",
        }
    }
}

pub fn run(
    console: &mut Console,
    (path, requests): (&Path, &Path),
    now: Option<i64>,
    detail: Detail,
    format: Format,
) -> Result<Status, Failure> {
    let session = Session::open(path)?;
    let compiled = match session.sound() {
        Ok(compiled) => compiled,
        Err(findings) => {
            unsound(console, &session, detail.command(), format, &findings)?;
            return Err(Failure::new("a project with errors decides nothing"));
        }
    };
    let (model, workspace) = (&compiled.model, &session.workspace);
    let mut denied = false;
    each(console, requests, &mut |console, text| {
        let answer = match (request::read(model, &with_now(text, now)), detail) {
            (Err(ill_formed), _) => Answer::ill_formed(ill_formed.0),
            (Ok(request), Detail::Failures) => {
                Answer::of(workspace, model, &evaluator::explain(model, &request), &request)
            }
            (Ok(request), Detail::Clauses) => {
                let why = why(model, &request);
                let mut answer = Answer::of(workspace, model, &why.reasons, &request);
                answer.story = Some(Story::of(&session, model, &why, &request));
                answer
            }
        };
        denied |= !answer.allow;
        match format {
            Format::Human => {
                let text = answer.human(&mut Human::new(workspace, console.width(), false));
                console.print(&visible(&text))
            }
            Format::Json => {
                let status = if answer.allow { Status::Clean } else { Status::Findings };
                console.print(&json::line(&envelope(&session, detail.command(), status, answer)))
            }
        }
    })?;
    Ok(if denied { Status::Findings } else { Status::Clean })
}
