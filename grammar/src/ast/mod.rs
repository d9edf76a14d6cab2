//! The syntax tree: what a file says, in the order it says it.
//!
//! One room per family of declarations. The tree is plain data: no names are resolved and no
//! types are checked here. Items keep their source order, so that the formatter can print a
//! declaration as it was written.

#![allow(missing_docs)] // a field of a variant is named by the syntax in the variant's own line

mod condition;
mod decl;
mod proof;
mod rule;
mod set;

pub use condition::{CompareOp, Condition, Days, Literal, Operand, Pattern, PatternPart};
pub use decl::{
    AgentItem, ArgDecl, ArgSource, BindAws, BindAwsItem, BindKubernetesItem, Binding, DataItem, IdentityDecl,
    NamespaceExpr, PersonItem, PurposeItem, SessionAttr, TeamItem, ToolItem, TypeExpr, VariantDecl,
    WaiveItem,
};
pub use proof::{ApprovalAt, Call, Expectation, Property, RecordValue, RequestExpr, TestItem};
pub use rule::{
    Approval, CeilingItem, Delegate, ForbidItem, GrantItem, LegDecl, Only, OnlyItem, Requirement, RuleItem,
    StandardItem, StandardSubject, ToolLine,
};
pub use set::{Calls, Predicate, SetExpr};

use crate::span::{At, Span};
use serde::Serialize;
use std::sync::Arc;

/// A name as written, dots included.
pub type Name = At<Arc<str>>;
/// The value of a string literal, escapes resolved.
pub type Text = At<Arc<str>>;

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Module {
    /// Its declarations, `use` among them, in source order.
    pub decls: Vec<Decl>,
}

/// One declaration.
#[derive(Clone, Debug, Serialize)]
pub struct Decl {
    /// What it declares.
    pub kind: DeclKind,
    /// The string that opens the body.
    pub description: Option<Text>,
    /// All of it, keyword to closing brace.
    #[serde(skip)]
    pub span: Span,
}

impl PartialEq for Decl {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.description == other.description
    }
}
impl Eq for Decl {}
impl std::hash::Hash for Decl {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.description.hash(state);
    }
}

/// What a declaration declares, with its items in source order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum DeclKind {
    /// `use std/data` or `use "./file.grant"`.
    Use(UseTarget),
    /// `session { … }`.
    Session(Vec<At<SessionAttr>>),
    /// `person NAME { … }`.
    Person(Name, Vec<At<PersonItem>>),
    /// `team NAME { … }`.
    Team(Name, Vec<At<TeamItem>>),
    /// `agent NAME { … }`.
    Agent(Name, Vec<At<AgentItem>>),
    /// `data NAME { … }`.
    Data(Name, Vec<At<DataItem>>),
    /// `tool NAME { … }`.
    Tool(Name, Vec<At<ToolItem>>),
    /// `purpose NAME { … }`.
    Purpose(Name, Vec<At<PurposeItem>>),
    /// `grant NAME { … }`.
    Grant(Name, Vec<At<GrantItem>>),
    /// `forbid NAME { … }`.
    Forbid(Name, Vec<At<ForbidItem>>),
    /// `ceiling NAME { … }`.
    Ceiling(Name, Vec<At<CeilingItem>>),
    /// `separate NAME within SCOPE { … }`.
    Separate(Name, At<Scope>, Vec<At<RuleItem>>),
    /// `toxic NAME within SCOPE { … }`.
    Toxic(Name, At<Scope>, Vec<At<RuleItem>>),
    /// `standard NAME { … }`.
    Standard(Name, Vec<At<StandardItem>>),
    /// `waive FINDING on KIND NAME { … }`.
    Waive { finding: Name, subject_kind: Name, subject: Name, items: Vec<At<WaiveItem>> },
    /// `test "title" { … }`.
    Test(Text, Vec<At<TestItem>>),
    /// `prove "title" { … }`.
    Prove(Text, Vec<At<Property>>),
}

/// What a `use` names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum UseTarget {
    /// `std/data`: a module of the standard library, as written.
    Std(Name),
    /// `"./file.grant"`: a file, relative to this one.
    File(Text),
}

/// The scope within which duties or legs may not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// One agent, one purpose, one session.
    Session,
    /// One agent, any of its sessions and purposes.
    Agent,
    /// An agent, those who act under its delegation, and those it delegates to.
    Delegation,
    /// All agents with one owner.
    Owner,
}
