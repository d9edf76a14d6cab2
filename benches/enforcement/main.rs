//! What a decision costs: exported policies beside policies for the same thing written by hand.
//!
//! `cargo bench --bench enforcement` measures Cedar and Rego (regorus) with 100, 1,000 and 10,000
//! grants. Before that every engine answers every call as the reference does. Of the two Rego policies
//! that check their requests it prints what they take when asked in turn. It leaves the Rego policies
//! under `target/tmp/enforcement`, where `benches/enforcement/opa` measures OPA itself.
//! `docs/benchmarks.md` keeps the table.

mod estate;
mod hand;
mod turn;

use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::targets::{Target, cedar, rego};
use bailiwick_compiler::{Model, request};
use bailiwick_testkit::{doubles_hide, requests};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use criterion::{BenchmarkId, Criterion};
use estate::{Call, Estate};
use regorus::{Engine, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;
use turn::{Asked, in_turn};

/// How many grants.
const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn cedar_decisions(c: &mut Criterion, estate: Estate, model: &Model, calls: &[Call]) {
    let files = cedar::Cedar::Contract.emit(model, 0).files;
    let index: BTreeMap<String, String> = serde_json::from_str(&files["index.json"]).expect("an index");
    let shards: BTreeMap<&str, PolicySet> =
        index.iter().map(|(root, file)| (root.as_str(), files[file].parse().expect("policies"))).collect();
    let entities = Entities::from_json_str(&files["entities.json"], None).expect("entities");
    let nothing = PolicySet::new();
    let exported: Vec<_> = calls
        .iter()
        .map(|call| {
            let source = request::read(model, &call.request()).expect("a good request");
            let shard = shards.get(format!("a{}", call.chain[0]).as_str()).unwrap_or(&nothing);
            (asked(&cedar::request(cedar::Cedar::Contract, model, &source)), shard)
        })
        .collect();
    let policies: PolicySet = hand::cedar(estate).parse().expect("policies");
    let written: Vec<_> = calls
        .iter()
        .map(|call| {
            let uid = |kind: &str, id: String| json!({ "type": kind, "id": id });
            let (agent, tool) = (format!("a{}", call.chain[0]), format!("t{}", call.tool));
            let input = hand::input(call);
            let mut context = call.args.clone();
            for field in ["purpose", "environment", "now", "started", "data", "approvals"] {
                context[field] = input[field].clone();
            }
            context["delegates"] = input["chain"].as_array().expect("agents")[1..].into();
            let asked = asked(&json!({
                "principal": uid("Agent", agent), "action": uid("Action", tool.clone()),
                "resource": uid("Tool", tool), "context": context,
            }));
            (asked, &policies)
        })
        .collect();
    let none = Entities::empty();
    let mut group = c.benchmark_group("cedar");
    for (name, requests, entities) in [("exported", exported, &entities), ("by hand", written, &none)] {
        let authorizer = Authorizer::new();
        for ((request, policies), call) in requests.iter().zip(calls) {
            let answer = authorizer.is_authorized(request, policies, entities);
            assert_eq!(answer.diagnostics().errors().count(), 0, "{name}");
            assert_eq!(answer.decision() == Decision::Allow, call.allowed, "{name}: {}", call.request());
        }
        let mut next = requests.iter().cycle();
        group.bench_function(BenchmarkId::new(name, estate.0), |b| {
            b.iter(|| {
                let (request, policies) = next.next().expect("there are requests");
                black_box(authorizer.is_authorized(request, policies, entities))
            });
        });
    }
}

fn asked(json: &Json) -> Request {
    let uid = |field: &str| EntityUid::from_json(json[field].clone()).expect("an entity");
    let context = Context::from_json_value(json["context"].clone(), None).expect("a context");
    Request::new(uid("principal"), uid("action"), uid("resource"), context, None).expect("a request")
}

/// A call as the policies want it.
type Write<'w> = &'w dyn Fn(&Call) -> String;

/// A Rego policy that is measured.
struct Candidate<'c> {
    name: &'static str,
    modules: Vec<String>,
    data: String,
    /// What is asked for.
    rule: &'static str,
    write: Write<'c>,
}

/// Those by hand that have to decide as the language does whatever they are asked.
const CHECKED: &str = "by hand, data by agent, checked";
const RULES_CHECKED: &str = "by hand, a rule a grant, checked";

/// The form for engines with an index for rules.
const INDEXED: &str = "exported, indexed";

fn rego_decisions(c: &mut Criterion, estate: Estate, model: &Model, calls: &[Call]) {
    let [data, indexed] = [rego::Rego::Data, rego::Rego::Indexed].map(|form| form.emit(model, 0).files);
    let exported = |call: &Call| call.request();
    let written = |call: &Call| hand::input(call).to_string();
    let bundle = |name, files: &BTreeMap<String, String>, rule| Candidate {
        name,
        modules: ["policy.rego", "rules.rego"].iter().filter_map(|path| files.get(*path).cloned()).collect(),
        data: files["data.json"].clone(),
        rule,
        write: &exported,
    };
    let by_hand = |name, modules, data: Json, write| Candidate {
        name,
        modules,
        data: data.to_string(),
        rule: "data.hand.allow",
        write,
    };
    let by_agent = hand::rego_data(estate);
    let checked = [hand::REGO_CHECKS, hand::REGO_BY_AGENT_CHECKED].join("\n");
    let rules = |reads| hand::rego_rules(estate, reads);
    let candidates = [
        bundle("exported", &data, "data.bailiwick.allow"),
        bundle("exported, with reasons", &data, "data.bailiwick.decision"),
        bundle(INDEXED, &indexed, "data.bailiwick.allow"),
        by_hand(CHECKED, vec![checked], by_agent.clone(), &exported),
        by_hand(RULES_CHECKED, rules(&hand::CHECKED), by_agent.clone(), &exported),
        by_hand("by hand, data by agent", vec![hand::REGO_BY_AGENT.to_owned()], by_agent, &written),
        by_hand("by hand, a rule a grant", rules(&hand::TRUSTED), json!({}), &written),
    ];
    let mut in_order = Vec::new();
    let mut group = c.benchmark_group("rego");
    for candidate in candidates {
        let Candidate { name, modules, data, rule, write } = &candidate;
        leave(estate, &candidate, calls);
        // this engine takes no module of so many lines, nor has it an index for rules
        if *name == INDEXED && estate.0 > SIZES[0] {
            continue;
        }
        let mut engine = Engine::new();
        for (at, module) in modules.iter().enumerate() {
            engine.add_policy(format!("{at}.rego"), module.clone()).expect("a module");
        }
        engine.add_data_json(data).expect("data");
        // what rules check is the same at every size, and this engine goes through all of them
        if *name == CHECKED || [RULES_CHECKED, INDEXED].contains(name) && estate.0 == SIZES[0] {
            hostile(&mut engine, rule, estate, model);
        }
        let inputs: Vec<Value> =
            calls.iter().map(|call| Value::from_json_str(&write(call)).expect("JSON")).collect();
        for (input, call) in inputs.iter().zip(calls) {
            engine.set_input(input.clone());
            let answer = engine.eval_rule((*rule).into()).expect("an answer");
            let allowed = [answer.clone(), answer["allow"].clone()].contains(&Value::from(true));
            assert_eq!(allowed, call.allowed, "{name}: {}", call.request());
        }
        let mut next = inputs.iter().cycle();
        group.bench_function(BenchmarkId::new(*name, estate.0), |b| {
            b.iter(|| {
                engine.set_input(next.next().expect("there are requests").clone());
                black_box(engine.eval_rule((*rule).into()).expect("an answer"))
            });
        });
        if ["exported", CHECKED].contains(name) {
            in_order.push(Asked { name, engine, rule, inputs: of_each_kind(&inputs) });
        }
    }
    group.finish();
    in_turn(estate, &mut in_order);
}

/// One of each kind: they come two of a kind, so the one of the first, the other of the second, and so on.
fn of_each_kind<T: Clone>(calls: &[T]) -> Vec<T> {
    let chosen = calls.iter().enumerate().filter(|(at, _)| [0, 3].contains(&(at % 4)));
    chosen.map(|(_, call)| call.clone()).take(estate::CALLS).collect()
}

/// Asks requests of the contract around every boundary, ill-formed ones among them, and holds the
/// answers to the reference's. An error is a denial.
fn hostile(engine: &mut Engine, rule: &str, estate: Estate, model: &Model) {
    let mut asked = 0;
    for json in requests(model, estate.0 as u64, 3_000) {
        let Ok(input) = Value::from_json_str(&json) else { continue };
        if doubles_hide(model, &json) {
            continue;
        }
        engine.set_input(input);
        let read = request::read(model, &json).ok();
        let allowed = engine.eval_rule(rule.into()).is_ok_and(|answer| answer == Value::from(true));
        assert_eq!(allowed, read.is_some_and(|read| decide(model, &read).is_allow()), "of {json}");
        asked += 1;
    }
    assert!(asked > 2_000, "{asked} requests are too few");
}

/// Leaves a policy and a call of each kind, for `benches/enforcement/opa`.
fn leave(estate: Estate, candidate: &Candidate, calls: &[Call]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/tmp/enforcement")
        .join(estate.0.to_string())
        .join(candidate.name.replace(", ", "-").replace(' ', "-"));
    let file = |path: &str, text: &str| {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder for the policies");
        std::fs::write(file, text).expect("the file is written");
    };
    for (at, module) in candidate.modules.iter().enumerate() {
        file(&format!("policy/{at}.rego"), module);
    }
    file("policy/data.json", &candidate.data);
    file("rule", candidate.rule);
    for (at, call) in of_each_kind(&calls.iter().collect::<Vec<_>>()).into_iter().enumerate() {
        file(&format!("calls/{at}.json"), &(candidate.write)(call));
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    for size in SIZES {
        let estate = Estate(size);
        let model = estate.model();
        let calls = estate.calls(&model);
        let allowed = calls.iter().filter(|call| call.allowed).count();
        assert!(allowed * 10 >= calls.len() * 3, "{allowed} of {} are allowed", calls.len());
        cedar_decisions(&mut criterion, estate, &model, &calls);
        rego_decisions(&mut criterion, estate, &model, &calls);
    }
    criterion.final_summary();
}
