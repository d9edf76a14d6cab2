//! Every policy file below a folder, in a fixed order.

use super::{ENDING, reason};
use crate::status::Failure;
use bailiwick_compiler::model::Str;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// More entries than this are no project but a mistake, as `bailiwick check /` would be.
const MOST: usize = 1_000_000;

/// The policy files below `root`, sorted; only those that one of `sources` matches, when given.
/// Folders whose names begin with a dot are passed over.
pub(super) fn policies(root: &Path, sources: Option<&[Str]>) -> Result<Vec<PathBuf>, Failure> {
    let sources = sources.map(globs).transpose()?;
    let mut found = Vec::new();
    let mut seen = 0usize;
    // a list and not recursion: depth is for the disk to limit
    let mut waiting = vec![Folder { path: root.to_owned(), above: None, real: root.to_owned() }];
    while let Some(folder) = waiting.pop() {
        let folder = Arc::new(folder);
        let unreadable = |error: std::io::Error| Failure::at(&folder.path, "cannot be read", reason(&error));
        for entry in fs::read_dir(&folder.path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            seen += 1;
            if seen > MOST {
                return Err(Failure::new(format!("`{}` holds more than {MOST} files", root.display())));
            }
            let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
            let policy = path.extension().is_some_and(|ending| ending == ENDING)
                && sources
                    .as_ref()
                    .is_none_or(|globs| path.strip_prefix(root).is_ok_and(|below| globs.is_match(below)));
            let hidden = entry.file_name().as_encoded_bytes().first() == Some(&b'.');
            if hidden && !policy {
                continue;
            }
            let mut real = None;
            let mut is_folder = kind.is_dir();
            if kind.is_symlink() {
                let target = match fs::canonicalize(&path) {
                    Ok(target) => target,
                    Err(_) if !policy => continue,
                    Err(error) => return Err(Failure::at(&path, "cannot be read", reason(&error))),
                };
                is_folder = target.is_dir();
                if (policy || is_folder) && !target.starts_with(root) {
                    return Err(Failure::new(format!("`{}` leads outside the project", path.display()))
                        .help("copy what it leads to, or take the link out"));
                }
                if is_folder && folder.is_within(&target) {
                    return Err(Failure::new(format!("`{}` leads in a circle", path.display()))
                        .help("take the link out"));
                }
                real = Some(target);
            }
            if is_folder {
                let real = real.unwrap_or_else(|| folder.real.join(entry.file_name()));
                waiting.push(Folder { path, above: Some(folder.clone()), real });
            } else if policy {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A folder on the way, and how it was reached.
struct Folder {
    path: PathBuf,
    /// Without links.
    real: PathBuf,
    above: Option<Arc<Folder>>,
}

impl Folder {
    /// Whether `target` is this folder or one that led to it.
    fn is_within(&self, target: &Path) -> bool {
        let mut at = Some(self);
        while let Some(folder) = at {
            if folder.real.starts_with(target) {
                return true;
            }
            at = folder.above.as_deref();
        }
        false
    }
}

impl Drop for Folder {
    /// Lets go of the way one step at a time: a million folders deep, recursion would not return.
    fn drop(&mut self) {
        let mut above = self.above.take();
        while let Some(mut folder) = above.and_then(Arc::into_inner) {
            above = folder.above.take();
        }
    }
}

fn globs(sources: &[Str]) -> Result<GlobSet, Failure> {
    let mut set = GlobSetBuilder::new();
    for source in sources {
        let wrong = |why: String| Failure::new(format!("the source `{source}` in `bailiwick.toml` {why}"));
        if source.starts_with('/') || source.split('/').any(|part| part == "..") || source.contains('\\') {
            return Err(wrong("leads outside the project".into())
                .help("sources are relative to the project, with `/`"));
        }
        let plain = source.strip_prefix("./").unwrap_or(source);
        let glob = GlobBuilder::new(plain).literal_separator(true).build();
        set.add(glob.map_err(|error| wrong(format!("is no glob: {}", error.kind())))?);
    }
    set.build()
        .map_err(|error| Failure::new(format!("the sources in `bailiwick.toml` are too many: {error}")))
}
