//! What a test on a condition key says of a request of the language.

use super::document::Test;
use super::evaluate::Values;
use super::operator::{Constant, ONE, Operator, Order, Quantifier, fits};
use super::pattern::{Pattern, Token, fold};
use super::predicate::{Both, all, any, equals, not};
use super::text::{Resolve, TypeOf, text_is, values_of};
use crate::model::*;
use crate::targets::iam::approval;
use crate::targets::iam::request::key_text;
use crate::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;
use std::collections::BTreeSet;

/// What a condition key carries.
#[derive(Clone, Debug)]
pub enum Key {
    /// The time, in whole seconds as the language has it; IAM's clock is finer.
    Now,
    /// An attribute's text.
    Attr(Attr),
    /// The same text always.
    Fixed(String),
    /// An approval that still counts. A session may lack the tag though somebody approved, so it is
    /// read only where lacking it allows less.
    Approval(Demand),
    /// It is never there.
    Absent,
    /// Anything: the request of the language does not say.
    Anything,
}

/// What the test says; an error says what cannot be told.
pub fn says(
    model: &Model,
    test: &Test,
    key: &Key,
    type_of: TypeOf,
    resolve: Resolve,
) -> Result<Both, String> {
    let sure = |truth: bool| Both::sure(if truth { Predicate::TRUE } else { Predicate::FALSE });
    let nothing = |_: &str| None;
    match key {
        Key::Anything => Ok(Both::unknown()),
        Key::Absent => Ok(sure(test.holds_of(None, &nothing))),
        Key::Fixed(text) => {
            if test.constants.iter().any(has_variable) {
                return Err(format!("`{}` is held against a policy variable", test.key));
            }
            if test.negated && !compares(test.operator, &Type::String) {
                return Err(apart(test));
            }
            Ok(sure(test.holds_of(Some(&Values::One(text.as_str().into())), &nothing)))
        }
        Key::Now if test.operator == Operator::Null => {
            Ok(sure(test.constants.contains(&Constant::Bool(false))))
        }
        Key::Now => {
            let times: Result<Vec<Both>, String> = test.constants.iter().map(|one| time(test, one)).collect();
            let one = Both::any(times?);
            Ok(if test.negated { one.negate() } else { one })
        }
        Key::Approval(demand) => approved(test, demand),
        Key::Attr(attr) => attribute(model, test, attr, type_of, resolve),
    }
}

/// A test for an approval.
fn approved(test: &Test, demand: &Demand) -> Result<Both, String> {
    let exactly = Operator::String { like: false, ignore_case: false };
    let given = |constant: &Constant| {
        let text = constant.text().and_then(Pattern::literal);
        text.as_deref() == Some(approval::GIVEN)
    };
    let plain = test.operator == exactly && test.quantifier == Quantifier::Single;
    if !plain || test.negated || test.if_exists || !test.constants.iter().all(given) {
        return Err(format!("`{}` stands for an approval, and is not tested for one", test.key));
    }
    Ok(Both::sure(Predicate::atom(Atom::Approved(demand.clone()))))
}

/// Why a negative test on what is of another kind is not understood.
fn apart(test: &Test) -> String {
    format!("`{}` is held apart from what is of another kind", test.key)
}

/// Whether every value of the type is of the kind that the operator compares. Nobody says what IAM
/// makes of a text that is no number and is to differ from one: a negative test on it is not understood.
fn compares(operator: Operator, ty: &Type) -> bool {
    match operator {
        Operator::String { .. } | Operator::Null => true,
        Operator::Numeric(_) => matches!(ty, Type::Int | Type::Decimal | Type::Duration),
        Operator::Date(_) => *ty == Type::Instant,
        Operator::Bool => *ty == Type::Bool,
        Operator::Ip => *ty == Type::Ip,
        Operator::Arn => false,
    }
}

fn has_variable(constant: &Constant) -> bool {
    matches!(constant, Constant::Text(pattern) if pattern.variables().next().is_some())
}

/// A test on the time: seconds in the language, finer in AWS.
fn time(test: &Test, constant: &Constant) -> Result<Both, String> {
    const NANOS: i128 = 1_000_000_000;
    let (order, nanos) = match (test.operator, constant) {
        (Operator::Date(order), Constant::Instant(nanos)) => (order, *nanos),
        // `aws:CurrentTime` is a text, and no number fits it
        (Operator::Numeric(order), Constant::Number(number))
            if test.key.eq_ignore_ascii_case("aws:EpochTime") =>
        {
            (order, *number / (ONE / NANOS))
        }
        _ => return Err(format!("`{}` is compared as if it were no time", test.key)),
    };
    // A second `s` of the language is the span [s, s + 1) there.
    let least = |second: i128| {
        bound(second, |second| Predicate::compare(&Attr::Now, CompareOp::Ge, Value::Instant(second)))
    };
    let below = |second: i128| not(least(second));
    let (floor, ceil) = (nanos.div_euclid(NANOS), -(-nanos).div_euclid(NANOS));
    Ok(match order {
        // Some instant of the second is before it: the second starts before it.
        Order::Less => Both { some: below(ceil), every: below(floor) },
        Order::LessOrEqual => Both { some: below(floor + 1), every: below(floor) },
        Order::Greater => Both { some: least(floor), every: least(floor + 1) },
        Order::GreaterOrEqual => Both { some: least(floor), every: least(ceil) },
        Order::Equal => Both { some: all(vec![least(floor), below(floor + 1)]), every: Predicate::FALSE },
    })
}

/// A predicate on a 64-bit bound, where it is one.
fn bound(value: i128, of: impl Fn(i64) -> Predicate) -> Predicate {
    match i64::try_from(value) {
        Ok(value) => of(value),
        Err(_) if value < 0 => Predicate::TRUE,
        Err(_) => Predicate::FALSE,
    }
}

fn attribute(
    model: &Model,
    test: &Test,
    attr: &Attr,
    type_of: TypeOf,
    resolve: Resolve,
) -> Result<Both, String> {
    let ty = type_of(attr).ok_or_else(|| format!("`{}` is of no known type", test.key))?;
    let each = if let Type::Set(of) = &ty { of } else { &ty };
    if test.negated && !compares(test.operator, each) {
        return Err(apart(test));
    }
    if let Type::Set(of) = &ty {
        return set(model, test, attr, of);
    }
    if test.operator == Operator::Null {
        let absent = test.constants.iter().map(|constant| match constant {
            Constant::Bool(true) => not(Predicate::has(attr)),
            _ => Predicate::has(attr),
        });
        return Ok(Both::sure(any(absent.collect())));
    }
    // A variable may be without a value, and then a negative test holds neither way round.
    if test.negated && test.constants.iter().any(has_variable) {
        return Err(format!("`{}` is held apart from a policy variable, which may be absent", test.key));
    }
    let fitting: Result<Vec<Predicate>, String> = test
        .constants
        .iter()
        .map(|constant| {
            one(model, test.operator, constant, attr, &ty, type_of, resolve)
                .map_err(|reason| format!("a test on `{}`: {reason}", test.key))
        })
        .collect();
    let fitting = any(fitting?);
    let present = if test.negated { not(fitting) } else { all(vec![Predicate::has(attr), fitting]) };
    Ok(Both::sure(match (test.quantifier, test.negated) {
        (Quantifier::Single, true) => present,
        (Quantifier::Any, true) => all(vec![Predicate::has(attr), present]),
        (Quantifier::Single, false) if !test.if_exists => present,
        (Quantifier::Any, false) => present,
        (Quantifier::Single | Quantifier::All, _) => any(vec![not(Predicate::has(attr)), present]),
    }))
}

/// The attribute fits the constant; false when it is absent.
fn one(
    model: &Model,
    operator: Operator,
    constant: &Constant,
    attr: &Attr,
    ty: &Type,
    type_of: TypeOf,
    resolve: Resolve,
) -> Result<Predicate, String> {
    let cannot = || Err(format!("`{}` is not of the kind that it is compared as", attr.text()));
    if !has_variable(constant)
        && let Some(values) = values_of(model, ty)
    {
        // Few values: each is asked.
        let fit: BTreeSet<Value> = values
            .into_iter()
            .filter(|value| {
                let text = key_text(value);
                text.and_then(|text| fits(operator, constant, &text, &|_| None)) == Some(true)
            })
            .collect();
        return Ok(Predicate::atom(Atom::OneOf { attr: attr.clone(), values: fit }));
    }
    match (operator, constant) {
        (Operator::String { .. }, Constant::Text(pattern)) => {
            let caseless = |c: char| fold(c) == c && c.to_uppercase().eq([c]);
            let sensitive = |token: &Token| matches!(token, Token::Char(c) if !caseless(*c));
            if pattern.ignore_case && pattern.tokens.iter().any(sensitive) {
                return Err(format!("`{}` is compared without regard to case", attr.text()));
            }
            text_is(model, attr, &pattern.tokens, type_of, resolve)
        }
        (Operator::Arn, Constant::Text(Pattern { tokens, .. })) => {
            text_is(model, attr, tokens, type_of, resolve)
        }
        (Operator::Numeric(order), Constant::Number(number)) => match ty {
            Type::Int => Ok(in_order(attr, order, *number, ONE, Value::Int)),
            Type::Decimal => Ok(in_order(attr, order, *number, ONE / 10_000, Value::Decimal)),
            Type::Duration => Ok(in_order(attr, order, *number, ONE, Value::Duration)),
            _ => cannot(),
        },
        (Operator::Date(order), Constant::Instant(nanos)) if *ty == Type::Instant => {
            Ok(in_order(attr, order, *nanos, 1_000_000_000, Value::Instant))
        }
        (Operator::Ip, Constant::Net(net)) if *ty == Type::Ip => {
            Ok(Predicate::atom(Atom::InNet { attr: attr.clone(), nets: [Net(*net)].into() }))
        }
        _ => cannot(),
    }
}

/// A comparison of whole numbers of `unit` with a number that need not be whole.
fn in_order(attr: &Attr, order: Order, number: i128, unit: i128, value: fn(i64) -> Value) -> Predicate {
    let (floor, ceil) = (number.div_euclid(unit), -(-number).div_euclid(unit));
    let least = |number: i128| match i64::try_from(number) {
        Ok(number) => Predicate::compare(attr, CompareOp::Ge, value(number)),
        Err(_) if number < 0 => Predicate::has(attr),
        Err(_) => Predicate::FALSE,
    };
    let most = |number: i128| match i64::try_from(number) {
        Ok(number) => Predicate::compare(attr, CompareOp::Le, value(number)),
        Err(_) if number < 0 => Predicate::FALSE,
        Err(_) => Predicate::has(attr),
    };
    match order {
        Order::Less => most(ceil - 1),
        Order::LessOrEqual => most(floor),
        Order::Greater => least(floor + 1),
        Order::GreaterOrEqual => least(ceil),
        Order::Equal => match (floor == ceil, i64::try_from(floor)) {
            (true, Ok(number)) => equals(attr, value(number)),
            _ => Predicate::FALSE,
        },
    }
}

/// A test on a key with several values.
fn set(model: &Model, test: &Test, attr: &Attr, of: &Type) -> Result<Both, String> {
    let literal = |atom: Atom, negated: bool, absent: bool| {
        Predicate::Cond(Cond::Literal(Literal { atom, negated, absent }))
    };
    if test.operator == Operator::Null {
        // Nobody says whether an empty set is an absent key.
        let empty = literal(Atom::SubsetOf { set: attr.clone(), values: BTreeSet::new() }, false, true);
        let absent = Both { some: empty, every: not(Predicate::has(attr)) };
        let parts = test.constants.iter().map(|constant| match constant {
            Constant::Bool(true) => absent.clone(),
            _ => absent.clone().negate(),
        });
        return Ok(Both::any(parts.collect()));
    }
    let cannot = || format!("a test on `{}` is not one that sets can be asked", test.key);
    let mut values: BTreeSet<Value> = BTreeSet::new();
    for constant in &test.constants {
        match (constant, values_of(model, of)) {
            _ if has_variable(constant) => return Err(cannot()),
            (constant, Some(all)) => values.extend(all.into_iter().filter(|value| {
                let text = key_text(value);
                text.and_then(|text| fits(test.operator, constant, &text, &|_| None)) == Some(true)
            })),
            (Constant::Text(pattern), None) if *of == Type::String && !pattern.ignore_case => {
                values.insert(Value::Text(pattern.literal().ok_or_else(cannot)?.into()));
            }
            (_, None) => return Err(cannot()),
        }
    }
    let any_of = Atom::ContainsAny { set: attr.clone(), values: values.clone() };
    let only = Atom::SubsetOf { set: attr.clone(), values };
    Ok(Both::sure(match (test.quantifier, test.negated) {
        // The key has several values, and the operator is for one.
        (Quantifier::Single, _) => return Err(cannot()),
        (Quantifier::Any, false) => literal(any_of, false, false),
        (Quantifier::Any, true) => literal(only, true, false),
        (Quantifier::All, false) => literal(only, false, true),
        (Quantifier::All, true) => literal(any_of, true, true),
    }))
}
