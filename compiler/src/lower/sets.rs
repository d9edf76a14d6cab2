//! Set expressions to bit sets.
//!
//! Worked example. With `financial` above `financial.payment`, the set `financial` holds both;
//! `not financial` holds every other class but `unclassified`, which only its own name brings
//! into a set. What a set of classes covers or meets is the model's to say.

use super::scope::{Lowered, Scope, list};
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use crate::resolve::glob;
use crate::resolve::names::suggest;
use bailiwick_grammar::ast::{self, Name, Predicate, SetExpr};
use bailiwick_grammar::{At, Span};
use std::collections::BTreeSet;

/// A set that matches nothing, where that may be a slip.
pub(crate) const MATCHES_NOTHING: &str = "matches-nothing";

/// What sets can be of.
pub(crate) trait Domain: Id {
    /// What one calls them.
    const MANY: &'static str;
    /// The predicates that choose among them.
    const PREDICATES: &'static [&'static str];
    /// All of them, those that `not` may leave over.
    fn all(model: &Model) -> IdSet<Self>;
    /// Those that a name means.
    fn named(scope: &mut Scope, name: &Name) -> Lowered<IdSet<Self>>;
    /// Those that a glob means.
    fn matching(model: &Model, glob: &str) -> IdSet<Self>;
    /// Those that have an attribute; `None` when it is not one of theirs.
    fn having(scope: &mut Scope, predicate: &Predicate) -> Option<Lowered<IdSet<Self>>>;
}

impl Scope<'_> {
    /// What a set expression means.
    pub fn set<I: Domain>(&mut self, expr: &At<SetExpr>) -> Lowered<IdSet<I>> {
        match &expr.node {
            SetExpr::Union(parts) => self.parts(parts, IdSet::union),
            SetExpr::Intersection(parts) => self.parts(parts, IdSet::intersection),
            SetExpr::Not(inner) => Ok(I::all(self.model).minus(&self.set(inner)?)),
            SetExpr::Name(name) => I::named(self, name),
            SetExpr::Glob(glob) => {
                let found = I::matching(self.model, glob);
                self.expect_some(&found, glob.span, &format!("`{}` matches no {}", glob.node, I::MANY));
                Ok(found)
            }
            SetExpr::Having(predicate) => match I::having(self, predicate) {
                Some(found) => {
                    let found = found?;
                    self.expect_some(&found, expr.span, &format!("this matches no {}", I::MANY));
                    Ok(found)
                }
                None => Err(self.report(
                    error("wrong-predicate", format!("`{}` does not choose {}", word(predicate), I::MANY))
                        .help(match I::PREDICATES {
                            [] => format!("{} are chosen by name or glob", I::MANY),
                            words => format!("{} are chosen by name, glob, {}", I::MANY, list(words)),
                        }),
                    expr.span,
                )),
            },
        }
    }

    /// All parts are read, so that every error is reported at once.
    fn parts<I: Domain>(
        &mut self,
        parts: &[At<SetExpr>],
        join: impl Fn(&IdSet<I>, &IdSet<I>) -> IdSet<I>,
    ) -> Lowered<IdSet<I>> {
        let sets: Vec<_> = parts.iter().map(|part| self.set(part)).collect();
        let sets = sets.into_iter().collect::<Lowered<Vec<_>>>()?;
        Ok(sets.into_iter().reduce(|a, b| join(&a, &b)).unwrap_or_default())
    }

    /// A library's open sets are about whatever project uses it: only the project's own are remarked on.
    fn expect_some<I: Id>(&mut self, found: &IdSet<I>, span: Span, message: &str) {
        if found.is_empty() && !self.module.starts_with("std/") {
            let problem = crate::Diagnostic::warning(MATCHES_NOTHING, message)
                .help("correct it, or take it out; it starts to count as soon as something matches");
            self.report(problem, span);
        }
    }
}

/// Whether what the set means depends on more than the names in it.
pub(crate) fn is_open(expr: &SetExpr) -> bool {
    match expr {
        SetExpr::Union(parts) | SetExpr::Intersection(parts) => parts.iter().any(|part| is_open(part)),
        SetExpr::Not(_) | SetExpr::Glob(_) | SetExpr::Having(_) => true,
        SetExpr::Name(_) => false,
    }
}

/// The alternatives of a set that are open.
pub(crate) fn open_parts(expr: &At<SetExpr>) -> Vec<&At<SetExpr>> {
    match &expr.node {
        SetExpr::Union(parts) => parts.iter().flat_map(open_parts).collect(),
        SetExpr::Intersection(_)
        | SetExpr::Not(_)
        | SetExpr::Name(_)
        | SetExpr::Glob(_)
        | SetExpr::Having(_) => {
            if is_open(&expr.node) {
                vec![expr]
            } else {
                Vec::new()
            }
        }
    }
}

/// A set as it is written.
pub(crate) fn text(expr: &SetExpr) -> String {
    let inner = |part: &At<SetExpr>| match &part.node {
        SetExpr::Union(_) | SetExpr::Intersection(_) => format!("({})", text(&part.node)),
        SetExpr::Not(_) | SetExpr::Name(_) | SetExpr::Glob(_) | SetExpr::Having(_) => text(&part.node),
    };
    let joined = |parts: &[At<SetExpr>], by: &str| parts.iter().map(inner).collect::<Vec<_>>().join(by);
    match expr {
        SetExpr::Union(parts) => joined(parts, " or "),
        SetExpr::Intersection(parts) => joined(parts, " and "),
        SetExpr::Not(part) => format!("not {}", inner(part)),
        SetExpr::Name(name) | SetExpr::Glob(name) => name.node.to_string(),
        SetExpr::Having(predicate) => match predicate {
            Predicate::Tagged(name)
            | Predicate::OwnedBy(name)
            | Predicate::Effect(name)
            | Predicate::AtLeast(name)
            | Predicate::AtMost(name)
            | Predicate::RegulatedBy(name) => format!("{} {}", word(predicate), name.node),
            Predicate::Irreversible | Predicate::IngestingUntrusted | Predicate::ReachingExternal => {
                word(predicate).to_string()
            }
            Predicate::Binding(calls) => format!("{} {}", word(predicate), calls_text(calls)),
        },
    }
}

/// Calls in a target as they are written.
fn calls_text(calls: &ast::Calls) -> String {
    let texts = |texts: &[ast::Text]| {
        let quoted: Vec<_> = texts.iter().map(|text| format!("\"{}\"", text.node)).collect();
        if quoted.len() == 1 { quoted.concat() } else { format!("({})", quoted.join(", ")) }
    };
    let optional = |word: &str, some: &[ast::Text]| match some {
        [] => String::new(),
        some => format!(" {word} {}", texts(some)),
    };
    match calls {
        ast::Calls::Aws { actions, resources } => {
            format!("aws {}{}", texts(actions), optional("resource", resources))
        }
        ast::Calls::Kubernetes { verbs, resources, namespaces } => {
            let more = optional("namespace", namespaces);
            format!("kubernetes {} {}{more}", texts(verbs), texts(resources))
        }
    }
}

/// The calls by which a set chooses operations: those of its `binding`s, but for what it excludes.
pub(crate) fn calls(expr: &SetExpr) -> Vec<&ast::Calls> {
    match expr {
        SetExpr::Union(parts) | SetExpr::Intersection(parts) => {
            parts.iter().flat_map(|part| calls(part)).collect()
        }
        SetExpr::Having(Predicate::Binding(found)) => vec![found],
        SetExpr::Not(_) | SetExpr::Name(_) | SetExpr::Glob(_) | SetExpr::Having(_) => Vec::new(),
    }
}

fn word(predicate: &Predicate) -> &'static str {
    match predicate {
        Predicate::Tagged(_) => "tagged",
        Predicate::OwnedBy(_) => "owned-by",
        Predicate::Effect(_) => "effect",
        Predicate::Irreversible => "irreversible",
        Predicate::IngestingUntrusted => "ingesting untrusted",
        Predicate::ReachingExternal => "reaching external",
        Predicate::AtLeast(_) => "at-least",
        Predicate::AtMost(_) => "at-most",
        Predicate::RegulatedBy(_) => "regulated-by",
        Predicate::Binding(_) => "binding",
    }
}

/// The positions of the rows of which `keep` is true.
fn rows<I: Id, T>(table: &[std::sync::Arc<T>], keep: impl Fn(&T) -> bool) -> IdSet<I> {
    table.iter().enumerate().filter(|(_, row)| keep(row)).map(|(at, _)| I::at(at)).collect()
}

/// The rows of a table sorted by name whose name the glob matches.
fn named_like<I: Id, T>(table: &[std::sync::Arc<T>], glob: &str, name: impl Fn(&T) -> &str) -> IdSet<I> {
    glob::positions(table, glob, |row| name(row)).into_iter().map(I::at).collect()
}

impl Scope<'_> {
    /// A tag or regulation that something carries; one that nothing carries may be a slip.
    fn label_hint<'b>(&mut self, what: &str, name: &Name, carried: impl Iterator<Item = &'b Str> + Clone) {
        if carried.clone().any(|label| *label == name.node) || self.module.starts_with("std/") {
            return;
        }
        // Many rows carry the same few labels.
        if let Some(near) = suggest(&name.node, carried.collect::<BTreeSet<_>>()) {
            let problem = crate::Diagnostic::warning(
                MATCHES_NOTHING,
                format!("nothing carries the {what} `{}`", name.node),
            )
            .help(format!("did you mean `{near}`?"));
            self.report(problem, name.span);
        }
    }
}

impl Domain for AgentId {
    const MANY: &'static str = "agents";
    const PREDICATES: &'static [&'static str] = &["tagged", "owned-by"];

    fn all(model: &Model) -> AgentSet {
        AgentSet::all(model.agents.len())
    }

    fn named(scope: &mut Scope, name: &Name) -> Lowered<AgentSet> {
        scope.agent(name).map(AgentSet::only)
    }

    fn matching(model: &Model, glob: &str) -> AgentSet {
        named_like(&model.agents, glob, |agent| &agent.name)
    }

    fn having(scope: &mut Scope, predicate: &Predicate) -> Option<Lowered<AgentSet>> {
        let model = scope.model;
        match predicate {
            Predicate::Tagged(tag) => {
                scope.label_hint("tag", tag, model.agents.iter().flat_map(|agent| &agent.tags));
                Some(Ok(rows(&model.agents, |agent| agent.tags.contains(&tag.node))))
            }
            Predicate::OwnedBy(owner) => Some(scope.principal(owner).map(|owner| {
                // A team owns what its members own; the members do not own what the team owns.
                let owners = model.people_of(owner).union(&PrincipalSet::only(owner));
                rows(&model.agents, |agent| owners.contains(agent.owner))
            })),
            Predicate::Effect(_)
            | Predicate::Irreversible
            | Predicate::IngestingUntrusted
            | Predicate::ReachingExternal
            | Predicate::AtLeast(_)
            | Predicate::AtMost(_)
            | Predicate::RegulatedBy(_)
            | Predicate::Binding(_) => None,
        }
    }
}

impl Domain for PurposeId {
    const MANY: &'static str = "purposes";
    const PREDICATES: &'static [&'static str] = &[];

    fn all(model: &Model) -> PurposeSet {
        PurposeSet::all(model.purposes.len())
    }

    fn named(scope: &mut Scope, name: &Name) -> Lowered<PurposeSet> {
        scope.purpose(name).map(PurposeSet::only)
    }

    fn matching(model: &Model, glob: &str) -> PurposeSet {
        named_like(&model.purposes, glob, |purpose| &purpose.name)
    }

    fn having(_: &mut Scope, _: &Predicate) -> Option<Lowered<PurposeSet>> {
        None
    }
}

impl Domain for OpId {
    const MANY: &'static str = "tools";
    const PREDICATES: &'static [&'static str] =
        &["tagged", "effect", "irreversible", "ingesting untrusted", "reaching external", "binding"];

    fn all(model: &Model) -> OpSet {
        OpSet::all(model.ops.len())
    }

    fn named(scope: &mut Scope, name: &Name) -> Lowered<OpSet> {
        scope.tool(name).map(|tool| scope.model.ops_of(tool).collect())
    }

    fn matching(model: &Model, glob: &str) -> OpSet {
        let tools: IdSet<ToolId> = named_like(&model.tools, glob, |tool| &tool.name);
        tools.iter().flat_map(|tool| model.ops_of(tool)).collect()
    }

    fn having(scope: &mut Scope, predicate: &Predicate) -> Option<Lowered<OpSet>> {
        let ops = &scope.model.ops;
        Some(match predicate {
            Predicate::Binding(calls) => {
                scope.calls(calls).map(|calls| rows(ops, |op| !calls.made_by(&op.bindings).is_empty()))
            }
            Predicate::Tagged(tag) => {
                scope.label_hint("tag", tag, ops.iter().flat_map(|op| &op.tags));
                Ok(rows(ops, |op| op.tags.contains(&tag.node)))
            }
            Predicate::Effect(name) => {
                let words = Effect::ALL.map(Effect::name);
                let effect = scope.word(name, "effect", Effect::named(name), &words);
                effect.map(|effect| rows(ops, |op| op.effect == effect))
            }
            Predicate::Irreversible => Ok(rows(ops, |op| op.irreversible)),
            Predicate::IngestingUntrusted => Ok(rows(ops, |op| op.ingests_untrusted)),
            Predicate::ReachingExternal => Ok(rows(ops, |op| op.reaches_external)),
            Predicate::OwnedBy(_)
            | Predicate::AtLeast(_)
            | Predicate::AtMost(_)
            | Predicate::RegulatedBy(_) => {
                return None;
            }
        })
    }
}

impl Domain for ClassId {
    const MANY: &'static str = "data classes";
    const PREDICATES: &'static [&'static str] = &["tagged", "at-least", "at-most", "regulated-by"];

    fn all(model: &Model) -> ClassSet {
        let mut all = ClassSet::all(model.classes.len());
        all.remove(ClassId::UNCLASSIFIED);
        all
    }

    fn named(scope: &mut Scope, name: &Name) -> Lowered<ClassSet> {
        scope.class(name).map(|class| scope.model.class(class).below.clone())
    }

    fn matching(model: &Model, glob: &str) -> ClassSet {
        let named: ClassSet = rows(&model.classes, |class| glob::matches(glob, &class.name));
        let named = named.intersection(&Self::all(model));
        named.iter().fold(named.clone(), |set, class| set.union(&model.class(class).below))
    }

    fn having(scope: &mut Scope, predicate: &Predicate) -> Option<Lowered<ClassSet>> {
        let (classes, all) = (&scope.model.classes, Self::all(scope.model));
        let found: Lowered<ClassSet> = match predicate {
            Predicate::Tagged(tag) => {
                scope.label_hint("tag", tag, classes.iter().flat_map(|class| &class.tags));
                Ok(rows(classes, |class| class.tags.contains(&tag.node)))
            }
            Predicate::RegulatedBy(regulation) => {
                let carried = classes.iter().flat_map(|class| &class.regulations);
                scope.label_hint("regulation", regulation, carried);
                Ok(rows(classes, |class| class.regulations.contains(&regulation.node)))
            }
            Predicate::AtLeast(level) => {
                scope.sensitivity(level).map(|level| rows(classes, |class| class.sensitivity >= level))
            }
            Predicate::AtMost(level) => {
                scope.sensitivity(level).map(|level| rows(classes, |class| class.sensitivity <= level))
            }
            Predicate::OwnedBy(_)
            | Predicate::Effect(_)
            | Predicate::Irreversible
            | Predicate::IngestingUntrusted
            | Predicate::ReachingExternal
            | Predicate::Binding(_) => return None,
        };
        Some(found.map(|found| found.intersection(&all)))
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "wrong-predicate",
        "a set is chosen by an attribute that its members do not have",
        "agents have owners, tools have effects, data has sensitivity; the others would never match",
        "forbid f { agents effect delete }\n",
        "use an attribute of what is chosen",
    ),
    Explanation::error(
        MATCHES_NOTHING,
        "a glob, tag or attribute in a set matches nothing that is declared",
        "a slip in a forbid leaves open what it was to close",
        "forbid f { tools paymets.* }\n",
        "correct the glob, or take it out if nothing is meant to match yet",
    )
    .severity(Severity::Warning),
];
