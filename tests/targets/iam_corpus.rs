//! IAM documents written by others: what share is understood, and whether the known answers are
//! found. `BAILIWICK_IAM_SAMPLES` names a folder with more of them (see `iam_samples/README.md`).

use bailiwick_compiler::targets::iam::compare::{Inclusion, included};
use bailiwick_compiler::targets::iam::read::document::Document;
use bailiwick_compiler::targets::iam::read::evaluate::{Decision, Policies};
use std::fs::{read_dir, read_to_string};
use std::path::PathBuf;

fn samples() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/targets/iam_samples");
    std::env::var_os("BAILIWICK_IAM_SAMPLES").map_or(own, PathBuf::from)
}

fn word(inclusion: &Inclusion) -> &'static str {
    match inclusion {
        Inclusion::Included => "UNSAT",
        Inclusion::Refuted(_) => "SAT",
        Inclusion::Undecided(_) => "undecided",
    }
}

#[test]
fn pairs_with_known_answers_are_answered_so() {
    let folder = samples().join("pairs");
    let document = |name: String| Document::read(&read_to_string(folder.join(name)).expect("a policy"));
    let (mut answers, mut wrong, mut undecided) = (0, Vec::new(), Vec::new());
    for line in read_to_string(folder.join("pairs.csv")).expect("the answers").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let expected =
            &fields[fields.iter().position(|field| field.ends_with("SAT")).expect("an answer")..][..2];
        let first = [document(format!("{}-policy1.json", fields[0]))];
        let second = [document(format!("{}-policy2.json", fields[0]))];
        for (left, right, expected) in [(&first, &second, expected[0]), (&second, &first, expected[1])] {
            answers += 1;
            let found = included(left, right);
            if let Inclusion::Undecided(reason) = &found {
                undecided.push(format!("{}: {reason}", fields[0]));
            } else if word(&found) != expected {
                wrong.push(format!("{}: {expected} expected, {found:?}", fields[0]));
            }
        }
    }
    println!("pairs: {answers} answers, {} undecided {undecided:#?}, wrong: {wrong:#?}", undecided.len());
    assert!(wrong.is_empty() && answers >= 14);
}

#[test]
fn managed_policies_are_understood_and_allow_what_they_allow() {
    let mut files: Vec<PathBuf> = read_dir(samples().join("managed"))
        .expect("the folder")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let (mut understood, mut unread, mut undecided) = (0, Vec::new(), Vec::new());
    for path in &files {
        let name = path.file_stem().expect("a name").to_string_lossy().to_string();
        let document = Document::read(&read_to_string(path).expect("a policy"));
        if !document.unread.is_empty() {
            unread.push(format!("{name}: {:?}", document.unread));
            continue;
        }
        understood += 1;
        let same = included(std::slice::from_ref(&document), std::slice::from_ref(&document));
        match same {
            Inclusion::Included => {}
            Inclusion::Refuted(request) => panic!("{name} allows more than itself: {request:#?}"),
            Inclusion::Undecided(reason) => undecided.push(format!("{name} beside itself: {reason}")),
        }
        // Everything beside it: a witness, unless it allows everything.
        let nothing = included(std::slice::from_ref(&document), &[]);
        match &nothing {
            Inclusion::Refuted(request) => {
                let policies = Policies { identity: std::slice::from_ref(&document), ..Policies::default() };
                assert_eq!(policies.decide(request), Decision::Allowed, "{name}");
            }
            Inclusion::Included => undecided.push(format!("{name}: allows nothing")),
            Inclusion::Undecided(reason) => undecided.push(format!("{name} beside nothing: {reason}")),
        }
    }
    println!("managed: {} policies, {understood} understood, unread: {unread:#?}", files.len());
    println!("managed: undecided {undecided:#?}");
    assert!(understood * 100 >= files.len() * 95, "{unread:#?}");
    assert!(undecided.len() * 20 <= files.len(), "{undecided:#?}");
}
