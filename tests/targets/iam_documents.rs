//! IAM JSON in general: documents that use every operator, held to what the simulator answers.
//!
//! The answers of the reader's evaluator go to `.ci/engines` with the documents; here they are only
//! held to what must be true of any answer.

use super::cloud::Cases;
use bailiwick_compiler::targets::iam::compare::{Inclusion, included};
use bailiwick_compiler::targets::iam::read::document::Document;
use bailiwick_compiler::targets::iam::read::evaluate::{Decision, Policies};
use bailiwick_compiler::targets::iam::request::AwsRequest;
use bailiwick_compiler::targets::iam::suspend;
use bailiwick_testkit::Rng;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

const ROLE: &str = "arn:aws:iam::123456789012:role/agents/bot";

/// An action that takes condition keys of every kind, and resources of it.
const ACTIONS: [(&str, &[&str]); 3] = [
    ("s3:ListBucket", &["arn:aws:s3:::red", "arn:aws:s3:::blue", "arn:aws:s3:::blue-old"]),
    ("s3:GetObject", &["arn:aws:s3:::red/a", "arn:aws:s3:::blue/in/b", "arn:aws:s3:::blue/a:b"]),
    (
        "dynamodb:GetItem",
        &[
            "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
            "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
        ],
    ),
];
const ACTION_PATTERNS: [&str; 8] = [
    "*",
    "s3:*",
    "s3:List*",
    "S3:getobject",
    "s3:Get?bject",
    "dynamodb:*Item",
    "s3:ListBucket",
    "dynamodb:GetItem",
];
const RESOURCE_PATTERNS: [&str; 14] = [
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::blue*",
    "arn:aws:s3:::blue/*",
    "arn:aws:s3:::red",
    "arn:aws:s3:::???",
    "arn:aws:s3:::*/a*",
    "arn:aws:s3:*",
    "arn:aws:dynamodb:*:123456789012:table/orders",
    "arn:aws:dynamodb:eu-*:*:table/*",
    "arn:*",
    "arn:aws:dynamodb:us*",
    "arn:aws:s3:::${aws:PrincipalTag/team}",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'blue'}/*",
];

/// Condition operators of a kind.
pub const STRING: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
pub const NUMERIC: &[&str] = &[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
pub const DATE: &[&str] = &[
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
];
pub const BOOL: &[&str] = &["Bool"];
pub const ADDRESS: &[&str] = &["IpAddress", "NotIpAddress"];
pub const ARN: &[&str] = &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];

/// A key that every action takes or the first one does, its values, operators and constants.
struct Key {
    name: &'static str,
    many: bool,
    values: &'static [&'static str],
    operators: &'static [&'static str],
    constants: &'static [&'static str],
}

const KEYS: [Key; 8] = [
    Key {
        name: "aws:PrincipalTag/team",
        many: false,
        values: &["red", "blue", "Blue", "b"], // the simulator takes an empty tag for an absent one
        operators: STRING,
        constants: &["red", "blue", "BLUE", "b*", "?lue", "*", "${aws:PrincipalTag/other}"],
    },
    Key {
        name: "s3:prefix",
        many: false,
        values: &["a", "A", "in/a", "in/", "red", "a*"],
        operators: &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
        ],
        constants: &["a", "in/*", "*/a", "a?", "${aws:PrincipalTag/team}", "A"], // and `${*}` is itself to `StringEquals`
    },
    Key {
        name: "s3:max-keys",
        many: false,
        values: &["0", "9", "10", "11", "-1", "1000"],
        operators: NUMERIC,
        constants: &["10", "0", "9", "10.5"],
    },
    Key {
        name: "aws:CurrentTime",
        many: false,
        values: &["2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z"],
        operators: DATE,
        constants: &["2026-01-01T00:00:00Z", "2026-01-01", "2026-01-01T01:00:01+01:00"],
    },
    Key {
        name: "aws:SecureTransport",
        many: false,
        values: &["true", "false"],
        operators: BOOL,
        constants: &["true", "false", "TRUE"],
    },
    Key {
        name: "aws:SourceIp",
        many: false,
        values: &["10.0.0.1", "10.255.255.255", "11.0.0.0", "0.0.0.0"], // of IPv6 it denies `NotIpAddress`
        operators: ADDRESS,
        constants: &["10.0.0.0/8", "10.0.0.1", "2001:db8::/32", "11.0.0.0/8"], // to the simulator nothing is in a network of no bits,
    },
    Key {
        name: "aws:PrincipalArn",
        many: false,
        values: &[],
        operators: &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringLike"],
        constants: &[
            ROLE,
            "arn:aws:iam::*:role/agents/*",
            "arn:aws:iam::999999999999:role/*",
            "arn:*:iam::123456789012:role/agents/b?t",
        ],
    },
    Key {
        name: "dynamodb:Attributes",
        many: true,
        values: &["id", "name", "price"],
        operators: &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"],
        constants: &["id", "name", "pri*", "*"],
    },
];

fn statement(rng: &mut Rng) -> Json {
    let list = |rng: &mut Rng, of: &[&str]| {
        let count = 1 + rng.below(2);
        let list: Vec<String> = (0..count).map(|_| rng.pick(of).to_string()).collect();
        if list.len() == 1 && rng.chance(60) { json!(list[0]) } else { json!(list) }
    };
    let mut statement = Map::new();
    statement.insert("Effect".into(), json!(if rng.chance(80) { "Allow" } else { "Deny" }));
    let action = if rng.chance(10) { "NotAction" } else { "Action" };
    statement.insert(action.into(), list(rng, &ACTION_PATTERNS));
    if rng.chance(12) {
        // What a variable without a value does in `NotResource` nobody says; and there the simulator
        // matches nothing when an ARN has less than six fields.
        let whole: Vec<&str> = RESOURCE_PATTERNS[..12]
            .iter()
            .copied()
            .filter(|pattern| *pattern == "*" || pattern.matches(':').count() >= 5)
            .collect();
        statement.insert("NotResource".into(), list(rng, &whole));
    } else {
        statement.insert("Resource".into(), list(rng, &RESOURCE_PATTERNS));
    }
    let mut condition: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
    for _ in 0..rng.below(3) {
        let key = rng.pick(&KEYS);
        if rng.chance(12) && !key.many {
            let constant = *rng.pick(&["true", "false"]);
            condition.entry("Null".into()).or_default().insert(key.name.into(), json!(constant));
            continue;
        }
        let operator = *rng.pick(key.operators);
        let quantifier = match (key.many, rng.below(10)) {
            (true, even) if even % 2 == 0 => "ForAnyValue:",
            (true, _) => "ForAllValues:",
            (false, 0) => "ForAnyValue:",
            (false, 1) => "ForAllValues:",
            (false, _) => "",
        };
        let if_exists = if quantifier.is_empty() && rng.chance(25) { "IfExists" } else { "" };
        let constants = list(rng, key.constants);
        let word = format!("{quantifier}{operator}{if_exists}");
        condition.entry(word).or_default().insert(key.name.into(), constants);
    }
    if !condition.is_empty() {
        statement.insert("Condition".into(), json!(condition));
    }
    Json::Object(statement)
}

fn document(rng: &mut Rng) -> String {
    let statements: Vec<Json> = (0..1 + rng.below(4)).map(|_| statement(rng)).collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn request(rng: &mut Rng) -> AwsRequest {
    let (action, resources) = rng.pick(&ACTIONS);
    let (mut context, mut sets) = (BTreeMap::new(), BTreeMap::new());
    context.insert("aws:CurrentTime".to_string(), rng.pick(KEYS[3].values).to_string());
    for key in &KEYS {
        let taken = match key.name.split_once(':') {
            Some(("s3", _)) => *action == "s3:ListBucket",
            Some(("dynamodb", _)) => action.starts_with("dynamodb"),
            _ => true,
        };
        if !taken || key.values.is_empty() || rng.chance(30) {
            continue;
        }
        if key.many {
            let count = 1 + rng.below(3);
            sets.insert(key.name.to_string(), (0..count).map(|_| rng.pick(key.values).to_string()).collect());
        } else {
            context.insert(key.name.to_string(), rng.pick(key.values).to_string());
        }
    }
    AwsRequest {
        role: ROLE.to_string(),
        action: action.to_string(),
        resource: rng.pick(resources).to_string(),
        context,
        sets,
    }
}

fn read(texts: &[String]) -> Vec<Document> {
    let documents: Vec<Document> = texts.iter().map(|text| Document::read(text)).collect();
    assert!(documents.iter().all(|document| document.unread.is_empty()), "{documents:#?}");
    documents
}

#[test]
fn answers_to_documents_that_use_every_operator() {
    let mut cases = Cases::create("iam-documents");
    let rng = &mut Rng::new(20_260_501);
    let (mut asked, mut allowed) = (0, 0);
    for number in 0..2_500 {
        let texts: Vec<String> = (0..1 + rng.below(2)).map(|_| document(rng)).collect();
        let bounds: Option<Vec<String>> = rng.chance(30).then(|| vec![document(rng)]);
        let (identity, boundary) = (read(&texts), bounds.as_ref().map(|texts| read(texts)));
        let policies = Policies { identity: &identity, boundary: boundary.as_deref(), session: None };
        let mut requests = Vec::new();
        for _ in 0..12 {
            let request = request(rng);
            let allow = policies.decide(&request) == Decision::Allowed;
            asked += 1;
            allowed += usize::from(allow);
            requests.push(json!({ "request": request, "folder": "bot", "allow": allow }));
        }
        let boundaries: BTreeMap<&str, &Vec<String>> = bounds.iter().map(|texts| ("bot", texts)).collect();
        cases.write(&json!({
            "name": format!("documents {number}"),
            "documents": { "bot": texts },
            "boundaries": boundaries,
            "requests": requests,
        }));
    }
    assert!(allowed * 10 >= asked, "{allowed} of {asked} allowed are too few");
}

/// Whatever is claimed of two documents holds of every request that is tried.
#[test]
fn inclusion_is_as_requests_say() {
    let rng = &mut Rng::new(7);
    let (mut included_, mut refuted, mut undecided) = (0, 0, 0);
    for _ in 0..4_000 {
        let first = read(&[document(rng)]);
        let second = if rng.chance(50) {
            // The same with one statement more or less: inclusions are to be met with.
            let mut changed = first.clone();
            if rng.chance(50) {
                changed[0].statements.extend(read(&[document(rng)]).remove(0).statements.pop());
            } else {
                changed[0].statements.pop();
            }
            changed
        } else {
            read(&[document(rng)])
        };
        let allows = |identity: &[Document], request: &AwsRequest| {
            Policies { identity, ..Policies::default() }.decide(request) == Decision::Allowed
        };
        match included(&first, &second) {
            Inclusion::Included => {
                included_ += 1;
                for _ in 0..200 {
                    let request = request(rng);
                    assert!(
                        !allows(&first, &request) || allows(&second, &request),
                        "{request:#?}\n{first:#?}\n{second:#?}"
                    );
                }
            }
            Inclusion::Refuted(request) => {
                refuted += 1;
                assert!(allows(&first, &request) && !allows(&second, &request), "{request:#?}");
            }
            Inclusion::Undecided(_) => undecided += 1,
        }
    }
    println!("inclusion: {included_} included, {refuted} refuted, {undecided} undecided");
    assert!(included_ >= 60 && refuted >= 60, "{included_} included, {refuted} refuted");
}

/// A letter in its one case is not all that is asked without regard to case.
#[test]
fn what_is_asked_without_regard_to_case_is_more() {
    let asked = |operator: &str, constant: &str| {
        let condition = json!({ operator: { "s3:prefix": constant } });
        let statement =
            json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": condition });
        read(&[json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()])
    };
    let (any_case, small) = (asked("StringEqualsIgnoreCase", "a"), asked("StringEquals", "a"));
    assert_eq!(included(&small, &any_case), Inclusion::Included);
    let Inclusion::Refuted(request) = included(&any_case, &small) else { panic!("`A` is allowed by one") };
    assert_eq!(request.context["s3:prefix"], "A");
    let both = [small, asked("StringEquals", "A")].concat();
    assert_eq!(included(&any_case, &both), Inclusion::Included);
}

/// The kill switch: everything at once, and sessions from before it even when it is lifted.
#[test]
fn a_suspension_stops_sessions_that_are_out() {
    let text = r#"
        person ana { email "ana@acme.example" }
        agent bot {
          owner ana
          identity aws-role "arn:aws:iam::123456789012:role/agents/bot"
          suspended because "a leak"
        }"#;
    let compiled = bailiwick_compiler::compile_text(&[("main", text)]);
    assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics);
    let thrown = bailiwick_compiler::types::value::parse_instant("2026-05-01T10:00:00Z").expect("an instant");
    let (files, rules) = suspend::revoked(&compiled.model, thrown);
    assert_eq!((files.len(), rules.len()), (2, 2), "{files:#?}");
    let anything =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let mut request = request(&mut Rng::new(1));
    let decide = |names: &[&str], request: &AwsRequest| {
        let mut texts = vec![anything.to_string()];
        texts.extend(names.iter().map(|name| files[&format!("123456789012/agents/bot/{name}")].clone()));
        Policies { identity: &read(&texts), ..Policies::default() }.decide(request)
    };
    assert_eq!(decide(&[], &request), Decision::Allowed);
    assert_eq!(decide(&["suspended.json"], &request), Decision::ExplicitlyDenied);
    for (issued, expected) in
        [("2026-05-01T09:59:59Z", Decision::ExplicitlyDenied), ("2026-05-01T10:00:00Z", Decision::Allowed)]
    {
        request.context.insert("aws:TokenIssueTime".to_string(), issued.to_string());
        assert_eq!(decide(&["suspended.json"], &request), Decision::ExplicitlyDenied);
        assert_eq!(decide(&["revoked.json"], &request), expected, "{issued}");
    }
}
