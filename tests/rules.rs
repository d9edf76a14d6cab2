//! The rules, over fixtures: what each finds, and what it leaves alone.

use crate::fixes::{self, Files, findings};
use crate::fixture;
use crate::labels::unlabelled;
use crate::witness::wrong;
use bailiwick_analyzer::explanations;
use bailiwick_compiler::compile_text;
use bailiwick_compiler::diagnostic::Diagnostic;
use std::fmt::Write;

/// 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200;

#[test]
fn every_page_of_the_rules_holds() {
    fixture::check("rules", "findings", |case| {
        let text = case.text("grant");
        let files = Files::from([("main".to_owned(), text.clone())]);
        let found = findings(&files, NOW);
        let model = compile_text(&[("main", &text)]).model;
        for finding in &found {
            assert_eq!(wrong(&model, finding), None, "{}: {}", case.title, finding.message);
            fixes::holds(&files, &found, finding, NOW);
            assert_eq!(
                unlabelled(&model, finding),
                None,
                "{}: named and not labelled: {}",
                case.title,
                finding.message
            );
        }
        found.iter().map(|finding| line(finding)).collect()
    });
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

/// A diagnostic in a few lines: severity, code, sentence; then its labels and its requests.
fn line(diagnostic: &Diagnostic) -> String {
    let mut text = format!("{} {}: {}\n", diagnostic.severity.name(), diagnostic.code, diagnostic.message);
    for label in &diagnostic.labels {
        writeln!(text, "  - {}", label.text).expect("a string takes text");
    }
    if let Some(fix) = &diagnostic.fix {
        writeln!(text, "  fix: {}", fix.title).expect("a string takes text");
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
