//! The modules that say what there is: session, people, data, tools, purposes, agents.

use super::Options;
use super::condition::{Scope, condition};
use super::estate::{Class, Estate, FAMILY, Presence, Special, Tool};
use crate::rng::Rng;
use std::fmt::Write;

/// All of them, as paths and texts.
pub fn modules(rng: &mut Rng, options: &Options, estate: &Estate) -> Vec<(String, String)> {
    let mut modules = vec![
        ("session".into(), session(estate)),
        ("data".into(), data(rng, estate)),
        ("people".into(), people(rng, options, estate)),
        ("purposes".into(), purposes(rng, options, estate)),
        ("agents".into(), agents(rng, estate)),
        ("probe".into(), probe(estate)),
    ];
    for family in 0..families(estate) {
        modules.push((format!("tools/sys-{family}"), tools(rng, estate, family)));
    }
    modules
}

/// How many tool families there are.
pub fn families(estate: &Estate) -> usize {
    estate.tools.len().div_ceil(FAMILY)
}

fn session(estate: &Estate) -> String {
    let mut text = "# What enforcement points assert.\nsession {\n".to_string();
    for attribute in &estate.session {
        let _ = writeln!(text, "  {}: {}", attribute.name, attribute.kind.text());
    }
    text + "}\n"
}

fn people(rng: &mut Rng, options: &Options, estate: &Estate) -> String {
    let mut text = String::new();
    for family in 0..families(estate) {
        let _ = writeln!(text, "use \"./tools/sys-{family}.grant\"");
    }
    let last = estate.people.len() - 1;
    for (at, name) in estate.people.iter().enumerate() {
        let _ = writeln!(text, "\nperson {name} {{\n  email \"{name}@acme.example\"");
        if at % 3 == 0 {
            let _ = writeln!(text, "  identity oidc \"https://login.acme.example\" \"{name}\"");
        }
        if at == last {
            text.push_str("  departed on 2026-06-30\n");
        }
        if at == 0 {
            let tool = &estate.tools[0];
            let attributes = tool.attributes();
            let scope = Scope { arguments: &attributes, ..everyone(estate, options.mix) };
            let _ = writeln!(text, "  holds {}{}", tool.name, clause("where", condition(rng, &scope)));
            text.push_str("  holds data records-0\n");
        }
        text.push_str("}\n");
    }
    for (at, name) in estate.teams.iter().enumerate() {
        let members: Vec<&str> = estate
            .people
            .iter()
            .enumerate()
            .filter(|(person, _)| person % estate.teams.len() == at)
            .map(|(_, name)| name.as_str())
            .collect();
        let members = if members.is_empty() { vec![estate.people[0].as_str()] } else { members };
        let _ = writeln!(text, "\nteam {name} {{\n  lead {}\n  members {}", members[0], members.join(", "));
        let _ = writeln!(text, "  contact \"{name}@acme.example\"");
        if at == 0 {
            text.push_str("  holds sys-*\n  holds data records-*, ledger-*, unclassified\n");
        }
        text.push_str("}\n");
    }
    text
}

fn data(rng: &mut Rng, estate: &Estate) -> String {
    let mut text = String::new();
    let mut levels: Vec<usize> = Vec::new();
    for class in &estate.classes {
        let least = class.parent.map_or(0, |parent| levels[parent]);
        let level = (least + rng.below(2)).min(3);
        levels.push(level);
        let _ = write!(text, "data {} {{ ", class.name);
        if rng.chance(30) {
            let _ = write!(text, "\"What {} holds.\" ", class.name);
        }
        if let Some(parent) = stated_parent(estate, class) {
            let _ = write!(text, "parent {parent} ");
        }
        if class.parent.is_none() || level != least {
            let word = ["public", "internal", "confidential", "restricted"][level];
            let _ = write!(text, "sensitivity {word} ");
        }
        if class.parent.is_none() || rng.chance(20) {
            let _ = write!(text, "regulations {} ", rng.pick(&["GDPR", "PCI", "GDPR, HIPAA"]));
        }
        if rng.chance(30) {
            text.push_str("tags identifier ");
        }
        text.push_str("}\n");
    }
    text
}

/// The parent of a class whose name does not tell it.
fn stated_parent<'a>(estate: &'a Estate, class: &Class) -> Option<&'a str> {
    let parent = &estate.classes[class.parent?].name;
    (!class.name.starts_with(&format!("{parent}."))).then_some(parent)
}

fn tools(rng: &mut Rng, estate: &Estate, family: usize) -> String {
    let mut text = "use \"../data.grant\"\n".to_string();
    for at in estate.family(family) {
        text.push('\n');
        tool(rng, estate, &estate.tools[at], at, &mut text);
    }
    text
}

fn tool(rng: &mut Rng, estate: &Estate, tool: &Tool, at: usize, text: &mut String) {
    let _ = writeln!(text, "tool {} {{\n  \"Call number {at}.\"", tool.name);
    for (attribute, presence) in &tool.arguments {
        let (name, ty) = (attribute.name, attribute.kind.text());
        let _ = match presence {
            Presence::Required => writeln!(text, "  arg {name}: {ty}"),
            Presence::Optional => writeln!(text, "  arg {name}?: {ty}"),
            Presence::Default => {
                writeln!(text, "  arg {name}: {ty} = {}", attribute.kind.literal(rng, &estate.people))
            }
        };
    }
    let classes: Vec<&str> = tool.classes.iter().map(|&class| estate.classes[class].name.as_str()).collect();
    let all = classes.join(", ");
    let effect =
        ["write", "write", "read", "delete irreversible", "read", "write", "execute", "admin"][at % FAMILY];
    let _ = writeln!(text, "  effect {effect}");
    let _ = writeln!(
        text,
        "  tags tier-{}{}",
        tool.family % 3,
        if rng.chance(20) { ", money-movement" } else { "" }
    );
    if !classes.is_empty() {
        let _ = match at % 3 {
            0 => writeln!(text, "  reads {all}"),
            1 => writeln!(text, "  writes {all}"),
            _ => writeln!(text, "  reads {}\n  writes {all}", classes[0]),
        };
    }
    match tool.special {
        Special::Variants => {
            text.push_str("  arg method: create | update | purge\n");
            let _ = writeln!(text, "  variant method create {{ reaches external  tags creating }}");
            let _ = writeln!(
                text,
                "  variant method purge {{\n    effect delete irreversible\n    writes {}\n    bind mcp \"purger\" \"purge-{at}\"\n  }}",
                classes[0]
            );
        }
        Special::Derived => text.push_str("  arg files: opaque\n  arg paths: set<path> = each files.path\n"),
        Special::Unclassified if rng.chance(50) => text.push_str("  reads unclassified\n"),
        Special::TouchesNothing => text.push_str("  touches nothing\n"),
        Special::Aws => {
            text.push_str("  arg bucket: string\n  arg key: string\n  arg aws-region: string\n");
            text.push_str(concat!(
                "  bind aws {\n    actions \"s3:GetObject\", \"s3:GetObjectVersion\"\n",
                "    resource \"arn:aws:s3:::{args.bucket}/{args.key}\"\n",
                "    key \"aws:RequestedRegion\" = args.aws-region\n  }\n",
            ));
        }
        Special::Kubernetes => {
            text.push_str(
                "  arg namespace: string\n  arg object: string\n  arg replicas: int\n  arg paused: bool\n",
            );
            text.push_str(concat!(
                "  bind kubernetes {\n    verbs get, patch\n    groups \"apps\"\n",
                "    resources \"deployments\", \"deployments/scale\"\n",
                "    namespace args.namespace\n    name args.object\n",
                "    field \"spec.replicas\" = args.replicas\n    field \"spec.paused\" = args.paused\n  }\n",
                "  bind kubernetes {\n    verbs get\n    groups \"\"\n    resources \"namespaces\"\n    namespace cluster\n  }\n",
            ));
        }
        Special::Outward => text.push_str("  reaches external\n"),
        Special::Ingests => text.push_str("  ingests untrusted\n"),
        Special::Defaults | Special::Plain | Special::Unclassified => {}
    }
    if !matches!(tool.special, Special::Aws | Special::Kubernetes) || rng.chance(50) {
        let _ = writeln!(text, "  bind mcp \"server-{}\" \"call-{at}\"", tool.family);
    }
    text.push_str("}\n");
}

fn purposes(rng: &mut Rng, options: &Options, estate: &Estate) -> String {
    let mut text = "use \"./people.grant\"\n".to_string();
    for purpose in &estate.purposes {
        let _ = writeln!(text, "\npurpose {} {{\n  \"What {} is for.\"", purpose.name, purpose.name);
        let mut families: Vec<usize> = Vec::new();
        for &at in &purpose.tools {
            let tool = &estate.tools[at];
            families.push(tool.family);
            let attributes = tool.attributes();
            let scope = Scope { arguments: &attributes, ..everyone(estate, options.mix) };
            let needed = rng.chance(options.conditional_needs).then(|| condition(rng, &scope)).flatten();
            let _ = writeln!(text, "  needs {}{}", tool.name, clause("where", needed));
        }
        families.dedup();
        if options.conditional_needs == 0 || rng.chance(30) {
            for family in families {
                let _ = writeln!(text, "  needs sys-{family}.*");
            }
        }
        text.push_str("  needs data records-*, ledger-*, unclassified\n}\n");
    }
    text
}

fn agents(rng: &mut Rng, estate: &Estate) -> String {
    let mut text = "use \"./people.grant\"\nuse \"./purposes.grant\"\n".to_string();
    let last = estate.agents.len() - 1;
    for (at, agent) in estate.agents.iter().enumerate() {
        let name = &agent.name;
        let _ = writeln!(text, "\nagent {name} {{\n  \"Agent number {at}.\"");
        let person = &estate.people[at % estate.people.len()];
        let owner = if rng.chance(80) { &estate.teams[agent.department] } else { person };
        let _ = writeln!(text, "  owner {owner}");
        if at == 0 || rng.chance(60) {
            let _ = writeln!(text, "  identity spiffe \"spiffe://acme.example/agents/{name}\"");
        }
        if at == 0 || rng.chance(15) {
            let _ = writeln!(text, "  identity oidc \"https://login.acme.example\" \"{name}\"");
            let _ = writeln!(text, "  identity entra \"00000000-0000-4000-8000-{at:012}\"");
            let _ = writeln!(text, "  identity oauth \"client-{name}\"");
        }
        if at == 0 || rng.chance(40) {
            let own: Vec<String> = estate
                .purposes
                .iter()
                .filter(|purpose| purpose.department == agent.department)
                .map(|purpose| purpose.name.clone())
                .collect();
            let only = match rng.some(&own, 2) {
                some if some.is_empty() || rng.chance(50) => String::new(),
                some => format!(" for {}", some.join(", ")),
            };
            let _ = writeln!(text, "  identity aws-role \"arn:aws:iam::123456789012:role/{name}\"{only}");
        }
        if at == 0 || rng.chance(40) {
            let _ = writeln!(text, "  identity kubernetes \"agents/{name}\"");
        }
        if rng.chance(30) {
            let _ = writeln!(text, "  authn at-least {}", rng.pick(&["api-key", "oauth", "mtls"]));
        }
        if at == 0 || rng.chance(30) {
            let _ = writeln!(text, "  review every 90d last 2026-10-01 by {person}");
        } else if rng.chance(30) {
            text.push_str("  review every 52w\n");
        }
        if at == 0 || rng.chance(30) {
            text.push_str("  tags customer-facing\n");
        }
        if at == last {
            text.push_str("  suspended because \"credential leaked on 2026-11-02\"\n");
        }
        text.push_str("}\n");
    }
    text
}

/// A corner of the project that nothing else speaks of, so that its tests are sure to hold.
fn probe(estate: &Estate) -> String {
    let (outsider, insider) = (&estate.people[0], &estate.people[1]);
    format!(
        r#"use "./session.grant"
use "./people.grant"

team probes {{ lead {insider}  members {insider}  contact "probes@acme.example" }}
agent probe {{ owner probes  identity oauth "probe" }}
agent probe-helper {{ owner probes  authn at-least oauth }}
tool probe.ping {{
  arg size: int
  arg mode: fast | slow = fast
  arg note?: string
  effect read
  touches nothing
}}
purpose probing {{ "See that the answers come back."  needs probe.ping where args.size <= 64 }}

grant probe-ping {{
  to       probe for probing
  allow    probe.ping where args.size <= 64 and args.mode in (fast, slow)
  approval {outsider} within 1h if args.size > 32 independent
  ttl      15m
  starts   2026-01-01
  expires  2028-01-01
  delegate to probe-helper depth 1 only {{ allow probe.ping where args.size <= 16 }}
}}

test "the probe answers" {{
  given at 2026-12-01T10:00:00Z
  given session {{ environment: production }}
  allow probe for probing calling probe.ping with {{ size: 32, note: null }} on nothing
  allow probe for probing calling probe.ping with {{ size: 64, mode: slow }} approved by {outsider} 1h ago
  allow probe via probe-helper for probing calling probe.ping with {{ size: 16 }} started 15m ago authn oauth
  deny  probe via probe-helper for probing calling probe.ping with {{ size: 16 }} authn api-key due to no-grant
  deny  probe for probing calling probe.ping with {{ size: 65 }} session {{ quota: 1 }} due to no-grant
  deny  probe for probing calling probe.ping due to ill-formed
  deny  probe for probing calling probe.ping with {{ size: 1 }} at 2028-01-01 due to no-grant
}}

prove "only the probes ping" {{
  never  agents not owned-by probes calling probe.ping
  only   agents owned-by probes calling probe.* where args.size > 0
  always probe for probing calling probe.ping where args.size <= 1 and now >= 2026-02-01 and now < 2026-02-02 and session.started >= 2026-02-01T23:59:00Z
}}
"#
    )
}

/// A scope over everybody and no attribute.
pub fn everyone(estate: &Estate, mix: [usize; 4]) -> Scope<'_> {
    Scope {
        arguments: &[],
        session: &[],
        people: &estate.people,
        teams: &estate.teams,
        purposes: &estate.purpose_names,
        mix,
    }
}

/// ` where C`, or nothing.
pub fn clause(word: &str, condition: Option<String>) -> String {
    condition.map(|condition| format!(" {word} {condition}")).unwrap_or_default()
}
