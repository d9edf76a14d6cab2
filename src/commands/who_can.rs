//! `who-can`: which agents can make a call, and how.

use super::{envelope, report, unsound};
use crate::args::Format;
use crate::clock;
use crate::console::Console;
use crate::progress;
use crate::render::human::Human;
use crate::render::json;
use crate::render::who_can::Answer;
use crate::session::Session;
use crate::status::{Failure, Status};
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::questions::who_can;
use bailiwick_compiler::question;
use std::path::Path;

pub fn run(
    console: &mut Console,
    calling: &str,
    path: &Path,
    now: Option<i64>,
    format: Format,
) -> Result<Status, Failure> {
    let now = clock::now(now)?;
    let mut session = Session::open(path)?;
    let compiled = match session.sound() {
        Ok(compiled) => compiled,
        Err(findings) => {
            unsound(console, &session, "who-can", format, &findings)?;
            return Err(Failure::new("of a project with errors nothing is proved"));
        }
    };
    let call = match question::read(&session.db, session.project, calling) {
        Ok(call) => call,
        Err(findings) => {
            session.workspace.question = Some(calling.into());
            report(console, &session, "who-can", format, &findings)?;
            return Err(Failure::new("the question cannot be read")
                .help("write it as in a `prove` block: calling TOOLS [data SET] [where CONDITION]"));
        }
    };
    let analysis = Analysis::new(&compiled.model, now);
    let found = progress::during("proving", || who_can(&analysis, &call));
    let status = if found.open.is_empty() { Status::Clean } else { Status::Undecided };
    let answer = Answer::of(&session.workspace, &compiled.model, calling, clock::text(now), &found);
    match format {
        Format::Human => {
            let mut places = Human::new(&session.workspace, console.width(), console.colours());
            let text = answer.human(&mut places);
            console.print(&text)?;
        }
        Format::Json => console.print(&json::document(&envelope(&session, "who-can", status, answer)))?,
    }
    Ok(status)
}
