//! Kubernetes: what RBAC allows is allowed by every source request behind it.

use super::cloud::{Assumed, Cases, Sampler, Tally, accounts, models};
use bailiwick_compiler::evaluator::{authorises, decide};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::kubernetes::Kubernetes;
use bailiwick_compiler::targets::kubernetes::request::{ClusterRequest, project as to_cluster};
use bailiwick_compiler::targets::{Emission, Fidelity, Target};
use bailiwick_testkit::Rng;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Source requests that are tried behind each target request, for each binding.
const DEPTH: usize = 6;

/// RBAC's decision, from its documentation: the small part that is emitted. The real authorizer is
/// asked the same by `.ci/engines/run`.
#[derive(Default)]
struct Rbac {
    /// Namespace (none for the whole cluster), subjects, rules.
    bindings: Vec<(Option<String>, Vec<String>, Vec<Json>)>,
}

impl Rbac {
    fn read<'a>(files: impl IntoIterator<Item = &'a str>) -> Rbac {
        let mut roles: BTreeMap<(String, Option<String>, String), Vec<Json>> = BTreeMap::new();
        let mut bindings = Vec::new();
        for document in files.into_iter().flat_map(|text| text.split("---\n")) {
            let object = super::yaml::read(document);
            let text = |value: &Json| value.as_str().map(str::to_string);
            let kind = text(&object["kind"]).expect("a kind");
            let namespace = text(&object["metadata"]["namespace"]);
            let name = text(&object["metadata"]["name"]).expect("a name");
            match kind.as_str() {
                "Role" | "ClusterRole" => {
                    roles.insert((kind, namespace, name), object["rules"].as_array().expect("rules").clone());
                }
                "RoleBinding" | "ClusterRoleBinding" => bindings.push((kind, namespace, object)),
                "ServiceAccount" => {}
                other => panic!("kind {other}"),
            }
        }
        let mut rbac = Rbac::default();
        for (kind, namespace, object) in bindings {
            let reference = &object["roleRef"];
            let (role, name) =
                (reference["kind"].as_str().expect("a kind"), reference["name"].as_str().expect("a name"));
            assert_eq!(format!("{role}Binding"), kind);
            let rules = roles[&(role.to_string(), namespace.clone(), name.to_string())].clone();
            let subjects = object["subjects"].as_array().expect("subjects");
            let subjects = subjects.iter().map(|subject| {
                let part = |key: &str| subject[key].as_str().expect("a text").to_string();
                format!("{}/{}", part("namespace"), part("name"))
            });
            rbac.bindings.push((namespace, subjects.collect(), rules));
        }
        rbac
    }

    fn allow(&self, request: &ClusterRequest) -> bool {
        let resource = match request.subresource.as_str() {
            "" => request.resource.clone(),
            sub => format!("{}/{sub}", request.resource),
        };
        let has = |list: &Json, what: &str| {
            list.as_array().is_some_and(|list| list.iter().any(|item| item == what))
        };
        self.bindings.iter().any(|(namespace, subjects, rules)| {
            namespace.as_ref().is_none_or(|namespace| *namespace == request.namespace)
                && subjects.contains(&request.account)
                && rules.iter().any(|rule| {
                    has(&rule["verbs"], &request.verb)
                        && has(&rule["apiGroups"], &request.group)
                        && has(&rule["resources"], &resource)
                        && (rule["resourceNames"].is_null() || has(&rule["resourceNames"], &request.name))
                })
        })
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
    target: &ClusterRequest,
    now: i64,
) -> Vec<Request> {
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
                let becomes = to_cluster(model, &target.account, &request);
                if becomes.iter().any(|made| {
                    let name = if made.any_name { target.name.clone() } else { made.request.name.clone() };
                    ClusterRequest { name, ..made.request.clone() } == *target
                }) {
                    sources.push(request);
                }
            }
        }
    }
    sources
}

fn mutate(rng: &mut Rng, mut target: ClusterRequest) -> ClusterRequest {
    match rng.below(5) {
        0 => target.namespace = (*rng.pick(&["shop", "agents", "bank", "kube-system", ""])).to_string(),
        1 => target.name = (*rng.pick(&["web-0", "web-1", "web", "own", "other", ""])).to_string(),
        2 => {
            target.verb =
                (*rng.pick(&["get", "list", "watch", "patch", "delete", "deletecollection"])).to_string()
        }
        3 => target.subresource = (*rng.pick(&["", "log", "scale", "exec"])).to_string(),
        _ => target.resource = (*rng.pick(&["pods", "secrets", "deployments", "nodes"])).to_string(),
    }
    target
}

#[test]
fn bindings_are_within_their_source_and_exact_where_they_say_so() {
    let mut tally = Tally::default();
    let mut cases = Cases::create("kubernetes");
    for (seed, (name, model)) in models().into_iter().enumerate() {
        let emission = Kubernetes.emit(&model);
        assert_eq!(emission, Kubernetes.emit(&model), "the same bytes every time");
        for outcome in &emission.outcomes {
            *tally.outcomes.entry(outcome.result).or_default() += 1;
            assert_eq!(outcome.losses.is_empty(), outcome.result < Fidelity::Narrowed, "{outcome:?}");
        }
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
        let mut engines: BTreeMap<Vec<&str>, (Rbac, Vec<Json>)> = BTreeMap::new();
        for _ in 0..160 {
            let (account, agent, purpose) = if given.is_empty() || rng.chance(5) {
                rng.pick(&accounts).clone()
            } else {
                (*rng.pick(&given)).clone()
            };
            let Some(source) = sampler.allowed(rng, agent, purpose) else { continue };
            let files = installed(&model, &emission, source.now);
            let (engine, dumped) = engines
                .entry(files.keys().copied().collect())
                .or_insert_with(|| (Rbac::read(files.values().copied()), Vec::new()));
            let targets = to_cluster(&model, &account, &source);
            for outcome in emission.outcomes.iter().filter(|outcome| outcome.result < Fidelity::Narrowed) {
                let grant = model.grant(outcome.grant);
                if authorises(&model, grant, &source)
                    && Assumed::all(&outcome.assumptions).admit(&model, &source)
                {
                    tally.exact += 1;
                    for target in &targets {
                        assert!(
                            engine.allow(&target.request),
                            "{name}: grant `{}` is exact, yet RBAC denies {target:?} of {source:?}\n{files:#?}",
                            grant.name
                        );
                    }
                }
            }
            let assumed = Assumed::of_session(&model, &emission, agent, purpose);
            for target in targets {
                let mut target = target.request;
                if rng.chance(40) {
                    target = mutate(rng, target);
                }
                let allow = engine.allow(&target);
                tally.asked += 1;
                if allow {
                    tally.allowed += 1;
                    for source in behind(&sampler, &model, rng, (agent, purpose), &target, source.now) {
                        if assumed.admit(&model, &source) {
                            tally.sources += 1;
                            assert!(
                                decide(&model, &source).is_allow(),
                                "{name}: RBAC allows {target:?}\nyet this is denied: {source:?}\nop {}\n{files:#?}",
                                model.op_name(source.op)
                            );
                        }
                    }
                }
                let mut case = serde_json::to_value(&target).expect("texts");
                case["allow"] = allow.into();
                dumped.push(case);
            }
        }
        for (files, (_, requests)) in engines {
            let files: BTreeMap<_, _> = files.into_iter().map(|path| (path, &emission.files[path])).collect();
            cases.write(&serde_json::json!({ "name": name, "files": files, "requests": requests }));
        }
    }
    tally.finish("kubernetes");
}
