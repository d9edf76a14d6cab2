//! IAM beside its policies: splitting, trust, sessions, boundaries, wrappers. Each is read back, and
//! an edit of any is found.

use super::agreement::{BUILT, compiled};
use super::cloud;
use crate::command_line::schema::problems;
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::{Proof, Side, verify};
use bailiwick_compiler::model::{IamOptions, Model, Wrapper};
use bailiwick_compiler::targets::iam::Iam;
use bailiwick_compiler::targets::{Emission, Fidelity, Target};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const NOW: i64 = 1_796_083_200;
/// Where the role's files are.
pub const FOLDER: &str = "123456789012/agents/bot";

const ESTATE: &str = r#"
session { cell: string }
person ana { email "ana@acme.example" }
purpose work { "Do the work."  needs * }
tool list {
  arg bucket: string
  arg most?: int
  effect read
  touches nothing
  bind aws {
    actions  "s3:ListBucket"
    resource "arn:aws:s3:::{args.bucket}"
    key      "s3:max-keys" = args.most
  }
}
agent bot {
  owner ana
  identity aws-role "arn:aws:iam::123456789012:role/agents/bot"
  identity oidc     "https://login.acme.example/agents" "bot${aws:userid}"
  identity spiffe   "spiffe://acme.example/bot"
  identity aws-principal "arn:aws:iam::999988887777:role/partner" "acme/7f3"
}
forbid no-long-lists { tools list  when args.most > 100 }
ceiling lists-only   { agents bot  allow list }
"#;

/// So many grants to one role, each for a bucket of its own.
pub fn estate(grants: usize) -> Model {
    let mut text = ESTATE.to_string();
    for at in 0..grants {
        let _ = writeln!(
            text,
            "grant g{at} {{ to bot for work  allow list where args.bucket == \"bucket-{at}\"  \
             when session.cell == \"c1\"  ttl 1h }}"
        );
    }
    compiled(&[("main", &text)])
}

/// The policies of the role, by file.
fn policies(emission: &Emission) -> BTreeMap<&String, Json> {
    let named = |path: &&String| path.contains("/policy-") || path.ends_with("/inline.json");
    let files = emission.files.iter().filter(|(path, _)| named(path));
    files.map(|(path, text)| (path, serde_json::from_str(text).expect("JSON"))).collect()
}

fn statements<'a>(document: &'a Json, effect: &'a str) -> impl Iterator<Item = &'a Json> {
    let all = document["Statement"].as_array().expect("a list").iter();
    all.filter(move |statement| statement["Effect"] == effect)
}

#[test]
fn what_a_role_has_no_room_for_is_refused() {
    let mut model = estate(2_000);
    for quota in [IamOptions::POLICIES, IamOptions::MOST_POLICIES] {
        model.options.iam.managed_policies = quota;
        let emission = Iam.emit(&model, BUILT);
        let policies = policies(&emission);
        assert_eq!(policies.len(), quota + 1);
        let mut allowed = 0;
        for (path, document) in &policies {
            let most = if path.ends_with("inline.json") { 10_240 - 1_024 } else { 6_144 };
            assert!(document.to_string().len() <= most, "{path}");
            assert_eq!(statements(document, "Deny").count(), 1, "{path} lacks the denial");
            allowed += statements(document, "Allow").count();
        }
        let sids: BTreeSet<&str> = policies
            .values()
            .flat_map(|document| document["Statement"].as_array().expect("a list"))
            .map(|statement| statement["Sid"].as_str().expect("a name"))
            .collect();
        assert_eq!(sids.len(), allowed + policies.len(), "names are used once");
        let of = |result| emission.outcomes.iter().filter(move |outcome| outcome.result == result);
        let exact = of(Fidelity::ExactUnderAssumptions).count();
        println!("iam: {quota} managed policies: {exact} of 2000 grants fit");
        assert!(exact >= quota * 25 && exact == allowed);
        assert_eq!(exact + of(Fidelity::Refused).count(), 2_000);
        assert!(of(Fidelity::Refused).all(|outcome| outcome.losses[0].contains("policies are full")));
    }
}

/// What is proved of these files alone, nothing being said to be the same.
fn proof(model: &Model, emission: &Emission, files: &BTreeMap<String, String>) -> Proof {
    let mut outcomes = emission.outcomes.clone();
    outcomes.iter_mut().for_each(|outcome| outcome.result = Fidelity::Narrowed);
    verify(&Analysis::new(model, NOW), &Iam.read(model, files), &outcomes)
}

#[test]
fn every_document_alone_is_within_and_would_be_wider_without_its_denials() {
    let model = estate(100);
    let emission = Iam.emit(&model, BUILT);
    let policies = policies(&emission);
    assert!(policies.len() >= 3, "{:?}", policies.keys());
    for (path, document) in policies {
        let session = format!("{FOLDER}/session.json");
        let issued = (session.clone(), emission.files[&session].clone());
        let alone = BTreeMap::from([(path.clone(), document.to_string()), issued.clone()]);
        let proof_alone = proof(&model, &emission, &alone);
        assert_eq!((&proof_alone.open[..], &proof_alone.gaps[..]), (&[][..], &[][..]), "{path}");
        let allows: Vec<&Json> = statements(&document, "Allow").collect();
        let bare = json!({ "Version": "2012-10-17", "Statement": allows }).to_string();
        let proof_bare = proof(&model, &emission, &BTreeMap::from([(path.clone(), bare), issued]));
        assert!(proof_bare.gaps.iter().any(|gap| gap.side == Side::Wider), "{path}");
    }
}

#[test]
fn a_role_is_trusted_to_its_agent_and_its_sessions_are_bounded() {
    let emission = Iam.emit(&estate(3), BUILT);
    let file = |name: &str| -> Json {
        serde_json::from_str(&emission.files[&format!("{FOLDER}/{name}")]).expect("JSON")
    };
    let trust = file("trust.json");
    let subject = &trust["Statement"][0]["Condition"]["StringEquals"]["login.acme.example/agents:sub"];
    assert_eq!(subject, "bot${$}{aws:userid}", "a subject is no template");
    assert_eq!(trust["Statement"].as_array().map(Vec::len), Some(3));
    let partner = json!({ "AWS": "arn:aws:iam::999988887777:role/partner" });
    let is_partner = |one: &&Json| one["Principal"] == partner;
    let of_partner =
        trust["Statement"].as_array().into_iter().flatten().find(is_partner).expect("a statement");
    assert_eq!(of_partner["Condition"], json!({ "StringEquals": { "sts:ExternalId": "acme/7f3" } }));
    let session = file("session.json");
    assert_eq!((&session["DurationSeconds"], &session["MaxSessionDuration"]), (&json!(3600), &json!(3600)));
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/iam-session.schema.json");
    let schema: Json =
        serde_json::from_str(&std::fs::read_to_string(schema).expect("the schema")).expect("JSON");
    assert_eq!(problems(&schema, &schema, &session, "session"), Vec::<String>::new());
    assert_eq!(file("boundary.json")["Statement"][0]["Resource"], json!(["arn:aws:s3:::*"]));
}

#[test]
fn wrappers_hold_the_same_documents() {
    let mut model = estate(60);
    model.options.iam.wrappers = Wrapper::ALL.into();
    let emission = Iam.emit(&model, BUILT);
    let plain: BTreeMap<&str, &str> = emission
        .files
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix(FOLDER)?.strip_prefix('/')?, text.as_str())))
        .collect();
    let parse = |name: &str| -> Json { serde_json::from_str(plain[name]).expect("JSON") };
    let (terraform, stack) = (parse("main.tf.json"), parse("stack.json"));
    let resources = &terraform["resource"];
    // As Terraform reads a text.
    let text = |text: &Json| text.as_str().expect("a text").replace("$${", "${").replace("%%{", "%{");
    let mut seen = BTreeSet::new();
    for (name, document) in &plain {
        let Some(label) = name.strip_suffix(".json").filter(|_| !name.ends_with(".tf.json")) else {
            continue;
        };
        let id = label.replace('-', "").replacen(&label[..1], &label[..1].to_uppercase(), 1);
        let (in_terraform, in_stack) = match label {
            "stack" | "session" => continue,
            "trust" => (
                &resources["aws_iam_role"]["role"]["assume_role_policy"],
                &stack["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"],
            ),
            "inline" => (
                &resources["aws_iam_role_policy"][label]["policy"],
                &stack["Resources"][&id]["Properties"]["PolicyDocument"],
            ),
            _ => (
                &resources["aws_iam_policy"][label]["policy"],
                &stack["Resources"][&id]["Properties"]["PolicyDocument"],
            ),
        };
        assert_eq!(text(in_terraform), *document, "{label}");
        assert_eq!(in_stack.to_string(), parse(name).to_string(), "{label}");
        seen.insert(label);
    }
    assert!(seen.is_superset(&["policy-1", "policy-2", "trust", "boundary"].into()), "{seen:?}");
    assert_eq!(resources["aws_iam_role"]["role"]["max_session_duration"], 3600);
    assert_eq!(stack["Resources"]["Role"]["Properties"]["Path"], "/agents/");
    let attached = resources["aws_iam_role_policy_attachment"].as_object().expect("attachments");
    assert_eq!(attached.len(), seen.iter().filter(|label| label.starts_with("policy-")).count());
}

#[test]
fn a_session_policy_says_what_the_policies_say_as_long_as_it_fits() {
    let session_policy =
        |grants| Iam.emit(&estate(grants), BUILT).files.remove(&format!("{FOLDER}/session-policy.json"));
    let longest = (1..40).take_while(|grants| session_policy(*grants).is_some()).last().expect("one fits");
    let text = session_policy(longest).expect("it fits");
    assert!(text.len() <= 2_048 && text.len() > 1_500, "{} characters of {longest} grants", text.len());
    let model = estate(longest);
    let emission = Iam.emit(&model, BUILT);
    // By itself, as the only policy of the role, it is the source.
    let session = format!("{FOLDER}/session.json");
    let alone = BTreeMap::from([
        (format!("{FOLDER}/policy-1.json"), text),
        (session.clone(), emission.files[&session].clone()),
    ]);
    let proof = verify(&Analysis::new(&model, NOW), &Iam.read(&model, &alone), &emission.outcomes);
    assert_eq!((&proof.open[..], &proof.gaps[..]), (&[][..], &[][..]));
    // The kill switch is attached to the role, and is no part of it.
    let mut files = emission.files.clone();
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    files.insert(format!("{FOLDER}/revoked.json"), deny.to_string());
    let reading = Iam.read(&model, &files);
    assert!(reading.unread.is_empty(), "{:?}", reading.unread);
}

#[test]
fn edits_beside_the_policies_are_found() {
    let mut model = estate(3);
    model.options.iam.wrappers = Wrapper::ALL.into();
    let emission = Iam.emit(&model, BUILT);
    let read = |name: &str, from: &str, to: &str| {
        let mut files = emission.files.clone();
        let text = files.get_mut(&format!("{FOLDER}/{name}")).expect("the file");
        assert!(text.contains(from), "{name}: {from}\n{text}");
        *text = text.replacen(from, to, 1);
        let reading = Iam.read(&model, &files);
        let places = reading.unread.iter().chain(&reading.strays);
        (places.map(|place| format!("{}: {}", place.file, place.what)).collect::<Vec<_>>(), files)
    };
    assert_eq!(read("trust.json", "Allow", "Allow").0, Vec::<String>::new());
    for (name, from, to) in [
        ("trust.json", "bot${$}{aws:userid}", "other"),
        ("trust.json", "bot${$}{aws:userid}", "bot${aws:userid}"),
        ("trust.json", "StringEquals", "StringLike"),
        ("trust.json", "StringEquals", "StringEqualsIfExists"),
        ("trust.json", "sts.amazonaws.com", "elsewhere"),
        ("trust.json", "oidc-provider/login", "oidc-provider/evil"),
        ("trust.json", "spiffe://acme.example/bot", "spiffe://acme.example/*"),
        ("trust.json", "rolesanywhere:*:123456789012", "rolesanywhere:*:*"),
        ("trust.json", "\"aws:SourceArn\"", "\"aws:PrincipalArn\""),
        ("trust.json", "acme/7f3", "acme/*"),
        ("trust.json", "sts:ExternalId", "aws:SourceAccount"),
        ("trust.json", "999988887777:role/partner", "999988887777:role/other"),
        ("trust.json", "arn:aws:iam::999988887777:role/partner", "999988887777"),
        ("trust.json", "arn:aws:iam::999988887777:role/partner", "*"),
        ("trust.json", "\"Principal\": {", "\"Resource\": \"*\", \"Principal\": {"),
        ("session.json", "\"DurationSeconds\": 3600", "\"DurationSeconds\": 3601"),
        ("session.json", "\"MaxSessionDuration\": 3600", "\"MaxSessionDuration\": 3601"),
        ("session.json", "\"Value\": \"", "\"Value\": \"not-"),
        ("session.json", "role/agents/bot", "role/agents/other"),
        ("session.json", "session.cell", "session.other"),
        ("main.tf.json", "s3:ListBucket", "s3:GetObject"),
        ("stack.json", "s3:ListBucket", "s3:GetObject"),
        ("stack.json", "\"Path\": \"/agents/\"", "\"Path\": \"/\""),
    ] {
        let (found, _) = read(name, from, to);
        // A document that is edited no longer is what its wrappers hold.
        assert!(found.iter().any(|what| what.contains(name)), "{name}: {from} -> {to}: {found:#?}");
    }
    // A boundary that takes something away is no boundary of a proved ceiling.
    let (_, mut files) = read("boundary.json", "arn:aws:s3:::*", "arn:aws:s3:::bucket-0");
    files.retain(|path, _| !path.ends_with(".tf.json") && !path.ends_with("stack.json"));
    let reading = Iam.read(&model, &files);
    let proof = verify(&Analysis::new(&model, NOW), &reading, &emission.outcomes);
    assert!(proof.gaps.iter().any(|gap| gap.side == Side::Narrower), "{proof:#?}");
}

/// Generated projects have boundaries, trust policies and wrappers, and none is unread.
#[test]
fn generated_projects_have_every_kind_of_file() {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (name, model) in cloud::models().into_iter().take(60) {
        let emission = Iam.emit(&model, BUILT);
        let reading = Iam.read(&model, &emission.files);
        assert!(reading.unread.is_empty() && reading.strays.is_empty(), "{name}: {reading:#?}");
        for path in emission.files.keys() {
            *names.entry(path.rsplit('/').next().unwrap_or(path).to_string()).or_default() += 1;
        }
    }
    for name in [
        "policy-1.json",
        "boundary.json",
        "trust.json",
        "session.json",
        "session-policy.json",
        "main.tf.json",
        "stack.json",
    ] {
        assert!(names.get(name).is_some_and(|count| *count >= 10), "{names:?}");
    }
}
