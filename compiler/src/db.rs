//! The database: what comes in, and the queries from text to model.
//!
//! Inputs are the files' texts, the manifest and the lock file; nothing here reads a disk. The
//! standard library comes in once, with high durability, when a [`Database`] is made. From there
//! on each step is a query, and each is made so that an edit stops where it no longer matters:
//!
//! ```text
//! text ─ parse ─ declarations ─┬─ names ─ estate ─ facts ─┐
//!        (a file)              └─ nodes (a file) ─────────┴─ contents (a file) ─ compile
//! ```
//!
//! What a grant is in the model depends on its own declaration and on the facts (what there is,
//! without positions), and a file remembers those of its declarations, so editing one grant reads
//! one grant.

#![allow(missing_docs)] // salsa's macros generate methods that have none

use crate::diagnostic::Diagnostic;
use crate::lock::{Lock, Open};
use crate::manifest::Manifest;
use crate::model::{Model, Severity, Str};
use bailiwick_grammar::Parsed;
use salsa::Durability;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// What queries are asked of.
#[salsa::db]
pub trait Db: salsa::Database {}

/// A database of projects, with the standard library in it.
#[salsa::db]
#[derive(Clone)]
pub struct Database {
    storage: salsa::Storage<Self>,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl Db for Database {}

impl Default for Database {
    fn default() -> Self {
        let db = Self { storage: salsa::Storage::default() };
        let modules = bailiwick_stdlib::modules().iter().map(|(path, text)| {
            SourceFile::builder((*path).into(), (*text).into()).durability(Durability::HIGH).new(&db)
        });
        let modules = modules.collect();
        let _ = Library::builder(modules).durability(Durability::HIGH).new(&db);
        db
    }
}

/// One file's text.
#[salsa::input(debug)]
pub struct SourceFile {
    /// Its module: the path relative to the project, without `.grant`; or `std/…`.
    pub module: Str,
    /// What stands in it.
    #[returns(ref)]
    pub text: Arc<str>,
}

/// The standard library.
#[salsa::input(singleton, debug)]
pub struct Library {
    /// Its modules, sorted by path.
    pub modules: Vec<SourceFile>,
}

/// A project: its files (not the standard library's), its manifest and its lock file.
#[salsa::input(debug)]
pub struct Project {
    /// The files, in any order.
    pub files: Vec<SourceFile>,
    /// What `bailiwick.toml` says.
    pub manifest: Arc<Manifest>,
    /// What `bailiwick.lock` says, when there is one.
    pub lock: Option<Arc<Lock>>,
}

/// What a project compiles to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compiled {
    /// What it means. A declaration with an error is left out: see [`Compiled::has_errors`].
    pub model: Arc<Model>,
    /// What is wrong with it, sorted by place.
    pub diagnostics: Arc<Vec<Arc<Diagnostic>>>,
    /// The grants that its lock file speaks of: [`Lock::of`] says what should stand in it.
    pub open: Arc<Vec<Open>>,
}

impl Compiled {
    /// Whether something is wrong. The model then lacks declarations, perhaps a forbid: it may
    /// be looked at, as an editor does, but nothing is decided, built or proved from it.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// The tree of a file. Trees compare without positions, so a new one always counts as changed.
#[salsa::tracked(returns(clone), no_eq)]
pub fn parse(db: &dyn Db, file: SourceFile) -> Arc<Parsed> {
    Arc::new(bailiwick_grammar::parse(file.text(db)))
}

/// The project's model, and what is wrong with the project.
#[salsa::tracked(returns(clone))]
pub fn compile(db: &dyn Db, project: Project) -> Compiled {
    crate::lower::assemble(db, project)
}

/// Compiles with two threads that come from the project's two ends: each finds done what the other
/// has done. What comes of it is what [`compile`] alone would give.
pub fn compile_together(db: &Database, project: Project) -> Compiled {
    std::thread::scope(|scope| {
        let other = db.clone();
        scope.spawn(move || {
            // An edit while it runs ends it, as it ends any query.
            let _ = salsa::Cancelled::catch(AssertUnwindSafe(|| crate::lower::meet(&other, project)));
        });
        compile(db, project)
    })
}

/// Compiles modules given as `(path without .grant, text)`, with a default manifest and no lock file.
pub fn compile_text(files: &[(&str, &str)]) -> Compiled {
    let db = Database::default();
    let files = files.iter().map(|(module, text)| SourceFile::new(&db, (*module).into(), (*text).into()));
    let project = Project::new(&db, files.collect(), Arc::default(), None);
    compile(&db, project)
}

#[cfg(test)]
mod tests {
    use super::*;
    use salsa::Setter;
    use std::sync::Mutex;

    const GROUND: &str = "purpose p { \"Work.\" }\nperson alice { email \"a@acme.example\" }\nagent a { owner alice }\n\
        tool t { arg n: int  effect read  touches nothing }\n";

    #[test]
    fn editing_a_grant_reads_that_grant_alone() {
        let log = Arc::new(Mutex::new(Vec::<String>::new()));
        let mut db = Database::logged({
            let log = log.clone();
            move |query| log.lock().unwrap().push(query)
        });
        let grants = |limit: i64| {
            format!(
                "use \"./ground.grant\"\ngrant g {{ to a for p  allow t }}\ngrant h {{ to a for p  allow t where args.n < {limit} }}\n"
            )
        };
        let ground = SourceFile::new(&db, "ground".into(), GROUND.into());
        let file = SourceFile::new(&db, "main".into(), grants(5).into());
        let project = Project::new(&db, vec![ground, file], Arc::default(), None);
        assert!(compile(&db, project).diagnostics.is_empty());
        log.lock().unwrap().clear();
        file.set_text(&mut db).to(grants(6).into());
        assert_eq!(compile(&db, project).model.grants.len(), 2);
        let older = compile(&db, project).model;
        file.set_text(&mut db).to(grants(7).into());
        let newer = compile(&db, project).model;
        assert!(Arc::ptr_eq(&older.grants[0], &newer.grants[0]), "`g` was read again");
        assert_ne!(older.grants[1], newer.grants[1]);
        {
            let ran = log.lock().unwrap();
            let count = |query: &str| ran.iter().filter(|ran| ran.starts_with(query)).count();
            assert_eq!(
                (count("contents"), count("estate"), count("parts"), count("facts"), count("parse")),
                (2, 0, 2, 0, 2),
                "{ran:#?}"
            );
        }
        // What only moved is where it would be if it were read anew.
        let moved = format!("# a comment\n{}", grants(7));
        file.set_text(&mut db).to(moved.as_str().into());
        let anew = compile_text(&[("ground", GROUND), ("main", &moved)]);
        assert_eq!(compile(&db, project), anew);
        assert_ne!(anew.model.grants, newer.grants);
    }

    #[test]
    fn two_threads_compile_as_one_does() {
        let main = |at| {
            format!(
                "use \"./ground.grant\"\ngrant g{at} {{ to a for p  allow t* where args.n < {at} }}\n\
                 grant bad{at} {{ to b for p  allow t }}\n"
            )
        };
        let mut files: Vec<(String, String)> = (0..40).map(|at| (format!("m{at}"), main(at))).collect();
        files.push(("ground".into(), GROUND.into()));
        let one = compile_text(&files.iter().map(|(path, text)| (&**path, &**text)).collect::<Vec<_>>());
        for _ in 0..20 {
            let db = Database::default();
            let file = |(path, text): &(String, String)| {
                SourceFile::new(&db, path.as_str().into(), text.as_str().into())
            };
            let project = Project::new(&db, files.iter().map(file).collect(), Arc::default(), None);
            assert_eq!(compile_together(&db, project), one);
        }
        assert_eq!((one.model.grants.len(), one.diagnostics.len(), one.open.len()), (40, 41, 40));
    }

    impl Database {
        /// A database that tells which queries it runs.
        fn logged(tell: impl Fn(String) + Send + Sync + 'static) -> Self {
            let tell: Box<dyn Fn(salsa::Event) + Send + Sync> = Box::new(move |event| {
                if let salsa::EventKind::WillExecute { database_key } = event.kind {
                    tell(format!("{database_key:?}"));
                }
            });
            Self { storage: salsa::Storage::new(Some(tell)) }
        }
    }
}
