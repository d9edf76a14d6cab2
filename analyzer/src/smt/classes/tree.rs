//! Paths and URLs: which classes `==`, `under` and `host` can tell apart.
//!
//! Call the constants and bases *marks*. What is true of a value that is no mark itself depends
//! only on the longest mark that it is under: a shorter mark that holds the value holds that mark
//! too. So the marks, and for each mark (and for none) fresh values whose longest mark it is,
//! stand for all. For URLs under no mark it is the host that matters, likewise with the hosts of
//! `host` as marks.

use super::{Asked, constant_texts, fresh};
use bailiwick_compiler::model::{Str, Value};
use bailiwick_compiler::types::value::{
    check_host, host_matches, parse_path, parse_url, path_under, url_under,
};
use std::collections::BTreeSet;

/// What stands for all paths.
pub fn paths(asked: &Asked) -> Vec<Value> {
    let marks = marks(asked);
    let mut values: Vec<Value> = marks.iter().cloned().map(Value::Text).collect();
    for mark in marks.iter().map(|mark| Some(&**mark)).chain([None]) {
        values.extend(fresh(asked, |name| {
            let path = parse_path(&below(mark.unwrap_or("/"), name)).ok()?;
            (longest(&marks, &path, path_under) == mark).then_some(Value::Text(path))
        }));
    }
    values
}

/// What stands for all URLs.
pub fn urls(asked: &Asked) -> Vec<Value> {
    let marks = marks(asked);
    let mut values: Vec<Value> = marks.iter().cloned().map(Value::Text).collect();
    for mark in &marks {
        values.extend(fresh(asked, |name| {
            let url = parse_url(&below(mark, name)).ok()?;
            (longest(&marks, &url, url_under) == Some(mark)).then_some(Value::Text(url))
        }));
    }
    for host in hosts(asked) {
        values.extend(fresh(asked, |name| unmarked(&marks, &host, name)));
    }
    values
}

fn marks(asked: &Asked) -> BTreeSet<Str> {
    constant_texts(asked).chain(&asked.bases).cloned().collect()
}

fn below(mark: &str, name: &str) -> String {
    if mark.ends_with('/') { format!("{mark}{name}") } else { format!("{mark}/{name}") }
}

/// The longest mark that the value is under.
fn longest<'a>(marks: &'a BTreeSet<Str>, value: &str, under: fn(&str, &str) -> bool) -> Option<&'a str> {
    marks.iter().map(|mark| &**mark).filter(|mark| under(mark, value)).max_by_key(|mark| mark.len())
}

/// A URL on that host under no mark: marks can take up a host's usual origins, but not every port.
fn unmarked(marks: &BTreeSet<Str>, host: &str, name: &str) -> Option<Value> {
    let origins = std::iter::once(format!("https://{host}"))
        .chain((8443..8443 + marks.len() + 1).map(|port| format!("https://{host}:{port}")));
    origins
        .filter_map(|origin| parse_url(&below(&origin, name)).ok())
        .find(|url| longest(marks, url, url_under).is_none())
        .map(Value::Text)
}

/// Hosts that stand for all: those asked about, fresh ones below each that is asked about with
/// what is below it, and one that nothing is asked of. Different URLs of a class may share one.
fn hosts(asked: &Asked) -> Vec<Str> {
    let holds =
        |pattern: &(Str, bool), host: &str| host_matches(&pattern.0, pattern.1, &format!("https://{host}/"));
    let class =
        |host: &str| -> Vec<bool> { asked.hosts.iter().map(|pattern| holds(pattern, host)).collect() };
    let mut seen = BTreeSet::new();
    let mut hosts: Vec<Str> = Vec::new();
    let named = asked.hosts.iter().map(|(host, _)| host.to_string());
    // A host below one mark may be another mark's own; one of as many names as there are marks is not.
    let tries = asked.hosts.len() + 1;
    let numbered = move |suffix: String| (1..=tries).map(move |at| format!("other{at}{suffix}"));
    let fresh = asked.hosts.iter().filter(|(_, below)| *below).map(|(host, _)| format!(".{host}"));
    for host in fresh.chain([".example".to_string()]).flat_map(numbered).chain(named) {
        if check_host(&host).is_ok() && seen.insert(class(&host)) {
            hosts.push(host.into());
        }
    }
    hosts
}
