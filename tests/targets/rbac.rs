//! RBAC manifests that nobody here wrote: what share is understood, and what the authorizer makes of
//! them. The sample beside this file always, every folder of `$BAILIWICK_RBAC` when it is set.

use super::cloud::Cases;
use bailiwick_compiler::targets::kubernetes::read::rbac::{
    Attributes, Binding, On, PolicyRule, Subject, allows, user_of,
};
use bailiwick_compiler::targets::kubernetes::read::{Manifests, manifests};
use bailiwick_testkit::Rng;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// Requests drawn around each rule that somebody holds.
const DRAWS: usize = 300;

#[test]
fn manifests_in_general_are_read_as_the_authorizer_reads_them() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets/rbac");
    let mut projects = folder(&sample);
    if let Some(more) = std::env::var_os("BAILIWICK_RBAC") {
        projects.extend(folder(Path::new(&more)));
    }
    let mut cases = Cases::create("rbac");
    let (mut asked, mut allowed) = (0, 0);
    for (name, documents) in projects {
        let whole = read(&documents);
        let understood = whole.objects.saturating_sub(whole.unread.len());
        println!("rbac: {name}: {understood} of {} objects understood", whole.objects);
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, what) in &whole.unread {
            *reasons.entry(what.rsplit(": ").next().unwrap_or(what)).or_default() += 1;
        }
        println!("rbac: {name}: {reasons:?}");
        // The engine is given what was understood; roles go before what binds them.
        let mut kept = Vec::new();
        for document in documents {
            kept.push(document);
            if !read(&kept).unread.is_empty() {
                kept.pop();
            }
        }
        let bindings = read(&kept).bindings;
        let rng = &mut Rng::new(7);
        let mut requests = Vec::new();
        for binding in &bindings {
            for rule in &binding.rules {
                for _ in 0..DRAWS {
                    let request = draw(rng, &bindings, binding, rule);
                    let allow = allows(&bindings, &request);
                    asked += 1;
                    allowed += usize::from(allow);
                    requests.push(case(&request, allow));
                }
            }
        }
        let files: BTreeMap<String, &String> =
            kept.iter().enumerate().map(|(at, text)| (format!("{at}.yaml"), text)).collect();
        cases.write(&json!({ "name": name, "files": files, "requests": requests }));
    }
    println!("rbac: {asked} requests, {allowed} allowed");
    assert!(asked >= 1_000 && allowed * 10 >= asked * 3, "{allowed} of {asked}");
}

fn read(documents: &[String]) -> Manifests {
    manifests(documents.iter().map(|text| ("f", text.as_str())))
}

/// The documents of each file, and of each folder below together: roles first.
fn folder(at: &Path) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(at).expect("the manifests") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut documents = Vec::new();
        if path.is_dir() {
            for (_, more) in folder(&path) {
                documents.extend(more);
            }
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            let text = std::fs::read_to_string(&path).expect("a manifest");
            let parts = text.split("\n---\n").map(|part| part.trim_start_matches("---\n").to_string());
            documents.extend(parts.filter(|part| part.contains("kind:")));
        }
        documents.sort_by_key(|text| text.contains("roleRef:"));
        if !documents.is_empty() {
            all.push((name, documents));
        }
    }
    all.sort();
    all
}

/// A request that the rule allows, more often than not spoilt in one respect.
fn draw(rng: &mut Rng, bindings: &[Binding], binding: &Binding, rule: &PolicyRule) -> Attributes {
    let one = |rng: &mut Rng, list: &[String], other: &str| match list.is_empty() {
        true => other.to_string(),
        false => rng.pick(list).replace('*', other),
    };
    let spoil = |rng: &mut Rng, what: &str| if rng.chance(8) { format!("{what}x") } else { what.to_string() };
    let (user, groups) = match binding.subjects.is_empty() {
        true => ("nobody".to_string(), Vec::new()),
        false => match rng.pick(&binding.subjects) {
            Subject::Account(namespace, name) => user_of(namespace, name),
            Subject::User(name) => (name.clone(), vec!["system:authenticated".to_string()]),
            Subject::Group(name) => ("somebody".to_string(), vec![name.clone()]),
        },
    };
    let verb = one(rng, &rule.verbs, "patch");
    let on = if rule.resources.is_empty() || (!rule.urls.is_empty() && rng.chance(50)) {
        let path = one(rng, &rule.urls, "deep/er");
        On::Path(if path.is_empty() { "/none".to_string() } else { spoil(rng, &path) })
    } else {
        let full = one(rng, &rule.resources, "things");
        let (resource, subresource) = full.split_once('/').unwrap_or((&full, ""));
        let subresource = if rng.chance(8) { "scale".to_string() } else { subresource.to_string() };
        let namespace = match &binding.namespace {
            Some(namespace) if rng.chance(85) => namespace.clone(),
            _ => {
                let other = rng.pick(bindings).namespace.clone().unwrap_or_default();
                if rng.chance(50) { other } else { "elsewhere".to_string() }
            }
        };
        let group = one(rng, &rule.groups, "any.example");
        let name = if rng.chance(10) { String::new() } else { one(rng, &rule.names, "web") };
        On::Resource {
            group: spoil(rng, &group),
            resource: spoil(rng, resource),
            subresource,
            namespace,
            name: spoil(rng, &name),
        }
    };
    Attributes { user: spoil(rng, &user), groups, verb: spoil(rng, &verb), on }
}

fn case(request: &Attributes, allow: bool) -> serde_json::Value {
    let mut case = match &request.on {
        On::Path(path) => json!({ "path": path }),
        On::Resource { group, resource, subresource, namespace, name } => json!({
            "group": group, "resource": resource, "subresource": subresource, "namespace": namespace, "name": name,
        }),
    };
    case["user"] = request.user.clone().into();
    case["groups"] = request.groups.clone().into();
    case["verb"] = request.verb.clone().into();
    case["allow"] = allow.into();
    case
}
