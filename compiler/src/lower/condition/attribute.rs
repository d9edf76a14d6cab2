//! Attributes of a request: what a name in a condition stands for, and its type.

use super::Context;
use crate::diagnostic::{Explanation, error};
use crate::lower::{Lowered, Reported, Scope};
use crate::model::{self, *};
use crate::resolve::names::suggest;
use crate::types::literal::an;
use bailiwick_grammar::ast::Operand as Expr;
use bailiwick_grammar::{At, Span};
use std::collections::BTreeSet;

/// One side of an atom.
pub(super) enum Side {
    Attr(Attr, Type),
    Purpose,
    Constant,
}

impl Scope<'_> {
    pub(super) fn side(&mut self, context: Context, operand: &At<Expr>) -> Lowered<Side> {
        let Expr::Name(name) = &operand.node else { return Ok(Side::Constant) };
        let attr = match &*name.node {
            "purpose" => return Ok(Side::Purpose),
            "now" => (Attr::Now, Type::Instant),
            "session.started" => (Attr::Started, Type::Instant),
            "session.authn" => (Attr::Authn, Type::Authn),
            "args" | "session" => return Err(self.not_an_attribute(operand)),
            text => match (text.strip_prefix("args."), text.strip_prefix("session.")) {
                (Some(arg), _) => (Attr::Arg(arg.into()), self.argument(context, arg, name.span)?),
                (_, Some(attr)) => (Attr::Session(attr.into()), self.session_attribute(attr, name.span)?),
                (None, None) => return Ok(Side::Constant),
            },
        };
        Ok(Side::Attr(attr.0, attr.1))
    }

    /// An attribute, for atoms that speak of one.
    pub(super) fn attribute(&mut self, context: Context, operand: &At<Expr>) -> Lowered<(Attr, Type)> {
        match self.side(context, operand)? {
            Side::Attr(attr, ty) => Ok((attr, ty)),
            Side::Purpose | Side::Constant => Err(self.not_an_attribute(operand)),
        }
    }

    /// A set attribute and the type of its elements.
    pub(super) fn set_attr(&mut self, context: Context, operand: &At<Expr>) -> Lowered<(Attr, Type)> {
        match self.attribute(context, operand)? {
            (attr, Type::Set(element)) => Ok((attr, *element)),
            (_, ty) => Err(self.not_a(operand, &ty, "a set")),
        }
    }

    pub(super) fn comparand(
        &mut self,
        context: Context,
        operand: &At<Expr>,
        ty: &Type,
    ) -> Lowered<model::Operand> {
        match self.side(context, operand)? {
            Side::Attr(attr, other) if other == *ty => Ok(model::Operand::Attr(attr)),
            Side::Attr(_, other) => Err(self.not_a(operand, &other, &an(ty))),
            Side::Constant => self.constant(operand, ty).map(model::Operand::Value),
            Side::Purpose => Err(self.not_a(operand, &Type::String, &an(ty))),
        }
    }

    pub(super) fn constants(
        &mut self,
        context: Context,
        values: &[At<Expr>],
        ty: &Type,
    ) -> Lowered<BTreeSet<Value>> {
        let read: Vec<_> = values
            .iter()
            .map(|value| match self.comparand(context, value, ty)? {
                model::Operand::Value(value) => Ok(value),
                model::Operand::Attr(attr) => {
                    let problem = error(
                        "wrong-type",
                        format!("`{}` is an attribute, and only constants can be listed here", attr.text()),
                    )
                    .help("ask for one attribute with `contains`");
                    Err(self.report(problem, value.span))
                }
            })
            .collect();
        read.into_iter().collect()
    }

    fn session_attribute(&mut self, attr: &str, span: Span) -> Lowered<Type> {
        if let Some(ty) = self.model.session.get(attr) {
            return Ok(ty.clone());
        }
        let problem = error("unknown-attribute", format!("sessions have no attribute `{attr}`"));
        let built_in = ["started".into(), "authn".into()];
        let help = match suggest(attr, self.model.session.keys().chain(&built_in)) {
            Some(near) => format!("did you mean `session.{near}`?"),
            None => format!("declare it: `session {{ {attr}: string }}`"),
        };
        Err(self.report(problem.help(help), span))
    }

    /// The type that the argument has in every governed tool.
    pub fn argument(&mut self, context: Context, arg: &str, span: Span) -> Lowered<Type> {
        let model = self.model;
        if context.ops.is_empty() {
            return Err(Reported);
        }
        let tools: BTreeSet<ToolId> = context.ops.iter().map(|op| model.op(op).tool).collect();
        let typed = |tool: &ToolId| model.tool(*tool).args.get(arg).map(|arg| &arg.ty);
        let Some((with, ty)) = tools.iter().find_map(|tool| Some((model.tool(*tool), typed(tool)?))) else {
            let candidates: BTreeSet<&Str> =
                tools.iter().flat_map(|tool| model.tool(*tool).args.keys()).collect();
            let named = tools.first().map(|tool| model.tool(*tool).name.clone()).unwrap_or_default();
            let message = match tools.len() {
                1 => format!("`{named}` has no argument `{arg}`"),
                _ => format!("none of the tools that this governs has an argument `{arg}`"),
            };
            let mut problem = error("argument-not-in-signature", message);
            problem.help = Some(match suggest(arg, candidates) {
                Some(near) => format!("did you mean `args.{near}`?"),
                None => "a condition may name the arguments that the governed tools declare".into(),
            });
            return Err(self.report(problem, span));
        };
        let Some(without) = tools.iter().find(|tool| typed(tool) != Some(ty)) else { return Ok(ty.clone()) };
        let other = &model.tool(*without).name;
        let message = match typed(without) {
            Some(theirs) => format!(
                "`args.{arg}` is {} in `{}` but {} in `{other}`, and this condition governs both",
                an(ty),
                with.name,
                an(theirs)
            ),
            None => format!("`{other}`, which this condition governs too, has no argument `{arg}`"),
        };
        let problem = error("argument-not-in-signature", message).help(format!(
            "state the condition for the tools that have it, on a line of their own: `{} where args.{arg} …`",
            with.name
        ));
        Err(self.report(problem, span))
    }

    pub(super) fn not_an_attribute(&mut self, operand: &At<Expr>) -> Reported {
        let text = match &operand.node {
            Expr::Name(name) => format!("`{}` is not an attribute", name.node),
            Expr::Literal(_) => "a literal is not an attribute".to_string(),
        };
        let mut problem = error("unknown-attribute", text)
            .help("attributes are written `args.NAME`, `session.NAME`, `now`, `session.started`, `session.authn` and `purpose`");
        if let Expr::Name(name) = &operand.node
            && self.model.session.contains_key(&name.node)
        {
            problem = problem.help(format!("did you mean `session.{}`?", name.node));
        }
        self.report(problem, operand.span)
    }

    pub(super) fn not_a(&mut self, operand: &At<Expr>, ty: &Type, wanted: &str) -> Reported {
        let problem = error("wrong-type", format!("this is {}, and must be {wanted}", an(ty)))
            .help("the type stands where the attribute is declared");
        self.report(problem, operand.span)
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "argument-not-in-signature",
        "a condition names an argument that a tool it governs does not declare, or declares with another type",
        "for that tool the condition would be unknown for ever: a grant would allow nothing, a forbid would forbid everything",
        "tool look { arg id: string  effect read  touches nothing }\ntool pay { arg amount: int  effect write  touches nothing }\nforbid f { tools look, pay  when args.amount > 500 }\n",
        "state the condition on a line of its own, for the tools that declare the argument",
    ),
    Explanation::error(
        "unknown-attribute",
        "a condition speaks of an attribute that is not there",
        "an attribute that nobody asserts is always absent",
        "forbid f { when session.enviroment == \"production\" }\n",
        "correct the name, or declare it in `session`",
    ),
];
