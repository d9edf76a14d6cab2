//! The moment that a check is made for, and the obligations that are remembered.

#![allow(missing_docs)] // salsa's macros generate methods that have none

use crate::smt::solve;
use crate::smt::term::{Answer, Problem};
use bailiwick_compiler::Db;

/// The moment that a check is made for: what counts as expired, lapsed or departed. It never
/// bears on what a policy allows.
#[salsa::input]
pub struct Clock {
    /// Seconds since 1970.
    #[returns(copy)]
    pub now: i64,
}

/// A problem, known by its content: whoever asks the same again, after an edit or for another
/// subject of the same shape, shares the answer.
#[salsa::interned]
pub struct Obligation<'db> {
    #[returns(ref)]
    pub problem: Problem,
}

/// What the solver says of an obligation.
#[salsa::tracked(returns(clone))]
pub fn solved<'db>(db: &'db dyn Db, obligation: Obligation<'db>) -> Answer {
    solve::solve(obligation.problem(db))
}
