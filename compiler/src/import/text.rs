//! Names and strings that cannot be anything else in a module.

use bailiwick_grammar::is_invisible;
use std::fmt::Write;

/// Whether a text can name an argument or stand as an enumeration value without quotes.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(is_word_char)
}

fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// The text as segments of a dotted name: what may not stand in one becomes `-`.
pub(super) fn segments(text: &str) -> String {
    let mut name: Vec<String> = Vec::new();
    for part in text.split('.') {
        let part: String = part.chars().map(|c| if is_word_char(c) { c } else { '-' }).collect();
        let part = part.trim_start_matches('-');
        if !part.is_empty() {
            name.push(part.to_owned());
        }
    }
    if name.is_empty() { "tool".to_owned() } else { name.join(".") }
}

/// The text as a string literal. What cannot be seen is escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            '\r' => literal.push_str("\\r"),
            c if is_invisible(c) => {
                let _ = write!(literal, "\\u{{{:x}}}", c as u32); // writing to a string cannot fail
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// The text as an enumeration value: a word, or a string literal.
pub(super) fn value(text: &str) -> String {
    if is_word(text) && !matches!(text, "true" | "false" | "null") { text.to_owned() } else { quoted(text) }
}

/// The text in a message: quoted, escaped, and no longer than a line.
pub(super) fn shown(text: &str) -> String {
    let short = shorten(text, 60);
    let literal = quoted(&short);
    format!("`{}`", &literal[1..literal.len() - 1])
}

/// At most that many characters, `…` for the rest.
pub(super) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(is_word("per_page") && is_word("_meta") && is_word("reactions--1"));
        for not in ["", "1st", "-1", "a.b", "a b", "ä", "$ref", "a\u{202e}"] {
            assert!(!is_word(not), "{not}");
        }
        assert_eq!(segments("issue_write"), "issue_write");
        assert_eq!(segments("a/b c"), "a-b-c");
        assert_eq!(segments("..a..b."), "a.b");
        assert_eq!(segments("\u{202e}…"), "tool");
        assert_eq!(segments("7z"), "7z");
    }

    #[test]
    fn strings_hold_what_they_are_given() {
        assert_eq!(quoted("a\"} tool x { \\"), r#""a\"} tool x { \\""#);
        assert_eq!(quoted("a\u{202e}b\nc\u{0}"), r#""a\u{202e}b\nc\u{0}""#);
        assert_eq!(value("true"), "\"true\"");
        assert_eq!(value("+1"), "\"+1\"");
        assert_eq!(value("open"), "open");
        assert_eq!(shorten("abcdef", 3), "abc…");
        assert_eq!(shorten("abc", 3), "abc");
    }
}
