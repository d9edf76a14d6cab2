//! What a sub-expression stands for, when it is no condition.

use super::super::evaluate::decimal;
use super::super::tree::{Binary, Expr, Uid};
use super::truth::{Truth, any, atom, constant, has, sure};
use super::{Calls, Lifted};
use crate::model::*;
use crate::targets::reading::Predicate;
use crate::types::value::{parse_cidr, parse_ip};

/// What a sub-expression stands for.
pub(super) enum Value {
    Truth(Truth),
    Long(i64),
    Text(String),
    Entity(Uid),
    Decimal(i64),
    Ip(String),
    Set(Vec<Value>),
    Principal,
    Action,
    Resource,
    Context,
    Args,
    Session,
    Data,
    Delegates,
    Hops,
    Purpose,
    /// An attribute, or of a URL its text.
    Attr(Attr, Type),
    /// A URL, of which Cedar sees text and host.
    Url(Attr),
    /// The host of a URL.
    Host(Attr),
    /// `context.now - context.started`
    Age,
}

impl Calls<'_> {
    pub(super) fn value(&self, expr: &Expr) -> Lifted<Value> {
        Ok(match expr {
            Expr::Bool(value) => Value::Truth(sure(constant(*value))),
            Expr::Long(value) => Value::Long(*value),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Entity(uid) => Value::Entity(uid.clone()),
            Expr::Var("principal") => Value::Principal,
            Expr::Var("action") => Value::Action,
            Expr::Var("resource") => Value::Resource,
            Expr::Var(_) => Value::Context,
            Expr::Set(parts) => Value::Set(parts.iter().map(|part| self.value(part)).collect::<Lifted<_>>()?),
            Expr::Get(of, name) => return self.attribute(self.value(of)?, name),
            Expr::Call(name, args) => match (name.as_str(), args.as_slice()) {
                ("decimal", [Expr::Text(text)]) => match decimal(text) {
                    Some(number) => Value::Decimal(number),
                    None => return Err(format!("`{text}` is no decimal")),
                },
                ("ip", [Expr::Text(text)]) => Value::Ip(text.clone()),
                _ => return Err(format!("the function `{name}` is not understood so")),
            },
            Expr::Binary(Binary::Sub, left, right) => match (self.value(left)?, self.value(right)?) {
                (Value::Attr(Attr::Now, _), Value::Attr(Attr::Started, _)) => Value::Age,
                _ => return Err("this difference is not understood".into()),
            },
            Expr::Negative(_) | Expr::Record(_) | Expr::Binary(..) => {
                return Err("this arithmetic or record is not understood".into());
            }
            Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::If(_)
            | Expr::Has(..)
            | Expr::Like(..)
            | Expr::Is(..)
            | Expr::Method(..) => Value::Truth(self.truth(expr)?),
        })
    }

    fn attribute(&self, of: Value, name: &str) -> Lifted<Value> {
        let unknown = || format!("`{name}` is no attribute that is known");
        Ok(match of {
            Value::Context => match name {
                name if name == self.words.shape.args() => Value::Args,
                "session" => Value::Session,
                "data" => Value::Data,
                "delegates" => Value::Delegates,
                "hops" => Value::Hops,
                "purpose" => Value::Purpose,
                "now" => Value::Attr(Attr::Now, Type::Instant),
                "started" => Value::Attr(Attr::Started, Type::Instant),
                "authn" => Value::Attr(Attr::Authn, Type::Authn),
                _ => return Err(unknown()),
            },
            Value::Args => self.typed(Attr::Arg(name.into()), self.arg(name).map(|arg| arg.ty.clone())),
            Value::Session => {
                self.typed(Attr::Session(name.into()), self.words.model.session.get(name).cloned())
            }
            Value::Url(attr) if name == "text" => Value::Attr(attr, Type::Url),
            Value::Url(attr) if name == "host" => Value::Host(attr),
            _ => return Err(unknown()),
        })
    }

    fn typed(&self, attr: Attr, ty: Option<Type>) -> Value {
        match ty {
            Some(Type::Url) => Value::Url(attr),
            // of what nobody declares only its absence is ever seen
            ty => Value::Attr(attr, ty.unwrap_or(Type::Opaque)),
        }
    }

    fn arg(&self, name: &str) -> Option<&Arg> {
        let op = self.words.model.op(self.ops.first()?);
        self.words.model.tool(op.tool).args.get(name)
    }

    /// When reading the attribute errs.
    pub(super) fn missing(&self, attr: &Attr) -> Predicate {
        let always = match attr {
            Attr::Now | Attr::Started | Attr::Authn => true,
            Attr::Session(_) => false,
            Attr::Arg(name) => self
                .arg(name)
                .is_some_and(|arg| matches!(arg.source, ArgSource::Required | ArgSource::Default(_))),
        };
        if always { Predicate::FALSE } else { has(attr).negate() }
    }

    /// An atom that reads these attributes, and errs where one is absent.
    pub(super) fn reading(&self, found: Atom, negated: bool, attrs: &[&Attr]) -> Truth {
        Truth { holds: atom(found, negated), errs: any(attrs.iter().map(|attr| self.missing(attr))) }
    }
}

/// A constant as a value of an attribute's type.
pub(super) fn scalar(ty: &Type, value: &Value) -> Lifted<crate::model::Value> {
    use crate::model::Value as Of;
    let wrong = || "a constant is not of the type that it is compared with".to_owned();
    Ok(match (ty, value) {
        (Type::Bool, Value::Truth(truth)) if truth.holds == Predicate::TRUE => Of::Bool(true),
        (Type::Bool, Value::Truth(truth))
            if truth.holds == Predicate::FALSE && truth.errs == Predicate::FALSE =>
        {
            Of::Bool(false)
        }
        (Type::Int, Value::Long(number)) => Of::Int(*number),
        (Type::Instant, Value::Long(number)) => Of::Instant(*number),
        (Type::Duration, Value::Long(number)) => Of::Duration(*number),
        (Type::Authn, Value::Long(level)) => {
            let level = usize::try_from(*level).ok().and_then(|at| Authn::ALL.get(at).copied());
            Of::Authn(level.ok_or_else(wrong)?)
        }
        (Type::Decimal, Value::Decimal(number)) => Of::Decimal(*number),
        (Type::String | Type::Path | Type::Url | Type::Enum(_) | Type::Person, Value::Text(text)) => {
            Of::Text(text.as_str().into())
        }
        (Type::Ip, Value::Ip(text)) => Of::Ip(parse_ip(text).map_err(|_| wrong())?),
        (Type::Cidr, Value::Ip(text)) => Of::Cidr(parse_cidr(text).map_err(|_| wrong())?),
        _ => return Err(wrong()),
    })
}
