//! Ways to break Kubernetes' manifests.

use super::Found::{Narrower, NotUnderstood, Wider};
use super::{Edit, Row, caught_in, cloud};

const CLOUD: &str = "cloud";
const PODS: &str = "grants/pods.yaml";
const SCALE: &str = "grants/scale.yaml";
const SECRET: &str = "grants/secret.yaml";
const NODES: &str = "grants/nodes.yaml";

const KUBERNETES: &[Row] = &[
    // verbs, resources, names
    (CLOUD, PODS, "    resourceNames:\n      - \"web-0\"\n      - \"web-1\"\n", "", Wider),
    (CLOUD, PODS, "- \"web-1\"", "- \"web-2\"", Wider),
    (CLOUD, PODS, "      - \"web-1\"\n", "", Narrower),
    (CLOUD, PODS, "- \"web-1\"", "- \"web-*\"", Wider),
    (CLOUD, PODS, "- \"watch\"", "- \"watch\"\n      - \"list\"", NotUnderstood),
    (CLOUD, PODS, "- \"watch\"", "- \"get\"", Wider),
    (CLOUD, PODS, "- \"get\"", "- \"*\"", NotUnderstood),
    (CLOUD, PODS, "- \"pods/log\"", "- \"pods/exec\"", Narrower),
    (CLOUD, PODS, "- \"pods/log\"", "- \"*\"", NotUnderstood),
    (CLOUD, PODS, "- \"pods/log\"", "- \"pods/log\"\n      - \"secrets\"", NotUnderstood),
    (CLOUD, PODS, "apiGroups:\n      - \"\"", "apiGroups:\n      - \"*\"", NotUnderstood),
    (CLOUD, SCALE, "    resourceNames:\n      - \"web\"\n", "", Wider),
    (CLOUD, SCALE, "- \"web\"", "- \"web\"\n      - \"db\"", Wider),
    (CLOUD, SCALE, "- \"patch\"", "- \"patch\"\n      - \"delete\"", NotUnderstood),
    (CLOUD, SCALE, "      - \"get\"\n", "", Narrower),
    (CLOUD, SCALE, "- \"apps\"", "- \"extensions\"", Narrower),
    (CLOUD, SECRET, "    resourceNames:\n      - \"own\"\n", "", NotUnderstood),
    (CLOUD, SECRET, "- \"own\"", "- \"other\"", Narrower),
    (CLOUD, SECRET, "- \"get\"", "- \"list\"", Narrower),
    (CLOUD, NODES, "      - \"list\"\n", "", Narrower),
    (CLOUD, NODES, "- \"nodes\"", "- \"nodes\"\n      - \"nodes/proxy\"", NotUnderstood),
    // where
    (CLOUD, PODS, "namespace: \"shop\"", "namespace: \"bank\"", Wider),
    (CLOUD, SCALE, "namespace: \"shop\"", "namespace: \"bank\"", Wider),
    (CLOUD, SECRET, "namespace: \"shop\"", "namespace: \"agents\"", Wider),
    (CLOUD, PODS, "  namespace: \"shop\"\n", "", NotUnderstood),
    (CLOUD, SECRET, "kind: \"RoleBinding\"", "kind: \"ClusterRoleBinding\"", NotUnderstood),
    (CLOUD, SECRET, "kind: \"Role", "kind: \"ClusterRole", NotUnderstood),
    // who
    (CLOUD, PODS, "name: \"server\"", "name: \"mender\"", Wider),
    (CLOUD, SCALE, "name: \"mender\"", "name: \"server\"", Wider),
    (
        CLOUD,
        PODS,
        "    name: \"server\"\n    namespace: \"agents\"",
        "    name: \"server\"\n    namespace: \"shop\"",
        Narrower,
    ),
    (
        CLOUD,
        PODS,
        "  - kind: \"ServiceAccount\"",
        "  - kind: \"ServiceAccount\"\n    name: \"mender\"\n    namespace: \"agents\"\n  - kind: \"ServiceAccount\"",
        Wider,
    ),
    (
        CLOUD,
        PODS,
        "  - kind: \"ServiceAccount\"\n    name: \"server\"\n    namespace: \"agents\"",
        "  - kind: \"Group\"\n    apiGroup: \"rbac.authorization.k8s.io\"\n    name: \"system:serviceaccounts\"",
        Wider,
    ),
    (
        CLOUD,
        NODES,
        "  - kind: \"ServiceAccount\"\n    name: \"server\"\n    namespace: \"agents\"",
        "  - kind: \"Group\"\n    apiGroup: \"rbac.authorization.k8s.io\"\n    name: \"system:authenticated\"",
        Wider,
    ),
    // what is no role any more, or another
    (
        CLOUD,
        NODES,
        "roleRef:\n  apiGroup: \"rbac.authorization.k8s.io\"\n  kind: \"ClusterRole\"\n  name: \"bailiwick:nodes\"",
        "roleRef:\n  apiGroup: \"rbac.authorization.k8s.io\"\n  kind: \"ClusterRole\"\n  name: \"cluster-admin\"",
        NotUnderstood,
    ),
    (CLOUD, NODES, "rules:\n", "aggregationRule:\n  clusterRoleSelectors: []\nrules:\n", Narrower),
    (CLOUD, PODS, "rules:\n", "rule:\n", NotUnderstood),
    (CLOUD, PODS, "kind: \"Role\"", "kind: \"Rolle\"", NotUnderstood),
    (CLOUD, PODS, "verbs:", "verb:", NotUnderstood),
];

/// A role and its binding change together: every occurrence is replaced.
#[test]
fn kubernetes() {
    let edit = |&(project, file, from, to, found): &Row| (project, Edit::Everywhere(file, from, to), found);
    let rows: Vec<_> = KUBERNETES.iter().map(edit).collect();
    caught_in("kubernetes", &[(CLOUD, cloud::PROJECT)], &rows, |_| {});
}
