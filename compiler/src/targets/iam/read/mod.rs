//! IAM JSON back into the model: a tree of the document, what IAM answers by it, and what that
//! lets the project's agents do.

mod back;
mod calls;
pub mod document;
pub mod evaluate;
mod folder;
mod issue;
mod lift;
pub mod operator;
pub mod pattern;
mod predicate;
mod resource;
mod test;
mod text;

pub use back::ReadBack;
pub use lift::read;
