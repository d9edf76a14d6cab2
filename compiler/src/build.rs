//! Model to everything that `bailiwick build` writes: each target's artifacts and the manifest.
//!
//! Nothing is read and nothing is written here: the inputs' texts come in, a map from path to text
//! goes out. The same inputs, clock and version give the same bytes.

mod archive;
mod manifest;

pub use archive::archive;
pub use manifest::{
    Artifact, GrantReport, InputDigest, MANIFEST_FILE, Manifest, Proved, RuleReport, SourcePosition,
    TargetReport, Tool, sha256,
};

use crate::model::Model;
use crate::targets::{Emission, Fidelity, Outcome, Target};
use std::collections::BTreeMap;

/// A file that the project was read from: a module, `bailiwick.toml` or `bailiwick.lock`.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Relative to the project, with `/`; a module ends in `.grant`.
    pub path: &'a str,
    /// What was in it.
    pub text: &'a str,
}

/// What a build gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Texts by path: `TARGET/…` for each target, and [`MANIFEST_FILE`].
    pub files: BTreeMap<String, String>,
    /// Archives of them, by path.
    pub archives: BTreeMap<String, Vec<u8>>,
    /// What the manifest file says.
    pub manifest: Manifest,
    /// What became of each grant, by target.
    pub outcomes: BTreeMap<&'static str, Vec<Outcome>>,
}

impl Build {
    /// All that is written, by path.
    pub fn contents(&self) -> BTreeMap<&str, &[u8]> {
        let texts = self.files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
        texts.chain(self.archives.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))).collect()
    }

    /// How many grants ended so, over all targets.
    pub fn count(&self, result: Fidelity) -> usize {
        self.outcomes.values().flatten().filter(|outcome| outcome.result == result).count()
    }
}

/// The targets that a project is built for when it does not say: those its tools are bound to.
pub fn applicable(model: &Model) -> Vec<&'static dyn Target> {
    crate::targets::registry().iter().copied().filter(|target| target.applies(model)).collect()
}

/// Says what is proved of a target's artifacts, a grant each, in the order of the outcomes. The
/// proof is the analyzer's, which this crate does not know.
pub type Prove<'p> = dyn FnMut(&'static dyn Target, &Emission) -> Vec<Proved> + 'p;

/// Builds a model for these targets; `now` is in seconds since 1970.
pub fn build(
    model: &Model,
    targets: &[&'static dyn Target],
    inputs: &[Input],
    now: i64,
    prove: &mut Prove,
) -> Build {
    let emissions: BTreeMap<&'static str, Emission> =
        targets.iter().map(|target| (target.name(), target.emit(model, now))).collect();
    let proofs: BTreeMap<&'static str, Vec<Proved>> =
        targets.iter().map(|target| (target.name(), prove(*target, &emissions[target.name()]))).collect();
    let archives = targets.iter().filter_map(|target| {
        let (path, bytes) = archive(*target, &emissions[target.name()].files)?;
        Some((format!("{}/{path}", target.name()), bytes))
    });
    let archives = archives.collect();
    let manifest = manifest::write(model, &emissions, &archives, &proofs, inputs, now);
    let mut files = BTreeMap::new();
    let mut outcomes = BTreeMap::new();
    for (target, emission) in emissions {
        let of_target = emission.files.into_iter().map(|(path, text)| (format!("{target}/{path}"), text));
        files.extend(of_target);
        outcomes.insert(target, emission.outcomes);
    }
    files.insert(MANIFEST_FILE.to_string(), manifest.to_json());
    Build { files, archives, manifest, outcomes }
}
