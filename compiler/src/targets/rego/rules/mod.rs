//! The grants as rules, a rule a line: what the data says of them, where an engine with an index for
//! rules finds it by the agent, the purpose and the tool that a rule begins with.
//!
//! A rule asks what the module's `authorises` asks of the grant and what forbids ask of its calls, constants
//! in place of what is looked up, and nothing that is so of every request.

mod forbids;
mod operations;

use super::policy::UNFORBIDDEN;
use super::text::{member, object, set, term, text};
use super::tree::{Delegate, Estate, Grant, Line};
use crate::model::{AFTER_LATEST, EARLIEST};
use forbids::Calls;
use operations::{Operation, operations};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the file begins with. Where nothing is granted there is no rule, and the module asks for one.
const HEAD: &str = "\
# Which requests a grant of `data.json` authorises and no forbid of it is in the way of. These rules follow from the
# data: change the policy, and build.
package bailiwick

import rego.v1

default permitted := false

# Engines have an index of what a rule compares with data too: the rules themselves name none.
row(name) := data.bailiwick.estate.grants[name]
";

/// The file that follows from the data.
pub(super) fn rules(estate: &Estate) -> String {
    let operations = operations(estate);
    let mut out = format!("{HEAD}\n{} if {{\n{UNFORBIDDEN}\n}}\n", forbids::LISTS);
    for ([root, purpose, name], ops) in listed(estate) {
        // a grant that is listed and not there authorises nothing
        let Some(grant) = estate.grants.get(name) else { continue };
        let row = format!("row({})", text(name));
        let (begins, goes_on) = chain(estate, root, grant, &row);
        let behind = grant.delegates.iter().flat_map(|clause| clause.to.keys()).map(String::as_str);
        let behind: Vec<_> = behind.collect();
        let purpose = format!("input.purpose == {}", text(purpose));
        for (at, line) in grant.lines.iter().enumerate() {
            let called: Vec<&str> =
                line.ops.keys().map(String::as_str).filter(|op| ops.contains(op)).collect();
            if called.is_empty() {
                continue;
            }
            let calls = Calls { root, behind: &behind, ops: &called, covers: &grant.covers };
            let Some(unforbidden) = calls.unforbidden(estate, &operations) else { continue };
            let of_line = format!("{row}.lines[{at}]");
            let mut asks = vec![begins.clone(), purpose.clone(), call(&called, &operations, line, &of_line)];
            asks.extend(goes_on.clone());
            asks.extend(clauses(grant, &row, line, &of_line, &called));
            asks.extend(unforbidden);
            let _ = write!(out, "\n# {}\npermitted if {{\n\t{}\n}}\n", text(name), asks.join("\n\t"));
        }
    }
    out
}

/// How the chain begins, and what else is asked of it. Where a grant is handed to few and no further, the
/// chains are named.
fn chain(estate: &Estate, root: &str, grant: &Grant, row: &str) -> (String, Option<String>) {
    let begins = format!("input.chain[0] == {}", text(root));
    if grant.delegates.is_empty() {
        return (format!("input.chain == [{}]", text(root)), None);
    }
    // what a delegate needs is asked of it, unless the grant needs as much
    let known = |to: &str| estate.agents.get(to).is_some_and(|agent| agent.authn <= grant.authn);
    let plain = |clause: &Delegate| {
        clause.depth == 1 && clause.only.is_none() && clause.to.keys().all(|to| known(to))
    };
    if grant.delegates.iter().all(plain) {
        let chains = grant.delegates.iter().flat_map(|clause| clause.to.keys()).map(|to| json!([root, to]));
        let named = term(&[json!([root])].into_iter().chain(chains).collect());
        if named.len() <= LONGEST {
            return (begins, Some(format!("input.chain in {named}")));
        }
    }
    let delegates = term(&json!({ "delegates": grant.delegates }));
    (begins, Some(format!("handed_on({})", constant(delegates, row.into()))))
}

/// The operations under which each grant is listed, by root, purpose and its name.
fn listed(estate: &Estate) -> BTreeMap<[&str; 3], BTreeSet<&str>> {
    let mut found: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for (root, by_purpose) in &estate.candidates {
        for (purpose, by_op) in by_purpose {
            for (op, names) in by_op {
                for name in names {
                    found.entry([root.as_str(), purpose, name]).or_default().insert(op);
                }
            }
        }
    }
    found
}

/// That one of some operations of a line is called. By the tool where that says it, since engines have no
/// index for more.
fn call(called: &[&str], operations: &BTreeMap<&str, Operation>, line: &Line, of_line: &str) -> String {
    if let [one] = called
        && let Some(tool) = operations.get(one).and_then(|op| op.tool)
    {
        format!("input.tool == {}", text(tool))
    } else if called.len() == line.ops.len() {
        among("op.name", called, format!("{of_line}.ops"))
    } else {
        format!("op.name in {}", set(called))
    }
}

/// What a grant asks of calls to some operations of a line. The two stand at `row` and `of_line` in the data.
fn clauses(grant: &Grant, row: &str, line: &Line, of_line: &str, called: &[&str]) -> Vec<String> {
    let mut asks = Vec::new();
    if grant.starts > EARLIEST {
        asks.push(format!("{} <= moment.now", grant.starts));
    }
    if grant.expires < AFTER_LATEST {
        asks.push(format!("moment.now < {}", grant.expires));
    }
    if grant.ttl < AFTER_LATEST {
        asks.push(format!("moment.age <= {}", grant.ttl));
    }
    if grant.authn > 0 {
        asks.push(format!("moment.authn >= {}", grant.authn));
    }
    // `allow` leaves it to what is granted to ask for the request's times
    if asks.is_empty() {
        asks.push("moment".into());
    }
    for (of, when, also) in [(of_line, &line.when, &line.also), (row, &grant.when, &grant.also)] {
        for (at, part) in when.iter().enumerate() {
            let value = constant(term(&part["value"]), format!("{of}.when[{at}].value"));
            asks.extend(comparison(part, &value));
        }
        for (at, part) in also.iter().enumerate() {
            asks.push(format!("holds({})", constant(term(part), format!("{of}.also[{at}]"))));
        }
    }
    let covers: Vec<&str> = grant.covers.keys().map(String::as_str).collect();
    let covered = among("label", &covers, format!("{row}.covers"));
    asks.push(format!("every label in labels {{\n\t\t{covered}\n\t}}"));
    for (at, clause) in grant.approvals.iter().enumerate() {
        asks.extend(approval(clause, &format!("{row}.approvals[{at}]"), called));
    }
    asks
}

/// What an approval that a grant asks for asks of calls to some operations. It stands at `row` in the data.
fn approval(clause: &Map<String, Json>, row: &str, called: &[&str]) -> Option<String> {
    let governs = |op: &&&str| clause.get("ops").is_some_and(|ops| ops.get(**op).is_some());
    let governed = called.iter().filter(governs).count();
    let says = |field| clause.contains_key(field);
    let ask = if governed < called.len() || says("unless") {
        "satisfied"
    } else if says("requester") || says("independent") {
        "approved"
    } else {
        let of = |field| constant(term(&clause[field]), format!("{row}.{field}"));
        return Some(format!("recent({}, {})", of("people"), of("within")));
    };
    (governed > 0).then(|| format!("{ask}({})", constant(object(clause), row.into())))
}

/// A comparison with a value, as Rego has it.
fn comparison(part: &Json, value: &str) -> Vec<String> {
    let field = |name: &str| part[name].as_str().unwrap_or_default();
    let attributes = match field("of") {
        "args" => "arguments",
        of => of,
    };
    let place = member(attributes, field("attr"));
    match field("op") {
        op @ ("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") => vec![format!("{place} {op} {value}")],
        "begins" => vec![format!("is_string({place})"), format!("startswith({place}, {value})")],
        op => vec![format!("often({}, {place}, {value})", text(op))],
    }
}

/// How long a constant may be: engines bound the length of lines.
const LONGEST: usize = 200;

/// A constant, or where it stands in the data when it is long.
fn constant(term: String, stands: String) -> String {
    if term.len() <= LONGEST { term } else { stands }
}

/// That what is in hand is one of these names, which the data has as members of what stands there.
fn among(one: &str, names: &[&str], stands: String) -> String {
    let names = set(names);
    if names.len() <= LONGEST { format!("{one} in {names}") } else { format!("{stands}[{one}]") }
}
