//! Text to tree: the lexer, the grammar, the syntax tree and the formatter.
//!
//! [`parse`] turns any text into a tree and its errors; it never fails and never panics.
//! [`format()`] turns a tree and its comments back into text. This crate knows no files, no
//! database and no meaning.

pub mod ast;
mod character;
mod code;
mod error;
mod fmt;
mod lexer;
mod parser;
pub mod span;

pub use character::is_invisible;
pub use code::Code;
pub use error::SyntaxError;
pub use fmt::format;
pub use lexer::Comment;
pub use parser::{ERRORS, Parsed, parse, parse_call};
pub use span::{At, Span};
