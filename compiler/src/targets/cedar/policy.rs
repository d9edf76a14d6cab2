//! One Cedar policy, and how it is printed.

use super::shard::Shard;
use super::text;
use crate::model::{OpSet, Origin};
use std::fmt::Write;

/// Permit or forbid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// One is needed.
    Permit,
    /// One is enough to deny.
    Forbid,
}

/// A policy. Its clauses all hold for it to apply.
pub(super) struct Policy {
    effect: Effect,
    annotations: Vec<(&'static str, String)>,
    principal: Option<String>,
    /// What is said of the action; nothing of a policy about every one.
    action: Option<String>,
    clauses: Vec<(&'static str, String)>,
    never: bool,
}

impl Policy {
    /// A policy that applies to everything.
    pub(super) fn new(effect: Effect, id: String) -> Self {
        Self {
            effect,
            annotations: vec![("id", id)],
            principal: None,
            action: None,
            clauses: Vec::new(),
            never: false,
        }
    }

    /// Annotated.
    pub(super) fn note(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.annotations.push((key, value.into()));
        self
    }

    /// With the place in the source that it comes from: the module, and the bytes in it.
    pub(super) fn source(self, origin: &Origin) -> Self {
        let (module, span) = (&origin.module, origin.span);
        self.note("source", format!("{module}@{}..{}", span.start, span.end))
    }

    /// Only for this principal.
    pub(super) fn principal(mut self, entity: String) -> Self {
        self.principal = Some(entity);
        self
    }

    /// Only for these operations.
    pub(super) fn actions(mut self, shard: &Shard, ops: &OpSet) -> Self {
        self.never |= ops.is_empty();
        self.action = shard.groups.scope(shard.model, ops);
        self
    }

    /// Only when this holds.
    pub(super) fn when(self, condition: String) -> Self {
        match condition.as_str() {
            "true" => self,
            "false" => Self { never: true, ..self },
            _ => self.clause("when", condition),
        }
    }

    /// Only when this does not hold.
    pub(super) fn unless(self, condition: String) -> Self {
        match condition.as_str() {
            "false" => self,
            "true" => Self { never: true, ..self },
            _ => self.clause("unless", condition),
        }
    }

    fn clause(mut self, word: &'static str, condition: String) -> Self {
        self.clauses.push((word, condition));
        self
    }

    /// The text; `None` of a policy that can never apply.
    pub(super) fn print(&self) -> Option<String> {
        if self.never {
            return None;
        }
        let mut out = String::new();
        for (key, value) in &self.annotations {
            let _ = writeln!(out, "@{key}({})", text::string(value));
        }
        let effect = match self.effect {
            Effect::Permit => "permit",
            Effect::Forbid => "forbid",
        };
        let principal = match &self.principal {
            Some(entity) => format!("principal == {entity}"),
            None => "principal".into(),
        };
        let action = self.action.as_deref().unwrap_or("action");
        let _ = write!(out, "{effect} (\n  {principal},\n  {action},\n  resource\n)");
        for (word, condition) in &self.clauses {
            let _ = write!(out, "\n{word} {{ {} }}", bare(condition));
        }
        out.push_str(";\n");
        Some(out)
    }
}

/// Without the brackets around the whole, which the braces make needless.
fn bare(condition: &str) -> &str {
    match condition.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) if text::closes_at_end(condition) => inner,
        _ => condition,
    }
}
