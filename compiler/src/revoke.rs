//! The kill switch: an agent's suspension, written into its declaration and taken to the engines.
//!
//! It has to work when little else does. So nothing here needs a project that compiles: the agent is
//! found in the text as it was parsed, and what stops it is made out of its own declaration, its name
//! and its accounts. A model only adds what must be named one by one, when there is one.
//!
//! ```text
//! agent support-bot {            agent support-bot {
//!   owner payments  # on call      owner payments  # on call
//! }                                suspended because "key leaked"
//!                                }
//! ```

use crate::import::quoted;
use crate::model::{IdentityKind, Model, Str};
use crate::resolve::names::suggest;
use crate::targets::registry;
use bailiwick_grammar::ast::{AgentItem, Decl, DeclKind, Module};
use bailiwick_grammar::{At, format, parse};
use std::collections::{BTreeMap, BTreeSet};

/// An agent that is to be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Its name.
    pub agent: Str,
    /// Why.
    pub because: Str,
    /// Its accounts.
    pub accounts: BTreeSet<(IdentityKind, Str)>,
    /// When, in seconds since 1970.
    pub now: i64,
}

impl Revocation {
    /// Its accounts of that kind.
    pub fn accounts(&self, kind: IdentityKind) -> impl Iterator<Item = &Str> {
        self.accounts.iter().filter(move |(have, _)| *have == kind).map(|(_, account)| account)
    }
}

/// What takes effect at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revoked {
    /// File contents by path.
    pub files: BTreeMap<String, String>,
    /// What could not be said, one sentence each.
    pub missing: Vec<String>,
}

/// The artifacts of every target, in a folder for each. Without a model, since the project does not
/// compile, what needs one is missing, and only that.
pub fn artifacts(revocation: &Revocation, model: Option<&Model>) -> Revoked {
    let mut all = Revoked::default();
    for target in registry() {
        let of_target = target.revoke(revocation, model);
        let name = target.name();
        all.files.extend(of_target.files.into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
        all.missing.extend(of_target.missing.into_iter().map(|what| format!("{name}: {what}")));
    }
    all
}

/// What a text says of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its accounts.
    pub accounts: BTreeSet<(IdentityKind, Str)>,
    /// Whether it is suspended already.
    pub suspended: bool,
}

/// What a module's text says of the agent, however broken the rest of it is; `None` when it does not
/// declare it.
pub fn declared(text: &str, agent: &str) -> Option<Declared> {
    let module = parse(text).module;
    let items: Vec<_> = of_agent(&module, agent).map(|(_, items)| items).collect();
    let lines = || items.iter().flat_map(|items| items.iter()).map(|item| &item.node);
    let accounts = lines().filter_map(|line| match line {
        AgentItem::Identity(identity) => {
            let kind = IdentityKind::named(&identity.kind)?;
            let mut values: Vec<&str> = identity.values.iter().map(|value| &*value.node).collect();
            // what stands there besides is an error, and no part of the account
            values.truncate(kind.strings());
            Some((kind, values.join(" ").into()))
        }
        AgentItem::Owner(_)
        | AgentItem::Authn(_)
        | AgentItem::Review { .. }
        | AgentItem::Tags(_)
        | AgentItem::Suspended(_) => None,
    });
    let declared = Declared {
        accounts: accounts.collect(),
        suspended: lines().any(|line| matches!(line, AgentItem::Suspended(_))),
    };
    (!items.is_empty()).then_some(declared)
}

/// The declared agent that a misspelt name most likely means.
pub fn near<'a>(name: &str, texts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut names = Vec::new();
    for text in texts {
        names.extend(parse(text).module.decls.into_iter().filter_map(|decl| match decl.kind {
            DeclKind::Agent(name, _) => Some(name.node.to_string()),
            _ => None,
        }));
    }
    suggest(name, names)
}

/// The module's text with the agent suspended: a line more in its declaration, everything else as it
/// was. A text that was formatted stays so.
///
/// # Errors
///
/// Why the text cannot be edited: it does not parse, or does not declare the agent just once.
pub fn suspend(text: &str, agent: &str, because: &str) -> Result<String, String> {
    let before = parse(text);
    if let Some(error) = before.errors.first() {
        return Err(format!("it does not parse: {}", error.message));
    }
    let ends: Vec<usize> =
        of_agent(&before.module, agent).map(|(decl, _)| decl.span.end as usize - 1).collect();
    let [brace] = ends.as_slice() else {
        return Err(format!("it declares `{agent}` {} times", ends.len()));
    };
    let line = format!("suspended because {}", quoted(because));
    let start = text[..*brace].rfind('\n').map_or(0, |end| end + 1);
    let indent = &text[start..*brace];
    let mut after = if start > 0 && indent.chars().all(char::is_whitespace) {
        let end = if text[..start].ends_with("\r\n") { "\r\n" } else { "\n" };
        format!("{}{indent}  {line}{end}{}", &text[..start], &text[start..])
    } else {
        format!("{} {line} {}", text[..*brace].trim_end(), &text[*brace..])
    };
    if format(text).is_ok_and(|formatted| formatted == text)
        && let Ok(formatted) = format(&after)
    {
        after = formatted;
    }
    // Nothing is written that does not say what was meant, and nothing else.
    let mut read = parse(&after);
    let suspended = read.module.decls.iter_mut().find_map(|decl| match &mut decl.kind {
        DeclKind::Agent(name, items) if &*name.node == agent => items.pop(),
        _ => None,
    });
    let said =
        matches!(suspended, Some(At { node: AgentItem::Suspended(text), .. }) if &*text.node == because);
    if !read.errors.is_empty() || !said || read.module != before.module {
        return Err("a line could not be added without changing something else".to_string());
    }
    Ok(after)
}

/// The declarations of the agent.
fn of_agent<'m>(
    module: &'m Module,
    agent: &'m str,
) -> impl Iterator<Item = (&'m Decl, &'m Vec<At<AgentItem>>)> {
    module.decls.iter().filter_map(move |decl| match &decl.kind {
        DeclKind::Agent(name, items) if &*name.node == agent => Some((decl, items)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_and_nothing_else_changes() {
        let cases = [
            (
                "# who\nagent a {\n  owner b # on call\n}\nagent c {\n  owner b\n}\n",
                "# who\nagent a {\n  owner b # on call\n  suspended because \"x\"\n}\nagent c {\n  owner b\n}\n",
            ),
            ("agent a { owner b }", "agent a { owner b suspended because \"x\" }"),
            (
                "agent a {\r\n\towner b\r\n}\r\n",
                "agent a {\r\n\towner b\r\n  suspended because \"x\"\r\n}\r\n",
            ),
        ];
        for (before, after) in cases {
            let edited = suspend(before, "a", "x").expect("it parses");
            assert_eq!(edited, after);
            assert!(declared(&edited, "a").is_some_and(|found| found.suspended));
        }
    }

    #[test]
    fn no_text_breaks_out() {
        for because in ["\"}\nagent evil { owner b", "a\\", "\u{202e}x", "line\none", "ü 😀"] {
            let edited = suspend("agent a { owner b }", "a", because).expect("it parses");
            assert_eq!(parse(&edited).module.decls.len(), 1, "{edited}");
        }
    }

    #[test]
    fn a_broken_text_is_read_but_not_edited() {
        let text = "agent a {\n  owner b\n  identity kubernetes \"n/a\" for p\n}\ngrant {\n";
        let found = declared(text, "a").expect("it is declared");
        assert_eq!(found.accounts, [(IdentityKind::Kubernetes, "n/a".into())].into());
        assert!(suspend(text, "a", "x").is_err());
        assert_eq!(near("support-bat", ["agent support-bot { owner b }"]).as_deref(), Some("support-bot"));
        assert_eq!(declared(text, "b"), None);
    }
}
