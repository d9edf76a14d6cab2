//! What an expression of an admission policy says of a source request.
//!
//! An expression about the requests of one [`Unit`] is true, false, or fails; CEL's `&&` and `||`
//! are decided by either side, whatever the other one does. So it becomes two predicates, where it
//! is true and where it is false, and fails elsewhere. What of the request is not known from its
//! source (a field that no argument stands in) is not understood.

use super::{Expr, regex};
use crate::evaluator::matches_pattern;
use crate::model::*;
use crate::targets::kubernetes::admission::{Kind, Operation};
use crate::targets::kubernetes::region::Unit;
use crate::targets::reading::Predicate;
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};
use std::collections::BTreeSet;

/// Whose requests an expression is about.
pub struct Scene<'a> {
    /// The project.
    pub model: &'a Model,
    /// The user's name.
    pub user: &'a str,
    /// The way to the API server.
    pub unit: &'a Unit,
    /// What that is to admission.
    pub operation: Operation,
}

/// Where an expression is true, and where it is false.
pub struct Truth {
    /// True.
    pub yes: Predicate,
    /// False.
    pub no: Predicate,
}

impl Truth {
    const FAILS: Truth = Truth { yes: Predicate::FALSE, no: Predicate::FALSE };

    fn known(value: bool) -> Truth {
        match value {
            true => Truth { yes: Predicate::TRUE, no: Predicate::FALSE },
            false => Truth { yes: Predicate::FALSE, no: Predicate::TRUE },
        }
    }

    fn atom(atom: Atom) -> Truth {
        let literal =
            |negated| Predicate::Cond(Cond::Literal(Literal { atom: atom.clone(), negated, absent: false }));
        Truth { yes: literal(false), no: literal(true) }
    }

    fn not(self) -> Truth {
        Truth { yes: self.no, no: self.yes }
    }
}

/// A value in an expression.
enum Term {
    Known(Value),
    Arg(Str, Kind),
    Type(Kind),
    Fails,
}

impl Scene<'_> {
    /// What an expression that is true or false says.
    ///
    /// # Errors
    ///
    /// What in it is not understood.
    pub fn truth(&self, expr: &Expr) -> Result<Truth, String> {
        match expr {
            Expr::Bool(value) => Ok(Truth::known(*value)),
            Expr::Not(inner) => Ok(self.truth(inner)?.not()),
            Expr::All(parts) => self.all(parts),
            Expr::Any(parts) => {
                let (mut yes, mut no) = (Vec::new(), Vec::new());
                for part in parts {
                    let truth = self.truth(part)?;
                    yes.push(truth.yes);
                    no.push(truth.no);
                }
                Ok(Truth { yes: Predicate::Any(yes), no: Predicate::All(no) })
            }
            Expr::Choice(test, yes, no) => {
                let (test, first, second) = (self.truth(test)?, self.truth(yes)?, self.truth(no)?);
                let either = |a: Predicate, b: Predicate| {
                    let first = Predicate::All(vec![test.yes.clone(), a]);
                    Predicate::Any(vec![first, Predicate::All(vec![test.no.clone(), b])])
                };
                Ok(Truth { yes: either(first.yes, second.yes), no: either(first.no, second.no) })
            }
            Expr::Has(of, name) => {
                let mut path = of.path().ok_or("`has` is asked of something that is no path")?;
                path.push(name);
                self.has(&path)
            }
            Expr::Compare(left, op, right) => self.compare(self.term(left)?, *op, self.term(right)?),
            Expr::In(what, list) => self.one_of(self.term(what)?, list),
            Expr::Call(Some(of), name, args) => match &args[..] {
                [Expr::Text(text)] => self.like(self.term(of)?, name, text),
                _ => Err(format!("`{name}` is not understood")),
            },
            Expr::Name(_) | Expr::Field(..) => {
                let value = Term::Known(Value::Bool(true));
                match self.term(expr)? {
                    term @ (Term::Known(Value::Bool(_)) | Term::Arg(_, Kind::Bool)) => {
                        self.compare(term, CompareOp::Eq, value)
                    }
                    Term::Fails => Ok(Truth::FAILS),
                    Term::Known(_) | Term::Arg(..) | Term::Type(_) => {
                        Err("something that is neither true nor false is taken for a condition".to_string())
                    }
                }
            }
            Expr::Text(_) | Expr::Int(_) | Expr::List(_) | Expr::Call(None, ..) => {
                Err("something that is neither true nor false is taken for a condition".to_string())
            }
        }
    }

    /// What all of these say together.
    pub fn all(&self, parts: &[Expr]) -> Result<Truth, String> {
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for part in parts {
            let truth = self.truth(part)?;
            yes.push(truth.yes);
            no.push(truth.no);
        }
        Ok(Truth { yes: Predicate::All(yes), no: Predicate::Any(no) })
    }

    fn term(&self, expr: &Expr) -> Result<Term, String> {
        match expr {
            Expr::Text(text) => Ok(Term::Known(Value::Text(text.as_str().into()))),
            Expr::Int(value) => Ok(Term::Known(Value::Int(*value))),
            Expr::Bool(value) => Ok(Term::Known(Value::Bool(*value))),
            Expr::Call(None, name, args) if name == "type" => match &args[..] {
                [of] => Ok(match self.term(of)? {
                    Term::Known(value) => kind_of(&value).map_or(Term::Fails, Term::Type),
                    Term::Arg(_, kind) => Term::Type(kind),
                    Term::Fails => Term::Fails,
                    Term::Type(_) => return Err("the type of a type is not understood".to_string()),
                }),
                _ => Err("`type` takes one value".to_string()),
            },
            Expr::Name(_) | Expr::Field(..) => match expr.path() {
                Some(path) => self.at(&path),
                None => Err("a field of something that is no path is not understood".to_string()),
            },
            Expr::List(_)
            | Expr::Has(..)
            | Expr::Call(..)
            | Expr::Not(_)
            | Expr::All(_)
            | Expr::Any(_)
            | Expr::Compare(..)
            | Expr::In(..)
            | Expr::Choice(..) => Err("what is compared is neither a field nor a constant".to_string()),
        }
    }

    /// What stands at a path.
    fn at(&self, path: &[&str]) -> Result<Term, String> {
        let text = |text: &str| Ok(Term::Known(Value::Text(text.into())));
        let (resource, subresource) = self.unit.resource.split_once('/').unwrap_or((&self.unit.resource, ""));
        let named = self.unit.sees_name() || self.shows_object_name();
        let of_place = |arg: &Option<Str>, names: &Option<BTreeSet<String>>| match (arg, names) {
            (Some(arg), _) => Ok(Term::Arg(arg.clone(), Kind::Text)),
            (None, Some(fixed)) => match fixed.first() {
                Some(name) if fixed.len() == 1 && !name.is_empty() => text(name),
                Some(_) | None => Err(self.unknown(path)),
            },
            (None, None) => Err(self.unknown(path)),
        };
        match path {
            ["bool"] => Ok(Term::Type(Kind::Bool)),
            ["int"] => Ok(Term::Type(Kind::Int)),
            ["string"] => Ok(Term::Type(Kind::Text)),
            ["request", "operation"] => text(self.operation.name()),
            ["request", "userInfo", "username"] => text(self.user),
            ["request", "resource", "group"] => text(&self.unit.group),
            ["request", "resource", "resource"] => text(resource),
            ["request", "subResource"] if !subresource.is_empty() => text(subresource),
            ["request", "namespace"] => of_place(&self.unit.namespace_arg, &self.unit.namespaces),
            ["request", "name"] if self.unit.sees_name() => of_place(&self.unit.name_arg, &self.unit.names),
            ["object", ..] if self.operation == Operation::Delete => Ok(Term::Fails),
            ["object", "metadata", "name"] if named && self.shows_object_name() => {
                of_place(&self.unit.name_arg, &self.unit.names)
            }
            ["object", "metadata", "namespace"] if self.shows_object_name() => {
                of_place(&self.unit.namespace_arg, &self.unit.namespaces)
            }
            ["object", field @ ..] => match self.unit.fields.get(field.join(".").as_str()) {
                Some((arg, kind)) => Ok(Term::Arg(arg.clone(), *kind)),
                None => Err(self.unknown(path)),
            },
            _ => Err(self.unknown(path)),
        }
    }

    fn unknown(&self, path: &[&str]) -> String {
        format!(
            "what stands in `{}` of `{}` on `{}` is not known from the tools' bindings",
            path.join("."),
            self.unit.verb,
            self.unit.resource
        )
    }

    /// Whether the object that admission is shown is the one that the call names.
    fn shows_object_name(&self) -> bool {
        !self.unit.resource.contains('/')
    }

    fn has(&self, path: &[&str]) -> Result<Truth, String> {
        let leads = |known: &str| known == "metadata" || known == "metadata.name";
        match path {
            ["object", ..] if self.operation == Operation::Delete => Ok(Truth::FAILS),
            ["object", field @ ..] => {
                let field = field.join(".");
                let below = |have: &Str| {
                    have.strip_prefix(field.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                let there = leads(&field) && self.shows_object_name() || self.unit.fields.keys().any(below);
                if there { Ok(Truth::known(true)) } else { Err(self.unknown(path)) }
            }
            ["request", "namespace"] if !self.unit.is_cluster() => Ok(Truth::known(true)),
            _ => Err(self.unknown(path)),
        }
    }

    fn ty(&self, arg: &str) -> Option<&Type> {
        let tool = self.model.tool(self.model.op(self.unit.id.0).tool);
        tool.args.get(arg).map(|arg| &arg.ty)
    }

    fn compare(&self, left: Term, op: CompareOp, right: Term) -> Result<Truth, String> {
        let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
        // Values of different types are not equal, and have no order.
        let apart = || if equality { Truth::known(op == CompareOp::Ne) } else { Truth::FAILS };
        let order = || "an order of anything but integers is not understood".to_string();
        Ok(match (left, right) {
            (Term::Fails, _) | (_, Term::Fails) => Truth::FAILS,
            (Term::Type(left), Term::Type(right)) if equality => {
                Truth::known((left == right) == (op == CompareOp::Eq))
            }
            (Term::Type(_), _) | (_, Term::Type(_)) => {
                return Err("a type is compared with something that is none".to_string());
            }
            (Term::Known(left), Term::Known(right)) if kind_of(&left) == kind_of(&right) => {
                if !equality && kind_of(&left) != Some(Kind::Int) {
                    return Err(order());
                }
                let ordering = left.cmp(&right);
                Truth::known(match op {
                    CompareOp::Eq => ordering.is_eq(),
                    CompareOp::Ne => ordering.is_ne(),
                    CompareOp::Lt => ordering.is_lt(),
                    CompareOp::Le => ordering.is_le(),
                    CompareOp::Gt => ordering.is_gt(),
                    CompareOp::Ge => ordering.is_ge(),
                })
            }
            (Term::Known(_), Term::Known(_)) => apart(),
            (Term::Arg(left, kind), Term::Known(right)) if kind_of(&right) == Some(kind) => {
                if !equality && kind != Kind::Int {
                    return Err(order());
                }
                Truth::atom(Atom::Compare { left: Attr::Arg(left), op, right: Operand::Value(right) })
            }
            (Term::Arg(..), Term::Known(_)) => apart(),
            (known @ Term::Known(_), arg @ Term::Arg(..)) => self.compare(arg, op.turned(), known)?,
            (Term::Arg(left, kind), Term::Arg(right, other)) if kind == other => {
                if !equality && kind != Kind::Int {
                    return Err(order());
                }
                if self.ty(&left) != self.ty(&right) {
                    return Err(format!("`{left}` and `{right}` are of different types in the language"));
                }
                Truth::atom(Atom::Compare {
                    left: Attr::Arg(left),
                    op,
                    right: Operand::Attr(Attr::Arg(right)),
                })
            }
            (Term::Arg(..), Term::Arg(..)) => apart(),
        })
    }

    fn one_of(&self, what: Term, list: &Expr) -> Result<Truth, String> {
        let Expr::List(items) = list else {
            return Err("`in` is asked of something that is no list".to_string());
        };
        let mut values = BTreeSet::new();
        for item in items {
            match self.term(item)? {
                Term::Known(value) => values.insert(value),
                Term::Arg(..) | Term::Type(_) | Term::Fails => {
                    return Err("a list holds something that is no constant".to_string());
                }
            };
        }
        match what {
            Term::Known(value) => Ok(Truth::known(values.contains(&value))),
            Term::Arg(arg, kind) => {
                values.retain(|value| kind_of(value) == Some(kind));
                Ok(match values.is_empty() {
                    true => Truth::known(false),
                    false => Truth::atom(Atom::OneOf { attr: Attr::Arg(arg), values }),
                })
            }
            Term::Fails => Ok(Truth::FAILS),
            Term::Type(_) => Err("a type is looked for in a list".to_string()),
        }
    }

    fn like(&self, what: Term, how: &str, text: &str) -> Result<Truth, String> {
        use PatternPart::{Star, Text};
        let run = || (!text.is_empty()).then(|| Text(text.into()));
        let parts: Vec<PatternPart> = match how {
            "startsWith" => run().into_iter().chain([Star]).collect(),
            "endsWith" => [Star].into_iter().chain(run()).collect(),
            "contains" if text.is_empty() => vec![Star],
            "contains" => [Star].into_iter().chain(run()).chain([Star]).collect(),
            "matches" => regex::pattern(text)
                .ok_or_else(|| format!("the regular expression `{text}` is not understood"))?,
            _ => return Err(format!("`{how}` is not understood")),
        };
        let pattern = Pattern(parts);
        match what {
            Term::Known(Value::Text(text)) => Ok(Truth::known(matches_pattern(&pattern, &text))),
            Term::Arg(arg, _) if self.ty(&arg) == Some(&Type::String) => {
                Ok(Truth::atom(Atom::Like { attr: Attr::Arg(arg), pattern }))
            }
            Term::Arg(arg, Kind::Text) => {
                Err(format!("`args.{arg}` is no string, and is compared by its parts"))
            }
            Term::Fails | Term::Known(_) | Term::Arg(..) => Ok(Truth::FAILS),
            Term::Type(_) => Err(format!("`{how}` is asked of a type")),
        }
    }
}

fn kind_of(value: &Value) -> Option<Kind> {
    match value {
        Value::Bool(_) => Some(Kind::Bool),
        Value::Int(_) => Some(Kind::Int),
        Value::Text(_) => Some(Kind::Text),
        Value::Decimal(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Ip(_)
        | Value::Cidr(_)
        | Value::Authn(_)
        | Value::Set(_)
        | Value::Opaque => None,
    }
}
