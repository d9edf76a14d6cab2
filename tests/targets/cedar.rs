//! The Cedar export against `cedar-policy`: validated in strict mode, and asked.

use super::agreement::{Answer, Engine, agree, compiled, emit};
use super::cloud::Cases;
use super::projects;
use super::proof::generated;
use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::targets::{Emission, cedar};
use bailiwick_compiler::{Model, request};
use bailiwick_testkit::requests;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, Policy, PolicyId, PolicySet, Request, Schema,
    ValidationMode, Validator,
};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

struct Cedar {
    shape: cedar::Cedar,
    schema: Schema,
    entities: Entities,
    /// The policies about one root agent, by its name.
    shards: BTreeMap<String, PolicySet>,
    /// All of them together, which is slower and the same.
    whole: PolicySet,
    asked: usize,
    authorizer: Authorizer,
}

impl Cedar {
    fn start(shape: cedar::Cedar, emission: &Emission) -> Self {
        let file = |name: &str| emission.files[name].as_str();
        let (schema, warnings) = Schema::from_cedarschema_str(file("schema.cedarschema"))
            .unwrap_or_else(|error| panic!("{error:?}\n{}", file("schema.cedarschema")));
        assert_eq!(warnings.map(|warning| warning.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
        let entities = Entities::from_json_str(file("entities.json"), Some(&schema)).expect("entities");
        let index: BTreeMap<String, String> = serde_json::from_str(file("index.json")).expect("an index");
        let listed: BTreeSet<_> = index.values().collect();
        let shipped: BTreeSet<_> =
            emission.files.keys().filter(|name| name.starts_with("policies/")).collect();
        assert_eq!(listed, shipped, "the index names every policy file");
        let shards = index.iter().map(|(root, name)| (root.clone(), policies([file(name)]))).collect();
        let whole = policies(index.values().map(|name| file(name)));
        let validator = Validator::new(schema.clone());
        let result = validator.validate(&whole, ValidationMode::Strict);
        let errors: Vec<_> = result.validation_errors().map(ToString::to_string).collect();
        assert!(errors.is_empty(), "{}\n{whole}", errors.join("\n"));
        Self { shape, schema, entities, shards, whole, asked: 0, authorizer: Authorizer::new() }
    }

    /// Asks about a request in Cedar's terms, whether or not it validates; nothing may err.
    fn ask(&self, request: &Json, schema: Option<&Schema>) -> Answer {
        let uid = |field: &str| EntityUid::from_json(request[field].clone()).expect("an entity");
        let action = uid("action");
        let context =
            Context::from_json_value(request["context"].clone(), schema.map(|schema| (schema, &action)));
        let context = match (context, schema) {
            (Ok(context), _) => context,
            (Err(_), Some(_)) => return None,
            (Err(error), None) => panic!("{error:?}"),
        };
        let request = Request::new(uid("principal"), action, uid("resource"), context, schema).ok()?;
        let root = request.principal().expect("a principal").id().unescaped().to_owned();
        // a root that is not in the index may do nothing
        let policies = self.shards.get(&root)?;
        let response = self.authorizer.is_authorized(&request, policies, &self.entities);
        if self.asked.is_multiple_of(64) {
            let whole = self.authorizer.is_authorized(&request, &self.whole, &self.entities);
            assert_eq!(whole.decision(), response.decision(), "all shards together decide otherwise");
        }
        let errors: Vec<_> = response.diagnostics().errors().map(ToString::to_string).collect();
        assert!(errors.is_empty(), "a policy erred: {errors:?}");
        let grant =
            |id: &PolicyId| policies.annotation(id, "grant").expect("a permit names its grant").to_owned();
        (response.decision() == Decision::Allow).then(|| response.diagnostics().reason().map(grant).collect())
    }
}

/// The policies of some files, named by their `@id`.
fn policies<'a>(texts: impl IntoIterator<Item = &'a str>) -> PolicySet {
    let mut set = PolicySet::new();
    for text in texts {
        let parsed: PolicySet = text.parse().unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        for policy in parsed.policies() {
            let id = policy.annotation("id").expect("every policy has an @id").to_owned();
            let policy: Policy = policy.new_id(PolicyId::new(id));
            set.add(policy).expect("ids are unique");
        }
    }
    set
}

impl Engine for Cedar {
    fn decide(&mut self, model: &Model, json: &str) -> Answer {
        let request = request::read(model, json).ok()?;
        let request = cedar::request(self.shape, model, &request);
        self.asked += 1;
        let answer = self.ask(&request, Some(&self.schema));
        // an enforcement point that does not validate gets the same answer
        assert_eq!(self.ask(&request, None).is_some(), answer.is_some());
        answer
    }
}

#[test]
fn cedar_agrees_with_the_reference() {
    let cases = Mutex::new(Cases::create("cedar"));
    agree("cedar", |name, _, emission| {
        // Cedar's symbolic compiler is asked about a few of them: it takes its time
        if !name.starts_with("vectors-") && (!name.starts_with("seed-") || name.len() == "seed-0".len()) {
            let case = serde_json::json!({ "name": name, "files": emission.files });
            cases.lock().expect("no test failed meanwhile").write(&case);
        }
        Cedar::start(cedar::Cedar::Contract, emission)
    });
}

#[test]
fn policies_for_gateways_agree_with_the_reference() {
    let (mut asked, mut allowed) = (0, 0);
    for seed in 0..8 {
        let model = generated(seed);
        let mut engine = Cedar::start(cedar::Cedar::Mcp, &emit("cedar-mcp", &model));
        for json in requests(&model, seed, 300) {
            let expected =
                request::read(&model, &json).is_ok_and(|request| decide(&model, &request).is_allow());
            assert_eq!(engine.decide(&model, &json).is_some(), expected, "seed {seed}: {json}");
            asked += 1;
            allowed += usize::from(expected);
        }
    }
    assert!(allowed * 10 >= asked * 3, "{allowed} of {asked} allowed are too few");
}

/// Takes away, changes and adds: whatever a careless enforcement point sends, no policy errs
/// where the mandatory fields are there, and what is ill formed is denied.
#[test]
fn cedar_denies_ill_formed_contexts_by_itself() {
    let written = &projects::ALL[0];
    let model = compiled(&[("main", written.text)]);
    let engine = Cedar::start(cedar::Cedar::Contract, &emit("cedar", &model));
    let (_, _, good) =
        projects::cases(written).into_iter().find(|(_, allowed, _)| *allowed).expect("an allowed case");
    let good = cedar::request(engine.shape, &model, &request::read(&model, &good).expect("well formed"));
    assert!(engine.ask(&good, None).is_some());
    let changes: [(&str, Json); 11] = [
        ("/context/started", 9_999_999_999i64.into()),
        ("/context/started", (-1).into()),
        ("/context/now", i64::MIN.into()),
        ("/context/now", i64::MAX.into()),
        ("/context/hops", 1.into()),
        ("/context/hops", (-1).into()),
        ("/context/hops", 8.into()),
        ("/context/authn", 4.into()),
        ("/context/data", Json::Array(Vec::new())),
        ("/context/args", serde_json::json!({})),
        ("/resource/id", "another".into()),
    ];
    for (at, value) in changes {
        let mut bad = good.clone();
        *bad.pointer_mut(at).expect("the field is there") = value;
        assert_eq!(engine.ask(&bad, None), None, "{at} in {bad}");
    }
}
