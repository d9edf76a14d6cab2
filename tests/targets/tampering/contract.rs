//! Cedar and Rego, which see the whole request.

use super::super::agreement::compiled;
use super::super::projects;
use super::super::proof::generated;
use super::{Asked, Edit, Enforces, Files, edit, edited, recombine};
use bailiwick_compiler::Model;
use bailiwick_compiler::request;
use bailiwick_compiler::targets::cedar;
use bailiwick_testkit::{doubles_hide, requests};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, Schema};
use regorus::{Engine as Regorus, Value};
use std::collections::BTreeMap;

/// The hand-written projects and some drawn ones, with requests.
fn asked() -> Vec<(String, Model, Vec<Asked>)> {
    let written = projects::ALL.iter();
    let written = written.map(|written| (written.name.to_owned(), compiled(&[("main", written.text)])));
    let drawn = (0..5).map(|seed| (format!("seed {seed}"), generated(seed)));
    let with_requests = |(name, model): (String, Model)| {
        let asked = requests(&model, 1, 80).into_iter().filter(|json| !doubles_hide(&model, json));
        let asked = asked.map(|json| {
            let read = request::read(&model, &json).ok();
            Asked { account: String::new(), json, read, assumed: true }
        });
        let asked = asked.collect();
        (name, model, asked)
    };
    written.chain(drawn).map(with_requests).collect()
}

/// `cedar-policy`, a set of policies a root.
struct Cedar {
    schema: Schema,
    entities: Entities,
    shards: BTreeMap<String, PolicySet>,
}

impl Cedar {
    /// Whether a request in Cedar's terms is allowed; what does not validate is nothing.
    fn decide(&self, request: &serde_json::Value) -> Option<Decision> {
        let uid = |field: &str| EntityUid::from_json(request[field].clone()).ok();
        let action = uid("action")?;
        let context = Context::from_json_value(request["context"].clone(), Some((&self.schema, &action)));
        let principal = uid("principal")?;
        let policies = self.shards.get(principal.id().unescaped())?;
        let request = Request::new(principal, action, uid("resource")?, context.ok()?, Some(&self.schema));
        Some(Authorizer::new().is_authorized(&request.ok()?, policies, &self.entities).decision())
    }
}

impl Enforces for Cedar {
    fn load(files: &Files) -> Option<Self> {
        let (schema, _) = Schema::from_cedarschema_str(files.get("schema.cedarschema")?).ok()?;
        let entities = Entities::from_json_str(files.get("entities.json")?, Some(&schema)).ok()?;
        let index: BTreeMap<String, String> = serde_json::from_str(files.get("index.json")?).ok()?;
        let shard = |(root, path): (String, String)| Some((root, files.get(&path)?.parse().ok()?));
        Some(Self { schema, entities, shards: index.into_iter().map(shard).collect::<Option<_>>()? })
    }

    fn allows(&mut self, model: &Model, asked: &Asked) -> Option<(bool, usize)> {
        let request = cedar::request(cedar::Cedar::Contract, model, asked.read.as_ref()?);
        Some((self.decide(&request) == Some(Decision::Allow), 1))
    }
}

#[test]
fn cedar_is_read_as_it_is_enforced() {
    for edit in [edit::text as Edit, recombine::cedar] {
        edited::<Cedar>("cedar", asked(), |path| path.starts_with("policies/").then_some(edit));
    }
}

/// `regorus`.
struct Rego(Regorus);

impl Enforces for Rego {
    fn load(files: &Files) -> Option<Self> {
        let mut engine = Regorus::new();
        engine.set_strict_builtin_errors(true);
        engine.add_policy("policy.rego".into(), files.get("policy.rego")?.clone()).ok()?;
        engine.add_data_json(files.get("data.json")?).ok()?;
        Some(Self(engine))
    }

    fn allows(&mut self, _: &Model, asked: &Asked) -> Option<(bool, usize)> {
        self.0.set_input(Value::from_json_str(&asked.json).ok()?);
        Some((matches!(self.0.eval_rule("data.bailiwick.allow".into()), Ok(Value::Bool(true))), 1))
    }
}

#[test]
fn rego_is_read_as_it_is_enforced() {
    edited::<Rego>("rego", asked(), |path| (path == "data.json").then_some(edit::json as Edit));
}
