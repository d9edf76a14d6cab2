//! Conditions as IAM can say them of a unit: pins on what the resource holds, tests on condition keys
//! and on the time.

use super::arn::{Pin, glob_of, text_of};
use super::condition::{CURRENT_TIME, Operand as Constant, Operator, Test};
use super::glob::{sayable, write};
use super::unit::{Fact, Unit};
use crate::model::*;
use crate::targets::reduce::{Facts, domain_of};
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};
use std::collections::{BTreeMap, BTreeSet};

/// The most intervals of time that a `during` may become.
const MOST_INTERVALS: usize = 24;
/// Numbers beyond this are not compared: engines hold them as floating-point numbers.
const LARGEST: i128 = 1_000_000_000_000;

/// A literal as IAM can say it of the unit, or `None`.
pub fn see(unit: &Unit, facts: &Facts, literal: &Literal) -> Option<Vec<Vec<Fact>>> {
    match &literal.atom {
        Atom::Compare { left: Attr::Now, op, right: Operand::Value(Value::Instant(instant)) } => {
            Some(time(*op, *instant, literal.negated))
        }
        Atom::During(ranges) => during(ranges, literal.negated),
        Atom::Compare { left: attr, .. }
        | Atom::OneOf { attr, .. }
        | Atom::Contains { set: attr, .. }
        | Atom::ContainsAny { set: attr, .. }
        | Atom::Like { attr, .. }
        | Atom::Under { attr, .. }
        | Atom::InNet { attr, .. }
        | Atom::Has(attr) => {
            let Attr::Arg(arg) = attr else { return test(unit, facts, attr, literal) };
            let Ok(shape) = &unit.shape else { return None };
            if shape.holds(arg) && matches!(literal.atom, Atom::Has(_)) {
                // A request without the argument never reaches AWS by this resource.
                return Some(if literal.negated { Vec::new() } else { vec![vec![Fact::There(arg.clone())]] });
            }
            let pinned = if shape.sees(arg) { pin(facts, arg, literal) } else { None };
            match pinned {
                // A condition key can say it even where the resource cannot.
                None => test(unit, facts, attr, literal),
                Some(pin) => {
                    let alone = BTreeMap::from([(arg.clone(), pin.clone())]);
                    if shape.pinned(&alone).is_none() && unit.keys.contains_key(arg) {
                        return test(unit, facts, attr, literal);
                    }
                    Some(vec![vec![Fact::Pin(arg.clone(), pin)]])
                }
            }
        }
        Atom::ContainsAll { .. }
        | Atom::SubsetOf { .. }
        | Atom::Host { .. }
        | Atom::Approved(_)
        | Atom::Purpose(_) => None,
    }
}

/// A literal on an argument in the resource.
fn pin(facts: &Facts, arg: &Str, literal: &Literal) -> Option<Pin> {
    match &literal.atom {
        Atom::Like { pattern, .. } if !literal.negated && sayable_pattern(pattern) => {
            return Some(Pin::Like(pattern.clone()));
        }
        Atom::Under { base, .. } if !literal.negated && sayable(base) => {
            let path = facts.arg(arg).is_some_and(|arg| arg.ty == Type::Path);
            return path.then(|| Pin::Under(base.clone()));
        }
        _ => {}
    }
    let values = match literal.listed()? {
        (values, true) => values,
        (values, false) => domain_of(facts.model, facts.op, arg)?.difference(&values).cloned().collect(),
    };
    let texts: BTreeSet<String> = values.iter().map(text_of).collect::<Option<_>>()?;
    texts.iter().all(|text| sayable(text)).then_some(Pin::OneOf(texts))
}

fn sayable_pattern(pattern: &Pattern) -> bool {
    pattern.0.iter().all(|part| match part {
        PatternPart::Text(text) => sayable(text),
        PatternPart::Star => true,
    })
}

/// A literal on a condition key: an argument's, or a session tag.
fn test(unit: &Unit, facts: &Facts, attr: &Attr, literal: &Literal) -> Option<Vec<Vec<Fact>>> {
    let (key, ty, is_tag) = match attr {
        Attr::Arg(arg) => (unit.keys.get(arg)?.to_string(), &facts.arg(arg)?.ty, false),
        Attr::Session(name) => {
            // IAM tells tags apart without regard to case.
            let alike = facts.model.session.keys().filter(|other| other.eq_ignore_ascii_case(name)).count();
            if alike != 1 {
                return None;
            }
            (format!("aws:PrincipalTag/{name}"), facts.model.session.get(name)?, true)
        }
        Attr::Now | Attr::Started | Attr::Authn => return None,
    };
    let null = |absent: bool| Test {
        operator: Operator::Null,
        if_exists: false,
        key: key.clone(),
        values: [Constant::Text(absent.to_string())].into(),
    };
    if matches!(literal.atom, Atom::Has(_)) {
        // An empty set and an absent one look the same.
        return (!matches!(ty, Type::Set(_))).then(|| vec![vec![Fact::Test(null(literal.negated))]]);
    }
    let (operator, negative, values) = operator(literal, ty, is_tag)?;
    let test = Test { operator, if_exists: literal.absent, key: key.clone(), values };
    match (negative, literal.absent) {
        // A negative test holds on an absent key by itself, whatever its `IfExists`.
        (true, false) => Some(vec![vec![Fact::Test(test), Fact::Test(null(false))]]),
        (true, true) => Some(vec![vec![Fact::Test(Test { if_exists: false, ..test })]]),
        (false, true) if operator == Operator::ForAnyValueStringEquals => None,
        (false, _) => Some(vec![vec![Fact::Test(test)]]),
    }
}

/// The operator that says the literal of a present key, whether it is a negative one, and its values.
fn operator(literal: &Literal, ty: &Type, is_tag: bool) -> Option<(Operator, bool, BTreeSet<Constant>)> {
    let text = |value: &str| {
        let fits = !value.is_empty() && sayable(value) && (!is_tag || is_tag_value(value));
        fits.then(|| Constant::Text(value.replace('$', "${$}")))
    };
    let yes = !literal.negated;
    let strings = matches!(ty, Type::String | Type::Enum(_) | Type::Person);
    let choose = |values: Option<BTreeSet<Constant>>, equal: bool, ops: (Operator, Operator)| {
        Some((if equal { ops.0 } else { ops.1 }, !equal, values?))
    };
    let equality = |values: &BTreeSet<Value>, equal: bool| {
        if strings {
            let ops = (Operator::StringEquals, Operator::StringNotEquals);
            return choose(values.iter().map(|value| text(&text_of(value)?)).collect(), equal, ops);
        }
        match ty {
            Type::Bool => {
                let wanted: BTreeSet<bool> = [false, true]
                    .into_iter()
                    .filter(|have| values.contains(&Value::Bool(*have)) == equal)
                    .collect();
                let values = wanted.iter().map(|value| Constant::Text(value.to_string())).collect();
                Some((Operator::Bool, false, values))
            }
            Type::Int | Type::Decimal => {
                let ops = (Operator::NumericEquals, Operator::NumericNotEquals);
                choose(values.iter().map(number).collect(), equal, ops)
            }
            Type::Ip if !is_tag => {
                let address = |value: &Value| match value {
                    Value::Ip(address) => Some(Constant::Text(format!(
                        "{address}/{}",
                        if address.is_ipv4() { 32 } else { 128 }
                    ))),
                    _ => None,
                };
                let ops = (Operator::IpAddress, Operator::NotIpAddress);
                choose(values.iter().map(address).collect(), equal, ops)
            }
            _ => None,
        }
    };
    if let Some((values, equal)) = literal.listed() {
        return equality(&values, equal);
    }
    match &literal.atom {
        Atom::Compare { op, right: Operand::Value(value), .. } => {
            let operator = match (op, yes) {
                (CompareOp::Lt, true) | (CompareOp::Ge, false) => Operator::NumericLessThan,
                (CompareOp::Le, true) | (CompareOp::Gt, false) => Operator::NumericLessThanEquals,
                (CompareOp::Gt, true) | (CompareOp::Le, false) => Operator::NumericGreaterThan,
                (CompareOp::Ge, true) | (CompareOp::Lt, false) => Operator::NumericGreaterThanEquals,
                (CompareOp::Eq | CompareOp::Ne, _) => return None,
            };
            Some((operator, false, [number(value)?].into()))
        }
        Atom::Like { pattern, .. } if *ty == Type::String && !is_tag && sayable_pattern(pattern) => {
            let values = [Constant::Text(write(&glob_of(pattern)))].into();
            choose(Some(values), yes, (Operator::StringLike, Operator::StringNotLike))
        }
        Atom::InNet { nets, .. } if *ty == Type::Ip && !is_tag => {
            let nets = nets.iter().map(|net| Constant::Text(net.0.to_string())).collect();
            choose(Some(nets), yes, (Operator::IpAddress, Operator::NotIpAddress))
        }
        Atom::Contains { element: Operand::Value(value), .. } if yes && is_text_set(ty) => {
            Some((Operator::ForAnyValueStringEquals, false, [text(&text_of(value)?)?].into()))
        }
        Atom::ContainsAny { values, .. } if yes && is_text_set(ty) => {
            let values: Option<BTreeSet<_>> = values.iter().map(|value| text(&text_of(value)?)).collect();
            Some((Operator::ForAnyValueStringEquals, false, values?))
        }
        _ => None,
    }
}

fn is_text_set(ty: &Type) -> bool {
    matches!(ty, Type::Set(of) if matches!(**of, Type::String | Type::Enum(_) | Type::Person))
}

/// Whether a session tag can have this value.
fn is_tag_value(value: &str) -> bool {
    value.len() <= 256 && value.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c))
}

fn number(value: &Value) -> Option<Constant> {
    let number = match value {
        Value::Int(number) => i128::from(*number) * 10_000,
        Value::Decimal(number) => i128::from(*number),
        _ => return None,
    };
    (number.abs() <= LARGEST * 10_000).then_some(Constant::Number(number))
}

fn time_test(operator: Operator, instant: i64) -> Fact {
    let values = [Constant::Instant(instant)].into();
    Fact::Test(Test { operator, if_exists: false, key: CURRENT_TIME.to_string(), values })
}

/// From then on.
pub fn from(instant: i64) -> Fact {
    time_test(Operator::DateGreaterThanEquals, instant)
}

/// Until then, excluded.
pub fn until(instant: i64) -> Fact {
    time_test(Operator::DateLessThan, instant)
}

/// The clock has whole seconds in the language and finer ones in AWS: `now > I` is `now >= I + 1`.
fn time(op: CompareOp, instant: i64, negated: bool) -> Vec<Vec<Fact>> {
    let after = instant.saturating_add(1);
    match (op, negated) {
        (CompareOp::Lt, false) | (CompareOp::Ge, true) => vec![vec![until(instant)]],
        (CompareOp::Le, false) | (CompareOp::Gt, true) => vec![vec![until(after)]],
        (CompareOp::Gt, false) | (CompareOp::Le, true) => vec![vec![from(after)]],
        (CompareOp::Ge, false) | (CompareOp::Lt, true) => vec![vec![from(instant)]],
        (CompareOp::Eq, false) | (CompareOp::Ne, true) => vec![vec![from(instant), until(after)]],
        (CompareOp::Ne, false) | (CompareOp::Eq, true) => vec![vec![until(instant)], vec![from(after)]],
    }
}

fn during(ranges: &[(i64, i64)], negated: bool) -> Option<Vec<Vec<Fact>>> {
    if ranges.len() > MOST_INTERVALS {
        return None;
    }
    if !negated {
        return Some(ranges.iter().map(|(start, end)| vec![from(*start), until(*end)]).collect());
    }
    let mut gaps = Vec::new();
    let mut since = None;
    for (start, end) in ranges {
        gaps.push(since.into_iter().map(from).chain([until(*start)]).collect());
        since = Some(*end);
    }
    gaps.push(since.into_iter().map(from).collect());
    Some(gaps)
}
