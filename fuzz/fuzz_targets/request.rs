//! Any text as a request: it is read or refused, and what is read is decided and writes back the same.
#![no_main]

use bailiwick_compiler::evaluator::explain;
use bailiwick_compiler::request::{read, write};
use bailiwick_compiler::{Model, compile_text};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| {
    let text = r#"
        session { address: ip  user: person }
        person alice { email "a@x.example" }
        team owners { members alice }
        data money { sensitivity confidential }
        tool pay {
          arg amount: int
          arg price?: decimal
          arg at?: instant
          arg where?: url
          arg file?: path
          arg kind: small | large = small
          arg raw?: opaque
          arg lines: set<string> = each raw.items.name
          effect write
          writes money
        }
        purpose paying { "Pay." needs pay needs data money }
        agent bot { owner owners }
        grant g { to bot for paying  allow pay where args.amount <= 10  on money  expires 2030-01-01 }
    "#;
    let compiled = compile_text(&[("main", text)]);
    assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
    compiled.model
});

fuzz_target!(|json: &str| {
    if let Ok(request) = read(&MODEL, json) {
        explain(&MODEL, &request);
        if request.args.get("lines").is_none() {
            assert_eq!(read(&MODEL, &write(&MODEL, &request)).as_ref(), Ok(&request));
        }
    }
});
