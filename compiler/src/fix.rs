//! Edits made in a text.

use bailiwick_grammar::{Span, format};

/// The text with the edits made; `None` when two of them overlap or one stands outside. The same
/// edit twice counts once. What is taken out takes its lines with it where nothing else stands on
/// them, and the comment right above them; and a text that was formatted is so again.
pub fn apply(text: &str, edits: &[(Span, &str)]) -> Option<String> {
    let mut edits: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|(span, new)| match (whole_lines(text, *span), new.is_empty()) {
            ((start, end), true) => (start, end, *new),
            (_, false) => (span.start as usize, span.end as usize, *new),
        })
        .collect();
    edits.sort_unstable();
    edits.dedup();
    let mut edited = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end, new) in edits {
        edited.push_str(text.get(from..start)?);
        edited.push_str(new);
        text.get(start..end)?;
        from = end;
    }
    edited.push_str(text.get(from..)?);
    match format(text).as_deref() == Ok(text) {
        true => format(&edited).ok(),
        false => Some(edited),
    }
}

/// The span with the lines that only it stands on, the comment right above them, and one of the
/// blank lines around these.
fn whole_lines(text: &str, span: Span) -> (usize, usize) {
    let (start, end) = (span.start as usize, span.end as usize);
    let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else { return (start, end) };
    let before = before.trim_end_matches([' ', '\t']);
    let rest = after.trim_start_matches([' ', '\t']);
    if !(before.is_empty() || before.ends_with('\n')) {
        return (start, end);
    }
    let Some(next) = rest.strip_prefix('\n') else { return (start, end) };
    let before = without_comment(before);
    let blank = before.is_empty() || before.ends_with("\n\n");
    let next = next.strip_prefix('\n').filter(|_| blank).unwrap_or(next);
    (before.len(), text.len() - next.len())
}

/// The text, which ends with a line, without the lines of comment at its end. A comment that a file
/// begins with stays: it is as likely about the file.
fn without_comment(text: &str) -> &str {
    let mut rest = text;
    while let Some(line) =
        rest.split_inclusive('\n').next_back().filter(|line| line.trim_start().starts_with('#'))
    {
        rest = &rest[..rest.len() - line.len()];
    }
    if rest.is_empty() { text } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, edits: &[(&str, &str)]) -> Option<String> {
        let span = |part: &str| {
            let start = text.find(part).expect("a part of the text") as u32;
            Span { start, end: start + part.len() as u32 }
        };
        let edits: Vec<(Span, &str)> = edits.iter().map(|(part, new)| (span(part), *new)).collect();
        apply(text, &edits)
    }

    const TWO: &str = "person alice {\n  email \"a@acme.example\"\n}\n\nagent a {\n  owner alice\n  tags  x\n}\n\nagent b {\n  owner alice\n}\n";

    #[test]
    fn what_is_taken_out_takes_its_lines_with_it() {
        let without = edit(TWO, &[("agent a {\n  owner alice\n  tags  x\n}", "")]).unwrap();
        assert_eq!(without, TWO.replace("agent a {\n  owner alice\n  tags  x\n}\n\n", ""));
        // and what is left is aligned anew
        let shorter = edit(TWO, &[("tags  x", "")]).unwrap();
        assert_eq!(shorter, TWO.replace("  tags  x\n", ""));
        assert_eq!(
            edit("agent   a { owner b }  # why\n", &[("agent   a { owner b }", "")]).unwrap(),
            "  # why\n"
        );
    }

    #[test]
    fn what_is_taken_out_takes_the_comment_above_it_with_it() {
        let agent = "agent a {\n  owner alice\n  tags  x\n}";
        let commented = TWO.replace(agent, &format!("# Only for\n# a while.\n{agent}"));
        let without = TWO.replace(&format!("{agent}\n\n"), "");
        assert_eq!(edit(&commented, &[(agent, "")]).unwrap(), without);
        // but not one with a line between, nor the file's own
        let apart = TWO.replace(agent, &format!("# Agents.\n\n{agent}"));
        assert_eq!(
            edit(&apart, &[(agent, "")]).unwrap(),
            TWO.replace(agent, "# Agents.").replace("# Agents.\n\n\n", "# Agents.\n\n")
        );
        let first = format!("# Owned by risk.\n{TWO}");
        let person = "person alice {\n  email \"a@acme.example\"\n}";
        assert!(edit(&first, &[(person, "")]).unwrap().starts_with("# Owned by risk.\n"));
    }

    #[test]
    fn edits_that_overlap_are_refused_and_the_same_twice_is_one() {
        assert_eq!(edit(TWO, &[("owner alice", "owner bob"), ("alice\n  tags", "x")]), None);
        let once = edit(TWO, &[("tags  x", "tags y")]);
        assert!(once.is_some());
        assert_eq!(edit(TWO, &[("tags  x", "tags y"), ("tags  x", "tags y")]), once);
        assert_eq!(apply("a", &[(Span { start: 5, end: 9 }, "")]), None);
    }
}
