//! IAM JSON back into the model: a tree of the document, what IAM answers by it, and what that
//! lets the project's agents do.

mod calls;
pub mod document;
pub mod evaluate;
mod lift;
pub mod operator;
pub mod pattern;
mod predicate;
mod resource;
mod test;

pub use lift::read;
