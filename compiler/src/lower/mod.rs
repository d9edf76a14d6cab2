//! Tree to model, a declaration at a time.
//!
//! [`lowered`] reads one declaration against the facts; it is a query, so editing a grant reads
//! that grant again and nothing else. A declaration with an error is left out of the model: the
//! project then has an error, and nothing is decided, built or proved from it.

mod action;
mod binding;
mod bound;
mod combination;
mod condition;
pub(crate) mod estate;
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
use crate::resolve::modules::{modules, visible};
use crate::resolve::names::{Names, declared, duplicates, names};
use crate::resolve::{DeclKey, Kind, node};
use bailiwick_grammar::ast::DeclKind;
use rule::Head;
use std::sync::Arc;

/// What a declaration is in the model.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Needs(Needs),
    Holds(Option<Needs>),
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
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    item: Item,
    diagnostics: Vec<Diagnostic>,
    expansion: Option<Arc<Expansion>>,
    zoned: bool,
}

/// Reads one declaration.
#[salsa::tracked(returns(ref))]
fn lowered<'db>(db: &'db dyn Db, project: Project, key: DeclKey<'db>) -> Reading {
    let ground = ground(db, project);
    let visible = visible(db, project, key.file(db));
    let nothing = || Reading { item: Item::Nothing, diagnostics: Vec::new(), expansion: None, zoned: false };
    let Some(node) = node(db, key) else { return nothing() };
    let origin = node.origin();
    let mut scope = Scope::new(&ground.facts, &ground.names, &visible, &origin.module);
    scope.subject = waiver::subject_of(key.kind(db), key.name(db));
    let description = node.decl().description.as_ref().map(|text| text.node.clone());
    let head = Head { name: key.name(db), name_span: node.name_span(), origin: origin.clone() };
    let item = match &node.decl().kind {
        DeclKind::Purpose(_, items) => Ok(Item::Needs(scope.purpose_needs(items))),
        DeclKind::Person(_, items) => Ok(Item::Holds(scope.person_holds(items))),
        DeclKind::Team(_, items) => Ok(Item::Holds(scope.team_holds(items))),
        DeclKind::Grant(_, items) => {
            let ttl = project.manifest(db).ttl;
            scope.grant(&head, items, ttl).map(|grant| Item::Grant(Arc::new(grant)))
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
        | DeclKind::Tool(..) => {
            return nothing();
        }
    };
    let item = match item {
        Ok(item) if !scope.failed() => item,
        Ok(_) | Err(Reported) => Item::Nothing,
    };
    let matched = scope.matched;
    let expansion =
        (matched != Default::default()).then(|| ground.signatures.expansion(&ground.facts, &matched));
    let zoned = matches!(&item, Item::Grant(grant) if is_zoned(grant));
    Reading { item, diagnostics: scope.diagnostics, expansion: expansion.map(Arc::new), zoned }
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

/// Asks for what [`assemble`] is going to ask for, from the other end: that reads the files last
/// first and then the declarations first to last.
pub(crate) fn meet(db: &dyn Db, project: Project) {
    for file in project.files(db) {
        crate::db::parse(db, *file);
    }
    for key in declared(db, project).iter().rev().filter(|key| !is_estate(key.kind(db))) {
        lowered(db, project, *key);
    }
}

/// Whether declarations of the kind are read together, as the estate.
fn is_estate(kind: Kind) -> bool {
    match kind {
        Kind::Session | Kind::Agent | Kind::Data | Kind::Tool => true,
        Kind::Principal
        | Kind::Purpose
        | Kind::Grant
        | Kind::Forbid
        | Kind::Ceiling
        | Kind::Separate
        | Kind::Toxic
        | Kind::Standard
        | Kind::Waive
        | Kind::Test
        | Kind::Prove => false,
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
    let mut model = (*estate.model).clone();
    let mut open = Vec::new();
    let mut zoned = false;
    for key in declared(db, project).iter().filter(|key| !is_estate(key.kind(db))) {
        let result = lowered(db, project, *key);
        diagnostics.extend(result.diagnostics.iter().cloned());
        zoned |= result.zoned;
        let name = key.name(db);
        match &result.item {
            Item::Needs(needs) => {
                if let Some(purpose) = model.purpose_named(name) {
                    Arc::make_mut(&mut model.purposes[purpose.index()]).needs = needs.clone();
                }
            }
            Item::Holds(holds) => {
                if let (Some(who), Some(_)) = (model.principal_named(name), holds) {
                    Arc::make_mut(&mut model.principals[who.index()]).holds = holds.clone();
                }
            }
            Item::Grant(grant) => {
                if let Some(expansion) = &result.expansion {
                    open.push((grant.clone(), expansion.clone()));
                }
                model.grants.push(grant.clone());
            }
            Item::Forbid(forbid) => model.forbids.push(forbid.clone()),
            Item::Ceiling(ceiling) => model.ceilings.push(ceiling.clone()),
            Item::Combination(rule) => model.combinations.push(rule.clone()),
            Item::Standard(standard) => model.standards.push(standard.clone()),
            Item::Waiver(waiver) => model.waivers.push(waiver.clone()),
            Item::Test(test) => model.tests.push(test.clone()),
            Item::Proof(proof) => model.proofs.push(proof.clone()),
            Item::Nothing => {}
        }
    }
    model.grants.sort_by(|a, b| (&a.origin.module, &a.name).cmp(&(&b.origin.module, &b.name)));
    model.forbids.sort_by(|a, b| (&a.origin.module, &a.name).cmp(&(&b.origin.module, &b.name)));
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
    diagnostics.extend(lock::changes(&open, project.lock(db).as_deref()));
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
