//! Every target's artifacts, read back and proved against the source.

use super::agreement::{compiled, emit};
use super::projects;
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::{Proof, Standing, verify};
use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::targets::registry;
use bailiwick_compiler::{Model, request};
use bailiwick_testkit::{Options, project, requests};

const NOW: i64 = 1_792_000_000;

/// What is proved of the files that a target emits for a model.
pub fn proof(target: &str, model: &Model) -> Proof {
    let emission = emit(target, model);
    let row = registry().iter().find(|row| row.name() == target).expect("the target is registered");
    let reading = row.read(model, &emission.files);
    verify(&Analysis::new(model, NOW), &reading, &emission.outcomes)
}

fn assert_proved(target: &str, what: &str, model: &Model) {
    let proof = proof(target, model);
    assert_eq!((&proof.open[..], &proof.gaps[..]), (&[][..], &[][..]), "{target}, {what}");
    let unproved = |standing: &&Standing| !matches!(standing, Standing::Equal | Standing::Within);
    assert_eq!(proof.grants.iter().find(unproved), None, "{target}, {what}");
}

#[test]
fn cedar_is_proved_to_be_the_same() {
    for written in projects::ALL {
        assert_proved("cedar", written.name, &compiled(&[("main", written.text)]));
    }
    for seed in 0..8 {
        let files = project(seed, &Options::default());
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert_proved("cedar", &format!("seed {seed}"), &compiled(&files));
    }
}

/// What a reader says of a request is what the evaluator says, where the export is exact.
#[test]
fn what_is_read_from_cedar_decides_as_the_source_does() {
    for seed in 0..6 {
        let files = project(seed, &Options::default());
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let model = compiled(&files);
        let row = registry().iter().find(|row| row.name() == "cedar").expect("the target is registered");
        let reading = row.read(&model, &emit("cedar", &model).files);
        for json in requests(&model, seed, 200) {
            let Ok(request) = request::read(&model, &json) else { continue };
            assert_eq!(reading.allows(&model, &request), decide(&model, &request).is_allow(), "{json}");
        }
    }
}
