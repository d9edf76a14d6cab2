//! What a decision costs: exported policies beside policies for the same thing written by hand.
//!
//! `cargo bench --bench enforcement` measures Cedar and Rego (regorus) with 100, 1,000 and 10,000
//! grants. Before that every engine answers every call as the reference does. It leaves the Rego
//! bundles under `target/tmp/enforcement`, where `.ci/engines/opa/agree` measures OPA.
//! `docs/benchmarks.md` keeps the table.

mod estate;
mod hand;

use bailiwick_compiler::targets::{Target, cedar, rego};
use bailiwick_compiler::{Model, request};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use criterion::{BenchmarkId, Criterion};
use estate::{Call, Estate};
use regorus::{Engine, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

/// How many grants.
const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn cedar_decisions(c: &mut Criterion, estate: Estate, model: &Model, calls: &[Call]) {
    let files = cedar::Cedar::Contract.emit(model).files;
    let index: BTreeMap<String, String> = serde_json::from_str(&files["index.json"]).expect("an index");
    let shards: BTreeMap<&str, PolicySet> =
        index.iter().map(|(root, file)| (root.as_str(), files[file].parse().expect("policies"))).collect();
    let entities = Entities::from_json_str(&files["entities.json"], None).expect("entities");
    let nothing = PolicySet::new();
    let exported: Vec<_> = calls
        .iter()
        .map(|call| {
            let source = request::read(model, &call.request()).expect("a good request");
            let shard = shards.get(format!("a{}", call.agent).as_str()).unwrap_or(&nothing);
            (asked(&cedar::request(cedar::Cedar::Contract, model, &source)), shard)
        })
        .collect();
    let policies: PolicySet = hand::cedar(estate).parse().expect("policies");
    let written: Vec<_> = calls
        .iter()
        .map(|call| {
            let uid = |kind: &str, id: String| json!({ "type": kind, "id": id });
            let mut context = hand::input(call);
            let fields = context.as_object_mut().expect("an object");
            fields.retain(|name, _| !["agent", "tool"].contains(&name.as_str()));
            let tool = format!("t{}", call.tool);
            let asked = asked(&json!({
                "principal": uid("Agent", format!("a{}", call.agent)), "action": uid("Action", tool.clone()),
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

fn rego_decisions(c: &mut Criterion, estate: Estate, model: &Model, calls: &[Call]) {
    let files = rego::Rego.emit(model).files;
    leave(estate, &files, model, calls);
    let exported = |call: &Call| call.request();
    let written = |call: &Call| hand::input(call).to_string();
    let (module, data) = (vec![files["policy.rego"].clone()], files["data.json"].clone());
    let by_agent = |module: &str| (vec![module.to_owned()], hand::rego_data(estate).to_string());
    let (checked, unchecked) = (by_agent(hand::REGO_CHECKED), by_agent(hand::REGO_BY_AGENT));
    let rules = (hand::rego_rules(estate), "{}".to_owned());
    let candidates: [(&str, _, &str, Write); 5] = [
        ("exported", (module.clone(), data.clone()), "data.bailiwick.allow", &exported),
        ("exported, with reasons", (module, data), "data.bailiwick.decision", &exported),
        ("by hand, data by agent, checked", checked, "data.hand.allow", &exported),
        ("by hand, data by agent", unchecked, "data.hand.allow", &written),
        ("by hand, a rule a grant", rules, "data.hand.allow", &written),
    ];
    let mut group = c.benchmark_group("rego");
    for (name, (modules, data), rule, write) in candidates {
        let mut engine = Engine::new();
        for (at, module) in modules.into_iter().enumerate() {
            engine.add_policy(format!("{at}.rego"), module).expect("a module");
        }
        engine.add_data_json(&data).expect("data");
        let inputs: Vec<Value> =
            calls.iter().map(|call| Value::from_json_str(&write(call)).expect("JSON")).collect();
        for (input, call) in inputs.iter().zip(calls) {
            engine.set_input(input.clone());
            let answer = engine.eval_rule(rule.into()).expect("an answer");
            let allowed = [answer.clone(), answer["allow"].clone()].contains(&Value::from(true));
            assert_eq!(allowed, call.allowed, "{name}: {}", call.request());
        }
        let mut next = inputs.iter().cycle();
        group.bench_function(BenchmarkId::new(name, estate.0), |b| {
            b.iter(|| {
                engine.set_input(next.next().expect("there are requests").clone());
                black_box(engine.eval_rule(rule.into()).expect("an answer"))
            });
        });
    }
}

/// Leaves the bundle and what it was asked, as the tests do.
fn leave(estate: Estate, files: &BTreeMap<String, String>, model: &Model, calls: &[Call]) {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/enforcement").join(estate.0.to_string());
    std::fs::create_dir_all(&folder).expect("a folder for the bundle");
    for (path, text) in files {
        std::fs::write(folder.join(path), text).expect("the bundle is written");
    }
    let line = |call: &Call| {
        let request = request::read(model, &call.request()).expect("a good request");
        let grant = model
            .grants
            .iter()
            .find(|grant| call.allowed && bailiwick_compiler::evaluator::authorises(model, grant, &request));
        format!("{}\t{}\n", Json::from(grant.map(|grant| &*grant.name)), call.request())
    };
    std::fs::write(folder.join("requests.jsonl"), calls.iter().map(line).collect::<String>())
        .expect("the requests are written");
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
