//! `check`: everything that is wrong with a project, but for what is waived.

use crate::clock::Clock;
use crate::kept::{Findings, by_place};
use crate::memory::{Cell, Memory};
use crate::rules::waivers;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Model;
use bailiwick_compiler::{Db, Project, compile};
use std::sync::Arc;

/// What compiling the project found and, when its model is whole, what the rules find; waivers
/// applied, sorted by place.
pub fn check(db: &dyn Db, project: Project, clock: Clock) -> Vec<Arc<Diagnostic>> {
    found(db, project, clock).clone()
}

#[salsa::tracked(no_eq)]
fn found(db: &dyn Db, project: Project, clock: Clock) -> Vec<Arc<Diagnostic>> {
    let compiled = compile(db, project);
    let diagnostics: Findings = compiled.diagnostics.iter().cloned().map(Arc::new).collect();
    // A model with errors lacks declarations, perhaps a forbid: nothing is proved from it.
    if !compiled.has_errors() {
        let (cell, now) = (memory(db, project), clock.now(db));
        let (found, _) = cell.open().check(db, &compiled.model, now);
        return settled(&compiled.model, now, diagnostics, found);
    }
    diagnostics
}

/// The project's memory. It depends on nothing, so it is made once and handed out ever after.
#[salsa::tracked(returns(clone))]
fn memory(_db: &dyn Db, _project: Project) -> Cell {
    Cell::default()
}

/// What the rules find in a model, waivers applied, sorted by place; `now` in seconds since 1970.
pub fn analyze(db: &dyn Db, model: &Model, now: i64) -> Vec<Diagnostic> {
    let (found, _) = Memory::default().check(db, &Arc::new(model.clone()), now);
    settled(model, now, Findings::new(), found).into_iter().map(Arc::unwrap_or_clone).collect()
}

/// Waivers applied to what reading warned of and what the rules found; the former first.
fn settled(model: &Model, now: i64, read: Findings, found: Findings) -> Findings {
    let mut findings = [read.as_slice(), &found].concat();
    waivers::apply(model, now, &mut findings);
    let of_reading = |finding: &&Arc<Diagnostic>| read.iter().any(|one| Arc::ptr_eq(one, finding));
    let first = findings.iter().take_while(of_reading).count();
    findings[first..].sort_by(by_place); // but for the waivers it is in order already
    findings
}
