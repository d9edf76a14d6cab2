//! A role's folder: what each file in it is for.
//!
//! `policy-N.json`, `inline.json`, `suspended.json` and `revoked.json` are attached to the role, and
//! `boundary.json` bounds it. `trust.json` says who may take it and `session.json` what its sessions
//! are issued with: those allow no call, but are held to the agents whose role it is. A session policy
//! only takes away. A wrapper must be what the files beside it make.

use super::document::Document;
use super::issue::{parameters, trusted};
use super::lift::Holder;
use crate::model::*;
use crate::targets::iam::approval;
use crate::targets::iam::role::{Role, attached};
use crate::targets::iam::session_policy;
use crate::targets::iam::wrap;
use crate::targets::reading::{Reading, Unread};
use std::collections::BTreeMap;

/// A document, and the file that it is in.
pub type InFile<'a> = (&'a str, Document);

/// What is attached to a role.
#[derive(Default)]
pub struct Folder<'a> {
    /// Its policies.
    pub identity: Vec<InFile<'a>>,
    /// Its boundary, when it has one.
    pub boundary: Vec<InFile<'a>>,
}

/// Reads every folder.
pub fn folders<'a>(
    model: &Model,
    files: &'a BTreeMap<String, String>,
    holders: &[Holder],
    reading: &mut Reading,
) -> BTreeMap<&'a str, Folder<'a>> {
    let mut by_folder: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for (path, text) in files {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        by_folder.entry(folder).or_default().insert(name, text);
    }
    let mut folders: BTreeMap<&str, Folder> = BTreeMap::new();
    for path in files.keys() {
        let (at, name) = path.rsplit_once('/').unwrap_or(("", path));
        let inside = &by_folder[at];
        let text = inside[name];
        let of_role: Vec<&Holder> = holders.iter().filter(|holder| holder.folder() == at).collect();
        let role = of_role.first().and_then(|holder| Role::of(&holder.role));
        let mut unread = |what: String| reading.unread.push(Unread { file: path.clone(), what });
        let mut document = |document: Document| {
            document.unread.iter().for_each(|what| unread(what.clone()));
            document
        };
        let wrapper = Wrapper::ALL.into_iter().find(|wrapper| wrap::file(*wrapper) == name);
        let folder = folders.entry(at).or_default();
        let wrong = match (name, &role, wrapper) {
            ("boundary.json", ..) => {
                folder.boundary.push((path, document(Document::read(text))));
                Vec::new()
            }
            (name, ..) if attached(name).is_some() => {
                folder.identity.push((path, document(Document::read(text))));
                Vec::new()
            }
            ("trust.json", Some(role), _) => {
                let agents: Vec<_> = of_role.iter().map(|holder| (holder.agent, &holder.purposes)).collect();
                let attached = inside.iter().filter(|(name, _)| attached(name).is_some());
                let asks = attached.into_iter().any(|(_, text)| asks_for_approvals(model, text));
                trusted(model, role, &agents, &document(Document::read_trust(text)), asks)
            }
            ("session.json", Some(role), _) => {
                let agents = of_role.iter().map(|holder| (holder.agent, &holder.purposes));
                parameters(model, role, agents, text).unwrap_or_else(|what| {
                    unread(what);
                    Vec::new()
                })
            }
            // A session may do what the policies beside it allow, whatever this one allows besides.
            (session_policy::FILE, ..) => Vec::new(),
            ("trust.json" | "session.json", None, _) => {
                vec!["the role is no agent's".to_string()]
            }
            (_, Some(role), Some(wrapper)) => {
                let others = inside.iter().filter(|(other, _)| {
                    !Wrapper::ALL.into_iter().any(|wrapper| wrap::file(wrapper) == **other)
                });
                let others = others.map(|(name, text)| (*name, *text)).collect();
                if wrap::wrap(wrapper, role, &others).as_deref() != Some(text) {
                    unread("it is not what the documents beside it make".to_string());
                }
                Vec::new()
            }
            _ => {
                unread("nobody knows what this file is for".to_string());
                Vec::new()
            }
        };
        let stray = |what| Unread { file: path.clone(), what };
        reading.strays.extend(wrong.into_iter().map(stray));
    }
    // a grant's `ttl` and purpose are kept by how sessions are issued, and by nothing in a policy
    for (at, inside) in &by_folder {
        let issued =
            inside.contains_key("session.json") || !holders.iter().any(|holder| holder.folder() == *at);
        if !issued && inside.keys().any(|name| *name == "inline.json" || name.starts_with("policy-")) {
            let file = format!("{at}/session.json");
            let what = "it is not there: nothing says how long the role's sessions last".to_string();
            reading.unread.push(Unread { file, what });
        }
    }
    folders
}

/// Whether a policy asks the session's tags for an approval.
fn asks_for_approvals(model: &Model, text: &str) -> bool {
    let document = Document::read(text);
    let mut tests = document.statements.iter().flat_map(|statement| &statement.tests);
    tests.any(|test| approval::of_key(model, &test.key).is_some())
}
