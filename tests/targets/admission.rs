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
    /// Takes the policies that a binding makes deny out of manifests; nothing where they are not of the
    /// shapes that are known here.
    pub fn read(files: &BTreeMap<&str, &str>) -> Option<Admission> {
        let env = Arc::new(Env::stdlib());
        let mut objects: Vec<Json> = Vec::new();
        for text in files.values() {
            objects.extend(documents(text).ok()?);
        }
        let of_kind = |kind: &'static str| objects.iter().filter(move |object| object["kind"] == *kind);
        let deny = |name: &Json| {
            of_kind("ValidatingAdmissionPolicyBinding").any(|binding| {
                let actions = binding["spec"]["validationActions"].as_array();
                binding["spec"]["policyName"] == *name
                    && actions.is_some_and(|actions| actions.contains(&"Deny".into()))
            })
        };
        let programs = |list: &Json| -> Option<Vec<Program>> {
            let list = list.as_array().map(Vec::as_slice).unwrap_or_default().iter();
            list.map(|item| env.compile(item["expression"].as_str()?).ok()).collect()
        };
        let policies =
            of_kind("ValidatingAdmissionPolicy").filter(|policy| deny(&policy["metadata"]["name"]));
        let policies = policies.map(|policy| {
            let spec = policy["spec"].clone();
            let conditions = programs(&spec["matchConditions"])?;
            let validations = programs(&spec["validations"])?;
            (spec["failurePolicy"] == "Fail").then_some(Policy { spec, conditions, validations })
        });
        let policies = policies.collect::<Option<_>>()?;
        Some(Admission { env, policies })
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
        let (of, below) = (made.request.resource.as_str(), made.request.subresource.as_str());
        let list = |rule: &Json, list: &str| rule[list].as_array().cloned().unwrap_or_default();
        let is = |item: &Json, what: &str| item == "*" || item == what;
        let rules = list(&self.spec["matchConstraints"], "resourceRules");
        rules.iter().any(|rule| {
            let operation = review["request"]["operation"].as_str().expect("a text");
            list(rule, "apiGroups").iter().any(|group| is(group, &made.request.group))
                && list(rule, "apiVersions").contains(&"*".into())
                && list(rule, "operations").iter().any(|item| is(item, operation))
                && list(rule, "resources").iter().filter_map(Json::as_str).any(|item| {
                    let (resource, sub) = item.split_once('/').unwrap_or((item, ""));
                    (resource == "*" || resource == of) && (sub == "*" || sub == below)
                })
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
