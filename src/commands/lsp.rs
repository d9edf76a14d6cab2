//! `lsp`: the language server on standard input and output.

use crate::clock;
use crate::status::{Failure, Status};
use crate::workspace::Workspace;
use bailiwick_lsp::{Folder, Host};
use std::path::Path;

pub fn run() -> Result<Status, Failure> {
    // a clock that is out of range has nothing to say of expiries: the editor then lives in 1970
    let host = Host { load, now: || clock::now(None).unwrap_or_default() };
    let orderly = bailiwick_lsp::serve(host)
        .map_err(|error| Failure::new(format!("the language server cannot start: {error}")))?;
    Ok(if orderly { Status::Clean } else { Status::Findings })
}

/// The project of a path, as the server takes it: with the same refusals as on the command line.
fn load(path: &Path) -> Result<Folder, String> {
    let workspace = Workspace::open(path).map_err(|failure| failure.message)?;
    Ok(Folder {
        root: workspace.root,
        modules: workspace.modules,
        manifest: workspace.settings,
        lock: workspace.lock,
        diagnostics: workspace.diagnostics,
    })
}
