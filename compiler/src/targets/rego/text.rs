//! Rego's text: terms that nothing in a policy can break out of, laid out as `opa fmt` does.

use crate::targets::literal::{is_seen, is_word};
use serde_json::{Map, Value as Json};
use std::fmt::Write;

/// A value as a term, laid out as `opa fmt` does: what is JSON is Rego.
pub(super) fn term(json: &Json) -> String {
    match json {
        Json::Array(list) => format!("[{}]", joined(list.iter().map(term))),
        Json::Object(fields) => object(fields),
        Json::String(string) => text(string),
        scalar => scalar.to_string(),
    }
}

/// The same of an object.
pub(super) fn object(fields: &Map<String, Json>) -> String {
    format!("{{{}}}", joined(fields.iter().map(|(name, value)| format!("{}: {}", text(name), term(value)))))
}

/// Names to be found among.
pub(super) fn set(names: &[&str]) -> String {
    match names {
        [] => "set()".into(),
        names => format!("{{{}}}", joined(names.iter().map(|name| text(name)))),
    }
}

/// What stands in an object under a name.
pub(super) fn member(of: &str, name: &str) -> String {
    if is_word(name) && !KEYWORDS.contains(&name) {
        format!("{of}.{name}")
    } else {
        format!("{of}[{}]", text(name))
    }
}

/// What stands after no dot.
const KEYWORDS: [&str; 15] = [
    "as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null", "package",
    "some", "true", "with",
];

/// A string, as JSON has it. What could end it, or would not be seen by a reader, is escaped.
pub(super) fn text(string: &str) -> String {
    let mut out = String::from('"');
    for c in string.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_seen(c) => out.push(c),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn strings_cannot_be_broken_out_of() {
        let hostile = "a\"b\\c\n\u{202e}é\u{1f600}";
        let written = text(hostile);
        assert_eq!(written, r#""a\"b\\c\u000a\u202eé\ud83d\ude00""#);
        assert_eq!(serde_json::from_str::<String>(&written).expect("JSON"), hostile);
        assert_eq!(member("arguments", "if"), r#"arguments["if"]"#);
        assert_eq!(member("arguments", "issue-number"), r#"arguments["issue-number"]"#);
        assert_eq!(term(&json!({ "a": ["b\t", 1, null] })), r#"{"a": ["b\u0009", 1, null]}"#);
    }
}
