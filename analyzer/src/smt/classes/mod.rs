//! Finitely many values that stand for all: what strings, paths, URLs, addresses and the like
//! are to the solver.
//!
//! Worked example. A question asks `args.key like "a*"`, `args.key == "ab"` and
//! `args.key != args.other`. These tell three classes of text apart: `"ab"`, other texts that
//! start with `a`, all others. The first has one member; of the others two attributes may want
//! different members, so each is stood for by two: `["ab", "a", "aX", "", "X"]`. A text is then a
//! position in this list, `like` a set of positions, and `==` between attributes equality of
//! positions. Nothing is lost: whatever truth values some texts give to all the predicates, and
//! whichever of them are equal, members of the list give the same.

mod address;
mod like;
mod tree;

use bailiwick_compiler::model::{Model, Net, Principal, PrincipalKind, Str, Type, Value};
use bailiwick_compiler::types::type_text;
use bailiwick_grammar::ast::Pattern;
use std::collections::BTreeSet;

/// The most values that a list may have: beyond that the question is undecided.
const MOST: usize = 4096;

/// What is asked of attributes that are compared with each other.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Constants that they are compared with.
    pub constants: BTreeSet<Value>,
    /// `like` patterns.
    pub patterns: BTreeSet<Pattern>,
    /// Bases of `under`.
    pub bases: BTreeSet<Str>,
    /// Hosts, and whether those below them are meant.
    pub hosts: BTreeSet<(Str, bool)>,
    /// Networks.
    pub nets: BTreeSet<Net>,
    /// How many different members of one class can matter at once.
    pub representatives: usize,
}

/// Values that stand for all values of `ty` as far as `asked` can tell; the error is why there are too many.
pub fn universe(model: &Model, ty: &Type, asked: &Asked) -> Result<Vec<Value>, String> {
    // The classes of other texts are drawn without a look at patterns. The language asks `like` of
    // no such type; what an artifact or an assumption asks is not guessed at.
    if !asked.patterns.is_empty() && !matches!(ty, Type::String | Type::Enum(_)) {
        return Err(format!("nobody knows which values of type {} match a pattern", type_text(ty)));
    }
    let values: Vec<Value> = match ty {
        Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Type::Enum(values) => values.iter().cloned().map(Value::Text).collect(),
        Type::Person => people(model, asked),
        Type::String => like::texts(asked)?,
        Type::Path => tree::paths(asked),
        Type::Url => tree::urls(asked),
        Type::Ip => address::addresses(asked),
        Type::Cidr => address::networks(asked),
        Type::Int
        | Type::Decimal
        | Type::Instant
        | Type::Duration
        | Type::Authn
        | Type::Set(_)
        | Type::Opaque => Vec::new(),
    };
    if values.len() > MOST {
        return Err(format!(
            "its conditions tell {} classes of values apart, more than {MOST}",
            values.len()
        ));
    }
    Ok(values)
}

/// The texts among the constants.
fn constant_texts(asked: &Asked) -> impl Iterator<Item = &Str> {
    asked.constants.iter().filter_map(|value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    })
}

/// Those who are named, and enough others.
fn people(model: &Model, asked: &Asked) -> Vec<Value> {
    let is_person = |who: &Principal| matches!(who.kind, PrincipalKind::Person { .. });
    let declared = |name: &&Str| model.principal_named(name).is_some_and(|id| is_person(model.principal(id)));
    let named: Vec<&Str> = constant_texts(asked).filter(declared).collect();
    let people = model.principals.iter().filter(|who| is_person(who)).map(|who| &who.name);
    let others = people.filter(|name| !named.contains(name)).take(asked.representatives);
    named.iter().copied().chain(others).cloned().map(Value::Text).collect()
}

/// Values that `fits` makes of made-up names, as many as are wanted. Each constant and base may
/// spoil one name.
fn fresh(asked: &Asked, fits: impl Fn(&str) -> Option<Value>) -> Vec<Value> {
    let names = std::iter::once("other".to_string()).chain((2..).map(|at| format!("other-{at}")));
    let tries = asked.representatives + asked.constants.len() + asked.bases.len();
    names.take(tries).filter_map(|name| fits(&name)).take(asked.representatives).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_grammar::ast::PatternPart;

    /// The language forbids it, but an assumption of an export speaks of an argument by its name.
    #[test]
    fn a_pattern_is_asked_of_texts_alone() {
        let pattern = Pattern(vec![PatternPart::Star, PatternPart::Text("/".into()), PatternPart::Star]);
        let asked = Asked { patterns: [pattern].into(), representatives: 1, ..Asked::default() };
        let of = |ty| universe(&Model::default(), &ty, &asked);
        assert!(of(Type::String).is_ok());
        for ty in [Type::Path, Type::Url, Type::Person, Type::Ip] {
            assert!(of(ty.clone()).is_err(), "{ty:?}");
        }
    }
}
