//! Layout is idempotent, and keeps the tree and every comment.

use super::reference::modules;
use bailiwick_grammar::{format, parse};
use proptest::prelude::*;

/// Whether `text` could be laid out; what must hold if so.
fn check(text: &str) -> bool {
    let Ok(once) = format(text) else { return false };
    let (before, after) = (parse(text), parse(&once));
    assert_eq!(after.errors, [], "{text}\n-----\n{once}");
    assert_eq!(before.module, after.module, "{text}\n-----\n{once}");
    let texts = |parsed: &bailiwick_grammar::Parsed| -> Vec<String> {
        parsed.comments.iter().map(|comment| comment.text.clone()).collect()
    };
    assert_eq!(texts(&before), texts(&after), "{text}\n-----\n{once}");
    assert_eq!(format(&once).as_ref(), Ok(&once), "{text}\n-----\n{once}");
    assert!(!once.contains("\n\n\n") && !once.lines().any(|line| line.ends_with(' ')), "{once}");
    true
}

/// Where white space stands outside strings and comments.
fn gaps(text: &str) -> Vec<usize> {
    let (mut quoted, mut comment) = (false, false);
    let mut gaps = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '"' if !comment => quoted = !quoted,
            '#' if !quoted => comment = true,
            '\n' => comment = false,
            _ => {}
        }
        if c.is_whitespace() && !quoted && !comment {
            gaps.push(at);
        }
    }
    gaps
}

#[test]
fn a_comment_in_any_gap_survives() {
    for (line, text) in modules() {
        for gap in gaps(&text) {
            for comment in [" # here\n", "\n# here\n", "\n\n\n  # here\n\n\n", " # one\n # two\n"] {
                let (before, after) = text.split_at(gap);
                let commented = format!("{before}{comment}{after}");
                assert!(
                    check(&commented),
                    "docs/reference.md:{line}: {:?}\n{commented}",
                    parse(&commented).errors
                );
            }
        }
    }
}

#[test]
fn white_space_means_nothing() {
    for (line, text) in modules() {
        let spread: String = gaps(&text).into_iter().rev().fold(text.clone(), |mut text, gap| {
            text.replace_range(gap..=gap, "\n   ");
            text
        });
        assert_eq!(parse(&spread).module, parse(&text).module, "docs/reference.md:{line}");
        assert!(check(&spread));
    }
}

#[test]
fn an_empty_block_is_a_pair_of_braces() {
    let long = "x".repeat(200);
    for empty in ["{}", "{ }", "{\n  \n}", "{\n\n\n}"] {
        let text = format!("grant a {empty}\ngrant longer {{ to b for p }}\ngrant {long} {empty}\n");
        assert!(check(&text), "{text}");
        assert_eq!(format(&text), format(&text.replace(empty, "{}")), "{text}");
        assert!(check(&format!("grant a {{\n  # nothing yet\n}}\ngrant b {empty}\n")));
    }
}

proptest! {
    #[test]
    fn changed_examples_keep_their_meaning(seed in any::<prop::sample::Index>(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4u8), 1..4)) {
        let all: Vec<(usize, String)> = modules().collect();
        let mut words: Vec<String> = seed.get(&all).1.split_inclusive(char::is_whitespace).map(str::to_owned).collect();
        for (one, two, kind) in changes {
            let (one, two) = (one.index(words.len()), two.index(words.len()));
            match kind {
                0 => words.swap(one, two),
                1 => words[one] = words[two].clone(),
                2 => words.insert(one, "# c\n".to_owned()),
                _ => words.insert(one, words[two].clone()),
            }
        }
        check(&words.concat());
    }
}

#[test]
fn blocks_keep_their_shape() {
    insta::assert_snapshot!(format(
        "#  first\n\n\n\ndata x{sensitivity public}   # why\ndata long-name { \"D.\"\n sensitivity public tags a,b, }\n\
         data e{\n}\ndata f {\n\n # nothing yet\n\n}\n\ngrant g { to a for p allow x,y or z on   data d\n\n\n\
         # before\nttl 15m # after\ndelegate to (b) depth 1 only{allow x} }\n# last"
    ).expect("no errors"));
}

#[test]
fn long_lines_break_before_what_qualifies() {
    let tags: Vec<String> = (0..40).map(|n| format!("tag-{n}")).collect();
    insta::assert_snapshot!(format(&format!(
        "agent a {{ tags {} }} grant g {{ allow {} where args.amount <= 100 and args.currency in (\"EUR\", \"USD\") or args.amount <= 5 and has args.note }}",
        tags.join(","),
        "some.tool-name, ".repeat(9).trim_end_matches(", "),
    )).expect("no errors"));
}
