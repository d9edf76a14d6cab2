//! Reads Cedar policies back: text to tree (`lex`, `parse`, `tree`), tree to predicates (`lift`), and
//! tree to the answers that Cedar gives ([`evaluate`]).
//!
//! Policies are read as the engine reads them, whoever wrote them: hand edits are understood as
//! far as they speak of requests, and what is not understood is said. The schema, the entities and
//! the index decide which requests reach a policy and what a group of actions is; they have to be
//! those that this compiler writes for the model. What `revoke` writes is read beside every root's.

pub mod evaluate;
mod lex;
mod lift;
mod parse;
mod tree;

use super::groups::Groups;
use super::revoke::revoked;
use super::{Cedar, FRAME, file, frame};
use crate::model::*;
use crate::targets::reading::{Predicate, ReadRule, Reading, Unread};
use lift::{Calls, Words, all};
use std::collections::{BTreeMap, BTreeSet};
use tree::{Expr, Policy, Scope, Uid};

/// What the files of a deployment say.
pub(super) fn read(shape: Cedar, model: &Model, files: &BTreeMap<String, String>) -> Reading {
    let mut reading = Reading::default();
    let groups = Groups::new(model);
    let words = Words::new(shape, model, &groups);
    for (path, _) in
        frame(shape, model, &groups).iter().filter(|(path, text)| files.get(*path) != Some(*text))
    {
        let what = "this is not what is written for this project, and what policies mean rests on it";
        reading.unread.push(Unread { file: path.clone(), what: what.into() });
    }
    let roots: BTreeMap<String, AgentId> =
        model.agents.iter().enumerate().map(|(at, agent)| (file(&agent.name), AgentId::at(at))).collect();
    let revocations: BTreeSet<String> = model.agents.iter().map(|agent| revoked(&agent.name)).collect();
    // an enforcement point finds no file where the index names one: nothing is allowed there
    for (path, text) in files.iter().filter(|(path, _)| !FRAME.contains(&path.as_str())) {
        let root = roots.get(path).copied();
        if root.is_none() && !revocations.contains(path) {
            reading.unread.push(Unread { file: path.clone(), what: "no build writes this file".into() });
            continue;
        }
        match parse::policies(text) {
            Ok(policies) => policies.iter().for_each(|policy| rule(&words, path, root, policy, &mut reading)),
            Err(what) => reading.unread.push(Unread { file: path.clone(), what }),
        }
    }
    reading
}

/// Adds what one policy says.
fn rule(words: &Words, path: &str, root: Option<AgentId>, policy: &Policy, reading: &mut Reading) {
    let note = |key: &str| policy.annotations.iter().find(|(name, _)| name == key).map(|(_, text)| text);
    let id = note("id").cloned().unwrap_or_else(|| format!("line {}", policy.line));
    let from = words.declaration(note);
    for ops in alike(words, policy) {
        match holds(&Calls { words, ops }, policy) {
            Ok(says) => {
                // a file is loaded for its root: a denial in it protects nobody else's requests; what is
                // revoked is loaded for every one
                let only = root.filter(|_| !policy.permits).map(|root| Predicate::Root(AgentSet::only(root)));
                let holds = all(only.into_iter().chain([says]));
                let rule = ReadRule { file: path.to_owned(), id: id.clone(), from, part: 0, holds };
                if policy.permits { reading.permits.push(rule) } else { reading.denials.push(rule) }
            }
            Err(what) => {
                let what = format!("policy `{id}` in line {}: {what}", policy.line);
                reading.unread.push(Unread { file: path.to_owned(), what });
            }
        }
    }
}

/// When a policy applies: all of its head and clauses are true, none errs.
fn holds(calls: &Calls, policy: &Policy) -> Result<Predicate, String> {
    let words = calls.words;
    let mut parts = vec![Predicate::Op(calls.ops.clone())];
    let agents = |uids: &[Uid]| {
        let uids = uids.iter().map(|uid| Expr::Entity(uid.clone())).collect();
        calls.truth(&Expr::Binary(
            tree::Binary::In,
            Box::new(Expr::Var("principal")),
            Box::new(Expr::Set(uids)),
        ))
    };
    parts.push(match &policy.principal {
        Scope::Any => Predicate::TRUE,
        Scope::Is(uid) => agents(std::slice::from_ref(uid))?.holds,
        Scope::In(uids) => agents(uids)?.holds,
        Scope::Type(kind, of) => {
            let kind = calls.truth(&Expr::Is(Box::new(Expr::Var("principal")), kind.clone(), None))?.holds;
            let of = of.as_ref().map(|uid| agents(std::slice::from_ref(uid))).transpose()?;
            all([kind].into_iter().chain(of.map(|truth| truth.holds)))
        }
    });
    parts.push(match &policy.resource {
        Scope::Any => Predicate::TRUE,
        Scope::Is(uid) => Predicate::Op(words.tools(std::slice::from_ref(uid))),
        Scope::In(uids) => Predicate::Op(words.tools(uids)),
        Scope::Type(kind, of) => {
            let kind = calls.truth(&Expr::Is(Box::new(Expr::Var("resource")), kind.clone(), None))?.holds;
            let of = of.as_ref().map(|uid| Predicate::Op(words.tools(std::slice::from_ref(uid))));
            all([kind].into_iter().chain(of))
        }
    });
    for (when, clause) in &policy.clauses {
        let truth = calls.truth(clause)?;
        parts.push(match when {
            true => truth.holds,
            false => all([truth.holds, truth.errs].map(|part| match part == Predicate::FALSE {
                true => Predicate::TRUE,
                false => part.negate(),
            })),
        });
    }
    Ok(all(parts))
}

/// The operations that a policy's head names, grouped by the types of the arguments that its
/// clauses name.
fn alike(words: &Words, policy: &Policy) -> Vec<OpSet> {
    let model = words.model;
    let every = OpSet::all(model.ops.len());
    let ops = match &policy.action {
        Scope::Any | Scope::Type(_, None) => every,
        // a policy about exactly a group is about no call
        Scope::Is(uid) => words.action(uid).into_iter().collect(),
        Scope::In(uids) => words.actions(uids),
        Scope::Type(_, Some(uid)) => words.actions(std::slice::from_ref(uid)),
    };
    let mut names = BTreeSet::new();
    policy.clauses.iter().for_each(|(_, clause)| arguments(words.shape.args(), clause, &mut names));
    let mut groups: BTreeMap<Vec<Option<(&Type, bool)>>, OpSet> = BTreeMap::new();
    for op in ops.iter() {
        let args = &model.tool(model.op(op).tool).args;
        let kinds = names.iter().map(|name| {
            let arg = args.get(*name)?;
            Some((&arg.ty, matches!(arg.source, ArgSource::Required | ArgSource::Default(_))))
        });
        groups.entry(kinds.collect()).or_default().insert(op);
    }
    groups.into_values().collect()
}

/// The names of arguments in an expression: of fields of the context's field `args`.
fn arguments<'e>(args: &str, expr: &'e Expr, names: &mut BTreeSet<&'e str>) {
    let is_args =
        |of: &Expr| matches!(of, Expr::Get(of, name) if **of == Expr::Var("context") && name == args);
    match expr {
        Expr::Get(of, name) => {
            if is_args(of) {
                names.insert(name);
            }
            arguments(args, of, names);
        }
        Expr::Has(of, path) => {
            if is_args(of) {
                names.extend(path.first().map(String::as_str));
            }
            arguments(args, of, names);
        }
        Expr::Set(parts) | Expr::And(parts) | Expr::Or(parts) | Expr::Call(_, parts) => {
            parts.iter().for_each(|part| arguments(args, part, names));
        }
        Expr::Record(fields) => fields.iter().for_each(|(_, part)| arguments(args, part, names)),
        Expr::Not(of) | Expr::Negative(of) | Expr::Like(of, _) | Expr::Is(of, _, None) => {
            arguments(args, of, names);
        }
        Expr::Binary(_, left, right) | Expr::Is(left, _, Some(right)) => {
            arguments(args, left, names);
            arguments(args, right, names);
        }
        Expr::If(parts) => parts.iter().for_each(|part| arguments(args, part, names)),
        Expr::Method(of, _, parts) => {
            arguments(args, of, names);
            parts.iter().for_each(|part| arguments(args, part, names));
        }
        Expr::Bool(_) | Expr::Long(_) | Expr::Text(_) | Expr::Entity(_) | Expr::Var(_) => {}
    }
}
