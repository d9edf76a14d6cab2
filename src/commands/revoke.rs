//! `revoke`: the kill switch. The source says it, and the engines are told without a build.

use super::envelope;
use crate::args::Format;
use crate::clock;
use crate::console::Console;
use crate::output;
use crate::render::{counted, json, visible};
use crate::session::Session;
use crate::status::{Failure, Status};
use crate::workspace::reason;
use bailiwick_compiler::model::Severity;
use bailiwick_compiler::revoke::{self, Declared, Revocation, Revoked};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[derive(Serialize)]
struct Answer<'a> {
    agent: &'a str,
    because: &'a str,
    suspended: Vec<String>,
    out: String,
    files: Vec<&'a str>,
    missing: &'a [String],
}

pub fn run(
    console: &mut Console,
    (agent, path): (&str, &Path),
    because: &str,
    out: &Path,
    now: Option<i64>,
    format: Format,
) -> Result<Status, Failure> {
    let now = clock::now(now)?;
    if because.trim().is_empty() {
        return Err(Failure::new("a revocation says why").help("name the reason: `--because \"key leaked\"`"));
    }
    let session = Session::open(path)?;
    let modules = &session.workspace.modules;
    let found: BTreeMap<&str, Declared> = modules
        .iter()
        .filter(|(_, text)| text.contains(agent))
        .filter_map(|(module, text)| Some((module.as_str(), revoke::declared(text, agent)?)))
        .collect();
    if found.is_empty() {
        let near = revoke::near(agent, modules.values().map(|text| &**text));
        let help = near.map_or("`check` shows what the project declares".into(), |near| {
            format!("did you mean `{near}`?")
        });
        return Err(Failure::new(format!("the project declares no agent `{agent}`")).help(help));
    }
    if found.values().any(|declared| declared.suspended) {
        return Err(Failure::new(format!("`{agent}` is suspended already")).help("`build` has its artifacts"));
    }
    empty(out)?;

    // A project with errors has a model that lacks something: it is not relied on.
    let (compiled, diagnostics) = session.compile();
    let sound = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
    let revocation = Revocation {
        agent: agent.into(),
        because: because.into(),
        accounts: found.values().flat_map(|declared| declared.accounts.iter().cloned()).collect(),
        now,
    };
    let Revoked { files, mut missing } = revoke::artifacts(&revocation, sound.then_some(&*compiled.model));
    // The engines first: nothing that is wrong with the source may keep them from being told.
    for (path, text) in &files {
        let path = out.join(path);
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder)
            .map_err(|error| Failure::at(folder, "cannot be written", reason(&error)))?;
        output::write(&path, text)?;
    }
    let mut suspended = Vec::new();
    for module in found.keys() {
        let file = session.workspace.file_of(module);
        let shown =
            session.workspace.source(module).map_or_else(|| (*module).to_string(), |(shown, _)| shown);
        let edited = revoke::suspend(&modules[*module], agent, because)
            .and_then(|text| output::write(&file, &text).map_err(|failure| failure.message));
        match edited {
            Ok(()) => suspended.push(shown),
            Err(why) => missing.push(format!(
                "`{shown}` was not changed, {why}; write `suspended because` into the agent's declaration yourself, \
                 or the next build lets it in again"
            )),
        }
    }

    let status = if missing.is_empty() { Status::Clean } else { Status::Findings };
    match format {
        Format::Human => console.print(&visible(&report(&revocation, &suspended, &files, out, &missing)))?,
        Format::Json => {
            let answer = Answer {
                agent,
                because,
                suspended,
                out: out.display().to_string(),
                files: files.keys().map(String::as_str).collect(),
                missing: &missing,
            };
            console.print(&json::document(&envelope(&session, "revoke", status, answer)))?;
        }
    }
    Ok(status)
}

/// Refuses a folder in which something lies: what is there could be taken for a part of this.
fn empty(out: &Path) -> Result<(), Failure> {
    let holds = match fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(Failure::at(out, "cannot be read", reason(&error))),
    };
    if holds {
        return Err(Failure::new(format!("`{}` is not empty", out.display()))
            .help("choose a folder of its own for a revocation"));
    }
    Ok(())
}

fn report(
    revocation: &Revocation,
    suspended: &[String],
    files: &BTreeMap<String, String>,
    out: &Path,
    missing: &[String],
) -> String {
    let mut text = String::new();
    for file in suspended {
        let _ = writeln!(text, "suspended `{}` in {file}", revocation.agent);
    }
    let _ = writeln!(text, "wrote {} to `{}`:", counted(files.len(), "file"), out.display());
    for path in files.keys() {
        let _ = writeln!(text, "  {path:<48} {}", duty(path));
    }
    for what in missing {
        let _ = writeln!(text, "missing: {what}");
    }
    text
}

/// What is to be done with a file.
fn duty(path: &str) -> &'static str {
    let (target, name) = path.split_once('/').unwrap_or_default();
    match target {
        "cedar" | "cedar-mcp" => "load beside the policies of every root",
        "rego" | "rego-indexed" => "put at the agent's name in `data.bailiwick_revoked`",
        "kubernetes" => "kubectl delete --ignore-not-found --filename",
        _ if name.ends_with("revoked.json") => "attach, and leave attached",
        _ => "attach to the role",
    }
}
