//! What we say, in the editor's terms.

use crate::position::Lines;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Severity;
use bailiwick_grammar::Span;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower_lsp::lsp_types::{self as lsp, DiagnosticSeverity, Location, NumberOrString, Range, TextEdit, Url};

/// How grave.
pub fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    }
}

/// A place in a file.
pub fn location(path: &Path, text: &str, span: Span) -> Option<Location> {
    Some(Location { uri: Url::from_file_path(path).ok()?, range: Lines::new(text).range(span) })
}

/// A message. `find` knows where a module lies and its text.
pub fn diagnostic(
    lines: &Lines<'_>,
    diagnostic: &Diagnostic,
    find: impl Fn(&str) -> Option<(PathBuf, Arc<str>)>,
) -> lsp::Diagnostic {
    let related = diagnostic.labels.iter().filter_map(|label| {
        let (path, text) = find(&label.at.module)?;
        let location = location(&path, &text, label.at.span)?;
        Some(lsp::DiagnosticRelatedInformation { location, message: label.text.clone() })
    });
    let mut message = diagnostic.message.clone();
    for line in diagnostic.help.iter() {
        message.push_str("\nhelp: ");
        message.push_str(line);
    }
    for (role, request) in diagnostic.witness.iter().flat_map(|witness| &witness.requests) {
        message.push_str(&format!("\nwitness ({role}): {request}"));
    }
    lsp::Diagnostic {
        range: diagnostic.at.as_ref().map_or(Range::default(), |at| lines.range(at.span)),
        severity: Some(severity(diagnostic.severity)),
        code: Some(NumberOrString::String(diagnostic.code.into())),
        source: Some("bailiwick".into()),
        message,
        related_information: Some(related.collect()),
        ..lsp::Diagnostic::default()
    }
}

/// What turns one text into another: one edit, from the first line that differs to the last, so that
/// the editor keeps its cursor and marks.
pub fn difference(old: &str, new: &str) -> TextEdit {
    let start: usize = {
        let pairs = old.split_inclusive('\n').zip(new.split_inclusive('\n'));
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum()
    };
    let end: usize = {
        let pairs = old[start..].split_inclusive('\n').rev().zip(new[start..].split_inclusive('\n').rev());
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum()
    };
    TextEdit {
        range: Lines::new(old).range(Span::new(start, old.len() - end)),
        new_text: new[start..new.len() - end].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower_lsp::lsp_types::Position;

    #[test]
    fn only_the_lines_that_differ_are_replaced() {
        let edit = difference("a\n b\nc\n", "a\nb\nb2\nc\n");
        let at = |line, character| Position { line, character };
        assert_eq!(
            edit,
            TextEdit { range: Range { start: at(1, 0), end: at(2, 0) }, new_text: "b\nb2\n".into() }
        );
        let edit = difference("a", "a\n");
        assert_eq!(
            edit,
            TextEdit { range: Range { start: at(0, 0), end: at(0, 1) }, new_text: "a\n".into() }
        );
        let edit = difference("a\na\na\n", "a\na\n");
        assert_eq!(edit.new_text, "");
    }
}
