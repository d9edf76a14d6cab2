//! The encoding and the evaluator agree on whole policies: generated projects, requests around
//! their boundaries, every attribute pinned.

use super::{NOW, is, literal};
use crate::smt::encode::state;
use crate::smt::question::{Counting, Formula, Policy, Question, Slot};
use crate::smt::ranges::Ranges;
use crate::smt::search::{Quick, search};
use crate::smt::solve::solve;
use crate::smt::term::{Answer, Problem, Term, Var};
use crate::smt::{decode, encode};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{self, Request};
use bailiwick_compiler::{compile_text, evaluator};
use bailiwick_testkit::{Options, Rng, project, requests, vector_model, vectors};
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

/// How many assignments are tried of a shape of request.
const ASSIGNMENTS: usize = 500;

/// A policy is stated once for each shape of request, and solved once, on the fast path and by the
/// solver, which agree. Then assignments are drawn around its boundaries: at each, what was stated
/// is as true as the request that the assignment stands for is allowed. `CASES` says how many.
#[test]
#[allow(clippy::disallowed_methods)] // how many cases is for whoever runs the tests to say
fn at_every_assignment_what_is_stated_of_a_policy_is_what_the_evaluator_decides() {
    let cases = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100_000);
    let (mut tried, mut allowed, mut shapes, mut solvable) = (0usize, 0usize, 0usize, 0usize);
    for seed in 1000.. {
        if tried >= cases {
            break;
        }
        let modules = project(seed, &Options::default());
        let modules: Vec<(&str, &str)> = modules.iter().map(|(path, text)| (&**path, &**text)).collect();
        let model = &compile_text(&modules).model;
        let policy = Policy::new(model);
        let mut rng = Rng::new(seed);
        let mut slots: Vec<Slot> = Vec::new();
        for json in requests(model, seed, 60) {
            let Ok(Request { chain, purpose, op, data, .. }) = request::read(model, &json) else { continue };
            let slot = Slot { chain, purpose, op, data };
            if !slots.contains(&slot) {
                slots.push(slot);
            }
        }
        for slot in slots {
            let grants = model.grants.iter().map(|grant| &**grant);
            let formula = policy.allowed(0, &slot, grants, &Counting::Given);
            let question = Question { slots: vec![slot], one_session: false, formula };
            let stated = state(model, &question, NOW).expect("it can be stated");
            let term = Term::all([stated.well_formed.clone(), stated.asked.clone()]);
            let problem = Problem { vars: stated.layout.vars.clone(), term };
            let mut around: Vec<i64> = problem.vars.iter().map(|bounds| bounds.prefer).collect();
            match (search(&problem), solve(&problem)) {
                (Quick::Sat(values), Answer::Sat(_)) => around = values,
                (Quick::Open, Answer::Sat(values)) => around = values,
                (Quick::Unsat | Quick::Open, Answer::Unsat) => {}
                (quick, slow) => panic!("seed {seed}: {quick:?} and {slow:?}"),
            }
            shapes += 1;
            solvable += usize::from(problem.accepts(&around));
            let near = Near::of(&problem);
            for _ in 0..ASSIGNMENTS {
                let values = near.drawn(&mut rng, &around);
                if !stated.well_formed.holds(&values) {
                    continue;
                }
                let request = decode(model, &question, &stated.layout, &values).remove(0);
                let said = stated.asked.holds(&values);
                assert_eq!(
                    said,
                    evaluator::decide(model, &request).is_allow(),
                    "seed {seed}: {}",
                    request::write(model, &request)
                );
                tried += 1;
                allowed += usize::from(said);
            }
        }
    }
    println!("{tried} requests of {shapes} shapes, {allowed} allowed; of {solvable} shapes some request is");
    assert!(allowed * 10 > tried && solvable * 3 > shapes, "{allowed} of {tried}, {solvable} of {shapes}");
}

/// Values worth trying: those that a problem compares its variables with, and their neighbours.
struct Near<'p> {
    problem: &'p Problem,
    points: Vec<Vec<i64>>,
    differences: Vec<(Var, Var, i64)>,
}

impl<'p> Near<'p> {
    fn of(problem: &'p Problem) -> Self {
        let mut points: Vec<Vec<i64>> =
            problem.vars.iter().map(|bounds| vec![bounds.low, bounds.high, bounds.prefer]).collect();
        let mut differences = Vec::new();
        problem.term.leaves(&mut |leaf| match leaf {
            Term::In(var, ranges) => {
                let ends = ranges.iter().flat_map(|(low, high)| [low, high]);
                let beside = ends.flat_map(|end| [end.saturating_sub(1), end, end.saturating_add(1)]);
                points[var.index()].extend(beside);
            }
            Term::Diff { left, right, most } => differences.push((*left, *right, *most)),
            Term::All(_) | Term::Any(_) => {}
        });
        Self { problem, points, differences }
    }

    /// The values with a few of them drawn anew.
    fn drawn(&self, rng: &mut Rng, around: &[i64]) -> Vec<i64> {
        let mut values = around.to_vec();
        for _ in 0..rng.below(4) {
            if !self.differences.is_empty() && rng.chance(30) {
                let (left, right, most) = *rng.pick(&self.differences);
                let by = *rng.pick(&[-1, 0, 0, 1]);
                values[left.index()] = values[right.index()].saturating_add(most).saturating_add(by);
            } else if !values.is_empty() {
                let at = rng.below(values.len());
                values[at] = *rng.pick(&self.points[at]);
            }
        }
        for (value, bounds) in values.iter_mut().zip(&self.problem.vars) {
            *value = (*value).clamp(bounds.low, bounds.high);
        }
        values
    }
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
