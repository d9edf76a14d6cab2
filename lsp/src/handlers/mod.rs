//! A request a file. Each takes a snapshot of the projects and the open document and answers from
//! them alone.

mod definition;
mod formatting;
mod hover;

pub use definition::definition;
pub use formatting::formatting;
pub use hover::hover;
