//! Characters that no text may hold: those that cannot be seen, and those that reorder others.

use crate::code::Code;
use crate::error::SyntaxError;
use crate::span::Span;

/// Whether a character is a control, a bidirectional control, or has no width.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Reports every invisible character of `source`, but for a byte order mark at its start and a
/// carriage return that ends a line.
pub fn check(source: &str, errors: &mut Vec<SyntaxError>) {
    let bytes = source.as_bytes();
    let mut at = if source.starts_with('\u{feff}') { 3 } else { 0 };
    while at < bytes.len() {
        let byte = bytes[at];
        if (0x20..0x7f).contains(&byte) || byte == b'\n' || byte == b'\t' {
            at += 1;
            continue;
        }
        let Some(c) = source[at..].chars().next() else { break };
        let stray_return = c == '\r' && bytes.get(at + 1) != Some(&b'\n');
        if stray_return || is_invisible(c) {
            let span = Span::new(at, at + c.len_utf8());
            errors.push(
                SyntaxError::new(
                    Code::InvisibleCharacter,
                    format!("the invisible character U+{:04X} stands here", c as u32),
                    span,
                )
                .help(format!("remove it; inside a string it is written `\\u{{{:x}}}`", c as u32))
                .fix(span, ""),
            );
        }
        at += c.len_utf8();
    }
}
