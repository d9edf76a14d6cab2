//! What the editor has open. It is changed before a handler first waits, so that the changes are
//! made in the order in which the editor sent them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower_lsp::lsp_types::{Diagnostic, Url};

/// The editor's side of things.
#[derive(Debug, Default)]
pub struct State {
    /// Open documents by path, links resolved.
    pub open: BTreeMap<PathBuf, Document>,
    /// Counts changes: what was computed for an older number is not shown.
    pub revision: u64,
    /// Whether files on disk have changed since they were last read.
    pub stale: bool,
    /// What was last shown, by path.
    pub shown: BTreeMap<PathBuf, Vec<Diagnostic>>,
}

/// An open document.
#[derive(Clone, Debug)]
pub struct Document {
    /// As the editor names it.
    pub uri: Url,
    /// As the editor counts it.
    pub version: i32,
    /// What stands in it.
    pub text: Arc<str>,
}

impl State {
    /// A document was opened or changed.
    pub fn set(&mut self, path: PathBuf, document: Document) {
        // changes are whole texts, so an older one that comes late must not win
        if self.open.get(&path).is_none_or(|known| known.version <= document.version) {
            self.open.insert(path, document);
            self.revision += 1;
        }
    }

    /// A document was closed: what is on disk counts again.
    pub fn close(&mut self, path: &PathBuf) {
        self.open.remove(path);
        self.touch();
    }

    /// The address of a file: as the editor names it where it is open.
    pub fn uri(&self, path: &Path) -> Option<Url> {
        let open = self.open.get(path).map(|document| document.uri.clone());
        open.or_else(|| Url::from_file_path(path).ok())
    }

    /// Something on disk has changed.
    pub fn touch(&mut self) {
        self.stale = true;
        self.revision += 1;
    }
}
