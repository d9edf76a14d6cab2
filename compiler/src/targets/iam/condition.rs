//! Condition blocks: tests on keys that hold together, and what happens when a key is absent.
//!
//! Operators that compare positively are false on an absent key, those that compare negatively
//! are true; so in a grant every negative test comes with `Null`, and in a forbid every positive
//! test is the `…IfExists` one.

use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The key of the request's time.
pub const CURRENT_TIME: &str = "aws:CurrentTime";

/// How an operator's values combine when two tests meet on one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Combine {
    /// One of the values must match: both tests leave what is in both lists.
    Intersect,
    /// None of the values may match: both tests leave what matches neither.
    Union,
    /// A pattern list: two different ones cannot be one test.
    Same,
    /// An upper bound: the lesser one.
    Least,
    /// A lower bound: the greater one.
    Greatest,
}

/// A condition operator, without `IfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // the variants are IAM's own words
pub enum Operator {
    Bool,
    DateGreaterThanEquals,
    DateLessThan,
    ForAnyValueStringEquals,
    IpAddress,
    NotIpAddress,
    Null,
    NumericEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericNotEquals,
    StringEquals,
    StringLike,
    StringNotEquals,
    StringNotLike,
}

impl Operator {
    fn name(self) -> &'static str {
        match self {
            Operator::Bool => "Bool",
            Operator::DateGreaterThanEquals => "DateGreaterThanEquals",
            Operator::DateLessThan => "DateLessThan",
            Operator::ForAnyValueStringEquals => "ForAnyValue:StringEquals",
            Operator::IpAddress => "IpAddress",
            Operator::NotIpAddress => "NotIpAddress",
            Operator::Null => "Null",
            Operator::NumericEquals => "NumericEquals",
            Operator::NumericGreaterThan => "NumericGreaterThan",
            Operator::NumericGreaterThanEquals => "NumericGreaterThanEquals",
            Operator::NumericLessThan => "NumericLessThan",
            Operator::NumericLessThanEquals => "NumericLessThanEquals",
            Operator::NumericNotEquals => "NumericNotEquals",
            Operator::StringEquals => "StringEquals",
            Operator::StringLike => "StringLike",
            Operator::StringNotEquals => "StringNotEquals",
            Operator::StringNotLike => "StringNotLike",
        }
    }

    fn combine(self) -> Combine {
        match self {
            Operator::Bool | Operator::Null | Operator::NumericEquals | Operator::StringEquals => {
                Combine::Intersect
            }
            Operator::NotIpAddress
            | Operator::NumericNotEquals
            | Operator::StringNotEquals
            | Operator::StringNotLike => Combine::Union,
            Operator::ForAnyValueStringEquals | Operator::IpAddress | Operator::StringLike => Combine::Same,
            Operator::DateLessThan | Operator::NumericLessThan | Operator::NumericLessThanEquals => {
                Combine::Least
            }
            Operator::DateGreaterThanEquals
            | Operator::NumericGreaterThan
            | Operator::NumericGreaterThanEquals => Combine::Greatest,
        }
    }
}

/// A value in a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// A text, written as it is.
    Text(String),
    /// A number, in ten-thousandths.
    Number(i128),
    /// An instant, in seconds since 1970.
    Instant(i64),
}

impl Operand {
    fn write(&self) -> String {
        match self {
            Operand::Text(text) => text.clone(),
            Operand::Number(number) => {
                let sign = if *number < 0 { "-" } else { "" };
                let (whole, part) = (number.abs() / 10_000, number.abs() % 10_000);
                if part == 0 {
                    return format!("{sign}{whole}");
                }
                let part = format!("{part:04}");
                format!("{sign}{whole}.{}", part.trim_end_matches('0'))
            }
            Operand::Instant(seconds) => crate::types::value::instant_text(*seconds),
        }
    }
}

/// One test on a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// How.
    pub operator: Operator,
    /// Whether it holds when the key is absent.
    pub if_exists: bool,
    /// The key, as it is to be written.
    pub key: String,
    /// One of these; for the negative operators, none of these.
    pub values: BTreeSet<Operand>,
}

/// Tests that hold together. Keys are told apart without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conditions(BTreeMap<(Operator, bool, String), (String, BTreeSet<Operand>)>);

/// What became of a conjunction.
pub enum Joined {
    /// It is said.
    Said,
    /// It can never hold.
    Never,
    /// It cannot be said in one block.
    Unsayable,
}

impl Conditions {
    /// Whether there is no test.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The session tags that are tested.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let keys = self.0.values().map(|(key, _)| key.as_str());
        keys.filter(|key| key.starts_with("aws:PrincipalTag/"))
    }

    /// Adds a test.
    pub fn join(&mut self, test: &Test) -> Joined {
        let slot = (test.operator, test.if_exists, test.key.to_ascii_lowercase());
        let Some((_, have)) = self.0.get_mut(&slot) else {
            self.0.insert(slot, (test.key.clone(), test.values.clone()));
            return if test.values.is_empty() { Joined::Never } else { Joined::Said };
        };
        *have = match test.operator.combine() {
            Combine::Same if *have == test.values => return Joined::Said,
            Combine::Same => return Joined::Unsayable,
            // Of two positive tests that an absent key satisfies, neither may be lost.
            Combine::Intersect => have.intersection(&test.values).cloned().collect(),
            Combine::Union => have.union(&test.values).cloned().collect(),
            Combine::Least => have.union(&test.values).min().cloned().into_iter().collect(),
            Combine::Greatest => have.union(&test.values).max().cloned().into_iter().collect(),
        };
        match (have.is_empty(), test.if_exists) {
            (false, _) => Joined::Said,
            (true, false) => Joined::Never,
            (true, true) => Joined::Unsayable,
        }
    }

    /// Whether whatever satisfies `other` satisfies these, as far as can be seen.
    pub fn follow_from(&self, other: &Conditions) -> bool {
        self.0.iter().all(|(slot, (_, wide))| {
            let Some((_, narrow)) = other.0.get(slot) else { return false };
            match slot.0.combine() {
                Combine::Intersect => narrow.is_subset(wide),
                Combine::Union => wide.is_subset(narrow),
                Combine::Same => narrow == wide,
                Combine::Least => narrow.first() <= wide.first(),
                Combine::Greatest => narrow.first() >= wide.first(),
            }
        })
    }

    /// The `Condition` element.
    pub fn write(&self) -> Json {
        let mut block: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
        for ((operator, if_exists, _), (key, values)) in &self.0 {
            let name = format!("{}{}", operator.name(), if *if_exists { "IfExists" } else { "" });
            let mut texts: Vec<Json> = values.iter().map(|value| Json::from(value.write())).collect();
            let value = if texts.len() == 1 { texts.remove(0) } else { Json::from(texts) };
            block.entry(name).or_default().insert(key.clone(), value);
        }
        Json::Object(block.into_iter().map(|(name, keys)| (name, Json::Object(keys))).collect())
    }
}
