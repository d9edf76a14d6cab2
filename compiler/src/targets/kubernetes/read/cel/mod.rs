//! Expressions of the Common Expression Language, as far as admission policies need them.
//!
//! Text to tokens (`lex`), to a tree (`parse`), to what it says of source requests (`lift`).
//! What is beyond that (arithmetic, macros over lists, conversions) is not understood, and said.

mod lex;
pub mod lift;
mod parse;
mod regex;

pub use parse::parse;

use bailiwick_grammar::ast::CompareOp;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A text.
    Text(String),
    /// An integer.
    Int(i64),
    /// `true` or `false`.
    Bool(bool),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// A name.
    Name(String),
    /// `a.name`, or `a["name"]`.
    Field(Box<Expr>, String),
    /// `has(a.name)`.
    Has(Box<Expr>, String),
    /// `f(x)`, or `a.f(x)`.
    Call(Option<Box<Expr>>, String, Vec<Expr>),
    /// `!a`.
    Not(Box<Expr>),
    /// `a && b && …`.
    All(Vec<Expr>),
    /// `a || b || …`.
    Any(Vec<Expr>),
    /// `a == b` and the like.
    Compare(Box<Expr>, CompareOp, Box<Expr>),
    /// `a in b`.
    In(Box<Expr>, Box<Expr>),
    /// `a ? b : c`.
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
}

impl Expr {
    /// `a.b.c` as these names.
    pub fn path(&self) -> Option<Vec<&str>> {
        match self {
            Expr::Name(name) => Some(vec![name]),
            Expr::Field(of, name) => {
                let mut path = of.path()?;
                path.push(name);
                Some(path)
            }
            Expr::Text(_)
            | Expr::Int(_)
            | Expr::Bool(_)
            | Expr::List(_)
            | Expr::Has(..)
            | Expr::Call(..)
            | Expr::Not(_)
            | Expr::All(_)
            | Expr::Any(_)
            | Expr::Compare(..)
            | Expr::In(..)
            | Expr::Choice(..) => None,
        }
    }
}
