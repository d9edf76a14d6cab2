//! The Rego export against `regorus`. The engine tests ask genuine OPA the same.

use super::agreement::{Answer, EXAMPLES, Engine, Tally, agree, compiled, emit, example};
use super::projects;
use bailiwick_compiler::Model;
use bailiwick_compiler::evaluator::{Clause, explain};
use bailiwick_compiler::request;
use bailiwick_compiler::targets::Emission;
use bailiwick_compiler::types::value::parse_instant;
use bailiwick_testkit::doubles_hide;
use regorus::{Engine as Regorus, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

struct Rego {
    engine: Regorus,
    /// What OPA is to be asked, with the reference's answers.
    requests: String,
    folder: PathBuf,
}

impl Rego {
    /// Leaves the bundle under `target/tmp/rego`, for the engine tests.
    fn start(name: &str, _model: &Model, emission: &Emission) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rego").join(name);
        fs::create_dir_all(&folder).expect("a folder for the bundle");
        for (path, text) in &emission.files {
            fs::write(folder.join(path), text).expect("the bundle is written");
        }
        let mut engine = Regorus::new();
        engine.set_strict_builtin_errors(true);
        let policy = emission.files["policy.rego"].clone();
        engine.add_policy("policy.rego".into(), policy).unwrap_or_else(|error| panic!("{error}"));
        engine.add_data_json(&emission.files["data.json"]).expect("data");
        Self { engine, requests: String::new(), folder }
    }

    fn eval(&mut self, rule: &str) -> serde_json::Value {
        let value =
            self.engine.eval_rule(format!("data.bailiwick.{rule}")).unwrap_or_else(|error| panic!("{error}"));
        serde_json::from_str(&value.to_json_str().expect("JSON")).expect("JSON")
    }
}

impl Engine for Rego {
    fn decide(&mut self, model: &Model, json: &str) -> Answer {
        // what is no JSON to the engine never reaches the policy
        let Ok(input) = Value::from_json_str(json) else { return None };
        self.engine.set_input(input);
        let granted = self.engine.eval_rule("data.bailiwick.granted".into());
        let granted = granted.unwrap_or_else(|error| panic!("{error}, of {json}"));
        let granted = granted.as_string().ok().map(|name| name.to_string());
        // why something is denied takes longer than that it is: now and then is enough
        if self.requests.len().is_multiple_of(8) {
            let decision = self.eval("decision");
            assert_eq!(decision["allow"], granted.is_some(), "of {json}");
            assert_eq!(decision["grant"].as_str(), granted.as_deref(), "of {json}");
            if let Ok(request) = request::read(model, json) {
                // a condition says nothing of arguments of the same names that another tool has
                let of_tool = |clauses: &[Clause]| !clauses.contains(&Clause::Tool);
                let near = explain(model, &request).near;
                for (grant, failing) in near.into_iter().filter(|(_, failing)| of_tool(failing)) {
                    let told = &decision["near"][&*model.grant(grant).name];
                    let told: BTreeSet<&str> =
                        told.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                    assert_eq!(told, failing.iter().map(word).collect(), "of {json}");
                }
            }
        }
        granted.map(|grant| vec![grant])
    }

    fn is_blind_to(&self, model: &Model, json: &str) -> bool {
        doubles_hide(model, json)
    }

    fn record(&mut self, _what: &str, json: &str, expected: Option<&str>) {
        let is_json = serde_json::from_str::<Json>(json).is_ok();
        if is_json && !has_a_key_twice(json) {
            // line ends stand between tokens only, so that a request fits on a line
            let line = json.replace(['\n', '\r'], " ");
            self.requests += &format!("{}\t{line}\n", Json::from(expected));
        }
    }
}

impl Drop for Rego {
    fn drop(&mut self) {
        // a test that fails has said so already; what it leaves behind does not matter
        let _ = fs::write(self.folder.join("requests.jsonl"), &self.requests);
    }
}

/// What the module calls a clause.
fn word(clause: &Clause) -> &'static str {
    match clause {
        Clause::Grantee => "grantee",
        Clause::Purpose => "purpose",
        Clause::Tool | Clause::Where => "tool",
        Clause::Data { .. } => "data",
        Clause::Starts { .. } | Clause::Expired { .. } => "lifetime",
        Clause::Ttl { .. } => "session-age",
        Clause::Authn { .. } => "authentication",
        Clause::When => "condition",
        Clause::Approval { .. } => "approval",
        Clause::Delegation => "delegation",
    }
}

/// Whether the text, which is JSON, says less than it seems to: OPA, too, keeps the last of two keys.
fn has_a_key_twice(json: &str) -> bool {
    let keys = |text: &str| text.matches("\":").count();
    serde_json::from_str::<Json>(json).is_ok_and(|seen| keys(&seen.to_string()) != keys(json))
}

#[test]
fn rego_agrees_with_the_reference() {
    agree("rego", Rego::start);
}

/// Anything, anywhere in a request that is otherwise allowed: the module answers as the reference
/// does, whatever of it it looks at before it knows that the request is well formed.
#[test]
fn what_is_odd_anywhere_is_denied_and_no_error() {
    let odd =
        json!([null, false, true, 0, -1, 1.5, "", "no-such-thing", [], [null], [[]], [0], {}, { "0": "x" }]);
    let mut tally = Tally::default();
    for written in projects::ALL {
        let model = compiled(&[("main", written.text)]);
        let mut engine = Rego::start(&format!("odd-{}", written.name), &model, &emit("rego", &model));
        let allowed = projects::cases(written).into_iter().filter(|(_, allowed, _)| *allowed);
        for (title, _, text) in allowed {
            let request: Json = serde_json::from_str(&text).expect("JSON");
            for place in places(&request) {
                for value in odd.as_array().expect("a list") {
                    let mut changed = request.clone();
                    *changed.pointer_mut(&place).expect("a place of it") = value.clone();
                    tally.ask(&format!("{title}, {place}"), &model, &mut engine, &changed.to_string());
                }
            }
        }
    }
    let Tally { asked, ill_formed, .. } = tally;
    assert!(asked > 5_000 && ill_formed * 10 > asked * 8, "{asked} requests, {ill_formed} ill formed");
}

/// One expression goes over the times of approvals in JSON: whatever somebody is called, it is a name to it.
#[test]
fn whoever_approves_is_only_a_name() {
    let names = [
        "",
        "\"",
        "\\",
        "\\\"",
        "\n",
        "\0",
        "\u{2028}",
        "<&>",
        "é",
        "\u{1f600}",
        "{",
        "}",
        "]",
        ",\"",
        "\":null,\"",
        "\"}]",
    ];
    let times =
        json!(["2026-12-01T09:30:00Z", null, 5, "", "2026-02-29T09:30:00Z", ["2026-12-01T09:30:00Z"]]);
    let written = &projects::ALL[0];
    let model = compiled(&[("main", written.text)]);
    let mut engine = Rego::start("names", &model, &emit("rego", &model));
    let mut tally = Tally::default();
    for (title, _, text) in projects::cases(written).into_iter().filter(|(_, allowed, _)| *allowed) {
        let request: Json = serde_json::from_str(&text).expect("JSON");
        for name in names {
            for time in times.as_array().expect("a list") {
                let mut changed = request.clone();
                changed["approvals"][name] = time.clone();
                tally.ask(&format!("{title}, {name:?}"), &model, &mut engine, &changed.to_string());
            }
        }
    }
    let Tally { asked, allowed, ill_formed, .. } = tally;
    assert!(allowed * 3 == asked && ill_formed * 3 == asked * 2, "{asked}, {allowed}, {ill_formed}");
}

/// Where something stands in a value: the value itself, what it holds, and so on.
fn places(json: &Json) -> Vec<String> {
    let below: Vec<_> = match json {
        Json::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Json::Array(list) => list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let below = below.into_iter().flat_map(|(name, value)| {
        let step = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        places(value).into_iter().map(move |rest| format!("{step}{rest}"))
    });
    [String::new()].into_iter().chain(below).collect()
}

#[test]
fn a_denial_says_what_would_change_it() {
    let written = &projects::ALL[0];
    let model = compiled(&[("main", written.text)]);
    let mut engine = Rego::start("explained", &model, &emit("rego", &model));
    let (_, _, json) = projects::cases(written)
        .into_iter()
        .find(|(title, _, _)| title.ends_with("a large refund without approval"))
        .expect("the case");
    engine.engine.set_input(Value::from_json_str(&json).expect("JSON"));
    let decision = serde_json::to_string_pretty(&engine.eval("decision")).expect("JSON");
    insta::assert_snapshot!(decision);
}

/// The project's own tests, as `opa test` runs them: all pass, and one whose expectation is turned
/// round fails.
#[test]
fn tests_pass_there_too() {
    let mut ran = 0;
    for name in EXAMPLES {
        let model = example(name);
        ran += passing(name, &model, true);
        let mut wrong = model.clone();
        for test in &mut wrong.tests {
            let mut turned = (**test).clone();
            turned.cases.iter_mut().for_each(|case| (case.allow, case.due_to) = (!case.allow, None));
            *test = turned.into();
        }
        passing(name, &wrong, false);
    }
    assert!(ran >= 20, "{ran} tests are too few");
}

/// Runs every test of the bundle on a day on which the examples are in force; how many there are.
fn passing(name: &str, model: &Model, expected: bool) -> usize {
    let emission = emit("rego", model);
    let mut engine = Rego::start(&format!("tests-{name}"), model, &emission);
    let text = emission.files["policy_test.rego"].clone();
    let tests = text.lines().filter_map(|line| line.strip_prefix("test_")?.strip_suffix(" if {"));
    let tests: Vec<String> = tests.map(|test| format!("tests.test_{test}")).collect();
    engine.engine.add_policy("policy_test.rego".into(), text).unwrap_or_else(|error| panic!("{error}"));
    engine.engine.set_input(Value::from_json_str(r#"{"now": "2026-12-01T10:00:00Z"}"#).expect("JSON"));
    for test in &tests {
        let value = engine.engine.eval_rule(format!("data.bailiwick.{test}"));
        let value = value.unwrap_or_else(|error| panic!("{test}: {error}"));
        assert_eq!(value == Value::from(true), expected, "{name}: {test}");
    }
    tests.len()
}

/// The module reads a day as the language does: every one of the years in which something turns.
#[test]
fn days_are_those_of_the_calendar() {
    let mut engine = Rego::start("days", &Model::default(), &emit("rego", &Model::default()));
    let mut days = 0;
    for year in [1969, 1970, 1972, 1979, 1980, 1996, 1999, 2000, 2023, 2024, 2100, 2104, 2196, 2199, 2200] {
        for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
            let text = format!("{year:04}-{month:02}-{day:02}T23:59:59Z");
            let value = engine.engine.eval_query(format!("data.bailiwick.instant({text:?})"), false);
            let value = value.unwrap_or_else(|error| panic!("{text}: {error}")).result;
            let read = value.first().and_then(|row| row.expressions[0].value.as_i64().ok());
            assert_eq!(read, parse_instant(&text).ok(), "{text}");
            days += usize::from(read.is_some());
        }
    }
    assert_eq!(days, 13 * 365 + 7, "1972, 1980, 1996, 2000, 2024, 2104 and 2196 have a day more");
}
