//! Manifests back to what they allow.
//!
//! Text to `document`s, documents to `object`s, roles and bindings to [`rbac`] (with the
//! authorizer's own decision), and these to rules over requests of the language: `lift`.
//! A field, kind or text that is not known makes its object unread.

mod document;
mod lift;
mod object;
pub mod rbac;

use super::region::units;
use crate::model::Model;
use crate::targets::reading::{Reading, Unread};
use object::{Fields, Meta, Object};
use rbac::{Binding, Rbac};
use std::collections::BTreeMap;

/// What manifests say, before it is held against a project.
#[derive(Default)]
pub struct Manifests {
    /// The bindings with their roles' rules.
    pub bindings: Vec<Binding>,
    /// What was not understood: the file, and what.
    pub unread: Vec<(String, String)>,
    /// How many objects there are.
    pub objects: usize,
    /// The service accounts that workloads run as, and their files.
    workloads: Vec<(String, String)>,
}

/// Reads manifests: any number of documents a file, YAML or JSON.
pub fn manifests<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Manifests {
    let mut read = Manifests::default();
    let mut rbac = Rbac::default();
    for (file, text) in files {
        let objects = match document::documents(text) {
            Ok(documents) => documents.into_iter().map(object::objects),
            Err(what) => {
                read.objects += 1;
                read.unread.push((file.to_string(), what));
                continue;
            }
        };
        for objects in objects {
            let objects = match objects {
                Ok(objects) => objects,
                Err(what) => {
                    read.objects += 1;
                    read.unread.push((file.to_string(), what));
                    continue;
                }
            };
            for object in objects {
                read.objects += 1;
                let done = if rbac::is_rbac(&object) {
                    rbac.add(file, object)
                } else {
                    aside(object).map(|account| {
                        read.workloads.extend(account.map(|account| (file.to_string(), account)));
                    })
                };
                if let Err(what) = done {
                    read.unread.push((file.to_string(), what));
                }
            }
        }
    }
    let (bindings, unread) = rbac.bindings();
    read.bindings = bindings;
    read.unread.extend(unread);
    read
}

/// Objects that give no access: accounts, and jobs that run as one, which is returned.
fn aside(object: Object) -> Result<Option<String>, String> {
    let Object { version, kind, mut fields } = object;
    match (version.as_str(), kind.as_str()) {
        ("v1", "ServiceAccount") => {
            Meta::take(&mut fields)?;
            for key in ["automountServiceAccountToken", "secrets", "imagePullSecrets"] {
                fields.take(key);
            }
            fields.done("a service account")?;
            Ok(None)
        }
        ("batch/v1", "CronJob") => {
            let meta = Meta::take(&mut fields)?;
            let inside = ["spec", "jobTemplate", "spec", "template", "spec"];
            let pod = inside.into_iter().try_fold(fields, |mut fields: Fields, key| fields.map(key));
            let account = pod?.text("serviceAccountName")?.unwrap_or_else(|| "default".to_string());
            let namespace = meta.namespace.ok_or("a job is in no namespace")?;
            Ok(Some(format!("{namespace}/{account}")))
        }
        _ => Err(format!("the kind `{kind}` of `{version}` is not known")),
    }
}

/// What the files of the target's folder allow of the calls of a project's tools.
pub fn read(model: &Model, files: &BTreeMap<String, String>) -> Reading {
    let manifest = |file: &&String| [".yaml", ".yml", ".json"].iter().any(|ending| file.ends_with(ending));
    let (readable, others): (Vec<_>, Vec<_>) = files.keys().partition(manifest);
    let read = manifests(readable.into_iter().map(|file| (file.as_str(), files[file].as_str())));
    let mut reading = lift::lift(model, &units(model), &read);
    reading.unread.extend(read.unread.into_iter().map(|(file, what)| Unread { file, what }));
    let other = |file: &String| Unread { file: file.clone(), what: "it is no manifest".to_string() };
    reading.unread.extend(others.into_iter().map(other));
    reading
}
