//! Expressions of policies as predicates over source requests, by evaluating them symbolically.
//!
//! Cedar knows three results: true, false and an error, and a policy that errs is skipped, a
//! forbid too. So a truth here is two predicates: when it holds, and when it errs. A clause that
//! forgets to ask `has` errs where the attribute is absent, and a forbid that errs denies nothing:
//! that is how a dropped guard is found out.

use super::super::text::NAMESPACE;
use super::tree::{Binary, Expr, Uid};
use crate::model::*;
use crate::targets::reading::Predicate;
use crate::types::value::{decimal_from_text, parse_cidr, parse_ip};
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};
use std::collections::BTreeSet;

/// When an expression is true, and when it errs; else it is false.
pub struct Truth {
    /// It is true.
    pub holds: Predicate,
    /// It errs.
    pub errs: Predicate,
}

/// What a sub-expression stands for.
enum Value {
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

/// Calls to operations that agree on the types of the arguments that a policy names.
pub struct Calls<'a> {
    /// The model.
    pub model: &'a Model,
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
            let by = self
                .model
                .principal_named(name)
                .filter(|&by| matches!(self.model.principal(by).kind, PrincipalKind::Person { .. }));
            found.push(match by {
                Some(by) => atom(Atom::Approved(Demand { by, within, independent: false }), false),
                None => Predicate::FALSE,
            });
        }
        Ok(found)
    }

    fn value(&self, expr: &Expr) -> Lifted<Value> {
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
                ("decimal", [Expr::Text(text)]) => match decimal_from_text(text) {
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
                "args" => Value::Args,
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
            Value::Session => self.typed(Attr::Session(name.into()), self.model.session.get(name).cloned()),
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
        let op = self.model.op(self.ops.first()?);
        self.model.tool(op.tool).args.get(name)
    }

    /// When reading the attribute errs.
    fn missing(&self, attr: &Attr) -> Predicate {
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
    fn reading(&self, found: Atom, negated: bool, attrs: &[&Attr]) -> Truth {
        Truth { holds: atom(found, negated), errs: any(attrs.iter().map(|attr| self.missing(attr))) }
    }

    fn binary(&self, operator: Binary, left: &Expr, right: &Expr) -> Lifted<Truth> {
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
            (other, Value::Attr(attr, ty)) => self.compare(attr, &ty, flipped(op), &other),
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

    fn compare_value(
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

    /// The variable is one of these, or below: of all entities only actions have any above them.
    fn is(&self, of: &Value, uids: &[Uid]) -> Lifted<Predicate> {
        Ok(match of {
            Value::Principal => Predicate::Root(self.agents(uids)),
            Value::Resource => Predicate::Op(tools(self.model, uids)),
            Value::Action => Predicate::Op(actions(self.model, uids)),
            Value::Purpose => {
                let named = named(uids, "Purpose").filter_map(|name| self.model.purpose_named(name));
                atom(Atom::Purpose(named.collect()), false)
            }
            _ => return Err("an entity is compared with something else".into()),
        })
    }

    fn agents(&self, uids: &[Uid]) -> AgentSet {
        named(uids, "Agent").filter_map(|name| self.model.agent_named(name)).collect()
    }

    fn classes(&self, uids: &[Uid]) -> ClassSet {
        named(uids, "DataClass").filter_map(|name| self.model.class_named(name)).collect()
    }

    fn like(&self, of: &Expr, pattern: &Pattern) -> Lifted<Truth> {
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
    fn under(&self, parts: &[Expr]) -> Option<Truth> {
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

    fn method(&self, of: &Expr, name: &str, args: &[Expr]) -> Lifted<Truth> {
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
        let agents = self.model.agents.len();
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

/// The operations whose tool is one of these.
pub fn tools(model: &Model, uids: &[Uid]) -> OpSet {
    let tools = named(uids, "Tool").filter_map(|name| model.tool_named(name));
    tools.flat_map(|tool| model.ops_of(tool).collect::<Vec<_>>()).collect()
}

/// The operations that are one of these actions, or in one of these groups.
pub fn actions(model: &Model, uids: &[Uid]) -> OpSet {
    let names: BTreeSet<&str> = named(uids, "Action").collect();
    let groups = super::super::groups::Groups::new(model);
    let meant = |op: &OpId| {
        names.contains(model.op_name(*op).as_str())
            || groups.of(*op).any(|group| names.contains(group.as_str()))
    };
    (0..model.ops.len()).map(OpId::at).filter(meant).collect()
}

/// The ids of those of a type of ours.
fn named<'u>(uids: &'u [Uid], kind: &'u str) -> impl Iterator<Item = &'u str> {
    let of_kind =
        move |uid: &&Uid| uid.kind.strip_prefix(NAMESPACE).and_then(|k| k.strip_prefix("::")) == Some(kind);
    uids.iter().filter(of_kind).map(|uid| uid.id.as_str())
}

fn entities(parts: Vec<Value>) -> Lifted<Vec<Uid>> {
    let uid = |part| match part {
        Value::Entity(uid) => Ok(uid),
        _ => Err("a set of entities holds something else".to_owned()),
    };
    parts.into_iter().map(uid).collect()
}

/// A constant as a value of an attribute's type.
fn scalar(ty: &Type, value: &Value) -> Lifted<crate::model::Value> {
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

fn is_long(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Instant | Type::Duration | Type::Authn)
}

fn flipped(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq | CompareOp::Ne => op,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
    }
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

fn sure(holds: Predicate) -> Truth {
    Truth { holds, errs: Predicate::FALSE }
}

fn constant(value: bool) -> Predicate {
    if value { Predicate::TRUE } else { Predicate::FALSE }
}

fn atom(atom: Atom, negated: bool) -> Predicate {
    Predicate::Cond(Cond::Literal(Literal { atom, negated, absent: false }))
}

fn has(attr: &Attr) -> Predicate {
    atom(Atom::Has(attr.clone()), false)
}

/// That it does not err.
fn never(errs: &Predicate) -> Predicate {
    if *errs == Predicate::FALSE { Predicate::TRUE } else { errs.clone().negate() }
}

/// The attributes that are there whenever this holds.
fn present(holds: &Predicate) -> BTreeSet<Attr> {
    match holds {
        Predicate::All(parts) => parts.iter().flat_map(present).collect(),
        Predicate::Cond(Cond::Literal(Literal { atom: Atom::Has(attr), negated: false, .. })) => {
            BTreeSet::from([attr.clone()])
        }
        _ => BTreeSet::new(),
    }
}

/// What is left of an error where these attributes are there.
fn knowing(errs: Predicate, known: &BTreeSet<Attr>) -> Predicate {
    match errs {
        Predicate::All(parts) => all(parts.into_iter().map(|part| knowing(part, known))),
        Predicate::Any(parts) => any(parts.into_iter().map(|part| knowing(part, known))),
        Predicate::Not(inner) => match &*inner {
            Predicate::Cond(Cond::Literal(Literal { atom: Atom::Has(attr), negated: false, .. }))
                if known.contains(attr) =>
            {
                Predicate::FALSE
            }
            _ => Predicate::Not(inner),
        },
        other => other,
    }
}

/// Every one holds; constants are folded.
pub fn all(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    let mut kept: Vec<_> = parts.into_iter().filter(|part| *part != Predicate::TRUE).collect();
    match kept.len() {
        _ if kept.contains(&Predicate::FALSE) => Predicate::FALSE,
        1 => kept.remove(0),
        _ => Predicate::All(kept),
    }
}

/// At least one holds; constants are folded.
pub fn any(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    let mut kept: Vec<_> = parts.into_iter().filter(|part| *part != Predicate::FALSE).collect();
    match kept.len() {
        _ if kept.contains(&Predicate::TRUE) => Predicate::TRUE,
        1 => kept.remove(0),
        _ => Predicate::Any(kept),
    }
}
