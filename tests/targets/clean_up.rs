//! Kubernetes: the jobs that take out bindings when their grant expires.

use super::agreement::BUILT;
use super::cloud::models;
use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::kubernetes::Kubernetes;
use bailiwick_compiler::targets::kubernetes::read::manifests;
use bailiwick_compiler::targets::kubernetes::read::rbac::{Attributes, On, Subject, allows, user_of};
use bailiwick_compiler::targets::{Emission, Target};

/// The project's model, with jobs asked for.
pub fn cleaning(mut model: Model) -> Model {
    let clean_up = CleanUp { image: "acme.example/kubectl:1.34".into(), namespace: "ops".into() };
    model.options.kubernetes.clean_up = Some(clean_up);
    model
}

/// A model, its exports with and without jobs.
fn exported() -> impl Iterator<Item = (Model, Emission, Emission)> {
    models().into_iter().take(12).map(|(_, model)| {
        let without = Kubernetes.emit(&model, BUILT);
        let model = cleaning(model);
        let with = Kubernetes.emit(&model, BUILT);
        (model, with, without)
    })
}

#[test]
fn every_exported_grant_that_expires_has_a_job_where_jobs_are_asked_for() {
    let mut jobs = 0;
    for (model, with, without) in exported() {
        assert!(!without.files.keys().any(|path| path.starts_with("clean-up/")));
        for grant in &model.grants {
            let exported = with.files.contains_key(&format!("grants/{}.yaml", grant.name));
            let job = with.files.contains_key(&format!("clean-up/{}.yaml", grant.name));
            assert_eq!(job, exported && grant.expires.is_some(), "{}", grant.name);
            jobs += usize::from(job);
        }
        let others = with.files.iter().filter(|(path, _)| !path.starts_with("clean-up/"));
        assert!(others.eq(&without.files), "nothing else is written otherwise");
        assert_eq!(with.outcomes, without.outcomes);
        let reading = Kubernetes.read(&model, &with.files);
        assert!(reading.unread.is_empty() && reading.strays.is_empty(), "{reading:#?}");
    }
    assert!(jobs >= 10, "{jobs} jobs are too few");
}

/// Of all bindings, for every verb, the account of a job may delete those of its grant.
#[test]
fn a_job_may_take_out_the_bindings_of_its_grant_and_do_nothing_else() {
    let mut may = 0;
    for (model, with, _) in exported() {
        let read = manifests(with.files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let jobs = read.bindings.iter().filter(|binding| binding.file.starts_with("clean-up/"));
        for job in jobs {
            let [Subject::Account(namespace, name)] = &job.subjects[..] else { panic!("{job:?}") };
            assert_eq!(*namespace, "ops");
            let grant = job.file.replacen("clean-up/", "grants/", 1);
            for other in &read.bindings {
                for verb in ["delete", "get", "list", "create", "patch", "deletecollection", "bind"] {
                    let (user, groups) = user_of(namespace, name);
                    let resource =
                        if other.namespace.is_some() { "rolebindings" } else { "clusterrolebindings" };
                    let on = On::Resource {
                        group: "rbac.authorization.k8s.io".into(),
                        resource: resource.into(),
                        subresource: String::new(),
                        namespace: other.namespace.clone().unwrap_or_default(),
                        name: other.name.clone(),
                    };
                    let allowed = allows(&read.bindings, &Attributes { user, groups, verb: verb.into(), on });
                    assert_eq!(allowed, verb == "delete" && other.file == grant, "{verb} {}", other.id);
                    may += usize::from(allowed);
                }
            }
        }
        assert!(model.options.kubernetes.clean_up.is_some());
    }
    assert!(may >= 10, "{may} are too few");
}

#[test]
fn a_job_that_was_edited_or_taken_away_is_found() {
    let (model, emission, _) = exported()
        .find(|(_, with, _)| with.files.keys().any(|path| path.starts_with("clean-up/")))
        .expect("a project with a job");
    let path = emission.files.keys().find(|path| path.starts_with("clean-up/")).expect("its file");
    let text = &emission.files[path];
    let schedule = text.lines().find(|line| line.contains("schedule:")).expect("a schedule");
    let edits = [
        (schedule, "  schedule: \"0 0 1 1 *\""),
        (schedule, "  suspend: true\n  schedule: \"0 0 1 1 *\""),
        ("timeZone: \"Etc/UTC\"", "timeZone: \"Pacific/Apia\""),
        ("exec kubectl", "exec true"),
        ("\"delete\"\n", "\"get\"\n"),
        ("verbs:\n", "verbs:\n      - \"*\"\n"),
        ("resources:\n", "resources:\n      - \"secrets\"\n"),
        ("    resourceNames:\n      - \"bailiwick:", "    resourceNames:\n      - \"other:"),
        ("kind: \"CronJob\"", "kind: \"CronTab\""),
        ("serviceAccountName: \"clean-up-", "serviceAccountName: \"other-"),
        ("subjects:\n", "subjects:\n  - kind: \"User\"\n    name: \"mallory\"\n"),
    ];
    for (from, to) in edits {
        assert!(text.contains(from), "`{from}` is not there\n{text}");
        let mut files = emission.files.clone();
        files.insert(path.clone(), text.replacen(from, to, 1));
        let reading = Kubernetes.read(&model, &files);
        assert!(!reading.unread.is_empty() || !reading.strays.is_empty(), "`{to}` is not found");
    }
    let mut files = emission.files.clone();
    files.remove(path);
    assert!(!Kubernetes.read(&model, &files).unread.is_empty(), "that it is gone is not found");
    // a note that somebody adds says nothing
    let mut files = emission.files.clone();
    files.insert(
        path.clone(),
        text.replace("annotations:\n", "annotations:\n    \"acme.example/by\": \"ops\"\n"),
    );
    assert!(Kubernetes.read(&model, &files).unread.is_empty());
}

#[test]
fn a_job_reads_well() {
    let (_, emission, _) = exported()
        .find(|(_, with, _)| with.files.keys().any(|path| path.starts_with("clean-up/")))
        .expect("a project with a job");
    let (_, text) = emission.files.iter().find(|(path, _)| path.starts_with("clean-up/")).expect("its file");
    insta::assert_snapshot!(text);
}
