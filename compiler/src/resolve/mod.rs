//! What is declared where, and who may speak of it.
//!
//! Positions and meanings part ways here: a [`DeclKey`] says *which* declaration (file, kind,
//! name), and stays the same while the text around it moves; a [`Node`] says what stands there
//! now. Name tables are made of keys alone, so that typing inside one declaration leaves them be.

#![allow(missing_docs)] // salsa's macros generate methods that have none

pub mod glob;
pub mod modules;
pub mod names;

use crate::db::{Db, SourceFile, parse};
use crate::model::{Origin, Str};
use bailiwick_grammar::ast::{Decl, DeclKind};
use bailiwick_grammar::{Parsed, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// The kinds of declarations. Names are unique within a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// People and teams.
    Principal,
    /// Agents.
    Agent,
    /// Data classes.
    Data,
    /// Tools.
    Tool,
    /// Purposes.
    Purpose,
    /// Grants.
    Grant,
    /// Forbids.
    Forbid,
    /// Ceilings.
    Ceiling,
    /// Separations of duties.
    Separate,
    /// Toxic combinations.
    Toxic,
    /// Standards.
    Standard,
    /// `session` blocks, without a name.
    Session,
    /// Waivers, by what they accept.
    Waive,
    /// Tests, by title.
    Test,
    /// Proofs, by title.
    Prove,
}

impl Kind {
    /// How people call one of them.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Principal => "person or team",
            Kind::Agent => "agent",
            Kind::Data => "data class",
            Kind::Tool => "tool",
            Kind::Purpose => "purpose",
            Kind::Grant => "grant",
            Kind::Forbid => "forbid",
            Kind::Ceiling => "ceiling",
            Kind::Separate => "separate",
            Kind::Toxic => "toxic",
            Kind::Standard => "standard",
            Kind::Session => "session",
            Kind::Waive => "waive",
            Kind::Test => "test",
            Kind::Prove => "prove",
        }
    }

    /// Whether two of the kind may not have one name.
    pub fn has_unique_names(self) -> bool {
        match self {
            Kind::Session | Kind::Waive | Kind::Test | Kind::Prove => false,
            Kind::Principal
            | Kind::Agent
            | Kind::Data
            | Kind::Tool
            | Kind::Purpose
            | Kind::Grant
            | Kind::Forbid
            | Kind::Ceiling
            | Kind::Separate
            | Kind::Toxic
            | Kind::Standard => true,
        }
    }
}

/// Which declaration: the `nth` of that kind and name in that file.
#[salsa::interned(debug)]
pub struct DeclKey<'db> {
    #[returns(copy)]
    pub file: SourceFile,
    #[returns(copy)]
    pub kind: Kind,
    pub name: Str,
    #[returns(copy)]
    pub nth: u32,
}

/// What stands there now. Two nodes are equal when position, text and tree are: trees compare
/// without positions, but the same text at the same place has the same ones.
#[derive(Clone, Debug)]
pub struct Node {
    parsed: Arc<Parsed>,
    at: usize,
    module: Str,
    text: Arc<str>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.decl(), other.decl());
        mine.span == theirs.span
            && mine.span.text(&self.text) == theirs.span.text(&other.text)
            && mine == theirs
            && self.module == other.module
    }
}
impl Eq for Node {}

impl Node {
    /// The declaration.
    pub fn decl(&self) -> &Decl {
        &self.parsed.module.decls[self.at]
    }

    /// Where it stands.
    pub fn origin(&self) -> Origin {
        Origin { module: self.module.clone(), span: self.decl().span }
    }

    /// Where its name stands.
    pub fn name_span(&self) -> Span {
        match &self.decl().kind {
            DeclKind::Person(name, _)
            | DeclKind::Team(name, _)
            | DeclKind::Agent(name, _)
            | DeclKind::Data(name, _)
            | DeclKind::Tool(name, _)
            | DeclKind::Purpose(name, _)
            | DeclKind::Grant(name, _)
            | DeclKind::Forbid(name, _)
            | DeclKind::Ceiling(name, _)
            | DeclKind::Separate(name, ..)
            | DeclKind::Toxic(name, ..)
            | DeclKind::Standard(name, _)
            | DeclKind::Waive { subject: name, .. } => name.span,
            DeclKind::Test(title, _) | DeclKind::Prove(title, _) => title.span,
            DeclKind::Use(_) | DeclKind::Session(_) => self.decl().span,
        }
    }
}

/// Kind and name of a declaration; `None` for `use`.
fn kind_and_name(decl: &Decl) -> Option<(Kind, Str)> {
    Some(match &decl.kind {
        DeclKind::Use(_) => return None,
        DeclKind::Session(_) => (Kind::Session, "".into()),
        DeclKind::Person(name, _) | DeclKind::Team(name, _) => (Kind::Principal, name.node.clone()),
        DeclKind::Agent(name, _) => (Kind::Agent, name.node.clone()),
        DeclKind::Data(name, _) => (Kind::Data, name.node.clone()),
        DeclKind::Tool(name, _) => (Kind::Tool, name.node.clone()),
        DeclKind::Purpose(name, _) => (Kind::Purpose, name.node.clone()),
        DeclKind::Grant(name, _) => (Kind::Grant, name.node.clone()),
        DeclKind::Forbid(name, _) => (Kind::Forbid, name.node.clone()),
        DeclKind::Ceiling(name, _) => (Kind::Ceiling, name.node.clone()),
        DeclKind::Separate(name, ..) => (Kind::Separate, name.node.clone()),
        DeclKind::Toxic(name, ..) => (Kind::Toxic, name.node.clone()),
        DeclKind::Standard(name, _) => (Kind::Standard, name.node.clone()),
        DeclKind::Waive { finding, .. } => (Kind::Waive, finding.node.clone()),
        DeclKind::Test(title, _) => (Kind::Test, title.node.clone()),
        DeclKind::Prove(title, _) => (Kind::Prove, title.node.clone()),
    })
}

type Place = (Kind, Str, u32);

/// A file's declarations in order, without positions.
#[salsa::tracked(returns(clone))]
fn places(db: &dyn Db, file: SourceFile) -> Arc<Vec<Place>> {
    let mut counts = HashMap::new();
    let decls = &parse(db, file).module.decls;
    let named = decls.iter().filter_map(kind_and_name).map(|(kind, name)| {
        let count = counts.entry((kind, name.clone())).or_insert(0u32);
        *count += 1;
        (kind, name, *count - 1)
    });
    Arc::new(named.collect())
}

/// A file's tree, with where in its list of declarations each one is.
struct Content {
    module: Str,
    text: Arc<str>,
    parsed: Arc<Parsed>,
    positions: HashMap<Place, usize>,
}

/// What stands in a file now: one query, so that a node has one thing to look at after an edit elsewhere.
#[salsa::tracked(returns(clone), no_eq)]
fn content(db: &dyn Db, file: SourceFile) -> Arc<Content> {
    let parsed = parse(db, file);
    let named =
        (0..parsed.module.decls.len()).filter(|at| kind_and_name(&parsed.module.decls[*at]).is_some());
    let positions = places(db, file).iter().cloned().zip(named).collect();
    Arc::new(Content { module: file.module(db).clone(), text: file.text(db).clone(), parsed, positions })
}

/// A file's declarations, in order.
#[salsa::tracked]
pub fn declarations(db: &dyn Db, file: SourceFile) -> Vec<DeclKey<'_>> {
    let places = places(db, file);
    places.iter().map(|(kind, name, nth)| DeclKey::new(db, file, *kind, name.clone(), *nth)).collect()
}

/// What stands at a key; `None` when the key is of an older text.
#[salsa::tracked(returns(clone))]
pub fn node<'db>(db: &'db dyn Db, key: DeclKey<'db>) -> Option<Node> {
    let file = content(db, key.file(db));
    let at = *file.positions.get(&(key.kind(db), key.name(db).clone(), key.nth(db)))?;
    Some(Node { parsed: file.parsed.clone(), at, module: file.module.clone(), text: file.text.clone() })
}
