//! `verify` on a directory that somebody edited.

use super::{project, run};
use std::path::Path;
use tempfile::TempDir;

/// The project in `p`, built for Cedar into `out`.
fn deployed() -> TempDir {
    let folder = project();
    let built =
        run(folder.path(), &["build", "p", "--target", "cedar", "--out", "out", "--now", "2026-12-01"], "");
    assert_eq!(built.status, 0, "{}", built.err);
    folder
}

#[test]
fn a_hand_edit_is_found_and_said_to_matter_or_not() {
    let folder = deployed();
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

/// A file of a deployment, what is done to it, and what `verify` says: the status, and a text.
struct Edit(&'static str, Change, i32, &'static str);

#[derive(Debug)]
enum Change {
    Replaced(&'static str, &'static str),
    Added(&'static str),
    Removed,
}

use Change::{Added, Removed, Replaced};

const IAM: &str = "iam/123456789012/incident-bot/policy-1.json";
const SESSION: &str = "iam/123456789012/incident-bot/session.json";
const EVERYTHING: &str = r#"{ "Version": "2012-10-17", "Statement": [
    { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-artifacts/*" } ] }"#;
const REGO: &str = "rego/data.json";
const RBAC: &str = "kubernetes/grants/looking.yaml";
const ADMIN: &str = r#"{ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
    "metadata": { "name": "x" }, "subjects": [{ "kind": "ServiceAccount", "name": "incident-bot", "namespace": "agents" }],
    "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" } }"#;

/// Grants of the example are exported narrowed: less of them is still within, and more is not.
const EDITS: &[Edit] = &[
    Edit(IAM, Replaced("parameter/shop/*", "parameter/shop/a*"), 0, "is changed since the build"),
    Edit(IAM, Replaced("2027-09-30", "2027-09-29"), 0, "is changed since the build"),
    Edit(IAM, Replaced("2027-09-30", "2027-10-01"), 1, "error: iam: a request of grant `looking`"),
    Edit(IAM, Replaced("parameter/shop/*", "parameter/*"), 1, "error: iam: a request of grant `looking`"),
    Edit(IAM, Replaced("\"Version\"", "\"Versions\""), 3, "undecided: iam"),
    Edit(IAM, Removed, 0, "is missing since the build"),
    Edit(
        SESSION,
        Replaced("\"DurationSeconds\": 7200", "\"DurationSeconds\": 7201"),
        3,
        "sessions of 7201 s",
    ),
    Edit(SESSION, Replaced("Duration\": 7200", "Duration\": 7201"), 3, "sessions of up to 7201 s"),
    Edit(SESSION, Replaced("\"incident-response\"", "\"release\""), 3, "said to be for `release`"),
    Edit(SESSION, Removed, 3, "undecided: iam"),
    Edit("iam/123456789012/incident-bot/policy-2.json", Added(EVERYTHING), 1, "error: iam: a request"),
    Edit("iam/123456789012/nobody/policy-1.json", Added(EVERYTHING), 3, "undecided: iam"),
    Edit("iam/README.txt", Added("hello"), 3, "undecided: iam"),
    Edit(REGO, Replaced("\"shop/\"", "\"s\""), 1, "error: rego: a request of grant `looking`"),
    Edit(REGO, Replaced("\"shop/\"", "\"shop/a\""), 1, "warning: rego: a request of grant `looking`"),
    Edit(REGO, Replaced("\"ttl\": 7200", "\"ttl\": 7201"), 1, "error: rego: a request of grant `looking`"),
    Edit(REGO, Replaced("1822262400", "1822262399"), 1, "warning: rego: a request of grant `looking`"),
    Edit(REGO, Replaced("\"value\": 1795824000", "\"value\": 1795823999"), 1, "error: rego: a request"),
    Edit(REGO, Replaced("\"ttl\": 7200", "\"tll\": 7200"), 3, "undecided: rego"),
    Edit(
        "rego/policy.rego",
        Replaced("default allow := false", "default allow := true"),
        3,
        "undecided: rego",
    ),
    Edit(
        "rego/more.rego",
        Added("package bailiwick\n\nimport rego.v1\n\nallow := true\n"),
        3,
        "undecided: rego",
    ),
    Edit(RBAC, Replaced("- \"deployments\"", "- \"deployments\"\n    resourceNames: [web]"), 0, "is changed"),
    Edit(RBAC, Replaced("namespace: \"search\"", "namespace: \"bank\""), 1, "error: kubernetes: a request"),
    Edit(RBAC, Replaced("- \"pods/log\"", "- \"secrets\""), 3, "which no tool does"),
    Edit(RBAC, Removed, 0, "is missing since the build"),
    Edit("kubernetes/more.yaml", Added(ADMIN), 3, "undecided: kubernetes"),
    Edit(
        "cedar/policies/agent.incident-bot.cedar",
        Removed,
        1,
        "warning: cedar: a request of grant `looking`",
    ),
    Edit(
        "cedar/policies/agent.nobody.cedar",
        Added("permit (principal, action, resource);"),
        3,
        "no build writes this file",
    ),
    Edit(
        "cedar/revoked/incident-bot.cedar",
        Added("permit (principal, action, resource);"),
        1,
        "error: cedar: a request is allowed against its source",
    ),
    Edit(
        "cedar/revoked/nobody.cedar",
        Added("forbid (principal, action, resource);"),
        3,
        "no build writes this file",
    ),
    Edit("rego/bundle.tar.gz", Added("another bundle"), 3, "does not hold what is beside it"),
];

#[test]
fn hand_edits_of_every_target_are_found_and_said_to_matter_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/platform");
    let platform = platform.to_str().unwrap();
    let build =
        ["build", platform, "--target", "cedar,rego,iam,kubernetes", "--out", "out", "--now", "2026-12-01"];
    let built = run(folder.path(), &build, "");
    assert_eq!(built.status, 0, "{}", built.err);
    let mut wrong = String::new();
    for Edit(file, change, status, says) in EDITS {
        let path = folder.path().join("out").join(file);
        let before = std::fs::read_to_string(&path).ok();
        match change {
            Replaced(from, to) => {
                let text = before.as_ref().expect("a file of the build");
                assert!(text.contains(from), "`{from}` is not in {file}:\n{text}");
                std::fs::write(&path, text.replace(from, to)).unwrap();
            }
            Added(text) => {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, text).unwrap();
            }
            Removed => std::fs::remove_file(&path).unwrap(),
        }
        let found = run(folder.path(), &["verify", "out", "--project", platform, "--now", "2026-12-01"], "");
        if found.status != *status || !found.out.contains(says) {
            wrong += &format!(
                "{file}, {change:?}: {status}, `{says}`, and not {}:\n{}{}\n",
                found.status, found.out, found.err
            );
        }
        match before {
            Some(text) => std::fs::write(&path, text).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A manifest that somebody edited hides nothing: a target's folder is looked at whether or not it is
/// mentioned, and where there is none nothing is proved.
#[test]
fn a_target_that_the_manifest_does_not_mention_is_verified() {
    let folder = deployed();
    let at = folder.path().join("out/bailiwick-manifest.json");
    let mut manifest: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&at).unwrap()).unwrap();
    manifest["targets"] = serde_json::json!([]);
    std::fs::write(&at, manifest.to_string()).unwrap();
    let verify = || run(folder.path(), &["verify", "out", "--project", "p", "--now", "2026-12-01"], "");
    let honest = verify();
    assert_eq!(honest.status, 0, "{}", honest.err);
    assert!(honest.out.contains("is added since the build"), "{}", honest.out);
    let file = folder.path().join("out/cedar/policies/agent.support-bot.cedar");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + "permit (principal, action, resource);\n").unwrap();
    let wider = verify();
    assert_eq!(wider.status, 1, "{}", wider.err);
    assert!(wider.out.contains("error: cedar: a request is allowed against its source"), "{}", wider.out);
    std::fs::remove_dir_all(folder.path().join("out/cedar")).unwrap();
    let nothing = verify();
    assert_eq!(nothing.status, 2, "{}", nothing.out);
    assert!(nothing.err.contains("there is no folder of a target in it"), "{}", nothing.err);
}

/// A cluster does not know the time: what is not in force is not built for it, and found where it is there.
#[test]
fn a_cluster_has_what_is_in_force_when_it_is_built_and_what_is_not_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/platform");
    let platform = platform.to_str().unwrap();
    let build = |out: &str, now: &str| {
        let built = run(
            folder.path(),
            &["build", platform, "--target", "kubernetes,rego", "--out", out, "--now", now],
            "",
        );
        assert_eq!(built.status, 0, "{}", built.err);
        built.out
    };
    let verify = |out: &str, now: &str| {
        let found = run(folder.path(), &["verify", out, "--project", platform, "--now", now], "");
        (found.status, found.out)
    };
    let (before, after) = ("2027-09-29T23:59:59Z", "2027-09-30T00:00:00Z");
    assert!(!build("early", before).contains("it expired at"));
    assert_eq!(verify("early", before).0, 0);
    let (status, found) = verify("early", after);
    assert_eq!(status, 1, "{found}");
    assert!(found.contains("error: kubernetes: a request of grant `looking` is allowed"), "{found}");
    assert!(found.contains("rego: 4 grants proved the same"), "{found}");
    // nor what has not begun yet
    let (status, found) = verify("early", "2026-09-30T23:59:59Z");
    assert_eq!(status, 1, "{found}");
    assert!(found.contains("error: kubernetes: a request of grant `release-rollout` is allowed"), "{found}");
    let soon = build("soon", "2026-09-30T23:59:59Z");
    assert!(soon.contains("it starts at 2026-10-01T00:00:00Z"), "{soon}");
    assert!(!folder.path().join("soon/kubernetes/grants/release-rollout.yaml").exists());
    assert_eq!(verify("soon", "2026-09-30T23:59:59Z").0, 0);
    let late = build("late", after);
    assert!(late.contains("it expired at 2027-09-30T00:00:00Z"), "{late}");
    assert!(!folder.path().join("late/kubernetes/grants").exists());
    assert_eq!(verify("late", after).0, 0);
}
