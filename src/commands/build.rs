//! `build`: the artifacts of each target and what became of every grant.

use super::{envelope, unsound};
use crate::args::Format;
use crate::clock;
use crate::console::Console;
use crate::output;
use crate::progress;
use crate::render::{json, visible};
use crate::session::Session;
use crate::status::{Failure, Status};
use crate::workspace::as_inputs;
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::build::{self as proved, Flaw};
use bailiwick_analyzer::verify::Side;
use bailiwick_compiler::build::{self, Build};
use bailiwick_compiler::model::Model;
use bailiwick_compiler::request;
use bailiwick_compiler::targets::{Fidelity, Target, registry};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

#[derive(Serialize)]
struct Answer<'a> {
    out: String,
    manifest: &'a build::Manifest,
}

pub fn run(
    console: &mut Console,
    path: &Path,
    named: &[String],
    out: &Path,
    now: Option<i64>,
    format: Format,
) -> Result<Status, Failure> {
    let now = clock::now(now)?;
    let asked = targets_named(named.iter().map(String::as_str))?;
    let session = Session::open(path)?;
    let compiled = match session.sound() {
        Ok(compiled) => compiled,
        Err(findings) => return unsound(console, &session, "build", format, &findings),
    };
    let model = &compiled.model;
    let targets = match (asked, &session.workspace.settings.targets) {
        (Some(targets), _) => targets,
        (None, Some(listed)) => targets_named(listed.iter().map(|name| &**name))?.unwrap_or_default(),
        (None, None) => build::applicable(model),
    };
    if targets.is_empty() {
        return Err(Failure::new("the project's tools are bound to no target")
            .help("name targets: `--target cedar,rego`, or bind tools"));
    }
    let texts = session.workspace.inputs();
    let analysis = Analysis::new(model, now);
    let built = progress::during("building", || proved::build(&analysis, &targets, &as_inputs(&texts)));
    let built = built.map_err(|flaw| failure(model, &flaw))?;
    output::replace(out, &built.contents())?;

    match format {
        Format::Human => console.print(&visible(&report(model, &built, out)))?,
        Format::Json => {
            let answer = Answer { out: out.display().to_string(), manifest: &built.manifest };
            console.print(&json::document(&envelope(&session, "build", Status::Clean, answer)))?;
        }
    }
    Ok(Status::Clean)
}

/// Nothing is written that is not proved: a failing proof is a fault of the compiler.
fn failure(model: &Model, flaw: &Flaw) -> Failure {
    let target = flaw.target;
    let Some(gap) = flaw.gaps.first() else {
        let why = flaw.open.first().map_or("nobody knows why", |why| why);
        return Failure::new(format!("the {target} export is not proved to be within its source: {why}"))
            .help("nothing was written; build for other targets with `--target`, and please report this");
    };
    let grant =
        gap.grant.map_or_else(String::new, |grant| format!(" of grant `{}`", model.grant(grant).name));
    let what = match gap.side {
        Side::Wider => "allows what its source denies",
        Side::Narrower => "denies what it is said to allow",
    };
    let rule = gap.rule.as_ref().map_or_else(String::new, |(file, id)| format!(", by `{id}` in `{file}`"));
    Failure::new(format!("the {target} export{grant} {what}{rule}: this is a bug in bailiwick")).help(
        format!(
            "nothing was written; please report it with this request: {}",
            request::write(model, &gap.request)
        ),
    )
}

/// The targets with these names, each once and in the registry's order; `None` when none is named.
fn targets_named<'n>(
    names: impl Iterator<Item = &'n str>,
) -> Result<Option<Vec<&'static dyn Target>>, Failure> {
    let names: BTreeSet<&str> = names.map(str::trim).collect();
    let known: Vec<&str> = registry().iter().map(|target| target.name()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(Failure::new(format!("there is no target `{unknown}`"))
            .help(format!("the targets are {}", known.join(", "))));
    }
    let chosen: Vec<_> = registry().iter().copied().filter(|target| names.contains(target.name())).collect();
    Ok((!chosen.is_empty()).then_some(chosen))
}

/// A line a grant and target, then what was written.
fn report(model: &Model, built: &Build, out: &Path) -> String {
    let mut text = String::new();
    for (target, outcomes) in &built.outcomes {
        let _ = writeln!(text, "{target}");
        for outcome in outcomes {
            let _ = writeln!(text, "  {:<14} {}", word(outcome.result), model.grant(outcome.grant).name);
            for loss in &outcome.losses {
                let _ = writeln!(text, "                 {loss}");
            }
            for assumption in &outcome.assumptions {
                let _ = writeln!(text, "                 assuming {}", assumed(assumption));
            }
        }
    }
    let kinds = [Fidelity::Exact, Fidelity::ExactUnderAssumptions, Fidelity::Narrowed, Fidelity::Refused];
    let counts: Vec<String> = kinds
        .into_iter()
        .filter_map(|kind| Some((kind, built.count(kind))).filter(|(_, count)| *count > 0))
        .map(|(kind, count)| format!("{count} {}", word(kind)))
        .collect();
    let _ = writeln!(
        text,
        "wrote {} files to `{}`: {}",
        built.contents().len(),
        out.display(),
        counts.join(", ")
    );
    text
}

fn word(result: Fidelity) -> &'static str {
    match result {
        Fidelity::Exact => "exact",
        Fidelity::ExactUnderAssumptions => "exact assuming",
        Fidelity::Narrowed => "narrowed",
        Fidelity::Refused => "refused",
    }
}

/// An assumption in words: its name and what it is about, as the manifest has them.
fn assumed(assumption: &bailiwick_compiler::targets::Assumption) -> String {
    let value = serde_json::to_value(assumption).unwrap_or_default();
    let mut text = value["assume"].as_str().unwrap_or_default().replace('-', " ");
    for (name, value) in value.as_object().into_iter().flatten().filter(|(name, _)| *name != "assume") {
        let _ = match (name.as_str(), value) {
            ("instant", value) => write!(text, " {}", value.as_i64().map(clock::text).unwrap_or_default()),
            ("seconds", value) => write!(text, " {value}s"),
            (_, serde_json::Value::String(value)) => write!(text, " `{value}`"),
            (_, value) => write!(text, " {value}"),
        };
    }
    text
}
