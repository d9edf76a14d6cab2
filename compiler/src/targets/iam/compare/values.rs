//! Values of a condition key that stand for all its values.

use super::texts::classes;
use crate::targets::iam::read::document::Test;
use crate::targets::iam::read::evaluate::Values;
use crate::targets::iam::read::operator::{Constant, ONE, Operator, Quantifier};
use crate::targets::iam::read::pattern::{Pattern, Token};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The most values that one key is tried with.
const MOST_VALUES: usize = 4096;

/// What a key is tried with: its values (`None`: absent), and what each of the tests says of them.
pub type Choice = (Option<Values<'static>>, Vec<bool>);

/// Choices for a key, one for each way in which the tests on it can turn out.
pub fn choices(
    key: &str,
    tests: &[&Test],
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Choice>, String> {
    let samples = match value(key) {
        Some(fixed) => vec![fixed],
        None => samples(key, tests, value)?,
    };
    let mut choices: BTreeMap<Vec<bool>, Option<Values<'static>>> = BTreeMap::new();
    let truths = |values: Option<&Values>| -> Vec<bool> {
        tests.iter().map(|test| test.holds_of(values, value)).collect()
    };
    // A variable's key has its value, and whoever asks has a name.
    if value(key).is_none() && key != "aws:principalarn" {
        choices.insert(truths(None), None);
    }
    let asked: BTreeSet<Quantifier> =
        tests.iter().filter(|test| test.operator != Operator::Null).map(|test| test.quantifier).collect();
    if asked.is_empty() || asked.contains(&Quantifier::Single) || value(key).is_some() {
        // An operator for one value says that the key has one.
        for sample in samples {
            let values = Values::One(sample.into());
            choices.entry(truths(Some(&values))).or_insert(Some(values));
        }
    } else {
        let mut queue: Vec<BTreeSet<String>> = samples.iter().map(|one| [one.clone()].into()).collect();
        while let Some(set) = queue.pop() {
            let values = Values::Many(set.iter().map(|one| one.clone().into()).collect());
            let truths = truths(Some(&values));
            if choices.contains_key(&truths) {
                continue;
            }
            choices.insert(truths, Some(values));
            if choices.len() > MOST_VALUES {
                return Err(format!("too many sets of values of `{key}` can be told apart"));
            }
            queue.extend(samples.iter().filter(|one| !set.contains(*one)).map(|one| {
                let mut more = set.clone();
                more.insert(one.clone());
                more
            }));
        }
    }
    Ok(choices.into_iter().map(|(truths, values)| (values, truths)).collect())
}

/// Single values that stand for all.
fn samples(
    key: &str,
    tests: &[&Test],
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<String>, String> {
    let (mut patterns, mut numbers, mut instants) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut nets, mut bools) = (BTreeSet::new(), BTreeSet::new());
    for test in tests.iter().filter(|test| test.operator != Operator::Null) {
        for constant in &test.constants {
            match constant {
                Constant::Text(pattern) => patterns.extend(pattern.filled(value)),
                Constant::Number(number) => drop(numbers.insert(*number)),
                Constant::Instant(nanos) => drop(instants.insert(*nanos)),
                Constant::Net(net) => drop(nets.insert(*net)),
                Constant::Bool(wanted) => drop(bools.insert(*wanted)),
            }
        }
    }
    let kinds = [!patterns.is_empty(), !numbers.is_empty(), !instants.is_empty(), !nets.is_empty()];
    match (kinds.into_iter().filter(|kind| *kind).count(), bools.is_empty()) {
        (0, true) => Ok(vec!["x".to_string()]),
        (0, false) => Ok(vec!["false".to_string(), "true".to_string()]),
        (1, true) if kinds[1] => Ok(between(&numbers, ONE).into_iter().map(number_text).collect()),
        (1, true) if kinds[2] => {
            let nanos = between(&instants, 1_000_000_000).into_iter();
            Ok(nanos
                .filter_map(|at| jiff::Timestamp::from_nanosecond(at).ok())
                .map(|at| at.to_string())
                .collect())
        }
        (1, true) if kinds[3] => Ok(addresses(&nets)),
        (1, _) if kinds[0] => {
            for word in bools {
                let tokens = word.to_string().chars().map(Token::Char).collect();
                patterns.insert(Pattern { tokens, ignore_case: true });
            }
            if tests.iter().any(|test| test.operator == Operator::Arn) {
                patterns.insert(Pattern::arn("*:*:*:*:*:*", false)?);
            }
            classes(&patterns.into_iter().collect::<Vec<_>>(), &[])
        }
        _ => Err(format!("`{key}` is compared as if it were of several kinds")),
    }
}

/// The constants, and what lies below, between and above them.
fn between(constants: &BTreeSet<i128>, unit: i128) -> Vec<i128> {
    let list: Vec<i128> = constants.iter().copied().collect();
    let mut all = Vec::new();
    all.extend(list.first().map(|first| first - unit));
    for (at, constant) in list.iter().enumerate() {
        all.push(*constant);
        match list.get(at + 1) {
            Some(next) if constant + unit < *next => all.push(constant + unit),
            Some(next) if constant + 1 < *next => all.push((constant + next) / 2),
            Some(_) => {}
            None => all.push(constant + unit),
        }
    }
    all
}

fn number_text(number: i128) -> String {
    let (sign, number) = (if number < 0 { "-" } else { "" }, number.abs());
    let part = format!("{:09}", number % ONE);
    let part = part.trim_end_matches('0');
    format!("{sign}{}{}{part}", number / ONE, if part.is_empty() { "" } else { "." })
}

/// The first address of each network and the first one after it, for both kinds of address.
fn addresses(nets: &BTreeSet<IpNet>) -> Vec<String> {
    let mut v4: BTreeSet<u32> = [u32::from(Ipv4Addr::new(1, 1, 1, 1)), 0].into();
    let mut v6: BTreeSet<u128> = [u128::from(Ipv6Addr::LOCALHOST), 0].into();
    for net in nets {
        match (net.network(), net.broadcast()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                v4.insert(first.into());
                v4.extend(u32::from(last).checked_add(1));
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                v6.insert(first.into());
                v6.extend(u128::from(last).checked_add(1));
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
        }
    }
    let v4 = v4.into_iter().map(|at| Ipv4Addr::from(at).to_string());
    v4.chain(v6.into_iter().map(|at| Ipv6Addr::from(at).to_string())).collect()
}
