//! Z3, and the only file that names it.
//!
//! Integers with bounds, because that is what it is fastest at; limits in its own deterministic
//! resource units, so that an answer does not depend on the machine; never an interrupt, because
//! an idle one was seen to spoil later answers. Each thread has one context with one solver that
//! is pushed and popped; what that solver cannot refute is asked again in a fresh context, where
//! neither the limit nor the values found depend on what was asked before.

use super::ranges::Ranges;
use super::term::{Answer, Problem, Term, Var};
use z3::ast::{Bool, Int};
use z3::{Config, Params, SatResult, Solver};

/// Resource units for the shared solver: some tens of milliseconds.
const SHARED_LIMIT: u32 = 200_000;
/// Resource units for the fresh one: about a second.
const FRESH_LIMIT: u32 = 4_000_000;

thread_local! {
    static SHARED: Solver = limited(SHARED_LIMIT);
}

/// The solver that is linked, when it is not one whose answers we know: older ones were seen to crash.
pub fn unsupported() -> Option<String> {
    // `Z3 5.3.3.0 …`
    let version = z3::full_version();
    (!version.strip_prefix("Z3 ").unwrap_or(version).starts_with("5.3.")).then(|| version.to_string())
}

/// Settles a problem, or says that it could not within its limits.
pub fn solve(problem: &Problem) -> Answer {
    let refuted = SHARED.with(|solver| {
        solver.push();
        let vars = state(solver, problem);
        let result = solver.check();
        drop(vars);
        solver.pop(1);
        result == SatResult::Unsat
    });
    if refuted {
        return Answer::Unsat;
    }
    z3::with_z3_config(&Config::new(), || {
        let solver = limited(FRESH_LIMIT);
        // A solver that was pushed takes the plain way. The other one tries tactics against clocks
        // of its own, and waits for their threads.
        solver.push();
        let vars = state(&solver, problem);
        match solver.check() {
            SatResult::Unsat => Answer::Unsat,
            SatResult::Unknown => {
                let reason = solver.get_reason_unknown().unwrap_or_default();
                Answer::Unknown(format!("the solver gave up ({reason})"))
            }
            SatResult::Sat => values(&solver, &vars)
                .filter(|values| problem.accepts(values))
                .map_or_else(|| Answer::Unknown("the solver's values do not check".into()), Answer::Sat),
        }
    })
}

fn limited(limit: u32) -> Solver {
    let solver = Solver::new();
    let mut params = Params::new();
    params.set_u32("rlimit", limit);
    solver.set_params(&params);
    solver
}

/// Asserts the problem; gives its variables.
fn state(solver: &Solver, problem: &Problem) -> Vec<Int> {
    let vars: Vec<Int> = (0..problem.vars.len()).map(|at| Int::new_const(at as u32)).collect();
    for (var, bounds) in vars.iter().zip(&problem.vars) {
        solver.assert(within(var, &Ranges::between(bounds.low, bounds.high)));
    }
    solver.assert(lower(&problem.term, &vars));
    vars
}

fn values(solver: &Solver, vars: &[Int]) -> Option<Vec<i64>> {
    let model = solver.get_model()?;
    vars.iter().map(|var| model.eval(var, true)?.as_i64()).collect()
}

fn lower(term: &Term, vars: &[Int]) -> Bool {
    let of = |var: &Var| &vars[var.index()];
    match term {
        Term::All(parts) => Bool::and(&parts.iter().map(|part| lower(part, vars)).collect::<Vec<_>>()),
        Term::Any(parts) => Bool::or(&parts.iter().map(|part| lower(part, vars)).collect::<Vec<_>>()),
        Term::In(var, ranges) => within(of(var), ranges),
        Term::Diff { left, right, most } => (of(left) - of(right)).le(Int::from_i64(*most)),
    }
}

fn within(var: &Int, ranges: &Ranges) -> Bool {
    let parts: Vec<Bool> = ranges
        .iter()
        .map(|(low, high)| {
            if low == high {
                return var.eq(Int::from_i64(low));
            }
            let above = (low != i64::MIN).then(|| var.ge(Int::from_i64(low)));
            let below = (high != i64::MAX).then(|| var.le(Int::from_i64(high)));
            Bool::and(&above.into_iter().chain(below).collect::<Vec<_>>())
        })
        .collect();
    Bool::or(&parts)
}
