//! Byte offsets and the editor's positions: lines, and UTF-16 units within them.
//!
//! `é` is two bytes and one unit, `𝄞` four bytes and two units. Lines end at `\n`, `\r\n` or `\r`.

use bailiwick_grammar::Span;
use tower_lsp::lsp_types::{Position, Range};

/// Where the lines of a text start.
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Of that text.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|&(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// The position of a byte; of one inside a character, that character's.
    pub fn position(&self, offset: usize) -> Position {
        let offset =
            (0..=offset.min(self.text.len())).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0);
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        let units = self.text[self.starts[line]..offset].encode_utf16().count();
        Position { line: line as u32, character: units as u32 }
    }

    /// The byte at a position; beyond a line's end, its end; inside a character, its start.
    pub fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.starts.get(line) else { return self.text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let text = self.text[start..end].trim_end_matches(['\r', '\n']);
        let mut units = position.character as usize;
        for (at, c) in text.char_indices() {
            if units < c.len_utf16() {
                return start + at;
            }
            units -= c.len_utf16();
        }
        start + text.len()
    }

    /// The range of a span.
    pub fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start as usize), end: self.position(span.end as usize) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn positions_count_utf16_units() {
        let lines = Lines::new("é𝄞x\r\n# ü\rz\n");
        for (offset, position) in [
            (0, at(0, 0)),
            (2, at(0, 1)),
            (6, at(0, 3)),
            (7, at(0, 4)),
            (9, at(1, 0)),
            (14, at(2, 0)),
            (16, at(3, 0)),
        ] {
            assert_eq!(lines.position(offset), position, "{offset}");
            assert_eq!(lines.offset(position), offset, "{position:?}");
        }
        assert_eq!(lines.position(4), at(0, 1), "inside of a character");
        assert_eq!(lines.offset(at(0, 2)), 2, "inside of a pair");
        assert_eq!(lines.offset(at(0, 99)), 7, "the end of the line, not of its mark");
        assert_eq!(lines.offset(at(99, 0)), 16);
        assert_eq!(lines.position(99), at(3, 0));
        assert_eq!(Lines::new("").position(0), at(0, 0));
    }
}
