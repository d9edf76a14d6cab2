//! What is declared where, and who may speak of it.
//!
//! Positions and meanings part ways here: a [`DeclKey`] says *which* declaration of a file (kind,
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

/// Which declaration of a file: the `nth` of that kind and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeclKey {
    /// The kind.
    pub kind: Kind,
    /// The name, or what stands for one.
    pub name: Str,
    /// How many of that kind and name stand before it.
    pub nth: u32,
}

/// What stands there now. Two nodes are equal when they say the same at the same place.
#[derive(Clone, Debug)]
pub struct Node {
    parsed: Arc<Parsed>,
    at: usize,
    module: Str,
    text: Arc<str>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.decl().span == other.decl().span && self.says_what(other)
    }
}
impl Eq for Node {}

impl Node {
    /// Whether another says the same, here or elsewhere in the module. Trees compare without
    /// positions; those of one text are the same, counted from its start.
    pub fn says_what(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.decl(), other.decl());
        mine.span.text(&self.text) == theirs.span.text(&other.text)
            && mine == theirs
            && self.module == other.module
    }

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

/// A file's declarations in order, but for `use`, without positions.
#[salsa::tracked(returns(clone))]
pub fn declarations(db: &dyn Db, file: SourceFile) -> Arc<Vec<DeclKey>> {
    let mut counts = HashMap::new();
    let decls = &parse(db, file).module.decls;
    let named = decls.iter().filter_map(kind_and_name).map(|(kind, name)| {
        let count = counts.entry((kind, name.clone())).or_insert(0u32);
        *count += 1;
        DeclKey { kind, name, nth: *count - 1 }
    });
    Arc::new(named.collect())
}

/// What stands at each of a file's [`declarations`] now, in the same order.
pub fn nodes(db: &dyn Db, file: SourceFile) -> impl Iterator<Item = Node> + use<> {
    let (parsed, module, text) = (parse(db, file), file.module(db).clone(), file.text(db).clone());
    let all = 0..parsed.module.decls.len();
    let node = move |at| Node { parsed: parsed.clone(), at, module: module.clone(), text: text.clone() };
    all.map(node).filter(|node| !matches!(node.decl().kind, DeclKind::Use(_)))
}
