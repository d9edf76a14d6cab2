//! Each example parses, is formatted, and does what its README says.

use super::{NOW, expect};
use std::collections::BTreeSet;
use std::path::Path;

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
fn the_standard_library_is_formatted() {
    expect(root(), &["fmt", "--check", "stdlib"], 0);
}
