//! Projects that between them use every construct an engine has to decide.

mod cluster;
mod forbids;
mod hostile;
mod payments;
mod values;

use serde_json::Value;

/// A project, a request that it allows, and what becomes of variations of it.
pub struct Written {
    /// Its name, for messages.
    pub name: &'static str,
    /// Its one module.
    pub text: &'static str,
    base: &'static str,
    cases: &'static [Case],
}

/// A title, whether it is allowed, and what differs from the base: JSON pointers, and JSON
/// texts or nothing for what is taken away.
type Case = (&'static str, bool, &'static [(&'static str, &'static str)]);

/// The requests of a project: title, whether allowed, JSON.
pub fn cases(written: &Written) -> Vec<(String, bool, String)> {
    let base: Value = serde_json::from_str(written.base).expect("JSON");
    let as_is = ("the base".to_owned(), true, base.to_string());
    let varied = written.cases.iter().map(|(title, allowed, changes)| {
        let mut json = base.clone();
        for (pointer, text) in *changes {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            let parent = json.pointer_mut(parent).expect(pointer).as_object_mut().expect(pointer);
            match *text {
                "" => drop(parent.remove(key)),
                text => drop(parent.insert(key.to_owned(), serde_json::from_str(text).expect(text))),
            }
        }
        ((*title).to_owned(), *allowed, json.to_string())
    });
    let cases = [as_is].into_iter().chain(varied);
    cases.map(|(title, allowed, json)| (format!("{}: {title}", written.name), allowed, json)).collect()
}

/// The one of that name.
pub fn named(name: &str) -> &'static Written {
    ALL.iter().find(|written| written.name == name).expect("a project")
}

/// All of them.
pub const ALL: &[Written] =
    &[payments::PAYMENTS, values::VALUES, forbids::FORBIDS, hostile::HOSTILE, cluster::CLUSTER];
