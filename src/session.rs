//! A project behind the queries: the same ones that the language server asks.

use crate::status::Failure;
use crate::workspace::Workspace;
use bailiwick_compiler::db::{Compiled, Database, Project, SourceFile, compile_together};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Severity;
use std::path::Path;

/// An opened project and its database.
pub struct Session {
    /// What lies on disk.
    pub workspace: Workspace,
    /// What answers queries.
    pub db: Database,
    /// The project in it.
    pub project: Project,
}

impl Session {
    /// Opens the project of a path.
    pub fn open(path: &Path) -> Result<Session, Failure> {
        Ok(Self::of(Workspace::open(path)?))
    }

    /// Puts a project into a database.
    pub fn of(workspace: Workspace) -> Session {
        let db = Database::default();
        let modules = workspace.modules.iter();
        let files = modules.map(|(module, text)| SourceFile::new(&db, module.as_str().into(), text.clone()));
        let files = files.collect();
        let project = Project::new(&db, files, workspace.settings.clone(), workspace.lock.clone());
        Session { workspace, db, project }
    }

    /// The model and what is wrong with the project, the manifest and the lock included.
    pub fn compile(&self) -> (Compiled, Vec<Diagnostic>) {
        let compiled = compile_together(&self.db, self.project);
        let read = compiled.diagnostics.iter().map(|found| &**found);
        let diagnostics = self.workspace.diagnostics.iter().chain(read).cloned().collect();
        (compiled, diagnostics)
    }

    /// The model, when nothing is wrong with the project; else what is wrong. A model with errors
    /// lacks declarations, perhaps a forbid: nothing is decided or built from it.
    pub fn sound(&self) -> Result<Compiled, Vec<Diagnostic>> {
        let (compiled, diagnostics) = self.compile();
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(diagnostics);
        }
        Ok(compiled)
    }
}
