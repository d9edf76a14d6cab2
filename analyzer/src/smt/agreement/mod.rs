//! The encoding and the evaluator agree: random conditions over every type and operator, random
//! requests around their boundaries.

mod draw;
mod policies;
mod witness;

pub use draw::{NOW, cond, model};
pub use policies::pinned;

use super::question::{Counting, Formula, Question, Slot};
use super::ranges::Ranges;
use super::term::{Answer, Term};
use super::{decode, encode, search, solve};
use bailiwick_compiler::evaluator;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{self, Request};
use bailiwick_grammar::ast::CompareOp;
use draw::requests;
use proptest::prelude::*;

/// A literal that is false when what it compares is absent.
pub fn literal(atom: Atom, negated: bool) -> Cond {
    Cond::Literal(Literal { atom, negated, absent: false })
}

/// The attribute is present and has this value.
pub fn is(left: Attr, value: Value) -> Cond {
    literal(Atom::Compare { left, op: CompareOp::Eq, right: Operand::Value(value) }, false)
}

/// The question whether that holds of some call to the tool.
pub fn question<'m>(formula: Formula<'m>) -> Question<'m> {
    let slot = Slot { chain: vec![AgentId(0)], purpose: PurposeId(0), op: OpId(0), data: ClassSet::new() };
    Question { slots: vec![slot], one_session: false, formula }
}

/// How many conditions share a request.
const TOGETHER: usize = 8;

#[allow(clippy::disallowed_methods)] // how many cases is for whoever runs the tests to say
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

/// Whether the encoding says of these conditions what the evaluator says, for one request. With
/// every attribute pinned there is an assignment in which all have their truth, and none in which
/// one has another. The encoded problem goes through `tamper` before it is asked.
fn agree(
    model: &Model,
    conditions: &[Cond],
    request: &Request,
    tamper: &impl Fn(Term) -> Term,
) -> Result<(), String> {
    let pins = pinned(model, request);
    let as_said = |cond| match evaluator::holds(model, cond, request) {
        true => Formula::cond(0, cond),
        false => Formula::cond(0, cond).negate(),
    };
    let otherwise = Formula::Any(conditions.iter().map(|cond| as_said(cond).negate()).collect());
    let all = Formula::All(conditions.iter().map(as_said).collect());
    for (formula, expected) in [(all, true), (otherwise, false)] {
        let question = question(Formula::All(vec![Formula::cond(0, &pins), formula]));
        let (mut problem, layout) = match encode(model, &question, NOW) {
            Ok(stated) => stated,
            // Together they have more patterns than can be told apart.
            Err(_) if conditions.len() > 1 => {
                return conditions.chunks(1).try_for_each(|one| agree(model, one, request, tamper));
            }
            Err(why) => return Err(why),
        };
        let mut parts = vec![tamper(problem.term)];
        for ((_, person), (given, at)) in &layout.approvals {
            let time = request.approvals.get(person);
            parts.push(Term::In(*given, Ranges::only(i64::from(time.is_some()))));
            parts.extend(time.map(|time| Term::In(*at, Ranges::only(*time))));
        }
        problem.term = Term::all(parts);
        let said = match search::search(&problem) {
            search::Quick::Sat(_) => true,
            search::Quick::Unsat => false,
            search::Quick::Open => match solve::solve(&problem) {
                Answer::Sat(_) => true,
                Answer::Unsat => false,
                Answer::Unknown(why) => return Err(why),
            },
        };
        if said != expected {
            return Err(format!("of {conditions:?} the solver says otherwise"));
        }
    }
    Ok(())
}

/// A comparison that is off by one: `<` where `<=` is meant.
fn off_by_one(term: Term) -> Term {
    match term {
        Term::All(parts) => Term::All(parts.into_iter().map(off_by_one).collect()),
        Term::Any(parts) => Term::Any(parts.into_iter().map(off_by_one).collect()),
        Term::Diff { left, right, most } => Term::Diff { left, right, most: most.saturating_sub(1) },
        leaf @ Term::In(..) => leaf,
    }
}

/// The test below notices an encoding that is wrong.
#[test]
fn a_comparison_that_is_off_by_one_is_caught() {
    use proptest::test_runner::{Config, TestError, TestRunner};
    let config = Config { cases: 500, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    let model = model();
    // Both sides are ten seconds and more apart in the sessions drawn, but for what the condition says.
    let drawn = (cond(), requests()).prop_map(|(cond, request)| {
        let started = request.now - 10;
        (cond, Request { started, ..request })
    });
    let result = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&drawn, |(cond, request)| {
        agree(&model, &[cond], &request, &off_by_one).map_err(TestCaseError::fail)
    });
    assert!(matches!(result, Err(TestError::Fail(..))), "nothing was noticed");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(12_500), failure_persistence: None, ..ProptestConfig::default() })]

    /// With every attribute pinned, a question has an answer iff the condition holds: 100,000
    /// pairs of a condition and a request.
    #[test]
    fn pinned_to_a_request_the_solver_says_what_the_evaluator_says(
        conditions in prop::collection::vec(cond(), TOGETHER),
        request in requests(),
    ) {
        agree(&model(), &conditions, &request, &|term| term).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(10_000), failure_persistence: None, ..ProptestConfig::default() })]

    /// Left free, what is found replays, and where nothing is found no request is.
    #[test]
    fn what_is_found_holds_and_what_is_not_found_is_not_there(
        cond in cond(),
        samples in prop::collection::vec(requests(), 8),
    ) {
        let model = model();
        let question = question(Formula::cond(0, &cond));
        let (problem, layout) = encode(&model, &question, NOW).map_err(TestCaseError::fail)?;
        let answer = match search::search(&problem) {
            search::Quick::Sat(values) => Answer::Sat(values),
            search::Quick::Unsat => Answer::Unsat,
            search::Quick::Open => solve::solve(&problem),
        };
        match answer {
            Answer::Unknown(why) => return Err(TestCaseError::fail(why)),
            Answer::Sat(mut values) => {
                super::shrink::shrink(&problem, &mut values, &layout.followers());
                let requests = decode(&model, &question, &layout, &values);
                prop_assert!(question.formula.holds(&model, &requests), "does not replay: {requests:?}");
                let read = request::read(&model, &request::write(&model, &requests[0]));
                prop_assert_eq!(read.as_ref(), Ok(&requests[0]));
            }
            Answer::Unsat => {
                for request in &samples {
                    prop_assert!(!evaluator::holds(&model, &cond, &Counting::Given.of(request)), "missed {request:?}");
                }
            }
        }
    }
}
