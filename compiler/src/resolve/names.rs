//! Name tables: one per kind, global to the project.

use crate::db::{Db, Project, SourceFile};
use crate::diagnostic::{Diagnostic, Explanation, error};
use crate::model::Str;
use crate::resolve::modules::modules;
use crate::resolve::{DeclKey, Kind, declarations, nodes};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Which names are declared, and by which module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    tables: BTreeMap<Kind, HashMap<Str, Str>>,
}

impl Names {
    /// The names of a kind and the modules that declare them, in any order.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = (&Str, &Str)> {
        self.tables.get(&kind).into_iter().flatten()
    }

    /// The module that declares the name.
    pub fn module(&self, kind: Kind, name: &str) -> Option<&Str> {
        self.tables.get(&kind)?.get(name)
    }
}

/// A declaration of a project: its file, and its number among the file's [`declarations`].
type Numbered = (SourceFile, usize);

/// Declarations that are left out because their name is taken, each with the one that took it: of
/// two with one name the first counts, by module, then in order.
#[salsa::tracked(returns(clone))]
pub fn taken(db: &dyn Db, project: Project) -> Arc<HashMap<Numbered, Numbered>> {
    let files: Vec<_> =
        modules(db, project).files.values().map(|file| (*file, declarations(db, *file))).collect();
    let mut first: HashMap<(Kind, &Str), Numbered> = HashMap::new();
    let mut taken = HashMap::new();
    for (file, keys) in &files {
        for (at, key) in keys.iter().enumerate().filter(|(_, key)| key.kind.has_unique_names()) {
            let earlier = *first.entry((key.kind, &key.name)).or_insert((*file, at));
            if earlier != (*file, at) {
                taken.insert((*file, at), earlier);
            }
        }
    }
    Arc::new(taken)
}

/// The name tables.
#[salsa::tracked(returns(clone))]
pub fn names(db: &dyn Db, project: Project) -> Arc<Names> {
    let mut names = Names::default();
    for (module, file) in &modules(db, project).files {
        for key in declarations(db, *file).iter() {
            let table = names.tables.entry(key.kind).or_default();
            table.entry(key.name.clone()).or_insert_with(|| module.clone());
        }
    }
    Arc::new(names)
}

/// Names that are declared twice.
pub fn duplicates(db: &dyn Db, project: Project) -> Vec<Diagnostic> {
    let node = |(file, at): Numbered| nodes(db, file).nth(at);
    let taken = taken(db, project);
    let found = taken.iter().filter_map(|(&(file, at), &earlier)| {
        let (here, there) = (node((file, at))?, node(earlier)?);
        let DeclKey { kind, name, .. } = &declarations(db, file)[at];
        let problem = error("duplicate-name", format!("there is already a {} `{name}`", kind.word()))
            .at(&here.origin().module, here.name_span())
            .label(&there.origin().module, there.name_span(), "declared here first")
            .help("give one of the two another name; names are global to the project");
        Some(problem)
    });
    found.collect()
}

/// The candidate that a reader would take for the word, if any.
pub fn suggest<T: AsRef<str>>(word: &str, candidates: impl IntoIterator<Item = T>) -> Option<T> {
    let limit = (word.chars().count() / 3).max(1);
    let near = candidates.into_iter().filter_map(|candidate| {
        let distance = strsim::damerau_levenshtein(word, candidate.as_ref());
        (distance <= limit).then_some((distance, candidate))
    });
    near.min_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.as_ref().cmp(y.as_ref())))
        .map(|(_, candidate)| candidate)
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "duplicate-name",
    "two declarations of one kind have the same name",
    "a rule that names it could mean either; only the first would count",
    "person alice { email \"alice@acme.example\" }\nperson alice { email \"alice@other.example\" }\n",
    "rename one of them; names are unique per kind over the whole project, people and teams sharing one",
)];
