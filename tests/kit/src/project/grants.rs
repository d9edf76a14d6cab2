//! Grants: what is allowed, in modules of so many each.

use super::Options;
use super::condition::{Scope, condition};
use super::declare::{clause, everyone};
use super::estate::{Estate, Purpose, Special};
use crate::rng::Rng;
use std::fmt::Write;

/// A module of grants.
pub struct Module {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The grants in it.
    pub names: Vec<String>,
}

/// All grants, in modules.
pub fn modules(rng: &mut Rng, options: &Options, estate: &Estate) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    for at in 0..options.grants {
        let part = at / options.grants_per_module;
        if at % options.grants_per_module == 0 {
            modules.push(Module {
                path: format!("grants/part-{part}"),
                text: "use \"../session.grant\"\nuse \"../agents.grant\"\n".into(),
                names: Vec::new(),
            });
        }
        if let Some(module) = modules.last_mut() {
            let name = format!("grant-{part}-{at}");
            grant(rng, options, estate, at, &name, &mut module.text);
            module.names.push(name);
        }
    }
    modules
}

fn grant(rng: &mut Rng, options: &Options, estate: &Estate, at: usize, name: &str, text: &mut String) {
    let agent = &estate.agents[rng.below(estate.agents.len())];
    let own: Vec<&Purpose> =
        estate.purposes.iter().filter(|purpose| purpose.department == agent.department).collect();
    let purpose = if own.is_empty() { &estate.purposes[0] } else { *rng.pick(&own) };
    let count = 1 + rng.below(3);
    let tools = rng.some(&purpose.tools, count);
    let _ = writeln!(text, "\ngrant {name} {{");
    if rng.chance(30) {
        let _ = writeln!(text, "  \"What {} may do, number {at}.\"", agent.name);
    }
    let _ = writeln!(text, "  to {} for {}", agent.name, purpose.name);
    let open = lines(rng, options, estate, &tools, text);
    let attributes = if open { Vec::new() } else { estate.shared(&tools) };
    let whole = Scope { arguments: &attributes, session: &estate.session, ..everyone(estate, options.mix) };

    let on = data(rng, estate, &tools);
    if !on.is_empty() {
        let _ = writeln!(text, "  on {on}");
    }
    let zoned = rng.chance(2) || at == 5;
    let mut when = condition(rng, &whole);
    if zoned {
        let during = rng.pick(&[
            "during weekdays 09:00 to 17:30 in Europe/Berlin",
            "during mon, wed, sat in America/New_York",
            "during every-day 00:00 to 12:00 in Asia/Kolkata",
            "during weekends in Europe/London",
        ]);
        when = Some(match when {
            Some(when) => format!("({when}) and {during}"),
            None => during.to_string(),
        });
    }
    if let Some(when) = when {
        let _ = writeln!(text, "  when {when}");
    }
    if rng.chance(20) {
        let _ = writeln!(text, "  authn at-least {}", rng.pick(&["oauth", "mtls", "mtls", "hardware-key"]));
    }
    if at % 4 == 1 || rng.chance(10) {
        approval(rng, options, estate, &tools, open, text);
    }
    if rng.chance(60) {
        let _ = writeln!(text, "  ttl {}", rng.pick(&["15m", "1h", "8h", "1h30m"]));
    }
    if zoned {
        text.push_str("  starts 2026-11-01\n  expires 2027-02-01\n");
    } else {
        if rng.chance(40) {
            let _ = writeln!(text, "  starts {}", rng.pick(&["2026-01-01", "2026-06-01T08:00:00Z"]));
        }
        if rng.chance(75) {
            let _ = writeln!(
                text,
                "  expires {}",
                rng.pick(&["2027-03-31", "2027-01-01T00:00:01Z", "2028-12-31"])
            );
        }
    }
    if at % 4 == 2 || rng.chance(15) {
        delegation(rng, options, estate, agent.department, &tools, text);
    }
    text.push_str("}\n");
}

/// The `allow` lines. Tells whether one of them is open (a glob or a predicate), so that nothing
/// is known of the arguments.
fn lines(rng: &mut Rng, options: &Options, estate: &Estate, tools: &[usize], text: &mut String) -> bool {
    let names: Vec<&str> = tools.iter().map(|&tool| estate.tools[tool].name.as_str()).collect();
    if tools.len() > 1 && rng.chance(30) {
        let shared = estate.shared(tools);
        let scope = Scope { arguments: &shared, ..everyone(estate, options.mix) };
        let _ = writeln!(text, "  allow {}{}", names.join(", "), clause("where", condition(rng, &scope)));
    } else {
        for &tool in tools {
            let attributes = estate.tools[tool].attributes();
            let scope = Scope { arguments: &attributes, ..everyone(estate, options.mix) };
            let word = if rng.chance(10) { "tools " } else { "" };
            let name = &estate.tools[tool].name;
            let _ = writeln!(text, "  allow {word}{name}{}", clause("where", condition(rng, &scope)));
        }
    }
    let open = rng.chance(12);
    if open {
        let family = estate.tools[tools[0]].family;
        let set = match rng.below(4) {
            0 => format!("sys-{family}.*"),
            1 => format!("sys-{family}.* and not irreversible"),
            2 => format!("tools tagged tier-{} and sys-{family}.*", family % 3),
            _ => format!("(effect write or effect read) and sys-{family}.*"),
        };
        let _ = writeln!(text, "  allow {set}");
    }
    open
}

/// A set of classes that covers what the tools touch, mostly.
fn data(rng: &mut Rng, estate: &Estate, tools: &[usize]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for &at in tools {
        let tool = &estate.tools[at];
        if tool.special == Special::Unclassified {
            parts.push("unclassified".into());
        }
        for &class in &tool.classes {
            let root = estate.classes[class].root;
            parts.push(match rng.below(20) {
                0 => format!("records-{root}.part-1"),
                1 => format!("(records-{root} and not records-{root}.part-0.detail)"),
                2 => format!("(at-most restricted and records-{root})"),
                3 => format!("(records-{root} and at-least public and not tagged nowhere-else)"),
                4..10 => format!("records-{root}"),
                _ => estate.classes[class].name.clone(),
            });
        }
    }
    parts.sort();
    parts.dedup();
    parts.join(", ")
}

fn approval(
    rng: &mut Rng,
    options: &Options,
    estate: &Estate,
    tools: &[usize],
    open: bool,
    text: &mut String,
) {
    let who = if rng.chance(60) { rng.pick(&estate.teams) } else { rng.pick(&estate.people) };
    let _ = write!(text, "  approval {who} within {}", rng.pick(&["10m", "1h", "1d"]));
    let one = rng.chance(40);
    if one {
        let _ = write!(text, " for {}", estate.tools[tools[0]].name);
    }
    let attributes = match (one, open) {
        (true, _) => estate.shared(&tools[..1]),
        (false, false) => estate.shared(tools),
        (false, true) => Vec::new(),
    };
    let scope = Scope { arguments: &attributes, ..everyone(estate, options.mix) };
    if rng.chance(50) {
        text.push_str(&clause("if", condition(rng, &scope)));
    }
    if rng.chance(40) {
        text.push_str(" independent");
    }
    text.push('\n');
}

fn delegation(
    rng: &mut Rng,
    options: &Options,
    estate: &Estate,
    department: usize,
    tools: &[usize],
    text: &mut String,
) {
    let colleagues = estate.agents_of(department);
    let named: Vec<&str> =
        rng.some(&colleagues, 3).iter().map(|&at| estate.agents[at].name.as_str()).collect();
    let to = match rng.below(4) {
        0 => format!("agents owned-by {}", estate.teams[department]),
        1 => format!("agent-* and owned-by {} and not {}", estate.teams[department], named[0]),
        _ => named.join(", "),
    };
    let depth = *rng.pick(&[1, 1, 2, 3, 7]);
    let _ = write!(text, "  delegate to {to} depth {depth}");
    let tool = &estate.tools[tools[0]];
    let attributes = tool.attributes();
    let scope = Scope { arguments: &attributes, ..everyone(estate, options.mix) };
    match rng.below(3) {
        0 => {}
        1 => {
            let _ = write!(text, " only {}{}", tool.name, clause("where", condition(rng, &scope)));
        }
        _ => {
            text.push_str(" only {\n");
            for &tool in tools {
                let _ = writeln!(text, "    allow {}", estate.tools[tool].name);
            }
            let on = data(rng, estate, tools);
            if !on.is_empty() {
                let _ = writeln!(text, "    on {on}");
            }
            text.push_str("  }");
        }
    }
    text.push('\n');
}
