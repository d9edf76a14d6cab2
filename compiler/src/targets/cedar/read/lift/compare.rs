//! Comparisons.

use super::super::tree::{Binary, Expr};
use super::truth::{Truth, all, any, constant, sure};
use super::value::{Value, scalar};
use super::words::entities;
use super::{Calls, Lifted};
use crate::model::*;
use crate::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;

impl Calls<'_> {
    pub(super) fn binary(&self, operator: Binary, left: &Expr, right: &Expr) -> Lifted<Truth> {
        let op = match operator {
            Binary::Eq => CompareOp::Eq,
            Binary::Ne => CompareOp::Ne,
            Binary::Lt => CompareOp::Lt,
            Binary::Le => CompareOp::Le,
            Binary::Gt => CompareOp::Gt,
            Binary::Ge => CompareOp::Ge,
            Binary::In => return self.is_in(left, right),
            Binary::Add | Binary::Sub | Binary::Mul => return Err("a number stands for a condition".into()),
        };
        match (self.value(left)?, self.value(right)?) {
            (Value::Attr(left, ty), Value::Attr(right, other)) if ty == other => {
                if !matches!(op, CompareOp::Eq | CompareOp::Ne) && !is_long(&ty) {
                    return Err("values that have no order are compared by it".into());
                }
                if matches!(ty, Type::Set(_) | Type::Opaque) {
                    return Err("two sets are compared".into());
                }
                let found = Atom::Compare { left: left.clone(), op, right: Operand::Attr(right.clone()) };
                Ok(self.reading(found, false, &[&left, &right]))
            }
            (Value::Attr(attr, ty), other) => self.compare(attr, &ty, op, &other),
            (other, Value::Attr(attr, ty)) => self.compare(attr, &ty, op.turned(), &other),
            (Value::Age, Value::Long(most)) => Ok(sure(number(op, most, Predicate::Age))),
            (Value::Hops, Value::Long(most)) => {
                Ok(sure(number(op, most, |most| match usize::try_from(most) {
                    Ok(most) => Predicate::Hops(most),
                    Err(_) => constant(most > 0),
                })))
            }
            (Value::Host(attr), Value::Text(text)) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                let found = Atom::Host { attr: attr.clone(), host: text.into(), below: false };
                Ok(self.reading(found, op == CompareOp::Ne, &[&attr]))
            }
            (of, Value::Entity(uid)) | (Value::Entity(uid), of) => {
                let holds = self.is(&of, std::slice::from_ref(&uid))?;
                match op {
                    CompareOp::Eq => Ok(sure(holds)),
                    CompareOp::Ne => Ok(sure(holds.negate())),
                    _ => Err("entities are compared by order".into()),
                }
            }
            _ => Err("this comparison is not understood".into()),
        }
    }

    fn compare(&self, attr: Attr, ty: &Type, op: CompareOp, with: &Value) -> Lifted<Truth> {
        let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
        if !equality && !is_long(ty) {
            return Err("values that have no order are compared by it".into());
        }
        if let (Type::Authn, Value::Long(level)) = (ty, with) {
            let ordered = |have: i64| match op {
                CompareOp::Eq => have == *level,
                CompareOp::Ne => have != *level,
                CompareOp::Lt => have < *level,
                CompareOp::Le => have <= *level,
                CompareOp::Gt => have > *level,
                CompareOp::Ge => have >= *level,
            };
            if !(0..Authn::ALL.len() as i64).contains(level) {
                let values = Authn::ALL.into_iter().filter(|have| ordered(*have as i64));
                let values = values.map(crate::model::Value::Authn).collect();
                return Ok(self.reading(Atom::OneOf { attr: attr.clone(), values }, false, &[&attr]));
            }
        }
        let value = scalar(ty, with)?;
        self.compare_value(attr, ty, op, value)
    }

    pub(super) fn compare_value(
        &self,
        attr: Attr,
        ty: &Type,
        op: CompareOp,
        value: crate::model::Value,
    ) -> Lifted<Truth> {
        if matches!(ty, Type::Set(_) | Type::Opaque) {
            return Err("a set is compared".into());
        }
        let found = Atom::Compare { left: attr.clone(), op, right: Operand::Value(value) };
        Ok(self.reading(found, false, &[&attr]))
    }

    fn is_in(&self, left: &Expr, right: &Expr) -> Lifted<Truth> {
        let uids = match self.value(right)? {
            Value::Entity(uid) => vec![uid],
            Value::Set(parts) => entities(parts)?,
            _ => return Err("`in` something else than entities".into()),
        };
        Ok(sure(self.is(&self.value(left)?, &uids)?))
    }
}

fn is_long(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Instant | Type::Duration | Type::Authn)
}

/// A count compared with a number, by what says that it is at most so much.
fn number(op: CompareOp, with: i64, at_most: impl Fn(i64) -> Predicate) -> Predicate {
    let below = || with.checked_sub(1).map_or(Predicate::FALSE, &at_most);
    match op {
        CompareOp::Le => at_most(with),
        CompareOp::Lt => below(),
        CompareOp::Gt => at_most(with).negate(),
        CompareOp::Ge => below().negate(),
        CompareOp::Eq => all([at_most(with), below().negate()]),
        CompareOp::Ne => any([at_most(with).negate(), below()]),
    }
}
