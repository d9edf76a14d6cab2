//! The project's `test` blocks as Rego tests, for whoever deploys the bundle: `opa test`.
//!
//! They decide nothing. What a test leaves to the run, its `now`, is left to it here too.

use super::data::collect;
use crate::model::{Model, TestCase};
use serde_json::json;
use std::fmt::Write;

/// The file; `None` when the project has no tests.
pub(super) fn tests(model: &Model) -> Option<String> {
    let mut out = include_str!("tests.rego").to_owned();
    for (at, test) in model.tests.iter().enumerate() {
        let name: String = test
            .title
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        for (number, case) in test.cases.iter().enumerate() {
            let _ = write!(out, "\ntest_{}_{}_{name} if {{\n{}}}\n", at + 1, number + 1, body(case));
        }
    }
    (!model.tests.is_empty()).then_some(out)
}

fn body(case: &TestCase) -> String {
    let approved = collect(case.approved_ago.iter().map(|(who, ago)| (who.to_string(), json!(ago))));
    let expected = match (case.allow, &case.due_to) {
        (true, _) => "decision.allow".to_owned(),
        (false, None) => "not decision.allow".to_owned(),
        (false, Some(cause)) => format!("due_to(decision, {})", json!(&**cause)),
    };
    format!(
        "\trequest := completed({}, {}, {approved})\n\tdecision := data.bailiwick.decision with input as request\n\t{expected}\n",
        case.request, case.started_ago
    )
}
