//! Layout keeps the tree and the comments, and is idempotent.
#![no_main]

use bailiwick_grammar::{format, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let Ok(once) = format(source) else { return };
    let (before, after) = (parse(source), parse(&once));
    assert_eq!(after.errors, []);
    assert_eq!(before.module, after.module);
    assert!(before.comments.iter().map(|c| &c.text).eq(after.comments.iter().map(|c| &c.text)));
    assert_eq!(format(&once).as_ref(), Ok(&once));
});
