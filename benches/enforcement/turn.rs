//! Policies asked in turn: of those that are measured one after the other the ratio differs from run to
//! run, as a machine has faster and slower minutes.

use crate::estate::Estate;
use regorus::{Engine, Value};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How often a policy comes round, and how often it is asked each call then: the quickest answer counts.
const ROUNDS: usize = 100;
const ASKED: usize = 4;

/// A policy and what it is asked.
pub struct Asked<'a> {
    pub name: &'a str,
    pub engine: Engine,
    pub rule: &'a str,
    pub inputs: Vec<Value>,
}

/// Prints what one decision takes by each policy, on average over the calls.
pub fn in_turn(estate: Estate, policies: &mut [Asked]) {
    let mut best = vec![vec![Duration::MAX; policies[0].inputs.len()]; policies.len()];
    for _ in 0..ROUNDS {
        for (policy, best) in policies.iter_mut().zip(&mut best) {
            for _ in 0..ASKED {
                for (input, best) in policy.inputs.iter().zip(&mut *best) {
                    policy.engine.set_input(input.clone());
                    let start = Instant::now();
                    black_box(policy.engine.eval_rule(policy.rule.into()).expect("an answer"));
                    *best = start.elapsed().min(*best);
                }
            }
        }
    }
    for (Asked { name, .. }, best) in policies.iter().zip(best) {
        let each: Vec<String> = best.iter().map(|time| format!("{:.0}", micros(*time))).collect();
        let mean = micros(best.iter().sum::<Duration>()) / best.len() as f64;
        println!("rego in turn, {:>5} grants: {mean:6.1} us  {name}, each {}", estate.0, each.join(" "));
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
