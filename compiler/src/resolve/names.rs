//! Name tables: one per kind, global to the project.

use crate::db::{Db, Project};
use crate::diagnostic::{Diagnostic, Explanation, error};
use crate::model::Str;
use crate::resolve::modules::modules;
use crate::resolve::{DeclKey, Kind, declarations, node};
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

/// The declarations of a project that count: by module, then in order; of two with one name the first.
#[salsa::tracked]
pub fn declared(db: &dyn Db, project: Project) -> Vec<DeclKey<'_>> {
    partition(db, project).0
}

/// Those that are left out because their name is taken, each with the one that took it.
#[salsa::tracked]
fn taken(db: &dyn Db, project: Project) -> Vec<(DeclKey<'_>, DeclKey<'_>)> {
    partition(db, project).1
}

type Partition<'db> = (Vec<DeclKey<'db>>, Vec<(DeclKey<'db>, DeclKey<'db>)>);

fn partition(db: &dyn Db, project: Project) -> Partition<'_> {
    let mut first: HashMap<(Kind, &Str), DeclKey<'_>> = HashMap::new();
    let (mut kept, mut taken) = (Vec::new(), Vec::new());
    for file in modules(db, project).files.values() {
        for key in declarations(db, *file) {
            let kind = key.kind(db);
            match first.get(&(kind, key.name(db))) {
                Some(earlier) if kind.has_unique_names() => taken.push((*key, *earlier)),
                _ => {
                    first.insert((kind, key.name(db)), *key);
                    kept.push(*key);
                }
            }
        }
    }
    (kept, taken)
}

/// The name tables.
#[salsa::tracked(returns(clone))]
pub fn names(db: &dyn Db, project: Project) -> Arc<Names> {
    let mut names = Names::default();
    for key in declared(db, project) {
        let table = names.tables.entry(key.kind(db)).or_default();
        table.insert(key.name(db).clone(), key.file(db).module(db).clone());
    }
    Arc::new(names)
}

/// Names that are declared twice.
pub fn duplicates(db: &dyn Db, project: Project) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (key, earlier) in taken(db, project) {
        let (Some(here), Some(there)) = (node(db, *key), node(db, *earlier)) else { continue };
        let (word, name) = (key.kind(db).word(), key.name(db));
        found.push(
            error("duplicate-name", format!("there is already a {word} `{name}`"))
                .at(&here.origin().module, here.name_span())
                .label(&there.origin().module, there.name_span(), "declared here first")
                .help("give one of the two another name; names are global to the project"),
        );
    }
    found
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
