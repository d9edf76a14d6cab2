//! Roles, admission policies and token requests, broken on purpose.

use super::Found::{Narrower, NotUnderstood, Wider};
use super::{BUILT, Row, caught, compiled, emit, projects, texts};
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::{Side, verify};
use bailiwick_compiler::targets::registry;

const ADMISSION: &str = "admission/agents.scaler-serve.yaml";
const OTHER: &str = "admission/agents.other.yaml";
const SCALING: &str = "grants/scaling.yaml";
const DROPPING: &str = "grants/dropping.yaml";

/// Texts as they stand in a manifest, behind JSON's escapes.
const KUBERNETES: &[Row] = &[
    // limits
    ("cluster", ADMISSION, "object.spec.replicas <= 3", "object.spec.replicas <= 4", Wider),
    ("cluster", ADMISSION, "object.spec.replicas <= 3", "object.spec.replicas < 3", Narrower),
    ("cluster", ADMISSION, "object.spec.replicas <= 3", "object.spec.replicas >= 3", Wider),
    ("cluster", ADMISSION, " && object.spec.replicas <= 3", "", Wider),
    ("cluster", OTHER, "object.spec.replicas <= 1", "object.spec.replicas <= 3", Wider),
    ("cluster", ADMISSION, "object.spec.size in [1, 2]", "object.spec.size in [1, 2, 3]", Wider),
    ("cluster", ADMISSION, "object.spec.size in [1, 2]", "object.spec.size == 1", Narrower),
    ("cluster", ADMISSION, "startsWith(\\\"registry/\\\")", "contains(\\\"registry/\\\")", Wider),
    ("cluster", ADMISSION, "startsWith(\\\"registry/\\\")", "startsWith(\\\"registry/x\\\")", Narrower),
    ("cluster", ADMISSION, "startsWith(\\\"web-\\\")", "startsWith(\\\"web\\\")", Wider),
    ("cluster", ADMISSION, "request.name != \\\"own\\\"", "request.name == \\\"own\\\"", Wider),
    // forbids
    ("cluster", ADMISSION, "!object.spec.image.endsWith", "object.spec.image.endsWith", Wider),
    ("cluster", ADMISSION, "object.spec.paused == false", "object.spec.paused == true", Wider),
    // guards
    (
        "cluster",
        ADMISSION,
        "type(object.spec.replicas) == int",
        "type(object.spec.replicas) == string",
        Narrower,
    ),
    ("cluster", ADMISSION, "has(object.spec.replicas) && ", "has(object.spec.replica) && ", NotUnderstood),
    ("cluster", ADMISSION, "has(object.spec.replicas) && ", "!has(object.spec.replicas) || ", Wider),
    // in force, for whom and for what
    ("cluster", ADMISSION, "failurePolicy: \"Fail\"", "failurePolicy: \"Maybe\"", NotUnderstood),
    ("cluster", ADMISSION, "failurePolicy: \"Fail\"", "failurePolicy: \"Ignore\"", NotUnderstood),
    ("cluster", ADMISSION, "validations:", "paramKind:\n    kind: \"X\"\n  validations:", NotUnderstood),
    ("cluster", ADMISSION, "serviceaccount:agents:scaler-serve", "serviceaccount:agents:other", Wider),
    ("cluster", ADMISSION, "request.userInfo.username == ", "request.userInfo.username != ", Wider),
    ("cluster", ADMISSION, "request.userInfo.username == ", "false && request.userInfo.username == ", Wider),
    ("cluster", ADMISSION, "- \"UPDATE\"", "- \"CONNECT\"", Wider),
    ("cluster", ADMISSION, "- \"deployments\"", "- \"deployments/scale\"", Wider),
    ("cluster", ADMISSION, "- \"*\"", "- \"v1\"", NotUnderstood),
    ("cluster", ADMISSION, "- \"Deny\"", "- \"Audit\"", Wider),
    ("cluster", ADMISSION, "policyName: \"bailiwick", "policyName: \"elsewhere", NotUnderstood),
    (
        "cluster",
        ADMISSION,
        "matchPolicy:",
        "namespaceSelector:\n      matchLabels:\n        a: \"b\"\n    matchPolicy:",
        NotUnderstood,
    ),
    // tokens
    ("cluster", "token-requests.yaml", "expirationSeconds: 900", "expirationSeconds: 901", NotUnderstood),
    ("cluster", "token-requests.yaml", "expirationSeconds: 900", "expirationSecond: 900", NotUnderstood),
    // RBAC
    ("cluster", SCALING, "namespace: \"shop\"", "namespace: \"bank\"", NotUnderstood),
    ("cluster", SCALING, "- \"patch\"", "- \"update\"", Narrower),
    ("cluster", SCALING, "name: \"scaler-serve\"", "name: \"other\"", Narrower),
    ("cluster", DROPPING, "- \"delete\"", "- \"deletecollection\"", Narrower),
];

#[test]
fn admission_and_roles() {
    caught("kubernetes", &texts(KUBERNETES));
}

/// RBAC opens what admission limits: neither half stands without the other.
#[test]
fn roles_without_their_admission_policy_are_wider() {
    let model = compiled(&[("main", projects::named("cluster").text)]);
    let emission = emit("kubernetes", &model);
    let of = registry().iter().find(|row| row.name() == "kubernetes").expect("the target is registered");
    let analysis = Analysis::new(&model, BUILT);
    let honest = verify(&analysis, &of.read(&model, &emission.files), &emission.outcomes);
    assert!(honest.is_within() && honest.gaps.is_empty(), "{honest:?}");
    let policies: Vec<&String> =
        emission.files.keys().filter(|path| path.starts_with("admission/")).collect();
    assert_eq!(policies.len(), 3, "{policies:?}");
    for path in policies {
        let mut files = emission.files.clone();
        files.remove(path);
        let proof = verify(&analysis, &of.read(&model, &files), &emission.outcomes);
        assert!(proof.gaps.iter().any(|gap| gap.side == Side::Wider), "{path}: {proof:?}");
    }
}
