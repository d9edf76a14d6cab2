//! `revoke`: the source says it, the engines hear it, and errors elsewhere do not stop it.

use super::{edit, project, run};
use std::fs;

const NOW: [&str; 2] = ["--now", "2026-12-01"];

#[test]
fn an_agent_is_stopped_in_the_source_and_in_every_engine() {
    let folder = project();
    let path = folder.path().join("p/policies/support.grant");
    let before = fs::read_to_string(&path).unwrap();
    let arguments =
        ["revoke", "support-bot", "p", "--because", "key \"leaked\"", "--out", "out", NOW[0], NOW[1]];
    let done = run(folder.path(), &arguments, "");
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    let after = fs::read_to_string(&path).unwrap();
    let added: Vec<&str> = after.lines().filter(|line| !before.lines().any(|had| had == *line)).collect();
    assert_eq!(added, [r#"  suspended because "key \"leaked\"""#]);
    assert_eq!(after.lines().count(), before.lines().count() + 1);
    assert_eq!(run(folder.path(), &["fmt", "--check", "p"], "").status, 0);
    let written = |file: &str| fs::read_to_string(folder.path().join("out").join(file)).unwrap();
    assert!(written("cedar/revoked/support-bot.cedar").contains("support-bot"));
    assert_eq!(written("rego/revoked/support-bot.json"), "\"key \\\"leaked\\\"\"\n");
    let again = run(folder.path(), &arguments, "");
    assert_eq!(again.status, 2);
    assert!(again.err.contains("suspended already"), "{}", again.err);
}

#[test]
fn errors_elsewhere_do_not_keep_an_agent_alive() {
    let folder = project();
    let path = folder.path().join("p/policies/support.grant");
    edit(
        &folder,
        "identity oauth \"support-bot\"",
        "identity oauth \"support-bot\"  identity kubernetes \"agents/support-bot\"",
    );
    edit(&folder, "owner    support", "owner    nobody");
    let done = run(
        folder.path(),
        &["revoke", "support-bot", "p", "--because", "x", "--out", "out", "--format", "json", NOW[0], NOW[1]],
        "",
    );
    assert_eq!(done.status, 1, "{}{}", done.out, done.err);
    let answer = super::schema::holds(&done.out);
    assert_eq!(answer["missing"].as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(answer["suspended"].as_array().map(Vec::len), Some(1), "{answer}");
    let list = fs::read_to_string(folder.path().join("out/kubernetes/delete.yaml")).unwrap();
    assert!(list.contains("ServiceAccount"), "{list}");
    // a text that does not parse is not edited, and the engines are told all the same
    let broken =
        fs::read_to_string(&path).unwrap().replace("  suspended because \"x\"\n", "") + "\ngrant {\n";
    fs::write(&path, &broken).unwrap();
    let done = run(
        folder.path(),
        &["revoke", "support-bot", "p", "--because", "x", "--out", "more", NOW[0], NOW[1]],
        "",
    );
    assert_eq!(done.status, 1, "{}{}", done.out, done.err);
    assert!(folder.path().join("more/cedar/revoked/support-bot.cedar").is_file());
    assert_eq!(fs::read_to_string(&path).unwrap(), broken);
}

#[test]
fn what_cannot_be_meant_is_refused_and_nothing_is_touched() {
    let folder = project();
    let refused = |arguments: &[&str]| {
        let done = run(folder.path(), &[&["revoke"], arguments].concat(), "");
        assert_eq!(done.status, 2, "{}", done.out);
        done.err
    };
    assert!(
        refused(&["suport-bot", "p", "--because", "x", "--out", "out"])
            .contains("did you mean `support-bot`?")
    );
    assert!(refused(&["support-bot", "p", "--because", " ", "--out", "out"]).contains("says why"));
    assert!(refused(&["support-bot", "p", "--because", "x", "--out", "p"]).contains("not empty"));
    assert!(!folder.path().join("out").exists());
}
