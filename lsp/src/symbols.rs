//! The names that files declare and use, from their trees alone, so that they are there while the
//! project is broken.

use bailiwick_compiler::db::{Db, Library, SourceFile, parse};
use bailiwick_grammar::Span;
use bailiwick_grammar::ast::{DeclKind, Name, UseTarget};
use std::sync::Arc;

/// A declaration of a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Symbol {
    /// Its keyword: `agent`, `grant`, …
    pub kind: &'static str,
    /// Its name.
    pub name: Arc<str>,
    /// The file that declares it.
    pub file: SourceFile,
    /// The name's place.
    pub at: Span,
    /// The whole declaration's place.
    pub whole: Span,
}

/// What a file declares, in order.
#[salsa::tracked(returns(clone))]
pub fn symbols(db: &dyn Db, file: SourceFile) -> Arc<Vec<Symbol>> {
    let parsed = parse(db, file);
    let declared = parsed.module.decls.iter().filter_map(|decl| {
        let (kind, name) = declared(&decl.kind)?;
        Some(Symbol { kind, name: name.node.clone(), file, at: name.span, whole: decl.span })
    });
    Arc::new(declared.collect())
}

fn declared(kind: &DeclKind) -> Option<(&'static str, &Name)> {
    Some(match kind {
        DeclKind::Person(name, _) => ("person", name),
        DeclKind::Team(name, _) => ("team", name),
        DeclKind::Agent(name, _) => ("agent", name),
        DeclKind::Data(name, _) => ("data", name),
        DeclKind::Tool(name, _) => ("tool", name),
        DeclKind::Purpose(name, _) => ("purpose", name),
        DeclKind::Grant(name, _) => ("grant", name),
        DeclKind::Forbid(name, _) => ("forbid", name),
        DeclKind::Ceiling(name, _) => ("ceiling", name),
        DeclKind::Separate(name, _, _) => ("separate", name),
        DeclKind::Toxic(name, _, _) => ("toxic", name),
        DeclKind::Standard(name, _) => ("standard", name),
        DeclKind::Use(_)
        | DeclKind::Session(_)
        | DeclKind::Waive { .. }
        | DeclKind::Test(..)
        | DeclKind::Prove(..) => return None,
    })
}

/// Every declaration of a name in these files and the standard library.
pub fn declarations(db: &dyn Db, files: impl Iterator<Item = SourceFile>, name: &str) -> Vec<Symbol> {
    let library = Library::try_get(db).map(|library| library.modules(db).clone()).unwrap_or_default();
    let all = files.chain(library);
    all.flat_map(|file| {
        symbols(db, file).iter().filter(|symbol| *symbol.name == *name).cloned().collect::<Vec<_>>()
    })
    .collect()
}

/// The file that a `use "…"` at that place names, relative to the file that stands in.
pub fn used_file(db: &dyn Db, file: SourceFile, offset: usize) -> Option<Arc<str>> {
    let parsed = parse(db, file);
    let used = parsed.module.decls.iter().find(|decl| decl.span.range().contains(&offset))?;
    match &used.kind {
        DeclKind::Use(UseTarget::File(path)) => Some(path.node.clone()),
        _ => None,
    }
}

/// The name that a byte stands in or ends.
pub fn name_at(text: &str, offset: usize) -> Option<(&str, Span)> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let before = text.get(..offset)?;
    let start =
        before.rfind(|c| !part(c)).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let end = text[offset..].find(|c| !part(c)).map_or(text.len(), |at| offset + at);
    let name = text[start..end].trim_matches('.');
    let start = start + (text[start..end].len() - text[start..end].trim_start_matches('.').len());
    (!name.is_empty()).then(|| (name, Span::new(start, start + name.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_at_their_edges() {
        let text = "allow é stripe.refund, b";
        for offset in [9, 12, 22] {
            assert_eq!(name_at(text, offset).unwrap().0, "stripe.refund", "{offset}");
        }
        assert_eq!(name_at(text, 0).unwrap(), ("allow", Span::new(0, 5)));
        assert_eq!(name_at(text, text.len()).unwrap().0, "b");
        assert_eq!(name_at("a  b", 2), None);
        assert_eq!(name_at("é", 1), None);
    }
}
