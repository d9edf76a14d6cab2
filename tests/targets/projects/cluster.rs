//! Tools of a Kubernetes cluster, with conditions that RBAC alone cannot say.

use super::Written;

pub(super) const CLUSTER: Written = Written {
    name: "cluster",
    text: r#"
person ana { email "ana@acme.example" }
data records { sensitivity internal }
purpose serve  { "Keep the shop running."  needs * }
purpose repair { "Repair what broke."      needs * }
tool scale {
  arg namespace: shop | bank
  arg name: string
  arg replicas: int
  arg image: string
  arg paused: bool
  effect write
  writes records
  bind kubernetes {
    verbs     patch
    groups    "apps"
    resources "deployments"
    namespace args.namespace
    name      args.name
    field     "spec.replicas" = args.replicas
    field     "spec.image" = args.image
    field     "spec.paused" = args.paused
  }
}
tool make {
  arg namespace: string
  arg name: string
  arg size: int
  effect write
  writes records
  bind kubernetes {
    verbs     create
    groups    "acme.example"
    resources "widgets"
    namespace args.namespace
    name      args.name
    field     "spec.size" = args.size
  }
}
tool drop {
  arg namespace: string
  arg name: string
  effect delete
  writes records
  bind kubernetes { verbs delete  groups "acme.example"  resources "widgets"  namespace args.namespace  name args.name }
}
agent scaler { owner ana  identity kubernetes "agents/scaler-serve" for serve  identity kubernetes "agents/scaler-repair" for repair }
agent other  { owner ana  identity kubernetes "agents/other" for serve }
grant scaling {
  to scaler for serve
  allow scale where args.namespace == shop and args.replicas <= 3 and args.image like "registry/*"
  on records
  ttl 15m
}
grant making {
  to scaler for serve
  allow make where args.namespace == "shop" and args.name like "web-*" and args.size in (1, 2)
  on records
}
grant dropping {
  to scaler for serve
  allow drop where args.name != "own"
  on records
}
grant repairing {
  to scaler for repair
  allow scale where args.replicas <= 10
  on records
}
grant others {
  to other for serve
  allow scale where args.namespace == shop and args.replicas <= 1
  on records
}
forbid no-latest { tools scale  when args.image like "*:latest" or args.paused }
"#,
    base: r#"{
  "chain": ["scaler"], "purpose": "serve", "tool": "scale", "data": ["records"],
  "args": { "namespace": "shop", "name": "web", "replicas": 3, "image": "registry/web:1", "paused": false },
  "now": "2026-10-15T00:00:00Z",
  "session": { "started": "2026-10-15T00:00:00Z", "authn": "mtls" }
}"#,
    cases: &[
        ("one too many", false, &[("/args/replicas", "4")]),
        ("for repair", true, &[("/purpose", r#""repair""#), ("/args/replicas", "10")]),
        ("another registry", false, &[("/args/image", r#""else/web:1""#)]),
        ("the latest", false, &[("/args/image", r#""registry/web:latest""#)]),
        ("paused", false, &[("/args/paused", "true")]),
        ("another agent", false, &[("/chain", r#"["other"]"#)]),
    ],
};
