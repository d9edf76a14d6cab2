//! `check`: everything that is wrong with a project, but for what is waived.

use crate::analysis::Analysis;
use crate::clock::Clock;
use crate::rules;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::{Model, Severity};
use bailiwick_compiler::{Db, Project, compile};

/// What compiling the project found and, when its model is whole, what the rules find; waivers
/// applied, sorted by place.
pub fn check(db: &dyn Db, project: Project, clock: Clock) -> Vec<Diagnostic> {
    found(db, project, clock).clone()
}

#[salsa::tracked]
fn found(db: &dyn Db, project: Project, clock: Clock) -> Vec<Diagnostic> {
    let compiled = compile(db, project);
    let mut diagnostics: Vec<Diagnostic> = compiled.diagnostics.to_vec();
    // A model with errors lacks declarations, perhaps a forbid: nothing is proved from it.
    if !diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        diagnostics.extend(analyze(db, &compiled.model, clock.now(db)));
    }
    diagnostics
}

/// What the rules find in a model, waivers applied, sorted by place; `now` in seconds since 1970.
pub fn analyze(db: &dyn Db, model: &Model, now: i64) -> Vec<Diagnostic> {
    let analysis = Analysis::new(db, model, now);
    let mut findings: Vec<Diagnostic> =
        rules::registry().iter().flat_map(|rule| rule.findings(&analysis)).collect();
    rules::waivers::apply(model, now, &mut findings);
    findings.sort_by(|a, b| (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message)));
    findings
}
