//! A witness is looked at as it is in memory, and shown as text: both say the same.

use super::NOW;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{Request, read, well_formed, write};
use bailiwick_compiler::{Database, compile_text};
use bailiwick_testkit::{Options, Rng, project, requests};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Of enumerations, paths, URLs and none of them; some not normalised.
const TEXTS: [&str; 11] = [
    "open",
    "closed",
    "in progress",
    "",
    "\0",
    "/srv",
    "/srv/",
    "/srv/../x",
    "https://h/",
    "https://h",
    "https://h/a/../b",
];

fn drawn(seed: u64) -> Arc<Model> {
    let modules = project(seed, &Options::default());
    let modules: Vec<(&str, &str)> = modules.iter().map(|(path, text)| (&**path, &**text)).collect();
    compile_text(&modules).model
}

#[test]
fn every_witness_that_is_shown_is_read_back_as_it_was_written() {
    let mut shown = 0;
    for seed in 0..9 {
        let model = drawn(seed);
        for finding in crate::analyze(&Database::default(), &model, NOW) {
            for (_, text) in finding.witness.iter().flat_map(|witness| &witness.requests) {
                let request = read(&model, text).unwrap_or_else(|why| panic!("seed {seed}: {why}: {text}"));
                assert_eq!(write(&model, &request), *text, "seed {seed}");
                shown += 1;
            }
        }
    }
    assert!(shown > 100, "only {shown} witnesses");
}

#[test]
fn a_request_in_memory_is_well_formed_when_reading_its_text_gives_it() {
    let (mut good, mut bad) = (0, 0);
    for seed in 0..6 {
        let (model, mut rng) = (drawn(seed), Rng::new(seed));
        for text in requests(&model, seed, 300) {
            let Ok(request) = read(&model, &text) else { continue };
            for _ in 0..4 {
                let mut request = request.clone();
                change(&model, &mut rng, &mut request);
                let reads = read(&model, &write(&model, &request)).as_ref() == Ok(&request);
                assert_eq!(well_formed(&model, &request), reads, "seed {seed}: {request:?}");
                *if reads { &mut good } else { &mut bad } += 1;
            }
        }
    }
    assert!(good > 1_000 && bad > 1_000, "{good} are well formed, {bad} are not");
}

/// Changes one thing, perhaps to what no request may have.
fn change(model: &Model, rng: &mut Rng, request: &mut Request) {
    let agent = AgentId::at(rng.below(model.agents.len()));
    match rng.below(9) {
        0 => request.op = OpId::at(rng.below(model.ops.len())),
        1 => request.chain.resize(rng.below(MAX_CHAIN + 2), agent),
        2 => request.data = (0..rng.below(3)).map(|_| ClassId::at(rng.below(model.classes.len()))).collect(),
        3 => request.now = *rng.pick(&[request.started, request.started - 1, AFTER_LATEST - 1, AFTER_LATEST]),
        4 => request.started = *rng.pick(&[request.now, request.now + 1, EARLIEST, EARLIEST - 1]),
        5 => {
            let who = PrincipalId::at(rng.below(model.principals.len()));
            request.approvals.insert(who, *rng.pick(&[NOW, EARLIEST - 1]));
        }
        6 => change_one(model, rng, &mut request.session),
        _ => change_one(model, rng, &mut request.args),
    }
}

fn change_one(model: &Model, rng: &mut Rng, record: &mut Record) {
    let mut names: Vec<Str> = record.keys().cloned().collect();
    names.extend(model.session.keys().cloned());
    names.extend(["no-such".into(), "started".into()]);
    let name = rng.pick(&names).clone();
    match rng.chance(20) {
        true => drop(record.remove(&name)),
        false => {
            let value = match rng.chance(30) {
                true => Value::Set((0..rng.below(3)).map(|_| value(model, rng)).collect::<BTreeSet<_>>()),
                false => value(model, rng),
            };
            record.insert(name, value);
        }
    }
}

fn value(model: &Model, rng: &mut Rng) -> Value {
    match rng.below(11) {
        0 => Value::Bool(rng.chance(50)),
        1 => Value::Int(*rng.pick(&[0, -1, i64::MIN, i64::MAX])),
        2 => Value::Decimal(*rng.pick(&[0, -1, i64::MIN, i64::MAX])),
        3 => Value::Instant(*rng.pick(&[EARLIEST, EARLIEST - 1, AFTER_LATEST - 1, AFTER_LATEST])),
        4 => Value::Duration(*rng.pick(&[0, -1, i64::MAX])),
        5 => Value::Authn(*rng.pick(&Authn::ALL)),
        6 => Value::Opaque,
        7 => Value::Text(rng.pick(&model.principals).name.clone()),
        8 => {
            Value::Ip(rng.pick(&["10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"]).parse().expect("an address"))
        }
        9 => Value::Cidr(Net(rng.pick(&["10.0.0.0/8", "10.0.0.1/8", "::/0"]).parse().expect("a network"))),
        _ => Value::Text((*rng.pick(&TEXTS)).into()),
    }
}
