//! What is wrong with a text.

use crate::code::Code;
use crate::span::Span;
use serde::Serialize;

/// One thing wrong with the text of a file. The tree has what could be read all the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct SyntaxError {
    /// A stable kebab-case code, of [`Code::ALL`].
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
    /// How to mend it.
    pub help: Option<String>,
    /// A replacement of a range that mends it.
    pub fix: Option<(Span, String)>,
}

impl SyntaxError {
    /// An error with no help and no fix.
    pub fn new(code: Code, message: impl Into<String>, span: Span) -> Self {
        Self { code: code.text(), message: message.into(), span, help: None, fix: None }
    }

    /// The same, with a help text.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, with a replacement of `span` that mends it.
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some((span, text.into()));
        self
    }
}
