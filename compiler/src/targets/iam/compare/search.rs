//! A search for condition keys' values: the one side allows, the other does not.

use super::values::{Choice, choices};
use crate::targets::iam::read::document::{Effect, Statement, Test};
use crate::targets::iam::read::evaluate::Values;
use crate::targets::iam::request::AwsRequest;
use std::collections::{BTreeMap, BTreeSet};

/// The most combinations that are looked at.
const MOST_STEPS: usize = 200_000;

/// The statements of one side that speak of the action and the resource, as their tests.
#[derive(Debug, Default)]
pub struct Side<'a> {
    allows: Vec<Vec<&'a Test>>,
    denials: Vec<Vec<&'a Test>>,
}

/// Both sides.
#[derive(Debug)]
pub struct Sides<'a> {
    /// What must allow.
    pub left: Side<'a>,
    /// What must not.
    pub right: Side<'a>,
}

impl<'a> Side<'a> {
    /// The side of these statements.
    pub fn of(statements: impl Iterator<Item = &'a Statement>) -> Side<'a> {
        let mut side = Side::default();
        for statement in statements {
            let tests = statement.tests.iter().collect();
            match statement.effect {
                Effect::Allow => side.allows.push(tests),
                Effect::Deny => side.denials.push(tests),
            }
        }
        side
    }

    /// Whether it allows, as far as the tests' truths are known.
    fn allows(&self, truths: &BTreeMap<&Test, bool>) -> Option<bool> {
        let all = |tests: &Vec<&Test>| {
            let known: Vec<Option<bool>> = tests.iter().map(|test| truths.get(test).copied()).collect();
            if known.contains(&Some(false)) { Some(false) } else { (!known.contains(&None)).then_some(true) }
        };
        let some = |statements: &[Vec<&Test>]| {
            let known: Vec<Option<bool>> = statements.iter().map(all).collect();
            if known.contains(&Some(true)) { Some(true) } else { (!known.contains(&None)).then_some(false) }
        };
        match (some(&self.allows), some(&self.denials)) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            (Some(true) | None, _) => None,
        }
    }

    fn tests(&self) -> impl Iterator<Item = &'a Test> {
        self.allows.iter().chain(&self.denials).flatten().copied()
    }
}

/// What is decided together: a key, or a test that may turn out either way.
struct Slot<'a> {
    key: String,
    tests: Vec<&'a Test>,
    choices: Vec<Choice>,
}

/// Completes `base` so that the left side allows it and the right one does not.
pub fn search(
    sides: &Sides,
    variables: Option<&BTreeMap<String, String>>,
    base: AwsRequest,
) -> Result<Option<AwsRequest>, String> {
    if sides.left.allows.is_empty() {
        return Ok(None);
    }
    let value = |key: &str| variables?.get(&key.to_ascii_lowercase()).cloned();
    let has_variable = |test: &Test| {
        let texts = test.constants.iter().filter_map(|constant| constant.text());
        texts.flat_map(|pattern| pattern.variables()).next().is_some()
    };
    let tests: BTreeSet<&Test> = sides.left.tests().chain(sides.right.tests()).collect();
    let mut by_key: BTreeMap<String, Vec<&Test>> = BTreeMap::new();
    let mut slots = Vec::new();
    for test in tests {
        if variables.is_none() && has_variable(test) {
            let choices = vec![(None, vec![false]), (None, vec![true])];
            slots.push(Slot { key: String::new(), tests: vec![test], choices });
        } else {
            by_key.entry(test.key_folded()).or_default().push(test);
        }
    }
    for key in variables.into_iter().flat_map(|variables| variables.keys()) {
        by_key.entry(key.clone()).or_default();
    }
    for (key, tests) in by_key {
        let choices = choices(&key, &tests, &value)?;
        slots.push(Slot { key, tests, choices });
    }
    slots.sort_by_key(|slot| slot.choices.len());
    let mut steps = 0;
    let mut chosen = Vec::new();
    if !go(sides, &slots, &mut BTreeMap::new(), &mut chosen, &mut steps)? {
        return Ok(None);
    }
    let mut request = base;
    for (slot, choice) in slots.iter().zip(chosen) {
        match &slot.choices[choice].0 {
            None => {}
            Some(Values::One(one)) => drop(request.context.insert(slot.key.clone(), one.to_string())),
            Some(Values::Many(many)) => {
                request.sets.insert(slot.key.clone(), many.iter().map(|one| one.to_string()).collect());
            }
        }
    }
    Ok(Some(request))
}

fn go<'a>(
    sides: &Sides,
    slots: &[Slot<'a>],
    truths: &mut BTreeMap<&'a Test, bool>,
    chosen: &mut Vec<usize>,
    steps: &mut usize,
) -> Result<bool, String> {
    *steps += 1;
    if *steps > MOST_STEPS {
        return Err("its conditions combine in too many ways".to_string());
    }
    if sides.left.allows(truths) == Some(false) || sides.right.allows(truths) == Some(true) {
        return Ok(false);
    }
    let Some((slot, rest)) = slots.split_first() else { return Ok(true) };
    for (at, (_, says)) in slot.choices.iter().enumerate() {
        truths.extend(slot.tests.iter().copied().zip(says.iter().copied()));
        chosen.push(at);
        if go(sides, rest, truths, chosen, steps)? {
            return Ok(true);
        }
        chosen.pop();
    }
    for test in &slot.tests {
        truths.remove(test);
    }
    Ok(false)
}
