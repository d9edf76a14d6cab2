//! What is asked of texts with a structure of their own: patterns, folders, hosts.

use super::Context;
use crate::diagnostic::{Explanation, error};
use crate::lower::{Lowered, Reported, Scope};
use crate::model::*;
use crate::types::{type_text, value};
use bailiwick_grammar::ast::{self, Literal as Lit, Operand as Expr};
use bailiwick_grammar::{At, Span};

impl Scope<'_> {
    /// `like`: of strings only, since a pattern knows no segments.
    pub(super) fn like(
        &mut self,
        context: Context,
        operand: &At<Expr>,
        pattern: &At<ast::Pattern>,
        span: Span,
    ) -> Lowered<Atom> {
        let (attr, ty) = self.attribute(context, operand)?;
        match ty {
            Type::String => Ok(Atom::Like { attr, pattern: pattern.node.clone() }),
            Type::Path | Type::Url => {
                let problem = error(
                    "like-on-path",
                    format!("`like` does not know where a segment of a {} ends", type_text(&ty)),
                )
                .help(match ty {
                    Type::Path => "use `under \"/folder\"`, which goes by whole segments",
                    _ => "use `under` for a scheme, host and path, or `host \"*.example.com\"`",
                });
                Err(self.report(problem, span))
            }
            ty => Err(self.not_a(operand, &ty, "a string, for `like`")),
        }
    }

    pub(super) fn under(&mut self, context: Context, operand: &At<Expr>, base: &ast::Text) -> Lowered<Atom> {
        let (attr, ty) = self.attribute(context, operand)?;
        if !matches!(ty, Type::Path | Type::Url) {
            return Err(self.not_a(operand, &ty, "a path or a url, for `under`"));
        }
        let Value::Text(text) = self.literal(&Lit::Text(base.node.clone()), base.span, &ty)? else {
            return Err(Reported);
        };
        if ty == Type::Url && text.contains(['?', '#']) {
            let meant = text.split(['?', '#']).next().map(str::to_string);
            let problem = error("not-normalised", "what `under` compares with ends before the query");
            let problem = self.offer(problem, base.span, meant);
            return Err(self.report(problem, base.span));
        }
        Ok(Atom::Under { attr, base: text })
    }

    pub(super) fn host(&mut self, context: Context, operand: &At<Expr>, host: &ast::Text) -> Lowered<Atom> {
        let (attr, ty) = self.attribute(context, operand)?;
        if ty != Type::Url {
            return Err(self.not_a(operand, &ty, "a url, for `host`"));
        }
        let (name, below) = match host.strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (&*host.node, false),
        };
        if let Err(why) = value::check_host(name) {
            let lower = host.to_ascii_lowercase();
            let fine = value::check_host(lower.trim_start_matches("*.")).is_ok();
            let problem = error("not-normalised", format!("`{}` cannot stand here: {why}", host.node));
            let problem = self.offer(problem, host.span, fine.then_some(lower));
            return Err(self.report(problem, host.span));
        }
        Ok(Atom::Host { attr, host: name.into(), below })
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "like-on-path",
    "`like` is asked of a path or a url",
    "`/srv/*` also matches what a segment-wise rule would not, and hosts can be made to look alike",
    "tool read { arg file: path  effect read  touches nothing }\nforbid f { tools read  when args.file like \"/srv/*\" }\n",
    "use `under`, or `host` for a url's host",
)];
