use super::*;
use proptest::prelude::*;

#[track_caller]
fn imported(answer: &str) -> Imported {
    let imported = import(answer, "srv").unwrap_or_else(|errors| panic!("{errors:?}"));
    let parsed = bailiwick_grammar::parse(&imported.text);
    assert!(parsed.errors.is_empty(), "{:?}\n{}", parsed.errors, imported.text);
    assert_eq!(parsed.module.decls.len(), imported.tools, "{}", imported.text);
    assert_eq!(bailiwick_grammar::format(&imported.text).as_deref(), Ok(imported.text.as_str()));
    imported
}

fn codes(result: Result<Imported, Vec<Diagnostic>>) -> Vec<&'static str> {
    match result {
        Ok(imported) => imported.notes.iter().map(|note| note.code).collect(),
        Err(errors) => errors.iter().map(|error| error.code).collect(),
    }
}

/// A tool of the GitHub server (MIT licence), shortened.
const ISSUE_WRITE: &str = r#"{
  "annotations": {"idempotentHint": false, "readOnlyHint": false, "destructiveHint": false, "openWorldHint": true},
  "description": "Create a new or update an existing issue in a GitHub repository.",
  "inputSchema": {
    "type": "object",
    "properties": {
      "method": {"type": "string", "enum": ["create", "update"], "description": "Write operation to perform"},
      "owner": {"type": "string"},
      "labels": {"type": "array", "items": {"type": "string"}},
      "issue_number": {"type": "number", "minimum": 1},
      "issue_fields": {"type": "array", "items": {"type": "object", "properties": {"field_name": {"type": "string"}}}},
      "type": {"anyOf": [{"type": "string"}, {"type": "null"}]},
      "state": {"type": "string", "enum": ["open", "closed"], "default": "open"}
    },
    "required": ["method", "owner"]
  },
  "name": "issue_write"
}"#;

#[test]
fn a_real_tool() {
    let Imported { text, notes, .. } = imported(&format!("[{ISSUE_WRITE}]"));
    let notes: Vec<String> = notes.iter().map(|note| format!("{}: {}", note.code, note.message)).collect();
    insta::assert_snapshot!(format!("{text}\n{}", notes.join("\n")));
}

#[test]
fn three_ways_to_wrap_an_answer() {
    let bare = imported(r#"[{"name": "a", "inputSchema": {}}]"#);
    assert_eq!(bare, imported(r#"{"tools": [{"name": "a", "inputSchema": {}}]}"#));
    assert_eq!(
        bare,
        imported(r#"{"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "a", "inputSchema": {}}]}}"#)
    );
    assert_eq!(imported("[]").tools, 0);
}

#[test]
fn hints_have_the_defaults_of_the_protocol() {
    let facts = |annotations: &str| {
        let text =
            imported(&format!(r#"[{{"name": "a", "inputSchema": {{}}, "annotations": {annotations}}}]"#))
                .text;
        let effect = text.lines().find_map(|line| line.trim().strip_prefix("effect ")).unwrap().to_owned();
        (effect, text.contains("ingests untrusted"), text.contains("reaches external"))
    };
    let is = |effect: &str, open: bool| (effect.to_owned(), open, open);
    assert_eq!(facts("{}"), is("delete", true));
    assert_eq!(facts("null"), is("delete", true));
    assert_eq!(facts(r#"{"destructiveHint": false}"#), is("write", true));
    assert_eq!(facts(r#"{"readOnlyHint": true}"#), is("read", true));
    assert_eq!(facts(r#"{"readOnlyHint": true, "destructiveHint": true}"#), is("read", true));
    assert_eq!(facts(r#"{"readOnlyHint": null, "openWorldHint": false}"#), is("delete", false));
    assert_eq!(facts(r#"{"readOnlyHint": "yes", "openWorldHint": 0}"#), is("delete", true));
}

#[test]
fn what_is_no_answer_is_an_error() {
    for (answer, code) in [
        ("", "import-not-json"),
        ("tools", "import-not-json"),
        (r#"{"tools": [], "tools": []}"#, "import-not-json"),
        ("{}", "import-shape"),
        ("3", "import-shape"),
        (r#"{"tools": {"a": 1}}"#, "import-shape"),
        (r#"["a"]"#, "import-shape"),
        (r#"[{"inputSchema": {}}]"#, "import-shape"),
        (r#"[{"name": ""}]"#, "import-shape"),
        (r#"[{"name": 3}]"#, "import-shape"),
        (r#"[{"name": "a", "inputSchema": []}]"#, "import-shape"),
        (r#"[{"name": "a"}, {"name": "a"}]"#, "import-duplicate-tool"),
    ] {
        assert_eq!(codes(import(answer, "srv")), [code], "{answer}");
    }
    assert_eq!(codes(import(&"[".repeat(1_000_000), "srv")), ["import-not-json"]);
    for server in ["", "a b", "a.b", "1", "a\"", "a\n"] {
        assert_eq!(codes(import("[]", server)), ["import-server-name"], "{server}");
    }
    assert_eq!(codes(import(r#"{"tools": [], "nextCursor": "2"}"#, "srv")), ["import-incomplete"]);
}

#[test]
fn names_that_are_not_names() {
    let answer = r#"[
      {"name": "a b", "inputSchema": {}}, {"name": "a/b", "inputSchema": {}}, {"name": "a-b", "inputSchema": {}},
      {"name": "\u202e\"} grant x {", "inputSchema": {"properties": {"x y": {"type": "string"}, "ok": {"type": "string"}}}}
    ]"#;
    let Imported { text, notes, .. } = imported(answer);
    for name in [
        "tool srv.a-b {",
        "tool srv.a-b-2 {",
        "tool srv.a-b-3 {",
        r#"bind mcp "srv" "\u{202e}\"} grant x {""#,
    ] {
        assert!(text.contains(name), "{name}\n{text}");
    }
    assert!(text.contains("arg ok?: string") && !text.contains("x y"));
    assert_eq!(notes.iter().filter(|note| note.code == "import-renamed").count(), 4);
    assert_eq!(notes.iter().filter(|note| note.code == "import-argument-name").count(), 1);
}

#[test]
fn descriptions_stay_inside_their_quotes() {
    let answer = r#"[{"name": "a", "inputSchema": {}, "description": "say \"hi\"\n}\ngrant all { allow * }\u200b \\"}]"#;
    let Imported { text, notes, .. } = imported(answer);
    assert!(text.contains(r#""say \"hi\" } grant all { allow * }\u{200b} \\""#), "{text}");
    assert!(notes.iter().any(|note| note.code == "import-invisible"));
}

#[test]
fn ten_thousand_tools_whose_names_become_one() {
    let tools: Vec<String> = (0x4e00..0x4e00 + 10_000)
        .filter_map(char::from_u32)
        .map(|c| format!(r#"{{"name": "{c}", "inputSchema": {{}}}}"#))
        .collect();
    let imported = imported(&format!("[{}]", tools.join(",")));
    assert_eq!(imported.tools, 10_000);
    assert!(imported.text.contains("tool srv.tool-10000 {"));
}

#[test]
fn alternatives_that_multiply_come_to_an_end() {
    let defs: Vec<String> = (0..40)
        .map(|i| {
            format!(
                r##""d{i}": {{"anyOf": [{{"$ref": "#/$defs/d{0}"}}, {{"$ref": "#/$defs/d{0}"}}]}}"##,
                i + 1
            )
        })
        .collect();
    let answer = format!(
        r##"[{{"name": "a", "inputSchema": {{"properties": {{"x": {{"$ref": "#/$defs/d0"}}}}, "$defs": {{{}}}}}}}]"##,
        defs.join(",")
    );
    assert!(imported(&answer).text.contains("arg x?: opaque"));
}

/// Texts that would like to leave their quotes.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_]{1,6}", "[\"\\\\{}#\n\r\t*.,|:/ -]{0,8}", "\\PC{0,8}", any::<String>()]
}

fn schema() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        hostile().prop_map(Value::from),
    ];
    let leaf = prop_oneof![
        scalar.clone(),
        (
            prop::sample::select(vec!["string", "integer", "number", "boolean", "object", "null", "x"]),
            scalar.clone()
        )
            .prop_map(|(ty, default)| json!({"type": ty, "default": default})),
        (prop::collection::vec(scalar.clone(), 0..4), scalar.clone())
            .prop_map(|(values, default)| json!({"enum": values, "default": default})),
        (hostile(), scalar).prop_map(|(key, value)| json!({"type": "string", key: value})),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|any| json!({"anyOf": any})),
            prop::collection::btree_map(hostile(), inner, 0..4)
                .prop_map(|inside| json!({"type": "object", "properties": inside})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever a server answers, the module has exactly its tools, each bound to its own name,
    /// with arguments that the schema names, touching nothing but what is unclassified.
    #[test]
    fn nothing_escapes(
        tools in prop::collection::vec((hostile(), hostile(), prop::collection::btree_map(hostile(), schema(), 0..5)), 0..5)
    ) {
        use bailiwick_grammar::ast::{Binding, DeclKind, ToolItem};
        let names: BTreeSet<&String> = tools.iter().map(|(name, ..)| name).collect();
        let answer: Vec<_> = tools.iter().map(|(name, description, properties)| serde_json::json!({
            "name": name, "description": description, "inputSchema": {"type": "object", "properties": properties},
        })).collect();
        let result = import(&serde_json::Value::from(answer).to_string(), "srv");
        if names.len() < tools.len() || names.iter().any(|name| name.is_empty()) {
            prop_assert!(result.is_err());
            return Ok(());
        }
        let imported = result.map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
        let parsed = bailiwick_grammar::parse(&imported.text);
        prop_assert!(parsed.errors.is_empty(), "{:?}\n{}", parsed.errors, imported.text);
        prop_assert_eq!(parsed.module.decls.len(), tools.len());
        for (decl, (raw, _, properties)) in parsed.module.decls.iter().zip(&tools) {
            let DeclKind::Tool(_, items) = &decl.kind else { return Err(TestCaseError::fail("not a tool")) };
            let mut bound = 0;
            for item in items {
                match &item.node {
                    ToolItem::Arg(arg) => prop_assert!(properties.contains_key(&*arg.name.node)),
                    ToolItem::Bind(Binding::Mcp { server, tool }) => {
                        prop_assert_eq!(&*server.node, "srv");
                        prop_assert_eq!(&*tool.node, raw.as_str());
                        bound += 1;
                    }
                    ToolItem::Effect { .. } | ToolItem::Reads(_) | ToolItem::IngestsUntrusted | ToolItem::ReachesExternal => {}
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            prop_assert_eq!(bound, 1);
        }
    }

    /// Any text at all is an error or a module, never a panic.
    #[test]
    fn any_text(text in ".{0,200}") {
        let _ = import(&text, "srv");
    }
}
