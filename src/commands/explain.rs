//! `explain`: what a code means.

use crate::console::Console;
use crate::status::{Failure, Status};
use bailiwick_analyzer::every_explanation;
use bailiwick_compiler::diagnostic::{Explanation, Section};
use std::fmt::Write;

pub fn run(console: &mut Console, code: &str) -> Result<Status, Failure> {
    let all = every_explanation();
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

fn alike(known: &str, code: &str) -> bool {
    !code.is_empty()
        && (known.contains(code)
            || known.split('-').any(|word| word.len() > 3 && code.split('-').any(|typed| typed == word)))
}

fn text(explanation: &Explanation) -> String {
    let Explanation { code, severity, finds, .. } = explanation;
    let mut text = format!("{code} ({})\n\n{finds}\n", severity.name());
    for (title, section) in explanation.sections() {
        let (Section::Prose(words) | Section::Policy(words)) = section;
        let _ = writeln!(text, "\n{title}"); // writing to a string cannot fail
        for line in words.trim_matches('\n').lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}
