//! Manifests back to what they allow.
//!
//! Text to `document`s, documents to `object`s, roles and bindings to [`rbac`] (with the
//! authorizer's own decision), policies and their expressions to `admission` and `cel`, and all of
//! them to rules over requests of the language: `lift`.
//! A field, kind or text that is not known makes its object unread.

mod admission;
mod cel;
mod document;
mod lift;
mod object;
pub mod rbac;

use super::accounts::per_purpose;
use super::clean_up::{self, Places};
use super::manifests::grant_file;
use super::region::units;
use crate::model::{Grant, GrantId, Id, Model};
use crate::targets::reading::{Reading, Unread};
pub use document::documents;

use admission::{Admission, Policies};
use object::{Fields, Meta, Object};
use rbac::{Binding, Rbac};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What manifests say, before it is held against a project.
#[derive(Default)]
pub struct Manifests {
    /// The bindings with their roles' rules.
    pub bindings: Vec<Binding>,
    /// What was not understood: the file, and what.
    pub unread: Vec<(String, String)>,
    /// How many objects there are.
    pub objects: usize,
    /// The admission policies in force.
    admission: Admission,
    /// The lives of tokens that are asked for, by account: the file, and seconds.
    tokens: BTreeMap<String, Vec<(String, i64)>>,
    /// The service accounts that workloads run as, and their files.
    workloads: Vec<(String, String)>,
}

/// Reads manifests: any number of documents a file, YAML or JSON.
pub fn manifests<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Manifests {
    let mut read = Manifests::default();
    let mut rbac = Rbac::default();
    let mut policies = Policies::default();
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
                } else if admission::is_admission(&object) {
                    policies.add(file, object)
                } else {
                    aside(object).map(|aside| match aside {
                        Aside::Nothing => {}
                        Aside::Workload(account) => read.workloads.push((file.to_string(), account)),
                        Aside::Token(account, life) => {
                            read.tokens.entry(account).or_default().push((file.to_string(), life));
                        }
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
    let (admission, unread) = policies.in_force();
    read.admission = admission;
    read.unread.extend(unread);
    read
}

/// What is of interest in an object that gives no access by itself.
enum Aside {
    Nothing,
    /// It runs as this account.
    Workload(String),
    /// It asks for a token of this account, with this life in seconds.
    Token(String, i64),
}

/// Objects that give no access: accounts, requests for their tokens, and jobs that run as one.
fn aside(object: Object) -> Result<Aside, String> {
    let Object { version, kind, mut fields } = object;
    match (version.as_str(), kind.as_str()) {
        ("v1", "ServiceAccount") => {
            Meta::take(&mut fields)?;
            for key in ["automountServiceAccountToken", "secrets", "imagePullSecrets"] {
                fields.take(key);
            }
            fields.done("a service account")?;
            Ok(Aside::Nothing)
        }
        ("authentication.k8s.io/v1", "TokenRequest") => {
            let meta = Meta::take(&mut fields)?;
            let mut spec = fields.map("spec")?;
            spec.texts("audiences")?;
            // an hour when it does not say: `pkg/apis/authentication/v1/defaults.go`
            let life = spec.take("expirationSeconds").map_or(Some(3_600), |seconds| seconds.as_i64());
            spec.done("a token request")?;
            fields.done("a token request")?;
            let namespace = meta.namespace.ok_or("a token request is in no namespace")?;
            Ok(Aside::Token(format!("{namespace}/{}", meta.name), life.ok_or("a token's life is no number")?))
        }
        ("batch/v1", "CronJob") => {
            let meta = Meta::take(&mut fields)?;
            let inside = ["spec", "jobTemplate", "spec", "template", "spec"];
            let pod = inside.into_iter().try_fold(fields, |mut fields: Fields, key| fields.map(key));
            let account = pod?.text("serviceAccountName")?.unwrap_or_else(|| "default".to_string());
            let namespace = meta.namespace.ok_or("a job is in no namespace")?;
            Ok(Aside::Workload(format!("{namespace}/{account}")))
        }
        _ => Err(format!("the kind `{kind}` of `{version}` is not known")),
    }
}

/// What the files of the target's folder allow of the calls of a project's tools.
pub fn read(model: &Model, files: &BTreeMap<String, String>) -> Reading {
    let manifest = |file: &&String| [".yaml", ".yml", ".json"].iter().any(|ending| file.ends_with(ending));
    let (readable, others): (Vec<_>, Vec<_>) = files.keys().partition(manifest);
    let read = manifests(readable.into_iter().map(|file| (file.as_str(), files[file].as_str())));
    let model = &*per_purpose(model);
    let mut reading = lift::lift(model, &units(model), &read);
    reading.unread.extend(not_cleaned_up(model, files, &read.bindings));
    for (file, what) in read.unread {
        let unread = Unread { file, what };
        if !reading.unread.contains(&unread) {
            reading.unread.push(unread);
        }
    }
    let other = |file: &String| Unread { file: file.clone(), what: "it is no manifest".to_string() };
    reading.unread.extend(others.into_iter().map(other));
    reading
}

/// The grants whose bindings nobody takes out in time, where that was asked for.
fn not_cleaned_up(model: &Model, files: &BTreeMap<String, String>, bindings: &[Binding]) -> Vec<Unread> {
    let flaw = |(at, grant): (usize, &Arc<Grant>)| {
        let of_grant = grant_file(grant);
        let bound = bindings.iter().filter(|binding| binding.file == of_grant);
        let places: Places = bound.map(|binding| binding.namespace.as_deref()).collect();
        if places.is_empty() {
            return None;
        }
        let file = clean_up::file(grant);
        let written = clean_up::of_grant(model, GrantId::at(at), &places)?;
        let what = clean_up::flaw(&written, files.get(&file).map(String::as_str))?;
        Some(Unread { file, what: what.to_string() })
    };
    model.grants.iter().enumerate().filter_map(flaw).collect()
}
