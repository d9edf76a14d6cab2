//! `explain`: what a code means.

use crate::console::Console;
use crate::status::{Failure, Status};
use bailiwick_compiler::diagnostic::Explanation;
use std::fmt::Write;

pub fn run(console: &mut Console, code: &str) -> Result<Status, Failure> {
    let all = explanations();
    let Some(explanation) = all.iter().find(|explanation| explanation.code == code) else {
        let near: Vec<&str> = all.iter().map(|known| known.code).filter(|known| alike(known, code)).collect();
        let failure = Failure::new(format!("there is no finding called `{code}`"));
        return Err(match near.is_empty() {
            true => failure.help("findings are named in front of each report of `bailiwick check`"),
            false => failure.help(format!("did you mean {}?", near.join(", "))),
        });
    };
    console.print(&text(explanation))?;
    Ok(Status::Clean)
}

/// Every code that the tool knows, sorted.
fn explanations() -> Vec<Explanation> {
    let mut all = bailiwick_compiler::explanations();
    all.extend(bailiwick_analyzer::explanations());
    all.sort_by_key(|explanation| explanation.code);
    all.dedup_by_key(|explanation| explanation.code);
    all
}

fn alike(known: &str, code: &str) -> bool {
    !code.is_empty()
        && (known.contains(code)
            || known.split('-').any(|word| word.len() > 3 && code.split('-').any(|typed| typed == word)))
}

fn text(explanation: &Explanation) -> String {
    let Explanation { code, severity, finds, why, example, remedy, references } = explanation;
    let mut text = format!("{code} ({})\n\n{finds}\n\nWhy it matters\n  {why}\n", severity.name());
    if !example.trim().is_empty() {
        text.push_str("\nAn example that raises it\n");
        for line in example.trim_matches('\n').lines() {
            let _ = writeln!(text, "  {line}"); // writing to a string cannot fail
        }
    }
    let _ = write!(text, "\nWhat to do\n  {remedy}\n");
    if !references.is_empty() {
        let _ = write!(text, "\nReferences\n  {}\n", references.join(", "));
    }
    text
}
