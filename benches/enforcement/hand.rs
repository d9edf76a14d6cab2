//! The same estate as somebody would write it by hand: who knows which tools there are and how
//! grants are limited need not write a language, and nothing is explained.
//!
//! Most trust their caller: it hands over what the policy wants, and nothing is checked to be well
//! formed. Those with [`REGO_CHECKS`] do not: they decide every request of the contract as the language does.

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

/// Where rules find what they ask of a request. An engine that has an index for rules takes what it can
/// compare from `input` itself.
pub struct Reads {
    head: &'static str,
    agent: &'static str,
    environment: &'static str,
    now: &'static str,
    started: &'static str,
    classes: &'static str,
    approved_at: &'static str,
}

/// For a caller that is trusted.
pub const TRUSTED: Reads = Reads {
    head: "package hand\n\nimport rego.v1\n\ndefault allow := false\n\nallow if {\n\tpermitted\n\tnot forbidden\n}\n",
    agent: "input.agent",
    environment: "input.environment",
    now: "input.now",
    started: "input.started",
    classes: "input.data",
    approved_at: "input.approvals[person]",
};

/// For one that is not.
pub const CHECKED: Reads = Reads {
    head: REGO_CHECKS,
    agent: "input.chain[0]",
    environment: "input.session.environment",
    now: "now",
    started: "started",
    classes: "classes",
    approved_at: "instant(approvals[person])",
};

/// Rego: a rule a tool of a grant, a rule a forbid. The modules.
pub fn rego_rules(estate: Estate, reads: &Reads) -> Vec<String> {
    const HEAD: &str = "package hand\n\nimport rego.v1\n";
    let Reads { head, agent: asks, environment, now, started, classes, approved_at } = reads;
    let mut decision = format!(
        "{head}\ndefault forbidden := false\n\
         \napproved if {{\n\tsome person in {APPROVERS:?}\n\tat := {approved_at}\n\tat <= {now}\n\
         \t{now} - at <= {HOUR}\n}}\n"
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
                "\npermitted if {{\n\t{asks} == \"a{agent}\"\n\tinput.purpose == \"p{purpose}\"\n\tinput.tool == \"t{tool}\"{chain}\n\
                 \t{environment} == \"production\"\n\t{now} < {EXPIRES}\n\t{now} - {started} <= {HOUR}\n\
                 \tevery class in {classes} {{\n\t\tclass in {{\"c{one}\", \"c{other}\"}}\n\t}}{conditions}\n}}\n"
            )
        })
    };
    let of = |grants: &[Grant]| HEAD.to_owned() + &grants.iter().flat_map(rules).collect::<String>();
    [decision].into_iter().chain(grants.chunks(IN_A_MODULE).map(of)).collect()
}

/// Rego that goes by data in which the grants are kept by agent, the forbids by tool.
pub const REGO_BY_AGENT: &str = include_str!("hand/by_agent.rego");

/// What comes before the rules of whoever does not trust the caller: it takes the requests that the exported
/// policy takes, and lets none pass that is not well formed. What denies most is asked first there too.
pub const REGO_CHECKS: &str = include_str!("hand/checks.rego");

/// What follows, where the grants are data by agent.
pub const REGO_BY_AGENT_CHECKED: &str = include_str!("hand/by_agent_checked.rego");

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
