//! An estate of any size, simple enough to be written by hand in any engine's language too.
//!
//! Ten grants an agent, each for a purpose of its own: one tool up to an amount, another without
//! a limit, on the data of both, in production, in sessions of an hour, until a day. A forbid for
//! every fifty grants: half of them on a tool above an amount, half on one agent and one tool.

use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::{Model, compile_text, request};
use serde_json::json;
use std::fmt::Write;

/// How many tools there are, whatever the size.
pub const TOOLS: usize = 500;
/// 2026-12-01T10:00:00Z.
pub const NOW: i64 = 1_796_119_200;
/// 2027-03-31T00:00:00Z.
pub const EXPIRES: i64 = 1_806_451_200;
/// How long a session may last, in seconds.
pub const TTL: i64 = 3600;
/// The most that a forbid on a tool lets pass.
pub const MOST: i64 = 5000;

/// How many grants, and what follows from it.
#[derive(Clone, Copy)]
pub struct Estate(pub usize);

/// A grant.
pub struct Grant {
    pub agent: usize,
    pub purpose: usize,
    /// A tool, and the most that it may be called for.
    pub limited: (usize, i64),
    /// A tool that may be called for any amount.
    pub free: usize,
}

/// A forbid.
pub enum Forbid {
    /// On a tool, above [`MOST`].
    Above(usize),
    /// On an agent's calls to a tool.
    Agent(usize, usize),
}

/// A call.
pub struct Call {
    pub agent: usize,
    pub purpose: usize,
    pub tool: usize,
    pub amount: i64,
    pub started: i64,
    /// What the reference says.
    pub allowed: bool,
}

impl Estate {
    pub fn grants(self) -> impl Iterator<Item = Grant> {
        (0..self.0).map(|at| Grant {
            agent: at / 10,
            purpose: at % 10,
            limited: (at * 7 % TOOLS, 100 + (at % 400) as i64),
            free: (at * 7 + 1 + at % 100) % TOOLS,
        })
    }

    pub fn forbids(self) -> impl Iterator<Item = Forbid> {
        (0..self.0 / 50).map(move |at| match at % 2 {
            0 => Forbid::Above(at * 13 % TOOLS),
            _ => Forbid::Agent(at * 17 % (self.0 / 10), at * 7 % TOOLS),
        })
    }

    /// The class that a tool writes.
    pub fn class(tool: usize) -> usize {
        tool % 10
    }

    /// The project.
    pub fn model(self) -> Model {
        let mut text =
            "session { environment: production | staging }\nperson pat { email \"pat@acme.example\" }\n"
                .to_owned();
        for class in 0..10 {
            let _ =
                writeln!(text, "data c{class} {{ sensitivity internal }}\npurpose p{class} {{ \"Work.\" }}");
        }
        for tool in 0..TOOLS {
            let class = Estate::class(tool);
            let _ = writeln!(
                text,
                "tool t{tool} {{ arg amount: int  arg note?: string  effect write  writes c{class} }}"
            );
        }
        for agent in 0..self.0 / 10 {
            let _ = writeln!(text, "agent a{agent} {{ owner pat }}");
        }
        for (at, Grant { agent, purpose, limited: (tool, most), free }) in self.grants().enumerate() {
            let _ = writeln!(
                text,
                "grant g{at} {{ to a{agent} for p{purpose}  allow t{tool} where args.amount <= {most}  \
                 allow t{free}  on c{}, c{}  when session.environment == production  ttl 1h  expires 2027-03-31 }}",
                Estate::class(tool),
                Estate::class(free)
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
        let calls = (0..600).map(|at| {
            let Grant { agent, purpose, limited: (tool, most), free } = grants[at * 7919 % grants.len()];
            let mut call = Call { agent, purpose, tool, amount: most, started: NOW - TTL, allowed: false };
            match at % 6 {
                0 => {}
                1 => call.amount -= 1,
                2 => (call.tool, call.amount) = (free, MOST),
                3 => call.amount += 1,
                4 => call.purpose = (purpose + 1) % 10,
                _ => call.started -= 1,
            }
            let request = request::read(model, &call.request()).expect("a good request");
            call.allowed = decide(model, &request).is_allow();
            call
        });
        calls.collect()
    }
}

impl Call {
    /// As the request contract has it.
    pub fn request(&self) -> String {
        let minute = (NOW - self.started) / 60;
        assert!(minute == 60, "sessions start an hour before, or a second earlier");
        let started = if NOW - self.started == TTL { "09:00:00" } else { "08:59:59" };
        json!({
            "chain": [format!("a{}", self.agent)],
            "purpose": format!("p{}", self.purpose),
            "tool": format!("t{}", self.tool),
            "args": { "amount": self.amount },
            "now": "2026-12-01T10:00:00Z",
            "session": {
                "started": format!("2026-12-01T{started}Z"), "authn": "oauth", "environment": "production"
            },
        })
        .to_string()
    }
}
