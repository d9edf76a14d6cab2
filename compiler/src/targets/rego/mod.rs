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
mod rules;
mod tests;
mod text;
mod tree;

use super::reading::Reading;
use super::{Assumption, Emission, Fidelity, Outcome, Target};
use crate::model::*;
use crate::revoke::{Revocation, Revoked};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use tree::Document;

const MANIFEST: &str = ".manifest";
const DATA: &str = "data.json";
const MODULE: &str = "policy.rego";
const RULES: &str = "rules.rego";
const TESTS: &str = "policy_test.rego";

/// The target, by where its module finds grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rego {
    /// In the data, by agent, purpose and operation: as fast in any engine.
    Data,
    /// Among rules that follow from the data, a rule a line of a grant: faster in OPA, which has an
    /// index for rules, and slow in an engine that has none.
    Indexed,
}

impl Rego {
    /// The files of a bundle.
    fn bundle(self) -> &'static [&'static str] {
        match self {
            Rego::Data => &[MANIFEST, DATA, MODULE],
            Rego::Indexed => &[MANIFEST, DATA, MODULE, RULES],
        }
    }
}

impl Target for Rego {
    fn name(&self) -> &'static str {
        match self {
            Rego::Data => "rego",
            Rego::Indexed => "rego-indexed",
        }
    }

    /// Every tool exists in Rego: no binding is needed. The form for engines with an index is there for who asks.
    fn applies(&self, model: &Model) -> bool {
        match self {
            Rego::Data => !model.ops.is_empty(),
            Rego::Indexed => false,
        }
    }

    fn emit(&self, model: &Model, _now: i64) -> Emission {
        let (policy, data) = (policy::policy(*self, model), data::data(model));
        let rules = (*self == Rego::Indexed).then(|| {
            let Document { bailiwick } = Document::deserialize(&data).expect("what is written can be read");
            (RULES, rules::rules(&bailiwick.estate))
        });
        let decides = [(MODULE, policy), (DATA, pretty(&data))].into_iter().chain(rules);
        let mut files: BTreeMap<_, _> = decides.collect();
        files.insert(MANIFEST, pretty(&manifest(&revision(files.values()))));
        files.extend(tests::tests(model).map(|text| (TESTS, text)));
        let outcome = |at| Outcome {
            grant: GrantId::at(at),
            result: Fidelity::ExactUnderAssumptions,
            assumptions: vec![Assumption::StrictJson],
            losses: Vec::new(),
        };
        Emission {
            files: files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect(),
            outcomes: (0..model.grants.len()).map(outcome).collect(),
            assumptions: vec![Assumption::StrictJson],
            rules: Vec::new(),
        }
    }

    fn archive(&self) -> Option<(&'static str, &'static [&'static str])> {
        Some(("bundle.tar.gz", self.bundle()))
    }

    fn read(&self, model: &Model, files: &BTreeMap<String, String>) -> Reading {
        read::read(*self, model, files)
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
fn revision<'a>(texts: impl Iterator<Item = &'a String>) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
