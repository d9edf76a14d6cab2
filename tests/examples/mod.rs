//! The examples and the tutorial, through the command line: what users see first.

mod organisations;
mod tutorial;

use std::path::Path;
use std::process::Command;

/// The day on which the examples are looked at.
const NOW: &str = "2026-11-22T12:00:00Z";

/// What a run of the command line printed (both streams), and its exit status.
fn bailiwick(folder: &Path, args: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .current_dir(folder)
        .args(args)
        .env("NO_COLOR", "1")
        .output()
        .expect("the command line starts");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (text, output.status.code().expect("it ends by itself"))
}

/// Fails with what was printed unless the exit status is this one.
#[track_caller]
fn expect(folder: &Path, args: &[&str], status: i32) -> String {
    let (text, actual) = bailiwick(folder, args);
    assert_eq!(actual, status, "`bailiwick {}`:\n{text}", args.join(" "));
    text
}
