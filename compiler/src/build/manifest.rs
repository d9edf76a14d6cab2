//! The manifest: what was built, from what, and what became of every grant.
//!
//! Its JSON Schema is `docs/manifest.schema.json`. Field order is that of the structs, lists are
//! sorted, and nothing in it depends on the machine.

use super::Input;
use crate::model::{Grant, Model, Origin};
use crate::targets::{Assumption, Emission, Fidelity, Outcome, Source};
use crate::types::value::instant_text;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The manifest's path in the output folder.
pub const MANIFEST_FILE: &str = "bailiwick-manifest.json";

/// The version of the manifest's schema.
const VERSION: u32 = 2;

/// What a build says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// The version of this schema.
    pub version: u32,
    /// Who wrote it.
    pub tool: Tool,
    /// The project's name.
    pub project: String,
    /// The clock of the build, RFC 3339.
    pub built_at: String,
    /// The first expiry inside, RFC 3339: from then on some of what was built is void.
    pub not_after: Option<String>,
    /// The version of the time-zone data, when a zoned time was expanded.
    pub time_zones: Option<String>,
    /// What it was built from, sorted by path.
    pub inputs: Vec<InputDigest>,
    /// What was built, sorted by target.
    pub targets: Vec<TargetReport>,
}

/// The compiler that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// Always `bailiwick`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// An input and its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InputDigest {
    /// Relative to the project.
    pub path: String,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What was built for one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetReport {
    /// Its word.
    pub target: String,
    /// What the export takes for granted altogether.
    pub assumptions: Vec<Assumption>,
    /// Its files, sorted by path.
    pub files: Vec<Artifact>,
    /// Every grant, in the fixed order.
    pub grants: Vec<GrantReport>,
    /// Every emitted rule that the target names, sorted by file and id.
    pub rules: Vec<RuleReport>,
}

/// A written file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Artifact {
    /// Relative to the output folder.
    pub path: String,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What became of one grant in one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GrantReport {
    /// The grant.
    pub grant: String,
    /// Its grantee.
    pub agent: String,
    /// Who answers for the grantee.
    pub owner: String,
    /// Its purpose.
    pub purpose: String,
    /// Where it stands.
    pub source: SourcePosition,
    /// How the export compares with it.
    pub result: Fidelity,
    /// What that rests on.
    pub assumptions: Vec<Assumption>,
    /// What the target allows less, and why.
    pub losses: Vec<String>,
    /// What is proved of it.
    pub proof: Proved,
    /// When it ends, RFC 3339.
    pub not_after: Option<String>,
}

/// What is proved of the artifacts of a grant: read back, and held to the source by the solver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "proved")]
pub enum Proved {
    /// They allow the same, as far as the assumptions hold.
    Equal,
    /// They allow no more.
    Within {
        /// Why it is not known that they allow the same, where the result says so.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Nothing.
    Nothing {
        /// Why.
        why: String,
    },
}

/// An emitted rule, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RuleReport {
    /// The file, relative to the output folder.
    pub file: String,
    /// Its name there.
    pub id: String,
    /// `grant`, `forbid` or `suspension`.
    pub kind: &'static str,
    /// The name of the declaration; the agent's for a suspension.
    pub name: String,
    /// For a grant: its grantee's owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// For a grant: its purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Where the declaration stands.
    pub source: SourcePosition,
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourcePosition {
    /// The module: relative to the project without `.grant`, or `std/…`.
    pub module: String,
    /// The line, from 1; absent for modules that are not among the inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl Manifest {
    /// Its JSON, with a final line end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("strings and numbers always serialise");
        text.push('\n');
        text
    }
}

/// Puts the manifest together.
pub(super) fn write(
    model: &Model,
    emissions: &BTreeMap<&'static str, Emission>,
    archives: &BTreeMap<String, Vec<u8>>,
    proofs: &BTreeMap<&'static str, Vec<Proved>>,
    inputs: &[Input],
    now: i64,
) -> Manifest {
    let sources = Sources(inputs.iter().map(|input| (input.path, input.text)).collect());
    let mut digests: Vec<_> = inputs
        .iter()
        .map(|input| InputDigest { path: input.path.to_string(), sha256: sha256(input.text) })
        .collect();
    digests.sort();
    let targets: Vec<_> = emissions
        .iter()
        .map(|(target, emission)| {
            let mut report = report(model, target, emission, &proofs[target], &sources);
            let of_target = archives.iter().filter(|(path, _)| path.split('/').next() == Some(*target));
            let of_target =
                of_target.map(|(path, bytes)| Artifact { path: path.clone(), sha256: sha256(bytes) });
            report.files.extend(of_target);
            report.files.sort();
            report
        })
        .collect();
    let exported = emissions.values().flat_map(|emission| &emission.outcomes);
    let first_expiry = exported
        .filter(|outcome| outcome.result != Fidelity::Refused)
        .filter_map(|outcome| model.grant(outcome.grant).expires)
        .filter(|&expires| expires > now)
        .min();
    Manifest {
        version: VERSION,
        tool: Tool { name: "bailiwick", version: env!("CARGO_PKG_VERSION") },
        project: model.name.to_string(),
        built_at: instant_text(now),
        not_after: first_expiry.map(instant_text),
        time_zones: model.zones.as_ref().map(|zones| zones.to_string()),
        inputs: digests,
        targets,
    }
}

fn report(
    model: &Model,
    target: &str,
    emission: &Emission,
    proofs: &[Proved],
    sources: &Sources,
) -> TargetReport {
    let files = emission
        .files
        .iter()
        .map(|(path, text)| Artifact { path: format!("{target}/{path}"), sha256: sha256(text) })
        .collect();
    let mut rules: Vec<_> = emission
        .rules
        .iter()
        .map(|rule| {
            let file = format!("{target}/{}", rule.file);
            let id = rule.id.clone();
            match rule.from {
                Source::Grant(grant) => {
                    let grant = model.grant(grant);
                    RuleReport {
                        file,
                        id,
                        kind: "grant",
                        name: grant.name.to_string(),
                        owner: Some(owner(model, grant)),
                        purpose: Some(model.purpose(grant.purpose).name.to_string()),
                        source: sources.position(&grant.origin),
                    }
                }
                Source::Forbid(forbid) => {
                    let forbid = model.forbid(forbid);
                    RuleReport {
                        file,
                        id,
                        kind: if forbid.suspension { "suspension" } else { "forbid" },
                        name: forbid.name.to_string(),
                        owner: None,
                        purpose: None,
                        source: sources.position(&forbid.origin),
                    }
                }
            }
        })
        .collect();
    rules.sort();
    TargetReport {
        target: target.to_string(),
        assumptions: emission.assumptions.clone(),
        files,
        grants: emission
            .outcomes
            .iter()
            .zip(proofs)
            .map(|(outcome, proof)| grant_report(model, outcome, proof, sources))
            .collect(),
        rules,
    }
}

fn grant_report(model: &Model, outcome: &Outcome, proof: &Proved, sources: &Sources) -> GrantReport {
    let grant = model.grant(outcome.grant);
    GrantReport {
        grant: grant.name.to_string(),
        agent: model.agent(grant.to).name.to_string(),
        owner: owner(model, grant),
        purpose: model.purpose(grant.purpose).name.to_string(),
        source: sources.position(&grant.origin),
        result: outcome.result,
        assumptions: outcome.assumptions.clone(),
        losses: outcome.losses.clone(),
        proof: proof.clone(),
        not_after: grant.expires.map(instant_text),
    }
}

fn owner(model: &Model, grant: &Grant) -> String {
    model.principal(model.agent(grant.to).owner).name.to_string()
}

/// The inputs' texts by path.
struct Sources<'a>(BTreeMap<&'a str, &'a str>);

impl Sources<'_> {
    fn position(&self, origin: &Origin) -> SourcePosition {
        let text = self.0.get(format!("{}.grant", origin.module).as_str());
        let line = text.map(|text| {
            let upto = text.as_bytes().iter().take(origin.span.start as usize);
            1 + upto.filter(|&&byte| byte == b'\n').count()
        });
        SourcePosition { module: origin.module.to_string(), line }
    }
}

/// The SHA-256 digest of a text or of bytes, in hexadecimal.
pub fn sha256(content: impl AsRef<[u8]>) -> String {
    Sha256::digest(content.as_ref()).iter().map(|byte| format!("{byte:02x}")).collect()
}
