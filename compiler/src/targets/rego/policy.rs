//! The module: a fixed text in a few parts, and the few functions that Rego, having no recursion, needs
//! once for every level of nesting.

use super::Rego;
use super::condition::conjuncts;
use crate::model::{ArgSource, Cond, MAX_CHAIN, Model};
use std::fmt::Write;

/// The parts that are the same for every project, as they follow one another.
const PARTS: [&str; 4] = [
    include_str!("module/decision.rego"),
    include_str!("module/request.rego"),
    include_str!("module/conditions.rego"),
    include_str!("module/values.rego"),
];

/// A time as requests have it, with its calendar: the days that every month has, those that only some
/// have, and the leap days. It stands for `{instant}` in the parts.
const INSTANT: &str = concat!(
    "((19[7-9]|2[01][0-9])[0-9]-",
    "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)",
    "|(19(7[26]|8[048]|9[26])|2[01]([2468][048]|0[48]|[13579][26])|2000)-02-29)",
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
);

/// That every forbid is shown to be out of the way, by the lists of those that there are to look at.
pub(super) const UNFORBIDDEN: &str = "\
\tevery key in op.forbids {
\t\tclear(data.bailiwick.estate.forbids[key])
\t}
\tevery agent in input.chain {
\t\tevery key in data.bailiwick.estate.agents[agent].forbids {
\t\t\tclear(data.bailiwick.estate.forbids[key])
\t\t}
\t}";

/// How the module finds that a grant authorises and no forbid is in the way: it stands for `{permitted}` in
/// the parts.
fn permitted(form: Rego) -> String {
    match form {
        Rego::Data => format!(
            "\tis_object(input)\n\
             \tsome name in data.bailiwick.estate.candidates[input.chain[0]][input.purpose][op.name]\n\
             \tauthorises(data.bailiwick.estate.grants[name])\n{UNFORBIDDEN}"
        ),
        Rego::Indexed => "\tpermitted".into(),
    }
}

/// The module's text for the project.
pub(super) fn policy(form: Rego, model: &Model) -> String {
    let mut out = PARTS.join("\n");
    let texts = [
        ("{instant}", INSTANT),
        ("{longest_chain}", &MAX_CHAIN.to_string()),
        ("{permitted}", &permitted(form)),
    ];
    for (place, text) in texts {
        out = out.replace(place, text);
    }
    out.push_str(
        "\n# ---- one function for each level of nesting --------------------------------------------\n",
    );
    conditions(&mut out, deepest(model));
    paths(&mut out, longest_path(model));
    out
}

/// How deep the conditions that the data holds nest.
pub(super) fn deepest(model: &Model) -> usize {
    conditions_of(model).map(depth).max().unwrap_or(0)
}

/// Every condition that the data holds and that the module does not take apart by itself.
fn conditions_of(model: &Model) -> impl Iterator<Item = &Cond> {
    let grants = model.grants.iter().flat_map(|grant| {
        let only = grant.delegates.iter().flat_map(|clause| &clause.only).flat_map(|only| &only.lines);
        let lines = grant.lines.iter().chain(only).map(|line| &line.cond);
        let together = lines.chain([&grant.when]).flat_map(conjuncts);
        together.chain(grant.approvals.iter().map(|approval| &approval.demanded))
    });
    grants.chain(model.forbids.iter().map(|forbid| &forbid.when))
}

fn depth(cond: &Cond) -> usize {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => 1 + parts.iter().map(depth).max().unwrap_or(0),
        Cond::Literal(_) => 0,
    }
}

/// `holds(condition)`, for conditions nested up to `deepest`.
fn conditions(out: &mut String, deepest: usize) {
    let name = |left: usize| match deepest - left {
        0 => "holds".to_owned(),
        level => format!("holds_{level}"),
    };
    for left in (0..=deepest).rev() {
        let this = name(left);
        let _ = write!(
            out,
            "\n{this}(condition) if often(condition.op, attributes[condition.of][condition.attr], condition.value)\n"
        );
        if let Some(below) = left.checked_sub(1).map(name) {
            let _ = write!(
                out,
                "\nelse if {{\n\tcondition.all\n\tevery part in condition.all {{\n\t\t{below}(part)\n\t}}\n}}\n\
                 \nelse if {{\n\tsome part in condition.any\n\t{below}(part)\n}}\n"
            );
        }
        out.push_str("\nelse if literal(condition)\n");
    }
}

fn longest_path(model: &Model) -> usize {
    let steps = model.tools.iter().flat_map(|tool| tool.args.values()).map(|arg| match &arg.source {
        ArgSource::Each(path) => path.len().saturating_sub(1),
        ArgSource::Required | ArgSource::Optional | ArgSource::Default(_) => 0,
    });
    steps.max().unwrap_or(0)
}

/// `gather(found, steps)`, which goes through arrays on its way, and `lead(found, steps)`, which
/// does not, for paths of up to `longest` steps.
fn paths(out: &mut String, longest: usize) {
    let (mut gathered, mut led) = ("found".to_owned(), "found".to_owned());
    for count in 0..=longest {
        for (name, found) in [("gather", &gathered), ("lead", &led)] {
            let _ = write!(out, "\n{name}(found, steps) := {found} if count(steps) == {count}\n");
        }
        gathered = format!("step(spread({gathered}), steps[{count}])");
        led = format!("step({led}, steps[{count}])");
    }
}
