//! The same estate as somebody would write it by hand, who trusts the caller: nothing is checked
//! to be well formed, nothing is explained, there is no delegation and no approval.

use crate::estate::{Call, EXPIRES, Estate, Forbid, Grant, MOST, NOW, TTL};
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

/// Rego: a rule a line of a grant, a rule a forbid.
pub fn rego_rules(estate: Estate) -> String {
    let mut text = "package hand\n\nimport rego.v1\n\ndefault allow := false\n\n\
        allow if {\n\tpermitted\n\tnot forbidden\n}\n\ndefault forbidden := false\n"
        .to_owned();
    for Grant { agent, purpose, limited: (tool, most), free } in estate.grants() {
        let (one, other) = (Estate::class(tool), Estate::class(free));
        for (tool, limit) in [(tool, format!("\n\tinput.amount <= {most}")), (free, String::new())] {
            let _ = write!(
                text,
                "\npermitted if {{\n\tinput.agent == \"a{agent}\"\n\tinput.purpose == \"p{purpose}\"\n\tinput.tool == \"t{tool}\"{limit}\n\
                 \tinput.environment == \"production\"\n\tinput.now < {EXPIRES}\n\tinput.now - input.started <= {TTL}\n\
                 \tevery class in input.data {{\n\t\tclass in {{\"c{one}\", \"c{other}\"}}\n\t}}\n}}\n"
            );
        }
    }
    for forbid in estate.forbids() {
        let _ = match forbid {
            Forbid::Above(tool) => {
                write!(text, "\nforbidden if {{\n\tinput.tool == \"t{tool}\"\n\tinput.amount > {MOST}\n}}\n")
            }
            Forbid::Agent(agent, tool) => write!(
                text,
                "\nforbidden if {{\n\tinput.agent == \"a{agent}\"\n\tinput.tool == \"t{tool}\"\n}}\n"
            ),
        };
    }
    text
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
    json!({ "estate": { "grants": grants, "forbids": forbids.collect::<Vec<_>>() } })
}

/// What these policies are asked of a call.
pub fn input(call: &Call) -> Json {
    json!({
        "agent": format!("a{}", call.agent), "purpose": format!("p{}", call.purpose),
        "tool": format!("t{}", call.tool), "amount": call.amount, "environment": "production",
        "now": NOW, "started": call.started, "data": [format!("c{}", Estate::class(call.tool))],
    })
}
