//! The encoding and the evaluator agree on whole policies: generated projects, requests around
//! their boundaries, every attribute pinned.

use super::agreement::{is, literal};
use super::question::{Counting, Formula, Policy, Question, Slot};
use super::ranges::Ranges;
use super::search::{Quick, search};
use super::solve::solve;
use super::term::{Answer, Term};
use super::{decode, encode};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{self, Request};
use bailiwick_compiler::{compile_text, evaluator};
use bailiwick_testkit::{Options, project, requests, vector_model, vectors};
use std::collections::BTreeMap;

#[test]
#[allow(clippy::disallowed_methods)] // how many projects is for whoever runs the tests to say
fn on_whole_policies_the_solver_decides_as_the_evaluator_does() {
    let seeds = std::env::var("PROJECTS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(6);
    let (mut asked, mut allowed) = (0, 0);
    for seed in 0..seeds {
        let modules = project(seed, &Options::default());
        let modules: Vec<(&str, &str)> = modules.iter().map(|(path, text)| (&**path, &**text)).collect();
        let compiled = compile_text(&modules);
        assert!(!compiled.has_errors(), "seed {seed}: {:#?}", compiled.diagnostics);
        let model = &compiled.model;
        for json in requests(model, seed, 500) {
            let Ok(request) = request::read(model, &json) else { continue };
            let said = decided(model, &request);
            let decision = evaluator::decide(model, &request).is_allow();
            assert_eq!(said, decision, "seed {seed}: {json}");
            asked += 1;
            allowed += usize::from(decision);
        }
    }
    assert!(asked > 100 * seeds as usize && allowed * 5 > asked, "{allowed} of {asked} requests are allowed");
}

#[test]
fn on_the_conformance_vectors_the_solver_decides_as_the_language_says() {
    let mut models = BTreeMap::new();
    let mut asked = 0;
    for (file, group) in vectors() {
        let model = models.entry(group.project.clone()).or_insert_with(|| vector_model(&group.project));
        for case in &group.cases {
            // What is ill formed is no request to the solver.
            let Ok(request) = request::read(model, case.text()) else { continue };
            assert_eq!(decided(model, &request), case.decision == "allow", "{file}: {}", case.name);
            asked += 1;
        }
    }
    assert!(asked > 1_000, "only {asked} vectors are well formed");
}

/// Whether the policy allows the request, by the encoding.
fn decided(model: &Model, request: &Request) -> bool {
    let policy = Policy::new(model);
    let Request { chain, purpose, op, data, .. } = request.clone();
    let slot = Slot { chain, purpose, op, data };
    let grants = model.grants.iter().map(|grant| &**grant);
    let allowed = policy.allowed(0, &slot, grants, &Counting::Given);
    let pins = pinned(model, request);
    let formula = Formula::All(vec![Formula::cond(0, &pins), allowed]);
    let question = Question { slots: vec![slot], one_session: false, formula };
    let (mut problem, layout) = encode(model, &question, request.now).expect("it can be stated");
    let mut parts = vec![problem.term];
    for ((_, person), (given, at)) in &layout.approvals {
        let time = request.approvals.get(person);
        parts.push(Term::In(*given, Ranges::only(i64::from(time.is_some()))));
        parts.extend(time.map(|time| Term::In(*at, Ranges::only(*time))));
    }
    problem.term = Term::all(parts);
    let answer = match search(&problem) {
        Quick::Sat(values) => Answer::Sat(values),
        Quick::Unsat => Answer::Unsat,
        Quick::Open => solve(&problem),
    };
    match answer {
        Answer::Unsat => false,
        Answer::Unknown(why) => panic!("undecided: {why}"),
        Answer::Sat(values) => {
            let found = decode(model, &question, &layout, &values).remove(0);
            assert_eq!((&found.args, &found.session), (&request.args, &request.session));
            true
        }
    }
}

/// That the request's attributes are these.
pub fn pinned(model: &Model, request: &Request) -> Cond {
    let mut parts = vec![
        is(Attr::Now, Value::Instant(request.now)),
        is(Attr::Started, Value::Instant(request.started)),
        is(Attr::Authn, Value::Authn(request.authn)),
    ];
    let tool = model.tool(model.op(request.op).tool);
    let args = tool.args.keys().map(|name| (Attr::Arg(name.clone()), request.args.get(name)));
    let session = model.session.keys().map(|name| (Attr::Session(name.clone()), request.session.get(name)));
    for (attr, value) in args.chain(session) {
        match value {
            None => parts.push(literal(Atom::Has(attr), true)),
            Some(Value::Opaque) => parts.push(literal(Atom::Has(attr), false)),
            Some(Value::Set(values)) => {
                parts.push(literal(Atom::ContainsAll { set: attr.clone(), values: values.clone() }, false));
                parts.push(literal(Atom::SubsetOf { set: attr, values: values.clone() }, false));
            }
            Some(value) => parts.push(is(attr, value.clone())),
        }
    }
    Cond::All(parts)
}
