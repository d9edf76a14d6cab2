//! `import`: what others wrote down, as a module to review.

use crate::console::Console;
use crate::output;
use crate::render::{counted, visible};
use crate::status::{Failure, Status};
use crate::workspace;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::import::mcp::import;
use std::path::Path;

/// An MCP server's tools.
pub fn mcp(
    console: &mut Console,
    file: &Path,
    out: Option<&Path>,
    server: Option<&str>,
) -> Result<Status, Failure> {
    let stdin = file == Path::new("-");
    let answer = if stdin { workspace::read_stdin()? } else { workspace::read(file)? };
    let stem = || file.file_stem().and_then(|stem| stem.to_str()).filter(|_| !stdin);
    let server = server
        .or_else(stem)
        .ok_or_else(|| Failure::new("the server has no name").help("state it: `--server github`"))?;
    let imported = import(&answer, server).map_err(|problems| refused(file, &problems))?;
    match out {
        Some(out) => output::write(out, &imported.text)?,
        None => console.print(&imported.text)?,
    }
    for note in &imported.notes {
        let help = note.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        console.note(&visible(&format!("{}: {}{help}", note.severity.name(), note.message)));
    }
    console.note(&format!(
        "{} imported; {} to review",
        counted(imported.tools, "tool"),
        counted(imported.notes.len(), "note")
    ));
    Ok(Status::Clean)
}

fn refused(file: &Path, problems: &[Diagnostic]) -> Failure {
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    let failure = Failure::at(file, "cannot be imported", messages.join("; "));
    match problems.iter().find_map(|problem| problem.help.clone()) {
        Some(help) => failure.help(help),
        None => failure,
    }
}
