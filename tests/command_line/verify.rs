//! `verify` on a directory that somebody edited.

use super::{project, run};

#[test]
fn a_hand_edit_is_found_and_said_to_matter_or_not() {
    let folder = project();
    let built =
        run(folder.path(), &["build", "p", "--target", "cedar", "--out", "out", "--now", "2026-12-01"], "");
    assert_eq!(built.status, 0, "{}", built.err);
    let file = folder.path().join("out/cedar/policies/agent.support-bot.cedar");
    let text = std::fs::read_to_string(&file).unwrap();
    let verify = |from: &str, to: &str, format: &str| {
        assert!(text.contains(from), "{from}");
        std::fs::write(&file, text.replace(from, to)).unwrap();
        run(
            folder.path(),
            &["verify", "out", "--project", "p", "--now", "2026-12-01", "--format", format],
            "",
        )
    };
    let cases = [
        ("permit", "permit", 0, "proved the same"),
        ("permit", "/* no comment of Cedar's */ permit", 3, "undecided"),
        ("permit", "// a comment\npermit", 0, "is changed since the build"),
        ("refund <= 50", "refund <= 5000", 1, "error: cedar: a request of grant"),
        ("refund <= 50", "refund <= 49", 1, "warning: cedar: a request of grant"),
    ];
    for (from, to, status, says) in cases {
        let found = verify(from, to, "human");
        assert_eq!(found.status, status, "{from} -> {to}: {}{}", found.out, found.err);
        assert!(found.out.contains(says), "{from} -> {to}: {}", found.out);
    }
    let found = verify("refund <= 50", "refund <= 5000", "json");
    let answer: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    let difference = &answer["targets"][0]["differences"][0];
    assert_eq!(difference["side"], "wider");
    assert!(difference["request"]["args"]["refund"].as_i64() > Some(50), "{answer}");
}
