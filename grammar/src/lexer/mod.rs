//! Text to tokens, comments beside them. The lexer never fails: what it cannot read is reported
//! and becomes a token that keeps the parser going.

mod literal;
mod token;

pub use token::{Key, Spanned, Token};

use crate::code::Code;
use crate::error::SyntaxError;
use crate::span::Span;
use logos::Logos;
use serde::Serialize;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// What follows the `#`, without white space at its end.
    pub text: String,
    /// Whether nothing but white space stands before it on its line.
    pub own_line: bool,
}

/// What the lexer makes of a text.
#[derive(Debug, Default)]
pub struct Lexed<'s> {
    /// The tokens.
    pub tokens: Vec<Spanned<'s>>,
    /// The comments.
    pub comments: Vec<Comment>,
    /// What is wrong.
    pub errors: Vec<SyntaxError>,
}

/// The shapes that Logos tells apart; [`lex`] makes tokens of them.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n]+")]
enum Shape {
    #[regex(r"#[^\n]*", allow_greedy = true)]
    Comment,
    #[regex(r"//[^\n]*", allow_greedy = true)]
    SlashComment,
    #[regex(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*")]
    Word,
    #[regex(r"[A-Za-z0-9_.-]*\*[A-Za-z0-9_.*-]*")]
    Glob,
    #[regex(r"[A-Za-z_][A-Za-z0-9_.-]*(/[A-Za-z0-9_.+-]+)+")]
    Slashed,
    #[regex(r"-?[0-9][A-Za-z0-9_.:+-]*")]
    Number,
    #[regex(r#""([^"\\\n]|\\[^\n])*""#)]
    Text,
    #[regex(r#""([^"\\\n]|\\[^\n])*\\?"#)]
    OpenText,
    #[regex(r"'[^'\n]*'?")]
    SingleQuoted,
    #[token("{")]
    BraceOpen,
    #[token("}")]
    BraceClose,
    #[token("(")]
    ParenOpen,
    #[token(")")]
    ParenClose,
    #[token("[")]
    BracketOpen,
    #[token("]")]
    BracketClose,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("?")]
    Question,
    #[token("|")]
    Pipe,
    #[token("=")]
    Assign,
    #[token("==")]
    Eq,
    #[token("!=")]
    Ne,
    #[token("<")]
    Lt,
    #[token("<=")]
    Le,
    #[token(">")]
    Gt,
    #[token(">=")]
    Ge,
    #[token(";")]
    Semicolon,
    #[token("&&")]
    AndAnd,
    #[token("||")]
    OrOr,
    #[token("!")]
    Bang,
    #[regex(r"[A-Za-z0-9_.*-]*[^\x00-\x7F]([A-Za-z0-9_.*-]|[^\x00-\x7F])*", priority = 1)]
    Foreign,
}

/// The tokens, comments and lexical errors of `source`.
pub fn lex(source: &str) -> Lexed<'_> {
    let mut lexed = Lexed::default();
    let mut shapes = Shape::lexer(source);
    if source.starts_with('\u{feff}') {
        shapes.bump('\u{feff}'.len_utf8());
    }
    while let Some(shape) = shapes.next() {
        let range = shapes.span();
        let span = Span::new(range.start, range.end);
        let text = shapes.slice();
        let token = match shape {
            Ok(Shape::Comment | Shape::SlashComment) => {
                let line = source[..range.start].rfind('\n').map_or(0, |end| end + 1);
                let before = source[line..range.start].trim_start_matches('\u{feff}');
                let own_line = before.trim().is_empty();
                let marker = if shape == Ok(Shape::Comment) { 1 } else { 2 };
                if marker == 2 {
                    lexed.errors.push(
                        SyntaxError::new(
                            Code::SlashComment,
                            "`//` does not start a comment",
                            Span::new(range.start, range.start + 2),
                        )
                        .help("a comment starts with `#`")
                        .fix(Span::new(range.start, range.start + 2), "#"),
                    );
                }
                let comment = text[marker..].trim_end();
                let span = Span::new(range.start, range.start + marker + comment.len());
                lexed.comments.push(Comment { span, text: comment.to_owned(), own_line });
                continue;
            }
            Ok(Shape::Word) => Key::of(text).map_or(Token::Name(text), Token::Key),
            Ok(Shape::Glob) => Token::Glob(text),
            Ok(Shape::Slashed) => Token::Slashed(text),
            Ok(Shape::Number) => literal::number(text, span, &mut lexed.errors),
            Ok(Shape::Text) => Token::Text(&text[1..text.len() - 1]),
            Ok(Shape::OpenText) => {
                lexed.errors.push(
                    SyntaxError::new(
                        Code::UnterminatedString,
                        "this string has no closing `\"` on its line",
                        span,
                    )
                    .help("close it with `\"`; a line end inside a string is written `\\n`"),
                );
                Token::Text(text[1..].trim_end())
            }
            Ok(Shape::SingleQuoted) => {
                let inner = text[1..].trim_end_matches('\'');
                lexed.errors.push(
                    SyntaxError::new(Code::SingleQuotes, "strings are written in double quotes", span)
                        .help(format!("write `\"{inner}\"`"))
                        .fix(span, format!("\"{}\"", inner.replace('\\', "\\\\").replace('"', "\\\""))),
                );
                Token::Text(inner)
            }
            Ok(Shape::BraceOpen) => Token::BraceOpen,
            Ok(Shape::BraceClose) => Token::BraceClose,
            Ok(Shape::ParenOpen) => Token::ParenOpen,
            Ok(Shape::ParenClose) => Token::ParenClose,
            Ok(Shape::BracketOpen) => Token::BracketOpen,
            Ok(Shape::BracketClose) => Token::BracketClose,
            Ok(Shape::Comma) => Token::Comma,
            Ok(Shape::Colon) => Token::Colon,
            Ok(Shape::Question) => Token::Question,
            Ok(Shape::Pipe) => Token::Pipe,
            Ok(Shape::Assign) => Token::Assign,
            Ok(Shape::Eq) => Token::Eq,
            Ok(Shape::Ne) => Token::Ne,
            Ok(Shape::Lt) => Token::Lt,
            Ok(Shape::Le) => Token::Le,
            Ok(Shape::Gt) => Token::Gt,
            Ok(Shape::Ge) => Token::Ge,
            Ok(Shape::Semicolon) => {
                lexed.errors.push(
                    SyntaxError::new(Code::Semicolon, "`;` is not part of the language", span)
                        .help("remove it: a property ends where the next begins")
                        .fix(span, ""),
                );
                continue;
            }
            Ok(Shape::AndAnd) => foreign_operator(&mut lexed.errors, span, "&&", "and", Token::Key(Key::And)),
            Ok(Shape::OrOr) => foreign_operator(&mut lexed.errors, span, "||", "or", Token::Key(Key::Or)),
            Ok(Shape::Bang) => foreign_operator(&mut lexed.errors, span, "!", "not", Token::Key(Key::Not)),
            Ok(Shape::Foreign) => match literal::foreign(text, span, &mut lexed.errors) {
                Some(token) => token,
                None => continue,
            },
            Err(()) => {
                let first = text.chars().next().unwrap_or(' ');
                if crate::character::is_invisible(first) {
                    continue; // reported by the pass over the characters
                }
                lexed.errors.push(SyntaxError::new(
                    Code::UnexpectedCharacter,
                    format!("`{first}` has no meaning here"),
                    span,
                ));
                Token::Error
            }
        };
        lexed.tokens.push((span.start, token, span.end));
    }
    crate::character::check(source, &mut lexed.errors);
    lexed
}

/// Reports an operator of other languages, and returns the word that is meant.
fn foreign_operator<'s>(
    errors: &mut Vec<SyntaxError>,
    span: Span,
    written: &str,
    meant: &str,
    token: Token<'s>,
) -> Token<'s> {
    errors.push(
        SyntaxError::new(Code::ForeignOperator, format!("`{written}` is not an operator"), span)
            .help(format!("write `{meant}`"))
            .fix(span, format!(" {meant} ")),
    );
    token
}
