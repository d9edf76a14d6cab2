//! Artifacts broken on purpose: the proof has to find every one.
//!
//! A row takes what a target emits for a project, changes one place in one file (which must be
//! there), and says what is to be found: that the artifacts allow too much, that they allow too
//! little where they are said to be the same, or that they are no longer understood, which is
//! never taken as proved.

mod cloud;
mod cluster;
mod iam;
mod kubernetes;
mod rego;

use super::agreement::{BUILT, compiled, emit};
use super::projects;
use Found::{Narrower, NotUnderstood, Wider};
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::{Side, Standing, verify};
use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::targets::registry;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// What a mutation is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Wider,
    Narrower,
    NotUnderstood,
}

/// A project of [`projects::ALL`], a file, what is replaced (its first occurrence) by what, and
/// what is to be found.
type Row = (&'static str, &'static str, &'static str, &'static str, Found);

/// What is changed.
#[derive(Clone, Copy, Debug)]
enum Edit {
    /// In a file, the first occurrence of a text becomes another.
    Text(&'static str, &'static str, &'static str),
    /// In a file, every occurrence of a text becomes another.
    Everywhere(&'static str, &'static str, &'static str),
    /// In a JSON file, what a pointer leads to becomes this, or with no text goes away.
    Json(&'static str, &'static str, &'static str),
    /// There is a file more.
    File(&'static str, &'static str),
}

impl Edit {
    /// Makes the change, which has to be one.
    fn apply(self, files: &mut BTreeMap<String, String>) {
        let before = files.clone();
        match self {
            Edit::Text(file, from, to) => {
                let text = files.get_mut(file).expect("the file is emitted");
                *text = text.replacen(from, to, 1);
            }
            Edit::Everywhere(file, from, to) => {
                let text = files.get_mut(file).expect("the file is emitted");
                *text = text.replace(from, to);
            }
            Edit::Json(file, pointer, value) => {
                let text = files.get_mut(file).expect("the file is emitted");
                let mut json: Json = serde_json::from_str(text).expect("JSON");
                let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
                let value = (!value.is_empty()).then(|| serde_json::from_str(value).expect("JSON"));
                match (json.pointer_mut(parent), value) {
                    (Some(Json::Object(fields)), Some(value)) => drop(fields.insert(key.into(), value)),
                    (Some(Json::Object(fields)), None) => drop(fields.remove(key)),
                    (Some(Json::Array(list)), Some(value)) => list[key.parse::<usize>().expect(key)] = value,
                    (Some(Json::Array(list)), None) => drop(list.remove(key.parse().expect(key))),
                    (other, _) => panic!("{pointer} leads through {other:?}"),
                }
                *text = json.to_string();
                assert_ne!(json, serde_json::from_str::<Json>(&before[file]).expect("JSON"), "{self:?}");
            }
            Edit::File(file, text) => drop(files.insert(file.into(), text.into())),
        }
        assert_ne!(*files, before, "{self:?} changes nothing");
    }
}

const PAY: &str = "policies/agent.support-bot.cedar";
const FORBID: &str = "policies/agent.root-bot.cedar";

const CEDAR: &[Row] = &[
    // limits
    ("payments", PAY, "context.args.amount <= 500", "context.args.amount <= 501", Wider),
    ("payments", PAY, "context.args.amount <= 500", "context.args.amount < 500", Narrower),
    ("payments", PAY, "context.args.amount <= 500", "context.args.amount >= 500", Wider),
    ("payments", PAY, "!(context.args.amount > 200)", "!(context.args.amount > 201)", Wider),
    ("payments", PAY, "context.now - context.started <= 900", "context.now - context.started <= 901", Wider),
    (
        "payments",
        PAY,
        "context.now - context.started <= 900",
        "context.now - context.started < 900",
        Narrower,
    ),
    ("payments", PAY, "context.now < 1806451200", "context.now <= 1806451200", Wider),
    ("payments", PAY, "context.now >= 1767225600 && ", "", Wider),
    ("payments", PAY, "context.now >= 1767225600", "context.now > 1767225600", Narrower),
    ("payments", PAY, "context.authn >= 1 }", "context.authn >= 0 }", Wider),
    ("payments", PAY, "context.authn >= 1 }", "context.authn >= 2 }", Narrower),
    // who, what for, with what
    ("payments", PAY, "when { context.purpose == Bailiwick::Purpose::\"refunds\" }\n", "", Wider),
    ("payments", PAY, "context.purpose == ", "context.purpose != ", Wider),
    (
        "payments",
        PAY,
        "permit (\n  principal == Bailiwick::Agent::\"support-bot\"",
        "permit (\n  principal",
        Wider,
    ),
    (
        "payments",
        PAY,
        "permit (\n  principal == Bailiwick::Agent::\"support-bot\"",
        "permit (\n  principal == Bailiwick::Agent::\"weak-bot\"",
        Wider,
    ),
    (
        "payments",
        PAY,
        "action == Bailiwick::Action::\"stripe.lookup\",\n  resource\n)\nwhen",
        "action,\n  resource\n)\nwhen",
        Wider,
    ),
    ("payments", PAY, "[\"EUR\", \"USD\"]", "[\"EUR\", \"USD\", \"GBP\"]", Wider),
    ("payments", PAY, "[\"EUR\", \"USD\"]", "[\"EUR\"]", Narrower),
    ("payments", PAY, "== \"production\"", "!= \"production\"", Wider),
    ("payments", PAY, " && context.session.environment == \"production\"", "", Wider),
    // approvals
    ("payments", PAY, " && context.session.user != \"carol\"", "", Wider),
    ("payments", PAY, "context.now - 3600 <=", "context.now - 3601 <=", Wider),
    ("payments", PAY, "context.now - 3600 <=", "context.now - 3599 <=", Narrower),
    ("payments", PAY, "context.approvals.carol <= context.now && ", "", NotUnderstood),
    ("payments", PAY, "context.approvals has carol", "context.approvals has alice", NotUnderstood),
    // delegation
    ("payments", PAY, "context.hops <= 2", "context.hops <= 3", Wider),
    ("payments", PAY, "context.hops <= 2", "context.hops <= 1", Narrower),
    ("payments", PAY, "when { context.hops == 0 };", ";", Wider),
    ("payments", PAY, "unless { context.authn >= 2 };", "unless { context.authn >= 1 };", Wider),
    // forbids
    ("forbids", FORBID, "context.args.rows > 100", "context.args.rows > 101", Wider),
    ("forbids", FORBID, "context.args.rows > 100", "context.args.rows >= 100", Narrower),
    ("forbids", FORBID, "unless { context.args has rows && !(", "unless { !(", Wider),
    ("forbids", FORBID, "like \"secret*\"", "like \"secret?*\"", Wider),
    ("forbids", FORBID, "like \"secret*\"", "like \"*secret*\"", Narrower),
    (
        "forbids",
        FORBID,
        "when { [Bailiwick::Agent::\"outcast\"].containsAny",
        "when { [Bailiwick::Agent::\"helper\"].containsAny",
        Wider,
    ),
    (
        "forbids",
        FORBID,
        "when { [Bailiwick::DataClass::\"unclassified\"].containsAny(context.data) }",
        "when { false }",
        Wider,
    ),
    (
        "forbids",
        FORBID,
        "!(context.session.environment != \"staging\")",
        "(context.session.environment != \"staging\")",
        Wider,
    ),
    // what is no policy any more, or means something else
    ("payments", PAY, "permit (", "permit [", NotUnderstood),
    ("payments", "schema.cedarschema", "action \"clock.read\"", "action \"clock.write\"", NotUnderstood),
    ("payments", "index.json", "support-bot", "weak-bot", NotUnderstood),
];

/// The rows, each an edit of the first occurrence of its text.
fn texts(rows: &[Row]) -> Vec<(&'static str, Edit, Found)> {
    let edit = |&(project, file, from, to, found): &Row| (project, Edit::Text(file, from, to), found);
    rows.iter().map(edit).collect()
}

#[test]
fn cedar() {
    caught("cedar", &texts(CEDAR));
}

/// Every policy says that it comes from the next grant in its file, from another forbid, and from
/// nowhere in the source.
fn lying(text: String) -> String {
    let named = |line: &str| line.strip_prefix("@grant(").map(str::to_owned);
    let grants: BTreeSet<String> = text.lines().filter_map(named).collect();
    let next = |name: &str| {
        let after = grants.range::<str, _>((Bound::Excluded(name), Bound::Unbounded)).next();
        after.or(grants.first()).cloned().unwrap_or_default()
    };
    let lines = text.lines().map(|line| match named(line) {
        Some(name) => format!("@grant({}\n", next(&name)),
        None if line.starts_with("@forbid(") || line.starts_with("@suspension(") => {
            "@forbid(\"nothing\")\n".to_owned()
        }
        None if line.starts_with("@source(") || line.starts_with("@owner(") => String::new(),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// What a policy says of where it comes from saves work and decides nothing: what is broken is
/// found all the same, and what is not broken is proved.
#[test]
fn annotations_decide_nothing() {
    let lie = |files: &mut BTreeMap<String, String>| {
        for (_, text) in files.iter_mut().filter(|(path, _)| path.ends_with(".cedar")) {
            *text = lying(std::mem::take(text));
        }
    };
    let written: Vec<_> = projects::ALL.iter().map(|written| (written.name, written.text)).collect();
    caught_in("cedar", &written, &texts(CEDAR), lie);
    let row = registry().iter().find(|row| row.name() == "cedar").expect("the target is registered");
    for (name, text) in written {
        let model = compiled(&[("main", text)]);
        let mut emission = emit("cedar", &model);
        lie(&mut emission.files);
        let reading = row.read(&model, &emission.files);
        let proof = verify(&Analysis::new(&model, BUILT), &reading, &emission.outcomes);
        assert_eq!((&proof.open[..], &proof.gaps[..]), (&[][..], &[][..]), "{name}");
        assert!(proof.grants.iter().all(|standing| *standing == Standing::Equal), "{name}");
    }
}

/// Every row of the written projects is found to be what it says.
fn caught(target: &str, rows: &[(&str, Edit, Found)]) {
    let written: Vec<_> = projects::ALL.iter().map(|written| (written.name, written.text)).collect();
    caught_in(target, &written, rows, |_| {});
}

/// Every row of these projects (name, text) is found to be what it says, once its files are disguised.
fn caught_in(
    target: &str,
    projects: &[(&str, &str)],
    rows: &[(&str, Edit, Found)],
    disguise: impl Fn(&mut BTreeMap<String, String>),
) {
    let mut missed = Vec::new();
    for (name, text) in projects {
        let rows: Vec<_> = rows.iter().filter(|row| row.0 == *name).collect();
        if rows.is_empty() {
            continue;
        }
        let model = compiled(&[("main", text)]);
        let emission = emit(target, &model);
        let of = registry().iter().find(|row| row.name() == target).expect("the target is registered");
        let analysis = Analysis::new(&model, BUILT);
        for (_, edit, expected) in rows {
            let mut files = emission.files.clone();
            edit.apply(&mut files);
            disguise(&mut files);
            let reading = of.read(&model, &files);
            let proof = verify(&analysis, &reading, &emission.outcomes);
            // each witness holds by itself, whatever the prover says
            for gap in &proof.gaps {
                let source = decide(&model, &gap.request).is_allow();
                assert_eq!(source, gap.side == Side::Narrower, "{edit:?}: {gap:?}");
            }
            let found = match proof.gaps.first().map(|gap| gap.side) {
                Some(Side::Wider) => Some(Wider),
                Some(Side::Narrower) => Some(Narrower),
                None => (!proof.open.is_empty()).then_some(NotUnderstood),
            };
            if found != Some(*expected) {
                missed.push(format!("{edit:?}: {found:?} and not {expected:?}; {:?}", proof.open));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
