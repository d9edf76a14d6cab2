//! What the artifacts of every role allow, as predicates over requests of the language.
//!
//! A request of the language is made with a role when its root is an agent with that identity, for a
//! purpose that the identity serves, and acts alone.

use super::calls::{Call, calls};
use super::document::{Effect, Statement};
use super::folder::{Folder, InFile, folders};
use super::predicate::{Both, all, any, not};
use super::resource::{is_covered, touched};
use super::test::{Key, says};
use crate::model::*;
use crate::targets::Source;
use crate::targets::iam::document::sources_by_name;
use crate::targets::iam::role::Role;
use crate::targets::reading::{Predicate, ReadRule, Reading, Unread};
use crate::targets::reduce::purposes_held;
use std::collections::{BTreeMap, BTreeSet};

/// Who makes requests with a role.
pub struct Holder {
    /// The role's ARN.
    pub role: Str,
    /// The agent.
    pub agent: AgentId,
    /// What for.
    pub purposes: PurposeSet,
    /// Whether the same requests may be made with another role too.
    has_others: bool,
}

impl Holder {
    /// The folder of its role; empty when it is none.
    pub fn folder(&self) -> String {
        Role::of(&self.role).map_or_else(String::new, |role| role.folder())
    }
}

/// A statement, and what it says of one part of a call.
struct Lifted<'a> {
    file: &'a str,
    statement: &'a Statement,
    says: Both,
}

/// What is said of one part of a call by the policies of one role.
struct Said<'a> {
    holder: &'a Holder,
    identity: Vec<Lifted<'a>>,
    /// The boundary's statements, when there is a boundary.
    boundary: Option<Vec<Lifted<'a>>>,
}

/// Reads the artifacts.
pub fn read(model: &Model, files: &BTreeMap<String, String>) -> Reading {
    let mut reading = Reading::default();
    let calls = calls(model);
    let holders = holders(model);
    let folders = folders(model, files, &holders, &mut reading);
    let names = sources_by_name(model);
    strays(model, &calls, &folders, &holders, &mut reading);
    for call in &calls {
        let said: Vec<Said> = holders
            .iter()
            .filter_map(|holder| {
                let folder = folders.get(holder.folder().as_str())?;
                Some(lift(model, call, holder, folder, &mut reading.unread))
            })
            .collect();
        let sure = said.iter().all(|said| {
            said.identity.iter().chain(said.boundary.iter().flatten()).all(|one| one.says.is_sure())
        });
        // Where the two senses differ, the part is asked twice: once for what may go through, once
        // for what does whatever AWS puts in.
        for some in if sure { &[true][..] } else { &[true, false] } {
            let parts = reading.parts.entry(call.op).or_default();
            let part = *parts;
            *parts += 1;
            for said in &said {
                said.write(call, *some, part, &names, &mut reading);
            }
        }
    }
    reading.unread.sort();
    reading.unread.dedup();
    reading
}

/// Every identity that is a role, with whom it stands for.
fn holders(model: &Model) -> Vec<Holder> {
    let mut holders = Vec::new();
    for ((at, agent), held) in model.agents.iter().enumerate().zip(purposes_held(model)) {
        for identity in agent.identities.iter().filter(|identity| identity.kind == IdentityKind::AwsRole) {
            let purposes = identity.purposes.clone().unwrap_or_else(|| held.clone());
            let (role, agent) = (identity.value.clone(), AgentId::at(at));
            holders.push(Holder { role, agent, purposes, has_others: false });
        }
    }
    for at in 0..holders.len() {
        let shared = holders.iter().enumerate().any(|(other, holder)| {
            let same = holder.agent == holders[at].agent && holder.role != holders[at].role;
            other != at
                && same
                && holder.purposes.iter().any(|purpose| holders[at].purposes.contains(purpose))
        });
        holders[at].has_others = shared;
    }
    holders
}

/// What a role's policies say of one part of a call.
fn lift<'a>(
    model: &Model,
    call: &Call,
    holder: &'a Holder,
    folder: &'a Folder,
    unread: &mut Vec<Unread>,
) -> Said<'a> {
    let mut list = |documents: &'a [InFile]| {
        let mut lifted = Vec::new();
        for (file, document) in documents {
            for statement in &document.statements {
                match lift_statement(model, call, &holder.role, statement) {
                    Ok(Some(says)) => lifted.push(Lifted { file, statement, says }),
                    Ok(None) => {}
                    Err(reason) => unread.push(Unread {
                        file: file.to_string(),
                        what: format!("{}: {reason}", statement.name()),
                    }),
                }
            }
        }
        lifted
    };
    let identity = list(&folder.identity);
    let boundary = (!folder.boundary.is_empty()).then(|| list(&folder.boundary));
    Said { holder, identity, boundary }
}

/// What a statement says of the call; `None` when it does not speak of its action.
pub fn lift_statement(
    model: &Model,
    call: &Call,
    role: &str,
    statement: &Statement,
) -> Result<Option<Both>, String> {
    if statement.principals.is_some() {
        return Err("a policy of a role names no principal".to_string());
    }
    let listed = statement.actions.of.iter().any(|action| action.matches(call.action));
    if listed == statement.actions.negated {
        return Ok(None);
    }
    let type_of = |attr: &Attr| call.type_of(model, attr);
    let resolve = |key: &str| match call.key(model, role, key) {
        Key::Attr(attr) => Some(attr),
        Key::Now | Key::Fixed(_) | Key::Approval(_) | Key::Absent | Key::Anything => None,
    };
    let fixed = |key: &str| match call.key(model, role, key) {
        Key::Fixed(text) => Some(text),
        Key::Attr(_) | Key::Now | Key::Approval(_) | Key::Absent | Key::Anything => None,
    };
    let mut resources = Vec::new();
    for pattern in &statement.resources.of {
        let pattern = pattern.with(fixed);
        if statement.resources.negated && pattern.variables().next().is_some() {
            return Err(format!("nobody says what `NotResource` with `{pattern}` means without a value"));
        }
        resources.push(touched(model, &call.pieces, &pattern, &type_of, &resolve)?);
    }
    let mut parts = vec![Both::any(resources)];
    if statement.resources.negated {
        parts = vec![parts.remove(0).negate()];
    }
    parts.extend(call.needs().map(|arg| Both::sure(Predicate::has(&Attr::Arg(arg.clone())))));
    for test in &statement.tests {
        let key = call.key(model, role, &test.key);
        if statement.effect == Effect::Deny && matches!(key, Key::Approval(_)) {
            return Err(format!("a session may lack `{}`, and then is not denied", test.key));
        }
        parts.push(says(model, test, &key, &type_of, &resolve)?);
    }
    Ok(Some(Both::all(parts)))
}

impl Said<'_> {
    /// Adds the rules of one part, in one sense.
    fn write(
        &self,
        call: &Call,
        some: bool,
        part: usize,
        names: &BTreeMap<String, Source>,
        reading: &mut Reading,
    ) {
        let sense = |both: &Both, some: bool| if some { both.some.clone() } else { both.every.clone() };
        let of = |list: &[Lifted], effect: Effect, some: bool| -> Vec<Predicate> {
            let list = list.iter().filter(|one| one.statement.effect == effect);
            list.map(|one| sense(&one.says, some)).collect()
        };
        let purposes = Atom::Purpose(self.holder.purposes.clone());
        let made = vec![
            Predicate::Root([self.holder.agent].into_iter().collect()),
            Predicate::atom(purposes),
            Predicate::Hops(0),
            Predicate::Op([call.op].into_iter().collect()),
        ];
        let bounded = match &self.boundary {
            Some(boundary) => any(of(boundary, Effect::Allow, some)),
            None => Predicate::TRUE,
        };
        let statements = || self.identity.iter().chain(self.boundary.iter().flatten());
        // Denials of one role do not bear on what another of the same agent allows.
        let here = if self.holder.has_others {
            let denials = statements().filter(|one| one.statement.effect == Effect::Deny);
            not(any(denials.map(|one| sense(&one.says, !some)).collect()))
        } else {
            Predicate::TRUE
        };
        let rule = |one: &Lifted, more: Vec<Predicate>, some: bool| {
            let holds = all([made.clone(), vec![sense(&one.says, some)], more].concat());
            let id = one.statement.name();
            let from = source_of(names, &id);
            (holds != Predicate::FALSE).then(|| ReadRule {
                file: one.file.to_string(),
                id,
                from,
                part,
                holds,
            })
        };
        let allows = self.identity.iter().filter(|one| one.statement.effect == Effect::Allow);
        reading.permits.extend(allows.filter_map(|one| rule(one, vec![bounded.clone(), here.clone()], some)));
        if !self.holder.has_others {
            let denials = statements().filter(|one| one.statement.effect == Effect::Deny);
            reading.denials.extend(denials.filter_map(|one| rule(one, Vec::new(), !some)));
        }
    }
}

/// The declaration that a `Sid` names: names that were taken are numbered.
fn source_of(names: &BTreeMap<String, Source>, sid: &str) -> Option<Source> {
    let base = sid.trim_end_matches(|c: char| c.is_ascii_digit());
    let unnumbered = base.strip_suffix('N').filter(|_| base.len() < sid.len());
    names.get(sid).or_else(|| names.get(unnumbered?)).copied()
}

/// What is allowed that no call of the project's tools asks for.
fn strays(
    model: &Model,
    calls: &[Call],
    folders: &BTreeMap<&str, Folder>,
    holders: &[Holder],
    reading: &mut Reading,
) {
    let mut by_action: BTreeMap<String, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        by_action.entry(call.action.to_ascii_lowercase()).or_default().push(call);
    }
    let roles: BTreeSet<String> = holders.iter().map(Holder::folder).collect();
    for (path, folder) in folders {
        for (file, document) in &folder.identity {
            for statement in document.statements.iter().filter(|one| one.effect == Effect::Allow) {
                let mut stray = |what: String| {
                    let what = format!("{}: {what}", statement.name());
                    reading.strays.push(Unread { file: file.to_string(), what });
                };
                if !roles.contains(*path) {
                    stray("the role is no agent's".to_string());
                    continue;
                }
                if statement.actions.negated || statement.resources.negated {
                    stray("what it leaves out is all that it does not allow".to_string());
                    continue;
                }
                for action in &statement.actions.of {
                    let Some(name) = action.literal() else {
                        stray(format!("`{action}` allows actions that no tool uses"));
                        continue;
                    };
                    let Some(calls) = by_action.get(&name.to_ascii_lowercase()) else {
                        stray(format!("no tool uses `{name}`"));
                        continue;
                    };
                    for resource in &statement.resources.of {
                        let covers = |call: &&Call| {
                            is_covered(model, &call.pieces, resource, &|attr| call.type_of(model, attr))
                        };
                        if !calls.iter().any(covers) {
                            stray(format!("no tool uses `{name}` on all of `{resource}`"));
                        }
                    }
                }
            }
        }
    }
    reading.strays.sort();
    reading.strays.dedup();
}
