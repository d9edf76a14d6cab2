//! Whether an exported policy can err, asked of Cedar's symbolic compiler and cvc5: an error at run
//! time takes a policy out of the decision, and a forbid that is out forbids nothing.
//!
//! `bailiwick-never-errors CASES` reads what the tests left (a project a line, with its schema and
//! its policies) and asks of every policy and every environment of the schema that it can apply
//! to. It fails on an error that is possible and on a question that cannot be answered.

use cedar_policy::{ActionConstraint, Policy, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, solver::LocalSolver};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("say which file has the cases")?;
    let text = std::fs::read_to_string(path)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(an_error_is_found())?;
    let (mut asked, mut projects) = (0, 0);
    for line in text.lines() {
        let project: Json = serde_json::from_str(line)?;
        let name = project["name"].as_str().ok_or("a project has no name")?;
        let never_errs = runtime.block_on(project_never_errs(&project));
        asked += never_errs.map_err(|error| format!("{name}: {error}"))?;
        projects += 1;
    }
    println!("never-errors: {projects} projects, {asked} policies in an environment, none can err");
    if projects == 0 || asked == 0 { Err("nothing was asked".into()) } else { Ok(()) }
}

/// The question can be answered with no: adding one overflows.
async fn an_error_is_found() -> Result<(), Box<dyn Error>> {
    let schema = "entity A; action a appliesTo { principal: A, resource: A, context: { n: Long } };";
    let (schema, _) = Schema::from_cedarschema_str(schema)?;
    let policy = Policy::parse(None, "permit (principal, action, resource) when { context.n + 1 > 0 };")?;
    let env = schema.request_envs().next().ok_or("the schema has no request")?;
    match solver()?.check_never_errors_opt(&CompiledPolicy::compile(&policy, &env, &schema)?).await? {
        true => Err("an overflow is not found".into()),
        false => Ok(()),
    }
}

fn solver() -> Result<CedarSymCompiler<LocalSolver>, Box<dyn Error>> {
    Ok(CedarSymCompiler::new(LocalSolver::cvc5_with_args(["--strings-exp", "--tlimit-per=60000"])?)?)
}

/// How many questions were asked; an error when one says that a policy can err.
async fn project_never_errs(project: &Json) -> Result<usize, Box<dyn Error>> {
    let files: BTreeMap<String, String> = serde_json::from_value(project["files"].clone())?;
    let (schema, _) = Schema::from_cedarschema_str(&files["schema.cedarschema"])?;
    let sets = files.iter().filter(|(path, _)| path.ends_with(".cedar"));
    let sets = sets.map(|(_, text)| text.parse()).collect::<Result<Vec<PolicySet>, _>>()?;
    let policies: Vec<&Policy> = sets.iter().flat_map(PolicySet::policies).collect();
    let environments: Vec<RequestEnv> = schema.request_envs().collect();
    let pairs = policies.iter().flat_map(|policy| environments.iter().map(move |env| (*policy, env)));
    let pairs: Vec<(&Policy, &RequestEnv)> = pairs.filter(|(policy, env)| may_apply(policy, env)).collect();
    let mut compiler = solver()?;
    for (policy, env) in &pairs {
        let compiled = CompiledPolicy::compile(policy, env, &schema)?;
        if !compiler.check_never_errors_opt(&compiled).await? {
            return Err(format!("a policy can err on {}:\n{policy}", env.action()).into());
        }
    }
    Ok(pairs.len())
}

/// Whether the policy can apply to requests of the environment; true where that takes a look at
/// groups of actions.
fn may_apply(policy: &Policy, env: &RequestEnv) -> bool {
    match policy.action_constraint() {
        ActionConstraint::Eq(action) => action == *env.action(),
        ActionConstraint::Any | ActionConstraint::In(_) => true,
    }
}
