//! A file's declarations as they are in the model, and what is remembered of them.
//!
//! A project's files are read a query each: one for each declaration would ask, after every edit,
//! ten thousand of them whether they are what they were. Within a file each declaration is looked
//! up among those that were read before it was edited; one that says the same against the same
//! ground is not read again, but moved to where it stands now.

use super::{Ground, Item, Needed, Reading, estate, ground, read};
use crate::cell::Cell;
use crate::db::{Db, Project, SourceFile};
use crate::diagnostic::Diagnostic;
use crate::lock::Open;
use crate::model::*;
use crate::resolve::modules::{modules, visible};
use crate::resolve::names::taken;
use crate::resolve::{DeclKey, Node, declarations, nodes};
use bailiwick_grammar::Span;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a file adds to the model, and what is wrong with it; rules that go by name in its order.
#[derive(Debug, Default)]
pub(super) struct Contents {
    needs: Arc<Vec<(Str, Needed)>>,
    pub grants: Vec<Arc<Grant>>,
    pub forbids: Vec<Arc<Forbid>>,
    pub ceilings: Vec<Arc<Ceiling>>,
    pub combinations: Vec<Arc<Combination>>,
    pub standards: Vec<Arc<Standard>>,
    pub waivers: Vec<Arc<Waiver>>,
    pub tests: Vec<Arc<Test>>,
    pub proofs: Vec<Arc<Proof>>,
    pub open: Vec<Open>,
    pub zoned: bool,
    pub diagnostics: Vec<Arc<Diagnostic>>,
}

/// Reads what stands in a file, but for the estate.
#[salsa::tracked(returns(clone), no_eq)]
pub(super) fn contents(db: &dyn Db, project: Project, file: SourceFile) -> Arc<Contents> {
    let against = Against {
        ground: ground(db, project),
        visible: visible(db, project, file),
        ttl: project.manifest(db).ttl,
    };
    let (keys, taken, nodes) = (declarations(db, file), taken(db, project), nodes(db, file));
    let memory = memory(db, project, file);
    // No query is asked from here on: an edit interrupts queries, and what is taken out comes back.
    let mut before = memory.open();
    let known = before.take().filter(|known| known.against.is(&against));
    let mut readings = HashMap::new();
    let mut contents = Contents::default();
    for (at, node) in nodes.enumerate() {
        let key = &keys[at];
        if taken.contains_key(&(file, at)) {
            continue;
        }
        let again = known.as_ref().and_then(|known| known.again(key, &node));
        let reading = again.unwrap_or_else(|| read(&against, key, &node));
        contents.add(&key.name, &reading);
        readings.insert(key.clone(), (node, reading));
    }
    contents.grants.sort_by(|a, b| a.name.cmp(&b.name));
    contents.forbids.sort_by(|a, b| a.name.cmp(&b.name));
    *before = Some(Known { against, readings });
    Arc::new(contents)
}

/// The part of a file's contents that completes the estate.
#[salsa::tracked(returns(clone))]
fn needs(db: &dyn Db, project: Project, file: SourceFile) -> Arc<Vec<(Str, Needed)>> {
    contents(db, project, file).needs.clone()
}

/// The estate with what purposes need and owners hold. It is a query, so that its rows stay the
/// very same values while others are edited.
#[salsa::tracked(returns(clone))]
pub(super) fn completed(db: &dyn Db, project: Project) -> Arc<Model> {
    let mut model = (*estate::estate(db, project).model).clone();
    for file in modules(db, project).files.values() {
        for (name, needed) in needs(db, project, *file).iter() {
            match needed {
                Needed::ByPurpose(needs) => {
                    if let Some(purpose) = model.purpose_named(name) {
                        Arc::make_mut(&mut model.purposes[purpose.index()]).needs = needs.clone();
                    }
                }
                Needed::Held(holds) => {
                    if let Some(who) = model.principal_named(name) {
                        Arc::make_mut(&mut model.principals[who.index()]).holds = Some(holds.clone());
                    }
                }
            }
        }
    }
    Arc::new(model)
}

impl Contents {
    fn add(&mut self, name: &Str, reading: &Reading) {
        self.diagnostics.extend(reading.diagnostics.iter().cloned());
        self.zoned |= reading.zoned;
        match &reading.item {
            Item::Needed(needed) => Arc::make_mut(&mut self.needs).push((name.clone(), needed.clone())),
            Item::Grant(grant) => {
                self.open.extend(reading.expansion.iter().map(|now| (grant.clone(), now.clone())));
                self.grants.push(grant.clone());
            }
            Item::Forbid(forbid) => self.forbids.push(forbid.clone()),
            Item::Ceiling(ceiling) => self.ceilings.push(ceiling.clone()),
            Item::Combination(rule) => self.combinations.push(rule.clone()),
            Item::Standard(standard) => self.standards.push(standard.clone()),
            Item::Waiver(waiver) => self.waivers.push(waiver.clone()),
            Item::Test(test) => self.tests.push(test.clone()),
            Item::Proof(proof) => self.proofs.push(proof.clone()),
            Item::Nothing => {}
        }
    }
}

/// What a declaration is read against, itself apart.
pub(super) struct Against {
    pub ground: Arc<Ground>,
    /// The modules that this one sees.
    pub visible: Arc<HashSet<Str>>,
    /// How long a grant lasts that does not say it, in seconds.
    pub ttl: Option<i64>,
}

impl Against {
    fn is(&self, other: &Self) -> bool {
        // The ground is a query's value: as long as it says the same it is the same.
        Arc::ptr_eq(&self.ground, &other.ground) && self.visible == other.visible && self.ttl == other.ttl
    }
}

/// What was read of a file when it was read last.
struct Known {
    against: Against,
    readings: HashMap<DeclKey, (Node, Reading)>,
}

impl Known {
    /// What reading a declaration would give, if that is known.
    fn again(&self, key: &DeclKey, node: &Node) -> Option<Reading> {
        let (older, reading) = self.readings.get(key)?;
        if !older.says_what(node) {
            return None;
        }
        let (from, to) = (older.decl().span, node.decl().span);
        if from == to { Some(reading.clone()) } else { reading.moved(from, to) }
    }
}

/// What is remembered of a file.
#[salsa::tracked(returns(clone))]
fn memory(_db: &dyn Db, _project: Project, _file: SourceFile) -> Cell<Option<Known>> {
    Cell::default()
}

impl Reading {
    /// The reading of a declaration that stood at one place and stands at another; `None` where
    /// it must be read again.
    fn moved(&self, from: Span, to: Span) -> Option<Self> {
        let shift = |span: &mut Span| {
            span.start = span.start - from.start + to.start;
            span.end = span.end - from.start + to.start;
        };
        fn row<T: Declared>(row: &T, mut shift: impl FnMut(&mut Span)) -> Arc<T> {
            let mut row = row.clone();
            row.spans(&mut shift);
            Arc::new(row)
        }
        let item = match &self.item {
            Item::Grant(grant) => Item::Grant(row(&**grant, shift)),
            Item::Forbid(forbid) => Item::Forbid(row(&**forbid, shift)),
            Item::Ceiling(ceiling) => Item::Ceiling(row(&**ceiling, shift)),
            Item::Combination(rule) => Item::Combination(row(&**rule, shift)),
            Item::Standard(standard) => Item::Standard(row(&**standard, shift)),
            Item::Nothing => Item::Nothing,
            Item::Needed(_) | Item::Waiver(_) | Item::Test(_) | Item::Proof(_) => return None,
        };
        let diagnostic = |found: &Arc<Diagnostic>| {
            let mut found = (**found).clone();
            found.places_mut().for_each(|at| shift(&mut at.span));
            Arc::new(found)
        };
        let diagnostics = self.diagnostics.iter().map(diagnostic).collect();
        Some(Self { item, diagnostics, ..self.clone() })
    }
}
