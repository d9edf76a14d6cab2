//! `check`: every finding, and whether one is grave enough to stop a change.

use super::fix::{Mended, mend};
use super::{Findings, envelope};
use crate::args::Format;
use crate::clock;
use crate::console::Console;
use crate::progress;
use crate::render::human::Human;
use crate::render::{Counts, counted, json};
use crate::session::Session;
use crate::status::{Failure, Status};
use bailiwick_analyzer::Clock;
use bailiwick_compiler::db::{compile, compile_together};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Severity;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct Answer {
    now: String,
    threshold: &'static str,
    #[serde(flatten)]
    findings: Findings,
    #[serde(flatten)]
    mended: Option<Mended>,
}

pub fn run(
    console: &mut Console,
    path: &Path,
    now: Option<i64>,
    (threshold, fix): (Option<Severity>, bool),
    format: Format,
) -> Result<Status, Failure> {
    let now = clock::now(now)?;
    let mut session = Session::open(path)?;
    let threshold = threshold.unwrap_or(session.workspace.settings.threshold);
    let mut findings = found(&session, now);
    let mut mended = None;
    if fix {
        let made = mend(&session, &findings)?;
        if format == Format::Human {
            let mut human = Human::new(&session.workspace, console.width(), console.colours());
            console.print(&made.human(&mut human))?;
        }
        if made.any() {
            session = Session::open(path)?;
            findings = found(&session, now);
        }
        mended = Some(made);
    }

    let summary = Counts::of(&findings, threshold);
    let status = summary.status();
    match format {
        Format::Human => {
            let mut human = Human::new(&session.workspace, console.width(), console.colours());
            let text = human.findings(&findings);
            console.print(&text)?;
            let model = compile(&session.db, session.project).model;
            console.print(&format!(
                "checked {}, {} in {}: {}\n",
                counted(model.grants.len(), "grant"),
                counted(model.agents.len(), "agent"),
                counted(session.workspace.modules.len(), "file"),
                summary.text(),
            ))?;
            if status == Status::Clean && summary != Counts::default() {
                console.print(&format!("nothing at or above the threshold, `{}`\n", threshold.name()))?;
            }
        }
        Format::Json => {
            let findings = Findings { findings: json::findings(&session.workspace, &findings), summary };
            let answer = Answer { now: clock::text(now), threshold: threshold.name(), findings, mended };
            console.print(&json::document(&envelope(&session, "check", status, answer)))?;
        }
    }
    Ok(status)
}

/// All that is found in the project as it is opened.
fn found(session: &Session, now: i64) -> Vec<Diagnostic> {
    let mut findings = session.workspace.diagnostics.clone();
    findings.extend(progress::during("checking", || {
        let clock = Clock::new(&session.db, now);
        compile_together(&session.db, session.project);
        let found = bailiwick_analyzer::check(&session.db, session.project, clock);
        found.iter().map(|finding| (**finding).clone())
    }));
    findings
}
