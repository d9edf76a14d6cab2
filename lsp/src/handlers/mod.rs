//! A request a file. Each takes a snapshot of the projects and the open document and answers from
//! them alone.

mod code_action;
mod definition;
mod formatting;
mod hover;

pub use code_action::code_action;
pub use definition::definition;
pub use formatting::formatting;
pub use hover::hover;
