//! Go to definition: from a name to what declares it, from a `use "…"` to the file.

use crate::engine::{Snapshot, Superseded};
use crate::position::Lines;
use crate::symbols::{declarations, name_at, used_file};
use crate::to_proto;
use bailiwick_grammar::Span;
use std::path::Path;
use tower_lsp::lsp_types::{Location, Position};

/// Where what stands at a position is declared. A name may be declared once for each kind: an
/// agent and a tool may share one, and then both are told. The standard library lies in no file
/// that an editor could open.
pub fn definition(snapshot: &Snapshot, path: &Path, position: Position) -> Result<Vec<Location>, Superseded> {
    snapshot.ask(|| {
        let db = &snapshot.db;
        let (Some(file), Some(files)) = (snapshot.file_of(path), snapshot.project_of(path)) else {
            return Vec::new();
        };
        let text = file.text(db);
        let offset = Lines::new(text).offset(position);
        if let Some(used) = used_file(db, file, offset) {
            let target = path
                .parent()
                .map(|folder| folder.join(&*used))
                .and_then(|path| std::fs::canonicalize(path).ok());
            return target
                .and_then(|target| to_proto::location(&target, "", Span::default()))
                .into_iter()
                .collect();
        }
        let Some((name, _)) = name_at(text, offset) else { return Vec::new() };
        let found = declarations(db, files.values().copied(), name);
        let places = found.iter().filter_map(|symbol| {
            let (path, text) = snapshot.locate(path, symbol.file.module(db).as_ref())?;
            to_proto::location(&path, &text, symbol.at)
        });
        places.collect()
    })
}
