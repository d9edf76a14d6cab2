//! Hover: what a finding means, and what a name stands for.

use crate::engine::{Snapshot, Superseded};
use crate::position::Lines;
use crate::symbols::{Symbol, declarations, name_at};
use bailiwick_compiler::db::Db;
use bailiwick_compiler::diagnostic::Explanation;
use bailiwick_grammar::Span;
use std::path::Path;
use tower_lsp::lsp_types::{
    Diagnostic, Hover, HoverContents, MarkupContent, MarkupKind, NumberOrString, Position,
};

/// A declaration is shown up to this many lines.
const MOST_LINES: usize = 24;

/// What there is to say about a position. `shown` are the document's findings.
pub fn hover(
    snapshot: &Snapshot,
    path: &Path,
    position: Position,
    shown: &[Diagnostic],
) -> Result<Option<Hover>, Superseded> {
    snapshot.ask(|| {
        let db = &snapshot.db;
        let (file, files) = (snapshot.file_of(path)?, snapshot.project_of(path)?);
        let text = file.text(db);
        let lines = Lines::new(text);
        let mut parts: Vec<String> = Vec::new();
        let mut range = None;
        if let Some((name, span)) = name_at(text, lines.offset(position)) {
            for symbol in declarations(db, files.values().copied(), name) {
                parts.push(summary(db, &symbol));
                range = Some(span);
            }
        }
        let here = |finding: &&Diagnostic| finding.range.start <= position && position <= finding.range.end;
        let mut codes: Vec<&str> = shown.iter().filter(here).filter_map(code).collect();
        codes.dedup();
        parts.extend(codes.into_iter().filter_map(explanation).map(|found| explained(&found)));
        (!parts.is_empty()).then(|| Hover {
            contents: HoverContents::Markup(MarkupContent {
                kind: MarkupKind::Markdown,
                value: parts.join("\n\n---\n\n"),
            }),
            range: range.map(|span: Span| lines.range(span)),
        })
    })
}

fn code(finding: &Diagnostic) -> Option<&str> {
    match &finding.code {
        Some(NumberOrString::String(code)) => Some(code),
        Some(NumberOrString::Number(_)) | None => None,
    }
}

fn explanation(code: &str) -> Option<Explanation> {
    bailiwick_analyzer::every_explanation().into_iter().find(|explanation| explanation.code == code)
}

fn explained(explanation: &Explanation) -> String {
    let Explanation { code, finds, why, remedy, .. } = explanation;
    format!("**{code}**: {finds}\n\n{why}\n\n*What to do:* {remedy}")
}

/// The declaration as it is written, and where.
fn summary(db: &dyn Db, symbol: &Symbol) -> String {
    let source = symbol.whole.text(symbol.file.text(db));
    let mut lines: Vec<&str> = source.lines().take(MOST_LINES).collect();
    if source.lines().count() > MOST_LINES {
        lines.push("  …");
    }
    let body = lines.join("\n");
    // a fence longer than any in the text, which then cannot end it
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}grant\n{body}\n{fence}\n{} of `{}`", symbol.kind, symbol.file.module(db))
}
