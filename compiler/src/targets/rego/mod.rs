//! Rego v1: a module that reads the request contract itself, and the project as its data.
//!
//! The module is the same for every project, so it can be reviewed once; `data.json` is what a
//! policy change changes. Together with `.manifest` they are an OPA bundle; the project's tests go
//! with it. The module checks that a request is well formed; what a JSON parser hides from it (a
//! key that comes twice) is an assumption.

mod condition;
mod data;
mod index;
mod policy;
mod read;
mod revoke;
mod tests;

use super::reading::Reading;
use super::{Assumption, Emission, Fidelity, Outcome, Target};
use crate::model::*;
use crate::revoke::{Revocation, Revoked};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The files of a bundle.
const MANIFEST: &str = ".manifest";
const DATA: &str = "data.json";
const MODULE: &str = "policy.rego";
const TESTS: &str = "policy_test.rego";

/// The target.
pub struct Rego;

impl Target for Rego {
    fn name(&self) -> &'static str {
        "rego"
    }

    /// Every tool exists in Rego: no binding is needed.
    fn applies(&self, model: &Model) -> bool {
        !model.ops.is_empty()
    }

    fn emit(&self, model: &Model, _now: i64) -> Emission {
        let (policy, data) = (policy::policy(model), pretty(&data::data(model)));
        let manifest = pretty(&manifest(&revision(&policy, &data)));
        let files = [(MANIFEST, manifest), (DATA, data), (MODULE, policy)];
        let tests = tests::tests(model).map(|text| (TESTS, text));
        let outcome = |at| Outcome {
            grant: GrantId::at(at),
            result: Fidelity::ExactUnderAssumptions,
            assumptions: vec![Assumption::StrictJson],
            losses: Vec::new(),
        };
        Emission {
            files: files
                .into_iter()
                .chain(tests)
                .map(|(path, text)| (path.to_owned(), text))
                .collect::<BTreeMap<_, _>>(),
            outcomes: (0..model.grants.len()).map(outcome).collect(),
            assumptions: vec![Assumption::StrictJson],
            rules: Vec::new(),
        }
    }

    fn archive(&self) -> Option<(&'static str, &'static [&'static str])> {
        Some(("bundle.tar.gz", &[MANIFEST, DATA, MODULE]))
    }

    fn read(&self, model: &Model, files: &BTreeMap<String, String>) -> Reading {
        read::read(model, files)
    }

    fn revoke(&self, revocation: &Revocation, _model: Option<&Model>) -> Revoked {
        revoke::revoke(revocation)
    }
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).expect("the data is plain JSON") + "\n"
}

/// What OPA is told of the bundle: that it owns nothing but its own package.
fn manifest(revision: &str) -> Json {
    data::object([("revision", json!(revision)), ("rego_version", json!(1)), ("roots", json!(["bailiwick"]))])
}

/// The digest of what the bundle says: OPA reports it with each decision.
fn revision(policy: &str, data: &str) -> String {
    let mut digest = Sha256::new();
    for text in [policy, data] {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
