//! Text to documents: YAML (and so JSON), as far as every reader of it agrees on what it says.
//!
//! Kubernetes reads YAML 1.1, most tools YAML 1.2. What the two take differently (`yes`, `0755`,
//! `1:30`), what stands for something else (anchors, aliases, tags) and keys that come twice are
//! refused, so that a file means here what it means to the API server. Nothing is expanded: a text
//! becomes at most as many values as it has characters.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value as Json};

/// Larger texts are not read.
const LARGEST: usize = 16 * 1024 * 1024;

/// Deeper documents are not read.
const DEEPEST: usize = 64;

/// The documents of a text; those that hold nothing are left out.
///
/// # Errors
///
/// What is the matter, in a sentence.
pub fn documents(text: &str) -> Result<Vec<Json>, String> {
    if text.len() > LARGEST {
        return Err(format!("it is longer than {LARGEST} bytes"));
    }
    let mut documents = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| format!("it is no YAML: {error}"))?;
        let at = |what: &str| format!("line {}: {what}", span.start.line());
        let value = match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => continue,
            Event::Alias(_) => return Err(at("an alias is not followed")),
            Event::SequenceStart(0, None) if open.len() < DEEPEST => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(0, None) if open.len() < DEEPEST => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                return Err(at("it is nested too deeply, or has an anchor or a tag"));
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(items)) => Json::Array(items),
                Some(Open::Map(entries, _)) => Json::Object(entries),
                None => continue,
            },
            Event::Scalar(text, style, 0, None) => scalar(&text, style).map_err(|what| at(&what))?,
            Event::Scalar(..) => return Err(at("an anchor or a tag is not followed")),
        };
        match open.last_mut() {
            None if value.is_null() => {}
            None => documents.push(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(entries, key)) => match (key.take(), value) {
                (None, Json::String(name)) if entries.contains_key(&name) => {
                    return Err(at(&format!("`{name}` comes twice")));
                }
                (None, Json::String(name)) => *key = Some(name),
                (None, _) => return Err(at("a key is not a text")),
                (Some(name), value) => {
                    entries.insert(name, value);
                }
            },
        }
    }
    Ok(documents)
}

/// What is being read.
enum Open {
    List(Vec<Json>),
    /// The entries so far, and the key whose value comes next.
    Map(Map<String, Json>, Option<String>),
}

/// A plain scalar that both versions of YAML read alike, or a quoted one.
fn scalar(text: &str, style: ScalarStyle) -> Result<Json, String> {
    if style != ScalarStyle::Plain {
        return Ok(Json::String(text.to_string()));
    }
    match text {
        "" | "~" | "null" => return Ok(Json::Null),
        "true" => return Ok(Json::Bool(true)),
        "false" => return Ok(Json::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" || !digits.starts_with('0');
    if canonical && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().map(Json::from).map_err(|_| format!("`{text}` is too large"));
    }
    let lower = text.to_ascii_lowercase();
    let word = matches!(lower.as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null");
    // Numbers of all kinds, dates, times, infinities; merge keys.
    let number = text.starts_with(|c: char| c.is_ascii_digit() || ".+-".contains(c))
        && lower.chars().all(|c| c.is_ascii_hexdigit() || "xo_.:+-intz ".contains(c));
    // Two points are a version, in every version of YAML.
    let version = text.matches('.').count() > 1 && !text.contains(':');
    if word || (number && !version) || matches!(text, "<<" | "=") {
        return Err(format!("`{text}` without quotes is read as different things"));
    }
    Ok(Json::String(text.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn yaml_and_json_are_read_where_all_agree() {
        let text = "# a comment\na: [x, 'y', \"z\\n\"]\nb:\n- c: 1\n  d: true\n  e:\n---\n---\n{\"f\": {}}\n";
        let read = documents(text).expect("good YAML");
        assert_eq!(
            read,
            [json!({"a": ["x", "y", "z\n"], "b": [{"c": 1, "d": true, "e": null}]}), json!({"f": {}})]
        );
    }

    #[test]
    fn what_could_be_read_otherwise_is_refused() {
        let deep = "[".repeat(100_000);
        for text in [
            "a: &x 1\nb: *x",
            "a: !!str 1",
            "a: yes",
            "a: 0755",
            "a: 1e3",
            "a: 0x1f",
            "a: 1_0",
            "a: 1:30",
            "a: .inf",
            "a: 1\na: 2",
            "{a: 1, \"a\": 2}",
            "1: a",
            "? [a]\n: b",
            "a: [",
            deep.as_str(),
            "<<: {a: 1}\n<<: {b: 1}",
        ] {
            assert!(documents(text).is_err(), "{}", &text[..text.len().min(20)]);
        }
    }
}
