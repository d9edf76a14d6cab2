//! Projects bound to AWS and Kubernetes, drawn from a seed: few tools, many ways to limit them.
//!
//! The tools use real actions, resources and condition keys, so that real engines take the requests.

use bailiwick_testkit::Rng;
use std::fmt::Write;

/// The estate of every project: sessions, people, data, tools.
const ESTATE: &str = r#"
session {
  environment: production | staging | development
  cell: string
  mfa: bool
  clearance: int
  user: person
}
person ana { email "ana@acme.example" }
person ben { email "ben@acme.example" }
team ops { lead ana  members ana, ben  contact "ops@acme.example" }
data records        { sensitivity internal }
data records.secret { sensitivity restricted }
data logs           { sensitivity internal }
purpose serve  { "Serve customers."    needs * }
purpose repair { "Repair what broke."  needs * }
tool s3.read {
  arg bucket: string
  arg key: string
  arg region?: string
  arg reason?: string
  effect read
  reads records
  bind aws {
    actions  "s3:GetObject", "s3:GetObjectTagging"
    resource "arn:aws:s3:::{args.bucket}/{args.key}"
    key      "aws:RequestedRegion" = args.region
  }
}
tool s3.write {
  arg bucket: blue | green
  arg key: string
  arg acl?: string
  arg encrypted: bool = true
  effect write
  writes logs
  bind aws {
    actions  "s3:PutObject"
    resource "arn:aws:s3:::{args.bucket}/{args.key}"
    key      "s3:x-amz-acl" = args.acl
    key      "aws:SecureTransport" = args.encrypted
  }
}
tool s3.append {
  arg key: string
  arg size: int
  effect write
  writes logs
  bind aws {
    actions  "s3:PutObject"
    resource "arn:aws:s3:::blue/{args.key}"
  }
}
tool s3.list {
  arg bucket: string
  arg prefix?: string
  arg most?: int
  arg from?: ip
  effect read
  reads logs
  bind aws {
    actions  "s3:ListBucket"
    resource "arn:aws:s3:::{args.bucket}"
    key      "s3:prefix" = args.prefix
    key      "s3:max-keys" = args.most
    key      "aws:SourceIp" = args.from
  }
}
tool table.item {
  arg method: get | put | drop
  arg table: string
  arg attributes: set<string>
  arg kind?: string
  effect read
  reads records, logs
  bind aws {
    actions  "dynamodb:GetItem"
    resource "arn:aws:dynamodb:*:123456789012:table/{args.table}"
    key      "dynamodb:Attributes" = args.attributes
  }
  variant method put  {
    effect write
    bind aws {
      actions  "dynamodb:PutItem"
      resource "arn:aws:dynamodb:*:123456789012:table/{args.table}"
      key      "dynamodb:Attributes" = args.attributes
    }
  }
  variant method drop { effect delete irreversible  bind aws { actions "dynamodb:DeleteItem"  resource "arn:aws:dynamodb:*:123456789012:table/{args.table}" } }
}
tool fleet.look {
  arg region?: string
  touches nothing
  effect read
  bind aws { actions "ec2:DescribeInstances"  resource "*"  key "aws:RequestedRegion" = args.region }
}
tool pods.read {
  arg namespace: string
  arg name: string
  arg why?: string
  effect read
  reads logs
  bind kubernetes { verbs get  groups ""  resources "pods", "pods/log"  namespace args.namespace  name args.name }
}
tool pods.list {
  arg namespace: string
  arg name: string
  effect read
  reads logs
  bind kubernetes { verbs list, watch  groups ""  resources "pods"  namespace args.namespace  name args.name }
}
tool pods.watch {
  arg namespace: agents | shop
  effect read
  reads logs
  bind kubernetes { verbs watch  groups ""  resources "pods"  namespace args.namespace }
}
tool apps.scale {
  arg namespace: agents | shop | bank
  arg name: string
  arg replicas: int
  effect write
  writes records
  bind kubernetes { verbs get, patch  groups "apps"  resources "deployments", "deployments/scale"  namespace args.namespace  name args.name  field "spec.replicas" = args.replicas }
}
tool apps.shop {
  arg name: string
  effect read
  reads records
  bind kubernetes { verbs get  groups "apps"  resources "deployments"  namespace "shop"  name args.name }
}
tool secret.own {
  arg namespace: string
  effect read
  reads records.secret
  bind kubernetes { verbs get  groups ""  resources "secrets"  namespace args.namespace  name "own" }
}
tool widget.put {
  arg namespace: string
  arg name: string
  arg size: int
  arg mode: open | shut | half
  arg note: string
  arg live: bool
  arg why?: string
  effect write
  writes logs
  bind kubernetes {
    verbs     create, update
    groups    "acme.example"
    resources "widgets"
    namespace args.namespace
    name      args.name
    field     "spec.size" = args.size
    field     "spec.mode" = args.mode
    field     "spec.text.note" = args.note
    field     "live" = args.live
    field     "spec.why" = args.why
  }
}
tool widget.fix {
  arg namespace: agents | shop
  arg name: string
  arg size: int
  effect write
  writes logs
  bind kubernetes { verbs patch  groups "acme.example"  resources "widgets"  namespace args.namespace  name args.name  field "spec.size" = args.size }
}
tool widget.drop {
  arg namespace: string
  arg name: string
  arg size: int
  effect delete
  writes logs
  bind kubernetes { verbs delete  groups "acme.example"  resources "widgets"  namespace args.namespace  name args.name  field "spec.size" = args.size }
}
tool nodes.look {
  effect read
  touches nothing
  bind kubernetes { verbs get, list  groups ""  resources "nodes"  namespace cluster }
}
"#;

/// A tool and conditions on its arguments.
const MENU: &[(&str, &[&str])] = &[
    (
        "s3.read",
        &[
            "args.bucket == \"blue\"",
            "args.bucket in (\"blue\", \"red\")",
            "args.bucket != \"red\"",
            "args.bucket like \"b*\"",
            "args.bucket like \"*e\"",
            "args.key like \"in/*\"",
            "args.key like \"*.txt\"",
            "args.key == \"in/a*b\"",
            "args.key != \"in/a.txt\"",
            "args.region == \"eu-west-1\"",
            "args.region != \"eu-west-1\"",
            "args.region like \"eu-*\"",
            "not args.region like \"us-*\"",
            "has args.region",
            "not has args.region",
            "args.reason == \"audit\"",
            "has args.reason",
        ],
    ),
    (
        "s3.write",
        &[
            "args.bucket == blue",
            "args.bucket != blue",
            "args.key like \"in/*\"",
            "args.acl == \"private\"",
            "args.acl != \"public-read\"",
            "args.acl in (\"private\", \"bucket-owner-read\")",
            "args.encrypted",
            "not args.encrypted",
            "has args.bucket",
        ],
    ),
    ("s3.append", &["args.key like \"in/*\"", "args.key == \"in/a.txt\"", "args.size <= 10"]),
    (
        "s3.list",
        &[
            "args.bucket == \"blue\"",
            "args.bucket in (\"blue\", \"red\")",
            "args.prefix like \"in/*\"",
            "args.prefix == \"in/\"",
            "not args.prefix like \"in/*\"",
            "args.most <= 100",
            "args.most > 10",
            "args.most == 100",
            "args.most != 10",
            "args.most not in (10, 100)",
            "args.from in \"10.0.0.0/8\"",
            "args.from not in \"10.0.0.0/8\"",
            "args.from == \"10.0.0.1\"",
            "has args.most",
        ],
    ),
    (
        "table.item",
        &[
            "args.table == \"orders\"",
            "args.table in (\"orders\", \"users\")",
            "args.table like \"or*\"",
            "args.attributes contains \"id\"",
            "args.attributes contains-any (\"id\", \"name\")",
            "args.attributes subset-of (\"id\", \"name\")",
            "not args.attributes contains \"name\"",
            "args.method != drop",
            "args.method == put",
            "args.kind == \"x\"",
        ],
    ),
    ("fleet.look", &["args.region == \"eu-west-1\"", "args.region in (\"eu-west-1\", \"us-east-1\")"]),
    (
        "pods.read",
        &[
            "args.namespace == \"shop\"",
            "args.namespace in (\"shop\", \"agents\")",
            "args.name == \"web-0\"",
            "args.name in (\"web-0\", \"web-1\")",
            "args.name like \"web-*\"",
            "args.why == \"page\"",
        ],
    ),
    ("pods.list", &["args.namespace == \"shop\"", "args.name == \"web-0\""]),
    ("pods.watch", &["args.namespace == shop", "args.namespace != shop"]),
    (
        "apps.scale",
        &[
            "args.namespace != bank",
            "args.namespace == shop",
            "args.namespace in (agents, shop)",
            "args.name == \"web\"",
            "args.replicas <= 3",
        ],
    ),
    ("apps.shop", &["args.name == \"web\""]),
    ("secret.own", &["args.namespace == \"shop\"", "args.namespace != \"bank\""]),
    ("nodes.look", &[]),
    ("widget.put", WIDGET),
    ("widget.put", WIDGET),
    (
        "widget.fix",
        &["args.size < 100", "args.size not in (1, 2)", "args.namespace == shop", "args.name != \"own\""],
    ),
    ("widget.drop", &["args.name like \"web-*\"", "args.namespace != \"bank\"", "args.size <= 3"]),
];

/// Conditions on what admission sees.
const WIDGET: &[&str] = &[
    "args.size <= 3",
    "args.size > 1",
    "args.size in (1, 2, 100)",
    "args.size != 2",
    "args.mode == open",
    "args.mode != shut",
    "args.note == \"a\\\"b\"",
    "args.note != \"\"",
    "args.note like \"in/*\"",
    "not args.note like \"*x\"",
    "args.note like \"*/*.t*\"",
    "args.live",
    "not args.live",
    "args.name == \"web-0\"",
    "args.name like \"web-*\"",
    "args.namespace like \"s*\"",
    "args.namespace == \"shop\"",
    "args.namespace != \"bank\"",
    "args.why == \"page\"",
];

/// Conditions on the session.
const SESSION: &[&str] = &[
    "session.environment == production",
    "session.environment != development",
    "session.environment in (production, staging)",
    "session.cell == \"c1\"",
    "session.cell != \"c2\"",
    "session.mfa",
    "session.clearance >= 3",
    "session.clearance != 2",
    "session.authn at-least mtls",
    "now < 2027-01-01",
    "now > 2026-06-01",
    "has session.cell",
    "purpose == serve",
];

/// A project as one module.
pub fn project(seed: u64) -> String {
    let rng = &mut Rng::new(seed);
    let mut text = ESTATE.to_string();
    for at in 0..3 {
        let authn = *rng.pick(&["", "  authn at-least oauth\n", "  authn at-least mtls\n"]);
        let _ = write!(text, "agent a{at} {{\n  owner ops\n{authn}");
        if rng.chance(85) {
            for purpose in ["serve", "repair"] {
                let _ = writeln!(
                    text,
                    "  identity aws-role \"arn:aws:iam::123456789012:role/a{at}-{purpose}\" for {purpose}\n  \
                     identity kubernetes \"agents/a{at}-{purpose}\" for {purpose}"
                );
            }
        } else {
            let _ = writeln!(
                text,
                "  identity aws-role \"arn:aws:iam::123456789012:role/a{at}\"\n  identity kubernetes \"agents/a{at}\""
            );
        }
        let identity = match at {
            0 => "oidc \"https://login.acme.example\" \"a0\"",
            1 => "spiffe \"spiffe://acme.example/a1\"",
            _ => "entra \"6f1c2a9e-0d3b-4a53-9a4e-2f6c1b7d8e90\"",
        };
        let _ = writeln!(text, "  identity {identity}");
        if at == 2 && rng.chance(15) {
            text.push_str("  suspended because \"drill\"\n");
        }
        text.push_str("}\n");
    }
    for at in 0..4 + rng.below(5) {
        grant(&mut text, rng, at);
    }
    for at in 0..rng.below(4) {
        forbid(&mut text, rng, at);
    }
    for at in 0..rng.below(3) {
        let most = *rng.pick(&["*", "*", "s3.*, table.item, fleet.look", "s3.*, pods.*"]);
        let _ =
            writeln!(text, "ceiling c{at} {{ agents a{}  allow {most}  on records, logs }}", rng.below(3));
    }
    text
}

fn grant(text: &mut String, rng: &mut Rng, at: usize) {
    let purpose = *rng.pick(&["serve", "repair"]);
    let _ = writeln!(text, "grant g{at} {{\n  to a{} for {purpose}", rng.below(3));
    // The two ways to put an object and to read a deployment are granted together more often than not.
    let mut lines = vec![rng.below(MENU.len())];
    while rng.chance(60) {
        lines.push(rng.below(MENU.len()));
    }
    let pairs = [(1, 2), (7, 8), (9, 10)];
    for (a, b) in pairs {
        if lines.contains(&a) && rng.chance(70) {
            lines.push(b);
        }
    }
    for line in lines {
        let (tool, conditions) = MENU[line];
        let _ = write!(text, "  allow {tool}");
        if !conditions.is_empty() && rng.chance(70) {
            let _ = write!(text, " where {}", condition(rng, conditions));
        }
        text.push('\n');
    }
    let on = *rng.pick(&["records, logs", "records, logs", "records, logs", "logs", "logs, records.secret"]);
    let _ = writeln!(text, "  on {on}");
    if rng.chance(35) {
        let _ = writeln!(text, "  when {}", condition(rng, SESSION));
    }
    if rng.chance(15) {
        text.push_str("  authn at-least mtls\n");
    }
    if rng.chance(20) {
        let demand = *rng.pick(&[
            "approval ben within 1h for table.item if args.method == put",
            "approval ops within 1h for s3.list if args.most > 100 independent",
            "approval ben within 1h for s3.read if args.bucket == \"red\"",
            "approval ben within 1h for apps.scale if args.namespace == bank",
            "approval ben within 1h for nodes.look",
        ]);
        // An approval's condition speaks of the tool's own arguments, so the tool must be among the lines.
        let tool = demand.split(" for ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        if text.rsplit("grant ").next().is_some_and(|grant| grant.contains(tool)) {
            let _ = writeln!(text, "  {demand}");
        }
    }
    if rng.chance(40) {
        let _ = writeln!(text, "  ttl {}", *rng.pick(&["5m", "15m", "1h", "1h", "8h"]));
    }
    if rng.chance(30) {
        text.push_str("  starts 2026-03-01\n");
    }
    if rng.chance(50) {
        let _ = writeln!(text, "  expires {}", *rng.pick(&["2026-12-01", "2027-06-01"]));
    }
    if rng.chance(10) {
        text.push_str("  delegate to a1 depth 1\n");
    }
    text.push_str("}\n");
}

fn forbid(text: &mut String, rng: &mut Rng, at: usize) {
    let (tool, conditions) = *rng.pick(MENU);
    let _ = writeln!(text, "forbid f{at} {{\n  tools {tool}");
    if rng.chance(40) {
        let _ = writeln!(text, "  agents a{}", rng.below(3));
    }
    if rng.chance(25) {
        let _ = writeln!(text, "  data {}", *rng.pick(&["records.secret", "logs", "records"]));
    }
    let conditions = if conditions.is_empty() || rng.chance(30) { SESSION } else { conditions };
    let _ = writeln!(text, "  when {}\n}}", condition(rng, conditions));
}

fn condition(rng: &mut Rng, menu: &[&str]) -> String {
    let mut text = rng.pick(menu).to_string();
    while rng.chance(30) {
        let word = if rng.chance(60) { "or" } else { "and" };
        text = if rng.chance(20) {
            format!("not ({text}) {word} {}", rng.pick(menu))
        } else {
            format!("({text}) {word} {}", rng.pick(menu))
        };
    }
    text
}
