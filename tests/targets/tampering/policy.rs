//! IAM policies that somebody else wrote: every operator, on keys that the drawn projects bind and
//! on others, with constants of its kind and now and then of another.

use super::super::iam_documents::{ADDRESS, ARN, BOOL, DATE, NUMERIC, STRING};
use bailiwick_testkit::Rng;
use serde_json::{Value as Json, json};

const KEYS: &[&str] = &[
    "aws:PrincipalTag/environment",
    "aws:PrincipalTag/cell",
    "aws:PrincipalTag/mfa",
    "aws:PrincipalTag/clearance",
    "aws:PrincipalTag/user",
    "aws:PrincipalTag/elsewhere",
    "aws:RequestedRegion",
    "s3:x-amz-acl",
    "aws:SecureTransport",
    "s3:prefix",
    "s3:max-keys",
    "aws:SourceIp",
    "dynamodb:Attributes",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalArn",
    "AWS:principalaccount",
    "aws:username",
];

/// Operators, and constants of their kind.
const OPERATORS: &[(&[&str], &[&str])] = &[
    (
        STRING,
        &[
            "production",
            "staging",
            "red",
            "blue",
            "b*",
            "in/*",
            "*",
            "",
            "3",
            "true",
            "eu-west-1",
            "ana",
            "${aws:PrincipalTag/cell}",
            "${aws:PrincipalTag/user}*",
            "${*}",
        ],
    ),
    (NUMERIC, &["0", "2", "3", "2.5", "-1", "100", "1772323200"]),
    (DATE, &["2026-03-01T00:00:00Z", "2026-06-01", "1796083200", "2027-01-01T00:00:00.5Z"]),
    (BOOL, &["true", "false"]),
    (ADDRESS, &["10.0.0.0/8", "10.0.0.1", "192.168.0.0/16", "::/0"]),
    (ARN, &["arn:aws:iam::123456789012:role/*", "arn:*:*:*:*:*", "arn:aws:s3:::blue"]),
    (&["Null"], &["true", "false"]),
];
const ACTIONS: &[&str] =
    &["*", "s3:*", "s3:Get*", "S3:putobject", "s3:ListBucket", "dynamodb:*Item", "dynamodb:GetItem", "ec2:*"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::blue/*",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::blue/in/*",
    "arn:aws:s3:::${aws:PrincipalTag/cell}/*",
    "arn:aws:dynamodb:*:*:table/*",
    "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
];

/// A policy.
pub fn policy(rng: &mut Rng) -> String {
    let mut statements = vec![statement(rng, "Allow", 30)];
    for _ in 0..rng.below(3) {
        let effect = *rng.pick(&["Allow", "Deny", "Deny"]);
        statements.push(statement(rng, effect, 70));
    }
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A statement, narrowed in some of a hundred cases.
fn statement(rng: &mut Rng, effect: &str, narrowed: usize) -> Json {
    let mut statement = json!({ "Effect": effect });
    for (positive, negative, patterns) in
        [("Action", "NotAction", ACTIONS), ("Resource", "NotResource", RESOURCES)]
    {
        let field = if rng.chance(10) { negative } else { positive };
        let some = if rng.chance(narrowed) { rng.some(patterns, 2) } else { vec!["*"] };
        statement[field] = some.into();
    }
    for _ in 0..if rng.chance(narrowed) { 1 + rng.below(2) } else { 0 } {
        let (words, constants) = rng.pick(OPERATORS);
        let quantifier = *rng.pick(&["", "", "", "ForAnyValue:", "ForAllValues:"]);
        let if_exists = if rng.chance(25) { "IfExists" } else { "" };
        let word = format!("{quantifier}{}{if_exists}", rng.pick(words));
        let constants = if rng.chance(5) { rng.pick(OPERATORS).1 } else { constants };
        let count = 1 + rng.below(2);
        statement["Condition"][word][*rng.pick(KEYS)] = rng.some(constants, count).into();
    }
    statement
}
