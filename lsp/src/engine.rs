//! The projects behind the open documents, in one database.
//!
//! [`Engine::sync`] brings the database up to the editor's state: a write cancels the queries that
//! still run on clones of it, within about a millisecond, and waits for the clones to be dropped.

use crate::state::Document;
use crate::{Files, Folder, Host};
use bailiwick_analyzer::Clock;
use bailiwick_compiler::db::{Database, Project, SourceFile, compile};
use bailiwick_compiler::diagnostic::{Diagnostic, Location};
use bailiwick_compiler::{lock, manifest};
use bailiwick_grammar::Span;
use salsa::Setter;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Open documents by path.
pub type Open = BTreeMap<PathBuf, Document>;

/// The database and what is in it.
pub struct Engine {
    host: Host,
    db: Database,
    clock: Clock,
    projects: BTreeMap<PathBuf, Loaded>,
}

/// A project in the database.
#[derive(Clone)]
struct Loaded {
    folder: Arc<Folder>,
    project: Project,
    files: Files,
}

/// A clone of the database, to ask queries of. It is to be dropped soon: writes wait for it.
pub struct Snapshot {
    /// What to ask.
    pub db: Database,
    clock: Clock,
    projects: Vec<Loaded>,
}

/// A newer edit came in between.
#[derive(Debug)]
pub struct Superseded;

impl Engine {
    /// An empty one.
    pub fn new(host: Host) -> Self {
        let db = Database::default();
        let clock = Clock::new(&db, (host.now)());
        Self { host, db, clock, projects: BTreeMap::new() }
    }

    /// Brings the database up to what is open; `stale` when files on disk have changed.
    pub fn sync(&mut self, open: &Open, stale: bool) {
        if stale {
            // also where files were added or taken away
            for key in self.projects.keys().cloned().collect::<Vec<_>>() {
                match (self.host.load)(&key) {
                    Ok(folder) => self.put(key, folder, open),
                    Err(_) => {
                        self.projects.remove(&key);
                    }
                }
            }
            let now = (self.host.now)();
            self.clock.set_now(&mut self.db).to(now);
        }
        for (path, document) in open {
            if self.home_of(path).is_none() {
                let (key, folder) = self.find(path, document);
                self.put(key, folder, open);
            }
        }
        for (key, loaded) in self.projects.clone() {
            let folder = Folder::clone(&loaded.folder);
            self.put(key, folder, open);
        }
    }

    /// The project of a document: of its folder, or the document alone when that is not to be had.
    fn find(&self, path: &Path, document: &Document) -> (PathBuf, Folder) {
        let found = path
            .parent()
            .ok_or_else(|| "there is no folder".to_owned())
            .and_then(|dir| (self.host.load)(dir));
        let why = match found {
            Ok(folder)
                if path.exists()
                    && module_of(&folder.root, path)
                        .is_none_or(|module| !folder.modules.contains_key(&module)) =>
            {
                "this file is not among the sources of `bailiwick.toml`".to_owned()
            }
            Ok(folder) => return (folder.root.clone(), folder),
            Err(why) => why,
        };
        let module = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let alone = Diagnostic::note("file-alone", format!("{why}; it is checked alone"));
        let alone = Diagnostic {
            at: Some(Location { module: module.as_str().into(), span: Span::default() }),
            ..alone
        };
        let folder = Folder {
            root: path.parent().unwrap_or(path).to_owned(),
            modules: BTreeMap::from([(module, document.text.clone())]),
            manifest: Arc::default(),
            lock: None,
            diagnostics: vec![alone],
        };
        (path.to_owned(), folder)
    }

    /// The key of the project that a document belongs to.
    fn home_of(&self, path: &Path) -> Option<PathBuf> {
        if self.projects.contains_key(path) {
            return Some(path.to_owned());
        }
        let mut homes = path.ancestors().skip(1).filter(|folder| self.projects.contains_key(*folder));
        homes.next().filter(|root| self.projects[*root].holds(path)).map(Path::to_owned)
    }

    /// Puts a project into the database, or what has changed of it.
    fn put(&mut self, key: PathBuf, folder: Folder, open: &Open) {
        let mut texts = folder.modules.clone();
        for (path, document) in open {
            let alone = self.projects.contains_key(path) && *path != key;
            let Some(module) = module_of(&folder.root, path).filter(|_| !alone) else { continue };
            if *path == key || folder.modules.contains_key(&module) || !path.exists() {
                texts.insert(module, document.text.clone());
            }
        }
        let known = self.projects.get(&key);
        let mut files = Files::new();
        let mut same = known.is_some_and(|known| known.files.len() == texts.len());
        let known_files = known.map(|known| known.files.clone()).unwrap_or_default();
        for (module, text) in texts {
            let file = match known_files.get(&module) {
                Some(&file) => {
                    if **file.text(&self.db) != *text {
                        file.set_text(&mut self.db).to(text);
                    }
                    file
                }
                None => {
                    same = false;
                    SourceFile::new(&self.db, module.as_str().into(), text)
                }
            };
            files.insert(module, file);
        }
        let project = match self.projects.get(&key).map(|known| known.project) {
            None => {
                let all = files.values().copied().collect();
                Project::new(&self.db, all, folder.manifest.clone(), folder.lock.clone())
            }
            Some(project) => {
                if !same {
                    project.set_files(&mut self.db).to(files.values().copied().collect());
                }
                if *project.manifest(&self.db) != folder.manifest {
                    project.set_manifest(&mut self.db).to(folder.manifest.clone());
                }
                if *project.lock(&self.db) != folder.lock {
                    project.set_lock(&mut self.db).to(folder.lock.clone());
                }
                project
            }
        };
        self.projects.insert(key, Loaded { folder: Arc::new(folder), project, files });
    }

    /// What to ask queries of, away from the lock.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            db: self.db.clone(),
            clock: self.clock,
            projects: self.projects.values().cloned().collect(),
        }
    }
}

impl Loaded {
    fn holds(&self, path: &Path) -> bool {
        module_of(&self.folder.root, path).is_some_and(|module| self.files.contains_key(&module))
    }

    /// Where a module lies; `None` for the standard library's.
    fn path_of(&self, module: &str) -> Option<PathBuf> {
        match module {
            manifest::FILE | lock::FILE => Some(self.folder.root.join(module)),
            module if self.files.contains_key(module) => {
                Some(self.folder.root.join(format!("{module}.grant")))
            }
            _ => None,
        }
    }
}

/// What is to be shown in a file, and in which text.
#[derive(Debug, Default)]
pub struct Page {
    /// The text that the spans speak of.
    pub text: Arc<str>,
    /// In the order in which they were found.
    pub diagnostics: Vec<Arc<Diagnostic>>,
}

impl Snapshot {
    /// What is wrong, by file; the analyzer's findings too when `deep`.
    pub fn diagnostics(&self, deep: bool) -> Result<BTreeMap<PathBuf, Page>, Superseded> {
        self.ask(|| {
            let mut pages = BTreeMap::new();
            for loaded in &self.projects {
                let found = match deep {
                    true => bailiwick_analyzer::check(&self.db, loaded.project, self.clock).to_vec(),
                    false => compile(&self.db, loaded.project).diagnostics.to_vec(),
                };
                for path in loaded.files.keys().filter_map(|module| loaded.path_of(module)) {
                    pages.entry(path).or_insert_with(Page::default);
                }
                let of_folder = loaded.folder.diagnostics.iter().cloned().map(Arc::new);
                for diagnostic in of_folder.chain(found) {
                    // what is wrong with the project as a whole is shown where its first file starts
                    let module = diagnostic.at.as_ref().map(|at| &*at.module);
                    let module = module.or(loaded.files.keys().next().map(String::as_str));
                    if let Some(path) = module.and_then(|module| loaded.path_of(module)) {
                        pages.entry(path).or_insert_with(Page::default).diagnostics.push(diagnostic);
                    }
                }
                for (module, file) in &loaded.files {
                    if let Some(page) = loaded.path_of(module).and_then(|path| pages.get_mut(&path)) {
                        page.text = file.text(&self.db).clone();
                    }
                }
            }
            pages
        })
    }

    /// The project of a document: every file of it, the standard library's without a path, and the
    /// document's own.
    pub fn project_of(&self, path: &Path) -> Option<Files> {
        let alone = self.projects.iter().find(|loaded| loaded.holds(path) && loaded.files.len() == 1);
        let loaded = alone.or_else(|| self.projects.iter().find(|loaded| loaded.holds(path)))?;
        Some(loaded.files.clone())
    }

    /// Where a module of the document's project lies, and its text.
    pub fn locate(&self, from: &Path, module: &str) -> Option<(PathBuf, Arc<str>)> {
        let loaded = self.projects.iter().find(|loaded| loaded.holds(from))?;
        let file = loaded.files.get(module)?;
        Some((loaded.path_of(module)?, file.text(&self.db).clone()))
    }

    /// The file of a document.
    pub fn file_of(&self, path: &Path) -> Option<SourceFile> {
        let loaded = self.projects.iter().find(|loaded| loaded.holds(path))?;
        loaded.files.get(&module_of(&loaded.folder.root, path)?).copied()
    }

    /// Asks queries; a newer edit interrupts them.
    pub fn ask<T>(&self, queries: impl FnOnce() -> T) -> Result<T, Superseded> {
        salsa::Cancelled::catch(AssertUnwindSafe(queries)).map_err(|_| Superseded)
    }
}

/// The module of a policy file below a root.
pub fn module_of(root: &Path, path: &Path) -> Option<String> {
    if path.extension()? != "grant" {
        return None;
    }
    let below = path.strip_prefix(root).ok()?.with_extension("");
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}
