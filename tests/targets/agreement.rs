//! Asks the reference evaluator and an engine the same, and holds the one to the other.

use super::projects;
use bailiwick_compiler::evaluator::{Decision, decide};
use bailiwick_compiler::targets::{Emission, registry};
use bailiwick_compiler::{Model, compile_text, request};
use bailiwick_testkit::{Options, project, requests};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What an engine said: the grants behind an allowance.
pub type Answer = Option<Vec<String>>;

/// An engine that was given what a target emitted.
pub trait Engine {
    /// Asks it for a decision.
    fn decide(&mut self, model: &Model, request: &str) -> Answer;

    /// Whether the engine's own JSON parser hides from the policy what the request says: what
    /// [`Assumption::StrictJson`](bailiwick_compiler::targets::Assumption::StrictJson) leaves to the enforcement point.
    fn is_blind_to(&self, _model: &Model, _request: &str) -> bool {
        false
    }

    /// Told of every request and what the reference says of it, for engines that are asked elsewhere.
    fn record(&mut self, _what: &str, _request: &str, _expected: Option<&str>) {}
}

/// How often the two agreed, and how often they agreed to allow.
#[derive(Default)]
pub struct Tally {
    pub asked: usize,
    pub allowed: usize,
    pub ill_formed: usize,
    pub hidden: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.allowed += other.allowed;
        self.ill_formed += other.ill_formed;
        self.hidden += other.hidden;
    }

    /// Asks both; panics where they differ.
    pub fn ask(&mut self, what: &str, model: &Model, engine: &mut impl Engine, json: &str) {
        let read = request::read(model, json);
        let expected = match &read {
            Ok(request) => match decide(model, request) {
                Decision::Allow(grant) => Some(model.grant(grant).name.to_string()),
                Decision::Deny(_) => None,
            },
            Err(_) => None,
        };
        engine.record(what, json, expected.as_deref());
        if engine.is_blind_to(model, json) {
            self.hidden += 1;
            return;
        }
        let answer = engine.decide(model, json);
        let agrees = match (&expected, &answer) {
            (None, None) => true,
            (Some(grant), Some(grants)) => grants.contains(grant),
            (Some(_), None) | (None, Some(_)) => false,
        };
        assert!(
            agrees,
            "{what}: the reference says {expected:?} ({read:?}), the engine {answer:?}, of\n{json}"
        );
        self.asked += 1;
        self.allowed += usize::from(expected.is_some());
        self.ill_formed += usize::from(read.is_err());
    }
}

/// When the tests build, and prove: amid the lives of most grants.
pub const BUILT: i64 = 1_792_000_000;

/// What the target emits for the model.
pub fn emit(target: &str, model: &Model) -> Emission {
    let found = registry().iter().find(|row| row.name() == target).expect("the target is registered");
    found.emit(model, BUILT)
}

/// How many requests are asked at least: `BAILIWICK_REQUESTS`, or what every `cargo test` can afford.
pub fn wanted() -> usize {
    std::env::var("BAILIWICK_REQUESTS").map_or(20_000, |count| count.parse().expect("a number of requests"))
}

/// Asks an engine about the hand-written projects, the conformance vectors, the examples and as
/// many generated projects as it takes.
pub fn agree<E: Engine>(target: &str, start: impl Fn(&str, &Model, &Emission) -> E + Sync) {
    let mut tally = Tally::default();
    for written in projects::ALL {
        let model = compiled(&[("main", written.text)]);
        let mut engine = start(written.name, &model, &emit(target, &model));
        for (title, allowed, json) in projects::cases(written) {
            let (before, hidden) = (tally.allowed, tally.hidden);
            tally.ask(&title, &model, &mut engine, &json);
            assert!(
                tally.hidden > hidden || (tally.allowed > before) == allowed,
                "{title}: the reference decides otherwise of\n{json}"
            );
        }
        for json in requests(&model, 7, 400) {
            tally.ask(written.name, &model, &mut engine, &json);
        }
    }
    let mut vectors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, group) in bailiwick_testkit::vectors() {
        assert!(!group.cases.is_empty(), "{file} has no vectors");
        let texts = group.cases.iter().map(|case| case.text().to_owned());
        vectors.entry(group.project).or_default().extend(texts);
    }
    for (name, cases) in vectors {
        let model = bailiwick_testkit::vector_model(&name);
        let mut engine = start(&format!("vectors-{name}"), &model, &emit(target, &model));
        for json in cases {
            tally.ask(&name, &model, &mut engine, &json);
        }
    }
    for name in EXAMPLES {
        let model = example(name);
        let mut engine = start(&format!("example-{name}"), &model, &emit(target, &model));
        for json in requests(&model, 11, 400) {
            tally.ask(name, &model, &mut engine, &json);
        }
    }
    let wanted = wanted();
    generated(&start, &mut tally, target, wanted);
    let Tally { asked, allowed, ill_formed, hidden } = tally;
    println!("{target}: {asked} requests, {allowed} allowed, {ill_formed} ill formed, {hidden} not asked");
    assert!(
        asked >= wanted && allowed * 10 >= asked * 3 && ill_formed * 100 >= asked,
        "the requests are lopsided"
    );
}

/// Asks about generated projects, one after the other, on as many threads as the machine has cores,
/// until enough was asked.
fn generated<E: Engine>(
    start: &(impl Fn(&str, &Model, &Emission) -> E + Sync),
    tally: &mut Tally,
    target: &str,
    wanted: usize,
) {
    let (next, asked) = (AtomicU64::new(0), AtomicUsize::new(tally.asked));
    let work = || {
        let mut mine = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if asked.load(Ordering::Relaxed) >= wanted && seed >= 40 {
                return mine;
            }
            let before = mine.asked;
            let files = project(seed, &Options::default());
            let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            let model = compiled(&files);
            let name = format!("seed-{seed}");
            let mut engine = start(&name, &model, &emit(target, &model));
            for json in requests(&model, seed, 500) {
                mine.ask(&name, &model, &mut engine, &json);
            }
            asked.fetch_add(mine.asked - before, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join() {
                Ok(counted) => tally.add(&counted),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
}

/// The examples that export.
pub const EXAMPLES: [&str; 3] = ["coding-agents", "payments", "platform"];

/// The model of one of the examples.
pub fn example(name: &str) -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the example is there") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "grant") {
            let module = path.file_stem().expect("a name").to_string_lossy().into_owned();
            files.push((module, std::fs::read_to_string(&path).expect("a text")));
        }
    }
    files.sort();
    let files: Vec<_> = files.iter().map(|(module, text)| (module.as_str(), text.as_str())).collect();
    compiled(&files)
}

/// The model of a project without errors.
pub fn compiled(files: &[(&str, &str)]) -> Model {
    let compiled = compile_text(files);
    let errors: Vec<_> = compiled
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == bailiwick_compiler::model::Severity::Error)
        .map(|diagnostic| format!("{}: {} at {:?}", diagnostic.code, diagnostic.message, diagnostic.at))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    (*compiled.model).clone()
}

#[test]
fn the_same_project_gives_the_same_bytes() {
    for written in projects::ALL {
        for target in ["cedar", "rego"] {
            let [a, b] = [(), ()].map(|()| emit(target, &compiled(&[("main", written.text)])));
            assert_eq!(a, b, "{}", written.name);
        }
    }
}
