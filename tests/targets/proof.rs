//! Every target's artifacts, read back and proved against the source.

use super::agreement::{BUILT, EXAMPLES, compiled, emit, example};
use super::{cloud, projects};
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::{Proof, Standing, verify};
use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::targets::{Fidelity, registry};
use bailiwick_compiler::{Model, request};
use bailiwick_testkit::{Options, project, requests};

/// What is proved of the files that a target emits for a model.
pub fn proof(target: &str, model: &Model) -> Proof {
    let emission = emit(target, model);
    let row = registry().iter().find(|row| row.name() == target).expect("the target is registered");
    let reading = row.read(model, &emission.files);
    verify(&Analysis::new(model, BUILT), &reading, &emission.outcomes)
}

/// All is proved; returns how each grant stands.
fn assert_proved(target: &str, what: &str, model: &Model) -> Vec<Standing> {
    let proof = proof(target, model);
    assert_eq!((&proof.open[..], &proof.gaps[..]), (&[][..], &[][..]), "{target}, {what}");
    let unproved = |standing: &&Standing| !matches!(standing, Standing::Equal | Standing::Within);
    assert_eq!(proof.grants.iter().find(unproved), None, "{target}, {what}");
    proof.grants
}

/// The project that a seed gives.
pub fn generated(seed: u64) -> Model {
    let files = project(seed, &Options::default());
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    compiled(&files)
}

#[test]
fn cedar_is_proved_to_be_the_same() {
    for (target, seeds) in [("cedar", 8), ("cedar-mcp", 2)] {
        for written in projects::ALL {
            assert_proved(target, written.name, &compiled(&[("main", written.text)]));
        }
        for seed in 0..seeds {
            assert_proved(target, &format!("seed {seed}"), &generated(seed));
        }
    }
}

#[test]
fn rego_is_proved_to_be_the_same() {
    for (target, seeds) in [("rego", 100), ("rego-indexed", 10)] {
        for written in projects::ALL {
            assert_proved(target, written.name, &compiled(&[("main", written.text)]));
        }
        for name in EXAMPLES {
            assert_proved(target, name, &example(name));
        }
        for seed in 0..seeds {
            assert_proved(target, &format!("seed {seed}"), &generated(seed));
        }
    }
}

/// What a target that sees part of a request is given is within the source, and the same where it is said
/// to be, in the examples and in generated projects; that it is given something is seen.
fn assert_given(target: &str) {
    let examples = EXAMPLES.into_iter().map(|name| (name.to_owned(), example(name)));
    let (mut equal, mut within) = (0, 0);
    for (name, model) in cloud::models().into_iter().chain(examples) {
        for standing in assert_proved(target, &name, &model) {
            if standing == Standing::Equal { equal += 1 } else { within += 1 }
        }
    }
    println!("{target}: proved the same: {equal}, within: {within}");
    assert!(equal >= 5 && within >= 50, "{equal} the same and {within} within are too few");
}

/// Whatever a binding binds to whatever: what cannot be told apart or read back is a loss, and what is
/// written is proved.
#[test]
fn iam_is_proved_of_odd_bindings() {
    let mut losses = 0;
    for seed in 0..120 {
        let model = compiled(&[("main", &cloud::shapes::project(seed))]);
        assert_proved("iam", &format!("seed {seed}"), &model);
        let outcomes = emit("iam", &model).outcomes;
        losses += outcomes.iter().filter(|outcome| outcome.result == Fidelity::Narrowed).count();
    }
    assert!(losses >= 10, "{losses} grants that are exported in part are too few");
}

#[test]
fn iam_is_proved() {
    assert_given("iam");
}

#[test]
fn kubernetes_is_proved() {
    assert_given("kubernetes");
}

/// What a reader says of a request is what the evaluator says, where the export is exact.
#[test]
fn what_is_read_decides_as_the_source_does() {
    for (target, seed) in
        ["cedar", "rego"].into_iter().flat_map(|target| (0..6).map(move |seed| (target, seed)))
    {
        let model = generated(seed);
        let row = registry().iter().find(|row| row.name() == target).expect("the target is registered");
        let reading = row.read(&model, &emit(target, &model).files);
        for json in requests(&model, seed, 200) {
            let Ok(request) = request::read(&model, &json) else { continue };
            assert_eq!(reading.allows(&model, &request), decide(&model, &request).is_allow(), "{json}");
        }
    }
}
