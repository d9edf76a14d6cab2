//! The JSON answers are what `docs/output.schema.json` says: held to it by the part of JSON Schema
//! that it uses, and to no field that it does not know.

use super::{edit, project, request, run};
use serde_json::Value;

fn schema() -> Value {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/output.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What is wrong with `value`; nothing when it fits.
pub fn problems(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.strip_prefix("#/$defs/").expect("a local reference");
        return problems(root, &root["$defs"][name], value, at);
    }
    let mut found = Vec::new();
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(some) => some.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the schema uses the type {other}"),
    };
    if !types.is_empty() && !types.into_iter().any(is) {
        found.push(format!("{at}: not a {}: {value}", schema["type"]));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        found.push(format!("{at}: not {}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|some| !some.contains(value)) {
        found.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            found.push(format!("{at}: lacks {name}"));
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(part) = value.get(name) {
            found.extend(problems(root, property, part, &format!("{at}.{name}")));
        }
    }
    if schema["items"].is_object() {
        for part in value.as_array().into_iter().flatten() {
            found.extend(problems(root, &schema["items"], part, &format!("{at}[]")));
        }
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().filter(|choice| problems(root, choice, value, at).is_empty()).count();
        if fits != 1 {
            let why: Vec<_> = choices.iter().map(|choice| problems(root, choice, value, at)).collect();
            found.push(format!("{at}: fits {fits} of the choices: {why:?}"));
        }
    }
    found
}

pub fn holds(text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let schema = schema();
    assert_eq!(problems(&schema, &schema, &value, "$"), Vec::<String>::new(), "{text}");
    value
}

#[test]
fn every_answer_fits_the_schema() {
    let folder = project();
    let json = |arguments: &[&str], input: &str| {
        let arguments = [arguments, &["--format", "json"]].concat();
        holds(&run(folder.path(), &arguments, input).out)
    };
    assert_eq!(json(&["check", "p", "--now", "2026-12-01"], "")["outcome"], "clean");
    assert_eq!(
        json(&["test", "p", "--now", "2026-12-01"], "")["proofs"][0]["properties"][0]["verdict"],
        "proved"
    );
    assert_eq!(json(&["build", "p", "--target", "rego", "--out", "out"], "")["manifest"]["project"], "p");
    assert_eq!(json(&["eval", "p", "--request", "-"], &request(50))["because"], "grant");
    assert_eq!(
        json(&["eval", "p", "--request", "-"], &request(51))["near"][0]["fails"][0]["clause"],
        "where"
    );
    assert_eq!(json(&["eval", "p", "--request", "-"], "{}")["because"], "ill-formed");

    edit(
        &folder,
        "allow   tickets.answer where args.refund <= 50",
        "allow   tickets.answer where args.refund <= 5000",
    );
    let found = json(&["check", "p", "--now", "2026-12-01"], "");
    assert_eq!(found["findings"][0]["code"], "over-privilege");
    assert_eq!(found["findings"][0]["witness"]["requests"][0]["request"]["args"]["refund"], 51);
    assert_eq!(json(&["test", "p"], "")["proofs"][0]["properties"][0]["verdict"], "refuted");
    edit(&folder, "owner    support", "owner    suport");
    for command in [&["check", "p"][..], &["test", "p"], &["build", "p", "--out", "out"]] {
        assert_eq!(json(command, "")["outcome"], "findings");
    }
}

#[test]
fn the_schema_is_able_to_fail() {
    let schema = schema();
    let wrong = serde_json::json!({"version": 2, "command": "check", "project": "p", "outcome": "fine"});
    assert!(problems(&schema, &schema, &wrong, "$").len() >= 3);
}
