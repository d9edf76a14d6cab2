//! Does grant A allow only what grant B allows? A thousand pairs, asked of this project's analyzer
//! and of Cedar's symbolic compiler with cvc5, about the same policies: those that the Cedar
//! export makes of the grants.
//!
//! `CVC5=/usr/bin/cvc5 cargo run --release --manifest-path benches/peer/Cargo.toml` from the root of
//! the checkout. It fails when the two disagree.

mod pairs;

use bailiwick_analyzer::smt::question::{Counting, Formula, Question, Slot};
use bailiwick_analyzer::{Analysis, Found};
use bailiwick_compiler::compile_text;
use bailiwick_compiler::model::{AgentId, ClassSet, Model, OpId, PurposeId};
use bailiwick_compiler::targets::{Target, cedar};
use cedar_policy::{Effect, PolicySet, Schema};
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicySet, solver::LocalSolver};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

/// How many pairs.
const PAIRS: usize = 1000;
/// 2026-12-01T10:00:00Z.
const NOW: i64 = 1_796_119_200;

fn main() -> Result<(), Box<dyn Error>> {
    let text = pairs::project(PAIRS);
    let compiled = compile_text(&[("main", &text)]);
    if let Some(problem) = compiled.diagnostics.first().filter(|_| compiled.has_errors()) {
        return Err(format!("{problem:?}").into());
    }
    let ours = ours(&compiled.model);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let theirs = runtime.block_on(theirs(&compiled.model))?;

    let held = ours.iter().filter(|(held, _)| *held == Some(true)).count();
    println!("{PAIRS} pairs, {held} of them contained");
    let mine = times("bailiwick", ours.iter().map(|(_, took)| *took));
    let peer = times("symcc + cvc5, asking", theirs.iter().map(|(_, _, took)| *took));
    times("symcc, compiling the pair", theirs.iter().map(|(_, took, _)| *took));
    println!("median: {:.0} times faster", peer.as_secs_f64() / mine.as_secs_f64());
    let differing: Vec<usize> = (0..PAIRS).filter(|&at| ours[at].0 != Some(theirs[at].0)).collect();
    match differing.as_slice() {
        [] => Ok(()),
        _ => Err(format!("the answers differ on {}: {differing:?}", differing.len()).into()),
    }
}

/// Prints median, nineteen in twenty, and the worst; gives the median.
fn times(who: &str, times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    let (median, most) = (times[times.len() / 2], times[times.len() * 95 / 100]);
    println!("{who:<28} median {median:>10.1?}  95% {most:>10.1?}  worst {:>10.1?}", times[times.len() - 1]);
    median
}

/// Whether each pair is contained, `None` when that is undecided; and how long it took.
fn ours(model: &Model) -> Vec<(Option<bool>, Duration)> {
    let analysis = Analysis::new(model, NOW);
    let grants: BTreeMap<&str, _> = model.grants.iter().map(|grant| (&*grant.name, &**grant)).collect();
    let ask = |at: usize| {
        let start = Instant::now();
        let (a, b) = (grants[&*format!("a-{at}")], grants[&*format!("b-{at}")]);
        let slot =
            Slot { chain: vec![AgentId(0)], purpose: PurposeId(0), op: OpId(0), data: ClassSet::new() };
        let authorised =
            |grant| analysis.policy.authorised(0, &slot, grant, &Counting::Given).unwrap_or(Formula::FALSE);
        let formula = Formula::All(vec![authorised(a), authorised(b).negate()]);
        let found = analysis.ask(&Question { slots: vec![slot.clone()], one_session: false, formula });
        let held = match found {
            Found::None => Some(true),
            Found::Some(_) => Some(false),
            Found::Undecided(_) => None,
        };
        (held, start.elapsed())
    };
    (0..PAIRS).map(ask).collect()
}

/// Whether each pair is contained; how long compiling and asking took.
async fn theirs(model: &Model) -> Result<Vec<(bool, Duration, Duration)>, Box<dyn Error>> {
    let emission = cedar::Cedar::Contract.emit(model, 0);
    let (schema, _) = Schema::from_cedarschema_str(&emission.files["schema.cedarschema"])?;
    let policies: PolicySet = emission.files[&cedar::file("bot")].parse()?;
    // What forbids applies whichever grant is meant.
    let mut by_grant: BTreeMap<String, PolicySet> = BTreeMap::new();
    let mut always = PolicySet::new();
    for policy in policies.policies() {
        match policy.annotation("grant").filter(|_| policy.effect() == Effect::Permit) {
            Some(grant) => by_grant.entry(grant.to_owned()).or_default().add(policy.clone())?,
            None => always.add(policy.clone())?,
        }
    }
    for policy in always.policies() {
        for policies in by_grant.values_mut() {
            policies.add(policy.clone())?;
        }
    }
    let env = schema.request_envs().next().ok_or("the schema has no request")?;
    let mut compiler = CedarSymCompiler::new(LocalSolver::cvc5_with_args(["--strings-exp", "--tlimit=3600000"])?)?;
    let mut answers = Vec::new();
    for at in 0..PAIRS {
        let start = Instant::now();
        let a = CompiledPolicySet::compile(&by_grant[&format!("a-{at}")], &env, &schema)?;
        let b = CompiledPolicySet::compile(&by_grant[&format!("b-{at}")], &env, &schema)?;
        let compiled = start.elapsed();
        let held = compiler.check_implies_opt(&a, &b).await?;
        answers.push((held, compiled, start.elapsed() - compiled));
    }
    Ok(answers)
}
