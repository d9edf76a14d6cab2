//! Tokens to tree.

pub(crate) mod action;
mod message;
mod structure;

use crate::ast::{Call, Module};
use crate::code::Code;
use crate::error::SyntaxError;
use crate::lexer::{Comment, Spanned, lex};
use crate::span::Span;
use std::collections::BTreeSet;

#[allow(missing_docs, clippy::all, clippy::pedantic, unused, dead_code)] // generated
mod generated {
    lalrpop_util::lalrpop_mod!(grammar);
    pub use grammar::{CallParser, DeclParser};
}

/// What [`parse`] returns: a tree and what is wrong with the text, whatever the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What could be read.
    pub module: Module,
    /// What is wrong, in source order; at most [`ERRORS`].
    pub errors: Vec<SyntaxError>,
    /// The comments, in source order.
    pub comments: Vec<Comment>,
}

/// The most errors reported for one file.
pub const ERRORS: usize = 100;

/// Reads the text of a file.
pub fn parse(source: &str) -> Parsed {
    read(source).0
}

/// Reads a text that is one call, as a proof has it: `calling SET [data SET] [where CONDITION]`.
///
/// # Errors
///
/// All that is wrong with it, in source order; a call with an error is none.
pub fn parse_call(source: &str) -> Result<Call, Vec<SyntaxError>> {
    if u32::try_from(source.len()).is_err() {
        return Err(vec![too_large()]);
    }
    let lexed = lex(source);
    let mut errors = lexed.errors;
    let Some(tokens) = structure::alone(source, lexed.tokens, &mut errors) else {
        return Err(settle(errors, Vec::new()));
    };
    let mut recovered = Vec::new();
    let taken = tokens.iter().map(|&(start, token, end)| Ok((start, token, end)));
    let result = generated::CallParser::new().parse(&mut recovered, &mut errors, taken);
    let mut raised: Vec<_> = recovered.into_iter().map(|recovery| recovery.error).collect();
    let call = result.map_err(|error| raised.push(error)).ok();
    let mut unexpected = Vec::new();
    message::report(source, &tokens, raised, &mut unexpected);
    let errors = settle(errors, unexpected);
    call.filter(|_| errors.is_empty()).ok_or(errors)
}

fn too_large() -> SyntaxError {
    SyntaxError::new(Code::FileTooLarge, "the file is larger than 4 GiB", Span::default())
        .help("split it into several files")
}

/// Reads the text of a file, and returns its tokens as well.
pub(crate) fn read(source: &str) -> (Parsed, Vec<Spanned<'_>>) {
    if u32::try_from(source.len()).is_err() {
        return (Parsed { errors: vec![too_large()], ..Parsed::default() }, Vec::new());
    }
    let lexed = lex(source);
    let mut errors = lexed.errors;
    let mut module = Module::default();
    let mut unexpected = Vec::new();
    let parser = generated::DeclParser::new();
    let chunks = structure::declarations(source, lexed.tokens, &mut errors);
    for chunk in &chunks {
        let mut recovered = Vec::new();
        let tokens = chunk.iter().map(|&(start, token, end)| Ok((start, token, end)));
        let result = parser.parse(&mut recovered, &mut errors, tokens);
        let mut raised: Vec<_> = recovered.into_iter().map(|recovery| recovery.error).collect();
        match result {
            Ok(decl) => module.decls.push(decl),
            Err(error) => raised.push(error),
        }
        message::report(source, chunk, raised, &mut unexpected);
    }
    let errors = settle(errors, unexpected);
    (Parsed { module, errors, comments: lexed.comments }, chunks.concat())
}

/// All errors in order, without those of the grammar about what was reported already.
fn settle(mut errors: Vec<SyntaxError>, unexpected: Vec<SyntaxError>) -> Vec<SyntaxError> {
    // A name in single quotes is one slip, which wants no quotes at all.
    let needless = unexpected.iter().filter(|error| error.code == Code::NeedlessQuotes.text());
    let bare: BTreeSet<Span> = needless.map(|error| error.span).collect();
    errors.retain(|error| error.code != Code::SingleQuotes.text() || !bare.contains(&error.span));
    errors.sort_by_key(|error| error.span);
    let known = |span: Span| {
        let next = errors.partition_point(|error| error.span.start <= span.start);
        errors[..next].last().is_some_and(|error| span.start < error.span.end)
    };
    let unexpected: Vec<_> = unexpected.into_iter().filter(|error| !known(error.span)).collect();
    errors.extend(unexpected);
    errors.sort_by_key(|error| error.span);
    errors.truncate(ERRORS);
    errors
}
