//! The formatter: the same tokens and comments, laid out in one way.
//!
//! It works on tokens, so that what is written is kept to the letter (`10_000`, `1h30m`, an
//! `or` between two tools); the tree only tells where each property starts ([`start`]).
//! [`layout`] groups tokens into items and blocks, [`print`] lays these out, [`space`] decides
//! what stands between two tokens.
//!
//! Two spaces indent; a property has a line, with its value in the block's column; a block that
//! was written on one line stays there while it fits; at most one blank line is kept.

mod layout;
mod print;
mod space;
mod start;

use crate::error::SyntaxError;
use crate::parser;

/// The text of a file in its one layout. A text with errors is not laid out.
pub fn format(source: &str) -> Result<String, Vec<SyntaxError>> {
    let (parsed, tokens) = parser::read(source);
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    let starts = start::starts(&parsed.module);
    let file = layout::File::new(source, tokens, &parsed.comments);
    Ok(print::print(&file, &layout::items(&file, &starts)))
}
