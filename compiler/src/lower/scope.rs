//! Where a declaration is read: what there is, what it may name, and what was wrong with it.

use crate::diagnostic::{Diagnostic, Explanation, Label, Location, error};
use crate::lock::Matched;
use crate::model::*;
use crate::resolve::Kind;
use crate::resolve::names::{Names, suggest};
use bailiwick_grammar::ast::Name;
use bailiwick_grammar::{At, Span};
use std::collections::HashSet;

/// An error has been reported, so nothing more needs to be said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported;

/// What was read, or the knowledge that an error tells why not.
pub(crate) type Lowered<T> = Result<T, Reported>;

/// The reading of one declaration.
pub(crate) struct Scope<'a> {
    /// What there is (positions and needs left out).
    pub model: &'a Model,
    /// The name tables.
    pub names: &'a Names,
    /// The modules that this one sees.
    pub visible: &'a HashSet<Str>,
    /// The module in which the declaration stands.
    pub module: &'a Str,
    /// What the declaration is to a waiver, where one can accept what is found in it.
    pub subject: Option<(&'static str, Str)>,
    /// What was wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// What the open sets of a grant stood for.
    pub matched: Matched,
}

impl<'a> Scope<'a> {
    /// A reading that has found nothing wrong yet.
    pub fn new(model: &'a Model, names: &'a Names, visible: &'a HashSet<Str>, module: &'a Str) -> Self {
        let (diagnostics, matched) = (Vec::new(), Matched::default());
        Self { model, names, visible, module, subject: None, diagnostics, matched }
    }

    /// Reports at a place in this module.
    pub fn report(&mut self, mut diagnostic: Diagnostic, span: Span) -> Reported {
        // Errors are not for waiving: the model lacks what they are about.
        if diagnostic.severity != Severity::Error {
            diagnostic.subject = diagnostic.subject.or_else(|| self.subject.clone());
        }
        self.diagnostics.push(diagnostic.at(self.module, span));
        Reported
    }

    /// Whether an error was reported.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Takes a line that may stand only once.
    pub fn once<T>(&mut self, slot: &mut Option<At<T>>, value: T, span: Span, what: &str) {
        match slot {
            None => *slot = Some(At::new(value, span)),
            Some(first) => {
                let label = Label {
                    at: Location { module: self.module.clone(), span: first.span },
                    text: "stated here first".into(),
                };
                let mut problem = error("duplicate-property", format!("`{what}` is stated twice"))
                    .help(format!("keep one `{what}` line"));
                problem.labels.push(label);
                self.report(problem, span);
            }
        }
    }

    /// A mandatory line.
    pub fn required<T>(&mut self, slot: Option<T>, span: Span, what: &str, help: &str) -> Lowered<T> {
        slot.ok_or_else(|| {
            self.report(error("missing-property", format!("`{what}` is missing")).help(help), span)
        })
    }

    /// A declared and visible name of that kind.
    pub fn declared(&mut self, kind: Kind, name: &Name) -> Lowered<()> {
        self.declared_at(kind, &name.node, name.span)
    }

    fn declared_at(&mut self, kind: Kind, name: &str, span: Span) -> Lowered<()> {
        let word = kind.word();
        match self.names.module(kind, name) {
            Some(module) if self.visible.contains(module) => Ok(()),
            Some(module) => {
                let from = use_path(self.module, module);
                Err(self.report(
                    error(
                        "not-visible",
                        format!(
                            "the {word} `{name}` is declared in `{module}`, which this module does not use"
                        ),
                    )
                    .help(format!("add `use {from}`")),
                    span,
                ))
            }
            None => {
                let help = match suggest(name, self.names.of(kind).map(|(name, _)| name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "declare it, or correct the name".to_string(),
                };
                let problem = error("unknown-name", format!("there is no {word} `{name}`")).help(help);
                Err(self.report(problem, span))
            }
        }
    }

    /// An agent. One that was left out because of its own errors is silently an error here too.
    pub fn agent(&mut self, name: &Name) -> Lowered<AgentId> {
        self.declared(Kind::Agent, name)?;
        self.model.agent_named(name).ok_or(Reported)
    }

    /// A purpose.
    pub fn purpose(&mut self, name: &Name) -> Lowered<PurposeId> {
        self.declared(Kind::Purpose, name)?;
        self.model.purpose_named(name).ok_or(Reported)
    }

    /// A tool.
    pub fn tool(&mut self, name: &Name) -> Lowered<ToolId> {
        self.declared(Kind::Tool, name)?;
        self.model.tool_named(name).ok_or(Reported)
    }

    /// A data class; `unclassified` is built in.
    pub fn class(&mut self, name: &Name) -> Lowered<ClassId> {
        if &*name.node == UNCLASSIFIED {
            return Ok(ClassId::UNCLASSIFIED);
        }
        self.declared(Kind::Data, name)?;
        self.model.class_named(name).ok_or(Reported)
    }

    /// A person or a team.
    pub fn principal(&mut self, name: &Name) -> Lowered<PrincipalId> {
        self.declared(Kind::Principal, name)?;
        self.model.principal_named(name).ok_or(Reported)
    }

    /// A person.
    pub fn person(&mut self, name: &str, span: Span) -> Lowered<PrincipalId> {
        self.declared_at(Kind::Principal, name, span)?;
        let id = self.model.principal_named(name).ok_or(Reported)?;
        match self.model.principal(id).kind {
            PrincipalKind::Person { .. } => Ok(id),
            PrincipalKind::Team { .. } => Err(self.report(
                error("not-a-person", format!("`{name}` is a team, and a person is meant here"))
                    .help("name one of its members"),
                span,
            )),
        }
    }

    /// A word out of a closed list.
    pub fn word<T>(&mut self, name: &Name, what: &str, found: Option<T>, all: &[&str]) -> Lowered<T> {
        found.ok_or_else(|| {
            let help = match suggest(&name.node, all) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of {}", list(all)),
            };
            self.report(error("unknown-word", format!("`{}` is no {what}", name.node)).help(help), name.span)
        })
    }

    /// An authentication level.
    pub fn authn(&mut self, name: &Name) -> Lowered<Authn> {
        let all = Authn::ALL.map(Authn::name);
        self.word(name, "authentication level", Authn::named(name), &all)
    }

    /// A level of sensitivity.
    pub fn sensitivity(&mut self, name: &Name) -> Lowered<Sensitivity> {
        let all = Sensitivity::ALL.map(Sensitivity::name);
        self.word(name, "level of sensitivity", Sensitivity::named(name), &all)
    }

    /// A severity.
    pub fn severity(&mut self, name: &Name) -> Lowered<Severity> {
        self.word(name, "severity", Severity::named(name), &["note", "warning", "error"])
    }
}

/// The built-in class.
pub(crate) const UNCLASSIFIED: &str = "unclassified";

/// Words as people list them.
pub(crate) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// How `from` names the module `to` in a `use`.
fn use_path(from: &str, to: &str) -> String {
    if to.starts_with("std/") {
        return to.to_string();
    }
    let folder: Vec<&str> = from.split('/').collect();
    let folder = &folder[..folder.len() - 1];
    let target: Vec<&str> = to.split('/').collect();
    let shared = folder.iter().zip(&target[..target.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folder.len() - shared);
    let start = if up.is_empty() { "./" } else { &up };
    format!("\"{start}{}.grant\"", target[shared..].join("/"))
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "duplicate-property",
        "a line that may stand once stands twice",
        "the second would silently replace the first",
        "person alice { email \"a@acme.example\" email \"b@acme.example\" }\n",
        "keep one of the two",
    ),
    Explanation::error(
        "missing-property",
        "a mandatory line is missing",
        "the declaration says nothing without it",
        "purpose p { needs data unclassified }\n",
        "add the line that the message names",
    ),
    Explanation::error(
        "not-visible",
        "a name is declared in a module that this one does not use",
        "what a module depends on is to be seen at its head",
        "# two modules: `a` declares `person alice`, and `b`, without `use \"./a.grant\"`, says\nteam payments { lead alice }\n",
        "add the `use` line that the help gives",
    ),
    Explanation::error(
        "unknown-name",
        "a name is not declared",
        "a rule about something that does not exist does nothing",
        "team payments { lead alice }\n",
        "correct the name, or declare it",
    ),
    Explanation::error(
        "not-a-person",
        "a team is named where only a person can stand",
        "reviews, members and requesters are people; a team has nobody to answer for it",
        "person alice { email \"alice@acme.example\" }\nteam inner { lead alice }\nteam outer { members inner }\n",
        "name a person",
    ),
];

#[cfg(test)]
mod tests {
    use super::use_path;

    #[test]
    fn helps_name_modules_as_use_lines_do() {
        assert_eq!(use_path("a/b", "a/c"), "\"./c.grant\"");
        assert_eq!(use_path("a/b/x", "a/c"), "\"../c.grant\"");
        assert_eq!(use_path("x", "a/c"), "\"./a/c.grant\"");
        assert_eq!(use_path("x", "std/data"), "std/data");
    }
}
