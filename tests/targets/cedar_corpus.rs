//! Cedar's own corpus: what is parsed is decided as Cedar decided it. `BAILIWICK_CEDAR_SAMPLES` names
//! a folder with more of it (see `cedar_samples/README.md`).

use bailiwick_compiler::targets::cedar::read::evaluate::{Answer, Entities, Request, decide, uid, value};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

fn samples() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets/cedar_samples");
    std::env::var_os("BAILIWICK_CEDAR_SAMPLES").map_or(own, PathBuf::from)
}

/// Policies are named by their position: `policy0`.
fn positions(names: &Json) -> BTreeSet<usize> {
    let names = names.as_array().expect("names").iter().filter_map(Json::as_str);
    names.map(|name| name.trim_start_matches("policy").parse().expect("a position")).collect()
}

/// A request, and what Cedar answered.
fn case(json: &Json) -> Result<(Request, Answer), String> {
    let (principal, action) = (uid(&json["principal"])?, uid(&json["action"])?);
    let request =
        Request { principal, action, resource: uid(&json["resource"])?, context: value(&json["context"])? };
    let allows = json["decision"] == "allow";
    Ok((request, Answer { allows, reasons: positions(&json["reason"]), errors: positions(&json["errors"]) }))
}

#[test]
fn cases_of_others_are_decided_as_cedar_decided_them() {
    let read = |path: &Path| read_to_string(path).expect("a file of the corpus");
    let json = |path: &Path| serde_json::from_str::<Json>(&read(path)).expect("JSON");
    let files = read_dir(samples()).expect("the corpus").map(|entry| entry.expect("a file").path());
    let mut policies: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "cedar")).collect();
    policies.sort();
    let (mut asked, mut allowed, mut erring) = (0, 0, 0);
    let (mut unread, mut wrong) = (Vec::new(), Vec::new());
    for path in &policies {
        let text = read(path);
        let answers = Entities::read(&json(&path.with_extension("entities.json"))).and_then(|entities| {
            let requests = json(&path.with_extension("json"));
            let requests = requests["requests"].as_array().expect("requests").iter();
            let answer = |(request, expected)| Ok((decide(&text, &entities, &request)?, expected));
            requests.map(|request| case(request).and_then(answer)).collect::<Result<Vec<_>, String>>()
        });
        match answers {
            Err(why) => unread.push(format!("{}: {why}\n{text}", path.display())),
            Ok(answers) => answers.into_iter().enumerate().for_each(|(at, (answer, expected))| {
                asked += 1;
                allowed += usize::from(expected.allows);
                erring += usize::from(!expected.errors.is_empty());
                if answer != expected {
                    wrong.push(format!("{}, {at}: {answer:?}, not {expected:?}\n{text}", path.display()));
                }
            }),
        }
    }
    println!(
        "cedar: {} sets of policies, {} not read; {asked} requests, {allowed} allowed, {erring} with errors",
        policies.len(),
        unread.len()
    );
    assert!(wrong.is_empty(), "{} are decided otherwise\n{}", wrong.len(), wrong.join("\n"));
    assert!(unread.is_empty(), "{} are not understood\n{}", unread.len(), unread.join("\n"));
    assert!(allowed >= 16 && erring >= 16, "{allowed} allowed and {erring} with errors are too few");
}
