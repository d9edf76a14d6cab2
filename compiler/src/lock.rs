//! `bailiwick.lock`: what the open sets in grants stood for when somebody last looked.
//!
//! A glob in a grant would otherwise take in a tool that is added tomorrow, or one whose
//! signature is changed under it. So what globs, tags and attributes stand for in grants is
//! written down, with a hash of each tool's signature, and anything new or changed is an error
//! until `bailiwick lock` accepts it. What no longer matches only narrows, and is no error.

use crate::diagnostic::{Diagnostic, Explanation, error};
use crate::model::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// The file's name.
pub const FILE: &str = "bailiwick.lock";

/// What `bailiwick.lock` says: for each grant whose tools, data or delegates are chosen by globs,
/// tags or attributes, what was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// By grant.
    pub grants: BTreeMap<Str, Arc<Expansion>>,
}

/// A grant whose tools, data or delegates are chosen by globs, tags or attributes, with what was chosen.
pub type Open = (Arc<Grant>, Arc<Expansion>);

/// What a grant's open sets stand for, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    /// Tools, with the hash of each one's signature.
    pub tools: BTreeMap<Str, Str>,
    /// Data classes.
    pub data: BTreeSet<Str>,
    /// Agents that may act by delegation.
    pub agents: BTreeSet<Str>,
}

impl Lock {
    /// What the file should say when these are the open grants.
    pub fn of(open: &[Open]) -> Self {
        Self { grants: open.iter().map(|(grant, now)| (grant.name.clone(), now.clone())).collect() }
    }
}

/// The lock file's text: sorted, one match a line, so that a difference reads well.
pub fn write(lock: &Lock) -> String {
    let mut text = String::from(
        "# Written by `bailiwick lock`: what globs, tags and attributes in grants stand for.\nversion = 1\n",
    );
    let quoted = |name: &str| serde_json::Value::from(name).to_string();
    for (grant, expansion) in &lock.grants {
        text += &format!("\n[grants.{}]\n", quoted(grant));
        let tools = expansion.tools.iter().map(|(name, hash)| format!("{name} {hash}")).collect::<Vec<_>>();
        let lists = [
            ("tools", tools),
            ("data", expansion.data.iter().map(|name| name.to_string()).collect()),
            ("agents", expansion.agents.iter().map(|name| name.to_string()).collect()),
        ];
        for (key, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
            let lines: String = names.iter().map(|name| format!("  {},\n", quoted(name))).collect();
            text += &format!("{key} = [\n{lines}]\n");
        }
    }
    text
}

/// Reads a lock file. One that cannot be read is an error: nothing may be taken as accepted.
pub fn parse(text: &str) -> Result<Lock, Vec<Diagnostic>> {
    let bad = |message: &str| {
        vec![
            error("bad-lock", format!("`{FILE}` cannot be read: {message}"))
                .help("write it anew with `bailiwick lock`, and look at what changed"),
        ]
    };
    let table: toml::Table = text.parse().map_err(|problem: toml::de::Error| bad(problem.message()))?;
    if table.get("version").and_then(toml::Value::as_integer) != Some(1) {
        return Err(bad("its version is not 1"));
    }
    let mut lock = Lock::default();
    let empty = toml::Table::new();
    let grants = match table.get("grants") {
        Some(grants) => grants.as_table().ok_or_else(|| bad("`grants` is not a table"))?,
        None => &empty,
    };
    for (grant, entry) in grants {
        let entry = entry.as_table().ok_or_else(|| bad("a grant is not a table"))?;
        let mut expansion = Expansion::default();
        for (key, names) in entry {
            let names = names.as_array().ok_or_else(|| bad("a grant's entries are lists"))?;
            for name in names {
                let name = name.as_str().ok_or_else(|| bad("a grant's lists are of strings"))?;
                match key.as_str() {
                    "tools" => {
                        let (tool, hash) = name.split_once(' ').ok_or_else(|| bad("a tool has no hash"))?;
                        expansion.tools.insert(tool.into(), hash.into());
                    }
                    "data" => _ = expansion.data.insert(name.into()),
                    "agents" => _ = expansion.agents.insert(name.into()),
                    _ => return Err(bad("a grant has `tools`, `data` and `agents`")),
                }
            }
        }
        lock.grants.insert(grant.as_str().into(), expansion.into());
    }
    Ok(lock)
}

/// What is new or changed since the lock was written; a note when there is none but should be.
///
/// `open`: the grants that choose by globs, tags or attributes, with what these stand for now.
pub(crate) fn changes(open: &[Open], lock: Option<&Lock>) -> Vec<Diagnostic> {
    let Some(lock) = lock else {
        let note = open.iter().min_by_key(|(grant, _)| &grant.name).map(|(grant, _)| {
            Diagnostic::note(
                "not-locked",
                format!("grants choose by globs, tags or attributes, and there is no `{FILE}`"),
            )
            .at(&grant.origin.module, grant.origin.span)
            .help("run `bailiwick lock`: a tool that appears later then needs somebody's consent")
        });
        return note.into_iter().collect();
    };
    let none = Expansion::default();
    let mut found = Vec::new();
    for (grant, expansion) in open {
        let (grant, place) = (&grant.name, &grant.origin);
        let accepted = lock.grants.get(grant).map_or(&none, |accepted| accepted);
        let mut report = |message: String| {
            found.push(
                error("lock-changed", message)
                    .at(&place.module, place.span)
                    .about("grant", grant)
                    .help("look at it, then run `bailiwick lock` to accept it"),
            );
        };
        for (tool, hash) in &expansion.tools {
            match accepted.tools.get(tool) {
                None => report(format!("the tool `{tool}` is newly matched by the grant `{grant}`")),
                Some(known) if known != hash => {
                    report(format!("the tool `{tool}`, matched by the grant `{grant}`, has changed"))
                }
                Some(_) => {}
            }
        }
        for class in expansion.data.difference(&accepted.data) {
            report(format!("the data class `{class}` is newly matched by the grant `{grant}`"));
        }
        for agent in expansion.agents.difference(&accepted.agents) {
            report(format!("the agent `{agent}` is newly matched by the grant `{grant}`"));
        }
    }
    found
}

/// What the open sets of one grant match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Matched {
    /// The operations; the lock speaks of their tools.
    pub ops: OpSet,
    /// The data classes.
    pub data: ClassSet,
    /// The agents that may act by delegation.
    pub agents: AgentSet,
}

/// The hashes of a model's tools, each made when it is first asked for.
#[derive(Debug)]
pub(crate) struct Signatures(Vec<OnceLock<Str>>);

impl Signatures {
    /// Those of a model's tools.
    pub fn of(model: &Model) -> Self {
        Self(model.tools.iter().map(|_| OnceLock::new()).collect())
    }

    /// What the lock says of a grant whose open sets match that, in the model that the signatures are of.
    pub fn expansion(&self, model: &Model, matched: &Matched) -> Expansion {
        let tools: BTreeSet<ToolId> = matched.ops.iter().map(|op| model.op(op).tool).collect();
        let hash = |tool: ToolId| self.0[tool.index()].get_or_init(|| signature(model, tool)).clone();
        Expansion {
            tools: tools.into_iter().map(|tool| (model.tool(tool).name.clone(), hash(tool))).collect(),
            data: matched.data.iter().map(|class| model.class(class).name.clone()).collect(),
            agents: matched.agents.iter().map(|agent| model.agent(agent).name.clone()).collect(),
        }
    }
}

/// The hash of a tool's signature: its arguments, and of each operation its effect, data, reach,
/// tags and bindings. Everything in it goes by name, so that other declarations do not matter.
fn signature(model: &Model, id: ToolId) -> Str {
    let tool = model.tool(id);
    let names = |set: &ClassSet| set.iter().map(|class| &model.class(class).name).collect::<Vec<_>>();
    let ops: Vec<_> = model
        .ops_of(id)
        .map(|op| {
            let op = model.op(op);
            serde_json::json!({
                "variant": op.variant,
                "effect": op.effect,
                "irreversible": op.irreversible,
                "reads": names(&op.reads),
                "writes": names(&op.writes),
                "ingests": op.ingests_untrusted,
                "reaches": op.reaches_external,
                "tags": op.tags,
                "bindings": op.bindings,
            })
        })
        .collect();
    let selector = tool.variant.as_ref().map(|variants| &variants.arg);
    let text = serde_json::json!({ "args": tool.args, "selector": selector, "operations": ops }).to_string();
    let digest = Sha256::digest(text.as_bytes());
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "lock-changed",
        "what a glob, tag or attribute in a grant stands for is new, or has changed, since the lock file was written",
        "a tool that somebody adds later would be granted without anybody having said so",
        "# with a `bailiwick.lock` that was written before `mail.send` was declared\ngrant g { to a for p  allow mail.* }\n",
        "look at what is new, then run `bailiwick lock`",
    ),
    Explanation::error(
        "not-locked",
        "grants choose by globs, tags or attributes, and the project has no lock file",
        "tools that appear later are granted as soon as they match",
        "purpose p { \"Work.\" }\nperson alice { email \"alice@acme.example\" }\nagent a { owner alice }\ntool mail.read { effect read  touches nothing }\ngrant g { to a for p  allow mail.* }\n",
        "run `bailiwick lock` and commit the file",
    )
    .severity(Severity::Note),
    Explanation::error(
        "bad-lock",
        "the lock file cannot be read",
        "nothing may be taken as accepted that nobody can read",
        "# a `bailiwick.lock` with conflict markers in it\n",
        "write it anew with `bailiwick lock`, and look at what changed",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut lock = Lock::default();
        let mut expansion = Expansion::default();
        expansion.tools.insert("a.b".into(), "00ff".into());
        expansion.agents.insert("x".into());
        lock.grants.insert("g.1".into(), expansion.into());
        let data = Expansion { data: BTreeSet::from(["d".into()]), ..Default::default() };
        lock.grants.insert("h".into(), data.into());
        assert_eq!(parse(&write(&lock)), Ok(lock));
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for bad in [
            "",
            "version = 2",
            "version = 1\n<<<<",
            "version = 1\ngrants = 1",
            "version = 1\n[grants.g]\ntools = [\"a\"]",
            "version = 1\n[grants.g]\nagent = [\"a\"]",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
