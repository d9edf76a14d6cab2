//! The rules, over fixtures: what each finds, and what it leaves alone.

use crate::fixture;
use crate::labels::unlabelled;
use crate::witness::wrong;
use bailiwick_analyzer::{Clock, check, explanations};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::fix::apply;
use bailiwick_compiler::model::Severity;
use bailiwick_compiler::{Database, Project, SourceFile, compile_text};
use bailiwick_grammar::format;
use std::fmt::Write;
use std::sync::Arc;

/// 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200;

#[test]
fn every_page_of_the_rules_holds() {
    fixture::check("rules", "findings", |case| {
        let text = case.text("grant");
        let found = findings(&text);
        let model = compile_text(&[("main", &text)]).model;
        for finding in &found {
            assert_eq!(wrong(&model, finding), None, "{}: {}", case.title, finding.message);
            fix_holds(&text, &found, finding);
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

/// A fix, when there is one, mends its finding, makes no new one and keeps the text formatted.
fn fix_holds(text: &str, before: &[Arc<Diagnostic>], finding: &Diagnostic) {
    let Some(fix) = &finding.fix else { return };
    let edits: Vec<_> = fix.edits.iter().map(|(at, new)| (at.span, new.as_str())).collect();
    let fixed = apply(text, &edits).unwrap_or_else(|| panic!("{}: does not apply to\n{text}", fix.title));
    if format(text).as_deref() == Ok(text) {
        assert_eq!(format(&fixed).as_deref(), Ok(fixed.as_str()), "{}", fix.title);
    }
    let what = |one: &Diagnostic| (one.code, one.subject.clone(), one.rule.clone());
    let counted = |all: &[Arc<Diagnostic>], of| all.iter().filter(|one| what(one) == of).count();
    let after = findings(&fixed);
    assert!(counted(&after, what(finding)) < counted(before, what(finding)), "{}:\n{fixed}", fix.title);
    for one in &after {
        let new = counted(&after, what(one)) > counted(before, what(one));
        // what is left of a glob or a purpose may be told anew as a note; nothing graver may
        assert!(!new || one.severity == Severity::Note, "{}: {}\n{fixed}", fix.title, one.message);
    }
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

fn findings(text: &str) -> Vec<Arc<Diagnostic>> {
    let db = Database::default();
    let file = SourceFile::new(&db, "main".into(), Arc::from(text));
    let project = Project::new(&db, vec![file], Arc::default(), None);
    check(&db, project, Clock::new(&db, NOW))
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
