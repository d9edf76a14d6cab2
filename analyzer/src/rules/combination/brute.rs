//! The rules on combinations against brute force: small projects are drawn, every request that
//! their conditions can tell apart is decided by the evaluator, and the legs are filled by trying.
//!
//! Conditions compare `args.n` with 1 and 2 and `session.site` with its two values, so 0 to 3 and
//! both stand for all; there is one moment, at which every grant lives and every approval is fresh.

use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::{Database, compile_text, evaluator};
use bailiwick_testkit::Rng;
use std::collections::BTreeMap;
use std::fmt::Write;

/// 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200;
/// How many projects; each has a rule of either kind in each of the scopes.
const PROJECTS: u64 = 60;

const GROUND: &str = r#"
session { site: east | west }
data low { sensitivity internal }
data high { sensitivity restricted }
person alice { email "alice@acme.example" }
person bob { email "bob@acme.example" }
team pair { members alice, bob }
tool make  { arg n: int  effect write  writes low }
tool check { arg n: int  effect write  reads low, high }
tool send  { arg n: int  effect execute  touches nothing  reaches external }
purpose work { "Work."  needs make, check, send  needs data low, high }
purpose play { "Play."  needs make, check, send  needs data low, high }
agent a { owner alice }
agent b { owner bob }
agent c { owner alice }
"#;

fn condition(rng: &mut Rng, word: &str) -> String {
    let simple = |rng: &mut Rng| match rng.below(4) {
        0 => format!("args.n < {}", 1 + rng.below(2)),
        1 => format!("args.n == {}", 1 + rng.below(2)),
        2 => format!("args.n > {}", 1 + rng.below(2)),
        _ => format!("session.site == {}", rng.pick(&["east", "west"])),
    };
    match rng.below(6) {
        0 | 1 => String::new(),
        2 => format!(" {word} not ({} or {})", simple(rng), simple(rng)),
        _ => format!(" {word} {}", simple(rng)),
    }
}

fn tools(rng: &mut Rng) -> Vec<&'static str> {
    let count = 1 + rng.below(2);
    rng.some(&["make", "check", "send"], count)
}

/// A few grants and forbids, and a rule of either kind in each scope.
fn text(rng: &mut Rng) -> String {
    let mut text = GROUND.to_string();
    for at in 0..2 + rng.below(4) {
        let (to, purpose) = (rng.pick(&["a", "b", "c"]), rng.pick(&["work", "work", "play"]));
        let (tools, data) = (tools(rng), rng.pick(&["low", "high", "low, high"]));
        let _ = writeln!(text, "grant g{at} {{\n  to {to} for {purpose}\n  on {data}");
        let _ = writeln!(text, "  allow {}{}", tools.join(", "), condition(rng, "where"));
        if rng.chance(30) {
            let by = rng.pick(&["alice", "pair"]);
            let _ = writeln!(text, "  approval {by} within 1h{}", condition(rng, "if"));
        }
        if rng.chance(50) {
            let (other, depth) = (rng.pick(&["a", "b", "c", "b, c"]), 1 + rng.below(2));
            let _ = write!(text, "  delegate to {other} depth {depth}");
            if rng.chance(40) {
                let _ = write!(text, " only {}{}", tools[0], condition(rng, "where"));
            }
            text.push('\n');
        }
        text.push_str("}\n");
    }
    for at in 0..rng.below(3) {
        let (who, met) =
            (rng.pick(&["", "  agents a\n", "  agents b\n"]), rng.pick(&["", "", "  data high\n"]));
        let tools = tools(rng).join(", ");
        let _ = writeln!(text, "forbid f{at} {{\n{who}{met}  tools {tools}\n {}\n}}", condition(rng, "when"));
    }
    for scope in ["session", "agent", "delegation", "owner"] {
        for (kind, word) in [("separate", "duty"), ("toxic", "leg")] {
            let _ = writeln!(text, "{kind} {kind}-{scope} within {scope} {{");
            for leg in 0..2 + rng.below(2) {
                let (tools, met) = (tools(rng).join(" or "), rng.pick(&["", "", " data high"]));
                let free = if kind == "toxic" && rng.chance(30) { " unless approved" } else { "" };
                let _ = writeln!(text, "  {word} l{leg} {tools}{met}{}{free}", condition(rng, "where"));
            }
            if kind == "toxic" && rng.chance(25) {
                text.push_str("  joining l0.n == l1.n\n");
            }
            text.push_str("}\n");
        }
    }
    text
}

/// Every request that the conditions can tell apart.
fn requests(model: &Model) -> Vec<Request> {
    let agents = || (0..model.agents.len()).map(AgentId::at);
    let mut chains: Vec<Vec<AgentId>> = agents().map(|a| vec![a]).collect();
    chains.extend(agents().flat_map(|a| agents().filter(move |&b| b != a).map(move |b| vec![a, b])));
    chains.extend(
        [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].map(|of| of.map(AgentId).to_vec()),
    );
    let people = (0..model.principals.len()).map(PrincipalId::at);
    let people: PrincipalSet =
        people.filter(|&who| model.people_of(who) == PrincipalSet::only(who)).collect();
    let sites = [None, Some("east"), Some("west")];
    let mut requests = Vec::new();
    for chain in &chains {
        for purpose in (0..model.purposes.len()).map(PurposeId::at) {
            for (op, data) in (0..model.ops.len())
                .map(OpId::at)
                .flat_map(|op| labels(model, op).map(move |data| (op, data)))
            {
                for (n, site, approved) in (0..4)
                    .flat_map(|n| sites.map(|site| (n, site)))
                    .flat_map(|(n, site)| [false, true].map(|approved| (n, site, approved)))
                {
                    requests.push(Request {
                        chain: chain.clone(),
                        purpose,
                        op,
                        data: data.clone(),
                        args: [("n".into(), Value::Int(n))].into(),
                        now: NOW,
                        started: NOW,
                        authn: Authn::HardwareKey,
                        session: site
                            .map(|site| ("site".into(), Value::Text(site.into())))
                            .into_iter()
                            .collect(),
                        approvals: people.iter().filter(|_| approved).map(|who| (who, NOW)).collect(),
                    });
                }
            }
        }
    }
    requests
}

/// The sets of labels that a call to the operation may touch.
fn labels(model: &Model, op: OpId) -> impl Iterator<Item = ClassSet> {
    let all: Vec<ClassId> = model.op(op).labels.iter().collect();
    let subsets = 0..1usize << all.len();
    let subset = move |of: usize| {
        all.iter()
            .enumerate()
            .filter(|(at, _)| of >> at & 1 == 1)
            .map(|(_, &label)| label)
            .collect::<ClassSet>()
    };
    let touches = !model.op(op).labels.is_empty();
    subsets.map(subset).filter(move |data| data.is_empty() != touches)
}

/// What is allowed, and what is with no approval at all.
struct Allowed<'m> {
    model: &'m Model,
    requests: Vec<Request>,
}

impl<'m> Allowed<'m> {
    fn of(model: &'m Model) -> Self {
        let mut requests = requests(model);
        requests.retain(|request| evaluator::decide(model, request).is_allow());
        Self { model, requests }
    }

    /// The agents that hand-overs lead to, itself included.
    fn reached(&self, from: AgentId) -> AgentSet {
        let mut reached = AgentSet::only(from);
        for _ in 0..self.model.agents.len() {
            let steps = self
                .requests
                .iter()
                .filter(|request| request.chain.len() == 2 && reached.contains(request.chain[0]));
            let steps: AgentSet = steps.map(|request| request.chain[1]).collect();
            reached = reached.union(&steps);
        }
        reached
    }

    fn fills(&self, leg: &Leg, request: &Request) -> bool {
        let bare = || Request { approvals: BTreeMap::new(), ..request.clone() };
        leg.ops.contains(request.op)
            && leg.meets.as_ref().is_none_or(|met| met.meets(&request.data))
            && evaluator::holds(self.model, &leg.cond, request)
            && (!leg.unless_approved || evaluator::decide(self.model, &bare()).is_allow())
    }

    /// Whether some of the requests fill these legs.
    fn filled(&self, rule: &Combination, legs: &[usize], of: &[&Request]) -> bool {
        let n = |request: &Request| request.args.get("n").cloned();
        let ways: Vec<Vec<Option<Value>>> = legs
            .iter()
            .map(|&leg| {
                let mut ways: Vec<_> = of
                    .iter()
                    .filter(|request| self.fills(&rule.legs[leg], request))
                    .map(|request| n(request))
                    .collect();
                ways.sort();
                ways.dedup();
                ways
            })
            .collect();
        let joined = rule.joins.iter().filter_map(|join| {
            let at = |leg| legs.iter().position(|&other| other == leg);
            Some((at(join.left)?, at(join.right)?))
        });
        let joined: Vec<(usize, usize)> = joined.collect();
        ways.iter().all(|ways| !ways.is_empty())
            && joined.iter().all(|&(left, right)| ways[left].iter().any(|way| ways[right].contains(way)))
    }

    /// The units of the rule's scope that can fill its legs: agents and the subject's name.
    fn units(&self, rule: &Combination) -> Vec<(AgentSet, Str)> {
        let model = self.model;
        let agents = || (0..model.agents.len()).map(AgentId::at);
        let direct = |request: &&Request, agents: &AgentSet| {
            request.chain.len() == 1 && agents.contains(request.chain[0])
        };
        let mut units: Vec<(AgentSet, Str, Vec<&Request>)> = Vec::new();
        for agent in agents() {
            let (own, name) = (AgentSet::only(agent), model.agent(agent).name.clone());
            match rule.scope {
                Scope::Session => {
                    let mut sessions: BTreeMap<_, Vec<&Request>> = BTreeMap::new();
                    for request in self.requests.iter().filter(|request| direct(request, &own)) {
                        sessions.entry((request.purpose, &request.session)).or_default().push(request);
                    }
                    units.extend(sessions.into_values().map(|of| (own.clone(), name.clone(), of)));
                }
                Scope::Agent => {
                    let of = self.requests.iter().filter(|request| direct(request, &own)).collect();
                    units.push((own, name, of));
                }
                Scope::Delegation => {
                    let reached = self.reached(agent);
                    let of = self
                        .requests
                        .iter()
                        .filter(|request| direct(request, &reached) || request.chain[0] == agent);
                    units.push((reached.clone(), name, of.collect()));
                }
                Scope::Owner => {}
            }
        }
        if rule.scope == Scope::Owner {
            for owner in (0..model.principals.len()).map(PrincipalId::at) {
                let owners = model.people_of(owner).union(&PrincipalSet::only(owner));
                let owned: AgentSet =
                    agents().filter(|&agent| owners.contains(model.agent(agent).owner)).collect();
                let of = self.requests.iter().filter(|request| direct(request, &owned)).collect();
                units.push((owned, model.principal(owner).name.clone(), of));
            }
        }
        let all: Vec<usize> = (0..rule.legs.len()).collect();
        let together: Vec<Vec<usize>> = match rule.pairwise {
            true => all.iter().flat_map(|&b| (0..b).map(move |a| vec![a, b])).collect(),
            false => vec![all],
        };
        units.retain(|(_, _, of)| together.iter().any(|legs| self.filled(rule, legs, of)));
        units.into_iter().map(|(agents, name, _)| (agents, name)).collect()
    }
}

#[test]
fn in_every_scope_the_rules_find_what_brute_force_finds() {
    let db = Database::default();
    let (mut found_some, mut found_none) = (0, 0);
    for seed in 0..PROJECTS {
        let text = text(&mut Rng::new(seed));
        let compiled = compile_text(&[("main", &text)]);
        assert!(!compiled.has_errors(), "seed {seed}: {:#?}\n{text}", compiled.diagnostics);
        let model = &compiled.model;
        let findings = crate::analyze(&db, model, NOW);
        let allowed = Allowed::of(model);
        for rule in &model.combinations {
            let units = allowed.units(rule);
            let about = |finding: &&bailiwick_compiler::Diagnostic| finding.rule.as_ref() == Some(&rule.name);
            let told: Vec<&Str> = findings
                .iter()
                .filter(about)
                .map(|finding| {
                    assert_ne!(finding.code, "undecided", "seed {seed}: {finding:?}");
                    &finding.subject.as_ref().expect("it is about somebody").1
                })
                .collect();
            for name in &told {
                assert!(
                    units.iter().any(|(_, unit)| unit == *name),
                    "seed {seed}: `{}` and {name}\n{text}",
                    rule.name
                );
            }
            // A unit within which a smaller one is told of says nothing new.
            for (agents, name) in &units {
                let within = |told: &Str| {
                    units.iter().any(|(smaller, unit)| unit == told && smaller.is_subset(agents))
                };
                assert!(
                    told.iter().any(|told| within(told)),
                    "seed {seed}: `{}` misses {name}\n{text}",
                    rule.name
                );
            }
            *if units.is_empty() { &mut found_none } else { &mut found_some } += 1;
        }
    }
    assert!(found_some > 50 && found_none > 50, "{found_some} rules are broken, {found_none} are not");
}
