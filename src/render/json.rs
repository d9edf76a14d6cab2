//! Answers for a program: one JSON document, whose schema is `docs/output.schema.json`.
//!
//! The schema's version changes when something that was promised changes; fields may be added.

use crate::workspace::Workspace;
use bailiwick_compiler::diagnostic::{Diagnostic, Excess, Location};
use bailiwick_compiler::model::{Forbid, Grant, Origin};
use bailiwick_grammar::{Span, is_invisible};
use serde::Serialize;
use serde_json::value::RawValue;
use std::fmt::Write;

/// The version of the schema.
pub const VERSION: u32 = 1;

/// What every document begins with.
#[derive(Serialize)]
pub struct Envelope<'a, T> {
    /// The version of the schema.
    pub version: u32,
    /// The command that answers.
    pub command: &'a str,
    /// The project's name.
    pub project: &'a str,
    /// How it ended: `clean`, `findings` or `undecided`.
    pub outcome: &'a str,
    /// What the command says.
    #[serde(flatten)]
    pub answer: T,
}

/// A document, on lines and with an end, in which nothing can disturb a terminal.
pub fn document(answer: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(answer).expect("our own answers have string keys and no cycles");
    escaped(&text) + "\n"
}

/// A document on one line.
pub fn line(answer: &impl Serialize) -> String {
    let text = serde_json::to_string(answer).expect("our own answers have string keys and no cycles");
    escaped(&text) + "\n"
}

/// Invisible characters can only stand inside of JSON's strings, and there have an escape.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_invisible(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}"); // writing to a string cannot fail
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A finding.
#[derive(Serialize)]
pub struct Finding {
    code: &'static str,
    severity: &'static str,
    message: String,
    at: Option<Place>,
    labels: Vec<Label>,
    help: Option<String>,
    fix: Option<Fix>,
    excess: Vec<Excess>,
    witness: Option<Witness>,
    references: Vec<String>,
    subject: Option<Subject>,
    rule: Option<String>,
}

/// A range in a file.
#[derive(Clone, Serialize)]
pub struct Place {
    file: String,
    start: Position,
    end: Position,
}

#[derive(Clone, Serialize)]
struct Position {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct Label {
    at: Place,
    text: String,
}

#[derive(Serialize)]
struct Fix {
    title: String,
    edits: Vec<Edit>,
}

#[derive(Serialize)]
struct Edit {
    at: Place,
    text: String,
}

#[derive(Serialize)]
struct Witness {
    requests: Vec<Role>,
    note: Option<String>,
}

#[derive(Serialize)]
struct Role {
    role: String,
    request: Box<RawValue>,
}

#[derive(Serialize)]
struct Subject {
    kind: &'static str,
    name: String,
}

/// A grant or a forbid, and where it stands.
#[derive(Clone, Serialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    at: Place,
    /// Why it forbids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Where it stands, for people.
    #[serde(skip)]
    pub location: Location,
}

impl Named {
    fn of(workspace: &Workspace, name: String, origin: &Origin) -> Self {
        let location = Location { module: origin.module.clone(), span: origin.span };
        Self { name, at: place(workspace, &location), because: None, location }
    }

    /// A grant.
    pub fn grant(workspace: &Workspace, grant: &Grant) -> Self {
        Self::of(workspace, grant.name.to_string(), &grant.origin)
    }

    /// A forbid, or the suspension of an agent.
    pub fn forbid(workspace: &Workspace, forbid: &Forbid) -> Self {
        let suspended = || format!("suspension of {}", forbid.name);
        let name = if forbid.suspension { suspended() } else { forbid.name.to_string() };
        let because = forbid.because.as_ref().map(ToString::to_string);
        Self { because, ..Self::of(workspace, name, &forbid.origin) }
    }
}

/// The findings of a project.
pub fn findings(workspace: &Workspace, findings: &[Diagnostic]) -> Vec<Finding> {
    findings.iter().map(|finding| Finding::of(workspace, finding)).collect()
}

impl Finding {
    fn of(workspace: &Workspace, finding: &Diagnostic) -> Self {
        let label = |label: &bailiwick_compiler::diagnostic::Label| Label {
            at: place(workspace, &label.at),
            text: label.text.clone(),
        };
        let edit = |(at, text): &(Location, String)| Edit { at: place(workspace, at), text: text.clone() };
        Self {
            code: finding.code,
            severity: finding.severity.name(),
            message: finding.message.clone(),
            at: finding.at.as_ref().map(|at| place(workspace, at)),
            labels: finding.labels.iter().map(label).collect(),
            help: finding.help.clone(),
            fix: finding
                .fix
                .as_ref()
                .map(|fix| Fix { title: fix.title.clone(), edits: fix.edits.iter().map(edit).collect() }),
            excess: finding.excess.clone(),
            witness: finding.witness.as_ref().map(|witness| Witness {
                requests: witness.requests.iter().map(|(role, request)| Role::of(role, request)).collect(),
                note: witness.note.clone(),
            }),
            references: finding.references.iter().map(ToString::to_string).collect(),
            subject: finding.subject.as_ref().map(|(kind, name)| Subject { kind, name: name.to_string() }),
            rule: finding.rule.as_ref().map(ToString::to_string),
        }
    }
}

impl Role {
    fn of(role: &str, request: &str) -> Self {
        Self { role: role.to_owned(), request: raw(request) }
    }
}

/// A request's text as a part of a document.
pub fn raw(request: &str) -> Box<RawValue> {
    RawValue::from_string(request.to_owned()).expect("requests are written by `request::write` and are JSON")
}

/// Where something stands, as lines and columns from 1 (columns count characters) and byte offsets.
pub fn place(workspace: &Workspace, at: &Location) -> Place {
    let (file, text) = workspace.source(&at.module).unwrap_or_else(|| (at.module.to_string(), "".into()));
    let Span { start, end } = at.span;
    Place { file, start: position(&text, start as usize), end: position(&text, end as usize) }
}

fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    Position {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column: before[line..].chars().count() + 1,
        offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let found = position("a\né¼x", 6);
        assert_eq!((found.line, found.column, found.offset), (2, 3, 6));
        let end = position("a", 9);
        assert_eq!((end.line, end.column), (1, 2));
    }

    #[test]
    fn documents_hold_no_control_characters() {
        let text = line(&["\u{9b}31m \u{202e} \u{e0001} é"]);
        assert_eq!(text, "[\"\\u009b31m \\u202e \\udb40\\udc01 é\"]\n");
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), ["\u{9b}31m \u{202e} \u{e0001} é"]);
    }
}
