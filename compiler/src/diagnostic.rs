//! What is wrong, where, why it matters, how to mend it: the one shape of every message.

use crate::model::{Severity, Str};
use bailiwick_grammar::Span;
use serde::Serialize;

/// A message about a project, by value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Diagnostic {
    /// A stable kebab-case word: the same in the documentation, tests, JSON and SARIF.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// One sentence: lower case, names in backticks, no full stop.
    pub message: String,
    /// Where; `None` for the project as a whole.
    pub at: Option<Location>,
    /// What else contributes.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// What to do, ready to apply.
    pub fix: Option<Fix>,
    /// All that is in excess, where something is.
    pub excess: Vec<Excess>,
    /// The requests that show it, replayed through the evaluator before they are shown.
    pub witness: Option<Witness>,
    /// External controls that it fails.
    pub references: Vec<Str>,
    /// Whom it is about, for waivers: a kind (`agent`, `grant`, …) and a name.
    pub subject: Option<(&'static str, Str)>,
    /// The rule declaration that was broken, by name, when there is one.
    pub rule: Option<Str>,
}

/// A place in a module.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// The module's path: relative to the project without `.grant`, or `std/…`.
    pub module: Str,
    /// Where in it.
    pub span: Span,
}

/// A related place, and what it has to do with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Label {
    /// Where.
    pub at: Location,
    /// A few words, lower case.
    pub text: String,
}

/// Calls, and which requests of theirs are meant: in a finding, those that are allowed and should not be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Excess {
    /// The calls, each `` `tool` on `data` ``, that have it alike.
    pub calls: Vec<String>,
    /// Regions of requests, each as what is so of an attribute; an empty one is all requests.
    pub regions: Vec<Vec<String>>,
    /// Why there may be more, when nobody can say that there is not.
    pub rest: Option<String>,
}

/// Edits that mend it: [`crate::fix::apply`] makes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Fix {
    /// What the edits do, as an imperative.
    pub title: String,
    /// Replacements; they do not overlap.
    pub edits: Vec<(Location, String)>,
}

/// Requests, as JSON texts that `bailiwick eval` takes, and what each one plays.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Witness {
    /// Role (a leg's or duty's name, or `request`) and request.
    pub requests: Vec<(String, String)>,
    /// What the requests have in common, or what is left open.
    pub note: Option<String>,
}

impl Diagnostic {
    /// A message with nothing but a code, a severity and a sentence.
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            at: None,
            labels: Vec::new(),
            help: None,
            fix: None,
            excess: Vec::new(),
            witness: None,
            references: Vec::new(),
            subject: None,
            rule: None,
        }
    }

    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A note.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// At that place.
    pub fn at(mut self, module: &Str, span: Span) -> Self {
        self.at = Some(Location { module: module.clone(), span });
        self
    }

    /// With a related place.
    pub fn label(mut self, module: &Str, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { at: Location { module: module.clone(), span }, text: text.into() });
        self
    }

    /// With a help.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a fix of one edit: what it does, where, and the text that comes there.
    pub fn fix(
        mut self,
        title: impl Into<String>,
        module: &Str,
        span: Span,
        text: impl Into<String>,
    ) -> Self {
        let at = Location { module: module.clone(), span };
        self.fix = Some(Fix { title: title.into(), edits: vec![(at, text.into())] });
        self
    }

    /// All places that it speaks of.
    pub fn places(&self) -> impl Iterator<Item = &Location> {
        let labels = self.labels.iter().map(|label| &label.at);
        let fix = self.fix.iter().flat_map(|fix| fix.edits.iter().map(|(at, _)| at));
        self.at.iter().chain(labels).chain(fix)
    }

    /// The same, to be changed.
    pub fn places_mut(&mut self) -> impl Iterator<Item = &mut Location> {
        let labels = self.labels.iter_mut().map(|label| &mut label.at);
        let fix = self.fix.iter_mut().flat_map(|fix| fix.edits.iter_mut().map(|(at, _)| at));
        self.at.iter_mut().chain(labels).chain(fix)
    }

    /// About that subject.
    pub fn about(mut self, kind: &'static str, name: &Str) -> Self {
        self.subject = Some((kind, name.clone()));
        self
    }
}

/// The documentation of a code: `explain`, the editor's hover and the rule reference derive from it.
/// It is declared where the code is raised.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// Its severity unless the policy says otherwise.
    pub severity: Severity,
    /// What it finds, in one sentence.
    pub finds: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// A policy that raises it; the documentation and the tests run it.
    pub example: &'static str,
    /// What to put in place of what in the example, so that it is clean: each text stands in it
    /// once. Empty for errors of a text, whose remedy says it all.
    pub mend: &'static [(&'static str, &'static str)],
    /// What to do.
    pub remedy: &'static str,
    /// External controls it maps to.
    pub references: &'static [&'static str],
}

/// An error, for short.
pub(crate) fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code, message)
}

impl Explanation {
    /// The documentation of an error.
    pub const fn error(
        code: &'static str,
        finds: &'static str,
        why: &'static str,
        example: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self { code, severity: Severity::Error, finds, why, example, mend: &[], remedy, references: &[] }
    }

    /// The same, of another severity.
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
    /// The example as it should be; `None` when nothing is said about how to mend it.
    pub fn clean(&self) -> Option<String> {
        let mended = |text: String, (from, to): &(&str, &str)| text.replacen(from, to, 1);
        (!self.mend.is_empty()).then(|| self.mend.iter().fold(self.example.to_string(), mended))
    }

    /// All that there is to say, under its headings: what the terminal and the pages show.
    pub fn sections(&self) -> Vec<(&'static str, Section)> {
        let mut sections = vec![("Why it matters", Section::Prose(self.why.into()))];
        if !self.example.trim().is_empty() {
            sections.push(("An example that raises it", Section::Policy(self.example.into())));
        }
        if let Some(clean) = self.clean() {
            sections.push(("The same, mended", Section::Policy(clean)));
        }
        sections.push(("What to do", Section::Prose(self.remedy.into())));
        if !self.references.is_empty() {
            sections.push(("References", Section::Prose(self.references.join(", "))));
        }
        sections
    }
}

/// A part of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Section {
    /// Words.
    Prose(String),
    /// The text of a file.
    Policy(String),
}
