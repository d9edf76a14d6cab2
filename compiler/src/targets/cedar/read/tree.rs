//! Cedar policies as a tree: the language in general, not only what is emitted.

use bailiwick_grammar::ast::Pattern;

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its annotations, in order.
    pub annotations: Vec<(String, String)>,
    /// Whether it permits; else it forbids.
    pub permits: bool,
    /// Who.
    pub principal: Scope,
    /// What.
    pub action: Scope,
    /// On what.
    pub resource: Scope,
    /// Its clauses: whether it is a `when` (else an `unless`), and the condition.
    pub clauses: Vec<(bool, Expr)>,
    /// The line that it starts in, from 1.
    pub line: usize,
}

/// What a policy's head asks of one of its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    Any,
    /// To be this.
    Is(Uid),
    /// To be one of these, or below one.
    In(Vec<Uid>),
    /// To be of this type, and perhaps to be this or below it.
    Type(String, Option<Uid>),
}

/// An entity's type and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uid {
    /// Its type, namespaces included.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// An operator with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Long(i64),
    /// A text.
    Text(String),
    /// An entity.
    Entity(Uid),
    /// `principal`, `action`, `resource` or `context`.
    Var(&'static str),
    /// `[…]`
    Set(Vec<Expr>),
    /// `{…}`
    Record(Vec<(String, Expr)>),
    /// `!…`
    Not(Box<Expr>),
    /// `-…`
    Negative(Box<Expr>),
    /// `… && …`, from left to right.
    And(Vec<Expr>),
    /// `… || …`, from left to right.
    Or(Vec<Expr>),
    /// Two sides.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `if … then … else …`
    If(Box<[Expr; 3]>),
    /// `… has a.b`
    Has(Box<Expr>, Vec<String>),
    /// `… like "…"`
    Like(Box<Expr>, Pattern),
    /// `… is TYPE in …`
    Is(Box<Expr>, String, Option<Box<Expr>>),
    /// `….name`, `…["name"]`
    Get(Box<Expr>, String),
    /// `….name(…)`
    Method(Box<Expr>, String, Vec<Expr>),
    /// `name(…)`
    Call(String, Vec<Expr>),
}
