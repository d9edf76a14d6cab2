//! The conformance vectors (see `README.md` beside this file) against the reference evaluator.

mod schema;

use bailiwick_compiler::Model;
use bailiwick_compiler::evaluator::{Decision, Denial, decide};
use bailiwick_compiler::request::read;
use bailiwick_testkit::{vector_model, vectors};

/// The reference evaluator's decision and reason, as vectors write them.
fn decided(model: &Model, text: &str) -> (&'static str, String) {
    let Ok(request) = read(model, text) else { return ("deny", "ill-formed".into()) };
    match decide(model, &request) {
        Decision::Allow(grant) => ("allow", format!("grant {}", model.grant(grant).name)),
        Decision::Deny(Denial::NoGrant) => ("deny", "no-grant".into()),
        Decision::Deny(Denial::Forbidden(forbid)) => {
            let forbid = model.forbid(forbid);
            let kind = if forbid.suspension { "suspended" } else { "forbid" };
            ("deny", format!("{kind} {}", forbid.name))
        }
    }
}

#[test]
fn the_reference_evaluator_conforms() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, vectors) in vectors() {
        let model = vector_model(&vectors.project);
        for case in &vectors.cases {
            count += 1;
            let (decision, reason) = decided(&model, case.text());
            if (decision, &reason) != (&case.decision, &case.reason) {
                wrong.push(format!(
                    "{file} ({}), {}: expected {} ({}), got {decision} ({reason})\n  {}",
                    vectors.clause,
                    case.name,
                    case.decision,
                    case.reason,
                    case.text()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} vectors:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 400, "only {count} vectors");
}

#[test]
fn vectors_are_named_apart_and_their_reasons_fit_their_decisions() {
    for (file, vectors) in vectors() {
        let mut names: Vec<&str> = vectors.cases.iter().map(|case| case.name.as_str()).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{file}: a name comes twice");
        for case in &vectors.cases {
            let allowed = case.reason.starts_with("grant ");
            assert_eq!(allowed, case.decision == "allow", "{file}, {}", case.name);
            assert!(allowed || case.decision == "deny", "{file}, {}", case.name);
        }
    }
}
