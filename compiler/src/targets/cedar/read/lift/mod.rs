//! Expressions of policies as predicates over source requests, by evaluating them symbolically.
//!
//! Cedar knows three results: true, false and an error, and a policy that errs is skipped, a
//! forbid too. So a truth here is two predicates: when it holds, and when it errs. A clause that
//! forgets to ask `has` errs where the attribute is absent, and a forbid that errs denies nothing:
//! that is how a dropped guard is found out.

mod compare;
mod sets;
mod texts;
mod truth;
mod value;
mod words;

pub use truth::all;
pub use words::Words;

use super::tree::{Binary, Expr};
use crate::model::*;
use crate::targets::cedar::text::NAMESPACE;
use crate::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;
use std::collections::BTreeSet;
use truth::{Truth, any, atom, constant, has, knowing, never, present, sure};
use value::Value;

/// Calls to operations that agree on the types of the arguments that a policy names.
pub struct Calls<'a> {
    /// The names that it speaks in.
    pub words: &'a Words<'a>,
    /// The operations.
    pub ops: OpSet,
}

type Lifted<T> = Result<T, String>;

impl Calls<'_> {
    /// When the expression is true, and when it errs; the error is what of it is not understood.
    pub fn truth(&self, expr: &Expr) -> Lifted<Truth> {
        match expr {
            Expr::Bool(value) => Ok(sure(constant(*value))),
            Expr::Not(inner) => {
                let Truth { holds, errs } = self.truth(inner)?;
                Ok(Truth { holds: all([holds.negate(), never(&errs)]), errs })
            }
            Expr::And(parts) => self.and(parts),
            Expr::Or(parts) => match self.under(parts) {
                Some(truth) => Ok(truth),
                None => self.or(parts),
            },
            Expr::If(parts) => {
                let [condition, then, other] = &**parts;
                let condition = self.truth(condition)?;
                let (then, other) = (self.truth(then)?, self.truth(other)?);
                let known = present(&condition.holds);
                let not = all([condition.holds.clone().negate(), never(&condition.errs)]);
                Ok(Truth {
                    holds: any([all([condition.holds.clone(), then.holds]), all([not.clone(), other.holds])]),
                    errs: any([
                        condition.errs,
                        all([condition.holds, knowing(then.errs, &known)]),
                        all([not, other.errs]),
                    ]),
                })
            }
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right),
            Expr::Has(of, path) => match (self.value(of)?, path.as_slice()) {
                (Value::Args, [name]) => Ok(sure(has(&Attr::Arg(name.as_str().into())))),
                (Value::Session, [name]) => Ok(sure(has(&Attr::Session(name.as_str().into())))),
                (Value::Context, [name]) => self.value(&get(of, name)).map(|_| sure(Predicate::TRUE)),
                _ => Err(format!("`has {}` of something else than arguments or session", path.join("."))),
            },
            Expr::Like(of, pattern) => self.like(of, pattern),
            Expr::Is(of, kind, None) => {
                let meant = match self.value(of)? {
                    Value::Principal => "Agent",
                    Value::Action => "Action",
                    Value::Resource => "Tool",
                    Value::Purpose => "Purpose",
                    _ => return Err(format!("`is {kind}` of what is no entity of the request")),
                };
                Ok(sure(constant(*kind == format!("{NAMESPACE}::{meant}"))))
            }
            Expr::Method(of, name, args) => self.method(of, name, args),
            Expr::Get(..) => match self.value(expr)? {
                Value::Attr(attr, Type::Bool) => {
                    self.compare_value(attr, &Type::Bool, CompareOp::Eq, crate::model::Value::Bool(true))
                }
                _ => Err("an attribute that is no boolean stands for a condition".into()),
            },
            Expr::Is(_, _, Some(_)) => Err("`is … in` is not understood".into()),
            Expr::Long(_)
            | Expr::Text(_)
            | Expr::Entity(_)
            | Expr::Var(_)
            | Expr::Set(_)
            | Expr::Record(_)
            | Expr::Negative(_)
            | Expr::Call(..) => Err("what stands for a condition is none".into()),
        }
    }

    /// From left to right: what follows is looked at only where all before it is true.
    fn and(&self, parts: &[Expr]) -> Lifted<Truth> {
        let mut flat = Vec::new();
        flatten(parts, &mut flat);
        let approvals = self.approvals(&mut flat)?;
        let mut holds = approvals;
        let mut errs = Vec::new();
        let mut known = BTreeSet::new();
        for part in flat {
            let truth = self.truth(part)?;
            let err = knowing(truth.errs, &known);
            if err != Predicate::FALSE {
                errs.push(all(holds.iter().cloned().chain([err])));
            }
            known.extend(present(&truth.holds));
            holds.push(truth.holds);
        }
        Ok(Truth { holds: all(holds), errs: any(errs) })
    }

    /// From left to right: what follows is looked at only where all before it is false.
    fn or(&self, parts: &[Expr]) -> Lifted<Truth> {
        let (mut holds, mut errs): (Vec<Predicate>, Vec<Predicate>) = (Vec::new(), Vec::new());
        // that no part before errs: that none holds need not be said of what holds
        let (mut unerring, mut before) = (Vec::new(), Vec::new());
        for part in parts {
            let truth = self.truth(part)?;
            holds.push(all(unerring.iter().cloned().chain([truth.holds.clone()])));
            if truth.errs != Predicate::FALSE {
                errs.push(all(before.iter().cloned().chain([truth.errs.clone()])));
                unerring.push(any([truth.holds.clone(), never(&truth.errs)]));
            }
            before.push(truth.holds.negate());
        }
        Ok(Truth { holds: any(holds), errs: any(errs) })
    }

    /// Takes the approvals out of a conjunction. One is asked for in three parts, and only all
    /// three together are understood: it is there, not in the future, and not too old.
    fn approvals(&self, parts: &mut Vec<&Expr>) -> Lifted<Vec<Predicate>> {
        let mut found = Vec::new();
        while let Some(at) =
            parts.iter().position(|part| matches!(part, Expr::Has(of, _) if **of == field("approvals")))
        {
            let Expr::Has(_, path) = parts.remove(at) else { continue };
            let [name] = path.as_slice() else { return Err("an approval of an approval".into()) };
            let given = get(&field("approvals"), name);
            let now = || Box::new(field("now"));
            let past = Expr::Binary(Binary::Le, Box::new(given.clone()), now());
            let recent = |part: &Expr| match part {
                Expr::Binary(Binary::Le, left, right) if **right == given => match &**left {
                    Expr::Binary(Binary::Sub, from, within) if *from == now() => match **within {
                        Expr::Long(within) if within >= 0 => Some(within),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            };
            let position = parts.iter().position(|part| **part == past);
            let position = position.filter(|&position| position >= at);
            let Some(position) = position else {
                return Err(format!("the approval of `{name}` may lie in the future"));
            };
            parts.remove(position);
            let position = (at..parts.len()).find_map(|at| Some((at, recent(parts[at])?)));
            let Some((position, within)) = position else {
                return Err(format!("the approval of `{name}` may be of any age"));
            };
            parts.remove(position);
            let by =
                self.words.model.principal_named(name).filter(|&by| {
                    matches!(self.words.model.principal(by).kind, PrincipalKind::Person { .. })
                });
            found.push(match by {
                Some(by) => atom(Atom::Approved(Demand { by, within, independent: false }), false),
                None => Predicate::FALSE,
            });
        }
        Ok(found)
    }
}

fn field(name: &str) -> Expr {
    get(&Expr::Var("context"), name)
}

fn get(of: &Expr, name: &str) -> Expr {
    Expr::Get(Box::new(of.clone()), name.to_owned())
}

fn flatten<'e>(parts: &'e [Expr], flat: &mut Vec<&'e Expr>) {
    for part in parts {
        match part {
            Expr::And(inner) => flatten(inner, flat),
            other => flat.push(other),
        }
    }
}
