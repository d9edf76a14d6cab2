//! The conformance vectors of `tests/conformance`, for all that is held to them: the reference
//! evaluator, the solver's encoding, the exports. Unlike the rest of the kit, this reads files.

use bailiwick_compiler::Model;
use bailiwick_compiler::db::compile_text;
use bailiwick_compiler::model::Severity;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::path::{Path, PathBuf};

/// A file of vectors.
#[derive(Deserialize)]
pub struct Vectors {
    /// The clause of the language that they are about.
    pub clause: String,
    /// The folder of the project under `projects`.
    pub project: String,
    /// The vectors.
    pub cases: Vec<Case>,
}

/// A vector.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    /// What it is about; unique in its file.
    pub name: String,
    request: Option<Box<RawValue>>,
    request_text: Option<String>,
    /// `allow` or `deny`.
    pub decision: String,
    /// Why, see the README.
    pub reason: String,
}

impl Case {
    /// The request as an evaluator is given it.
    pub fn text(&self) -> &str {
        match (&self.request, &self.request_text) {
            (Some(request), None) => request.get(),
            (None, Some(text)) => text,
            _ => panic!("`{}` must have a `request` or a `requestText`", self.name),
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance")
}

/// Every file of vectors with its name, in the order of the names.
pub fn vectors() -> Vec<(String, Vectors)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the folder of vectors")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("a file of vectors");
        let vectors =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().expect("a name").to_string_lossy().into_owned(), vectors)
    };
    files.iter().map(read).collect()
}

/// The model of a shared project; it compiles without errors.
pub fn vector_model(project: &str) -> Model {
    let mut modules: Vec<(String, String)> = std::fs::read_dir(folder().join("projects").join(project))
        .unwrap_or_else(|error| panic!("project `{project}`: {error}"))
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a module"))
        })
        .collect();
    modules.sort();
    let modules: Vec<(&str, &str)> =
        modules.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let compiled = compile_text(&modules);
    if let Some(error) = compiled.diagnostics.iter().find(|found| found.severity == Severity::Error) {
        panic!("project `{project}`: {}: {} ({:?})", error.code, error.message, error.at);
    }
    (*compiled.model).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_project_of_the_vectors_compiles() {
        let mut projects: Vec<String> = vectors().into_iter().map(|(_, vectors)| vectors.project).collect();
        projects.sort();
        projects.dedup();
        assert!(projects.len() >= 10);
        for project in projects {
            vector_model(&project);
        }
    }
}
