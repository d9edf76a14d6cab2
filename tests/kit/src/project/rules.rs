//! Forbids, ceilings, duties, combinations, standards and waivers.

use super::Options;
use super::condition::{Scope, condition};
use super::declare::{clause, everyone, families};
use super::estate::{Estate, FAMILY};
use super::grants::Module;
use super::values::Kind;
use crate::rng::Rng;
use std::fmt::Write;

const SCOPES: [&str; 4] = ["session", "agent", "delegation", "owner"];

/// The module of all rules.
pub fn module(rng: &mut Rng, options: &Options, estate: &Estate, grants: &[Module]) -> (String, String) {
    let mut text = "use \"./probe.grant\"\n".to_string();
    for module in grants {
        let _ = writeln!(text, "use \"./{}.grant\"", module.path);
    }
    for at in 0..options.forbids {
        forbid(rng, options, estate, at, &mut text);
    }
    for at in 0..options.ceilings {
        ceiling(estate, at, &mut text);
    }
    for at in 0..options.combinations {
        separate(rng, options, estate, at, &mut text);
        toxic(rng, options, estate, at, &mut text);
    }
    standards(estate, &mut text);
    if let Some(grant) = grants.first().and_then(|module| module.names.first()) {
        let _ = write!(
            text,
            "\nwaive over-privilege on grant {grant} {{\n  by {}\n  because \"the old desk closes in January\"\n  until 2027-01-31\n}}\n",
            estate.people[0]
        );
    }
    ("rules".into(), text)
}

/// Forbids take little each, so that most of what is granted stays allowed.
fn forbid(rng: &mut Rng, options: &Options, estate: &Estate, at: usize, text: &mut String) {
    let _ = writeln!(text, "\nforbid forbid-{at} {{");
    if at == 0 {
        // Nothing stated but a time long past: it speaks of everything, and bites nothing.
        text.push_str("  when now < 2000-01-01\n}\n");
        return;
    }
    let tool = rng.below(estate.tools.len());
    let named = &estate.tools[tool];
    let one = rng.chance(50);
    if rng.chance(60) {
        let agent = &estate.agents[rng.below(estate.agents.len())];
        let set = match rng.below(3) {
            0 => format!("not owned-by {}", estate.teams[named.department]),
            1 => format!("{}, tagged customer-facing", agent.name),
            _ => agent.name.clone(),
        };
        let _ = writeln!(text, "  agents {set}");
    }
    if one {
        let _ = writeln!(text, "  tools  {}", named.name);
    } else {
        let _ = writeln!(text, "  tools  effect delete and sys-{}.*, irreversible and sys-*", named.family);
    }
    if rng.chance(40) {
        let data = ["data at-least confidential", "records-0", "regulated-by PCI or tagged identifier"];
        let _ = writeln!(text, "  data   {}", rng.pick(&data).trim_start_matches("data "));
    }
    let attributes = if one { named.attributes() } else { Vec::new() };
    let scope = Scope { arguments: &attributes, session: &estate.session, ..everyone(estate, options.mix) };
    let when = condition(rng, &scope).unwrap_or_else(|| "session.environment == staging".into());
    let _ = writeln!(text, "  when   {when}");
    text.push_str("  because \"it was agreed so\"\n}\n");
}

fn ceiling(estate: &Estate, at: usize, text: &mut String) {
    let department = at % estate.teams.len();
    let _ = writeln!(text, "\nceiling ceiling-{at} {{");
    let _ = writeln!(text, "  agents owned-by {}", estate.teams[department]);
    if at.is_multiple_of(2) {
        text.push_str("  allow  sys-*\n  allow  probe.ping where args.size <= 1000\n");
    } else {
        text.push_str("  allow  sys-*.*\n");
    }
    text.push_str("  on     records-*, ledger-*, unclassified\n");
    if at.is_multiple_of(2) {
        text.push_str("  when   session.authn at-least api-key\n");
    }
    text.push_str("}\n");
}

/// Two tools of different families where there are two.
fn two(rng: &mut Rng, estate: &Estate) -> (usize, usize) {
    let count = families(estate);
    let family = rng.below(count);
    let other = if count > 1 { (family + 1 + rng.below(count - 1)) % count } else { family };
    let (a, b) = (estate.family(family), estate.family(other));
    (*rng.pick(&a), *rng.pick(&b))
}

fn separate(rng: &mut Rng, options: &Options, estate: &Estate, at: usize, text: &mut String) {
    let (a, b) = two(rng, estate);
    let (make, check) = (&estate.tools[a], &estate.tools[b]);
    let attributes = check.attributes();
    let scope = Scope { arguments: &attributes, ..everyone(estate, options.mix) };
    let _ = writeln!(text, "\nseparate separate-{at} within {} {{", SCOPES[at % 4]);
    text.push_str("  \"Nobody approves what they made.\"\n");
    let _ = writeln!(text, "  duty make {}", make.name);
    let _ = writeln!(text, "  duty check tools {}{}", check.name, clause("where", condition(rng, &scope)));
    text.push_str("  severity warning\n  reference \"NIST SP 800-53 AC-5\"\n}\n");
}

fn toxic(rng: &mut Rng, options: &Options, estate: &Estate, at: usize, text: &mut String) {
    let _ = writeln!(text, "\ntoxic toxic-{at} within {} {{", SCOPES[(at + at / 4) % 4]);
    let (a, b) = two(rng, estate);
    let (left, right) = (&estate.tools[a], &estate.tools[b]);
    let shared = estate
        .shared(&[a, b])
        .into_iter()
        .find(|attribute| !matches!(attribute.kind, Kind::Opaque | Kind::Set(_)));
    match (at % 3, shared) {
        (0, _) => {
            let _ = writeln!(text, "  leg private   {} data at-least internal", left.name);
            let _ = writeln!(
                text,
                "  leg untrusted tools ingesting untrusted and sys-{}.*",
                families_with_guests(estate)
            );
            let _ = writeln!(text, "  leg outward   {} unless approved", right.name);
        }
        (1, Some(shared)) => {
            let _ = writeln!(text, "  leg first {}\n  leg second {}", left.name, right.name);
            let _ = writeln!(text, "  joining first.{0} == second.{0}", shared.name);
        }
        _ => {
            let attributes = right.attributes();
            let scope = Scope { arguments: &attributes, ..everyone(estate, options.mix) };
            let _ = writeln!(text, "  leg touched data records-{}", at % options.roots);
            let _ = writeln!(text, "  leg called {}{}", right.name, clause("where", condition(rng, &scope)));
        }
    }
    text.push_str("  severity warning\n  reference \"OWASP ASI03\"\n}\n");
}

/// The family of the tool that ingests: the ninth of every project.
fn families_with_guests(estate: &Estate) -> usize {
    estate.tools.get(8).map_or(0, |_| 8 / FAMILY)
}

fn standards(estate: &Estate, text: &mut String) {
    let team = &estate.teams[0];
    let _ = write!(
        text,
        r#"
standard baseline {{
  "What every grant of the first department keeps to."
  for grants allowing effect delete on at-least confidential to owned-by {team}
  require expires within 365d
  require ttl at-most 8h
  require approval independent
  require authn at-least mtls
  require depth at-most 1
  severity note
  reference "NIST SP 800-53 AC-6"
}}

standard reviewed {{
  for agents tagged customer-facing
  require review every 180d
  require identity spiffe
  require authn at-least oauth
  require owner team
  severity note
}}

standard strong {{
  for grants on at-least restricted to owned-by {team}
  require when session.authn at-least mtls or now < 2199-12-31
  severity note
}}

standard known {{ for agents  require identity  severity note }}
standard ends  {{ for grants  require expires  severity note }}
"#
    );
}
