//! Separations and toxic combinations.

use super::condition::Context;
use super::rule::Head;
use super::scope::{Lowered, Reported, Scope};
use super::sets::{self, Domain};
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use bailiwick_grammar::ast::{LegDecl, Name, RuleItem};
use bailiwick_grammar::{At, Span};

impl Scope<'_> {
    /// A `separate` or a `toxic`.
    pub fn combination(
        &mut self,
        head: &Head,
        description: Option<Str>,
        scope: Scope_,
        pairwise: bool,
        items: &[At<RuleItem>],
    ) -> Lowered<Combination> {
        let word = if pairwise { "duty" } else { "leg" };
        let (mut legs, mut severity, mut references, mut failed) =
            (Vec::<Leg>::new(), None, Vec::new(), false);
        for item in items {
            match &item.node {
                RuleItem::Leg(decl) => {
                    if let Some(first) = legs.iter().find(|leg| leg.name == decl.name.node) {
                        let mut slot = Some(At::new((), first.span));
                        self.once(&mut slot, (), decl.name.span, &format!("{word} {}", decl.name.node));
                        failed = true;
                    } else {
                        failed |= self.leg(decl, item.span).map(|leg| legs.push(leg)).is_err();
                    }
                }
                RuleItem::Severity(name) => match self.severity(name) {
                    Ok(level) => self.once(&mut severity, level, item.span, "severity"),
                    Err(Reported) => failed = true,
                },
                RuleItem::Reference(text) => references.push(text.node.clone()),
                RuleItem::Joining(..) | RuleItem::JoiningResources(..) => {}
            }
        }
        let least = if pairwise { 2 } else { 1 };
        if !failed && legs.len() < least {
            let help = if pairwise {
                "a separation keeps two or more duties apart"
            } else {
                "say what must not come together"
            };
            failed = self.required(None::<()>, head.name_span, word, help).is_err();
        }
        if failed {
            return Err(Reported);
        }
        let mut joins = Vec::new();
        for item in items {
            let join = match &item.node {
                RuleItem::Joining(left, right) => self.join(&legs, left, right, item.span),
                RuleItem::JoiningResources(left, right) => self.join_resources(&legs, left, right, item.span),
                RuleItem::Leg(_) | RuleItem::Severity(_) | RuleItem::Reference(_) => continue,
            };
            failed |= join.map(|join| joins.push(join)).is_err();
        }
        if failed {
            return Err(Reported);
        }
        Ok(Combination {
            name: head.name.clone(),
            origin: head.origin.clone(),
            description,
            scope,
            pairwise,
            legs,
            joins,
            severity: severity.map_or(Severity::Error, |level| level.node),
            references,
        })
    }

    fn leg(&mut self, decl: &LegDecl, span: Span) -> Lowered<Leg> {
        let ops = decl.tools.as_ref().map(|set| self.set(set)).transpose();
        let data = decl.data.as_ref().map(|set| self.set(set)).transpose();
        let ops = ops?.unwrap_or_else(|| OpId::all(self.model));
        let cond = self.condition(Context::lenient(&ops), decl.condition.as_ref())?;
        let meets = data?.map(|set| self.model.met(&set));
        let calls = decl.tools.iter().flat_map(|set| sets::calls(set)).map(|calls| self.calls(calls));
        Ok(Leg {
            name: decl.name.node.clone(),
            calls: calls.collect::<Lowered<_>>()?,
            ops,
            meets,
            cond,
            unless_approved: decl.unless_approved,
            span,
        })
    }

    fn join(&mut self, legs: &[Leg], left: &Name, right: &Name, span: Span) -> Lowered<Join> {
        let (a, b) = (self.joined(legs, left), self.joined(legs, right));
        let ((left, left_arg, left_ty), (right, right_arg, right_ty)) = (a?, b?);
        self.two_legs(left, right, span)?;
        if left_ty != right_ty || matches!(left_ty, Type::Set(_) | Type::Opaque) {
            let problem = error("bad-join", "only arguments of one scalar type can be joined")
                .help("join arguments that name the same kind of thing");
            return Err(self.report(problem, span));
        }
        Ok(Join { left, right, on: JoinOn::Args(left_arg, right_arg) })
    }

    fn join_resources(&mut self, legs: &[Leg], left: &Name, right: &Name, span: Span) -> Lowered<Join> {
        let (left, right) = (self.leg_named(legs, left), self.leg_named(legs, right));
        let (left, right) = (left?, right?);
        self.two_legs(left, right, span)?;
        Ok(Join { left, right, on: JoinOn::Resources })
    }

    fn leg_named(&mut self, legs: &[Leg], name: &Name) -> Lowered<usize> {
        let words: Vec<&str> = legs.iter().map(|leg| &*leg.name).collect();
        let found = legs.iter().position(|leg| leg.name == name.node);
        found.ok_or_else(|| {
            let problem = error("bad-join", format!("there is no leg `{}`", name.node))
                .help(format!("the legs are {}", super::list(&words)));
            self.report(problem, name.span)
        })
    }

    fn two_legs(&mut self, left: usize, right: usize, span: Span) -> Lowered<()> {
        if left != right {
            return Ok(());
        }
        let problem = error("bad-join", "`joining` speaks of two different legs")
            .help("compare arguments of one call with `where`");
        Err(self.report(problem, span))
    }

    /// `leg.argument`: the leg's position, the argument and its type.
    fn joined(&mut self, legs: &[Leg], name: &Name) -> Lowered<(usize, Str, Type)> {
        let found = legs.iter().enumerate().find_map(|(at, leg)| {
            let arg = name.strip_prefix(&*leg.name)?.strip_prefix('.')?;
            Some((at, arg))
        });
        let Some((at, arg)) = found else {
            let legs: Vec<&str> = legs.iter().map(|leg| &*leg.name).collect();
            let problem = error("bad-join", format!("`{}` does not start with the name of a leg", name.node))
                .help(format!("write `leg.argument`; the legs are {}", super::list(&legs)));
            return Err(self.report(problem, name.span));
        };
        if legs[at].ops.is_empty() {
            return Ok((at, arg.into(), Type::String));
        }
        let ty = self.argument(Context::lenient(&legs[at].ops), arg, name.span)?;
        Ok((at, arg.into(), ty))
    }
}

/// The scope of a combination, under another name than the scope of names.
type Scope_ = crate::model::Scope;

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "bad-join",
    "`joining` does not compare arguments of two legs",
    "a combination joined on nothing would be found everywhere, or nowhere",
    "tool make { arg role: string  effect write  touches nothing }\ntoxic t within agent { leg create make  leg pass make  joining create.role == crate.role }\n",
    "write `leg.argument == leg.argument` with two different legs and arguments of one scalar type",
)];
