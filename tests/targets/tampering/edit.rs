//! Hand edits at random: one place of a text, or of a JSON document, becomes something else that a
//! hand in a hurry, or an unfriendly one, might have written there.

use bailiwick_compiler::targets::kubernetes::read::documents;
use bailiwick_testkit::Rng;
use serde_json::Value as Json;

/// Words of the artifacts' languages that are easily taken for one another.
const ALIKE: &[&[&str]] = &[
    &["==", "!=", "<", "<=", ">", ">=", "in", "like", "has"],
    &["&&", "||"],
    &["true", "false"],
    &["permit", "forbid"],
    &["when", "unless"],
    &["contains", "containsAll", "containsAny"],
    &["+", "-", "*"],
    &["principal", "resource", "action"],
];

/// What a text is made of: words and numbers, strings, operators, single characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = match first {
            '"' => string_end(rest),
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            c if c.is_whitespace() => rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()),
            _ if ["==", "!=", "<=", ">=", "&&", "||", "::"].iter().any(|op| rest.starts_with(op)) => 2,
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// Where the string that the text begins with ends.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The text with one place changed.
pub fn text(rng: &mut Rng, text: &str) -> String {
    let mut tokens: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
    let blank = |token: &String| token.trim().is_empty();
    let solid: Vec<usize> = (0..tokens.len()).filter(|&at| !blank(&tokens[at])).collect();
    if solid.is_empty() {
        return "permit (principal, action, resource);".into();
    }
    let nth = rng.below(solid.len());
    let at = solid[nth];
    let kind = |token: &str| token.chars().next().map(|c| (c == '"', c.is_ascii_digit(), c.is_alphabetic()));
    match rng.below(8) {
        0 => tokens[at].clear(),
        // as far as some token after it
        1 => {
            let end = solid[(nth + 1 + rng.below(24)).min(solid.len() - 1)];
            tokens.drain(at..end.max(at + 1));
        }
        2 => {
            let end = solid[(nth + 1 + rng.below(24)).min(solid.len() - 1)];
            let copy: String = tokens[at..end.max(at + 1)].concat();
            let to = *rng.pick(&solid);
            tokens.insert(to, copy);
        }
        3 => tokens.insert(at, "!".into()),
        // another one of its kind, from elsewhere
        _ => {
            let other = |tokens: &[String], rng: &mut Rng| {
                let like: Vec<&String> =
                    tokens.iter().filter(|other| kind(other) == kind(&tokens[at])).collect();
                (*rng.pick(&like)).clone()
            };
            let token = tokens[at].clone();
            let alike = ALIKE.iter().find(|words| words.contains(&token.as_str()));
            tokens[at] = match (token.parse::<i64>(), alike) {
                (Ok(number), _) => number.wrapping_add(*rng.pick(&[-1, 1])).to_string(),
                (_, Some(words)) => (*rng.pick(words)).to_owned(),
                _ if token.starts_with('"') && rng.chance(40) => string(rng, &token),
                _ => other(&tokens, rng),
            };
        }
    }
    tokens.concat()
}

/// A string, quotes and all, with something of it gone or more.
fn string(rng: &mut Rng, quoted: &str) -> String {
    let inner = quoted.trim_matches('"');
    let half: String = inner.chars().take(inner.chars().count() / 2).collect();
    let inner = match rng.below(5) {
        0 => format!("{inner}*"),
        1 => half,
        2 => format!("{half}*"),
        3 => String::new(),
        _ => inner.to_uppercase(),
    };
    format!("\"{inner}\"")
}

/// Where everything in the document stands, as JSON pointers.
fn places(json: &Json, at: String, places: &mut Vec<String>) {
    match json {
        Json::Object(fields) => fields.iter().for_each(|(key, value)| {
            self::places(value, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), places);
        }),
        Json::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(nth, item)| self::places(item, format!("{at}/{nth}"), places));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
    if !at.is_empty() {
        places.push(at);
    }
}

/// The document with one place changed.
pub fn json(rng: &mut Rng, text: &str) -> String {
    let mut json: Json = serde_json::from_str(text).expect("JSON");
    one_place(rng, &mut json);
    serde_json::to_string_pretty(&json).expect("JSON")
}

/// The manifests, written as JSON, with one place changed.
pub fn manifests(rng: &mut Rng, text: &str) -> String {
    let mut objects = documents(text).expect("manifests");
    let at = rng.below(objects.len());
    one_place(rng, &mut objects[at]);
    as_json(&objects)
}

/// Manifests as JSON.
pub fn as_json(objects: &[Json]) -> String {
    let texts: Vec<String> = objects.iter().map(|json| format!("{json:#}\n")).collect();
    texts.join("---\n")
}

/// The lines in which two texts differ, for messages.
pub fn changes(before: &str, after: &str) -> String {
    let plain = |text: &str| documents(text).map_or(text.to_owned(), |objects| as_json(&objects));
    let (before, after) = (plain(before), plain(after));
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[same..].iter().rev().zip(new[same..].iter().rev()).take_while(|(a, b)| a == b).count();
    let part = |lines: &[&str]| lines[same..lines.len() - tail].join("\n");
    format!("line {}: was\n{}\nis\n{}", same + 1, part(&old), part(&new))
}

fn one_place(rng: &mut Rng, json: &mut Json) {
    let mut all = Vec::new();
    places(json, String::new(), &mut all);
    // what only explains is not worth an edit
    all.retain(|at| !at.contains("/labels/") && !at.contains("/annotations/"));
    if all.is_empty() {
        return;
    }
    let at = rng.pick(&all).clone();
    let other: &String = rng.pick(&all);
    let other = json.pointer(other).expect("it is there").clone();
    let (parent, key) = at.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/").replace("~0", "~");
    let value = json.pointer(&at).expect("it is there").clone();
    let replaced = match (rng.below(6), &value) {
        (0, _) => None,
        (1, _) => Some(other),
        (_, Json::Bool(value)) => Some(Json::Bool(!value)),
        (_, Json::Number(number)) => {
            Some(number.as_i64().map_or(0, |number| number.wrapping_add(*rng.pick(&[-1, 1]))).into())
        }
        (_, Json::String(text)) if text.contains(" == ") => Some(self::text(rng, text).into()),
        (2, Json::String(text)) => {
            let text = string(rng, &format!("\"{text}\""));
            Some(text.trim_matches('"').into())
        }
        (_, Json::String(_)) => {
            let texts = all.iter().filter_map(|at| json.pointer(at)).filter(|value| value.is_string());
            let texts: Vec<&Json> = texts.collect();
            Some((*rng.pick(&texts)).clone())
        }
        (2, Json::Array(items)) => {
            let mut items = items.clone();
            items.push(other);
            Some(items.into())
        }
        (3, Json::Array(items)) => Some(Json::Array(items.iter().skip(1).cloned().collect())),
        _ => Some(other),
    };
    // an operator, an effect: the key becomes another one
    let renamed = rng.chance(20).then(|| {
        let keys: Vec<&str> = all.iter().filter_map(|at| Some(at.rsplit_once('/')?.1)).collect();
        rng.pick(&keys).replace("~1", "/").replace("~0", "~")
    });
    match json.pointer_mut(parent).expect("it is there") {
        Json::Object(fields) => match (renamed, replaced) {
            (Some(other), _) => {
                fields.remove(&key);
                fields.insert(other, value);
            }
            (None, Some(replaced)) => drop(fields.insert(key, replaced)),
            (None, None) => drop(fields.remove(&key)),
        },
        Json::Array(items) => {
            let nth: usize = key.parse().expect("a position");
            match replaced {
                Some(replaced) => items[nth] = replaced,
                None => drop(items.remove(nth)),
            }
        }
        other => panic!("{at} leads through {other}"),
    }
}
