//! Cedar's text: literals that nothing in a policy can break out of, and expressions that stay flat.

use crate::model::{AgentId, Model, Net, OpId, PurposeId, Value};
use crate::targets::literal::{is_seen, is_word};
use crate::types::value::decimal_text;
use std::fmt::Write;
use std::net::IpAddr;

/// The namespace of every entity and action.
pub(super) const NAMESPACE: &str = "Bailiwick";

/// How many operands stand side by side before they are bracketed in halves. Cedar evaluates
/// a chain of operators as a nest as deep as it is long, and gives up at some depth.
const WIDEST: usize = 16;

/// A string literal. What could end it, or would not be seen by a reader, is escaped.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    text.chars().for_each(|c| push(&mut out, c));
    out.push('"');
    out
}

/// What stands in a `like` pattern for exactly this text.
pub(super) fn pattern(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '*' => out.push_str("\\*"),
            other => push(&mut out, other),
        }
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        c if is_seen(c) => out.push(c),
        other => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(other));
        }
    }
}

/// Whether `name` can stand after a dot.
fn is_identifier(name: &str) -> bool {
    const RESERVED: [&str; 10] =
        ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"];
    is_word(name) && !RESERVED.contains(&name)
}

/// The attribute `name` of `record`.
pub(super) fn member(record: &str, name: &str) -> String {
    if is_identifier(name) { format!("{record}.{name}") } else { format!("{record}[{}]", string(name)) }
}

/// Whether `record` has the attribute `name`.
pub(super) fn has(record: &str, name: &str) -> String {
    if is_identifier(name) {
        format!("{record} has {name}")
    } else {
        format!("{record} has {}", string(name))
    }
}

/// An entity.
pub(super) fn entity(kind: &str, name: &str) -> String {
    format!("{NAMESPACE}::{kind}::{}", string(name))
}

/// An agent.
pub(super) fn agent(model: &Model, id: AgentId) -> String {
    entity("Agent", &model.agent(id).name)
}

/// A purpose.
pub(super) fn purpose(model: &Model, id: PurposeId) -> String {
    entity("Purpose", &model.purpose(id).name)
}

/// An operation.
pub(super) fn action(model: &Model, id: OpId) -> String {
    entity("Action", &model.op_name(id))
}

/// A set literal, or `None` when it would be empty: Cedar cannot type that.
pub(super) fn set(elements: impl IntoIterator<Item = String>) -> Option<String> {
    let elements: Vec<_> = elements.into_iter().collect();
    (!elements.is_empty()).then(|| format!("[{}]", elements.join(", ")))
}

/// All of `parts`; `true` of none.
pub(super) fn all(parts: Vec<String>) -> String {
    join(parts, "true", "false", " && ")
}

/// One of `parts`; `false` of none.
pub(super) fn any(parts: Vec<String>) -> String {
    join(parts, "false", "true", " || ")
}

fn join(mut parts: Vec<String>, neutral: &str, deciding: &str, operator: &str) -> String {
    if parts.iter().any(|part| part == deciding) {
        return deciding.into();
    }
    parts.retain(|part| part != neutral);
    match parts.len() {
        0 => neutral.into(),
        1 => parts.remove(0),
        2..=WIDEST => format!("({})", parts.join(operator)),
        count => {
            let right = parts.split_off(count / 2);
            let (left, right) =
                (join(parts, neutral, deciding, operator), join(right, neutral, deciding, operator));
            format!("({left}{operator}{right})")
        }
    }
}

/// The opposite.
pub(super) fn not(part: &str) -> String {
    match part {
        "true" => "false".into(),
        "false" => "true".into(),
        part if part.starts_with('(') && closes_at_end(part) => format!("!{part}"),
        part => format!("!({part})"),
    }
}

/// Whether the bracket that opens `part` closes at its end. Brackets inside strings count like
/// others, so the answer may be a needless "no", never a wrong "yes": depth reaches zero early at worst.
pub(super) fn closes_at_end(part: &str) -> bool {
    if part.contains('"') {
        return false;
    }
    let mut depth = 0usize;
    for (at, c) in part.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1 == part.len();
                }
            }
            _ => {}
        }
    }
    false
}

/// A constant.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) | Value::Instant(value) | Value::Duration(value) => value.to_string(),
        Value::Decimal(value) => format!("decimal(\"{}\")", decimal_text(*value)),
        Value::Text(text) => string(text),
        Value::Ip(address) => ip(address),
        Value::Cidr(net) => network(net),
        Value::Authn(level) => (*level as i64).to_string(),
        Value::Set(values) => format!("[{}]", values.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Opaque => "true".into(),
    }
}

fn ip(address: &IpAddr) -> String {
    format!("ip(\"{address}\")")
}

/// A network.
pub(super) fn network(net: &Net) -> String {
    format!("ip(\"{}\")", net.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_cannot_be_broken_out_of() {
        assert_eq!(string("a\"b\\c\n\u{202e}é"), r#""a\"b\\c\u{a}\u{202e}é""#);
        assert_eq!(pattern("a*\"\0"), r#"a\*\"\u{0}"#);
        assert_eq!(member("context.args", "issue-number"), r#"context.args["issue-number"]"#);
        assert_eq!(has("context.args", "if"), r#"context.args has "if""#);
    }

    #[test]
    fn long_chains_are_bracketed_in_halves() {
        let text = any((0..1000).map(|at| format!("c{at}")).collect());
        let deepest = text
            .chars()
            .scan(0, |depth, c| {
                *depth += i32::from(c == '(') - i32::from(c == ')');
                Some(*depth)
            })
            .max();
        assert!(deepest < Some(10));
        assert_eq!(all(vec!["true".into(), "a".into()]), "a");
        assert_eq!(any(vec!["true".into(), "a".into()]), "true");
        assert_eq!((not("(a)(b)"), not("(a)"), not("a")), ("!((a)(b))".into(), "!(a)".into(), "!(a)".into()));
    }
}
