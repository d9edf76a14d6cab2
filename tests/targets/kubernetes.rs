//! Kubernetes: what RBAC and admission allow is allowed by every source request behind it.

use super::admission::Admission;
use super::agreement::BUILT;
use super::clean_up::cleaning;
use super::cloud::{Assumed, Cases, Sampler, Tally, accounts, models};
use bailiwick_compiler::evaluator::{authorises, decide};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::kubernetes::read::rbac::{Attributes, Binding, On, allows, user_of};
use bailiwick_compiler::targets::kubernetes::read::{documents, manifests};
use bailiwick_compiler::targets::kubernetes::request::{ClusterRequest, Projected, project as to_cluster};
use bailiwick_compiler::targets::kubernetes::{Kubernetes, per_purpose};
use bailiwick_compiler::targets::{Emission, Fidelity, Target};
use bailiwick_testkit::Rng;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Source requests that are tried behind each target request, for each binding.
const DEPTH: usize = 6;

/// The decision of what is installed: of RBAC by the reader's own evaluator (the real authorizer is
/// asked the same by `.ci/engines/run`), and of admission by CEL.
pub struct Cluster {
    bindings: Vec<Binding>,
    admission: Admission,
}

impl Cluster {
    /// Nothing where something is not of a shape that is known here.
    pub fn read(files: &BTreeMap<&str, &str>) -> Option<Cluster> {
        let read = manifests(files.iter().map(|(path, text)| (*path, *text)));
        let admission = Admission::read(files)?;
        read.unread.is_empty().then_some(Cluster { bindings: read.bindings, admission })
    }

    /// Whether the request is authorized and admitted.
    pub fn allow(&self, made: &Projected) -> bool {
        self.authorize(&made.request) && self.admission.admits(made).0
    }

    fn authorize(&self, request: &ClusterRequest) -> bool {
        let (namespace, name) = request.account.split_once('/').expect("an account");
        let (user, groups) = user_of(namespace, name);
        let on = On::Resource {
            group: request.group.clone(),
            resource: request.resource.clone(),
            subresource: request.subresource.clone(),
            namespace: request.namespace.clone(),
            name: request.name.clone(),
        };
        allows(&self.bindings, &Attributes { user, groups, verb: request.verb.clone(), on })
    }
}

/// The files that are installed at a time: those of grants whose life it is in, as is assumed.
fn installed<'a>(model: &Model, emission: &'a Emission, now: i64) -> BTreeMap<&'a str, &'a str> {
    let gone = model.grants.iter().filter(|grant| {
        grant.starts.is_some_and(|start| now < start) || grant.expires.is_some_and(|end| now >= end)
    });
    let gone: Vec<String> = gone.map(|grant| format!("grants/{}.yaml", grant.name)).collect();
    let files = emission.files.iter().filter(|(path, _)| !gone.contains(path));
    files.map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// Source requests that become the target request at that time.
fn behind(
    sampler: &Sampler,
    model: &Model,
    rng: &mut Rng,
    (agent, purpose): (AgentId, PurposeId),
    made: &Projected,
    now: i64,
) -> Vec<Request> {
    let target = &made.request;
    let resource = match target.subresource.as_str() {
        "" => target.resource.clone(),
        sub => format!("{}/{sub}", target.resource),
    };
    let mut sources = Vec::new();
    for (at, op) in model.ops.iter().enumerate() {
        for binding in &op.bindings.kubernetes {
            let has = |list: &[Str], what: &str| list.iter().any(|item| **item == *what);
            if !has(&binding.verbs, &target.verb)
                || !has(&binding.groups, &target.group)
                || !has(&binding.resources, &resource)
            {
                continue;
            }
            for _ in 0..DEPTH {
                let mut request = sampler.draw(rng, agent, purpose, OpId::at(at));
                let age = request.now - request.started;
                (request.now, request.started) = (now, now - age);
                request.approvals.values_mut().for_each(|given| *given = now - 60);
                let tool = model.tool(op.tool);
                let places =
                    [(Some(&binding.namespace), &target.namespace), (binding.name.as_ref(), &target.name)];
                for (place, text) in places {
                    if let Some(Place::Arg(arg)) = place
                        && let Some(value) = super::cloud::value_of(&tool.args[arg].ty, text)
                    {
                        request.args.insert(arg.clone(), value);
                    }
                }
                let new_name = match &binding.name {
                    Some(Place::Arg(arg)) => Some(("metadata.name".to_string(), arg)),
                    Some(Place::Fixed(_) | Place::Cluster) | None => None,
                };
                let bound = binding.fields.iter().map(|(path, arg)| (path.to_string(), arg));
                for (path, arg) in bound.chain(new_name) {
                    let value = match made.fields.get(&path) {
                        Some(Json::String(text)) => super::cloud::value_of(&tool.args[arg].ty, text),
                        Some(Json::Number(number)) => number.as_i64().map(Value::Int),
                        Some(Json::Bool(value)) => Some(Value::Bool(*value)),
                        _ => None,
                    };
                    value.into_iter().for_each(|value| drop(request.args.insert(arg.clone(), value)));
                }
                let becomes = to_cluster(model, &target.account, &request);
                if becomes.iter().any(|other| {
                    let name = if other.any_name { target.name.clone() } else { other.request.name.clone() };
                    let seen = |(path, value)| made.fields.get(path) == Some(value);
                    ClusterRequest { name, ..other.request.clone() } == *target
                        && other.fields.iter().all(seen)
                }) {
                    sources.push(request);
                }
            }
        }
    }
    sources
}

fn mutate(rng: &mut Rng, mut made: Projected) -> Projected {
    let paths: Vec<String> = made.fields.keys().cloned().collect();
    if !paths.is_empty() && rng.chance(60) {
        let path = rng.pick(&paths).clone();
        let json = |rng: &mut Rng, texts: &[&str]| Json::from(*rng.pick(texts));
        let value = match &made.fields[&path] {
            _ if rng.chance(15) => Json::from(*rng.pick(&["3", "open", "true", "web-0"])),
            Json::Number(number) => match rng.below(4) {
                0 => Json::from(number.as_f64().expect("a number") + 0.5),
                1 => number.as_i64().and_then(|value| value.checked_add(1)).into(),
                2 => number.as_i64().and_then(|value| value.checked_sub(1)).into(),
                _ => Json::from(*rng.pick(&[i64::MIN, -1, 0, 1, 2, 3, 4, 99, 100, 101, i64::MAX])),
            },
            Json::Bool(value) => Json::from(!value),
            _ => json(
                rng,
                &["open", "shut", "half", "web-0", "web-", "in/a", "in/", "a/b.txt\n", "a\"b", "", "x"],
            ),
        };
        if rng.chance(10) {
            made.fields.remove(&path);
        } else {
            made.fields.insert(path, value);
        }
        return made;
    }
    let target = &mut made.request;
    match rng.below(5) {
        0 => target.namespace = (*rng.pick(&["shop", "agents", "bank", "kube-system", ""])).to_string(),
        1 => target.name = (*rng.pick(&["web-0", "web-1", "web", "own", "other", ""])).to_string(),
        2 => {
            target.verb = (*rng.pick(&[
                "get",
                "list",
                "watch",
                "create",
                "patch",
                "update",
                "delete",
                "deletecollection",
            ]))
            .to_string()
        }
        3 => target.subresource = (*rng.pick(&["", "log", "scale", "exec"])).to_string(),
        _ => {
            target.resource = (*rng.pick(&["pods", "secrets", "deployments", "nodes", "widgets"])).to_string()
        }
    }
    made
}

/// Of admission nothing is written that only warns, has no condition or validates nothing.
fn assert_denying(emission: &Emission) {
    let texts = emission.files.iter().filter(|(path, _)| path.starts_with("admission/"));
    for object in texts.flat_map(|(_, text)| documents(text).expect("documents")) {
        let spec = &object["spec"];
        if object["kind"] == "ValidatingAdmissionPolicyBinding" {
            assert_eq!(spec["validationActions"], serde_json::json!(["Deny"]), "{object}");
        } else {
            let lists = ["matchConditions", "validations"].map(|list| spec[list].as_array().map(Vec::len));
            assert!(lists.iter().all(|length| *length > Some(0)), "{object}");
        }
    }
}

#[test]
fn bindings_are_within_their_source_and_exact_where_they_say_so() {
    let mut tally = Tally::default();
    let mut admissions = [0, 0];
    let mut cases = Cases::create("kubernetes");
    // for the real authorizer ten times as many: it is quick
    let rounds = if std::env::var_os("BAILIWICK_CASES").is_some() { 1_600 } else { 160 };
    for (seed, (name, model)) in models().into_iter().enumerate() {
        let mut model = per_purpose(&model).into_owned();
        if seed % 2 == 1 {
            model = cleaning(model);
        }
        let emission = Kubernetes.emit(&model, BUILT);
        assert_eq!(emission, Kubernetes.emit(&model, BUILT), "the same bytes every time");
        for outcome in &emission.outcomes {
            *tally.outcomes.entry(outcome.result).or_default() += 1;
            assert_eq!(outcome.losses.is_empty(), outcome.result < Fidelity::Narrowed, "{outcome:?}");
        }
        let reading = Kubernetes.read(&model, &emission.files);
        assert!(reading.unread.is_empty() && reading.strays.is_empty(), "{name}: {reading:#?}");
        assert_denying(&emission);
        let sampler = Sampler::new(&model);
        let rng = &mut Rng::new(seed as u64);
        let accounts = accounts(&model, IdentityKind::Kubernetes);
        let text: String = emission.files.values().cloned().collect();
        let given: Vec<_> = accounts
            .iter()
            .filter(|(account, ..)| {
                text.contains(&format!("{:?}", account.split_once('/').expect("a name").1))
            })
            .collect();
        let mut engines: BTreeMap<Vec<&str>, (Cluster, Vec<Json>)> = BTreeMap::new();
        for _ in 0..rounds {
            let (account, agent, purpose) = if given.is_empty() || rng.chance(5) {
                rng.pick(&accounts).clone()
            } else {
                (*rng.pick(&given)).clone()
            };
            let Some(source) = sampler.allowed(rng, agent, purpose) else { continue };
            let files = installed(&model, &emission, source.now);
            let (engine, dumped) = engines
                .entry(files.keys().copied().collect())
                .or_insert_with(|| (Cluster::read(&files).expect("known shapes"), Vec::new()));
            let targets = to_cluster(&model, &account, &source);
            for outcome in emission.outcomes.iter().filter(|outcome| outcome.result < Fidelity::Narrowed) {
                let grant = model.grant(outcome.grant);
                if authorises(&model, grant, &source)
                    && Assumed::all(&outcome.assumptions).admit(&model, &source)
                {
                    tally.exact += 1;
                    assert!(reading.allows(&model, &source), "{name}: the reading denies {source:?}");
                    for target in &targets {
                        assert!(
                            engine.allow(target),
                            "{name}: grant `{}` is exact, yet the cluster denies {target:?} of {source:?}\n{files:#?}",
                            grant.name
                        );
                    }
                }
            }
            let assumed = Assumed::of_session(&model, &emission, agent, purpose);
            for mut target in targets {
                if rng.chance(40) {
                    target = mutate(rng, target);
                }
                let authorized = engine.authorize(&target.request);
                let (admitted, asked) = engine.admission.admits(&target);
                let allow = authorized && admitted;
                tally.asked += 1;
                if authorized && asked > 0 {
                    admissions[usize::from(admitted)] += 1;
                }
                if allow {
                    tally.allowed += 1;
                    for source in behind(&sampler, &model, rng, (agent, purpose), &target, source.now) {
                        if assumed.admit(&model, &source) {
                            tally.sources += 1;
                            let parts = reading.parts.get(&source.op).copied().unwrap_or(1);
                            assert!(
                                (0..parts).any(|part| reading.allows_part(&model, &source, part)),
                                "{name}: the cluster allows {target:?}, and the reading no part of {source:?}"
                            );
                            assert!(
                                decide(&model, &source).is_allow(),
                                "{name}: the cluster allows {target:?}\nyet this is denied: {source:?}\nop {}\n{files:#?}",
                                model.op_name(source.op)
                            );
                        }
                    }
                }
                let mut case = serde_json::to_value(&target.request).expect("texts");
                case["allow"] = authorized.into();
                dumped.push(case);
            }
        }
        for (files, (_, requests)) in engines {
            let files: BTreeMap<_, _> = files.into_iter().map(|path| (path, &emission.files[path])).collect();
            cases.write(&serde_json::json!({ "name": name, "files": files, "requests": requests }));
        }
    }
    tally.finish("kubernetes");
    println!("kubernetes: admission denied {} and admitted {}", admissions[0], admissions[1]);
    assert!(
        admissions.iter().all(|count| *count >= 300),
        "{admissions:?} are too few that admission decides"
    );
}

/// Every hand edit makes the reading allow more, or say that it does not understand.
#[test]
fn hand_edits_are_read_as_what_they_do() {
    let (_, model) = models().swap_remove(0);
    let emission = Kubernetes.emit(&model, BUILT);
    let honest = Kubernetes.read(&model, &emission.files);
    assert!(!honest.permits.is_empty());
    let edits = [
        ("kind: \"ServiceAccount\"\n    name:", "kind: \"Robot\"\n    name:", true),
        ("roleRef:", "roleReference:", true),
        ("resources:\n", "resources:\n      - \"secrets\"\n", false),
        ("verbs:\n", "verbs:\n      - \"*\"\n", false),
        ("apiGroups:\n", "apiGroups:\n      - \"*\"\n", false),
        ("subjects:\n", "subjects:\n  - kind: \"Group\"\n    name: \"system:authenticated\"\n", false),
        (
            "apiVersion: \"rbac.authorization.k8s.io/v1\"",
            "apiVersion: \"rbac.authorization.k8s.io/v2\"",
            true,
        ),
        ("kind: \"RoleBinding\"", "kind: \"PodBinding\"", true),
    ];
    for (from, to, unread) in edits {
        let mut files = emission.files.clone();
        let before = files.clone();
        files.values_mut().for_each(|text| *text = text.replacen(from, to, 1));
        assert_ne!(files, before, "`{from}` is in no file");
        let reading = Kubernetes.read(&model, &files);
        if unread {
            assert!(!reading.unread.is_empty(), "`{to}` is not understood");
        } else {
            assert!(reading.unread.is_empty() && !reading.strays.is_empty(), "`{to}`: {reading:#?}");
        }
    }
}
