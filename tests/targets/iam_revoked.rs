//! The kill switch of IAM, for the simulator: requests of a revoked agent's role, of sessions that
//! were out before and of those issued after, and of another agent's role.

use super::agreement::{BUILT, compiled};
use super::cloud::Cases;
use bailiwick_compiler::model::IdentityKind;
use bailiwick_compiler::revoke::{Revocation, artifacts};
use bailiwick_compiler::targets::Target;
use bailiwick_compiler::targets::iam::Iam;
use bailiwick_compiler::targets::iam::read::document::Document;
use bailiwick_compiler::targets::iam::read::evaluate::{Decision, Policies};
use bailiwick_compiler::targets::iam::request::AwsRequest;
use bailiwick_compiler::types::value::instant_text;
use serde_json::json;
use std::collections::BTreeMap;

const NOW: i64 = 1_796_083_200;

const PROJECT: &str = r#"
person ana { email "ana@acme.example" }
purpose work { "Do the work."  needs * }
tool get {
  arg key: string
  effect read
  touches nothing
  bind aws { actions "s3:GetObject"  resource "arn:aws:s3:::acme/{args.key}" }
}
agent one { owner ana  identity aws-role "arn:aws:iam::123456789012:role/one" }
agent two { owner ana  identity aws-role "arn:aws:iam::123456789012:role/two" }
grant first  { to one for work  allow get }
grant second { to two for work  allow get }
"#;

#[test]
fn a_revoked_agent_is_denied_and_nobody_else() {
    let model = compiled(&[("main", PROJECT)]);
    let role = "arn:aws:iam::123456789012:role/one";
    let accounts = [(IdentityKind::AwsRole, role.into())].into();
    let revocation = Revocation { agent: "one".into(), because: "leaked".into(), accounts, now: NOW };
    let revoked = artifacts(&revocation, None).files;
    let built = Iam.emit(&model, BUILT).files;
    let of = |role: &str| built[&format!("123456789012/{role}/policy-1.json")].clone();
    let thrown = |file: &str| revoked[&format!("iam/123456789012/one/{file}")].clone();
    // What is attached when: before, at once, and after the agent was let in again.
    let documents: BTreeMap<&str, Vec<String>> = BTreeMap::from([
        ("before", vec![of("one")]),
        ("stopped", vec![of("one"), thrown("suspended.json"), thrown("revoked.json")]),
        ("let in", vec![of("one"), thrown("revoked.json")]),
        ("other", vec![of("two")]),
    ]);
    let mut requests = Vec::new();
    for (folder, texts) in &documents {
        let identity: Vec<Document> = texts.iter().map(|text| Document::read(text)).collect();
        for issued in (NOW - 50..=NOW + 50).step_by(2) {
            let name = if *folder == "other" { "two" } else { "one" };
            let context = [("aws:CurrentTime", NOW + 60), ("aws:TokenIssueTime", issued)];
            let request = AwsRequest {
                role: format!("arn:aws:iam::123456789012:role/{name}"),
                action: "s3:GetObject".to_string(),
                resource: format!("arn:aws:s3:::acme/{issued}"),
                context: context.map(|(key, at)| (key.to_string(), instant_text(at))).into(),
                sets: BTreeMap::new(),
            };
            let allow = match *folder {
                "stopped" => false,
                "let in" => issued >= NOW,
                _ => true,
            };
            let decision = Policies { identity: &identity, ..Policies::default() }.decide(&request);
            assert_eq!(decision == Decision::Allowed, allow, "{folder}, issued at {issued}");
            requests.push(json!({ "request": request, "folder": folder, "allow": allow }));
        }
    }
    let mut cases = Cases::create("iam-revoked");
    cases.write(&json!({ "name": "revoked", "documents": documents, "requests": requests }));
}
