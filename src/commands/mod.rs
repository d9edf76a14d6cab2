//! A verb a file.

mod build;
mod check;
mod eval;
mod explain;
mod fix;
mod fmt;
mod import;
mod init;
mod lock;
mod lsp;
mod reach;
mod requests;
mod revoke;
mod test;
mod verify;
mod who_can;

use crate::args::{Command, Format, ImportFrom};
use crate::console::Console;
use crate::render::human::Human;
use crate::render::{Counts, json};
use crate::session::Session;
use crate::status::{Failure, Status};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Severity;
use serde::Serialize;

/// Runs what was typed.
pub fn run(command: Command, console: &mut Console) -> Result<Status, Failure> {
    match command {
        Command::Check { path, now, threshold, fix, format } => {
            check::run(console, &path, now, (threshold, fix), format)
        }
        Command::Build { path, targets, out, now, format } => {
            build::run(console, &path, &targets, &out, now, format)
        }
        Command::Verify { dir, path, now, format } => verify::run(console, &dir, &path, now, format),
        Command::Eval { path, request, now, format } => {
            eval::run(console, (&path, &request), now, eval::Detail::Failures, format)
        }
        Command::Why { path, request, now, format } => {
            eval::run(console, (&path, &request), now, eval::Detail::Clauses, format)
        }
        Command::WhoCan { calling, path, now, format } => who_can::run(console, &calling, &path, now, format),
        Command::Reach { agent, path, now, format } => reach::run(console, &agent, &path, now, format),
        Command::Test { path, now, format } => test::run(console, &path, now, format),
        Command::Fmt { paths, check } => fmt::run(console, &paths, check),
        Command::Import { from: ImportFrom::Mcp { file, out, server } } => {
            import::mcp(console, &file, out.as_deref(), server.as_deref())
        }
        Command::Explain { code } => explain::run(console, &code),
        Command::Init { dir } => init::run(console, &dir),
        Command::Lock { path } => lock::run(console, &path),
        Command::Revoke { agent, path, because, out, now, format } => {
            revoke::run(console, (&agent, &path), &because, &out, now, format)
        }
        Command::Lsp { stdio: _ } => lsp::run(),
    }
}

/// Findings and nothing else.
#[derive(Serialize)]
struct Findings {
    findings: Vec<json::Finding>,
    summary: Counts,
}

/// Reports a project that has errors, for commands that then cannot do what they are for.
fn unsound(
    console: &mut Console,
    session: &Session,
    command: &str,
    format: Format,
    findings: &[Diagnostic],
) -> Result<Status, Failure> {
    report(console, session, command, format, findings)?;
    if format == Format::Human {
        let summary = Counts::of(findings, Severity::Error).text();
        console.print(&format!("{summary}; `{command}` needs a project without errors\n"))?;
    }
    Ok(Status::Findings)
}

/// Writes findings and nothing else.
fn report(
    console: &mut Console,
    session: &Session,
    command: &str,
    format: Format,
    findings: &[Diagnostic],
) -> Result<(), Failure> {
    let summary = Counts::of(findings, Severity::Error);
    match format {
        Format::Human => {
            let mut human = Human::new(&session.workspace, console.width(), console.colours());
            let text = human.findings(findings);
            console.print(&text)?;
        }
        Format::Json => {
            let answer = Findings { findings: json::findings(&session.workspace, findings), summary };
            console.print(&json::document(&envelope(session, command, Status::Findings, answer)))?;
        }
    }
    Ok(())
}

fn envelope<'a, T>(
    session: &'a Session,
    command: &'a str,
    status: Status,
    answer: T,
) -> json::Envelope<'a, T> {
    let project = &session.workspace.settings.name;
    json::Envelope { version: json::VERSION, command, project, outcome: status.name(), answer }
}
