//! Model to findings: every question of the language's analyzer, answered by proof.
//!
//! A rule (`rules/`) asks whether requests exist: allowed ones that their purpose does not need,
//! allowed ones that fill the legs of a toxic combination. It enumerates by bit sets which
//! grants, operations and labels could take part, and states what is left as a question about
//! arguments, sessions and times. `smt` answers with *proved*, *refuted* and the requests, or
//! *undecided* and the reason; every request is replayed through the evaluator before it is shown.

mod analysis;
mod anchor;
pub mod build;
mod check;
mod clock;
mod granted;
mod hand_over;
mod kept;
mod memory;
mod named;
mod proofs;
pub mod questions;
mod recall;
mod regions;
mod remembered;
mod rules;
pub mod smt;
pub mod verify;
pub mod wording;
mod workers;

pub use analysis::{Analysis, Found};
pub use check::{analyze, check};
pub use clock::Clock;
pub use proofs::{ProofResult, PropertyResult, proofs};
pub use regions::{Cover, Region};
pub use rules::{Page, every_explanation, explanations, pages};
pub use smt::solve::unsupported as unsupported_solver;

use bailiwick_compiler::request::Request;

/// The answer to a question about all requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It holds of every well-formed request.
    Proved,
    /// It does not hold of these, replayed through the evaluator.
    Refuted(Vec<Request>),
    /// Nobody knows, and why. Never to be read as safe.
    Undecided(String),
}
