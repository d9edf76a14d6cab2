//! The kill switch in real engines: what was allowed before is denied after, at once, and nobody
//! else's requests change. IAM and the RBAC authorizer are asked by `.ci/engines/run`.

use super::agreement::{BUILT, compiled};
use super::cloud::{self, Cases};
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::verify;
use bailiwick_compiler::model::{AgentId, Id, IdentityKind, Model};
use bailiwick_compiler::revoke::{Revocation, artifacts, declared, suspend};
use bailiwick_compiler::targets::kubernetes::read::rbac::{
    Attributes, Binding, On, Subject, allows, user_of,
};
use bailiwick_compiler::targets::kubernetes::read::{documents, manifests};
use bailiwick_compiler::targets::kubernetes::request::ClusterRequest;
use bailiwick_compiler::targets::{Target, cedar, kubernetes, rego};
use bailiwick_testkit::{Options, project};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use regorus::{Engine as Regorus, Value};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const PROJECT: &str = r#"
person ana { email "ana@acme.example" }
purpose work { "Do the work."  needs * }
tool look { effect read  touches nothing }
agent one   { owner ana  identity kubernetes "agents/one" }
agent two   { owner ana  identity kubernetes "agents/two" }
grant first  { to one for work  allow look  delegate to two depth 1 }
grant second { to two for work  allow look  delegate to one depth 1 }
"#;

fn model() -> Model {
    let compiled = bailiwick_compiler::compile_text(&[("main", PROJECT)]);
    assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics);
    (*compiled.model).clone()
}

fn revocation(agent: &str) -> Revocation {
    let accounts = [(IdentityKind::Kubernetes, format!("agents/{agent}").into())].into();
    Revocation { agent: agent.into(), because: "leaked".into(), accounts, now: 1_796_083_200 }
}

/// Chains, and whether each is still allowed when `one` is revoked.
const CHAINS: [(&[&str], bool); 4] =
    [(&["one"], false), (&["one", "two"], false), (&["two", "one"], false), (&["two"], true)];

fn request(chain: &[&str]) -> Json {
    json!({
        "chain": chain, "purpose": "work", "tool": "look", "args": {}, "now": "2026-12-01T00:00:00Z",
        "session": { "started": "2026-12-01T00:00:00Z", "authn": "mtls" }
    })
}

#[test]
fn cedar_denies_every_chain_with_the_agent_in_it() {
    let model = model();
    let emission = cedar::Cedar::Contract.emit(&model, BUILT);
    let revoked = &artifacts(&revocation("one"), None).files["cedar/revoked/one.cedar"];
    for (chain, stays) in CHAINS {
        let text = request(chain).to_string();
        let source = bailiwick_compiler::request::read(&model, &text).expect("a good request");
        let asked = cedar::request(cedar::Cedar::Contract, &model, &source);
        let uid = |field: &str| EntityUid::from_json(asked[field].clone()).expect("an entity");
        let context = Context::from_json_value(asked["context"].clone(), None).expect("a context");
        let request =
            Request::new(uid("principal"), uid("action"), uid("resource"), context, None).expect("a request");
        let shard = &emission.files[&cedar::file(chain[0])];
        let entities = Entities::from_json_str(&emission.files["entities.json"], None).expect("entities");
        let decide = |policies: String| {
            let policies: PolicySet = policies.parse().expect("policies");
            let answer = Authorizer::new().is_authorized(&request, &policies, &entities);
            assert_eq!(answer.diagnostics().errors().count(), 0);
            answer.decision() == Decision::Allow
        };
        assert!(decide(shard.clone()), "{chain:?} before");
        assert_eq!(decide(format!("{shard}\n{revoked}")), stays, "{chain:?} after");
    }
}

/// What is installed for one agent is not replaced by what is for the next: of all files only the
/// list of what to delete, which is carried out at once, is there for both.
#[test]
fn whoever_is_revoked_next_brings_nobody_back() {
    let long = "a".repeat(300);
    let [one, two, long] = ["one", "two", &long].map(|agent| artifacts(&revocation(agent), None).files);
    let shared: Vec<_> = one.keys().filter(|path| two.contains_key(*path)).collect();
    assert_eq!(shared, ["kubernetes/delete.yaml"]);
    let parts = long.keys().flat_map(|path| path.split('/'));
    assert!(parts.map(str::len).max() < Some(200), "file systems take no longer names: {long:?}");
}

/// Beside each root's file, in generated projects: what has the agent in its chain is proved to be denied,
/// and nothing else to have changed.
#[test]
fn cedar_denies_the_agent_beside_every_roots_file() {
    let mut delegated = 0;
    for seed in 0..6 {
        let files = project(seed, &Options::default());
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let model = compiled(&files);
        let before = cedar::Cedar::Contract.emit(&model, BUILT);
        for at in (0..model.agents.len()).step_by(3) {
            let agent = model.agents[at].name.clone();
            let suspended: Vec<(&str, String)> = files
                .iter()
                .map(|(path, text)| match declared(text, &agent) {
                    Some(found) if !found.suspended => {
                        (*path, suspend(text, &agent, "leaked").expect("a text"))
                    }
                    Some(_) | None => (*path, text.to_string()),
                })
                .collect();
            let suspended: Vec<_> = suspended.iter().map(|(path, text)| (*path, text.as_str())).collect();
            let after = compiled(&suspended);
            let mut deployed = before.files.clone();
            let revoked = artifacts(&revocation(&agent), None).files;
            deployed.extend(
                revoked
                    .into_iter()
                    .filter_map(|(path, text)| Some((path.strip_prefix("cedar/")?.to_owned(), text))),
            );
            let reading = cedar::Cedar::Contract.read(&after, &deployed);
            let proof = verify(&Analysis::new(&after, BUILT), &reading, &before.outcomes);
            assert_eq!((&proof.open[..], &proof.gaps[..]), (&[][..], &[][..]), "seed {seed}, `{agent}`");
            let delegates = model.grants.iter().flat_map(|grant| &grant.delegates);
            delegated += delegates.filter(|clause| clause.to.contains(AgentId::at(at))).count();
        }
    }
    assert!(delegated >= 10, "{delegated} delegations to a revoked agent are too few");
}

#[test]
fn rego_denies_every_chain_with_the_agent_in_it() {
    let emission = rego::Rego::Data.emit(&model(), BUILT);
    let revoked = &artifacts(&revocation("one"), None).files["rego/revoked/one.json"];
    let reason: Json = serde_json::from_str(revoked).expect("a reason");
    let mut engine = Regorus::new();
    engine.add_policy("policy.rego".into(), emission.files["policy.rego"].clone()).expect("the policy");
    engine.add_data_json(&emission.files["data.json"]).expect("data");
    let decide = |engine: &mut Regorus, chain: &[&str]| -> Json {
        engine.set_input(Value::from_json_str(&request(chain).to_string()).expect("input"));
        let decision = engine.eval_rule("data.bailiwick.decision".into()).expect("an answer");
        serde_json::from_str(&decision.to_json_str().expect("JSON")).expect("JSON")
    };
    for (chain, _) in CHAINS {
        assert_eq!(decide(&mut engine, chain)["allow"], true, "{chain:?} before");
    }
    // whatever stands there revokes, also what was put there by mistake
    for reason in [reason, Json::Null, json!(false), json!({})] {
        let mut after = engine.clone();
        after.add_data_json(&json!({ "bailiwick_revoked": { "one": &reason } }).to_string()).expect("data");
        for (chain, stays) in CHAINS {
            let decision = decide(&mut after, chain);
            assert_eq!(decision["allow"], stays, "{chain:?} after");
            let told =
                json!([{ "because": &reason, "kind": "suspension", "name": "one", "source": "revoked" }]);
            assert!(stays || (decision["forbids"] == told && decision["reasons"] == json!(["forbidden"])));
        }
    }
}

/// Every binding that a build makes for an agent's grants is on the list, by kind and name, and no other's.
#[test]
fn kubernetes_deletes_every_binding_of_the_agent() {
    let mut listed = 0;
    for (name, model) in cloud::models().into_iter().take(60) {
        let emission = kubernetes::Kubernetes.emit(&model, BUILT);
        for agent in &model.agents {
            let accounts = agent.identities.iter().map(|identity| (identity.kind, identity.value.clone()));
            let revocation = Revocation {
                agent: agent.name.clone(),
                because: "x".into(),
                accounts: accounts.collect(),
                now: 4_000_000_000, // when everything has expired, and may be installed all the same
            };
            let list = artifacts(&revocation, Some(&model)).files.get("kubernetes/delete.yaml").cloned();
            let list = list.unwrap_or_default();
            for grant in &model.grants {
                let Some(text) = emission.files.get(&format!("grants/{}.yaml", grant.name)) else { continue };
                for binding in manifests([("f", text.as_str())]).bindings {
                    let entry = format!("name: \"{}\"", binding.name);
                    let here = binding.namespace.map(|space| format!("{entry}\n  namespace: \"{space}\""));
                    let own = model.agent(grant.to).name == agent.name;
                    let found = list.contains(&here.unwrap_or(entry));
                    assert!(found || !own, "{name}: `{}` is not on the list\n{list}", binding.id);
                    assert!(own || !found, "{name}: `{}` is somebody else's\n{list}", binding.id);
                    listed += usize::from(own);
                }
            }
        }
    }
    assert!(listed >= 60, "{listed} bindings are too few");
}

/// What is left when the listed objects are deleted gives the agent nothing and everybody else what they
/// had. RBAC's own authorizer is asked the same by `.ci/engines/run`.
#[test]
fn kubernetes_denies_the_agent_and_nobody_else() {
    let mut cases = Cases::create("revoked");
    let (mut denied, mut kept) = (0, 0);
    for (name, model) in cloud::models().into_iter().take(60) {
        let model = kubernetes::per_purpose(&model).into_owned();
        let emission = kubernetes::Kubernetes.emit(&model, BUILT);
        let whole = emission.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let before = manifests(whole).bindings;
        for agent in &model.agents {
            let own = agent.identities.iter().map(|identity| (identity.kind, identity.value.clone()));
            let accounts: BTreeSet<_> = own.collect();
            let revocation = Revocation {
                agent: agent.name.clone(),
                because: "x".into(),
                accounts: accounts.clone(),
                now: 4_000_000_000, // when everything has expired, and may be installed all the same
            };
            let artifacts = artifacts(&revocation, Some(&model));
            let Some(list) = artifacts.files.get("kubernetes/delete.yaml") else { continue };
            let key = |object: &Json| {
                let metadata = &object["metadata"];
                [&object["kind"], &metadata["namespace"], &metadata["name"]].map(Json::to_string)
            };
            let gone: BTreeSet<_> = documents(list).expect("a list").iter().map(key).collect();
            let left = emission.files.iter().map(|(path, text)| {
                let stay = documents(text)
                    .expect("manifests")
                    .into_iter()
                    .filter(|object| !gone.contains(&key(object)));
                let texts: Vec<String> = stay.map(|object| object.to_string()).collect();
                (path.clone(), texts.join("\n---\n"))
            });
            let left: BTreeMap<String, String> = left.collect();
            let after = manifests(left.iter().map(|(path, text)| (path.as_str(), text.as_str()))).bindings;
            let mut requests = Vec::new();
            for binding in &before {
                for (account, rule) in
                    binding.subjects.iter().flat_map(|of| binding.rules.iter().map(move |rule| (of, rule)))
                {
                    let Subject::Account(namespace, user) = account else { panic!("{account:?}") };
                    let (resource, subresource) =
                        rule.resources[0].split_once('/').unwrap_or((&rule.resources[0], ""));
                    let asked = ClusterRequest {
                        account: format!("{namespace}/{user}"),
                        verb: rule.verbs[0].clone(),
                        group: rule.groups[0].clone(),
                        resource: resource.to_string(),
                        subresource: subresource.to_string(),
                        namespace: binding.namespace.clone().unwrap_or_default(),
                        name: rule.names.first().cloned().unwrap_or_default(),
                    };
                    let answer = |bindings: &[Binding]| {
                        let (user, groups) = user_of(namespace, user);
                        let on = On::Resource {
                            group: asked.group.clone(),
                            resource: asked.resource.clone(),
                            subresource: asked.subresource.clone(),
                            namespace: asked.namespace.clone(),
                            name: asked.name.clone(),
                        };
                        allows(bindings, &Attributes { user, groups, verb: asked.verb.clone(), on })
                    };
                    assert!(answer(&before), "{name}: {asked:?}");
                    let revoked =
                        accounts.contains(&(IdentityKind::Kubernetes, asked.account.as_str().into()));
                    assert_eq!(answer(&after), !revoked, "{name}: `{}` is revoked: {asked:?}", agent.name);
                    *(if revoked { &mut denied } else { &mut kept }) += 1;
                    let mut case = serde_json::to_value(&asked).expect("texts");
                    case["allow"] = (!revoked).into();
                    requests.push(case);
                }
            }
            cases.write(&json!({ "name": format!("{name} without {}", agent.name), "files": left, "requests": requests }));
        }
    }
    println!("revoked: {denied} requests denied, {kept} kept");
    assert!(denied >= 60 && kept >= 60, "{denied} denied, {kept} kept are too few");
}

/// The roles are denied everything, by documents that the reader of IAM takes; and a role that is none is said.
#[test]
fn iam_denies_every_role_of_the_agent() {
    let role = "arn:aws:iam::123456789012:role/one";
    let accounts = [(IdentityKind::AwsRole, role.into()), (IdentityKind::AwsRole, "role/one".into())].into();
    let revoked = artifacts(&Revocation { accounts, ..revocation("one") }, None);
    assert_eq!(revoked.missing.len(), 1, "{:?}", revoked.missing);
    let statement = |file: &str| {
        let text = &revoked.files[&format!("iam/123456789012/one/{file}")];
        let document: Json = serde_json::from_str(text).expect("JSON");
        let statements = document["Statement"].as_array().expect("statements");
        assert_eq!(statements.len(), 1, "{text}");
        statements[0].clone()
    };
    let (now, before) = (statement("suspended.json"), statement("revoked.json"));
    for denial in [&now, &before] {
        assert_eq!(denial["Effect"], "Deny", "{denial}");
        assert!(denial["Action"].to_string().contains("\"*\""), "{denial}");
    }
    assert!(now.get("Condition").is_none(), "{now}");
    assert!(
        before["Condition"]["DateLessThan"]["aws:TokenIssueTime"].to_string().contains("2026-12-01"),
        "{before}"
    );
}
