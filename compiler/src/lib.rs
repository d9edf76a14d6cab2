//! Tree to model: names, types, the meaning, and the export targets.

pub mod build;
mod cell;
pub mod db;
pub mod diagnostic;
pub mod evaluator;
pub mod fix;
pub mod import;
pub mod lock;
mod lower;
pub mod manifest;
pub mod model;
pub mod places;
pub mod question;
pub mod request;
pub mod resolve;
pub mod revoke;
mod syntax;
pub mod targets;
pub mod types;

pub use cell::Cell;
pub use db::{Compiled, Database, Db, Project, SourceFile, compile, compile_text, parse};
pub use diagnostic::{Diagnostic, Explanation};
pub use lower::unknown_findings;
pub use model::Model;

/// The documentation of every code that reading and compiling can raise, sorted by code.
pub fn explanations() -> Vec<Explanation> {
    let tables = [
        lock::EXPLANATIONS,
        manifest::EXPLANATIONS,
        resolve::modules::EXPLANATIONS,
        resolve::names::EXPLANATIONS,
        types::EXPLANATIONS,
        types::literal::EXPLANATIONS,
    ];
    let tables = tables.into_iter().flatten().copied();
    let mut all: Vec<Explanation> =
        tables.chain(lower::explanations()).chain(syntax::explanations()).collect();
    all.sort_by_key(|explanation| explanation.code);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Those whose example needs more than one module, a lock file, or 4 GiB of text.
    const ELSEWHERE: [&str; 8] = [
        "bad-lock",
        "bad-manifest",
        "file-too-large",
        "lock-changed",
        "module-cycle",
        "not-visible",
        "unknown-finding",
        "leaves-project",
    ];

    #[test]
    fn every_example_raises_its_code() {
        let all = explanations();
        let codes: BTreeSet<&str> = all.iter().map(|explanation| explanation.code).collect();
        assert_eq!(codes.len(), all.len(), "a code is explained twice");
        let mut silent = Vec::new();
        for explanation in all.iter().filter(|one| !ELSEWHERE.contains(&one.code)) {
            let found = compile_text(&[("main", explanation.example)]);
            let raised = found.diagnostics.iter().find(|found| found.code == explanation.code);
            if raised.map(|raised| raised.severity) != Some(explanation.severity) {
                silent.push((
                    explanation.code,
                    found.diagnostics.iter().map(|d| (d.code, d.message.clone())).collect::<Vec<_>>(),
                ));
            }
        }
        assert!(silent.is_empty(), "{silent:#?}");
    }

    #[test]
    fn the_standard_library_has_no_errors() {
        for (module, _) in bailiwick_stdlib::modules() {
            let found = compile_text(&[("main", &format!("use {module}\n"))]);
            assert_eq!(found.diagnostics.as_slice(), [], "{module}");
        }
    }
}
