//! `reach`: what an agent can touch.

use super::{envelope, unsound};
use crate::args::Format;
use crate::clock;
use crate::console::Console;
use crate::progress;
use crate::render::json;
use crate::render::reach::Answer;
use crate::session::Session;
use crate::status::{Failure, Status};
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::questions::reach;
use bailiwick_compiler::resolve::names::suggest;
use std::path::Path;

pub fn run(
    console: &mut Console,
    agent: &str,
    path: &Path,
    now: Option<i64>,
    format: Format,
) -> Result<Status, Failure> {
    let now = clock::now(now)?;
    let session = Session::open(path)?;
    let compiled = match session.sound() {
        Ok(compiled) => compiled,
        Err(findings) => {
            unsound(console, &session, "reach", format, &findings)?;
            return Err(Failure::new("of a project with errors nothing is proved"));
        }
    };
    let model = &compiled.model;
    let Some(id) = model.agent_named(agent) else {
        let near = suggest(agent, model.agents.iter().map(|agent| &*agent.name));
        let help = near.map_or("`check` shows what the project declares".into(), |near| {
            format!("did you mean `{near}`?")
        });
        return Err(Failure::new(format!("the project declares no agent `{agent}`")).help(help));
    };
    let analysis = Analysis::new(model, now);
    let found = progress::during("proving", || reach(&analysis, id));
    let status = if found.open.is_empty() { Status::Clean } else { Status::Undecided };
    let answer = Answer::of(&session.workspace, model, id, clock::text(now), &found);
    match format {
        Format::Human => console.print(&answer.human())?,
        Format::Json => console.print(&json::document(&envelope(&session, "reach", status, answer)))?,
    }
    Ok(status)
}
