//! Expressions put together anew from the parts of those that are there: a guard without what it
//! guards, a comparison without its guard, branches that swap.

use super::edit::as_json;
use bailiwick_compiler::targets::kubernetes::read::documents;
use bailiwick_testkit::Rng;
use serde_json::Value as Json;

/// The Cedar policies, one of them with a condition of parts of all.
pub fn cedar(rng: &mut Rng, text: &str) -> String {
    let policies: Vec<&str> = text.split_inclusive(";\n").filter(|policy| policy.contains('(')).collect();
    let clauses = policies.iter().flat_map(|policy| policy.split(['\n', ';'])).filter_map(|line| {
        let clause = line.strip_prefix("when { ").or(line.strip_prefix("unless { "))?;
        clause.strip_suffix(" }")
    });
    let atoms: Vec<&str> = clauses.flat_map(atoms).collect();
    let at = rng.below(policies.len());
    let (head, _) = policies[at].split_once("\n)").expect("a head");
    let conditional = |[cond, yes, no]: [String; 3]| format!("(if {cond} then {yes} else {no})");
    let mut changed = format!("{head}\n)\n");
    for _ in 0..=rng.below(2) {
        let clause = rng.pick(&["when", "unless"]);
        changed += &format!("{clause} {{ {} }}\n", expression(rng, &atoms, 3, &conditional));
    }
    changed += ";\n";
    let others = policies.iter().enumerate().filter(|(nth, _)| *nth != at).map(|(_, policy)| *policy);
    others.chain([changed.as_str()]).collect()
}

/// The manifests as JSON, one of their CEL expressions made of parts of all.
pub fn manifests(rng: &mut Rng, text: &str) -> String {
    let mut objects = documents(text).expect("manifests");
    let lists = ["/spec/matchConditions", "/spec/validations"];
    let mut at = Vec::new();
    for (nth, object) in objects.iter().enumerate() {
        for list in lists {
            let items = object.pointer(list).and_then(Json::as_array).map_or(0, Vec::len);
            at.extend((0..items).map(|item| (nth, format!("{list}/{item}/expression"))));
        }
    }
    let read = |objects: &[Json], (nth, at): &(usize, String)| {
        objects[*nth].pointer(at).and_then(Json::as_str).expect("an expression").to_owned()
    };
    let texts: Vec<String> = at.iter().map(|at| read(&objects, at)).collect();
    let atoms: Vec<&str> = texts.iter().flat_map(|text| atoms(text)).collect();
    let (nth, path) = rng.pick(&at);
    let conditional = |[cond, yes, no]: [String; 3]| format!("({cond} ? {yes} : {no})");
    *objects[*nth].pointer_mut(path).expect("it is there") = expression(rng, &atoms, 3, &conditional).into();
    as_json(&objects)
}

/// An expression of these parts, so many operators deep; `conditional` writes condition and branches.
fn expression(
    rng: &mut Rng,
    atoms: &[&str],
    depth: usize,
    conditional: &dyn Fn([String; 3]) -> String,
) -> String {
    let of = |rng: &mut Rng| expression(rng, atoms, depth.saturating_sub(1), conditional);
    match rng.below(if depth == 0 { 2 } else { 8 }) {
        0 => (*rng.pick(atoms)).to_owned(),
        1 => format!("({})", rng.pick(atoms)),
        2 => format!("!({})", of(rng)),
        3 | 4 => format!("({} && {})", of(rng), of(rng)),
        5 | 6 => format!("({} || {})", of(rng), of(rng)),
        _ => conditional([of(rng), of(rng), of(rng)]),
    }
}

/// The parts of an expression that no `&&`, `||` or `!` joins, and those of the parts in parentheses.
fn atoms(expression: &str) -> Vec<&str> {
    let text = expression.trim();
    let parts = split(text);
    if parts.len() > 1 {
        return parts.into_iter().flat_map(atoms).collect();
    }
    if let Some(rest) = text.strip_prefix('!') {
        return atoms(rest);
    }
    match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) if balanced(inner) => atoms(inner),
        _ => vec![text],
    }
}

/// What stands between the outermost `&&` and `||`.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut from, mut at) = (0, false, 0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'(' | b'[' | b'{' if !quoted => depth += 1,
            b')' | b']' | b'}' if !quoted => depth -= 1,
            b'&' | b'|' if !quoted && depth == 0 && bytes.get(at + 1) == Some(&bytes[at]) => {
                parts.push(&text[from..at]);
                at += 1;
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&text[from..]);
    parts
}

/// Whether no parenthesis in it closes one from outside.
fn balanced(text: &str) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    text.chars().all(|c| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        depth >= 0
    })
}
