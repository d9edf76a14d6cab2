//! `lock`: what the open sets of grants stand for today, accepted.

use super::unsound;
use crate::args::Format;
use crate::console::Console;
use crate::output;
use crate::render::counted;
use crate::session::Session;
use crate::status::{Failure, Status};
use crate::workspace::Workspace;
use bailiwick_compiler::lock::{self, Lock};
use std::path::Path;

pub fn run(console: &mut Console, path: &Path) -> Result<Status, Failure> {
    let mut workspace = Workspace::open(path)?;
    if workspace.manifest.is_none() {
        return Err(Failure::new("a lock file stands beside `bailiwick.toml`, and there is none")
            .help("write one with a `[project]` and its `name`"));
    }
    // what the old lock says, or cannot say, does not keep it from being written again
    workspace.lock = None;
    workspace.diagnostics.retain(|found| found.at.as_ref().is_none_or(|at| &*at.module != lock::FILE));
    workspace.diagnostics.retain(|found| found.code != "bad-lock");
    let session = Session::of(workspace);
    let compiled = match session.sound() {
        Ok(compiled) => compiled,
        Err(findings) => return unsound(console, &session, "lock", Format::Human, &findings),
    };
    output::write(&session.workspace.root.join(lock::FILE), &lock::write(&Lock::of(&compiled.open)))?;
    let grants = counted(compiled.open.len(), "grant");
    console.print(&format!("wrote `{}`: {grants} with globs, tags or attributes\n", lock::FILE))?;
    Ok(Status::Clean)
}
