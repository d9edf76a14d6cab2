//! What a build wrote, edited anywhere: every reader understands it or says that it does not, and
//! what is understood decides a request.
#![no_main]

use bailiwick_compiler::request::{Request, read};
use bailiwick_compiler::targets::{Emission, registry};
use bailiwick_compiler::{Model, compile_text};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| {
    let text = r#"
        session { team: string  user: person }
        person alice { email "a@x.example" }
        team owners { members alice }
        data money { sensitivity confidential }
        tool pay {
          arg amount: int
          arg kind: small | large = small
          effect write
          writes money
        }
        tool store {
          arg key: string
          arg acl?: string
          effect write
          writes money
          bind aws {
            actions "s3:PutObject"
            resource "arn:aws:s3:::blue/{args.key}"
            key "s3:x-amz-acl" = args.acl
          }
        }
        tool apply {
          arg name: string
          arg replicas: int
          effect write
          writes money
          bind kubernetes {
            verbs create, patch
            groups "apps"
            resources "deployments"
            namespace "shop"
            name args.name
            field "spec.replicas" = args.replicas
          }
        }
        purpose paying { "Pay." needs pay, store, apply needs data money }
        agent bot {
          owner owners
          identity aws-role "arn:aws:iam::123456789012:role/bot" for paying
          identity kubernetes "agents/bot" for paying
        }
        grant payments {
          to bot for paying
          allow pay where args.amount <= 10 and args.kind == small
          on money
          when session.team like "a*"
          approval owners within 1h if args.amount > 5
          ttl 1h
          expires 2030-01-01
        }
        grant storage {
          to bot for paying
          allow store where args.key like "in/*" and args.acl == "private"
          allow apply where args.replicas <= 3 and args.name in ("web", "api")
          on money
          expires 2030-01-01
        }
        forbid much { tools pay because "no" when args.amount > 8 }
        forbid odd { tools store because "no" when args.acl == "public-read" }
    "#;
    let compiled = compile_text(&[("main", text)]);
    assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
    compiled.model
});

static EMITTED: LazyLock<Vec<Emission>> =
    LazyLock::new(|| registry().iter().map(|target| target.emit(&MODEL, 0)).collect());

static REQUEST: LazyLock<Request> = LazyLock::new(|| {
    let json = r#"{"chain":["bot"],"purpose":"paying","tool":"pay",
        "args":{"amount":3},"now":"2026-12-01T10:00:00Z",
        "session":{"started":"2026-12-01T09:30:00Z","authn":"mtls","team":"ab","user":"alice"}}"#;
    read(&MODEL, json).expect("well formed")
});

// A file of all, and what stands there in place of so many bytes of it.
fuzz_target!(|edit: (u8, u16, u16, &str)| {
    let (file, at, length, text) = edit;
    let files = EMITTED.iter().enumerate().flat_map(|(nth, emission)| emission.files.keys().map(move |path| (nth, path)));
    let files: Vec<_> = files.collect();
    let (nth, path) = files[usize::from(file) % files.len()];
    let mut edited = EMITTED[nth].files.clone();
    let whole = edited.get_mut(path).expect("it is there");
    let within = |at: usize| (0..=at.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
    let from = within(usize::from(at) % (whole.len() + 1));
    let to = within(from + usize::from(length)).max(from);
    whole.replace_range(from..to, text);
    let reading = registry()[nth].read(&MODEL, &edited);
    reading.allows(&MODEL, &REQUEST);
    for place in reading.unread.iter().chain(&reading.strays) {
        assert!(!place.what.is_empty());
    }
});
