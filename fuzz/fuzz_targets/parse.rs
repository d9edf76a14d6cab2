//! Any text gives a tree and errors whose spans lie in it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    for error in bailiwick_grammar::parse(source).errors {
        assert!(source.get(error.span.range()).is_some(), "{error:?}");
    }
});
