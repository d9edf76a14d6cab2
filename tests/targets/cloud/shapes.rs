//! Projects with odd bindings: arguments of every type wherever a resource or a condition key takes one.
//!
//! What IAM cannot tell apart, or its reader could not read back, has to end as a loss and never as a
//! build that fails.

use bailiwick_testkit::Rng;
use std::fmt::Write;

/// A type, and conditions on `@`, an argument of it.
const TYPES: &[(&str, &[&str])] = &[
    (
        "string",
        &[
            "@ == \"blue\"",
            "@ != \"blue\"",
            "@ in (\"a/b\", \"blue\", \"a:b\")",
            "@ like \"in/*\"",
            "@ like \"b*e\"",
            "@ like \"a:*\"",
            "not @ like \"*x*y\"",
            "@ == \"\"",
            "@ == \"a*$?b\"",
            "@ == \"grün\"",
            "@ like \"\\\\*\"",
        ],
    ),
    (
        "path",
        &[
            "@ under \"/srv\"",
            "@ == \"/srv/a\"",
            "not @ under \"/srv/x\"",
            "@ in (\"/\", \"/srv\")",
            "@ under \"/\"",
        ],
    ),
    ("url", &["@ under \"https://a.example/x\"", "@ host \"a.example\"", "@ == \"https://a.example/\""]),
    ("int", &["@ == 5", "@ != 5", "@ <= -3", "@ in (1, 2)", "@ < 9007199254740993", "@ > 100"]),
    ("bool", &["@", "not @", "@ == true"]),
    ("alpha | beta | \"in progress\"", &["@ == alpha", "@ != beta", "@ in (alpha, beta)"]),
    ("a | \"a/b\" | \"a:b\"", &["@ == a", "@ != a", "@ in (a, \"a/b\")"]),
    ("person", &["@ == ana", "@ != ana", "@ in (ana, ben)"]),
    ("decimal", &["@ <= 12.5", "@ == 0.0001", "@ > -1", "@ != 3"]),
    ("instant", &["@ < 2027-01-01", "@ == 2026-01-01"]),
    ("duration", &["@ <= 15m", "@ == 1h"]),
    ("ip", &["@ in \"10.0.0.0/8\"", "@ == \"10.0.0.1\"", "@ not in \"2001:db8::/32\"", "@ != \"::1\""]),
    ("cidr", &["@ == \"10.0.0.0/8\""]),
    (
        "set<string>",
        &[
            "@ contains \"id\"",
            "@ contains-any (\"id\", \"x*\")",
            "not @ contains \"id\"",
            "@ subset-of (\"id\", \"b\")",
        ],
    ),
    ("set<int>", &["@ contains 5", "not @ contains-any (1, 2)"]),
    ("set<person>", &["@ contains ana", "@ contains-all (ana, ben)"]),
    ("opaque", &["has @"]),
];

/// Resources: `{1}`, `{2}` and `{3}` are arguments.
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::{1}",
    "arn:aws:s3:::{1}/{2}",
    "arn:aws:s3:::{1}/{2}/{3}",
    "arn:aws:s3:::{1}{2}",
    "arn:aws:s3:::{1}-{2}",
    "arn:aws:s3:::{1}/{1}",
    "arn:aws:s3:::logs/{1}/*",
    "arn:aws:s3:::*/{1}",
    "arn:aws:s3:::*",
    "arn:aws:s3:::{1}/*/{2}",
    "arn:aws:s3:::fixed",
    "arn:aws:s3:::a$b?c/{1}",
    "arn:aws:ec2:{1}:123456789012:instance/{2}",
    "arn:aws:ec2:*:*:instance/{1}",
    "arn:aws:ec2:{1}:{2}:instance/{3}",
    "arn:aws:ec2:eu-*:123456789012:instance/{1}",
    "arn:aws:dynamodb:*:123456789012:table/{1}/index/{2}",
    "arn:aws:sns:{1}:123456789012:{2}",
    "arn:aws:sqs:*:123456789012:{1}-queue",
    "arn:aws:ssm:*:*:parameter{1}",
    "arn:{1}:s3:::{2}",
    "arn:aws:s3",
];

const KEYS: &[&str] = &[
    "aws:RequestedRegion",
    "aws:requestedregion",
    "s3:prefix",
    "s3:max-keys",
    "aws:SourceIp",
    "aws:SecureTransport",
    "dynamodb:Attributes",
    "aws:RequestTag/team",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalTag/cell",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:TagKeys",
];

const ACTIONS: &[&str] =
    &["s3:GetObject", "s3:getobject", "s3:PutObject", "ec2:StartInstances", "dynamodb:Query"];

const SESSION: &[&str] = &[
    "session.environment == production",
    "session.cell == \"c1\"",
    "session.cell != \"c 2\"",
    "session.cell like \"c*\"",
    "session.mfa",
    "session.clearance >= 3",
    "session.address in \"10.0.0.0/8\"",
    "session.until > now",
    "session.user == ana",
    "session.user != ana",
    "session.roles contains \"x\"",
    "now < 2027-01-01",
    "now > 2026-06-01 and now != 2026-07-01",
    "during weekdays 09:00 to 17:30 in Europe/Berlin",
    "not during mon, fri in UTC",
    "session.authn at-least hardware-key",
    "session.started > 2026-01-01",
    "has session.cell",
    "not has session.user",
];

/// A project as one module.
pub fn project(seed: u64) -> String {
    let rng = &mut Rng::new(seed);
    let mut text = String::from(
        "session {\n  environment: production | staging\n  cell: string\n  mfa: bool\n  clearance: int\n  address: ip\n  \
         until: instant\n  user: person\n  roles: set<string>\n}\n\
         person ana { email \"ana@acme.example\" }\nperson ben { email \"ben@acme.example\" }\n\
         team ops { lead ana  members ana, ben  contact \"ops@acme.example\" }\n\
         data logs { sensitivity internal }\ndata logs.old { sensitivity internal }\n\
         purpose serve { \"Serve.\"  needs * }\n",
    );
    let tools: Vec<Vec<&str>> = (0..4).map(|at| tool(&mut text, rng, at)).collect();
    for agent in ["a", "b"] {
        let _ = writeln!(
            text,
            "agent {agent} {{\n  owner ops\n  identity aws-role \"arn:aws:iam::123456789012:role/{agent}\""
        );
        if rng.chance(25) {
            let _ = writeln!(text, "  identity aws-role \"arn:aws:iam::123456789012:role/{agent}2\"");
        }
        text.push_str("}\n");
    }
    for at in 0..5 {
        let agent = *rng.pick(&["a", "b"]);
        let _ = writeln!(text, "grant g{at} {{\n  to {agent} for serve");
        let mut seen = Vec::new();
        while seen.is_empty() || rng.chance(50) {
            let of = rng.below(tools.len());
            let _ = write!(text, "  allow t{of}");
            if rng.chance(80) {
                let _ = write!(text, " where {}", condition(rng, &tools[of]));
            }
            text.push('\n');
            seen.push(of);
        }
        let _ = writeln!(
            text,
            "  on {}\n  starts 2026-03-01\n  expires 2026-04-01",
            *rng.pick(&["logs", "logs", "logs.old"])
        );
        if rng.chance(40) {
            let _ = writeln!(text, "  when {}", rng.pick(SESSION));
        }
        if rng.chance(30) {
            let _ = writeln!(text, "  ttl {}", rng.pick(&["15m", "1h", "12h"]));
        }
        text.push_str("}\n");
    }
    for at in 0..rng.below(4) {
        let of = rng.below(tools.len());
        let _ = writeln!(text, "forbid f{at} {{\n  tools t{of}\n  when {}\n}}", condition(rng, &tools[of]));
    }
    for at in 0..rng.below(2) {
        let _ = writeln!(text, "ceiling c{at} {{ agents a  allow *  on logs }}");
    }
    text
}

/// A tool with three arguments, whose types' conditions come back.
fn tool(text: &mut String, rng: &mut Rng, at: usize) -> Vec<&'static str> {
    let _ = writeln!(text, "tool t{at} {{\n  effect read\n  reads logs");
    let mut conditions = Vec::new();
    for arg in 1..=3 {
        let (ty, menu) = rng.pick(TYPES);
        let optional = if rng.chance(30) { "?" } else { "" };
        let _ = writeln!(text, "  arg p{arg}{optional}: {ty}");
        conditions.extend(menu.iter().map(|one| &*String::leak(one.replace('@', &format!("args.p{arg}")))));
    }
    for _ in 0..1 + rng.below(2) {
        let mut actions = vec![*rng.pick(ACTIONS)];
        if rng.chance(30) {
            actions.push("s3:ListBucket");
        }
        let actions: Vec<String> = actions.iter().map(|action| format!("{action:?}")).collect();
        let _ = writeln!(text, "  bind aws {{\n    actions {}", actions.join(", "));
        for _ in 0..1 + rng.below(2) {
            let resource = rng.pick(RESOURCES).replace('{', "{args.p");
            let _ = writeln!(text, "    resource {resource:?}");
        }
        for _ in 0..rng.below(4) {
            let _ = writeln!(text, "    key {:?} = args.p{}", rng.pick(KEYS), 1 + rng.below(3));
        }
        text.push_str("  }\n");
    }
    text.push_str("}\n");
    conditions
}

fn condition(rng: &mut Rng, menu: &[&str]) -> String {
    let mut text = rng.pick(menu).to_string();
    while rng.chance(35) {
        let word = if rng.chance(40) { "or" } else { "and" };
        text = format!("({text}) {word} {}", rng.pick(menu));
    }
    text
}
