//! The same estate as somebody would write it by hand: who knows which tools there are and how
//! grants are limited need not write a language, and nothing is explained.
//!
//! Most trust their caller: it hands over what the policy wants, and nothing is checked to be well
//! formed. [`REGO_CHECKED`] does not: it decides every request of the contract as the language does.

use crate::estate::{
    APPROVERS, Call, EXPIRES, Estate, Forbid, Grant, HOUR, Kind, MOST, NOW, TOOLS, class, kind,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Cedar: a policy a tool of a grant, a policy a forbid, in one set.
pub fn cedar(estate: Estate) -> String {
    let mut text = String::new();
    for grant in estate.grants() {
        let Grant { agent, purpose, limited, most, free, delegate, approval } = grant;
        let (one, other) = (class(limited), class(free));
        let limit = match kind(limited) {
            Kind::Pay => format!("context.amount <= {most} && [\"EUR\", \"USD\"].contains(context.currency)"),
            Kind::Query => format!("context.rows <= {most} && context.table like \"sales-*\""),
            Kind::File => {
                format!("(context.path == \"/srv/p{purpose}\" || context.path like \"/srv/p{purpose}/*\")")
            }
        };
        let approved = APPROVERS.map(|person| {
            format!(
                "context.approvals has {person} && context.approvals.{person} <= context.now && \
                 context.now - context.approvals.{person} <= {HOUR}"
            )
        });
        let approved = if approval { format!(" && ({})", approved.join(" || ")) } else { String::new() };
        let delegate = delegate.map_or(String::new(), |to| format!(" || context.delegates == [\"a{to}\"]"));
        for (tool, conditions) in [(limited, format!(" && {limit}{approved}")), (free, String::new())] {
            let _ = writeln!(
                text,
                "permit (principal == Agent::\"a{agent}\", action == Action::\"t{tool}\", resource)\n\
                 when {{ context.purpose == \"p{purpose}\" && (context.delegates == []{delegate}) &&\n\
                 context.environment == \"production\" && context.now < {EXPIRES} && context.now - context.started <= {HOUR} &&\n\
                 [\"c{one}\", \"c{other}\"].containsAll(context.data){conditions} }};"
            );
        }
    }
    for forbid in estate.forbids() {
        let _ = match forbid {
            Forbid::Above(tool) => writeln!(
                text,
                "forbid (principal, action == Action::\"t{tool}\", resource) when {{ context.amount > {MOST} }};"
            ),
            Forbid::Agent(agent, tool) => writeln!(
                text,
                "forbid (principal, action == Action::\"t{tool}\", resource)\n\
                 when {{ principal == Agent::\"a{agent}\" || context.delegates.contains(\"a{agent}\") }};"
            ),
        };
    }
    text
}

/// How many grants one module of rules has: engines bound the lines of a module.
const IN_A_MODULE: usize = 250;

/// Rego: a rule a tool of a grant, a rule a forbid. The modules.
pub fn rego_rules(estate: Estate) -> Vec<String> {
    const HEAD: &str = "package hand\n\nimport rego.v1\n";
    let mut decision = format!(
        "{HEAD}\ndefault allow := false\n\nallow if {{\n\tpermitted\n\tnot forbidden\n}}\n\ndefault forbidden := false\n\
         \napproved if {{\n\tsome person in {APPROVERS:?}\n\tinput.approvals[person] <= input.now\n\
         \tinput.now - input.approvals[person] <= {HOUR}\n}}\n"
    );
    for forbid in estate.forbids() {
        let (tool, more) = match forbid {
            Forbid::Above(tool) => (tool, format!("input.args.amount > {MOST}")),
            Forbid::Agent(agent, tool) => (tool, format!("\"a{agent}\" in input.chain")),
        };
        let _ = write!(decision, "\nforbidden if {{\n\tinput.tool == \"t{tool}\"\n\t{more}\n}}\n");
    }
    let grants: Vec<Grant> = estate.grants().collect();
    let rules = |grant: &Grant| {
        let Grant { agent, purpose, limited, most, free, delegate, approval } = *grant;
        let (one, other) = (class(limited), class(free));
        let limit = match kind(limited) {
            Kind::Pay => {
                format!("\n\tinput.args.amount <= {most}\n\tinput.args.currency in {{\"EUR\", \"USD\"}}")
            }
            Kind::Query => {
                format!("\n\tinput.args.rows <= {most}\n\tstartswith(input.args.table, \"sales-\")")
            }
            Kind::File => {
                format!("\n\tstartswith(concat(\"\", [input.args.path, \"/\"]), \"/srv/p{purpose}/\")")
            }
        };
        let approved = if approval { "\n\tapproved" } else { "" };
        let chain = match delegate {
            Some(to) => format!("\n\tinput.chain in {{[\"a{agent}\"], [\"a{agent}\", \"a{to}\"]}}"),
            None => format!("\n\tinput.chain == [\"a{agent}\"]"),
        };
        [(limited, limit + approved), (free, String::new())].map(|(tool, conditions)| {
            format!(
                "\npermitted if {{\n\tinput.agent == \"a{agent}\"\n\tinput.purpose == \"p{purpose}\"\n\tinput.tool == \"t{tool}\"{chain}\n\
                 \tinput.environment == \"production\"\n\tinput.now < {EXPIRES}\n\tinput.now - input.started <= {HOUR}\n\
                 \tevery class in input.data {{\n\t\tclass in {{\"c{one}\", \"c{other}\"}}\n\t}}{conditions}\n}}\n"
            )
        })
    };
    let of = |grants: &[Grant]| HEAD.to_owned() + &grants.iter().flat_map(rules).collect::<String>();
    [decision].into_iter().chain(grants.chunks(IN_A_MODULE).map(of)).collect()
}

/// Rego that goes by data in which the grants are kept by agent, the forbids by tool.
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
	input.environment == "production"
	input.now < grant.expires
	input.now - input.started <= grant.ttl
	every class in input.data {
		class in grant.data
	}
	handed_on(grant)
	within(line)
	approved(line)
}

handed_on(_) if count(input.chain) == 1

handed_on(grant) if {
	count(input.chain) == 2
	input.chain[1] == grant.delegate
}

within(line) if line.limit == "none"

within(line) if {
	line.limit == "payment"
	input.args.amount <= line.most
	input.args.currency in {"EUR", "USD"}
}

within(line) if {
	line.limit == "query"
	input.args.rows <= line.most
	startswith(input.args.table, "sales-")
}

within(line) if {
	line.limit == "folder"
	startswith(concat("", [input.args.path, "/"]), line.folder)
}

approved(line) if not line.approval

approved(_) if {
	some person in ["kim", "pat"]
	input.approvals[person] <= input.now
	input.now - input.approvals[person] <= 3600
}

default forbidden := false

forbidden if {
	some forbid in data.estate.forbids[input.tool]
	input.args.amount > forbid.most
}

forbidden if {
	some forbid in data.estate.forbids[input.tool]
	forbid.agent in input.chain
}
"#;

/// The same, for whoever does not trust the caller: it takes the requests that the exported policy
/// takes, and lets none pass that is not well formed. What denies most is asked first there too.
pub const REGO_CHECKED: &str = r#"package hand

import rego.v1

default allow := false

allow if {
	permitted
	not forbidden
	well_formed
}

fields := {name: value | some name, value in input; value != null}

args := {name: value | some name, value in object.get(fields, "args", {}); value != null}

session := {name: value | some name, value in fields.session; value != null}

approvals := {person: at | some person, at in object.get(fields, "approvals", {}); at != null}

tool := data.estate.tools[fields.tool]

classes := [tool.class] if count(object.get(fields, "data", [])) == 0

else := fields.data

now := instant(fields.now)

started := instant(session.started)

well_formed if {
	object.remove(fields, ["chain", "purpose", "tool", "data", "args", "now", "session", "approvals"]) == {}
	is_array(fields.chain)
	count(fields.chain) in {1, 2}
	is_object(object.get(fields, "args", {}))
	args_good
	is_array(object.get(fields, "data", []))
	every class in classes {
		class == tool.class
	}
	is_object(fields.session)
	object.remove(session, ["started", "authn", "environment"]) == {}
	session.authn in {"api-key", "oauth", "mtls", "hardware-key"}
	started <= now
	is_object(object.get(fields, "approvals", {}))
	every _, at in approvals {
		is_number(instant(at))
	}
}

args_good if {
	tool.kind == "pay"
	object.remove(args, ["amount", "currency", "note"]) == {}
	whole(args.amount)
	args.currency in {"EUR", "GBP", "USD"}
	is_string(object.get(args, "note", ""))
}

args_good if {
	tool.kind == "query"
	object.remove(args, ["table", "rows"]) == {}
	is_string(args.table)
	whole(args.rows)
}

args_good if {
	tool.kind == "file"
	object.remove(args, ["path", "overwrite"]) == {}
	is_string(args.path)
	regex.match(`^(/|(/[^/\x00]+)+)$`, args.path)
	not regex.match(`/\.\.?(/|$)`, args.path)
	is_boolean(object.get(args, "overwrite", false))
}

whole(number) if {
	is_number(number)
	floor(number) == number
	number >= -9223372036854775808
	number <= 9223372036854775807
}

instant(text) := time.parse_rfc3339_ns(text) / 1000000000 if {
	is_string(text)
	regex.match(`^(19[7-9][0-9]|2[01][0-9][0-9])-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$`, text)
}

permitted if {
	some grant in data.estate.grants[fields.chain[0]]
	grant.purpose == fields.purpose
	some line in grant.lines
	line.tool == fields.tool
	session.environment == "production"
	now < grant.expires
	now - started <= grant.ttl
	every class in classes {
		class in grant.data
	}
	handed_on(grant)
	within(line)
	approved(line)
}

handed_on(_) if count(fields.chain) == 1

handed_on(grant) if fields.chain[1] == grant.delegate

within(line) if line.limit == "none"

within(line) if {
	line.limit == "payment"
	args.amount <= line.most
	args.currency in {"EUR", "USD"}
}

within(line) if {
	line.limit == "query"
	args.rows <= line.most
	startswith(args.table, "sales-")
}

within(line) if {
	line.limit == "folder"
	startswith(concat("", [args.path, "/"]), line.folder)
}

approved(line) if not line.approval

approved(_) if {
	some person in ["kim", "pat"]
	at := instant(approvals[person])
	at <= now
	now - at <= 3600
}

default forbidden := false

forbidden if {
	some forbid in data.estate.forbids[fields.tool]
	args.amount > forbid.most
}

forbidden if {
	some forbid in data.estate.forbids[fields.tool]
	forbid.agent in fields.chain
}
"#;

/// Their data.
pub fn rego_data(estate: Estate) -> Json {
    let mut grants: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for Grant { agent, purpose, limited, most, free, delegate, approval } in estate.grants() {
        let mut line = match kind(limited) {
            Kind::Pay => json!({ "limit": "payment", "most": most }),
            Kind::Query => json!({ "limit": "query", "most": most }),
            Kind::File => json!({ "limit": "folder", "folder": format!("/srv/p{purpose}/") }),
        };
        line["tool"] = json!(format!("t{limited}"));
        if approval {
            line["approval"] = json!(true);
        }
        let mut grant = json!({
            "purpose": format!("p{purpose}"), "lines": [line, { "tool": format!("t{free}"), "limit": "none" }],
            "data": [format!("c{}", class(limited)), format!("c{}", class(free))], "expires": EXPIRES, "ttl": HOUR,
        });
        if let Some(to) = delegate {
            grant["delegate"] = json!(format!("a{to}"));
        }
        grants.entry(format!("a{agent}")).or_default().push(grant);
    }
    let mut forbids: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for forbid in estate.forbids() {
        let (tool, forbid) = match forbid {
            Forbid::Above(tool) => (tool, json!({ "most": MOST })),
            Forbid::Agent(agent, tool) => (tool, json!({ "agent": format!("a{agent}") })),
        };
        forbids.entry(format!("t{tool}")).or_default().push(forbid);
    }
    let tools: BTreeMap<String, Json> = (0..TOOLS)
        .map(|tool| {
            let kind = match kind(tool) {
                Kind::Pay => "pay",
                Kind::Query => "query",
                Kind::File => "file",
            };
            (format!("t{tool}"), json!({ "class": format!("c{}", class(tool)), "kind": kind }))
        })
        .collect();
    json!({ "estate": { "grants": grants, "forbids": forbids, "tools": tools } })
}

/// What the policies that trust their caller are asked of a call.
pub fn input(call: &Call) -> Json {
    let agents: Vec<String> = call.chain.iter().map(|agent| format!("a{agent}")).collect();
    json!({
        "agent": agents[0], "chain": agents, "purpose": format!("p{}", call.purpose),
        "tool": format!("t{}", call.tool), "args": call.args, "environment": "production",
        "now": NOW, "started": NOW - call.started, "data": [format!("c{}", class(call.tool))],
        "approvals": call.approved.map_or(json!({}), |ago| json!({ "kim": NOW - ago })),
    })
}
