//! `use`: which modules a project has, and which each of them sees.
//!
//! A path is read against the using file's folder, by its text alone. `..` may stand only at
//! its start: `a/../b` is another file than `b` where `a` is a link, and nobody needs it.

use crate::db::{Db, Library, Project, SourceFile, parse};
use crate::diagnostic::{Diagnostic, Explanation, error};
use crate::model::Str;
use crate::resolve::names::suggest;
use bailiwick_grammar::Span;
use bailiwick_grammar::ast::{DeclKind, UseTarget};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The modules of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modules {
    /// The project's files and what they use of the standard library, by module path.
    pub files: BTreeMap<Str, SourceFile>,
    /// What each module sees: itself and all that it uses, directly or through others.
    pub visible: BTreeMap<Str, Arc<HashSet<Str>>>,
    /// What is wrong with their `use` lines.
    pub diagnostics: Vec<Diagnostic>,
}

/// The `use` lines of a file.
#[salsa::tracked(returns(clone))]
pub fn uses(db: &dyn Db, file: SourceFile) -> Arc<Vec<(UseTarget, Span)>> {
    let parsed = parse(db, file);
    let uses = parsed.module.decls.iter().filter_map(|decl| match &decl.kind {
        DeclKind::Use(target @ (UseTarget::Std(path) | UseTarget::File(path))) => {
            Some((target.clone(), path.span))
        }
        _ => None,
    });
    Arc::new(uses.collect())
}

/// The project's modules.
#[salsa::tracked(returns(clone))]
pub fn modules(db: &dyn Db, project: Project) -> Arc<Modules> {
    let mut files: BTreeMap<Str, SourceFile> =
        project.files(db).iter().map(|file| (file.module(db).clone(), *file)).collect();
    let library: BTreeMap<Str, SourceFile> = Library::try_get(db)
        .map(|library| library.modules(db).iter().map(|file| (file.module(db).clone(), *file)).collect())
        .unwrap_or_default();
    let mut diagnostics = Vec::new();
    let mut edges: BTreeMap<Str, Vec<(Str, Span)>> = BTreeMap::new();
    let mut todo: Vec<Str> = files.keys().cloned().collect();
    while let Some(module) = todo.pop() {
        let mut found = Vec::new();
        for (target, span) in uses(db, files[&module]).iter() {
            match resolve(&module, target, &files, &library) {
                Ok(used) => {
                    if let Some(file) = library.get(&used).filter(|_| !files.contains_key(&used)) {
                        files.insert(used.clone(), *file);
                        todo.push(used.clone());
                    }
                    found.push((used, *span));
                }
                Err(problem) => diagnostics.push(problem.at(&module, *span)),
            }
        }
        edges.insert(module, found);
    }
    let visible: BTreeMap<Str, Arc<HashSet<Str>>> =
        files.keys().map(|module| (module.clone(), Arc::new(reachable(module, &edges)))).collect();
    for (module, used) in &edges {
        for (target, span) in used.iter().filter(|(target, _)| visible[target].contains(module)) {
            diagnostics.push(
                error("module-cycle", format!("`{module}` and `{target}` use each other in a circle"))
                    .at(module, *span)
                    .help("move what both need into a module of its own, and use that from both"),
            );
        }
    }
    Arc::new(Modules { files, visible, diagnostics })
}

/// What a file sees. It is a query of its own so that what does not change ends here.
#[salsa::tracked(returns(clone))]
pub fn visible(db: &dyn Db, project: Project, file: SourceFile) -> Arc<HashSet<Str>> {
    modules(db, project).visible.get(file.module(db)).cloned().unwrap_or_default()
}

fn reachable(from: &Str, edges: &BTreeMap<Str, Vec<(Str, Span)>>) -> HashSet<Str> {
    let mut seen = HashSet::from([from.clone()]);
    let mut todo = vec![from.clone()];
    while let Some(module) = todo.pop() {
        for (next, _) in edges.get(&module).into_iter().flatten() {
            if seen.insert(next.clone()) {
                todo.push(next.clone());
            }
        }
    }
    seen
}

fn resolve(
    from: &Str,
    target: &UseTarget,
    files: &BTreeMap<Str, SourceFile>,
    library: &BTreeMap<Str, SourceFile>,
) -> Result<Str, Box<Diagnostic>> {
    let (path, among): (Str, _) = match target {
        UseTarget::Std(name) => (name.node.clone(), library),
        UseTarget::File(text) => (relative(from, text)?.into(), files),
    };
    let is_file = matches!(target, UseTarget::File(_));
    if among.contains_key(&path) && (!is_file || !path.starts_with("std/")) {
        return Ok(path);
    }
    let problem = error(
        "unknown-module",
        match is_file {
            true => format!("there is no file `{path}.grant` in this project"),
            false => format!("the standard library has no module `{path}`"),
        },
    );
    Err(match suggest(&path, among.keys().filter(|key| is_file != key.starts_with("std/"))) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if is_file => problem
            .help("paths are relative to the file that uses them, and lie within the project's sources"),
        None => {
            let known: Vec<&str> = library.keys().map(|key| &**key).collect();
            problem.help(format!("there are {}", crate::lower::list(&known)))
        }
    }
    .into())
}

/// The module that a path means, seen from another.
fn relative(from: &str, path: &str) -> Result<String, Box<Diagnostic>> {
    let leaves = |why: &str| -> Box<Diagnostic> {
        error("leaves-project", format!("`{path}` {why}"))
            .help("a path is relative to the file that uses it, with `..` only at its start, and stays in the project")
            .into()
    };
    if path.starts_with(['/', '~']) || path.contains(['\\', ':', '\0']) {
        return Err(leaves("is not a relative path"));
    }
    let Some(stem) = path.strip_suffix(".grant") else {
        return Err(error("unknown-module", format!("`{path}` does not name a `.grant` file"))
            .help("a file is used by its whole name: `use \"./tools.grant\"`")
            .into());
    };
    let mut folder: Vec<&str> = from.split('/').collect();
    folder.pop();
    let mut down = false;
    for segment in stem.split('/') {
        match segment {
            "." if !down => {}
            ".." if down => return Err(leaves("goes up after it went down")),
            ".." => {
                folder.pop().ok_or_else(|| leaves("leaves the project"))?;
            }
            "" | "." => return Err(leaves("has an empty or a `.` segment in the middle")),
            name => {
                down = true;
                folder.push(name);
            }
        }
    }
    Ok(folder.join("/"))
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "unknown-module",
        "a `use` line names a module that is not there",
        "what the module declares would be missing from the policy, forbids included",
        "use std/daat\n",
        "correct the name; modules of the standard library are named `std/…`, files by their path from the using file, `.grant` included",
    ),
    Explanation::error(
        "leaves-project",
        "a `use` path is absolute, leaves the project, or goes up after it went down",
        "a policy must not depend on files that reviewers of the project do not see",
        "use \"../../etc/policy.grant\"\n",
        "move the file into the project and name it relative to the using file",
    ),
    Explanation::error(
        "module-cycle",
        "modules use each other in a circle",
        "a circle is a mistake: one of the two was meant to be below the other",
        "use \"./main.grant\"\n",
        "move what both need into a module of its own",
    ),
];

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn paths_stay_in_the_project() {
        assert_eq!(relative("policies/main", "./tools.grant").as_deref(), Ok("policies/tools"));
        assert_eq!(relative("policies/main", "../a/b.grant").as_deref(), Ok("a/b"));
        assert_eq!(relative("main", "a.grant").as_deref(), Ok("a"));
        for bad in [
            "../a.grant",
            "a/../../b.grant",
            "a/../b.grant",
            "/etc/a.grant",
            "a//b.grant",
            "c:\\a.grant",
            "a/./b.grant",
            "~/a.grant",
        ] {
            assert_eq!(relative("main", bad).map_err(|e| e.code), Err("leaves-project"), "{bad}");
        }
        assert_eq!(relative("main", "a").map_err(|e| e.code), Err("unknown-module"));
    }
}
