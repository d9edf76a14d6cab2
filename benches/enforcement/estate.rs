//! An estate of any size, of which somebody could write the policies by hand in an engine's own language too.
//!
//! Ten grants an agent, each for a purpose of its own: a tool within limits, another without, on
//! the data of both, in production, in sessions of an hour, until a day. There are three kinds of
//! tools, and limits to go with them: on numbers, enumerations, texts and paths. Every third grant
//! may be delegated to one more agent; every fourth asks for an approval. A forbid for every fifty
//! grants: half of them on payments above an amount, half on one agent and one tool.

use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::{Model, compile_text, request};
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// How many tools there are, whatever the size.
pub const TOOLS: usize = 498;
/// 2026-12-01T10:00:00Z.
pub const NOW: i64 = 1_796_119_200;
/// 2027-03-31T00:00:00Z.
pub const EXPIRES: i64 = 1_806_451_200;
/// How long a session may last, and how old an approval may be, in seconds.
pub const HOUR: i64 = 3600;
/// The most that a forbid on payments lets pass.
pub const MOST: i64 = 5000;
/// Whose approval counts.
pub const APPROVERS: [&str; 2] = ["kim", "pat"];

/// What a tool takes, and how a grant limits it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An amount and a currency, and perhaps a note: up to an amount, in two of three currencies.
    Pay,
    /// A table and a number of rows: up to a number, of the tables of one kind.
    Query,
    /// A path, and perhaps whether to overwrite: below one folder.
    File,
}

/// How many grants, and what follows from it.
#[derive(Clone, Copy)]
pub struct Estate(pub usize);

/// A grant.
pub struct Grant {
    pub agent: usize,
    pub purpose: usize,
    /// A tool that may be called within limits.
    pub limited: usize,
    /// The limit on numbers.
    pub most: i64,
    /// A tool that may be called without any.
    pub free: usize,
    /// To whom it may be delegated.
    pub delegate: Option<usize>,
    /// Whether calls to the tool with limits need an approval.
    pub approval: bool,
}

/// A forbid.
pub enum Forbid {
    /// On a payment, above [`MOST`].
    Above(usize),
    /// On an agent's calls to a tool.
    Agent(usize, usize),
}

/// A call.
pub struct Call {
    pub chain: Vec<usize>,
    pub purpose: usize,
    pub tool: usize,
    pub args: Json,
    /// How long ago the session started, and an approval was given, in seconds.
    pub started: i64,
    pub approved: Option<i64>,
    /// What the reference says.
    pub allowed: bool,
}

/// What a tool of a kind takes.
pub fn kind(tool: usize) -> Kind {
    [Kind::Pay, Kind::Query, Kind::File][tool % 3]
}

/// The class that a tool touches.
pub fn class(tool: usize) -> usize {
    tool % 10
}

impl Grant {
    /// What its limits let pass, at the limit or so much beside it.
    fn args(&self, tool: usize, beside: i64) -> Json {
        match kind(tool) {
            Kind::Pay => json!({ "amount": self.most + beside, "currency": "EUR" }),
            Kind::Query => json!({ "rows": self.most + beside, "table": "sales-2026" }),
            Kind::File if beside > 0 => json!({ "path": format!("/srv/p{}0/a", self.purpose) }),
            Kind::File => json!({ "path": format!("/srv/p{}/a", self.purpose) }),
        }
    }
}

impl Estate {
    pub fn grants(self) -> impl Iterator<Item = Grant> {
        (0..self.0).map(move |at| Grant {
            agent: at / 10,
            purpose: at % 10,
            limited: at * 7 % TOOLS,
            most: 100 + (at % 400) as i64,
            free: (at * 7 + 1 + at % 100) % TOOLS,
            delegate: (at % 3 == 0).then_some((at / 10 + 1) % (self.0 / 10)),
            approval: at % 4 == 0,
        })
    }

    pub fn forbids(self) -> impl Iterator<Item = Forbid> {
        (0..self.0 / 50).map(move |at| match at % 2 {
            0 => Forbid::Above(at * 39 % TOOLS),
            _ => Forbid::Agent(at * 17 % (self.0 / 10), at * 7 % TOOLS),
        })
    }

    /// The project.
    pub fn model(self) -> Model {
        let mut text = "session { environment: production | staging }\n".to_owned();
        for person in APPROVERS {
            let _ = writeln!(text, "person {person} {{ email \"{person}@acme.example\" }}");
        }
        text += "team leads { lead pat  members kim, pat  contact \"leads@acme.example\" }\n";
        for class in 0..10 {
            let _ =
                writeln!(text, "data c{class} {{ sensitivity internal }}\npurpose p{class} {{ \"Work.\" }}");
        }
        for tool in 0..TOOLS {
            let takes = match kind(tool) {
                Kind::Pay => "arg amount: int  arg currency: EUR | GBP | USD  arg note?: string",
                Kind::Query => "arg table: string  arg rows: int",
                Kind::File => "arg path: path  arg overwrite?: bool",
            };
            let _ = writeln!(text, "tool t{tool} {{ {takes}  effect write  writes c{} }}", class(tool));
        }
        for agent in 0..self.0 / 10 {
            let _ = writeln!(text, "agent a{agent} {{ owner pat }}");
        }
        for (at, grant) in self.grants().enumerate() {
            let Grant { agent, purpose, limited, most, free, delegate, approval } = grant;
            let limit = match kind(limited) {
                Kind::Pay => format!("args.amount <= {most} and args.currency in (\"EUR\", \"USD\")"),
                Kind::Query => format!("args.rows <= {most} and args.table like \"sales-*\""),
                Kind::File => format!("args.path under \"/srv/p{purpose}\""),
            };
            let approval =
                if approval { format!("approval leads within 1h for t{limited}") } else { String::new() };
            let delegate = delegate.map_or(String::new(), |to| format!("delegate to a{to} depth 1"));
            let _ = writeln!(
                text,
                "grant g{at} {{ to a{agent} for p{purpose}\n allow t{limited} where {limit}\n allow t{free}\n on c{}, c{}\n \
                 when session.environment == production\n {approval}\n ttl 1h\n expires 2027-03-31\n {delegate} }}",
                class(limited),
                class(free)
            );
        }
        for (at, forbid) in self.forbids().enumerate() {
            let _ = match forbid {
                Forbid::Above(tool) => {
                    writeln!(text, "forbid f{at} {{ tools t{tool}  when args.amount > {MOST} }}")
                }
                Forbid::Agent(agent, tool) => {
                    writeln!(text, "forbid f{at} {{ agents a{agent}  tools t{tool} }}")
                }
            };
        }
        let compiled = compile_text(&[("main", &text)]);
        assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics.first());
        (*compiled.model).clone()
    }

    /// Calls around the boundaries of grants all over the estate.
    pub fn calls(self, model: &Model) -> Vec<Call> {
        let grants: Vec<Grant> = self.grants().collect();
        let calls = (0..1_000).map(|at| {
            let grant = &grants[at * 7919 % grants.len()];
            let mut call = Call {
                chain: [grant.agent].into_iter().chain(grant.delegate.filter(|_| at % 2 == 0)).collect(),
                purpose: grant.purpose,
                tool: grant.limited,
                args: grant.args(grant.limited, 0),
                started: HOUR,
                approved: grant.approval.then_some(HOUR),
                allowed: false,
            };
            match at / 2 % CALLS {
                0 | 1 => {}
                2 => call.args = grant.args(grant.limited, -1),
                3 => (call.tool, call.args) = (grant.free, grant.args(grant.free, 1)),
                4 => call.args = grant.args(grant.limited, 1),
                5 => call.purpose = (grant.purpose + 1) % 10,
                6 => call.started += 1,
                _ => (call.approved, call.chain) = (None, vec![grant.agent, grant.agent]),
            }
            let request = request::read(model, &call.request()).expect("a good request");
            call.allowed = decide(model, &request).is_allow();
            call
        });
        calls.collect()
    }
}

/// How many kinds of calls there are: they come in turn, two of each.
pub const CALLS: usize = 8;

impl Call {
    /// As the request contract has it.
    pub fn request(&self) -> String {
        let time = |ago: i64| match ago {
            0 => "2026-12-01T10:00:00Z",
            HOUR => "2026-12-01T09:00:00Z",
            _ => "2026-12-01T08:59:59Z",
        };
        let approvals = self.approved.map_or(json!({}), |ago| json!({ "kim": time(ago) }));
        json!({
            "chain": self.chain.iter().map(|agent| format!("a{agent}")).collect::<Vec<_>>(),
            "purpose": format!("p{}", self.purpose),
            "tool": format!("t{}", self.tool),
            "args": self.args,
            "now": time(0),
            "session": { "started": time(self.started), "authn": "oauth", "environment": "production" },
            "approvals": approvals,
        })
        .to_string()
    }
}
