//! Each example parses, is formatted, and does what its README says.

use super::{NOW, expect};
use crate::fixes::{self, Files, findings};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn clean(example: &str) {
    let folder = format!("examples/{example}");
    expect(root(), &["fmt", "--check", &folder], 0);
    expect(root(), &["check", &folder, "--now", NOW], 0);
    expect(root(), &["test", &folder, "--now", NOW], 0);
}

#[test]
fn coding_agents() {
    clean("coding-agents");
}

#[test]
fn payments() {
    clean("payments");
}

#[test]
fn platform() {
    clean("platform");
}

/// What is found, about what, and what the requests that show it play; not how it is worded.
#[test]
fn broken() {
    expect(root(), &["fmt", "--check", "examples/broken"], 0);
    let text = expect(root(), &["check", "examples/broken", "--now", NOW, "--format", "json"], 1);
    let answer: serde_json::Value = serde_json::from_str(&text).expect("the answer is JSON");
    let word = |value: &serde_json::Value| value.as_str().unwrap_or("?").to_owned();
    let findings = answer["findings"].as_array().expect("a list of findings").iter().map(|finding| {
        let roles = finding["witness"]["requests"].as_array().into_iter().flatten();
        let roles: Vec<String> = roles.map(|request| word(&request["role"])).collect();
        let (severity, code) = (word(&finding["severity"]), word(&finding["code"]));
        let (kind, name) = (word(&finding["subject"]["kind"]), word(&finding["subject"]["name"]));
        format!("{severity} {code} on {kind} {name} [{}]", roles.join(", "))
    });
    let mut findings: Vec<String> = findings.collect();
    findings.sort();
    insta::assert_snapshot!(findings.join("\n"));
}

/// Rules that nothing in `examples/broken` shows, and why.
const NOT_SHOWN: [(&str, &str); 1] = [(
    "undecided",
    "it takes conditions that nobody would write, and is a limit of the tool, not of a policy",
)];

#[test]
fn every_rule_is_shown() {
    let text = expect(root(), &["check", "examples/broken", "--now", NOW, "--format", "json"], 1);
    let answer: serde_json::Value = serde_json::from_str(&text).expect("the answer is JSON");
    let findings = answer["findings"].as_array().expect("a list of findings");
    let shown: BTreeSet<&str> = findings.iter().filter_map(|finding| finding["code"].as_str()).collect();
    for rule in bailiwick_analyzer::explanations() {
        let excused = NOT_SHOWN.iter().any(|(code, _)| *code == rule.code);
        assert_ne!(shown.contains(rule.code), excused, "`{}` in examples/broken", rule.code);
    }
}

#[test]
fn every_fix_is_made_and_checked_again() {
    // 2026-11-22T12:00:00Z.
    let now = 1_795_348_800;
    let mut fixed = 0;
    for example in ["broken", "coding-agents", "payments", "platform"] {
        let folder = root().join("examples").join(example);
        let entries = std::fs::read_dir(folder).expect("the example is there");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let policies = paths.filter(|path| path.extension().is_some_and(|extension| extension == "grant"));
        let file = |path: PathBuf| {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
            (name.to_owned(), std::fs::read_to_string(&path).expect("a policy is text"))
        };
        let files: Files = policies.map(file).collect();
        let found = findings(&files, now);
        fixed += found.iter().filter(|finding| finding.fix.is_some()).count();
        found.iter().for_each(|finding| fixes::holds(&files, &found, finding, now));
    }
    assert!(fixed >= 8, "only {fixed} findings of the examples have a fix");
}

#[test]
fn the_standard_library_is_formatted() {
    expect(root(), &["fmt", "--check", "stdlib"], 0);
}
