//! Any text gives a tree and errors: no panic, no overflow, no long wait.

use super::reference::modules;
use bailiwick_grammar::{ERRORS, format, parse};
use proptest::prelude::*;
use std::fmt::Write;

/// What may stand next to what in no order at all.
const SOUP: [&str; 60] = [
    "use",
    "session",
    "person",
    "team",
    "agent",
    "data",
    "tool",
    "purpose",
    "grant",
    "forbid",
    "ceiling",
    "toxic",
    "standard",
    "waive",
    "test",
    "prove",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "?",
    "|",
    "=",
    "==",
    "<",
    ">=",
    "not",
    "and",
    "or",
    "where",
    "when",
    "allow",
    "to",
    "for",
    "on",
    "only",
    "x",
    "a.b",
    "a*",
    "std/x",
    "\"s\"",
    "\"",
    "7",
    "1.5",
    "15m",
    "2026-10-01",
    "09:00",
    "\n",
    "# c\n",
    "independent",
    "approved by t within 1h",
    "within",
    "with",
    "set",
    "\u{202e}",
    "é",
];

fn check(text: &str) {
    let parsed = parse(text);
    assert!(parsed.errors.len() <= ERRORS);
    for error in &parsed.errors {
        assert!(error.span.start <= error.span.end && text.get(error.span.range()).is_some(), "{error:?}");
    }
    assert_eq!(format(text).is_ok(), parsed.errors.is_empty());
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn any_characters_are_read(text in proptest::collection::vec(any::<char>(), 0..100)) {
        check(&text.into_iter().collect::<String>());
    }

    #[test]
    fn any_tokens_are_read(words in proptest::collection::vec(proptest::sample::select(&SOUP[..]), 0..80)) {
        check(&words.join(" "));
        check(&words.join("\n"));
    }
}

#[test]
fn a_text_cut_anywhere_is_read() {
    for (_, text) in modules() {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            check(&text[..end]);
        }
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let n = 100_000;
    for (open, inner, close) in [
        ("(", "x", ")"),
        ("not ", "x", ""),
        ("not (", "x", ")"),
        ("[", "1", "]"),
        ("{ a: ", "1", "}"),
        ("only { allow ", "x", "}"),
        ("variant a b { ", "", "}"),
    ] {
        let text = format!("grant g {{ when {}{inner}{} }}", open.repeat(n), close.repeat(n));
        let errors = parse(&text).errors;
        assert!(errors.iter().any(|error| error.code == "nested-too-deep"), "{open}: {errors:?}");
    }
    let shallow = format!("forbid f {{ when {}a.b{} }}", "(".repeat(60), ")".repeat(60));
    assert_eq!(parse(&shallow).errors, []);
}

#[test]
fn a_large_file_is_read_to_its_end() {
    let mut text = String::new();
    for index in 0..20_000 {
        let _ = writeln!(
            text,
            "grant g{index} {{\n  to a for p\n  allow x where args.a <= {index} and args.b in (1, 2)\n}}"
        );
    }
    assert_eq!(parse(&text).module.decls.len(), 20_000);
    // Each would take hours, were anything quadratic in it.
    for text in [
        "{".repeat(2_000_000),
        "}".repeat(2_000_000),
        ", ".repeat(1_000_000),
        "\"\n".repeat(500_000),
        "é ".repeat(500_000),
    ] {
        check(&text);
    }
}
