//! Ways to write a policy otherwise that leave what it means alone: each must be answered alike.
//!
//! They work on the text, as an author would: names come from its declarations, and a name is a
//! word outside strings and comments.

use bailiwick_grammar::parse;
use regex::{Captures, Regex};
use std::collections::BTreeSet;

/// A way to write a policy otherwise.
pub struct Variant {
    /// What is said when it fails.
    pub title: &'static str,
    /// What it makes of a text; the first argument is the clean policy of the page.
    pub text: fn(&str, &str) -> String,
    /// What becomes of a declaration's name.
    pub name: fn(&str) -> String,
}

/// All of them, the text as it stands first.
pub const VARIANTS: [Variant; 8] = [
    Variant { title: "as it stands", text: |_, text| text.to_owned(), name: str::to_owned },
    Variant { title: "renamed", text: |_, text| renamed(text, "zz-"), name: |name| prefixed(name, "zz-") },
    Variant { title: "reordered", text: |_, text| reordered(text), name: str::to_owned },
    Variant { title: "by glob", text: |_, text| by_glob(text), name: str::to_owned },
    Variant { title: "by tag", text: |_, text| by_tag(text), name: str::to_owned },
    Variant { title: "doubly negated", text: |_, text| negated(text), name: str::to_owned },
    Variant { title: "in a crowd", text: in_a_crowd, name: str::to_owned },
    Variant {
        title: "all by glob",
        text: |_, text| reordered(&renamed(&by_glob(&negated(text)), "aa-")),
        name: |name| prefixed(name, "aa-"),
    },
];

/// Each segment of a name or glob with a prefix; a segment that starts with `*` as it is.
fn prefixed(name: &str, prefix: &str) -> String {
    let segment = |one: &str| if one.starts_with('*') { one.to_owned() } else { format!("{prefix}{one}") };
    name.split('.').map(segment).collect::<Vec<_>>().join(".")
}

/// The names that the text declares with one of these words, which is a pattern.
fn declared(text: &str, words: &str) -> BTreeSet<String> {
    let line = Regex::new(&format!(r"(?m)^\s*(?:{words}) ([A-Za-z][\w.-]*)")).expect("a pattern");
    line.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// The text with something done to each word outside comments and to each string.
fn rewritten(text: &str, word: impl Fn(&str) -> String, string: impl Fn(&str) -> String) -> String {
    let tokens = Regex::new(r#"#[^\n]*|"(?:[^"\\]|\\.)*"|[\w.*][\w.*-]*"#).expect("a pattern");
    let done = |found: &Captures| match found[0].as_bytes()[0] {
        b'#' => found[0].to_owned(),
        b'"' => string(&found[0]),
        _ => word(&found[0]),
    };
    tokens.replace_all(text, done).into_owned()
}

/// Everything that the text declares has another name, its accounts too.
fn renamed(text: &str, prefix: &str) -> String {
    let kinds = "person|team|agent|tool|purpose|grant|forbid|ceiling|separate|toxic|standard|leg|duty";
    let mut names = declared(text, kinds);
    let classes = Regex::new(r"(?m)^data ([\w.-]+)").expect("a pattern");
    names.extend(classes.captures_iter(text).map(|found| found[1].to_owned()));
    let args = declared(text, "arg");
    let word = |word: &str| {
        let (first, rest) = word.split_once('.').unwrap_or((word, ""));
        if names.contains(word) || args.contains(word) || word.contains('*') {
            prefixed(word, prefix)
        } else if first == "args" {
            format!("args.{}", prefixed(rest, prefix))
        } else if names.contains(first) && args.contains(rest) {
            prefixed(word, prefix)
        } else {
            word.to_owned()
        }
    };
    let string = |text: &str| {
        text.replace("acme", &format!("{prefix}acme")).replace("{args.", &format!("{{args.{prefix}"))
    };
    rewritten(text, word, string)
}

/// The declarations, last first.
fn reordered(text: &str) -> String {
    let decls = parse(text).module.decls;
    decls.iter().rev().map(|decl| format!("{}\n\n", decl.span.text(text))).collect()
}

/// Whether a line uses tools and data as a set that is open to any way of writing one.
fn is_use(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let sets = [
        "allow", "on", "needs", "tools", "leg", "duty", "approval", "delegate", "for", "never", "only",
        "always",
    ];
    line.starts_with(' ')
        && (sets.contains(&first) || line.starts_with("  data ") || line.starts_with("  holds "))
}

/// The text with the sets of tools and data in it written otherwise; not in tests, which name calls.
fn resettled(text: &str, names: &BTreeSet<String>, set: impl Fn(&str) -> String) -> String {
    let mut in_test = false;
    let line = |line: &str| {
        in_test = if line.starts_with(' ') { in_test } else { line.starts_with("test ") };
        let word = |word: &str| if names.contains(word) { set(word) } else { word.to_owned() };
        let done = match is_use(line) && !in_test {
            true => rewritten(line, word, str::to_owned),
            false => line.to_owned(),
        };
        done + "\n"
    };
    text.lines().map(line).collect()
}

/// What is written by name is written by a glob that matches nothing else.
fn by_glob(text: &str) -> String {
    let names = sets_of(text);
    let glob = |name: &str| format!("{}*", &name[..name.len() - 1]);
    // A glob that would match more stays a name.
    let alone = |name: &String| {
        let stem = &name[..name.len() - 1];
        names.iter().filter(|other| other.starts_with(stem)).count() == 1
    };
    resettled(text, &names.iter().filter(|name| alone(name)).cloned().collect(), glob)
}

/// What is written by name is written by a tag that only it carries.
fn by_tag(text: &str) -> String {
    let lines = text.lines().filter(|line| line.starts_with("tool ") || line.starts_with("data "));
    let mut names = sets_of(text);
    // What lies below a class has its tags, and more than a name counts where one is needed exactly.
    names.retain(|name| lines.clone().any(|line| line.split(' ').nth(1) == Some(name)));
    let tag = |name: &str| format!("tag-{}", name.replace('.', "-"));
    let tagged = resettled(text, &names, |name| format!("tagged {}", tag(name)));
    let head = Regex::new(r"(?m)^(?:tool|data) ([\w.-]+) \{").expect("a pattern");
    let with_tag = |found: &Captures| format!("{} tags {}\n", &found[0], tag(&found[1]));
    head.replace_all(&tagged, with_tag).into_owned()
}

fn sets_of(text: &str) -> BTreeSet<String> {
    let heads = Regex::new(r"(?m)^(?:tool|data) ([\w.-]+)").expect("a pattern");
    heads.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// Every condition is the negation of its negation.
fn negated(text: &str) -> String {
    let condition = Regex::new(r"(?m)^( .*?\b(?:where|when|if) )(.+?)( independent| unless approved)?$");
    condition.expect("a pattern").replace_all(text, "${1}not (not (${2}))${3}").into_owned()
}

/// Beside it stands the page's clean policy once more, under other names.
fn in_a_crowd(base: &str, text: &str) -> String {
    let other = renamed(base, "mm-");
    let session = Regex::new(r"(?ms)^session \{.*?^\}\n").expect("a pattern");
    format!("{text}\n{}", session.replace(&other, ""))
}
