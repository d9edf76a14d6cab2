//! Texts that nobody would write: whatever comes in, the compiler answers.

use bailiwick_compiler::compile_text;
use proptest::prelude::*;

const SEED: &str = include_str!("reference.prelude.grant");
const REFERENCE: &str = include_str!("../../docs/reference.md");

/// Words of the language and of the seed, to be put where they do not belong.
fn words() -> Vec<String> {
    let mut words: Vec<String> =
        REFERENCE.split_whitespace().chain(SEED.split_whitespace()).map(str::to_string).collect();
    words.extend(
        ["{", "}", "(", ")", "\"", "\\u{0}", "*", "9223372036854775808", "0s", "not", "unclassified"]
            .map(String::from),
    );
    words.sort();
    words.dedup();
    words
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_programs_never_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..4), 1..12)) {
        let all = words();
        let blocks = super::pages::blocks(REFERENCE);
        let mut tokens: Vec<&str> = SEED.split_inclusive(char::is_whitespace).collect();
        for block in blocks.iter().filter(|block| block.info == "grant") {
            tokens.extend(block.text.split_inclusive(char::is_whitespace));
        }
        for (at, word, kind) in &edits {
            let at = at.index(tokens.len());
            match kind {
                0 => _ = tokens.remove(at),
                1 => tokens.insert(at, &all[word.index(all.len())]),
                2 => tokens[at] = &all[word.index(all.len())],
                _ => {
                    let other = word.index(tokens.len());
                    tokens.swap(at, other);
                }
            }
        }
        let text = tokens.join(" ");
        compile_text(&[("main", &text), ("payments/tools", "")]);
    }
}
