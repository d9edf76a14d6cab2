//! Requests around the boundaries of what a model grants.
//!
//! A grant is picked and a request made that satisfies it, its conditions read greedily; then, for
//! most requests, one thing is changed: to the value just beside a limit, to absent, to something
//! that the rules speak of, or to something ill formed.

mod draft;
mod mutate;
mod sketch;
mod solve;

use crate::rng::Rng;
use bailiwick_compiler::Model;
use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::model::{Grant, GrantId, Id};
use bailiwick_compiler::request::read;
use draft::Draft;
use sketch::Sketch;
use std::sync::Arc;

/// How often a satisfying request is tried before the grant is given up.
const TRIES: usize = 24;

/// So many requests in the contract's JSON, each on one line. About a third are as near to allowed
/// as can be made; the others differ from such a one in one thing. The same model and seed give
/// the same requests.
pub fn requests(model: &Model, seed: u64, count: usize) -> Vec<String> {
    let mut rng = Rng::new(seed);
    if model.grants.is_empty() || model.tools.is_empty() {
        return Vec::new();
    }
    (0..count).map(|_| one(model, &mut rng)).collect()
}

fn one(model: &Model, rng: &mut Rng) -> String {
    let (grant, draft) = satisfying(model, rng);
    if rng.chance(30) {
        return Sketch::of(model, &draft).to_string();
    }
    mutate::one_thing(model, rng, grant, draft)
}

/// A request that some grant allows, or at the worst one that only comes near.
fn satisfying<'a>(model: &'a Model, rng: &mut Rng) -> (&'a Arc<Grant>, Draft) {
    let mut nearest = None;
    for _ in 0..4 {
        let grant = &model.grants[GrantId::at(rng.below(model.grants.len())).index()];
        for _ in 0..TRIES {
            let draft = solve::draft(model, rng, grant);
            let text = Sketch::of(model, &draft).to_string();
            if read(model, &text).is_ok_and(|request| decide(model, &request).is_allow()) {
                return (grant, draft);
            }
            nearest = Some((grant, draft));
        }
    }
    nearest.unwrap_or_else(|| {
        let grant = &model.grants[0];
        (grant, solve::draft(model, rng, grant))
    })
}
