//! From any assignment to one that reads well: what need not be there is not, numbers are small,
//! moments near the run's, and what may be of one moment is: a session starts, and an approval is
//! given, when the call is made.

use super::term::{Problem, Term, Var};
use std::collections::BTreeSet;

/// How often the variables are gone through at the most: moving one may free another.
const PASSES: usize = 16;

/// Moves each variable to the best value that keeps the problem true, one after the other; then
/// each follower to its leader's.
pub fn shrink(problem: &Problem, values: &mut [i64], followers: &[(Var, Var)]) {
    let mut corners: Vec<BTreeSet<i64>> = vec![BTreeSet::new(); problem.vars.len()];
    problem.term.leaves(&mut |leaf| {
        if let Term::In(var, ranges) = leaf {
            for (low, high) in ranges.iter() {
                let around = [low.saturating_sub(1), low, high, high.saturating_add(1)];
                corners[var.index()].extend(around);
            }
        }
    });
    for _ in 0..PASSES {
        let mut moved = false;
        for (at, corners) in corners.iter().enumerate() {
            moved |= improve(problem, values, at, corners);
        }
        if !moved {
            break;
        }
    }
    for (follower, leader) in followers {
        let moment = values[leader.index()];
        let before = std::mem::replace(&mut values[follower.index()], moment);
        if !problem.accepts(values) {
            values[follower.index()] = before;
        }
    }
}

fn improve(problem: &Problem, values: &mut [i64], at: usize, corners: &BTreeSet<i64>) -> bool {
    let bounds = problem.vars[at];
    let distance = |value: i64| (i128::from(value) - i128::from(bounds.prefer)).abs();
    let current = values[at];
    let mut candidates: Vec<i64> = corners.iter().copied().chain([bounds.prefer]).collect();
    candidates.retain(|&value| distance(value) < distance(current));
    candidates.sort_by_key(|&value| (distance(value), value));
    for candidate in candidates {
        values[at] = candidate;
        if problem.accepts(values) {
            return true;
        }
    }
    values[at] = current;
    false
}
