//! Patterns on texts, paths and hosts.

use super::super::tree::{Binary, Expr};
use super::truth::{Truth, all, constant, never};
use super::value::Value;
use super::{Calls, Lifted};
use crate::model::*;
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};

impl Calls<'_> {
    pub(super) fn like(&self, of: &Expr, pattern: &Pattern) -> Lifted<Truth> {
        match self.value(of)? {
            Value::Attr(attr, Type::String | Type::Enum(_) | Type::Person) => {
                let found = Atom::Like { attr: attr.clone(), pattern: pattern.clone() };
                Ok(self.reading(found, false, &[&attr]))
            }
            Value::Attr(attr, Type::Path) => match of_paths(pattern) {
                Some(OfPaths::All(holds)) => {
                    let missing = self.missing(&attr);
                    Ok(Truth { holds: all([never(&missing), constant(holds)]), errs: missing })
                }
                Some(OfPaths::Root) => {
                    let root = crate::model::Value::Text("/".into());
                    self.compare_value(attr, &Type::Path, CompareOp::Eq, root)
                }
                None => Err("a path is matched with a pattern".into()),
            },
            Value::Host(attr) => match pattern.0.as_slice() {
                [PatternPart::Star, PatternPart::Text(text)] if text.starts_with('.') => {
                    let found = Atom::Host { attr: attr.clone(), host: text[1..].into(), below: true };
                    Ok(self.reading(found, false, &[&attr]))
                }
                _ => Err("a host is matched with another pattern than `*.HOST`".into()),
            },
            _ => Err("something else than a text is matched with a pattern".into()),
        }
    }

    /// `under`: equal to the base, or it goes on behind it.
    pub(super) fn under(&self, parts: &[Expr]) -> Option<Truth> {
        let (Expr::Binary(Binary::Eq, of, base), likes) = parts.split_first()? else { return None };
        let (Value::Attr(attr, ty), Expr::Text(base)) = (self.value(of).ok()?, &**base) else { return None };
        let inside = base.strip_suffix('/').unwrap_or(base);
        let next: &[&str] = match ty {
            Type::Path => &["/"],
            Type::Url if inside.len() == base.len() => &["/", "?", "#"],
            Type::Url => &["/"],
            _ => return None,
        };
        let expected = next.iter().map(|next| {
            let text = PatternPart::Text(format!("{inside}{next}").into());
            Expr::Like(of.clone(), Pattern(vec![text, PatternPart::Star]))
        });
        let found = Atom::Under { attr: attr.clone(), base: base.as_str().into() };
        likes.iter().cloned().eq(expected).then(|| self.reading(found, false, &[&attr]))
    }
}

/// What a pattern of the request contract's guard says of a path that is normalised.
enum OfPaths {
    /// This of every one.
    All(bool),
    /// That it is `/`.
    Root,
}

fn of_paths(pattern: &Pattern) -> Option<OfPaths> {
    let parts: Vec<&str> = pattern
        .0
        .iter()
        .map(|part| match part {
            PatternPart::Text(text) => &**text,
            PatternPart::Star => "*",
        })
        .collect();
    match parts.concat().as_str() {
        "/*" => Some(OfPaths::All(true)),
        "*//*" | "*/./*" | "*/../*" | "*/." | "*/.." | "*\0*" => Some(OfPaths::All(false)),
        "*/" => Some(OfPaths::Root),
        _ => None,
    }
}
