//! Texts that stand for all texts: the product of patterns, walked breadth first.

use crate::targets::iam::read::pattern::{Pattern, Token, cases, fold};
use std::collections::{BTreeSet, HashSet, VecDeque};

/// The most states that are looked at.
const MOST_STATES: usize = 60_000;

/// Where the patterns may be after some text: pattern and position, of those that may still match.
type State = Vec<(u32, u32)>;

/// A text of every class that the patterns tell apart, a shortest one each, among those that one of
/// `universe` matches (all texts, when it is empty).
pub fn classes(patterns: &[Pattern], universe: &[Pattern]) -> Result<Vec<String>, String> {
    let all: Vec<&Pattern> = patterns.iter().chain(universe).collect();
    let own = patterns.len() as u32;
    let of = |state: &mut State, pattern: usize, at: Vec<u32>| {
        state.extend(at.into_iter().map(|position| (pattern as u32, position)));
    };
    let mut start = State::new();
    for (number, pattern) in all.iter().enumerate() {
        of(&mut start, number, pattern.start());
    }
    let mentioned: BTreeSet<char> = all
        .iter()
        .flat_map(|pattern| &pattern.tokens)
        .filter_map(|token| match token {
            Token::Char(c) => Some(fold(*c)),
            _ => None,
        })
        .collect();
    // One letter stands for all that no pattern mentions, in whatever case.
    let other = ('a'..='z')
        .chain('\u{100}'..)
        .find(|letter| !mentioned.contains(&fold(*letter)))
        .unwrap_or('\u{100}');
    let mut reached: HashSet<State> = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([(String::new(), start)]);
    let mut known: HashSet<Vec<u32>> = HashSet::new();
    let mut found = Vec::new();
    while let Some((text, state)) = queue.pop_front() {
        let accepted: Vec<u32> = state
            .iter()
            .filter(|(pattern, position)| *position as usize == all[*pattern as usize].tokens.len())
            .map(|(pattern, _)| *pattern)
            .collect();
        let inside = accepted.iter().copied().filter(|pattern| *pattern < own).collect();
        let meant = universe.is_empty() || accepted.last().is_some_and(|last| *last >= own);
        if meant && known.insert(inside) {
            found.push(text.clone());
        }
        // Letters that no live position mentions are all alike, and so are those of one letter's
        // cases that no live position asks for in that very case.
        let mut letters: BTreeSet<char> = [other, ':'].into();
        let mut in_any_case: BTreeSet<char> = BTreeSet::new();
        for (pattern, position) in &state {
            let pattern = all[*pattern as usize];
            if let Some(Token::Char(c)) = pattern.tokens.get(*position as usize) {
                if pattern.ignore_case {
                    in_any_case.insert(fold(*c))
                } else {
                    letters.insert(*c)
                };
            }
        }
        let free = |folded: char| cases(folded).find(|letter| !letters.contains(letter));
        let free: Vec<char> = in_any_case.into_iter().filter_map(free).collect();
        letters.extend(free);
        for letter in letters {
            let mut next = State::new();
            for group in state.chunk_by(|(a, _), (b, _)| a == b) {
                let positions: Vec<u32> = group.iter().map(|(_, position)| *position).collect();
                of(&mut next, group[0].0 as usize, all[group[0].0 as usize].step(&positions, letter));
            }
            // Where no text of the universe begins so, nothing is to be found.
            let dead = !universe.is_empty() && next.last().is_none_or(|(pattern, _)| *pattern < own);
            if !dead && reached.insert(next.clone()) {
                queue.push_back((format!("{text}{letter}"), next));
            }
        }
        if reached.len() > MOST_STATES {
            return Err("its patterns tell too many classes of text apart".to_string());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern() -> impl Strategy<Value = Pattern> {
        let token = prop_oneof![
            prop_oneof![Just('a'), Just('A'), Just('k'), Just('K'), Just('b'), Just(':')]
                .prop_map(Token::Char),
            Just(Token::Any),
            Just(Token::AnyInField),
            Just(Token::One),
            Just(Token::OneInField),
        ];
        (prop::collection::vec(token, 0..5), any::<bool>())
            .prop_map(|(tokens, ignore_case)| Pattern { tokens, ignore_case })
    }

    proptest! {
        /// Every text is in a class that one of the samples is in.
        #[test]
        fn samples_stand_for_all_texts(
            patterns in prop::collection::vec(pattern(), 0..4),
            text in "[abAkK\u{212a}c:]{0,6}",
        ) {
            let truths = |text: &str| patterns.iter().map(|one| one.matches(text)).collect::<Vec<_>>();
            let samples = classes(&patterns, &[]).expect("few classes");
            prop_assert!(samples.iter().any(|sample| truths(sample) == truths(&text)));
        }
    }
}
