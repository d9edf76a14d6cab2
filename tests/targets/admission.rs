//! Admission policies as the API server takes them, their expressions run by a CEL library.
//!
//! Nothing here goes by what the compiler's own reader makes of an expression: the documents are
//! taken as JSON, and CEL decides.

use bailiwick_compiler::targets::kubernetes::read::documents;
use bailiwick_compiler::targets::kubernetes::request::Projected;
use cel::{Context, Env, Program, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What is in force.
pub struct Admission {
    env: Arc<Env>,
    policies: Vec<Policy>,
}

struct Policy {
    spec: Json,
    conditions: Vec<Program>,
    validations: Vec<Program>,
}

impl Admission {
    /// Takes the policies that a binding makes deny out of manifests.
    pub fn read(files: &BTreeMap<&str, &str>) -> Admission {
        let env = Arc::new(Env::stdlib());
        let objects: Vec<Json> =
            files.values().flat_map(|text| documents(text).expect("documents")).collect();
        let of_kind = |kind: &'static str| objects.iter().filter(move |object| object["kind"] == *kind);
        let deny = |name: &Json| {
            of_kind("ValidatingAdmissionPolicyBinding").any(|binding| {
                binding["spec"]["policyName"] == *name
                    && binding["spec"]["validationActions"] == serde_json::json!(["Deny"])
            })
        };
        let programs = |list: &Json| -> Vec<Program> {
            let list = list.as_array().expect("expressions").iter();
            let texts = list.map(|item| item["expression"].as_str().expect("a text"));
            texts.map(|text| env.compile(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))).collect()
        };
        let policies =
            of_kind("ValidatingAdmissionPolicy").filter(|policy| deny(&policy["metadata"]["name"]));
        let policies = policies
            .map(|policy| {
                let spec = policy["spec"].clone();
                assert_eq!(spec["failurePolicy"], "Fail");
                let conditions = programs(&spec["matchConditions"]);
                let validations = programs(&spec["validations"]);
                Policy { spec, conditions, validations }
            })
            .collect();
        Admission { env, policies }
    }

    /// Whether no policy is against it, and how many had a say.
    pub fn admits(&self, made: &Projected) -> (bool, usize) {
        let Some(review) = made.review() else { return (true, 0) };
        let mut asked = 0;
        let admitted = self.policies.iter().all(|policy| {
            if !policy.selects(made, &review) {
                return true;
            }
            let mut context = Context::with_env(self.env.clone());
            for name in ["request", "object"] {
                context.add_variable_from_value(name, value(&review[name]));
            }
            let is = |program: &Program, wanted: bool| {
                matches!(program.execute(&context), Ok(Value::Bool(value)) if value == wanted)
            };
            // what fails is denied
            if policy.conditions.iter().any(|condition| is(condition, false)) {
                return true;
            }
            asked += 1;
            policy.conditions.iter().chain(&policy.validations).all(|program| is(program, true))
        });
        (admitted, asked)
    }
}

impl Policy {
    fn selects(&self, made: &Projected, review: &Json) -> bool {
        let resource = match made.request.subresource.as_str() {
            "" => made.request.resource.clone(),
            sub => format!("{}/{sub}", made.request.resource),
        };
        let rules = self.spec["matchConstraints"]["resourceRules"].as_array().expect("rules");
        rules.iter().any(|rule| {
            let has = |list: &str, what: &Json| rule[list].as_array().expect("a list").contains(what);
            has("apiGroups", &made.request.group.as_str().into())
                && has("apiVersions", &"*".into())
                && has("operations", &review["request"]["operation"])
                && has("resources", &resource.as_str().into())
        })
    }
}

/// JSON as the API server hands it to CEL: numbers without a fraction are integers.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Value::Int(value),
            None => Value::Float(number.as_f64().expect("a number")),
        },
        Json::String(text) => Value::String(Arc::new(text.clone())),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(value).collect())),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, item)| (key.clone(), value(item)));
            entries.collect::<HashMap<String, Value>>().into()
        }
    }
}
