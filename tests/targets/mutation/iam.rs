//! Ways to break IAM's policies.

use super::Found::{Narrower, NotUnderstood, Wider};
use super::{Edit, Row, caught_in, cloud};

const CLOUD: &str = "cloud";
const SERVER: &str = "123456789012/server/policy-1.json";
const MENDER: &str = "123456789012/mender/policy-1.json";
const STOPPED: &str = "123456789012/stopped/suspended.json";

const IAM: &[Row] = &[
    // limits
    (CLOUD, SERVER, "\"100\"", "\"101\"", Wider),
    (CLOUD, SERVER, "\"100\"", "\"99\"", Narrower),
    (CLOUD, SERVER, "NumericLessThanEquals", "NumericLessThan", Narrower),
    (CLOUD, SERVER, "NumericLessThanEquals", "NumericGreaterThanEquals", Wider),
    (CLOUD, SERVER, "NumericLessThanEquals", "NumericLessThanEqualsIfExists", Wider),
    (CLOUD, SERVER, "\"10.0.0.0/8\"", "\"10.0.0.0/7\"", Wider),
    (CLOUD, SERVER, "\"10.0.0.0/8\"", "\"10.0.0.0/9\"", Narrower),
    (CLOUD, SERVER, "\"IpAddress\"", "\"NotIpAddress\"", Wider),
    (CLOUD, SERVER, "\"DateLessThan\"", "\"DateLessThanEquals\"", Wider),
    (CLOUD, SERVER, "\"DateGreaterThanEquals\"", "\"DateGreaterThan\"", Narrower),
    (CLOUD, SERVER, "2027-06-01T00:00:00Z", "2027-06-01T00:00:01Z", Wider),
    (
        CLOUD,
        SERVER,
        "\"DateGreaterThanEquals\": {\n          \"aws:CurrentTime\": \"2026-03-01T00:00:00Z\"\n        },\n        ",
        "",
        Wider,
    ),
    // no number fits the text of that key
    (
        CLOUD,
        SERVER,
        "\"DateGreaterThanEquals\": {\n          \"aws:CurrentTime\": \"2026-03-01T00:00:00Z\"",
        "\"NumericGreaterThanEquals\": {\n          \"aws:CurrentTime\": \"1772323200\"",
        NotUnderstood,
    ),
    // what is absent
    (
        CLOUD,
        SERVER,
        "\"Null\": {\n          \"aws:RequestedRegion\": \"false\"\n        },\n        ",
        "",
        Wider,
    ),
    (CLOUD, SERVER, "\"aws:RequestedRegion\": \"false\"", "\"aws:RequestedRegion\": \"true\"", Wider),
    (CLOUD, SERVER, "\"s3:prefix\": \"true\"", "\"s3:prefix\": \"false\"", Wider),
    (CLOUD, SERVER, "\"Null\": {\n          \"s3:prefix\": \"true\"\n        },\n        ", "", Wider),
    (CLOUD, SERVER, "\"StringEqualsIfExists\"", "\"StringEquals\"", Wider),
    (
        CLOUD,
        SERVER,
        "\"StringEquals\": {\n          \"s3:x-amz-acl\"",
        "\"StringEqualsIfExists\": {\n          \"s3:x-amz-acl\"",
        Wider,
    ),
    // texts, actions, resources
    (CLOUD, SERVER, "\"s3:prefix\": \"in/*\"", "\"s3:prefix\": \"*\"", Wider),
    (CLOUD, SERVER, "\"s3:prefix\": \"in/*\"", "\"s3:prefix\": \"in/x*\"", Narrower),
    (CLOUD, SERVER, "StringNotEquals", "StringEquals", Wider),
    (CLOUD, SERVER, "\"us-east-1\"", "\"us-east-2\"", Wider),
    (CLOUD, SERVER, "arn:aws:s3:::blue/in/*", "arn:aws:s3:::blue/*", Wider),
    (CLOUD, SERVER, "arn:aws:s3:::blue/in/*", "arn:aws:s3:::blue*/in/*", Wider),
    (CLOUD, SERVER, "arn:aws:s3:::blue/in/*", "arn:aws:s3:::blue/in/*.txt", Narrower),
    (CLOUD, SERVER, "arn:aws:s3:::blue/in/*", "arn:aws:s3:::red/in/*", Wider),
    (
        CLOUD,
        SERVER,
        "\"Action\": \"s3:PutObject\"",
        "\"Action\": [\"s3:PutObject\", \"s3:GetObject\"]",
        Wider,
    ),
    (CLOUD, SERVER, "\"Action\": \"s3:PutObject\"", "\"Action\": \"s3:*\"", Wider),
    (CLOUD, SERVER, "\"Action\": \"s3:PutObject\"", "\"NotAction\": \"s3:PutObject\"", Wider),
    (CLOUD, SERVER, "\"aws:SecureTransport\": \"true\"", "\"aws:SecureTransport\": \"false\"", Wider),
    (
        CLOUD,
        SERVER,
        "\"s3:x-amz-acl\": \"private\"",
        "\"s3:x-amz-acl\": [\"private\", \"public-read\"]",
        Wider,
    ),
    (CLOUD, MENDER, "\"eu-central-1\"", "\"us-east-1\"", Wider),
    (CLOUD, MENDER, "table/users-*", "table/*", Wider),
    (CLOUD, MENDER, "table/users-*", "table/users-x*", Narrower),
    (CLOUD, MENDER, "dynamodb:*:123456789012:table/orders", "dynamodb:*:*:table/orders", NotUnderstood),
    (CLOUD, MENDER, "\"Action\": \"dynamodb:GetItem\"", "\"Action\": \"dynamodb:DeleteItem\"", Narrower),
    // denials
    (CLOUD, SERVER, "\"Effect\": \"Deny\"", "\"Effect\": \"Allow\"", Wider),
    (CLOUD, SERVER, "arn:aws:s3:::finance", "arn:aws:s3:::finances", Wider),
    (CLOUD, SERVER, "arn:aws:s3:::finance", "arn:aws:s3:::f*", Narrower),
    (CLOUD, SERVER, "\"eu-north-1\"", "\"eu-north-2\"", Wider),
    (CLOUD, SERVER, "arn:aws:s3:::green/*", "arn:aws:s3:::blue/*", Wider),
    (
        CLOUD,
        SERVER,
        "\"Sid\": \"ForbidFar\",\n      \"Effect\": \"Deny\",\n      \"Action\": \"s3:GetObject\"",
        "\"Sid\": \"ForbidFar\",\n      \"Effect\": \"Deny\",\n      \"Action\": \"s3:PutObject\"",
        Wider,
    ),
    (CLOUD, STOPPED, "\"Effect\": \"Deny\"", "\"Effect\": \"Allow\"", Wider),
    // what is no policy any more
    (CLOUD, SERVER, "\"Effect\": \"Allow\"", "\"Effect\": \"allow\"", NotUnderstood),
    (CLOUD, SERVER, "\"Null\"", "\"Nil\"", NotUnderstood),
];

#[test]
fn iam() {
    let edit = |&(project, file, from, to, found): &Row| (project, Edit::Text(file, from, to), found);
    let rows: Vec<_> = IAM.iter().map(edit).collect();
    caught_in("iam", &[(CLOUD, cloud::PROJECT)], &rows, |_| {});
}
