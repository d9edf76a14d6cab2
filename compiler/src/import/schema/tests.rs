use super::*;

fn typed(schema: &str, required: bool) -> Typed {
    let defs =
        r##"{"$defs": {"colour": {"enum": ["red", "dark green"]}, "loop": {"$ref": "#/$defs/loop"}}}"##;
    let root = Json::read(defs).unwrap();
    argument(&Json::read(schema).unwrap(), &root, required)
}

#[track_caller]
fn is(schema: &str, ty: &str, optional: bool, default: Option<&str>, lost: &[&str]) {
    let expected = Typed {
        ty: ty.to_owned(),
        optional,
        default: default.map(str::to_owned),
        lost: lost.iter().map(|&text| text.to_owned()).collect(),
    };
    assert_eq!(typed(schema, true), expected, "{schema}");
}

#[test]
fn what_the_language_can_say() {
    is(r#"{"type": "string", "description": "x"}"#, "string", false, None, &[]);
    is(r#"{"type": "integer"}"#, "int", false, None, &[]);
    is(r#"{"type": "number"}"#, "decimal", false, None, &[]);
    is(r#"{"type": ["boolean", "null"]}"#, "bool", true, None, &[]);
    is(r#"{"type": "array", "items": {"type": "string"}}"#, "set<string>", false, None, &[]);
    is(r#"{"type": "array", "items": {"enum": ["a", "b"]}}"#, "set<a | b>", false, None, &[]);
    is(r##"{"$ref": "#/$defs/colour"}"##, "red | \"dark green\"", false, None, &[]);
    is(r#"{"anyOf": [{"type": "string"}, {"type": "null"}], "default": null}"#, "string", true, None, &[]);
    is(r#"{"anyOf": [{"type": "null"}, {"type": "integer"}], "default": 5}"#, "int", true, Some("5"), &[]);
}

#[test]
fn what_it_cannot_say_is_told() {
    is(
        r#"{"type": "integer", "minimum": 1, "maximum": 100}"#,
        "int",
        false,
        None,
        &["`minimum` `1`", "`maximum` `100`"],
    );
    is(r#"{"type": "string", "format": "date-time"}"#, "string", false, None, &["`format` `date-time`"]);
    is(
        r#"{"type": "object", "properties": {"a": {}, "b": {}}}"#,
        "opaque",
        false,
        None,
        &["it is an object, with `a, b` inside"],
    );
    is(
        r#"{"type": "array", "items": {"type": "object"}}"#,
        "opaque",
        false,
        None,
        &["it is an array of objects"],
    );
    is(
        r#"{"anyOf": [{"type": "string"}, {"type": "integer"}]}"#,
        "opaque",
        false,
        None,
        &["`anyOf` of different types (string, int)"],
    );
    is(
        r#"{"enum": ["only"]}"#,
        "string",
        false,
        None,
        &["`enum` `[\"only\"]`: an enumeration has two values or more"],
    );
    is(
        r#"{"enum": [1, 2], "type": "integer"}"#,
        "int",
        false,
        None,
        &["`enum` with a number: only texts can be enumerated"],
    );
    is(
        r##"{"$ref": "#/$defs/loop"}"##,
        "opaque",
        false,
        None,
        &["its schema refers to itself or is too deep"],
    );
    is(
        r##"{"$ref": "http://example.com/x"}"##,
        "opaque",
        false,
        None,
        &["`$ref` `http://example.com/x` leads nowhere"],
    );
    is("{}", "opaque", false, None, &["it has no single type"]);
    is("true", "opaque", false, None, &["it has no type"]);
}

#[test]
fn defaults() {
    let default = |schema: &str| typed(schema, false).default;
    assert_eq!(default(r#"{"type": "string", "default": "a\"b"}"#).as_deref(), Some(r#""a\"b""#));
    assert_eq!(default(r#"{"enum": ["a", "b"], "default": "b"}"#).as_deref(), Some("b"));
    assert_eq!(default(r#"{"type": "number", "default": 0.9}"#).as_deref(), Some("0.9"));
    for lost in [
        r#"{"enum": ["a", "b"], "default": "c"}"#,
        r#"{"type": "integer", "default": 1.5}"#,
        r#"{"type": "number", "default": 0.00001}"#,
        r#"{"type": "array", "items": {"type": "string"}, "default": []}"#,
    ] {
        let typed = typed(lost, false);
        assert_eq!(typed.default, None, "{lost}");
        assert!(typed.lost.iter().any(|text| text.starts_with("`default`")), "{lost}");
    }
    assert_eq!(typed(r#"{"type": "bool", "default": true}"#, true).default, None);
}
