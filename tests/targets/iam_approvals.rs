//! Approvals in IAM: tags that the issuer of a session sets, aged when it does.

use super::agreement::{BUILT, compiled};
use crate::command_line::schema::problems;
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::{Side, verify};
use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::model::Model;
use bailiwick_compiler::request::read;
use bailiwick_compiler::targets::iam::Iam;
use bailiwick_compiler::targets::iam::request::project;
use bailiwick_compiler::targets::{Assumption, Emission, Fidelity, Target};
use bailiwick_compiler::types::value::instant_text;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const NOW: i64 = 1_796_083_200;
const ROLE: &str = "arn:aws:iam::123456789012:role/bot";
const POLICY: &str = "123456789012/bot/policy-1.json";
const SESSION: &str = "123456789012/bot/session.json";
const TRUST: &str = "123456789012/bot/trust.json";
const TAG: &str = "aws:PrincipalTag/bailiwick:approved:ops:3600:independent";

/// A project whose agent is told by these identities and whose approvals count for so long.
fn estate(identities: &str, within: &str) -> Model {
    let text = format!(
        r#"
session {{ user: person }}
person ana {{ email "ana@acme.example" }}
person ben {{ email "ben@acme.example" }}
person eve {{ email "eve@acme.example" }}
team ops {{ lead ana  members ana, ben, eve }}
purpose work {{ "Do the work."  needs * }}
tool list {{
  arg bucket: string
  arg most: int
  effect read
  touches nothing
  bind aws {{
    actions  "s3:ListBucket"
    resource "arn:aws:s3:::{{args.bucket}}"
    key      "s3:max-keys" = args.most
  }}
}}
agent bot {{
  owner eve
  identity aws-role "{ROLE}"
  {identities}
}}
grant lists {{
  to bot for work
  allow list where args.bucket == "red"
  approval ops within {within} for list if args.most > 10 independent
  ttl 8h
}}
forbid long-lists {{ tools list  when args.most > 100 and not approved by ben within 2h }}
"#
    );
    compiled(&[("main", &text)])
}

const TOKEN: &str = "identity oidc \"https://login.acme.example\" \"bot\"";

fn emitted(identities: &str, within: &str) -> (Model, Emission) {
    let model = estate(identities, within);
    let emission = Iam.emit(&model, BUILT);
    (model, emission)
}

/// What is wrong with files: unread, stray, or a gap of the proof towards more.
fn wrong(model: &Model, emission: &Emission, files: &BTreeMap<String, String>) -> Vec<String> {
    let reading = Iam.read(model, files);
    let places = reading.unread.iter().chain(&reading.strays);
    let mut wrong: Vec<String> = places.map(|place| format!("{}: {}", place.file, place.what)).collect();
    if wrong.is_empty() {
        let proof = verify(&Analysis::new(model, NOW), &reading, &emission.outcomes);
        wrong.extend(proof.gaps.iter().filter(|gap| gap.side == Side::Wider).map(|gap| format!("{gap:?}")));
        assert!(proof.open.is_empty(), "{:?}", proof.open);
    }
    wrong
}

#[test]
fn an_approval_is_a_tag_that_the_issuer_sets_and_ages() {
    let (model, emission) = emitted(TOKEN, "1h");
    let outcome = &emission.outcomes[0];
    assert_eq!(outcome.result, Fidelity::Narrowed);
    assert!(outcome.losses.iter().any(|loss| loss.contains("opened after it")), "{:?}", outcome.losses);
    assert!(outcome.assumptions.contains(&Assumption::TagSetByIssuer { tag: TAG.into() }));
    assert!(outcome.assumptions.contains(&Assumption::ApprovalOfSession { tag: TAG.into() }));
    assert_eq!(wrong(&model, &emission, &emission.files), Vec::<String>::new());

    let session: Json = serde_json::from_str(&emission.files[SESSION]).expect("JSON");
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/iam-session.schema.json");
    let schema: Json =
        serde_json::from_str(&std::fs::read_to_string(schema).expect("the schema")).expect("JSON");
    assert_eq!(problems(&schema, &schema, &session, "session"), Vec::<String>::new());
    assert_eq!(session["DurationSeconds"], 28_800);
    let tags = session["Tags"].as_array().expect("a list");
    // Half of the hour for the session, half for the approval before it; the owner's does not count.
    assert!(tags.contains(&json!({
        "Key": "bailiwick:approved:ops:3600:independent",
        "Value": "yes",
        "If": {
            "ApprovedBy": ["ana", "ben"],
            "NotBy": "session.user",
            "OldestSeconds": 1_800,
            "DurationSeconds": 1_800,
        },
    })));
    assert!(tags.contains(&json!({
        "Key": "bailiwick:approved:ben:7200",
        "Value": "yes",
        "If": { "ApprovedBy": ["ben"], "OldestSeconds": 3_600, "DurationSeconds": 3_600 },
    })));

    let reading = Iam.read(&model, &emission.files);
    let cases = [
        // how many keys, who approved how long ago, and whether that is allowed
        (10, None, true),
        (11, None, false),
        (11, Some(("ana", 3_600)), true),
        (11, Some(("ana", 3_601)), false),
        (11, Some(("ana", -1)), false),
        (11, Some(("eve", 60)), false),
        (101, Some(("ana", 60)), false),
        (101, Some(("ben", 60)), true),
        (101, Some(("ben", 7_200)), false),
    ];
    for (most, approved, allowed) in cases {
        let approvals = match approved {
            Some((who, ago)) => json!({ who: instant_text(NOW - ago) }),
            None => json!({}),
        };
        let request = json!({
            "chain": ["bot"], "purpose": "work", "tool": "list",
            "args": { "bucket": "red", "most": most },
            "now": instant_text(NOW), "session": { "started": instant_text(NOW), "authn": "mtls", "user": "eve" },
            "approvals": approvals,
        });
        let request = read(&model, &request.to_string()).expect("a request");
        assert_eq!(decide(&model, &request).is_allow(), allowed, "{most} {approved:?}");
        assert_eq!(reading.allows(&model, &request), allowed, "{most} {approved:?}");
        let calls = project(&model, ROLE, &request);
        let tagged = calls.iter().any(|call| call.context.contains_key(TAG));
        assert_eq!(tagged, matches!(approved, Some(("ana" | "ben", 0..=3_600))), "{approved:?}");
    }
}

#[test]
fn an_edit_of_what_stands_for_an_approval_is_found() {
    let (model, emission) = emitted(TOKEN, "1h");
    for (file, from, to) in [
        (POLICY, "ops:3600:independent", "ops:3601:independent"),
        (POLICY, "ops:3600:independent", "ops:3600"),
        (POLICY, "ops:3600:independent", "eve:3600"),
        (POLICY, "approved:ops", "approved:nobody"),
        (POLICY, "\"yes\"", "\"no\""),
        (POLICY, "\"StringEquals\"", "\"StringEqualsIfExists\""),
        (POLICY, "\"StringEquals\"", "\"StringNotEquals\""),
        (POLICY, "\"StringEquals\"", "\"StringLike\""),
        (POLICY, "\"Allow\"", "\"Deny\""),
        (SESSION, "\"OldestSeconds\": 1800", "\"OldestSeconds\": 1801"),
        (SESSION, "\"DurationSeconds\": 1800", "\"DurationSeconds\": 1801"),
        (SESSION, "\"OldestSeconds\": 1800", "\"OldestSeconds\": -1"),
        (SESSION, "\"OldestSeconds\": 1800", "\"Oldest\": 1800"),
        (SESSION, "\"ana\"", "\"eve\""),
        (SESSION, "session.user", "session.other"),
        (SESSION, ",\n        \"NotBy\": \"session.user\"", ""),
        (SESSION, "approved:ops:3600", "approved:ops:900"),
        (SESSION, "approved:ops:3600", "approved:ops:03600"),
        (SESSION, "\"Value\": \"yes\"", "\"From\": \"session.user\""),
        // Who presents a certificate chooses the tags itself.
        (
            TRUST,
            "\"Statement\": [",
            "\"Statement\": [{ \"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \
             \"Principal\": { \"Service\": \"rolesanywhere.amazonaws.com\" } },",
        ),
    ] {
        let mut files = emission.files.clone();
        let text = files.get_mut(file).expect("the file");
        assert!(text.contains(from), "{file}: {from}\n{text}");
        *text = text.replace(from, to);
        let wrong = wrong(&model, &emission, &files);
        assert!(!wrong.is_empty(), "{file}: {from} -> {to} is not found\n{}", files[file]);
    }
}

#[test]
fn where_the_agent_would_set_the_tag_itself_approved_calls_are_left_out() {
    for identities in [
        "identity spiffe \"spiffe://acme.example/bot\"",
        "identity aws-principal \"arn:aws:iam::999988887777:role/partner\" \"acme/7f3\"",
        "identity oidc \"https://login.acme.example\" \"bot\"\n  identity spiffe \"spiffe://acme.example/bot\"",
    ] {
        let (model, emission) = emitted(identities, "1h");
        assert!(!emission.files[POLICY].contains("approved"), "{identities}");
        let losses = &emission.outcomes[0].losses;
        assert!(losses.iter().any(|loss| loss.contains("an approval")), "{losses:?}");
        assert_eq!(wrong(&model, &emission, &emission.files), Vec::<String>::new());
        // The tag by hand, as another agent's policy would have it.
        let (_, tagged) = emitted(TOKEN, "1h");
        let mut files = emission.files.clone();
        files.insert(POLICY.into(), tagged.files[POLICY].clone());
        assert!(wrong(&model, &emission, &files).iter().any(|what| what.contains("choose")), "{identities}");
    }
}

#[test]
fn an_approval_that_no_session_outlives_is_left_out() {
    for (within, exported) in [("15m", false), ("15m1s", true), ("20m", true), ("30m", true)] {
        let (model, emission) = emitted(TOKEN, within);
        assert_eq!(emission.files[POLICY].contains("approved:ops"), exported, "{within}");
        assert_eq!(wrong(&model, &emission, &emission.files), Vec::<String>::new(), "{within}");
        let session: Json = serde_json::from_str(&emission.files[SESSION]).expect("JSON");
        for tag in session["Tags"].as_array().expect("a list") {
            if let Some(asked) = tag.get("If") {
                assert!(asked["DurationSeconds"].as_i64() >= Some(900), "{tag}");
                assert!(asked["OldestSeconds"].as_i64() > Some(0), "{tag}");
            }
        }
    }
}
