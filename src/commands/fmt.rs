//! `fmt`: one way to lay out a policy.

use crate::console::Console;
use crate::output;
use crate::render::visible;
use crate::status::{Failure, Status};
use crate::workspace::{self, Workspace};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub fn run(console: &mut Console, paths: &[PathBuf], check: bool) -> Result<Status, Failure> {
    if paths.iter().any(|path| path == Path::new("-")) {
        if paths.len() > 1 {
            return Err(Failure::new("standard input is formatted alone, not together with files"));
        }
        return stdin(console, check);
    }
    let mut files = BTreeSet::new();
    for path in paths {
        if path.is_file() {
            files.insert(path.clone());
        } else {
            let workspace = Workspace::open(path)?;
            let below = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            let all = workspace.modules.keys().map(|module| workspace.file_of(module));
            files.extend(all.filter(|file| file.starts_with(&below)));
        }
    }

    // everything is read and formatted before anything is written
    let mut changed = Vec::new();
    let mut broken = 0;
    for file in &files {
        let text = workspace::read(file)?;
        match formatted(&text) {
            Ok(new) if new == text => {}
            Ok(new) => changed.push((file, new)),
            Err(errors) => {
                broken += 1;
                console.print(&visible(&format!("{}: {errors}\n", file.display())))?;
            }
        }
    }
    for (file, text) in &changed {
        if !check {
            output::write(file, text)?;
        }
        let verb = if check { "would format" } else { "formatted" };
        console.print(&visible(&format!("{verb} {}\n", file.display())))?;
    }
    if broken > 0 || (check && !changed.is_empty()) {
        return Ok(Status::Findings);
    }
    Ok(Status::Clean)
}

fn stdin(console: &mut Console, check: bool) -> Result<Status, Failure> {
    let text = workspace::read_stdin()?;
    match formatted(&text) {
        Ok(new) if check => Ok(if new == text { Status::Clean } else { Status::Findings }),
        Ok(new) => {
            console.print(&new)?;
            Ok(Status::Clean)
        }
        Err(errors) => {
            console.note(&visible(&errors));
            Ok(Status::Findings)
        }
    }
}

/// The text, formatted. A text whose first line ends the Windows way keeps such ends.
fn formatted(text: &str) -> Result<String, String> {
    let windows = text.find('\n').is_some_and(|end| text[..end].ends_with('\r'));
    match bailiwick_grammar::format(text) {
        Ok(new) if windows => Ok(new.replace("\r\n", "\n").replace('\n', "\r\n")),
        Ok(new) => Ok(new),
        Err(errors) => Err(errors.first().map_or_else(
            || "cannot be formatted".into(),
            |error| {
                let before = text.get(..error.span.start as usize).unwrap_or(text);
                format!("line {}: {}; `check` says more", before.matches('\n').count() + 1, error.message)
            },
        )),
    }
}
