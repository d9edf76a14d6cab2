//! The rules, over fixtures: what each finds, and what it leaves alone.

use crate::fixture;
use bailiwick_analyzer::{Clock, check, explanations};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::{Database, Project, SourceFile};
use std::fmt::Write;
use std::sync::Arc;

/// 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200;

#[test]
fn every_page_of_the_rules_holds() {
    fixture::check("rules", "findings", |case| findings(&case.text("grant")));
}

#[test]
fn every_rule_has_a_page() {
    let pages: Vec<_> = fixture::pages("rules")
        .iter()
        .filter_map(|page| Some(page.file_stem()?.to_str()?.to_string()))
        .collect();
    for explanation in explanations() {
        assert!(pages.iter().any(|page| page == explanation.code), "no page for `{}`", explanation.code);
    }
}

fn findings(text: &str) -> String {
    let db = Database::default();
    let file = SourceFile::new(&db, "main".into(), Arc::from(text));
    let project = Project::new(&db, vec![file], Arc::default(), None);
    check(&db, project, Clock::new(&db, NOW)).iter().map(|found| line(found)).collect()
}

/// A diagnostic in a few lines: severity, code, sentence; then its labels and its requests.
fn line(diagnostic: &Diagnostic) -> String {
    let mut text = format!("{} {}: {}\n", diagnostic.severity.name(), diagnostic.code, diagnostic.message);
    for label in &diagnostic.labels {
        writeln!(text, "  - {}", label.text).expect("a string takes text");
    }
    for excess in &diagnostic.excess {
        let words = |facts: &Vec<String>| match facts.is_empty() {
            true => "whatever the arguments".to_owned(),
            false => facts.join(", "),
        };
        let regions: Vec<String> = excess.regions.iter().map(words).collect();
        let rest = excess.rest.iter().map(String::as_str);
        let all: Vec<&str> = regions.iter().map(String::as_str).chain(rest).collect();
        writeln!(text, "  beyond: {}: {}", excess.calls.join(", "), all.join("; "))
            .expect("a string takes text");
    }
    for (role, request) in diagnostic.witness.iter().flat_map(|witness| &witness.requests) {
        writeln!(text, "  {role} {request}").expect("a string takes text");
    }
    text
}
