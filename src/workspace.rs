//! From a path on the command line to the texts of a project.
//!
//! The project is the folder of the nearest `bailiwick.toml` upwards; without one, the path itself.
//! Whatever cannot be read as meant is refused with the path and the reason, before anything else
//! happens: a file left out silently could be the one with the `forbid` in it.

mod walk;

use crate::status::Failure;
use bailiwick_compiler::build::Input;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::lock::{self, Lock};
use bailiwick_compiler::manifest::{self, Manifest};
use bailiwick_compiler::question;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Larger files are refused: of what people write, and of what a build makes of it, which has a line for
/// every grant of an estate in one file.
const LARGEST: u64 = 16 << 20;
const LARGEST_BUILT: u64 = 512 << 20;

/// The ending of a policy file.
const ENDING: &str = "grant";

/// A project as it lies on disk.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its folder, absolute.
    pub root: PathBuf,
    /// Its modules: path relative to the root, `/`-separated, without `.grant`; and text.
    pub modules: BTreeMap<String, Arc<str>>,
    /// `bailiwick.toml`, when there is one, and what it says.
    pub manifest: Option<Arc<str>>,
    /// What the manifest says; the defaults without one.
    pub settings: Arc<Manifest>,
    /// `bailiwick.lock`, when there is one.
    pub lock_text: Option<Arc<str>>,
    /// What the lock says.
    pub lock: Option<Arc<Lock>>,
    /// What is wrong with the manifest or the lock.
    pub diagnostics: Vec<Diagnostic>,
    /// The question that was asked on the command line, for reports that point into it.
    pub question: Option<Arc<str>>,
}

impl Workspace {
    /// Opens the project of a path.
    ///
    /// # Errors
    ///
    /// When the path is not there or belongs to no project, when a file cannot be read, is too large
    /// or not UTF-8, when links lead in a circle or out of the project, when there is no policy at all.
    pub fn open(path: &Path) -> Result<Workspace, Failure> {
        let there = std::fs::canonicalize(path)
            .map_err(|error| Failure::at(path, "cannot be read", reason(&error)))?;
        let is_file = there.is_file();
        let folder = if is_file { there.parent().unwrap_or(&there) } else { &there };
        let root = folder.ancestors().find(|folder| folder.join(manifest::FILE).is_file());
        let workspace = match root {
            Some(root) => Self::of_manifest(root)?,
            None if is_file => Self::of_file(folder, &there)?,
            None => Self::of_files(folder, walk::policies(folder, None)?, Parts::default())?,
        };
        if is_file && there.file_name().is_some_and(|name| name != manifest::FILE) {
            workspace.demand(&there, path)?;
        }
        Ok(workspace)
    }

    fn of_manifest(root: &Path) -> Result<Workspace, Failure> {
        let mut parts = Parts::default();
        let text = read(&root.join(manifest::FILE))?;
        match manifest::parse(&text) {
            Ok(settings) => parts.settings = settings,
            Err(diagnostics) => parts.diagnostics.extend(diagnostics),
        }
        parts.manifest = Some(text.into());
        if root.join(lock::FILE).exists() {
            let text = read(&root.join(lock::FILE))?;
            match lock::parse(&text) {
                Ok(lock) => parts.lock = Some(lock),
                Err(diagnostics) => parts.diagnostics.extend(diagnostics),
            }
            parts.lock_text = Some(text.into());
        }
        let files = walk::policies(root, parts.settings.sources.as_deref())?;
        Self::of_files(root, files, parts)
    }

    fn of_file(folder: &Path, file: &Path) -> Result<Workspace, Failure> {
        if file.extension().is_none_or(|ending| ending != ENDING) {
            return Err(Failure::new(format!(
                "`{}` is not a policy: it does not end in `.grant`",
                file.display()
            )));
        }
        Self::of_files(folder, vec![file.to_owned()], Parts::default())
    }

    fn of_files(root: &Path, files: Vec<PathBuf>, parts: Parts) -> Result<Workspace, Failure> {
        let mut modules = BTreeMap::new();
        for file in files {
            let module = module(root, &file)?;
            modules.insert(module, read(&file)?.into());
        }
        if modules.is_empty() {
            return Err(Failure::new(format!("`{}` holds no policies", root.display()))
                .help("write a `.grant` file, or begin with `bailiwick init`"));
        }
        let Parts { manifest, mut settings, lock_text, lock, diagnostics } = parts;
        if settings.name.is_empty() {
            settings.name = root.file_name().and_then(|name| name.to_str()).unwrap_or("project").into();
        }
        Ok(Workspace {
            root: root.to_owned(),
            modules,
            manifest,
            settings: Arc::new(settings),
            lock_text,
            lock: lock.map(Arc::new),
            diagnostics,
            question: None,
        })
    }

    /// A file that was named must be one of the project's.
    fn demand(&self, file: &Path, as_given: &Path) -> Result<(), Failure> {
        if module(&self.root, file).is_ok_and(|module| self.modules.contains_key(&module)) {
            return Ok(());
        }
        Err(Failure::new(format!(
            "`{}` is not among the policies of the project `{}`",
            as_given.display(),
            self.root.display()
        ))
        .help(format!("look at `sources` in `{}`", self.root.join(manifest::FILE).display())))
    }

    /// The inputs of a build, for its manifest.
    pub fn inputs(&self) -> Vec<(String, &str)> {
        let modules = self.modules.iter().map(|(module, text)| (format!("{module}.{ENDING}"), &**text));
        let manifest = self.manifest.iter().map(|text| (manifest::FILE.to_owned(), &**text));
        let lock = self.lock_text.iter().map(|text| (lock::FILE.to_owned(), &**text));
        modules.chain(manifest).chain(lock).collect()
    }

    /// The text behind a diagnostic's module, and the path to show for it: relative to where the
    /// command runs when the project lies below.
    pub fn source(&self, module: &str) -> Option<(String, Arc<str>)> {
        if let Some(text) = self.modules.get(module) {
            return Some((self.shown(&format!("{module}.{ENDING}")), text.clone()));
        }
        match module {
            manifest::FILE => Some((self.shown(module), self.manifest.clone()?)),
            lock::FILE => Some((self.shown(module), self.lock_text.clone()?)),
            question::MODULE => Some(("the question".to_owned(), self.question.clone()?)),
            _ => bailiwick_stdlib::module(module).map(|text| (module.to_owned(), text.into())),
        }
    }

    fn shown(&self, relative: &str) -> String {
        let here = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
        let root = self.root.strip_prefix(&here).unwrap_or(&self.root);
        root.join(relative).display().to_string()
    }

    /// Where a module lies on disk.
    pub fn file_of(&self, module: &str) -> PathBuf {
        self.root.join(format!("{module}.{ENDING}"))
    }
}

/// What stands beside the policies.
#[derive(Default)]
struct Parts {
    manifest: Option<Arc<str>>,
    settings: Manifest,
    lock_text: Option<Arc<str>>,
    lock: Option<Lock>,
    diagnostics: Vec<Diagnostic>,
}

/// The texts as the compiler takes them.
pub fn as_inputs<'a>(texts: &'a [(String, &'a str)]) -> Vec<Input<'a>> {
    texts.iter().map(|(path, text)| Input { path, text }).collect()
}

/// The module of a file: its path below the root, `/`-separated, without the ending.
fn module(root: &Path, file: &Path) -> Result<String, Failure> {
    let below = file.strip_prefix(root).map_err(|_| leaves(file))?.with_extension("");
    let mut parts = Vec::new();
    for part in below.components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str().ok_or_else(|| {
                Failure::new(format!("the name of `{}` is not UTF-8", file.display())).help("rename it")
            })?),
            Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
                return Err(leaves(file));
            }
        }
    }
    if parts.first() == Some(&"std") {
        return Err(Failure::new(format!("`{}` would hide the standard library's `std/…`", file.display()))
            .help("rename the folder `std`"));
    }
    Ok(parts.join("/"))
}

fn leaves(file: &Path) -> Failure {
    Failure::new(format!("`{}` lies outside the project", file.display()))
}

/// Reads a text: a plain file, not too large, UTF-8.
pub fn read(path: &Path) -> Result<String, Failure> {
    text(bytes_of(path, LARGEST)?, &format!("`{}`", path.display()))
}

/// Reads a text that a build wrote.
pub fn read_built(path: &Path) -> Result<String, Failure> {
    text(read_built_bytes(path)?, &format!("`{}`", path.display()))
}

/// Reads a file that a build wrote and that need not be text.
pub fn read_built_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    bytes_of(path, LARGEST_BUILT)
}

fn bytes_of(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let name = format!("`{}`", path.display());
    let unreadable = |error: &std::io::Error| Failure::at(path, "cannot be read", reason(error));
    // asked before it is opened: opening a pipe would wait for its other end
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(Failure::at(path, "cannot be read", "it is not a file"));
    }
    if metadata.len() > most {
        return Err(too_large(&name, most));
    }
    let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
    read_from(file, &name, most)
}

/// Reads a text from standard input, with the same limits.
pub fn read_stdin() -> Result<String, Failure> {
    text(read_from(std::io::stdin().lock(), "standard input", LARGEST)?, "standard input")
}

fn read_from(from: impl Read, name: &str, most: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("{name} cannot be read: {}", reason(&error))))?;
    if bytes.len() as u64 > most { Err(too_large(name, most)) } else { Ok(bytes) }
}

fn too_large(name: &str, most: u64) -> Failure {
    let failure = Failure::new(format!("{name} is larger than {} MiB", most >> 20));
    if most == LARGEST { failure.help("split it") } else { failure }
}

fn text(bytes: Vec<u8>, name: &str) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        Failure::new(format!("{name} is not UTF-8: the first wrong byte is byte {at}, in line {line}"))
            .help("save it as UTF-8")
    })
}

/// An input or output error in our words where we have better ones than the system.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".into(),
        ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn modules(path: &Path) -> Vec<String> {
        Workspace::open(path).unwrap().modules.into_keys().collect()
    }

    fn refusal(path: &Path) -> String {
        Workspace::open(path).unwrap_err().message
    }

    #[test]
    fn the_project_is_found_upwards_and_its_sources_chosen() {
        let toml = b"[project]\nname = \"p\"\nsources = [\"policies/**/*.grant\"]\n";
        let there = folder(&[
            ("bailiwick.toml", toml),
            ("policies/a.grant", b""),
            ("policies/deep/b.grant", b""),
            ("other/c.grant", b""),
        ]);
        let expected = ["policies/a", "policies/deep/b"];
        for path in ["", "policies/deep", "policies/a.grant", "bailiwick.toml"] {
            assert_eq!(modules(&there.path().join(path)), expected, "{path}");
        }
        assert!(refusal(&there.path().join("other/c.grant")).contains("not among the policies"));
    }

    #[test]
    fn without_a_manifest_a_file_stands_alone_and_a_folder_for_all_below() {
        let there = folder(&[("a.grant", b""), ("b/c.grant", b""), (".git/d.grant", b""), ("e.txt", b"")]);
        assert_eq!(modules(there.path()), ["a", "b/c"]);
        assert_eq!(modules(&there.path().join("b/c.grant")), ["c"]);
        assert!(refusal(&there.path().join("e.txt")).contains("does not end in `.grant`"));
        assert!(refusal(&there.path().join("nowhere")).contains("no such file"));
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        assert!(refusal(folder(&[("x.txt", b"")]).path()).contains("holds no policies"));
        let wrong = refusal(folder(&[("a.grant", b"# ok\n\xff")]).path());
        assert!(
            wrong.contains("a.grant` is not UTF-8: the first wrong byte is byte 5, in line 2"),
            "{wrong}"
        );
        assert!(refusal(folder(&[("std/a.grant", b"")]).path()).contains("would hide"));
        let large = folder(&[("a.grant", b"")]);
        fs::File::options()
            .write(true)
            .open(large.path().join("a.grant"))
            .unwrap()
            .set_len(LARGEST + 1)
            .unwrap();
        assert!(refusal(large.path()).contains("larger than 16 MiB"));
        // what a build makes of many such files may be
        let path = large.path().join("a.grant");
        assert_eq!(read_built_bytes(&path).unwrap().len() as u64, LARGEST + 1);
        fs::File::options().write(true).open(&path).unwrap().set_len(LARGEST_BUILT + 1).unwrap();
        assert!(format!("{:?}", read_built(&path)).contains("larger than 512 MiB"));
    }

    #[cfg(unix)]
    #[test]
    fn links_may_not_loop_or_leave() {
        use std::os::unix::fs::symlink;
        let outside = folder(&[("secret.grant", b"")]);
        let there = folder(&[("a.grant", b""), ("deep/b.grant", b"")]);
        symlink(there.path().join("deep/b.grant"), there.path().join("inside.grant")).unwrap();
        assert_eq!(modules(there.path()), ["a", "deep/b", "inside"]);
        symlink("..", there.path().join("deep/up")).unwrap();
        assert!(refusal(there.path()).contains("circle"), "{}", refusal(there.path()));
        fs::remove_file(there.path().join("deep/up")).unwrap();
        symlink(outside.path(), there.path().join("out")).unwrap();
        assert!(refusal(there.path()).contains("outside"));
        fs::remove_file(there.path().join("out")).unwrap();
        symlink("gone", there.path().join("gone.grant")).unwrap();
        assert!(refusal(there.path()).contains("gone.grant"));
    }
}
