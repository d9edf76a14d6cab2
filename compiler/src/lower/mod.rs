//! Tree to model, a declaration at a time.
//!
//! [`read`] reads one declaration against the facts. [`file::contents`] does so for a file and
//! remembers what it read, so editing a grant reads that grant again and nothing else. A
//! declaration with an error is left out of the model: the project then has an error, and nothing
//! is decided, built or proved from it.

mod action;
mod binding;
mod bound;
mod combination;
mod condition;
pub(crate) mod estate;
mod file;
mod identity;
mod needs;
mod proof;
mod rule;
mod scope;
mod sets;
mod standard;
mod test;
mod tool;
mod waiver;
mod zoned;

pub(crate) use scope::{Lowered, Reported, Scope, list};
pub use waiver::unknown_findings;

use crate::db::{Compiled, Db, Project};
use crate::diagnostic::{Diagnostic, Explanation};
use crate::lock::{self, Expansion, Signatures};
use crate::model::*;
use crate::resolve::modules::modules;
use crate::resolve::names::{Names, duplicates, names};
use crate::resolve::{DeclKey, Node};
use bailiwick_grammar::ast::DeclKind;
use file::Against;
use rule::Head;
use std::sync::Arc;

/// What is said of a row of the estate with conditions on tools.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Needed {
    ByPurpose(Needs),
    Held(Needs),
}

/// What a declaration is in the model.
#[derive(Clone, Debug)]
enum Item {
    Needed(Needed),
    Grant(Arc<Grant>),
    Forbid(Arc<Forbid>),
    Ceiling(Arc<Ceiling>),
    Combination(Arc<Combination>),
    Standard(Arc<Standard>),
    Waiver(Arc<Waiver>),
    Test(Arc<Test>),
    Proof(Arc<Proof>),
    /// It has an error, or is part of the estate.
    Nothing,
}

/// What a declaration is, what is wrong with it, what its open sets stand for, and whether a
/// zoned time was expanded for it.
#[derive(Clone, Debug)]
struct Reading {
    item: Item,
    diagnostics: Vec<Arc<Diagnostic>>,
    expansion: Option<Arc<Expansion>>,
    zoned: bool,
}

fn held(holds: Option<Needs>) -> Item {
    holds.map_or(Item::Nothing, |holds| Item::Needed(Needed::Held(holds)))
}

/// Reads one declaration.
fn read(against: &Against, key: &DeclKey, node: &Node) -> Reading {
    let ground = &against.ground;
    let origin = node.origin();
    let mut scope = Scope::new(&ground.facts, &ground.names, &against.visible, &origin.module);
    scope.subject = waiver::subject_of(key.kind, &key.name);
    let description = node.decl().description.as_ref().map(|text| text.node.clone());
    let head = Head { name: &key.name, name_span: node.name_span(), origin: origin.clone() };
    let item = match &node.decl().kind {
        DeclKind::Purpose(_, items) => Ok(Item::Needed(Needed::ByPurpose(scope.purpose_needs(items)))),
        DeclKind::Person(_, items) => Ok(held(scope.person_holds(items))),
        DeclKind::Team(_, items) => Ok(held(scope.team_holds(items))),
        DeclKind::Grant(_, items) => {
            scope.grant(&head, items, against.ttl).map(|grant| Item::Grant(Arc::new(grant)))
        }
        DeclKind::Forbid(_, items) => scope.forbid(&head, items).map(|forbid| Item::Forbid(Arc::new(forbid))),
        DeclKind::Ceiling(_, items) => {
            scope.ceiling(&head, items).map(|ceiling| Item::Ceiling(Arc::new(ceiling)))
        }
        DeclKind::Separate(_, within, items) => scope
            .combination(&head, description, within.node, true, items)
            .map(|rule| Item::Combination(Arc::new(rule))),
        DeclKind::Toxic(_, within, items) => scope
            .combination(&head, description, within.node, false, items)
            .map(|rule| Item::Combination(Arc::new(rule))),
        DeclKind::Standard(_, items) => {
            scope.standard(&head, description, items).map(|rule| Item::Standard(Arc::new(rule)))
        }
        DeclKind::Waive { finding, subject_kind, subject, items } => scope
            .waiver(&head, finding, subject_kind, subject, items)
            .map(|waiver| Item::Waiver(Arc::new(waiver))),
        DeclKind::Test(title, items) => {
            scope.test(title, origin.clone(), items).map(|test| Item::Test(Arc::new(test)))
        }
        DeclKind::Prove(title, properties) => {
            scope.proof(title, origin.clone(), properties).map(|proof| Item::Proof(Arc::new(proof)))
        }
        DeclKind::Use(_)
        | DeclKind::Session(_)
        | DeclKind::Agent(..)
        | DeclKind::Data(..)
        | DeclKind::Tool(..) => Ok(Item::Nothing),
    };
    let item = match item {
        Ok(item) if !scope.failed() => item,
        Ok(_) | Err(Reported) => Item::Nothing,
    };
    let matched = scope.matched;
    let expansion =
        (matched != Default::default()).then(|| ground.signatures.expansion(&ground.facts, &matched));
    let zoned = matches!(&item, Item::Grant(grant) if is_zoned(grant));
    let diagnostics = scope.diagnostics.into_iter().map(Arc::new).collect();
    Reading { item, diagnostics, expansion: expansion.map(Arc::new), zoned }
}

/// What every declaration is read against. One query, so that each has one thing to look at
/// after an edit elsewhere.
#[derive(Debug)]
struct Ground {
    facts: Arc<Model>,
    names: Arc<Names>,
    signatures: Signatures,
}

impl PartialEq for Ground {
    fn eq(&self, other: &Self) -> bool {
        self.facts == other.facts && self.names == other.names // signatures are made of facts
    }
}
impl Eq for Ground {}

#[salsa::tracked(returns(clone))]
fn ground(db: &dyn Db, project: Project) -> Arc<Ground> {
    let facts = estate::facts(db, project);
    let signatures = Signatures::of(&facts);
    Arc::new(Ground { facts, names: names(db, project), signatures })
}

/// Asks for what [`assemble`] is going to ask for, from the other end.
pub(crate) fn meet(db: &dyn Db, project: Project) {
    for file in project.files(db) {
        crate::db::parse(db, *file);
    }
    for file in modules(db, project).files.values().rev() {
        file::contents(db, project, *file);
    }
}

/// Puts a project together.
pub(crate) fn assemble(db: &dyn Db, project: Project) -> Compiled {
    let modules = modules(db, project);
    let estate = estate::estate(db, project);
    let mut diagnostics = modules.diagnostics.clone();
    for file in modules.files.values() {
        diagnostics.extend(crate::syntax::errors(db, *file));
    }
    diagnostics.extend(duplicates(db, project));
    diagnostics.extend(estate.diagnostics.iter().cloned());
    let incomplete = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let mut diagnostics: Vec<Arc<Diagnostic>> = diagnostics.into_iter().map(Arc::new).collect();
    let mut model = (*file::completed(db, project)).clone();
    let mut open = Vec::new();
    let mut zoned = false;
    // By module: grants and forbids, which are in order within theirs, are in order.
    for file in modules.files.values() {
        let contents = file::contents(db, project, *file);
        model.grants.extend_from_slice(&contents.grants);
        model.forbids.extend_from_slice(&contents.forbids);
        model.ceilings.extend_from_slice(&contents.ceilings);
        model.combinations.extend_from_slice(&contents.combinations);
        model.standards.extend_from_slice(&contents.standards);
        model.waivers.extend_from_slice(&contents.waivers);
        model.tests.extend_from_slice(&contents.tests);
        model.proofs.extend_from_slice(&contents.proofs);
        open.extend_from_slice(&contents.open);
        diagnostics.extend_from_slice(&contents.diagnostics);
        zoned |= contents.zoned;
    }
    model.ceilings.sort_by(|a, b| a.name.cmp(&b.name));
    model.combinations.sort_by(|a, b| (&a.name, a.pairwise).cmp(&(&b.name, b.pairwise)));
    model.standards.sort_by(|a, b| a.name.cmp(&b.name));
    suspend(&mut model);
    if zoned {
        model.zones = Some(zoned::version().into());
    }
    if incomplete {
        // What a set matches is not known while what is broken is left out.
        diagnostics.retain(|diagnostic| diagnostic.code != sets::MATCHES_NOTHING);
    }
    diagnostics.extend(lock::changes(&open, project.lock(db).as_deref()).into_iter().map(Arc::new));
    diagnostics.sort_by(|a, b| (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message)));
    diagnostics.dedup();
    Compiled { model: Arc::new(model), diagnostics: Arc::new(diagnostics), open: Arc::new(open) }
}

/// A suspended agent is a forbid on everything, anywhere in a chain.
fn suspend(model: &mut Model) {
    let everything = OpSet::all(model.ops.len());
    let suspensions: Vec<_> = (model.agents.iter().enumerate())
        .filter_map(|(at, agent)| {
            let because = agent.suspended.clone()?;
            Some(Arc::new(Forbid {
                name: agent.name.clone(),
                origin: agent.origin.clone(),
                suspension: true,
                agents: AgentSet::only(AgentId::at(at)),
                ops: everything.clone(),
                meets: None,
                when: Cond::TRUE,
                because: Some(because),
                open: false,
            }))
        })
        .collect();
    model.forbids.extend(suspensions);
}

/// Whether a zoned time was expanded for the grant.
fn is_zoned(grant: &Grant) -> bool {
    let lines = grant.lines.iter().map(|line| &line.cond);
    let only = grant.delegates.iter().filter_map(|clause| clause.only.as_ref());
    let only = only.flat_map(|only| only.lines.iter().map(|line| &line.cond));
    let approvals = grant.approvals.iter().map(|approval| &approval.demanded);
    [&grant.when]
        .into_iter()
        .chain(lines)
        .chain(only)
        .chain(approvals)
        .flat_map(Cond::literals)
        .any(|literal| matches!(literal.atom, Atom::During(_)))
}

/// The documentation of what is raised here.
pub(crate) fn explanations() -> impl Iterator<Item = Explanation> {
    [
        action::EXPLANATIONS,
        binding::EXPLANATIONS,
        combination::EXPLANATIONS,
        condition::EXPLANATIONS,
        condition::attribute::EXPLANATIONS,
        condition::compare::EXPLANATIONS,
        condition::text::EXPLANATIONS,
        estate::EXPLANATIONS,
        estate::class::EXPLANATIONS,
        estate::lines::EXPLANATIONS,
        identity::EXPLANATIONS,
        rule::EXPLANATIONS,
        scope::EXPLANATIONS,
        sets::EXPLANATIONS,
        standard::EXPLANATIONS,
        test::EXPLANATIONS,
        tool::EXPLANATIONS,
        waiver::EXPLANATIONS,
        zoned::EXPLANATIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
