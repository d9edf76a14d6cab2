//! What stands beside a project's modules: `bailiwick.toml`, its lock, a server's list of tools. Any
//! text is read or refused; what is written of it is read again.
#![no_main]

use bailiwick_compiler::import::mcp::import;
use bailiwick_compiler::{lock, manifest};
use bailiwick_grammar::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = manifest::parse(text);
    if let Ok(read) = lock::parse(text) {
        assert_eq!(lock::parse(&lock::write(&read)).ok().as_ref(), Some(&read));
    }
    if let Ok(imported) = import(text, "server") {
        assert_eq!(parse(&imported.text).errors, []);
    }
});
