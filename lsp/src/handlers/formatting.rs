//! Formatting: the lines that differ, so that the editor keeps its cursor and marks.

use crate::to_proto::difference;
use tower_lsp::lsp_types::TextEdit;

/// The edits that lay a text out as `bailiwick fmt` does; none when it is so already or does not parse.
pub fn formatting(text: &str) -> Vec<TextEdit> {
    match bailiwick_grammar::format(text) {
        Ok(new) if *new != *text => vec![difference(text, &new)],
        Ok(_) | Err(_) => Vec::new(),
    }
}
