//! What expressions are worth, as Cedar evaluates them: from left to right, and no further than needed.

use super::extension::{function, method};
use super::{At, Entity, Result, Uid, Value};
use crate::evaluator::matches_pattern;
use crate::targets::cedar::read::tree::{Binary, Expr};

impl At<'_> {
    pub(super) fn eval(&self, expr: &Expr) -> Result<Value> {
        Ok(match expr {
            Expr::Bool(truth) => Value::Bool(*truth),
            Expr::Long(number) => Value::Long(*number),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Entity(uid) => Value::Entity(uid.clone()),
            Expr::Var("principal") => Value::Entity(self.request.principal.clone()),
            Expr::Var("action") => Value::Entity(self.request.action.clone()),
            Expr::Var("resource") => Value::Entity(self.request.resource.clone()),
            Expr::Var(_) => self.request.context.clone(),
            Expr::Set(parts) => Value::Set(parts.iter().map(|part| self.eval(part)).collect::<Result<_>>()?),
            Expr::Record(fields) => {
                let field = |(name, of): &(String, Expr)| Ok((name.clone(), self.eval(of)?));
                Value::Record(fields.iter().map(field).collect::<Result<_>>()?)
            }
            Expr::Not(of) => Value::Bool(!self.truth(of)?),
            Expr::Negative(of) => Value::Long(fits(long(self.eval(of)?)?.checked_neg())?),
            Expr::And(parts) => Value::Bool(self.unless_all(parts, true)?),
            Expr::Or(parts) => Value::Bool(self.unless_all(parts, false)?),
            Expr::If(parts) => {
                let [condition, then, other] = &**parts;
                self.eval(if self.truth(condition)? { then } else { other })?
            }
            Expr::Binary(operator, left, right) => {
                self.binary(*operator, self.eval(left)?, self.eval(right)?)?
            }
            Expr::Has(of, path) => Value::Bool(self.has(self.eval(of)?, path)?),
            Expr::Like(of, pattern) => match self.eval(of)? {
                Value::Text(text) => Value::Bool(matches_pattern(pattern, &text)),
                _ => return Err("what is no text is matched".into()),
            },
            Expr::Is(of, kind, within) => {
                let uid = entity(self.eval(of)?)?;
                match within {
                    Some(of) if uid.kind == *kind => Value::Bool(self.among(&uid, self.eval(of)?)?),
                    Some(_) | None => Value::Bool(uid.kind == *kind),
                }
            }
            Expr::Get(of, name) => self.get(&self.eval(of)?, name)?,
            Expr::Call(name, args) => function(name, &self.eval_all(args)?)?,
            Expr::Method(of, name, args) => self.method(&self.eval(of)?, name, &self.eval_all(args)?)?,
        })
    }

    fn truth(&self, expr: &Expr) -> Result<bool> {
        truth(self.eval(expr)?)
    }

    fn eval_all(&self, exprs: &[Expr]) -> Result<Vec<Value>> {
        exprs.iter().map(|expr| self.eval(expr)).collect()
    }

    /// `go_on`, unless a part is the opposite: what follows that part is not looked at.
    fn unless_all(&self, parts: &[Expr], go_on: bool) -> Result<bool> {
        for part in parts {
            if self.truth(part)? != go_on {
                return Ok(!go_on);
            }
        }
        Ok(go_on)
    }

    fn binary(&self, operator: Binary, left: Value, right: Value) -> Result<Value> {
        let ordered = || match (&left, &right) {
            (Value::Long(left), Value::Long(right))
            | (Value::Datetime(left), Value::Datetime(right))
            | (Value::Duration(left), Value::Duration(right)) => Ok(left.cmp(right)),
            _ => Err("what has no order is compared by it".to_owned()),
        };
        Ok(match operator {
            Binary::Eq => Value::Bool(left == right),
            Binary::Ne => Value::Bool(left != right),
            Binary::Lt => Value::Bool(ordered()?.is_lt()),
            Binary::Le => Value::Bool(ordered()?.is_le()),
            Binary::Gt => Value::Bool(ordered()?.is_gt()),
            Binary::Ge => Value::Bool(ordered()?.is_ge()),
            Binary::Add => Value::Long(fits(long(left)?.checked_add(long(right)?))?),
            Binary::Sub => Value::Long(fits(long(left)?.checked_sub(long(right)?))?),
            Binary::Mul => Value::Long(fits(long(left)?.checked_mul(long(right)?))?),
            Binary::In => Value::Bool(self.among(&entity(left)?, right)?),
        })
    }

    /// The entity is this one or below it, or one of these or below it.
    fn among(&self, uid: &Uid, of: Value) -> Result<bool> {
        // each has to be an entity, whichever is the right one
        let of = match of {
            Value::Set(parts) => parts.into_iter().map(entity).collect::<Result<Vec<_>>>()?,
            of => vec![entity(of)?],
        };
        Ok(of.iter().any(|of| self.entities.is_in(uid, of)))
    }

    fn known(&self, uid: &Uid) -> Option<&Entity> {
        self.entities.0.get(uid)
    }

    /// The attribute, if it is there.
    fn attribute(&self, of: &Value, name: &str) -> Result<Option<Value>> {
        match of {
            Value::Record(fields) => Ok(fields.get(name).cloned()),
            Value::Entity(uid) => Ok(self.known(uid).and_then(|entity| entity.attributes.get(name)).cloned()),
            _ => Err(format!("`{name}` is asked of what has no attributes")),
        }
    }

    fn get(&self, of: &Value, name: &str) -> Result<Value> {
        self.attribute(of, name)?.ok_or_else(|| format!("there is no attribute `{name}`"))
    }

    /// The attributes are there, one in the other.
    fn has(&self, mut of: Value, path: &[String]) -> Result<bool> {
        for name in path {
            match self.attribute(&of, name)? {
                Some(found) => of = found,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn method(&self, of: &Value, name: &str, args: &[Value]) -> Result<Value> {
        let tag = |uid: &Uid, key: &String| self.known(uid).and_then(|entity| entity.tags.get(key));
        Ok(match (of, name, args) {
            (Value::Set(of), "isEmpty", []) => Value::Bool(of.is_empty()),
            (Value::Set(of), "contains", [one]) => Value::Bool(of.contains(one)),
            (Value::Set(of), "containsAll", [Value::Set(some)]) => Value::Bool(some.is_subset(of)),
            (Value::Set(of), "containsAny", [Value::Set(some)]) => Value::Bool(!some.is_disjoint(of)),
            (Value::Entity(uid), "hasTag", [Value::Text(key)]) => Value::Bool(tag(uid, key).is_some()),
            (Value::Entity(uid), "getTag", [Value::Text(key)]) => {
                tag(uid, key).cloned().ok_or_else(|| format!("there is no tag `{key}`"))?
            }
            _ => method(of, name, args)?,
        })
    }
}

pub(super) fn truth(value: Value) -> Result<bool> {
    match value {
        Value::Bool(truth) => Ok(truth),
        _ => Err("a condition is no truth".into()),
    }
}

fn long(value: Value) -> Result<i64> {
    match value {
        Value::Long(number) => Ok(number),
        _ => Err("what is calculated with is no number".into()),
    }
}

fn fits(number: Option<i64>) -> Result<i64> {
    number.ok_or_else(|| "a number has more than 64 bits".into())
}

fn entity(value: Value) -> Result<Uid> {
    match value {
        Value::Entity(uid) => Ok(uid),
        _ => Err("what is no entity is looked for among entities".into()),
    }
}
