//! The build and its manifest: complete, true, and the same every time.

use super::agreement::BUILT;
use super::cloud::example;
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::build::build;
use bailiwick_compiler::build::{Build, Input, MANIFEST_FILE, applicable};
use bailiwick_compiler::compile_text;
use serde_json::Value as Json;
use std::collections::BTreeSet;

fn built(files: &[(String, String)]) -> Build {
    let modules: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let compiled = compile_text(&modules);
    assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics);
    let paths: Vec<String> = files.iter().map(|(path, _)| format!("{path}.grant")).collect();
    let inputs: Vec<Input> = paths.iter().zip(files).map(|(path, (_, text))| Input { path, text }).collect();
    let analysis = Analysis::new(&compiled.model, BUILT);
    build(&analysis, &applicable(&compiled.model), &inputs).expect("it is proved")
}

#[test]
fn the_manifest_keeps_its_schema_and_knows_every_file_and_rule() {
    let build = built(&example("platform"));
    assert_eq!(build, built(&example("platform")));
    let manifest: Json = serde_json::from_str(&build.files[MANIFEST_FILE]).expect("JSON");
    let schema: Json = serde_json::from_str(include_str!("../../docs/manifest.schema.json")).expect("JSON");
    keeps(&schema, &schema, &manifest, "manifest");

    let mut known: BTreeSet<String> = [MANIFEST_FILE.to_string()].into();
    for target in manifest["targets"].as_array().expect("targets") {
        for file in target["files"].as_array().expect("files") {
            known.insert(file["path"].as_str().expect("a path").to_string());
        }
        if ["iam", "kubernetes"].contains(&target["target"].as_str().expect("a word")) {
            let rules = target["rules"].as_array().expect("rules");
            assert!(!rules.is_empty(), "{target:#}");
            for rule in rules {
                let text = &build.files[rule["file"].as_str().expect("a file")];
                let id = rule["id"].as_str().expect("an id");
                let name = id.rsplit([' ', '/']).next().expect("a name");
                assert!(text.contains(&format!("\"{name}\"")), "{id} is not in\n{text}");
                assert!(rule["source"]["line"].is_number());
            }
            let results: BTreeSet<&str> = target["grants"]
                .as_array()
                .expect("grants")
                .iter()
                .map(|grant| grant["result"].as_str().expect("a result"))
                .collect();
            assert!(results.iter().any(|result| *result != "refused"), "{target:#}");
        }
    }
    assert_eq!(known, build.contents().keys().map(|path| path.to_string()).collect());
}

#[test]
fn statement_names_are_letters_and_digits_and_unique() {
    let build = built(&example("platform"));
    let mut names = BTreeSet::new();
    let attached = |path: &str| path.starts_with("iam/") && path.contains("/policy-");
    for (path, text) in build.files.iter().filter(|(path, _)| attached(path)) {
        let document: Json = serde_json::from_str(text).expect("JSON");
        for statement in document["Statement"].as_array().expect("statements") {
            let name = statement["Sid"].as_str().expect("a name").to_string();
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric()), "{name}");
            assert!(names.insert(name.clone()), "{name} again in {path}");
        }
    }
    assert!(!names.is_empty());
}

/// The part of JSON Schema that the manifest's schema uses.
fn keeps(root: &Json, schema: &Json, value: &Json, at: &str) {
    if let Err(reason) = check(root, schema, value, at) {
        panic!("{reason}");
    }
}

fn check(root: &Json, schema: &Json, value: &Json, at: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        check(root, root.pointer(pointer).expect("a definition"), value, at)?;
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[key].as_array() {
            let fitting = choices.iter().filter(|choice| check(root, choice, value, at).is_ok()).count();
            if fitting == 0 || (key == "oneOf" && fitting > 1) {
                return Err(format!("{at}: {value} fits {fitting} of {key}"));
            }
        }
    }
    if !schema["const"].is_null() && schema["const"] != *value {
        return Err(format!("{at}: {value} is not {}", schema["const"]));
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        return Err(format!("{at}: {value} is not among {values:?}"));
    }
    let kind = match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "integer",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    };
    let fits = match &schema["type"] {
        Json::String(ty) => ty == kind,
        Json::Array(types) => types.iter().any(|ty| ty == kind),
        _ => true,
    };
    if !fits {
        return Err(format!("{at}: {value} is no {}", schema["type"]));
    }
    if let Some(items) = value.as_array() {
        for (number, item) in items.iter().enumerate() {
            check(root, &schema["items"], item, &format!("{at}[{number}]"))?;
        }
    }
    if let (Some(fields), Some(properties)) = (value.as_object(), schema["properties"].as_object()) {
        for required in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(required.as_str().unwrap_or_default()) {
                return Err(format!("{at}: {required} is missing"));
            }
        }
        for (name, field) in fields {
            let Some(schema) = properties.get(name) else { return Err(format!("{at}: {name} is unknown")) };
            check(root, schema, field, &format!("{at}.{name}"))?;
        }
    }
    Ok(())
}

#[test]
fn projects_that_use_every_construct_build_the_same_twice() {
    for seed in 0..6 {
        let files = bailiwick_testkit::project(seed, &bailiwick_testkit::Options::default());
        let build = built(&files);
        assert_eq!(build, built(&files), "seed {seed}");
        let schema: Json =
            serde_json::from_str(include_str!("../../docs/manifest.schema.json")).expect("JSON");
        let manifest: Json = serde_json::from_str(&build.files[MANIFEST_FILE]).expect("JSON");
        keeps(&schema, &schema, &manifest, &format!("seed {seed}"));
    }
}
