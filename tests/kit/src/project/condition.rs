//! Conditions: every atom, every nesting, mostly such that a request can meet them.

use super::values::{Attribute, Kind, NETWORKS, PATTERNS};
use crate::rng::Rng;

/// What a condition may speak of.
pub struct Scope<'a> {
    /// Arguments that every governed tool declares.
    pub arguments: &'a [Attribute],
    /// Session attributes; none where only the call itself is to be spoken of.
    pub session: &'a [Attribute],
    /// People, for literals and approvals.
    pub people: &'a [String],
    /// Teams, for approvals.
    pub teams: &'a [String],
    /// Purposes.
    pub purposes: &'a [String],
    /// Weights as in [`Options::mix`](super::Options::mix).
    pub mix: [usize; 4],
}

/// An attribute as it is written, with its type.
#[derive(Clone)]
struct Named {
    text: String,
    kind: Kind,
}

/// A condition, or none.
pub fn condition(rng: &mut Rng, scope: &Scope) -> Option<String> {
    match rng.weighted(&scope.mix) {
        0 => None,
        1 => comparisons(rng, scope),
        2 => sets_and_patterns(rng, scope).or_else(|| comparisons(rng, scope)),
        _ => Some(nested(rng, scope)),
    }
}

fn attributes(scope: &Scope) -> Vec<Named> {
    let named = |prefix: &str, attribute: &Attribute| Named {
        text: format!("{prefix}.{}", attribute.name),
        kind: attribute.kind,
    };
    let mut all: Vec<Named> = scope.arguments.iter().map(|argument| named("args", argument)).collect();
    if !scope.session.is_empty() {
        all.extend(scope.session.iter().map(|attribute| named("session", attribute)));
        all.push(Named { text: "session.started".into(), kind: Kind::Instant });
        all.push(Named { text: "now".into(), kind: Kind::Instant });
    }
    all
}

/// One or two comparisons of different attributes with constants.
fn comparisons(rng: &mut Rng, scope: &Scope) -> Option<String> {
    let scalars: Vec<Named> = attributes(scope)
        .into_iter()
        .filter(|named| !matches!(named.kind, Kind::Set(_) | Kind::Opaque) && named.text != "now")
        .collect();
    let count = 1 + rng.below(2);
    let parts: Vec<String> =
        rng.some(&scalars, count).iter().map(|named| comparison(rng, named, scope)).collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

fn comparison(rng: &mut Rng, named: &Named, scope: &Scope) -> String {
    let Named { text, kind } = named;
    let literal = kind.literal(rng, scope.people);
    match kind {
        Kind::Bool => match rng.below(3) {
            0 => text.clone(),
            1 => format!("not {text}"),
            _ => format!("{text} == {literal}"),
        },
        kind if kind.is_ordered() => {
            let op = rng.pick(&["<", "<=", "<=", ">", ">=", "==", "!="]);
            format!("{text} {op} {literal}")
        }
        _ => format!("{text} {} {literal}", rng.pick(&["==", "==", "!="])),
    }
}

/// One atom on a set, a pattern, a path, a network or a list.
fn sets_and_patterns(rng: &mut Rng, scope: &Scope) -> Option<String> {
    let candidates: Vec<Named> = attributes(scope)
        .into_iter()
        .filter(|named| !matches!(named.kind, Kind::Bool | Kind::Opaque | Kind::Cidr) && named.text != "now")
        .collect();
    if candidates.is_empty() {
        return None;
    }
    let named = rng.pick(&candidates).clone();
    Some(set_or_pattern(rng, &named, scope))
}

fn set_or_pattern(rng: &mut Rng, named: &Named, scope: &Scope) -> String {
    let Named { text, kind } = named;
    let list = |rng: &mut Rng, kind: Kind| {
        let mut values: Vec<String> =
            (0..2 + rng.below(2)).map(|_| kind.literal(rng, scope.people)).collect();
        values.sort();
        values.dedup();
        values.join(", ")
    };
    match *kind {
        Kind::Set(element) => match rng.below(4) {
            0 => format!("{text} contains {}", element.literal(rng, scope.people)),
            1 => format!("{text} contains-all ({})", list(rng, *element)),
            2 => format!("{text} contains-any ({})", list(rng, *element)),
            _ => format!("{text} subset-of ({})", list(rng, *element)),
        },
        Kind::Text | Kind::Label if rng.chance(70) => format!("{text} like {}", rng.pick(PATTERNS)),
        Kind::Path => {
            format!("{text} under {}", rng.pick(&[r#""/srv/data""#, r#""/srv""#, r#""/home/ana""#]))
        }
        Kind::Url => match rng.below(3) {
            0 => format!(r#"{text} host "*.example.com""#),
            1 => format!(r#"{text} host "api.example.com""#),
            _ => format!(r#"{text} under "https://api.example.com/v1""#),
        },
        Kind::Ip if rng.chance(50) => format!("{text} in {}", rng.pick(NETWORKS)),
        Kind::Ip => format!("{text} in ({})", NETWORKS[..2].join(", ")),
        kind => {
            let word = if rng.chance(75) { "in" } else { "not in" };
            format!("{text} {word} ({})", list(rng, kind))
        }
    }
}

/// `or`, `not`, parentheses, and the atoms that are none of the above.
fn nested(rng: &mut Rng, scope: &Scope) -> String {
    let a = special(rng, scope);
    let b = simple(rng, scope);
    let c = simple(rng, scope);
    match rng.below(6) {
        0 => format!("{a} or {b}"),
        1 => format!("not ({b} and {c})"),
        2 => format!("{b} and ({a} or {c})"),
        3 => format!("not (not {b} or not ({c} and not {a}))"),
        4 => format!("({a} and {b}) or ({c})"),
        _ => a,
    }
}

fn simple(rng: &mut Rng, scope: &Scope) -> String {
    let all: Vec<Named> =
        attributes(scope).into_iter().filter(|named| !matches!(named.kind, Kind::Opaque)).collect();
    if all.is_empty() {
        return "true".into();
    }
    let named = rng.pick(&all).clone();
    match named.kind {
        Kind::Set(_) => set_or_pattern(rng, &named, scope),
        Kind::Bool | Kind::Cidr => comparison(rng, &named, scope),
        _ if rng.chance(50) => set_or_pattern(rng, &named, scope),
        _ => comparison(rng, &named, scope),
    }
}

/// Presence, two attributes, approvals, the purpose, the level, the clock.
fn special(rng: &mut Rng, scope: &Scope) -> String {
    let all = attributes(scope);
    let optional: Vec<&Named> =
        all.iter().filter(|named| named.text != "now" && named.text != "session.started").collect();
    match rng.below(7) {
        0 if !scope.session.is_empty() => {
            let who = if rng.chance(50) { rng.pick(scope.teams) } else { rng.pick(scope.people) };
            let independent = if rng.chance(40) { " independent" } else { "" };
            format!("approved by {who} within {}{independent}", rng.pick(&["10m", "1h", "1d"]))
        }
        1 if !scope.session.is_empty() => {
            format!(
                "session.authn {} {}",
                rng.pick(&["at-least", ">=", "==", "<"]),
                rng.pick(&["oauth", "mtls"])
            )
        }
        2 if !scope.session.is_empty() => {
            let purposes = rng.some(scope.purposes, 2);
            match purposes.as_slice() {
                [one, other] if rng.chance(50) => format!("purpose in ({one}, {other})"),
                [one, ..] => format!("purpose {} {one}", rng.pick(&["==", "!="])),
                [] => "true".into(),
            }
        }
        3 if !scope.session.is_empty() => {
            format!("now {} {}", rng.pick(&["<", ">="]), rng.pick(&["2026-12-01T10:00:00Z", "2027-06-30"]))
        }
        4 | 5 => pair(rng, &all).unwrap_or_else(|| presence(rng, &optional)),
        _ => presence(rng, &optional),
    }
}

fn presence(rng: &mut Rng, optional: &[&Named]) -> String {
    if optional.is_empty() {
        return "true".into();
    }
    let not = if rng.chance(25) { "not " } else { "" };
    format!("{not}has {}", rng.pick(optional).text)
}

/// Two attributes of one type, or a set and an attribute of its element type.
fn pair(rng: &mut Rng, all: &[Named]) -> Option<String> {
    let mut pairs = Vec::new();
    for (at, a) in all.iter().enumerate() {
        for b in &all[at + 1..] {
            match (a.kind, b.kind) {
                (Kind::Set(of), kind) if *of == kind => pairs.push(format!("{} contains {}", a.text, b.text)),
                (kind, Kind::Set(of)) if *of == kind => pairs.push(format!("{} contains {}", b.text, a.text)),
                (Kind::Set(_) | Kind::Opaque, _) => {}
                (one, other) if one == other => {
                    let op = if one.is_ordered() {
                        rng.pick(&["<=", "<", "==", ">="])
                    } else {
                        rng.pick(&["==", "!="])
                    };
                    pairs.push(format!("{} {op} {}", a.text, b.text));
                }
                _ => {}
            }
        }
    }
    (!pairs.is_empty()).then(|| rng.pick(&pairs).clone())
}
