//! Texts: the product of the patterns' automata, walked breadth first.
//!
//! A pattern's automaton remembers at which of its positions it may be after the text so far (a
//! bit set, as a star may hold one back). The product of all of them tells exactly the truth of
//! every pattern. One letter stands for all that no pattern mentions: only stars take it, and a
//! text with it in can be made longer at will, so every class that is infinite shows as such.

use super::{Asked, constant_texts, fresh};
use bailiwick_compiler::model::Value;
use bailiwick_grammar::ast::{Pattern, PatternPart};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// The most texts that are looked at.
const STEPS: usize = 8_000;

/// What stands for all texts.
pub fn texts(asked: &Asked) -> Result<Vec<Value>, String> {
    let mut values: Vec<Value> = constant_texts(asked).cloned().map(Value::Text).collect();
    if asked.patterns.is_empty() {
        values.extend(fresh(asked, |name| {
            Some(Value::Text(name.into())).filter(|value| !asked.constants.contains(value))
        }));
        return Ok(values);
    }
    let automata: Vec<Automaton> = asked.patterns.iter().map(Automaton::new).collect();
    let mut letters: BTreeSet<char> = automata.iter().flat_map(|automaton| automaton.letters()).collect();
    letters.extend(('a'..='z').chain('\u{100}'..).find(|letter| !letters.contains(letter)));

    // A class is a set of states with the same truths; each state gives its shortest texts, as
    // many as are wanted beside the constants among them.
    let wanted = asked.representatives + values.len();
    let start: Vec<Positions> = automata.iter().map(Automaton::start).collect();
    let mut reached: HashMap<Vec<Positions>, usize> = HashMap::from([(start.clone(), 1)]);
    let mut members: HashMap<Vec<bool>, usize> = HashMap::new();
    let mut queue = VecDeque::from([(String::new(), start)]);
    let mut steps = 0;
    while let Some((text, state)) = queue.pop_front() {
        for &letter in &letters {
            let next: Vec<Positions> =
                automata.iter().zip(&state).map(|(automaton, at)| automaton.step(at, letter)).collect();
            let times = reached.entry(next.clone()).or_default();
            if *times < wanted {
                *times += 1;
                steps += 1;
                queue.push_back((format!("{text}{letter}"), next));
            }
        }
        if steps > STEPS {
            return Err("its patterns tell too many classes of text apart".into());
        }
        let truths = automata.iter().zip(&state).map(|(automaton, at)| automaton.accepts(at)).collect();
        let known = members.entry(truths).or_default();
        let value = Value::Text(text.into());
        if *known < asked.representatives && !asked.constants.contains(&value) {
            *known += 1;
            values.push(value);
        }
    }
    Ok(values)
}

/// Positions in a pattern, as bits.
type Positions = Vec<u64>;

/// A pattern as letters, each of which may have a star before it; and whether it ends in one.
struct Automaton {
    /// The letters of all runs.
    letters: Vec<char>,
    /// Whether a star stands before the letter of that position, or at the end.
    starred: Vec<bool>,
}

impl Automaton {
    fn new(pattern: &Pattern) -> Self {
        let (mut letters, mut starred) = (Vec::new(), vec![false]);
        for part in &pattern.0 {
            match part {
                PatternPart::Star => starred[letters.len()] = true,
                PatternPart::Text(text) => {
                    letters.extend(text.chars());
                    starred.resize(letters.len() + 1, false);
                }
            }
        }
        Self { letters, starred }
    }

    fn letters(&self) -> impl Iterator<Item = char> + '_ {
        self.letters.iter().copied()
    }

    fn start(&self) -> Positions {
        let mut at = vec![0; self.starred.len() / 64 + 1];
        at[0] = 1;
        at
    }

    fn step(&self, at: &Positions, letter: char) -> Positions {
        let mut next = vec![0; at.len()];
        for position in (0..self.starred.len()).filter(|&position| has(at, position)) {
            if self.starred[position] {
                next[position / 64] |= 1 << (position % 64);
            }
            if self.letters.get(position) == Some(&letter) {
                next[(position + 1) / 64] |= 1 << ((position + 1) % 64);
            }
        }
        next
    }

    fn accepts(&self, at: &Positions) -> bool {
        has(at, self.letters.len())
    }
}

fn has(at: &Positions, position: usize) -> bool {
    at[position / 64] & (1 << (position % 64)) != 0
}
