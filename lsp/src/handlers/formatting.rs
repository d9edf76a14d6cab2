//! Formatting: the lines that differ, so that the editor keeps its cursor and marks.

use crate::position::Lines;
use bailiwick_grammar::Span;
use tower_lsp::lsp_types::TextEdit;

/// The edits that lay a text out as `bailiwick fmt` does; none when it is so already or does not parse.
pub fn formatting(text: &str) -> Vec<TextEdit> {
    match bailiwick_grammar::format(text) {
        Ok(new) if *new != *text => vec![difference(text, &new)],
        Ok(_) | Err(_) => Vec::new(),
    }
}

/// One edit from the first line that differs to the last.
fn difference(old: &str, new: &str) -> TextEdit {
    let start: usize = {
        let pairs = old.split_inclusive('\n').zip(new.split_inclusive('\n'));
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum()
    };
    let end: usize = {
        let pairs = old[start..].split_inclusive('\n').rev().zip(new[start..].split_inclusive('\n').rev());
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum()
    };
    TextEdit {
        range: Lines::new(old).range(Span::new(start, old.len() - end)),
        new_text: new[start..new.len() - end].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower_lsp::lsp_types::{Position, Range};

    #[test]
    fn only_the_lines_that_differ_are_replaced() {
        let edit = difference("a\n b\nc\n", "a\nb\nb2\nc\n");
        let at = |line, character| Position { line, character };
        assert_eq!(
            edit,
            TextEdit { range: Range { start: at(1, 0), end: at(2, 0) }, new_text: "b\nb2\n".into() }
        );
        let edit = difference("a", "a\n");
        assert_eq!(
            edit,
            TextEdit { range: Range { start: at(0, 0), end: at(0, 1) }, new_text: "a\n".into() }
        );
        let edit = difference("a\na\na\n", "a\na\n");
        assert_eq!(edit.new_text, "");
    }
}
