//! The Rego export against `regorus`. The engine tests ask genuine OPA the same.

use super::agreement::{Answer, EXAMPLES, Engine, Tally, agree, compiled, emit, example};
use super::projects::{self, Written};
use super::proof::generated;
use bailiwick_compiler::Model;
use bailiwick_compiler::evaluator::{Clause, decide, explain};
use bailiwick_compiler::request;
use bailiwick_compiler::targets::Emission;
use bailiwick_compiler::types::value::parse_instant;
use bailiwick_testkit::{doubles_hide, requests};
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
        let form = if emission.files.contains_key("rules.rego") { "indexed-" } else { "" };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rego").join(format!("{form}{name}"));
        fs::create_dir_all(&folder).expect("a folder for the bundle");
        for (path, text) in &emission.files {
            fs::write(folder.join(path), text).expect("the bundle is written");
        }
        Self { engine: loaded(emission), requests: String::new(), folder }
    }

    fn eval(&mut self, rule: &str) -> serde_json::Value {
        let value =
            self.engine.eval_rule(format!("data.bailiwick.{rule}")).unwrap_or_else(|error| panic!("{error}"));
        serde_json::from_str(&value.to_json_str().expect("JSON")).expect("JSON")
    }
}

/// The engine with the bundle.
fn loaded(emission: &Emission) -> Regorus {
    let mut engine = Regorus::new();
    engine.set_strict_builtin_errors(true);
    for path in ["policy.rego", "rules.rego"] {
        let Some(text) = emission.files.get(path) else { continue };
        engine.add_policy(path.into(), text.clone()).unwrap_or_else(|error| panic!("{error}"));
    }
    engine.add_data_json(&emission.files["data.json"]).expect("data");
    engine
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

#[test]
fn rules_agree_with_the_reference() {
    agree("rego-indexed", Rego::start);
}

/// What rules ask, kind by kind: without it the requests that are tried tell, by another answer or an error.
#[test]
fn what_rules_ask_is_felt() {
    const KINDS: [&str; 20] = [
        "input.chain[0] == ",
        "input.purpose == ",
        "input.tool == ",
        "op.name in ",
        " <= moment.now",
        "moment.now < ",
        "moment.age <= ",
        "moment.authn >= ",
        "input.chain == ",
        "input.chain in ",
        "handed_on(",
        "arguments.",
        "session.",
        "often(",
        "holds(",
        "label in ",
        "satisfied(",
        "approved(",
        "recent(",
        "unforbidden",
    ];
    let models: Vec<_> = written().chain((0..8).map(|seed| (generated(seed), Vec::new()))).collect();
    let models: Vec<_> = models.iter().map(|(model, asked)| Answered::new(model, asked)).collect();
    for kind in KINDS {
        let felt = models.iter().any(|model| {
            let rules = model.rules().lines();
            let asks = |line: &str| line.contains(kind) && !line.ends_with('{');
            let without = rules.map(|line| if asks(line) { "true" } else { line });
            model.feels(without.collect::<Vec<_>>().join("\n") + "\n")
        });
        assert!(felt, "without `{kind}` nothing is decided otherwise");
    }
}

/// What rules make of a forbid before there is a request: with the rules of a project that has one less,
/// the requests that are tried tell.
#[test]
fn what_forbids_leave_to_rules_is_felt() {
    let (mut written_out, mut unfelt) = (0, Vec::new());
    for (model, asked) in written() {
        let answered = Answered::new(&model, &asked);
        for at in 0..model.forbids.len() {
            let mut less = model.clone();
            let forbid = less.forbids.remove(at);
            let rules = emit("rego-indexed", &less).files["rules.rego"].clone();
            if rules != answered.rules() {
                written_out += 1;
                unfelt.extend((!answered.feels(rules)).then(|| forbid.name.to_string()));
            }
        }
    }
    assert!(unfelt.is_empty(), "without {unfelt:?} nothing is decided otherwise");
    assert!(written_out >= 6, "{written_out} forbids are too few");
}

/// The projects that were written for the tests, with the requests of their cases.
fn written() -> impl Iterator<Item = (Model, Vec<String>)> {
    projects::ALL.iter().map(|written| {
        let cases = projects::cases(written).into_iter().map(|(_, _, json)| json);
        (compiled(&[("main", written.text)]), cases.collect())
    })
}

/// A project with a rule for each line of a grant, and what the reference answers to requests.
struct Answered {
    emission: Emission,
    answers: Vec<(Value, bool)>,
}

impl Answered {
    /// Of these requests, and some more.
    fn new(model: &Model, asked: &[String]) -> Self {
        let drawn = requests(model, 5, 300);
        let asked = asked.iter().chain(&drawn).filter(|json| !doubles_hide(model, json));
        let answers = asked.filter_map(|json| {
            let allowed = request::read(model, json).is_ok_and(|read| decide(model, &read).is_allow());
            Some((Value::from_json_str(json).ok()?, allowed))
        });
        Self { answers: answers.collect(), emission: emit("rego-indexed", model) }
    }

    fn rules(&self) -> &str {
        &self.emission.files["rules.rego"]
    }

    /// Whether a request is answered otherwise, or with an error, when the rules are these.
    fn feels(&self, rules: String) -> bool {
        if rules == self.rules() {
            return false;
        }
        let mut broken = self.emission.clone();
        broken.files.insert("rules.rego".into(), rules);
        let mut engine = loaded(&broken);
        self.answers.iter().any(|(input, allowed)| {
            engine.set_input(input.clone());
            let told = engine.eval_rule("data.bailiwick.allow".into());
            !told.is_ok_and(|told| told == Value::from(*allowed))
        })
    }
}

/// The forms of the export.
const FORMS: [&str; 2] = ["rego", "rego-indexed"];

/// Anything, anywhere in a request that is otherwise allowed: the module answers as the reference
/// does, whatever of it it looks at before it knows that the request is well formed.
#[test]
fn what_is_odd_anywhere_is_denied_and_no_error() {
    let mut tally = Tally::default();
    for (written, form) in projects::ALL.iter().flat_map(|written| FORMS.map(|form| (written, form))) {
        let model = compiled(&[("main", written.text)]);
        let mut engine = Rego::start(&format!("odd-{}", written.name), &model, &emit(form, &model));
        for (title, json) in oddities(written) {
            tally.ask(&title, &model, &mut engine, &json);
        }
    }
    let Tally { asked, ill_formed, .. } = tally;
    assert!(asked > 10_000 && ill_formed * 10 > asked * 8, "{asked} requests, {ill_formed} ill formed");
}

/// Every place of every allowed request of the project, with every odd value there.
fn oddities(written: &Written) -> Vec<(String, String)> {
    let odd =
        json!([null, false, true, 0, -1, 1.5, "", "no-such-thing", [], [null], [[]], [0], {}, { "0": "x" }]);
    let mut found = Vec::new();
    for (title, _, text) in projects::cases(written).into_iter().filter(|(_, allowed, _)| *allowed) {
        let request: Json = serde_json::from_str(&text).expect("JSON");
        for place in places(&request) {
            for value in odd.as_array().expect("a list") {
                let mut changed = request.clone();
                *changed.pointer_mut(&place).expect("a place of it") = value.clone();
                found.push((format!("{title}, {place}"), changed.to_string()));
            }
        }
    }
    found
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
    for (name, form) in EXAMPLES.into_iter().flat_map(|name| FORMS.map(|form| (name, form))) {
        let model = example(name);
        ran += passing(form, name, &model, true);
        let mut wrong = model.clone();
        for test in &mut wrong.tests {
            let mut turned = (**test).clone();
            turned.cases.iter_mut().for_each(|case| (case.allow, case.due_to) = (!case.allow, None));
            *test = turned.into();
        }
        passing(form, name, &wrong, false);
    }
    assert!(ran >= 20 * FORMS.len(), "{ran} tests are too few");
}

/// Runs every test of the bundle on a day on which the examples are in force; how many there are.
fn passing(form: &str, name: &str, model: &Model, expected: bool) -> usize {
    let emission = emit(form, model);
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
