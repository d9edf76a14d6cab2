//! `verify`: whether a deployed directory still allows no more than the source.
//!
//! Digests say which file changed since the build; the proof says whether that matters. What is
//! taken for granted is what this compiler would say of the source today: a manifest that somebody
//! edited cannot make a proof easier.

use super::{envelope, unsound};
use crate::args::Format;
use crate::clock;
use crate::console::Console;
use crate::progress;
use crate::render::{counted, json, visible};
use crate::session::Session;
use crate::status::{Failure, Status};
use crate::workspace::{as_inputs, read_built, read_built_bytes, reason};
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::{Gap, Proof, Side, Standing, verify};
use bailiwick_compiler::build::{MANIFEST_FILE, archive, sha256};
use bailiwick_compiler::model::Model;
use bailiwick_compiler::request;
use bailiwick_compiler::targets::{Fidelity, Target, registry};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The most files that a target's folder may have.
const MOST: usize = 1_000_000;

/// What is read of a manifest.
#[derive(Deserialize)]
struct Manifest {
    inputs: Vec<Digest>,
    targets: Vec<Built>,
}

#[derive(Deserialize)]
struct Digest {
    path: String,
    sha256: String,
}

#[derive(Deserialize)]
struct Built {
    target: String,
    files: Vec<Digest>,
}

/// What is found of a directory.
#[derive(Serialize)]
struct Answer {
    dir: String,
    /// Inputs that are no longer what the directory was built from.
    stale: Vec<String>,
    targets: Vec<Verified>,
}

/// What is found of one target.
#[derive(Serialize)]
struct Verified {
    target: &'static str,
    changed: Vec<String>,
    added: Vec<String>,
    missing: Vec<String>,
    /// How many grants are proved to be the same, to be within, and neither; and of how many nothing is
    /// exported, which is within anything.
    equal: usize,
    within: usize,
    unproved: usize,
    refused: usize,
    differences: Vec<Difference>,
    open: Vec<String>,
}

/// A request that the directory and the source decide differently.
#[derive(Serialize)]
struct Difference {
    side: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    request: Box<serde_json::value::RawValue>,
}

pub fn run(
    console: &mut Console,
    dir: &Path,
    path: &Path,
    now: Option<i64>,
    format: Format,
) -> Result<Status, Failure> {
    let now = clock::now(now)?;
    let session = Session::open(path)?;
    let compiled = match session.sound() {
        Ok(compiled) => compiled,
        Err(findings) => return unsound(console, &session, "verify", format, &findings),
    };
    let model = &compiled.model;
    let manifest = manifest(&dir.join(MANIFEST_FILE))?;
    let analysis = Analysis::new(model, now);
    let texts = session.workspace.inputs();
    let sources: BTreeMap<&str, String> =
        as_inputs(&texts).into_iter().map(|input| (input.path, sha256(input.text))).collect();
    let built_from: BTreeSet<&str> = manifest.inputs.iter().map(|input| input.path.as_str()).collect();
    let stale = manifest.inputs.iter().filter(|input| sources.get(&*input.path) != Some(&input.sha256));
    let stale = stale.map(|input| input.path.clone());
    let new = sources.keys().filter(|path| !built_from.contains(*path)).map(|path| path.to_string());
    let stale = stale.chain(new).collect();
    let known = |built: &&Built| registry().iter().any(|target| target.name() == built.target);
    if let Some(built) = manifest.targets.iter().find(|built| !known(built)) {
        let what = format!("there is no target `{}`", built.target);
        return Err(Failure::at(&dir.join(MANIFEST_FILE), "cannot be used", what));
    }
    let mut targets = Vec::new();
    for target in registry() {
        let built: Vec<&Built> =
            manifest.targets.iter().filter(|built| built.target == target.name()).collect();
        // what a manifest does not mention is deployed all the same
        if built.is_empty() && fs::symlink_metadata(dir.join(target.name())).is_err() {
            continue;
        }
        let files: Vec<&Digest> = built.iter().flat_map(|built| &built.files).collect();
        targets.push(progress::during("verifying", || verified(&analysis, dir, *target, &files))?);
    }
    if targets.is_empty() {
        return Err(Failure::at(dir, "cannot be verified", "there is no folder of a target in it"));
    }
    let answer = Answer { dir: dir.display().to_string(), stale, targets };
    let differs = answer.targets.iter().any(|target| !target.differences.is_empty());
    let open = answer.targets.iter().any(|target| !target.open.is_empty());
    let status = match (differs, open) {
        (true, _) => Status::Findings,
        (false, true) => Status::Undecided,
        (false, false) => Status::Clean,
    };
    match format {
        Format::Human => console.print(&visible(&report(&answer)))?,
        Format::Json => console.print(&json::document(&envelope(&session, "verify", status, answer)))?,
    }
    Ok(status)
}

fn manifest(path: &Path) -> Result<Manifest, Failure> {
    serde_json::from_str(&read_built(path)?).map_err(|error| {
        Failure::at(path, "is not a manifest", error)
            .help("name the folder that `bailiwick build --out` wrote")
    })
}

fn verified(
    analysis: &Analysis,
    dir: &Path,
    target: &'static dyn Target,
    built: &[&Digest],
) -> Result<Verified, Failure> {
    let prefix = format!("{}/", target.name());
    let listed: BTreeMap<&str, &str> = built
        .iter()
        .filter_map(|file| Some((file.path.strip_prefix(&prefix)?, file.sha256.as_str())))
        .collect();
    let packed = target.archive().map(|(path, _)| path);
    let Deployed { texts: files, archive: archived } = deployed(&dir.join(target.name()), packed)?;
    let contents = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
    let contents: BTreeMap<&str, &[u8]> = contents.chain(packed.zip(archived.as_deref())).collect();
    let emission = target.emit(analysis.model, analysis.now);
    let reading = target.read(analysis.model, &files);
    let Proof { grants, gaps, mut open } = verify(analysis, &reading, &emission.outcomes);
    let expected = archive(target, &files).map(|(_, bytes)| bytes);
    if archived.is_some() && archived != expected {
        open.push(format!("`{prefix}{}` does not hold what is beside it", packed.unwrap_or_default()));
    }
    let named = |path: &str| format!("{prefix}{path}");
    let changed = contents
        .iter()
        .filter(|(path, content)| listed.get(*path).is_some_and(|digest| **digest != *sha256(content)));
    let count = |fits: fn(&Standing, bool) -> bool| {
        let standings = grants.iter().zip(&emission.outcomes);
        standings.filter(|(standing, of)| fits(standing, of.result == Fidelity::Refused)).count()
    };
    Ok(Verified {
        target: target.name(),
        changed: changed.map(|(path, _)| named(path)).collect(),
        added: contents.keys().filter(|path| !listed.contains_key(*path)).map(|path| named(path)).collect(),
        missing: listed.keys().filter(|path| !contents.contains_key(*path)).map(|path| named(path)).collect(),
        equal: count(|standing, _| *standing == Standing::Equal),
        within: count(|standing, refused| is_within(standing) && !refused),
        unproved: count(|standing, _| matches!(standing, Standing::NotProved(_))),
        refused: count(|standing, refused| is_within(standing) && refused),
        differences: gaps.iter().map(|gap| difference(analysis.model, gap, &prefix)).collect(),
        open,
    })
}

fn is_within(standing: &Standing) -> bool {
    matches!(standing, Standing::Within | Standing::WithinAtLeast(_))
}

fn difference(model: &Model, gap: &Gap, prefix: &str) -> Difference {
    let (file, rule) = gap.rule.clone().unzip();
    Difference {
        side: match gap.side {
            Side::Wider => "wider",
            Side::Narrower => "narrower",
        },
        grant: gap.grant.map(|grant| model.grant(grant).name.to_string()),
        file: file.map(|file| format!("{prefix}{file}")),
        rule,
        request: json::raw(&request::write(model, &gap.request)),
    }
}

/// What is there of a target.
#[derive(Default)]
struct Deployed {
    /// Texts by path.
    texts: BTreeMap<String, String>,
    /// The archive of some of them.
    archive: Option<Vec<u8>>,
}

/// Every file below a folder, by its path in it; one of them may be an archive. Links are not
/// followed: an engine that follows them reads what no build wrote.
fn deployed(folder: &Path, archive: Option<&str>) -> Result<Deployed, Failure> {
    let mut found = Deployed::default();
    let mut waiting = vec![String::new()];
    while let Some(below) = waiting.pop() {
        let at = folder.join(&below);
        let wrong = |error: std::io::Error| Failure::at(&at, "cannot be read", reason(&error));
        let entries = match fs::read_dir(&at) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            entries => entries.map_err(wrong)?,
        };
        for entry in entries {
            let entry = entry.map_err(wrong)?;
            let name = entry.file_name().into_string();
            let name =
                name.map_err(|_| Failure::at(&entry.path(), "cannot be read", "its name is no text"))?;
            let name = if below.is_empty() { name } else { format!("{below}/{name}") };
            let kind = entry.file_type().map_err(wrong)?;
            if kind.is_dir() {
                waiting.push(name);
            } else if kind.is_file() && archive == Some(name.as_str()) {
                found.archive = Some(read_built_bytes(&entry.path())?);
            } else if kind.is_file() && found.texts.len() < MOST {
                found.texts.insert(name, read_built(&entry.path())?);
            } else {
                return Err(Failure::at(
                    &entry.path(),
                    "cannot be verified",
                    "it is a link, or one file too many",
                ));
            }
        }
    }
    Ok(found)
}

/// For a person: what changed, and what it comes to.
fn report(answer: &Answer) -> String {
    let mut text = String::new();
    for path in &answer.stale {
        let _ = writeln!(text, "note: `{path}` is no longer what this was built from");
    }
    for target in &answer.targets {
        let kinds = [("changed", &target.changed), ("added", &target.added), ("missing", &target.missing)];
        for (word, paths) in kinds {
            for path in paths {
                let _ = writeln!(text, "note: `{path}` is {word} since the build");
            }
        }
        for found in &target.differences {
            let of = found.grant.as_ref().map_or_else(String::new, |grant| format!(" of grant `{grant}`"));
            let by = found.rule.as_ref().map_or_else(String::new, |rule| format!(" by `{rule}`"));
            let at = found.file.as_ref().map_or_else(String::new, |file| format!(" in `{file}`"));
            let (word, what) = match found.side {
                "wider" => ("error", "is allowed against its source"),
                _ => ("warning", "is denied against its source"),
            };
            let _ = writeln!(
                text,
                "{word}: {}: a request{of} {what}{by}{at}\n  {}",
                target.target, found.request
            );
        }
        for why in &target.open {
            let _ = writeln!(text, "undecided: {}: {why}", target.target);
        }
        let Verified { equal, within, unproved, refused, .. } = target;
        let _ = writeln!(
            text,
            "{}: {} proved the same, {within} proved within, {unproved} not proved, {refused} refused",
            target.target,
            counted(*equal, "grant")
        );
    }
    text
}
