//! Every example of the language reference is read without an error.

use bailiwick_grammar::{format, parse};

const REFERENCE: &str = include_str!("../../../docs/reference.md");

/// The fenced examples that are files of the language, each with its first line's number.
fn examples() -> Vec<(usize, String)> {
    let mut examples = Vec::new();
    let mut open: Option<(usize, bool, String)> = None;
    for (number, line) in REFERENCE.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            open = match open.take() {
                Some((first, kept, text)) => {
                    if kept {
                        examples.push((first, text));
                    }
                    None
                }
                None => Some((number + 2, info.is_empty() || info == "grant", String::new())),
            };
        } else if let Some((_, _, text)) = &mut open {
            text.push_str(line);
            text.push('\n');
        }
    }
    examples
}

/// The examples that are whole declarations; the others are syntax or single properties.
pub fn modules() -> impl Iterator<Item = (usize, String)> {
    const KEYWORDS: [&str; 17] = [
        "use", "session", "person", "team", "agent", "data", "tool", "purpose", "grant", "forbid", "ceiling",
        "separate", "toxic", "standard", "waive", "test", "prove",
    ];
    examples()
        .into_iter()
        .filter(|(_, text)| KEYWORDS.contains(&text.split_whitespace().next().unwrap_or_default()))
}

#[test]
fn every_example_is_read() {
    let mut count = 0;
    for (line, text) in modules() {
        let parsed = parse(&text);
        assert!(parsed.errors.is_empty(), "docs/reference.md:{line}: {:#?}", parsed.errors);
        assert!(!parsed.module.decls.is_empty(), "docs/reference.md:{line}");
        count += 1;
    }
    assert!(count >= 15, "only {count} examples found");
}

#[test]
fn every_example_is_laid_out_as_the_formatter_does() {
    for (line, text) in modules() {
        let formatted = format(&text).expect("no errors");
        assert_eq!(formatted, text, "docs/reference.md:{line}");
        assert_eq!(parse(&formatted).module, parse(&text).module, "docs/reference.md:{line}");
    }
}
