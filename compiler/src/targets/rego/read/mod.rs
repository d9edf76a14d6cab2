//! Reads a bundle back: `data.json` to a tree of its own (`super::tree`), conditions to the model's
//! (`condition`), grants and forbids to predicates over requests (`lift`).
//!
//! The module has to be, byte for byte, the one that this version writes: what the data means is
//! what the module makes of it. Rules have to be those that follow from the data that is read.
//! That the two make of it what is read here is not proved but tried, with every engine. The data is
//! read strictly, whoever wrote it.

mod condition;
mod lift;

use super::tree::{Document, Estate, Root};
use super::{DATA, MANIFEST, MODULE, RULES, Rego, TESTS, data, manifest, policy, rules, tests};
use crate::import::json::Json as Strict;
use crate::model::*;
use crate::targets::Source;
use crate::targets::reading::{Predicate, ReadRule, Reading, Unread};
use lift::Lift;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What the files of a deployment say.
pub(super) fn read(form: Rego, model: &Model, files: &BTreeMap<String, String>) -> Reading {
    let mut reading = Reading::default();
    let mut unread = |file: &str, what: String| reading.unread.push(Unread { file: file.into(), what });
    let written = |path: &&str| form.bundle().contains(path) || *path == TESTS;
    for path in files.keys().map(String::as_str).filter(|path| !written(path)) {
        unread(path, "no build writes this file".into());
    }
    // tests decide nothing, as long as they are these: anything else in their file might
    if files.get(TESTS).is_some_and(|text| Some(text) != tests::tests(model).as_ref()) {
        unread(TESTS, "these are not the tests that this version writes for this project".into());
    }
    if files.get(MODULE) != Some(&policy::policy(form, model)) {
        unread(MODULE, "this is not the module that this version writes for this project".into());
    }
    if let Err(what) = files.get(MANIFEST).ok_or_else(missing).and_then(|text| bundle(text)) {
        unread(MANIFEST, what);
    }
    match files.get(DATA).ok_or_else(missing).and_then(|text| document(text)) {
        Ok(Document { bailiwick: Root { estate } }) => match (form, files.get(RULES)) {
            // what is granted is what the rules say: where they do not say it, the data does not either
            (Rego::Indexed, None) => unread(RULES, missing()),
            (Rego::Indexed, Some(text)) if *text != rules::rules(&estate) => {
                unread(RULES, format!("these are not the rules that follow from `{DATA}`"));
            }
            _ => said(model, estate, &mut reading),
        },
        Err(what) => unread(DATA, what),
    }
    reading
}

/// The document, when nothing in it is unknown, comes twice or is of another type.
fn document(text: &str) -> Result<Document, String> {
    Strict::read(text)?;
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Whether the bundle owns what this version's owns. Its revision is a name that decides nothing.
fn bundle(text: &str) -> Result<(), String> {
    Strict::read(text)?;
    let read: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let revision = read["revision"].as_str().ok_or("it has no revision")?;
    match read == manifest(revision) {
        true => Ok(()),
        false => Err("its roots or its version are not those that this version writes".into()),
    }
}

fn missing() -> String {
    "it is missing".into()
}

/// Adds what the data says, or what of it is not understood.
fn said(model: &Model, mut estate: Estate, reading: &mut Reading) {
    let by_op = estate.take_listed(model);
    let estate = &estate;
    let mut unread = |what: String| reading.unread.push(Unread { file: DATA.into(), what });
    let tools = ("tools", data::tools(model, &|_| &[]));
    for ((section, written), read) in data::request(model).into_iter().chain([tools]).zip(estate.request()) {
        if read != (section, &written) {
            unread(format!(
                "`{section}` is not what is written for this project, and what rules mean rests on it"
            ));
        }
    }
    for (name, agent) in &estate.agents {
        let declared = model.agent_named(name).map(|id| model.agent(id));
        if declared.is_none_or(|declared| agent.answerable != data::answerable(model, declared)) {
            unread(format!("agent `{name}` is not declared, or has another owner"));
        }
    }
    let lift = match Lift::new(model, &estate.agents, policy::deepest(model)) {
        Ok(lift) => lift,
        Err(what) => return unread(what),
    };
    let candidates = lift.candidates(estate).unwrap_or_else(|what| {
        unread(what);
        Vec::new()
    });
    let rule =
        |name: &str, from, holds| ReadRule { file: DATA.into(), id: name.into(), from, part: 0, holds };
    for (name, root, purpose, ops) in candidates {
        // the module finds no grant of that name: nothing is allowed by it
        let Some(grant) = estate.grants.get(&name) else { continue };
        match lift.authorises(grant, root, purpose, &ops) {
            Ok(holds) => reading.permits.push(rule(&name, lift.grant(&name).map(Source::Grant), holds)),
            Err(what) => unread(format!("grant `{name}`: {what}")),
        }
    }
    let listed = lift.listed(estate, &by_op).unwrap_or_else(|what| {
        unread(what);
        reading.denials.push(rule("", None, Predicate::TRUE));
        BTreeMap::new()
    });
    for (key, forbid) in &estate.forbids {
        // what may be denied by it is not said to be allowed
        let matches = lift.matches(forbid).unwrap_or_else(|what| {
            unread(format!("`{key}`: {what}"));
            Predicate::TRUE
        });
        let looked_at = listed.get(key.as_str()).cloned().unwrap_or(Predicate::TRUE);
        let from = lift.forbid(&forbid.kind, &forbid.name).map(Source::Forbid);
        reading.denials.push(rule(key, from, Predicate::All(vec![looked_at, matches])));
    }
}
