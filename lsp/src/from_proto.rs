//! What the editor says, in our terms.

use std::path::PathBuf;
use tower_lsp::lsp_types::Url;

/// The path of a document, links resolved where it is on disk; `None` for what is no file.
pub fn path(uri: &Url) -> Option<PathBuf> {
    let path = uri.to_file_path().ok()?;
    if let Ok(real) = std::fs::canonicalize(&path) {
        return Some(real);
    }
    // a new file: its folder may be there
    let folder = std::fs::canonicalize(path.parent()?).ok()?;
    Some(folder.join(path.file_name()?))
}
