//! IAM's evaluation of identity policies, from its documentation: the small part that is emitted.
//!
//! An explicit denial wins, else an allowance is needed. What is not understood panics. The real
//! simulator is asked the same by `.ci/engines/run`.

use bailiwick_compiler::targets::iam::request::AwsRequest;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The policies attached to a role.
pub struct Policies(Vec<Statement>);

struct Statement {
    allow: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<(String, String, Vec<String>)>,
}

fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::String(text) => vec![text.clone()],
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        other => panic!("{other} is neither a text nor a list of texts"),
    }
}

impl Policies {
    /// Reads documents.
    pub fn read<'a>(documents: impl IntoIterator<Item = &'a str>) -> Policies {
        let mut statements = Vec::new();
        for document in documents {
            let document: Json = serde_json::from_str(document).expect("JSON");
            assert_eq!(document["Version"], "2012-10-17");
            for statement in document["Statement"].as_array().expect("statements") {
                let fields: Vec<_> = statement.as_object().expect("an object").keys().cloned().collect();
                let known = ["Action", "Condition", "Effect", "Resource", "Sid"];
                assert!(fields.iter().all(|field| known.contains(&field.as_str())), "{fields:?}");
                let mut conditions = Vec::new();
                for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
                    for (key, values) in keys.as_object().expect("keys") {
                        conditions.push((operator.clone(), key.clone(), texts(values)));
                    }
                }
                statements.push(Statement {
                    allow: match statement["Effect"].as_str() {
                        Some("Allow") => true,
                        Some("Deny") => false,
                        other => panic!("effect {other:?}"),
                    },
                    actions: texts(&statement["Action"]),
                    resources: texts(&statement["Resource"]),
                    conditions,
                });
            }
        }
        Policies(statements)
    }

    /// Whether the request is allowed.
    pub fn allow(&self, request: &AwsRequest) -> bool {
        let matching = |allow: bool| {
            self.0.iter().any(|statement| statement.allow == allow && statement.matches(request))
        };
        matching(true) && !matching(false)
    }
}

impl Statement {
    fn matches(&self, request: &AwsRequest) -> bool {
        self.actions.iter().any(|action| action == "*" || action.eq_ignore_ascii_case(&request.action))
            && self.resources.iter().any(|resource| resource_matches(resource, &request.resource))
            && self.conditions.iter().all(|(operator, key, values)| holds(operator, key, values, request))
    }
}

/// A `*` in one of an ARN's first fields stays in its field.
fn resource_matches(pattern: &str, resource: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (patterns, fields): (Vec<_>, Vec<_>) =
        (pattern.splitn(6, ':').collect(), resource.splitn(6, ':').collect());
    patterns.len() == fields.len()
        && patterns.iter().zip(&fields).all(|(pattern, field)| glob(pattern, field))
}

/// Wildcards `*` and `?`; `${*}`, `${?}` and `${$}` mean themselves.
pub fn glob(pattern: &str, text: &str) -> bool {
    enum Token {
        Any,
        One,
        Char(char),
    }
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let escaped = ["${*}", "${?}", "${$}"].into_iter().find(|escape| rest.starts_with(escape));
        match (escaped, c) {
            (Some(escape), _) => {
                tokens.push(Token::Char(escape.chars().nth(2).expect("the third")));
                rest = &rest[escape.len()..];
                continue;
            }
            (None, '*') => tokens.push(Token::Any),
            (None, '?') => tokens.push(Token::One),
            (None, c) => tokens.push(Token::Char(c)),
        }
        rest = &rest[c.len_utf8()..];
    }
    let text: Vec<char> = text.chars().collect();
    let mut at: Vec<bool> = (0..=text.len()).map(|at| at == 0).collect();
    for token in tokens {
        let mut next = vec![false; text.len() + 1];
        for (i, _) in at.iter().enumerate().filter(|(_, reached)| **reached) {
            match token {
                Token::Any => next[i..].fill(true),
                Token::One if i < text.len() => next[i + 1] = true,
                Token::Char(c) if text.get(i) == Some(&c) => next[i + 1] = true,
                Token::One | Token::Char(_) => {}
            }
        }
        at = next;
    }
    at[text.len()]
}

fn holds(operator: &str, key: &str, values: &[String], request: &AwsRequest) -> bool {
    let find = |map: &BTreeMap<String, String>| {
        map.iter().find(|(have, _)| have.eq_ignore_ascii_case(key)).map(|(_, value)| value.clone())
    };
    let single = find(&request.context);
    let many = request.sets.iter().find(|(have, _)| have.eq_ignore_ascii_case(key)).map(|(_, values)| values);
    if operator == "Null" {
        let absent = single.is_none() && many.is_none_or(|values| values.is_empty());
        return values == [absent.to_string()];
    }
    if let Some(operator) = operator.strip_prefix("ForAnyValue:") {
        return many.is_some_and(|have| have.iter().any(|have| any(operator, have, values)));
    }
    assert!(many.is_none(), "{operator} on several values");
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let positive = match operator {
        "StringNotEquals" => Some("StringEquals"),
        "StringNotLike" => Some("StringLike"),
        "NumericNotEquals" => Some("NumericEquals"),
        "NotIpAddress" => Some("IpAddress"),
        _ => None,
    };
    match (single, positive) {
        (None, Some(_)) => true,
        (None, None) => if_exists,
        (Some(have), Some(positive)) => !any(positive, &have, values),
        (Some(have), None) => any(operator, &have, values),
    }
}

fn any(operator: &str, have: &str, values: &[String]) -> bool {
    values.iter().any(|value| one(operator, have, value))
}

fn one(operator: &str, have: &str, value: &str) -> bool {
    let numbers = || Some((have.parse::<f64>().ok()?, value.parse::<f64>().ok()?));
    match operator {
        "StringEquals" => have == value.replace("${$}", "$"),
        "StringLike" => glob(value, have),
        "Bool" => have.eq_ignore_ascii_case(value),
        "NumericEquals" => numbers().is_some_and(|(a, b)| a == b),
        "NumericLessThan" => numbers().is_some_and(|(a, b)| a < b),
        "NumericLessThanEquals" => numbers().is_some_and(|(a, b)| a <= b),
        "NumericGreaterThan" => numbers().is_some_and(|(a, b)| a > b),
        "NumericGreaterThanEquals" => numbers().is_some_and(|(a, b)| a >= b),
        // RFC 3339 texts with `Z` and whole seconds are ordered as texts.
        "DateLessThan" => have < value,
        "DateGreaterThanEquals" => have >= value,
        "IpAddress" => {
            let (net, bits) = value.split_once('/').expect("a network");
            let bits: u32 = bits.parse().expect("bits");
            match (have.parse(), net.parse().expect("an address")) {
                (Ok(IpAddr::V4(have)), IpAddr::V4(net)) => {
                    let shift = 32 - bits;
                    u64::from(have.to_bits()) >> shift == u64::from(net.to_bits()) >> shift
                }
                (Ok(IpAddr::V6(have)), IpAddr::V6(net)) => {
                    bits == 0 || have.to_bits() >> (128 - bits) == net.to_bits() >> (128 - bits)
                }
                _ => false,
            }
        }
        other => panic!("operator {other}"),
    }
}
