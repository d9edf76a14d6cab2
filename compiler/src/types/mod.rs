//! What values are, and which expressions make sense of them.

pub(crate) mod literal;
pub mod value;

use crate::diagnostic::{Explanation, error};
use crate::lower::{Lowered, Scope, list};
use crate::model::{Str, Type};
use crate::resolve::names::suggest;
use bailiwick_grammar::At;
use bailiwick_grammar::ast::TypeExpr;

/// The words that are types by themselves.
const NAMES: [(&str, Type); 12] = [
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("decimal", Type::Decimal),
    ("string", Type::String),
    ("path", Type::Path),
    ("url", Type::Url),
    ("instant", Type::Instant),
    ("duration", Type::Duration),
    ("ip", Type::Ip),
    ("cidr", Type::Cidr),
    ("person", Type::Person),
    ("opaque", Type::Opaque),
];

/// How a type is written.
pub fn type_text(ty: &Type) -> String {
    match ty {
        Type::Enum(values) => values.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" | "),
        Type::Set(element) => format!("set<{}>", type_text(element)),
        Type::Authn => "authentication level".into(),
        Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::String
        | Type::Path
        | Type::Url
        | Type::Instant
        | Type::Duration
        | Type::Ip
        | Type::Cidr
        | Type::Person
        | Type::Opaque => {
            NAMES.iter().find(|(_, named)| named == ty).map(|(name, _)| name.to_string()).unwrap_or_default()
        }
    }
}

impl Scope<'_> {
    /// The type that is written.
    pub(crate) fn ty(&mut self, expr: &At<TypeExpr>) -> Lowered<Type> {
        match &expr.node {
            TypeExpr::Name(name) => {
                if let Some((_, ty)) = NAMES.iter().find(|(word, _)| *word == &*name.node) {
                    return Ok(ty.clone());
                }
                let words = NAMES.map(|(word, _)| word);
                let help = match suggest(&name.node, words) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("one of {}, alternatives `a | b`, or `set<…>`", list(&words)),
                };
                Err(self.report(
                    error("unknown-type", format!("there is no type `{}`", name.node)).help(help),
                    name.span,
                ))
            }
            TypeExpr::Enum(alternatives) => {
                let mut values: Vec<Str> = alternatives.iter().map(|value| value.node.clone()).collect();
                values.sort();
                values.dedup();
                if values.len() != alternatives.len() || values.len() < 2 {
                    let problem =
                        error("bad-enumeration", "an enumeration has two or more different alternatives")
                            .help("take out the repetition, or use `string`");
                    return Err(self.report(problem, expr.span));
                }
                Ok(Type::Enum(values.into()))
            }
            TypeExpr::Set(element) => match self.ty(element)? {
                Type::Set(_) | Type::Opaque => Err(self.report(
                    error("bad-set-type", "a set has elements of a scalar type")
                        .help("declare the raw argument `opaque` and derive a set from it with `each`"),
                    element.span,
                )),
                element => Ok(Type::Set(Box::new(element))),
            },
        }
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "unknown-type",
        "a type is not one of the language's",
        "without a type nothing about the attribute can be checked",
        "session { environment: text }\n",
        "use a type of the reference, alternatives `a | b`, or `set<…>`",
    ),
    Explanation::error(
        "bad-enumeration",
        "an enumeration has fewer than two different alternatives",
        "an alternative that is repeated is usually a slip for another one",
        "session { environment: production | production }\n",
        "list each alternative once",
    ),
    Explanation::error(
        "bad-set-type",
        "a set of sets, or of opaque values",
        "membership in it could not be asked",
        "session { groups: set<opaque> }\n",
        "use a set of a scalar type",
    ),
];
