//! The published schema of requests: every well-formed vector is within it, and what it refuses
//! is ill formed.

use bailiwick_testkit::vectors;
use regex::Regex;
use serde_json::Value;

/// Whether a value is within a schema, as far as `docs/request.schema.json` goes. A keyword that
/// is not known here fails the test, so that the schema cannot outgrow its check unseen.
fn admits(root: &Value, schema: &Value, value: &Value) -> bool {
    schema.as_object().expect("a schema").iter().all(|(keyword, operand)| match keyword.as_str() {
        "$schema" | "$id" | "title" | "description" | "$defs" => true,
        "$ref" => {
            let name =
                operand.as_str().and_then(|path| path.strip_prefix("#/$defs/")).expect("a local reference");
            admits(root, &root["$defs"][name], value)
        }
        "type" => match operand {
            Value::Array(types) => types.iter().any(|ty| is(ty, value)),
            ty => is(ty, value),
        },
        "enum" => operand.as_array().expect("values").contains(value),
        "anyOf" => operand.as_array().expect("schemas").iter().any(|schema| admits(root, schema, value)),
        "pattern" => {
            let pattern = Regex::new(operand.as_str().expect("a pattern")).expect("a regular expression");
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "required" => value.as_object().is_none_or(|members| {
            operand
                .as_array()
                .expect("names")
                .iter()
                .all(|name| members.contains_key(name.as_str().expect("a name")))
        }),
        "properties" => value.as_object().is_none_or(|members| {
            members
                .iter()
                .all(|(name, member)| operand.get(name).is_none_or(|schema| admits(root, schema, member)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|members| {
            let others = members.iter().filter(|(name, _)| schema["properties"].get(name).is_none());
            others.into_iter().all(|(_, member)| *operand != false && admits(root, operand, member))
        }),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| admits(root, operand, item))),
        "minItems" => {
            value.as_array().is_none_or(|items| items.len() as u64 >= operand.as_u64().expect("a number"))
        }
        "maxItems" => {
            value.as_array().is_none_or(|items| items.len() as u64 <= operand.as_u64().expect("a number"))
        }
        other => panic!("`{other}` is not checked"),
    })
}

fn is(ty: &Value, value: &Value) -> bool {
    match ty.as_str().expect("a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "null" => value.is_null(),
        other => panic!("type `{other}` is not checked"),
    }
}

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/request.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON")
}

#[test]
fn well_formed_vectors_are_within_the_schema() {
    let schema = schema();
    let mut refused = 0;
    for (file, vectors) in vectors() {
        for case in &vectors.cases {
            let within =
                serde_json::from_str(case.text()).is_ok_and(|request| admits(&schema, &schema, &request));
            refused += usize::from(!within);
            assert!(within || case.reason == "ill-formed", "{file}, {}: {}", case.name, case.text());
        }
    }
    assert!(refused > 60, "the schema refuses only {refused} vectors");
}

#[test]
fn the_example_of_the_contract_is_within_the_schema() {
    let page = include_str!("../../docs/enforcement-points.md");
    let (_, rest) = page.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let schema = schema();
    assert!(admits(&schema, &schema, &serde_json::from_str(example).expect("JSON")));
}
