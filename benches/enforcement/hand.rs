//! The same estate as somebody would write it by hand. Nothing is explained, there is no delegation
//! and no approval; and but for [`REGO_CHECKED`] the caller is trusted: it hands over what the
//! policy wants, and nothing is checked to be well formed.

use crate::estate::{Call, EXPIRES, Estate, Forbid, Grant, MOST, NOW, TOOLS, TTL};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Cedar: a policy a grant, a policy a forbid, in one set.
pub fn cedar(estate: Estate) -> String {
    let mut text = String::new();
    for Grant { agent, purpose, limited: (tool, most), free } in estate.grants() {
        let (one, other) = (Estate::class(tool), Estate::class(free));
        let _ = writeln!(
            text,
            "permit (principal == Agent::\"a{agent}\", action in [Action::\"t{tool}\", Action::\"t{free}\"], resource)\n\
             when {{ context.purpose == \"p{purpose}\" && (action == Action::\"t{free}\" || context.amount <= {most}) &&\n\
             context.environment == \"production\" && context.now < {EXPIRES} && context.now - context.started <= {TTL} &&\n\
             [\"c{one}\", \"c{other}\"].containsAll(context.data) }};"
        );
    }
    for forbid in estate.forbids() {
        let _ = match forbid {
            Forbid::Above(tool) => writeln!(
                text,
                "forbid (principal, action == Action::\"t{tool}\", resource) when {{ context.amount > {MOST} }};"
            ),
            Forbid::Agent(agent, tool) => writeln!(
                text,
                "forbid (principal == Agent::\"a{agent}\", action == Action::\"t{tool}\", resource);"
            ),
        };
    }
    text
}

/// How many grants one module of rules has: engines bound the lines of a module.
const IN_A_MODULE: usize = 500;

/// Rego: a rule a line of a grant, a rule a forbid. The modules.
pub fn rego_rules(estate: Estate) -> Vec<String> {
    const HEAD: &str = "package hand\n\nimport rego.v1\n";
    let mut decision = format!(
        "{HEAD}\ndefault allow := false\n\nallow if {{\n\tpermitted\n\tnot forbidden\n}}\n\ndefault forbidden := false\n"
    );
    for forbid in estate.forbids() {
        let _ = match forbid {
            Forbid::Above(tool) => {
                write!(
                    decision,
                    "\nforbidden if {{\n\tinput.tool == \"t{tool}\"\n\tinput.amount > {MOST}\n}}\n"
                )
            }
            Forbid::Agent(agent, tool) => write!(
                decision,
                "\nforbidden if {{\n\tinput.agent == \"a{agent}\"\n\tinput.tool == \"t{tool}\"\n}}\n"
            ),
        };
    }
    let grants: Vec<Grant> = estate.grants().collect();
    let rules = |grant: &Grant| {
        let Grant { agent, purpose, limited: (limited, most), free } = *grant;
        let (one, other) = (Estate::class(limited), Estate::class(free));
        [(limited, format!("\n\tinput.amount <= {most}")), (free, String::new())].map(|(tool, limit)| {
            format!(
                "\npermitted if {{\n\tinput.agent == \"a{agent}\"\n\tinput.purpose == \"p{purpose}\"\n\tinput.tool == \"t{tool}\"{limit}\n\
                 \tinput.environment == \"production\"\n\tinput.now < {EXPIRES}\n\tinput.now - input.started <= {TTL}\n\
                 \tevery class in input.data {{\n\t\tclass in {{\"c{one}\", \"c{other}\"}}\n\t}}\n}}\n"
            )
        })
    };
    let of = |grants: &[Grant]| HEAD.to_owned() + &grants.iter().flat_map(rules).collect::<String>();
    [decision].into_iter().chain(grants.chunks(IN_A_MODULE).map(of)).collect()
}

/// Rego that goes by data in which the grants are kept by agent, the forbids in a list.
pub const REGO_BY_AGENT: &str = r#"package hand

import rego.v1

default allow := false

allow if {
	permitted
	not forbidden
}

permitted if {
	some grant in data.estate.grants[input.agent]
	grant.purpose == input.purpose
	some line in grant.lines
	line.tool == input.tool
	input.amount <= line.most
	input.environment == "production"
	input.now < grant.expires
	input.now - input.started <= grant.ttl
	every class in input.data {
		class in grant.data
	}
}

default forbidden := false

forbidden if {
	some forbid in data.estate.forbids
	forbid.tool == input.tool
	forbid.agent in {input.agent, "any"}
	input.amount > forbid.most
}
"#;

/// The same, for whoever does not trust the caller: it takes the requests that the exported policy
/// takes, and lets none pass that is not well formed.
pub const REGO_CHECKED: &str = r#"package hand

import rego.v1

default allow := false

allow if {
	well_formed
	permitted
	not forbidden
}

well_formed if {
	count(input.chain) == 1
	is_string(input.purpose)
	count(object.keys(input) - {"chain", "purpose", "tool", "data", "args", "now", "session", "approvals"}) == 0
	count(object.keys(input.args) - {"amount", "note"}) == 0
	is_number(input.args.amount)
	floor(input.args.amount) == input.args.amount
	is_string(object.get(input.args, "note", ""))
	count(object.keys(input.session) - {"started", "authn", "environment"}) == 0
	input.session.authn in {"api-key", "oauth", "mtls", "hardware-key"}
	input.session.environment in {"production", "staging"}
	every class in object.get(input, "data", []) {
		class == data.estate.tools[input.tool]
	}
	started <= now
}

agent := input.chain[0]

classes := object.get(input, "data", [data.estate.tools[input.tool]])

now := instant(input.now)

started := instant(input.session.started)

instant(text) := time.parse_rfc3339_ns(text) / 1000000000 if {
	regex.match(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$`, text)
}

permitted if {
	some grant in data.estate.grants[agent]
	grant.purpose == input.purpose
	some line in grant.lines
	line.tool == input.tool
	input.args.amount <= line.most
	input.session.environment == "production"
	now < grant.expires
	now - started <= grant.ttl
	every class in classes {
		class in grant.data
	}
}

default forbidden := false

forbidden if {
	some forbid in data.estate.forbids
	forbid.tool == input.tool
	forbid.agent in {agent, "any"}
	input.args.amount > forbid.most
}
"#;

/// Its data.
pub fn rego_data(estate: Estate) -> Json {
    let mut grants: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for Grant { agent, purpose, limited: (tool, most), free } in estate.grants() {
        let data: Vec<String> = [tool, free].map(|tool| format!("c{}", Estate::class(tool))).into();
        let line = |tool: usize, most: i64| json!({ "tool": format!("t{tool}"), "most": most });
        grants.entry(format!("a{agent}")).or_default().push(json!({
            "purpose": format!("p{purpose}"), "lines": [line(tool, most), line(free, i64::from(i32::MAX))],
            "data": data, "expires": EXPIRES, "ttl": TTL,
        }));
    }
    let forbids = estate.forbids().map(|forbid| match forbid {
        Forbid::Above(tool) => json!({ "tool": format!("t{tool}"), "agent": "any", "most": MOST }),
        Forbid::Agent(agent, tool) => {
            json!({ "tool": format!("t{tool}"), "agent": format!("a{agent}"), "most": -1 })
        }
    });
    let tools: BTreeMap<String, String> =
        (0..TOOLS).map(|tool| (format!("t{tool}"), format!("c{}", Estate::class(tool)))).collect();
    json!({ "estate": { "grants": grants, "forbids": forbids.collect::<Vec<_>>(), "tools": tools } })
}

/// What these policies are asked of a call.
pub fn input(call: &Call) -> Json {
    json!({
        "agent": format!("a{}", call.agent), "purpose": format!("p{}", call.purpose),
        "tool": format!("t{}", call.tool), "amount": call.amount, "environment": "production",
        "now": NOW, "started": call.started, "data": [format!("c{}", Estate::class(call.tool))],
    })
}
