//! Findings as text: for a person ([`human`]) and for a program ([`json`]).

pub mod clause;
pub mod decision;
pub mod human;
pub mod json;
mod listing;
pub mod reach;
pub mod who_can;

use crate::status::Status;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Severity;
use bailiwick_grammar::is_invisible;
use std::borrow::Cow;
use std::fmt::Write;

/// The code of findings that say that something could not be decided.
pub const UNDECIDED: &str = "undecided";

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
    /// Questions without an answer, whatever their severity; they count in no other kind.
    pub undecided: usize,
    #[serde(skip)]
    at_threshold: usize,
}

impl Counts {
    /// Counts; what is undecided never counts towards the threshold, it has a status of its own.
    pub fn of(findings: &[Diagnostic], threshold: Severity) -> Counts {
        let mut counts = Counts::default();
        for finding in findings {
            if finding.code == UNDECIDED {
                counts.undecided += 1;
                continue;
            }
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
            counts.at_threshold += usize::from(finding.severity >= threshold);
        }
        counts
    }

    /// How a command with these findings ends.
    pub fn status(&self) -> Status {
        match (self.at_threshold, self.undecided) {
            (1.., _) => Status::Findings,
            (0, 1..) => Status::Undecided,
            (0, 0) => Status::Clean,
        }
    }

    /// "2 errors, 1 warning"; what there is none of is left out.
    pub fn text(&self) -> String {
        let kinds = [
            count(self.errors, "error"),
            count(self.warnings, "warning"),
            count(self.notes, "note"),
            (self.undecided > 0).then(|| format!("{} undecided", self.undecided)),
        ];
        let kinds: Vec<String> = kinds.into_iter().flatten().collect();
        if kinds.is_empty() { "no findings".into() } else { kinds.join(", ") }
    }
}

fn count(number: usize, what: &str) -> Option<String> {
    (number > 0).then(|| counted(number, what))
}

/// "1 grant", "2 grants".
pub fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What would do something to a terminal, or deceive who reads it.
fn hostile(c: char) -> bool {
    // a carriage return is no invisible character of the language, but overwrites a line
    c == '\r' || is_invisible(c)
}

/// Text for a terminal: what cannot be seen, terminal escapes first of all, is written as `\u{…}`.
/// Line ends stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hostile(c) {
            let _ = write!(safe, "\\u{{{:x}}}", c as u32); // writing to a string cannot fail
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// A source text for a terminal: what cannot be seen is covered, byte for byte, so that spans stay true.
fn covered(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => safe.push(c),
            '\r' if rest.peek() == Some(&'\n') => safe.push(' '),
            c if hostile(c) => safe.push_str(match c.len_utf8() {
                1 => "?",
                2 => "·",
                3 => "\u{fffd}",
                _ => "\u{fffd}?",
            }),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_never_reach_the_terminal() {
        let hostile = "a\u{1b}[31mred\u{9b}0m\u{202e}\r\u{7f}\u{e0001}é\n";
        let shown = visible(hostile);
        assert_eq!(shown, "a\\u{1b}[31mred\\u{9b}0m\\u{202e}\\u{d}\\u{7f}\\u{e0001}é\n");
        let source = covered(hostile);
        assert_eq!(source.len(), hostile.len());
        assert!(!source.contains(hostile), "{source:?}");
        assert_eq!(covered("a\r\nb\tc"), "a \nb\tc");
    }

    #[test]
    fn findings_win_over_undecided_and_undecided_over_clean() {
        let warning = Diagnostic::warning("x", "x");
        let undecided = Diagnostic::warning(UNDECIDED, "x");
        let status = |findings: &[Diagnostic], threshold| Counts::of(findings, threshold).status();
        assert_eq!(status(&[], Severity::Note), Status::Clean);
        assert_eq!(status(std::slice::from_ref(&warning), Severity::Error), Status::Clean);
        assert_eq!(status(std::slice::from_ref(&undecided), Severity::Error), Status::Undecided);
        assert_eq!(status(&[undecided, warning], Severity::Warning), Status::Findings);
    }
}
