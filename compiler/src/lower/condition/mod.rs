//! Conditions: typed, and brought into negation normal form in one walk.
//!
//! The walk carries the number of `not`s passed, odd or even; at an atom it is applied: to a
//! comparison by turning its operator round, to anything else as the literal's `negated`. What
//! a literal is worth when an attribute is absent is the context's and the same for all
//! literals of a condition (see [`crate::model::Literal`]).

pub(super) mod attribute;
pub(super) mod compare;
pub(super) mod text;

use super::scope::{Lowered, Reported, Scope};
use super::zoned;
use crate::diagnostic::{Explanation, error};
use crate::model::{self, *};
use bailiwick_grammar::At;
use bailiwick_grammar::ast::{CompareOp, Condition, Literal as Lit, Name, Operand as Expr};

/// Where a condition stands.
#[derive(Clone, Copy)]
pub(crate) struct Context<'e> {
    /// The operations that it governs: it may name the arguments that all of them have.
    pub ops: &'e OpSet,
    /// What a literal is worth when an attribute is absent.
    pub absent: bool,
    /// The life of the grant it belongs to, for zoned times.
    pub life: Life,
}

/// Whether a condition belongs to a grant, and for how long that lives.
#[derive(Clone, Copy)]
pub(crate) enum Life {
    /// It belongs to no grant.
    None,
    /// It belongs to a grant, with its start and end as far as they are stated.
    Grant(Option<i64>, Option<i64>),
}

impl<'e> Context<'e> {
    /// A condition that must be true: in ceilings, needs, holdings, `always`.
    pub fn strict(ops: &'e OpSet) -> Self {
        Self { ops, absent: false, life: Life::None }
    }

    /// A condition that counts unless it is false: in forbids, legs, duties, `never`, `only`.
    pub fn lenient(ops: &'e OpSet) -> Self {
        Self { ops, absent: true, life: Life::None }
    }
}

impl Scope<'_> {
    /// An optional condition; true when there is none.
    pub fn condition(&mut self, context: Context, condition: Option<&At<Condition>>) -> Lowered<Cond> {
        let Some(condition) = condition else { return Ok(Cond::TRUE) };
        let reported = self.diagnostics.len();
        match self.walk(context, condition, false) {
            // It governs no call, so there is no signature to read its arguments against, and it decides nothing.
            Err(Reported) if context.ops.is_empty() && self.diagnostics.len() == reported => {
                Ok(if context.absent { Cond::FALSE } else { Cond::TRUE })
            }
            read => read,
        }
    }

    fn walk(&mut self, context: Context, condition: &At<Condition>, negated: bool) -> Lowered<Cond> {
        let span = condition.span;
        let atom = match &condition.node {
            Condition::Not(inner) => return self.walk(context, inner, !negated),
            Condition::And(parts) | Condition::Or(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.walk(context, part, negated)).collect();
                let parts = parts.into_iter().collect::<Lowered<Vec<_>>>()?;
                let all = matches!(condition.node, Condition::And(_)) != negated;
                return Ok(if all { all_of(parts) } else { any_of(parts) });
            }
            Condition::Bare(operand) => return self.bare(context, operand, negated),
            Condition::Compare { left, op, right } => {
                return self.compare(context, left, *op, right, span, negated);
            }
            Condition::In { operand, values, negated: not_in } => {
                return self.one_of(context, operand, values, negated != *not_in);
            }
            Condition::Contains { operand, element } => {
                let (set, ty) = self.set_attr(context, operand)?;
                let element = self.comparand(context, element, &ty)?;
                Atom::Contains { set, element }
            }
            Condition::ContainsAll { operand, values } => {
                let (set, ty) = self.set_attr(context, operand)?;
                Atom::ContainsAll { set, values: self.constants(context, values, &ty)? }
            }
            Condition::ContainsAny { operand, values } => {
                let (set, ty) = self.set_attr(context, operand)?;
                Atom::ContainsAny { set, values: self.constants(context, values, &ty)? }
            }
            Condition::SubsetOf { operand, values } => {
                let (set, ty) = self.set_attr(context, operand)?;
                Atom::SubsetOf { set, values: self.constants(context, values, &ty)? }
            }
            Condition::Like { operand, pattern } => self.like(context, operand, pattern, span)?,
            Condition::Under { operand, base } => self.under(context, operand, base)?,
            Condition::Host { operand, host } => self.host(context, operand, host)?,
            Condition::Has(operand) => {
                let (attr, _) = self.attribute(context, operand)?;
                match attr {
                    Attr::Now | Attr::Started | Attr::Authn => return Ok(constant(!negated)),
                    Attr::Arg(_) | Attr::Session(_) => Atom::Has(attr),
                }
            }
            Condition::Approved { by, within, independent } => {
                Atom::Approved(self.demand(by, *within, *independent)?)
            }
            Condition::During { days, hours, zone } => {
                let days = self.days(days);
                let hours = self.hours(hours);
                let zone = self.zone(zone);
                let life = self.life(context.life, span);
                let ranges = zoned::expand(&zone?, &days?, hours?, life?);
                match ranges {
                    Some(ranges) => Atom::During(ranges),
                    None => {
                        return Err(self.report(
                            error(
                                "too-many-intervals",
                                "this zoned time makes too many intervals over the grant's life",
                            )
                            .help("let the grant expire sooner"),
                            span,
                        ));
                    }
                }
            }
        };
        Ok(literal(context, atom, negated))
    }

    /// An attribute of type `bool`, or `true` and `false`.
    fn bare(&mut self, context: Context, operand: &At<Expr>, negated: bool) -> Lowered<Cond> {
        if let Expr::Literal(Lit::Bool(value)) = operand.node {
            return Ok(constant(value != negated));
        }
        let (left, ty) = self.attribute(context, operand)?;
        if ty != Type::Bool {
            return Err(self.not_a(operand, &ty, "a bool, to stand alone"));
        }
        let right = model::Operand::Value(Value::Bool(true));
        Ok(literal(context, Atom::Compare { left, op: CompareOp::Eq, right }, negated))
    }

    /// An approval that is asked for.
    pub fn demand(&mut self, by: &Name, within: At<i64>, independent: bool) -> Lowered<Demand> {
        let who = self.principal(by);
        let within = self.positive(within, "an approval's age");
        Ok(Demand { by: who?, within: within?, independent })
    }

    /// A duration of a second or more.
    pub fn positive(&mut self, seconds: At<i64>, what: &str) -> Lowered<i64> {
        if seconds.node > 0 {
            return Ok(seconds.node);
        }
        let problem = error("zero-duration", format!("{what} of no time at all can never be kept"))
            .help("state a duration of a second or more, say `15m`");
        Err(self.report(problem, seconds.span))
    }
}

fn literal(context: Context, atom: Atom, negated: bool) -> Cond {
    Cond::Literal(Literal { atom, negated, absent: context.absent })
}

fn constant(value: bool) -> Cond {
    if value { Cond::TRUE } else { Cond::FALSE }
}

/// The conjunction, flat, without what is trivially true.
fn all_of(parts: Vec<Cond>) -> Cond {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Cond::All(inner) => flat.extend(inner),
            Cond::Any(inner) if inner.is_empty() => return Cond::FALSE,
            part => flat.push(part),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Cond::All(flat) }
}

/// The disjunction, flat, without what is trivially false.
fn any_of(parts: Vec<Cond>) -> Cond {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Cond::Any(inner) => flat.extend(inner),
            Cond::All(inner) if inner.is_empty() => return Cond::TRUE,
            part => flat.push(part),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Cond::Any(flat) }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "zero-duration",
        "a ttl, an approval's age or a review cadence of no time at all",
        "it can never be kept",
        "person alice { email \"alice@acme.example\" }\nforbid f { when not approved by alice within 0s }\n",
        "state a duration of a second or more",
    ),
    Explanation::error(
        "too-many-intervals",
        "a zoned time expands to more intervals than engines can bear",
        "every weekday of a hundred years is a rule of 26,000 lines",
        "purpose p { \"Work.\" }\nperson alice { email \"alice@acme.example\" }\nagent a { owner alice }\ntool t { effect read  touches nothing }\ngrant g { to a for p  allow t  when during weekdays in Europe/Berlin  starts 1970-01-01  expires 2199-12-31 }\n",
        "let the grant expire sooner",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile_text;

    const GROUND: &str = "purpose p { \"Work.\" }\npurpose q { \"Rest.\" }\nperson alice { email \"a@acme.example\" }\n\
        agent a { owner alice }\ntool t { arg n: int  arg m: int  arg s: string  arg ip: ip  arg set: set<string>  effect read  touches nothing }\n";

    fn in_grant(condition: &str) -> Cond {
        let text = format!("{GROUND}grant g {{ to a for p  allow t where {condition} }}");
        let found = compile_text(&[("main", &text)]);
        assert_eq!(found.diagnostics.as_slice(), [], "{condition}");
        found.model.grants[0].lines[0].cond.clone()
    }

    fn in_forbid(condition: &str) -> Cond {
        let text = format!("{GROUND}forbid f {{ tools t  when {condition} }}");
        let found = compile_text(&[("main", &text)]);
        assert_eq!(found.diagnostics.as_slice(), [], "{condition}");
        found.model.forbids[0].when.clone()
    }

    #[test]
    fn negation_goes_inwards_and_turns_operators_round() {
        let same = |a: &str, b: &str| assert_eq!(in_grant(a), in_grant(b), "{a} / {b}");
        same("not (args.n > 5 or args.s == \"x\")", "args.n <= 5 and args.s != \"x\"");
        same("not (args.n >= 5 and not args.m < 5)", "args.n < 5 or args.m < 5");
        same("5 < args.n", "args.n > 5");
        same("not args.s in (\"x\", \"y\")", "args.s not in (\"x\", \"y\")");
        same("not purpose == p", "purpose != p");
        same("args.n == 1 and (args.m == 2 and true)", "args.n == 1 and args.m == 2");
        assert_eq!(in_grant("args.n == 1 or true"), Cond::TRUE);
        assert_eq!(in_grant("args.n == 1 and not has now"), Cond::FALSE);
    }

    #[test]
    fn what_is_absent_never_widens() {
        for condition in
            ["args.n > 5", "not args.n > 5", "args.set contains args.s", "not args.ip in \"10.0.0.0/8\""]
        {
            assert!(in_grant(condition).literals().iter().all(|literal| !literal.absent), "{condition}");
            assert!(in_forbid(condition).literals().iter().all(|literal| literal.absent), "{condition}");
        }
    }

    #[test]
    fn attributes_in_a_list_are_compared_one_by_one() {
        assert_eq!(in_grant("args.n in (args.m, 5)"), in_grant("args.n == args.m or args.n in (5)"));
        assert_eq!(in_grant("args.n not in (args.m, 5)"), in_grant("args.n != args.m and args.n not in (5)"));
        assert_eq!(in_grant("args.ip in (\"10.0.0.1\")"), in_grant("args.ip in \"10.0.0.1/32\""));
    }
}
