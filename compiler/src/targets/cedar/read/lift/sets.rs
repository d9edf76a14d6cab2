//! Methods: of sets, networks and decimals.

use super::super::tree::Expr;
use super::truth::{Truth, all, sure};
use super::value::{Value, scalar};
use super::words::entities;
use super::{Calls, Lifted};
use crate::model::*;
use crate::targets::reading::Predicate;
use crate::types::value::parse_cidr;
use bailiwick_grammar::ast::CompareOp;
use std::collections::BTreeSet;

impl Calls<'_> {
    pub(super) fn method(&self, of: &Expr, name: &str, args: &[Expr]) -> Lifted<Truth> {
        let (of, mut args) =
            (self.value(of)?, args.iter().map(|arg| self.value(arg)).collect::<Lifted<Vec<_>>>()?);
        match (of, name, args.pop(), args.is_empty()) {
            (of, "isEmpty", None, _) => self.sets(of, "isEmpty", Value::Set(Vec::new())),
            (of @ (Value::Data | Value::Delegates), "contains", Some(Value::Entity(uid)), true) => {
                self.sets(of, "containsAll", Value::Set(vec![Value::Entity(uid)]))
            }
            (of, "containsAll" | "containsAny", Some(arg), true) => self.sets(of, name, arg),
            (Value::Set(parts), "contains", Some(Value::Attr(attr, ty)), true) => {
                let values = parts.iter().map(|part| scalar(&ty, part)).collect::<Lifted<_>>()?;
                Ok(self.reading(Atom::OneOf { attr: attr.clone(), values }, false, &[&attr]))
            }
            (Value::Set(parts), "contains", Some(of), true) => Ok(sure(self.is(&of, &entities(parts)?)?)),
            (Value::Attr(set, Type::Set(_)), "contains", Some(Value::Attr(attr, _)), true) => {
                let found = Atom::Contains { set: set.clone(), element: Operand::Attr(attr.clone()) };
                Ok(self.reading(found, false, &[&set, &attr]))
            }
            (Value::Attr(set, Type::Set(ty)), "contains", Some(arg), true) => {
                let element = Operand::Value(scalar(&ty, &arg)?);
                Ok(self.reading(Atom::Contains { set: set.clone(), element }, false, &[&set]))
            }
            (Value::Attr(attr, Type::Ip), "isInRange", Some(Value::Ip(net)), true) => {
                let net = parse_cidr(&net).map_err(|_| format!("`{net}` is no network"))?;
                let found = Atom::InNet { attr: attr.clone(), nets: BTreeSet::from([net]) };
                Ok(self.reading(found, false, &[&attr]))
            }
            (Value::Attr(left, Type::Decimal), name, Some(right), true) => {
                let op = match name {
                    "lessThan" => CompareOp::Lt,
                    "lessThanOrEqual" => CompareOp::Le,
                    "greaterThan" => CompareOp::Gt,
                    "greaterThanOrEqual" => CompareOp::Ge,
                    _ => return Err(format!("the method `{name}` of a decimal is not understood")),
                };
                let (right, other) = match right {
                    Value::Attr(right, Type::Decimal) => (Operand::Attr(right.clone()), Some(right)),
                    right => (Operand::Value(scalar(&Type::Decimal, &right)?), None),
                };
                let read: Vec<&Attr> = [&left].into_iter().chain(&other).collect();
                Ok(self.reading(Atom::Compare { left: left.clone(), op, right }, false, &read))
            }
            _ => Err(format!("the method `{name}` is not understood here")),
        }
    }

    /// Questions between two sets.
    fn sets(&self, of: Value, name: &str, arg: Value) -> Lifted<Truth> {
        let each = |names: usize, one: &dyn Fn(usize) -> Predicate| (0..names).map(one).collect::<Vec<_>>();
        let agents = self.words.model.agents.len();
        Ok(match (of, name, arg) {
            (Value::Data, "isEmpty", _) => sure(Predicate::DataWithin(ClassSet::new())),
            (Value::Delegates, "isEmpty", _) => sure(Predicate::Hops(0)),
            (Value::Set(parts), "containsAll", Value::Data) => {
                sure(Predicate::DataWithin(self.classes(&entities(parts)?)))
            }
            (Value::Set(parts), "containsAny", Value::Data)
            | (Value::Data, "containsAny", Value::Set(parts)) => {
                sure(Predicate::DataMeets(self.classes(&entities(parts)?)))
            }
            (Value::Data, "containsAll", Value::Set(parts)) => {
                let uids = entities(parts)?;
                let one = |at: usize| Predicate::DataMeets(self.classes(&uids[at..=at]));
                sure(all(each(uids.len(), &one)))
            }
            (Value::Set(parts), "containsAll", Value::Delegates) => {
                sure(Predicate::delegates_within(&self.agents(&entities(parts)?), agents))
            }
            (Value::Set(parts), "containsAny", Value::Delegates)
            | (Value::Delegates, "containsAny", Value::Set(parts)) => {
                sure(Predicate::SomeDelegate(self.agents(&entities(parts)?)))
            }
            (Value::Delegates, "containsAll", Value::Set(parts)) => {
                let uids = entities(parts)?;
                let one = |at: usize| Predicate::SomeDelegate(self.agents(&uids[at..=at]));
                sure(all(each(uids.len(), &one)))
            }
            (Value::Attr(set, Type::Set(ty)), name, Value::Set(parts)) => {
                let values = parts.iter().map(|part| scalar(&ty, part)).collect::<Lifted<_>>()?;
                let read = set.clone();
                let found = match name {
                    "containsAll" => Atom::ContainsAll { set, values },
                    "containsAny" => Atom::ContainsAny { set, values },
                    _ => Atom::SubsetOf { set, values },
                };
                self.reading(found, false, &[&read])
            }
            (Value::Set(parts), name, Value::Attr(set, Type::Set(ty))) => {
                let values = parts.iter().map(|part| scalar(&ty, part)).collect::<Lifted<_>>()?;
                let read = set.clone();
                let found = match name {
                    "containsAll" => Atom::SubsetOf { set, values },
                    _ => Atom::ContainsAny { set, values },
                };
                self.reading(found, false, &[&read])
            }
            _ => return Err(format!("`{name}` of these sets is not understood")),
        })
    }
}
