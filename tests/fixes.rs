//! A fix mends its finding, makes no new one, and keeps the text formatted.

use bailiwick_analyzer::{Clock, check};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::fix::apply;
use bailiwick_compiler::model::Severity;
use bailiwick_compiler::{Database, Project, SourceFile};
use bailiwick_grammar::format;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The modules of a project: path without `.grant`, and text.
pub type Files = BTreeMap<String, String>;

/// What is found of a project at a moment.
pub fn findings(files: &Files, now: i64) -> Vec<Arc<Diagnostic>> {
    let db = Database::default();
    let file =
        |(path, text): (&String, &String)| SourceFile::new(&db, path.as_str().into(), Arc::from(&**text));
    let project = Project::new(&db, files.iter().map(file).collect(), Arc::default(), None);
    check(&db, project, Clock::new(&db, now)).to_vec()
}

/// Makes the fix of a finding, if it has one, and checks again.
pub fn holds(files: &Files, before: &[Arc<Diagnostic>], finding: &Diagnostic, now: i64) {
    let Some(fix) = &finding.fix else { return };
    let mut fixed = files.clone();
    for (path, text) in &mut fixed {
        let here = fix.edits.iter().filter(|(at, _)| *at.module == **path);
        let edits: Vec<_> = here.map(|(at, new)| (at.span, new.as_str())).collect();
        let new = apply(text, &edits).unwrap_or_else(|| panic!("{}: does not apply to\n{text}", fix.title));
        if format(text).as_deref() == Ok(text) {
            assert_eq!(format(&new).as_deref(), Ok(new.as_str()), "{}", fix.title);
        }
        *text = new;
    }
    assert_ne!(*files, fixed, "{} changes nothing", fix.title);
    let what = |one: &Diagnostic| (one.code, one.subject.clone(), one.rule.clone());
    let counted = |all: &[Arc<Diagnostic>], of| all.iter().filter(|one| what(one) == of).count();
    let after = findings(&fixed, now);
    assert!(counted(&after, what(finding)) < counted(before, what(finding)), "{}:\n{fixed:?}", fix.title);
    for one in &after {
        let new = counted(&after, what(one)) > counted(before, what(one));
        // what is left of a glob or a purpose may be told anew as a note; nothing graver may
        assert!(!new || one.severity == Severity::Note, "{}: {}\n{fixed:?}", fix.title, one.message);
    }
}
