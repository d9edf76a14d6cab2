//! What a person sees, and what never reaches their terminal.

use super::{edit, project, run};
use std::process::{Command, Stdio};

#[test]
fn a_finding_shows_source_both_places_and_witness() {
    let folder = project();
    edit(
        &folder,
        "allow   tickets.answer where args.refund <= 50",
        "allow   tickets.answer where args.refund <= 5000",
    );
    let ran = run(folder.path(), &["check", "p", "--now", "2026-12-01"], "");
    insta::assert_snapshot!(ran.out);
}

#[test]
fn denials_say_which_clauses_fail_and_which_approval_would_help() {
    let folder = project();
    edit(&folder, "  ttl     1h", "  approval support within 1h\n  ttl     5m");
    let ran = run(folder.path(), &["eval", "p", "--request", "-"], &super::request(51));
    let late = ran.out;
    edit(&folder, "  ttl     5m", "  ttl     1h");
    let ran = run(folder.path(), &["eval", "p", "--request", "-"], &super::request(1));
    insta::assert_snapshot!(format!("{late}----\n{}", ran.out));
}

#[test]
fn nothing_in_a_policy_moves_the_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "# \u{1b}]0;title\u{7}\u{9b}2J\u{202e}\ngrant \u{1b}[31mx { to \"\u{1b}[2J\" }\r \u{2028}";
    std::fs::write(folder.path().join("a.grant"), hostile).unwrap();
    for format in ["human", "json"] {
        let ran = run(folder.path(), &["check", "a.grant", "--format", format], "");
        assert_eq!(ran.status, 1);
        let raw = |c: char| (c.is_control() && c != '\n') || ('\u{2028}'..='\u{202e}').contains(&c);
        assert!(!ran.out.contains(raw) && !ran.err.contains(raw), "{:?}", ran.out);
    }
    let ran = run(folder.path(), &["check", "\u{1b}[2J"], "");
    assert!(ran.status == 2 && !ran.err.contains('\u{1b}'), "{:?}", ran.err);
    let ran = run(folder.path(), &["explain", "\u{1b}[2J"], "");
    assert!(ran.status == 2 && !ran.err.contains('\u{1b}'), "{:?}", ran.err);
}

#[test]
fn a_reader_that_stops_reading_changes_nothing() {
    let folder = project();
    edit(&folder, "owner    support", "owner    suport");
    let mut child = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(["check", "p"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(unix)]
#[test]
fn a_deep_tree_is_read_and_a_pipe_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut deep = folder.path().to_owned();
    for _ in 0..300 {
        deep.push("d");
    }
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("a.grant"), "").unwrap();
    assert_eq!(run(folder.path(), &["check", "."], "").status, 0);
    let made = Command::new("mkfifo").arg(folder.path().join("b.grant")).status();
    if made.is_ok_and(|made| made.success()) {
        let ran = run(folder.path(), &["check", "."], "");
        assert!(ran.status == 2 && ran.err.contains("it is not a file"), "{}", ran.err);
    }
}
