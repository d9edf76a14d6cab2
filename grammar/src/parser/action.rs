//! What the productions of the grammar do beyond building their node.

use crate::ast::{Condition, Name, NamespaceExpr, Pattern, PatternPart, Scope, SetExpr, Text, TypeExpr};
use crate::code::Code;
use crate::error::SyntaxError;
use crate::lexer::Token;
use crate::span::{At, Span};
use lalrpop_util::ParseError;
use std::sync::Arc;

/// An error that an action raises itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub SyntaxError);

/// `a`, or the union of several.
pub fn union(first: At<SetExpr>, mut rest: Vec<At<SetExpr>>) -> SetExpr {
    if rest.is_empty() {
        return first.node;
    }
    rest.insert(0, first);
    SetExpr::Union(rest)
}

/// `a`, or the intersection of several.
pub fn intersection(first: At<SetExpr>, mut rest: Vec<At<SetExpr>>) -> SetExpr {
    if rest.is_empty() {
        return first.node;
    }
    rest.insert(0, first);
    SetExpr::Intersection(rest)
}

/// `a`, or the disjunction of several.
pub fn or(first: At<Condition>, mut rest: Vec<At<Condition>>) -> Condition {
    if rest.is_empty() {
        return first.node;
    }
    rest.insert(0, first);
    Condition::Or(rest)
}

/// `a`, or the conjunction of several.
pub fn and(first: At<Condition>, mut rest: Vec<At<Condition>>) -> Condition {
    if rest.is_empty() {
        return first.node;
    }
    rest.insert(0, first);
    Condition::And(rest)
}

/// An enumeration of two or more alternatives.
pub fn enumeration(first: Text, mut rest: Vec<Text>) -> TypeExpr {
    rest.insert(0, first);
    TypeExpr::Enum(rest)
}

/// `cluster`, or the argument of this name.
pub fn namespace(name: Name) -> NamespaceExpr {
    if &**name == "cluster" { NamespaceExpr::Cluster } else { NamespaceExpr::Arg(name) }
}

/// The scope that is no word of the language.
pub fn scope(text: &str, at: u32) -> Result<Scope, ParseError<u32, Token<'static>, Failure>> {
    if text == "delegation" {
        return Ok(Scope::Delegation);
    }
    let span = Span { start: at, end: at + text.len() as u32 };
    let error = SyntaxError::new(Code::UnknownScope, format!("`{text}` is not a scope"), span);
    Err(ParseError::User {
        error: Failure(error.help("the scopes are `session`, `agent`, `delegation` and `owner`")),
    })
}

/// Reports `=` where `==` is meant.
pub fn assignment(at: u32) -> SyntaxError {
    let span = Span { start: at, end: at + 1 };
    SyntaxError::new(Code::SingleEquals, "`=` does not compare", span).help("write `==`").fix(span, "==")
}

/// The value of a string: `raw` stands between its quotes and starts at `start`.
pub fn unescape(raw: &str, start: u32, errors: &mut Vec<SyntaxError>) -> Arc<str> {
    if !raw.contains('\\') {
        return Arc::from(raw);
    }
    let mut value = String::with_capacity(raw.len());
    for (piece, span) in Pieces::new(raw, start) {
        match piece {
            Piece::Char(c) => value.push(c),
            Piece::Escape(c) => value.push(c),
            Piece::EscapedStar => errors.push(
                bad_escape("\\*", span).help("`\\*` has a meaning only in a `like` pattern; write `*`"),
            ),
            Piece::Bad(text) => errors.push(bad_escape(text, span)),
        }
    }
    Arc::from(value)
}

/// The parts of a `like` pattern: `raw` stands between its quotes and starts at `start`.
pub fn pattern(raw: &str, start: u32, errors: &mut Vec<SyntaxError>) -> Pattern {
    let mut parts = Vec::new();
    let mut run = String::new();
    for (piece, span) in Pieces::new(raw, start) {
        match piece {
            Piece::Char('*') => {
                if !run.is_empty() {
                    parts.push(PatternPart::Text(Arc::from(std::mem::take(&mut run))));
                }
                if parts.last() != Some(&PatternPart::Star) {
                    parts.push(PatternPart::Star);
                }
            }
            Piece::Char(c) | Piece::Escape(c) => run.push(c),
            Piece::EscapedStar => run.push('*'),
            Piece::Bad(text) => errors.push(bad_escape(text, span)),
        }
    }
    if !run.is_empty() {
        parts.push(PatternPart::Text(Arc::from(run)));
    }
    Pattern(parts)
}

fn bad_escape(text: &str, span: Span) -> SyntaxError {
    SyntaxError::new(Code::BadEscape, format!("`{text}` is no escape"), span)
        .help("the escapes are `\\\"` `\\\\` `\\n` `\\t` `\\r` and `\\u{…}`; a backslash is written `\\\\`")
}

/// A part of a string as written.
enum Piece<'s> {
    Char(char),
    Escape(char),
    EscapedStar,
    Bad(&'s str),
}

/// The parts of a string with their spans.
struct Pieces<'s> {
    rest: &'s str,
    at: u32,
}

impl<'s> Pieces<'s> {
    fn new(rest: &'s str, at: u32) -> Self {
        Self { rest, at }
    }
}

impl<'s> Iterator for Pieces<'s> {
    type Item = (Piece<'s>, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let mut chars = self.rest.chars();
        let first = chars.next()?;
        let (piece, length) = if first != '\\' {
            (Piece::Char(first), first.len_utf8())
        } else {
            match chars.next() {
                Some('n') => (Piece::Escape('\n'), 2),
                Some('t') => (Piece::Escape('\t'), 2),
                Some('r') => (Piece::Escape('\r'), 2),
                Some(c @ ('"' | '\\')) => (Piece::Escape(c), 2),
                Some('*') => (Piece::EscapedStar, 2),
                Some('u') if self.rest[2..].starts_with('{') => {
                    let length = self.rest.find('}').map_or(self.rest.len(), |end| end + 1);
                    let digits = self.rest[..length].trim_end_matches('}').get(3..).unwrap_or_default();
                    let hex =
                        (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
                    match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                        Some(c) if hex && self.rest[..length].ends_with('}') => (Piece::Escape(c), length),
                        _ => (Piece::Bad(&self.rest[..length]), length),
                    }
                }
                Some(c) => (Piece::Bad(&self.rest[..1 + c.len_utf8()]), 1 + c.len_utf8()),
                None => (Piece::Bad(self.rest), 1),
            }
        };
        let span = Span { start: self.at, end: self.at + length as u32 };
        self.rest = &self.rest[length..];
        self.at = span.end;
        Some((piece, span))
    }
}
