//! The whole check of any text: names, types, proofs; whatever it finds stands in the text.
#![no_main]

use bailiwick_analyzer::{Clock, check};
use bailiwick_compiler::{Database, Project, SourceFile};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|source: &str| {
    let db = Database::default();
    let file = SourceFile::new(&db, "main".into(), source.into());
    let project = Project::new(&db, vec![file], Arc::default(), None);
    let clock = Clock::new(&db, 1_795_262_400);
    for found in check(&db, project, clock) {
        for at in found.at.iter().chain(found.labels.iter().map(|label| &label.at)) {
            assert!(&*at.module != "main" || source.get(at.span.range()).is_some(), "{found:?}");
        }
    }
});
