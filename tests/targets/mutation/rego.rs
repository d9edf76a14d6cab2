//! Bundles broken on purpose: the data is proved, the module is to be the one that is written.

use super::Edit::{self, File, Text};
use super::Found::{self, Narrower, NotUnderstood, Wider};
use super::caught;

/// Where in the data's `estate`, what stands there instead, and what is to be found.
type Row = (&'static str, &'static str, Found);

const PAYMENTS: &[Row] = &[
    // limits
    ("/grants/refunds/lines/1/when/0/value", "501", Wider),
    ("/grants/refunds/lines/1/when/0/value", "499", Narrower),
    ("/grants/refunds/lines/1/when/0/op", "\"<\"", Narrower),
    ("/grants/refunds/lines/1/when/0/op", "\">=\"", Wider),
    ("/grants/refunds/lines/1/when/0", "", Wider),
    ("/grants/refunds/lines/1/when/1/value", r#"["EUR", "GBP", "USD"]"#, Wider),
    ("/grants/refunds/when", "[]", Wider),
    ("/grants/refunds/expires", "1806451201", Wider),
    ("/grants/refunds/starts", "1767225599", Wider),
    ("/grants/refunds/ttl", "901", Wider),
    ("/grants/refunds/ttl", "899", Narrower),
    // who, what for, on what
    ("/grants/refunds/authn", "0", Wider),
    ("/grants/refunds/authn", "2", Narrower),
    ("/agents/fraud-checker/authn", "1", Wider),
    ("/candidates/support-bot/refunds/stripe.refund", "[]", Narrower),
    ("/candidates/weak-bot", r#"{"refunds": {"stripe.lookup": ["refunds"]}}"#, Wider),
    ("/grants/refunds/purpose", "\"other\"", NotUnderstood),
    ("/grants/refunds/covers/personal", "", Narrower),
    // approvals
    ("/grants/refunds/approvals/0", "", Wider),
    ("/grants/refunds/approvals/0/ops/stripe.refund", "", NotUnderstood),
    ("/grants/refunds/approvals/0/unless/value", "201", Wider),
    ("/grants/refunds/approvals/0/unless", "", Narrower),
    ("/grants/refunds/approvals/0/unless", "null", NotUnderstood),
    ("/grants/refunds/approvals/0/within", "3601", Wider),
    ("/grants/refunds/approvals/0/independent", "", Wider),
    ("/grants/refunds/approvals/0/people", r#"["alice", "bob", "carol"]"#, NotUnderstood),
    ("/grants/refunds/approvals/0/requester", "", NotUnderstood),
    ("/agents/support-bot/answerable/alice", "", NotUnderstood),
    // delegation
    ("/grants/refunds/delegates/0/depth", "3", Wider),
    ("/grants/refunds/delegates/0/to/support-bot", "true", Wider),
    ("/grants/refunds/delegates/0/only", "", Wider),
    ("/grants/refunds/delegates/0/only/covers", "", Wider),
    ("/grants/refunds/delegates/1", "", Narrower),
    // what the module takes otherwise than it looks, or cannot follow
    ("/grants/refunds/lines/1/when/0/needs", "[]", NotUnderstood),
    ("/grants/refunds/lines/1/when/0/value", "\"500\"", NotUnderstood),
    ("/grants/refunds/lines/1/when/0/attr", "\"args.note\"", NotUnderstood),
    ("/grants/refunds/lines/1/when/1/value", r#"["USD", "EUR"]"#, NotUnderstood),
    ("/grants/refunds/lines/1/when/0/op", "\"contains\"", NotUnderstood),
    ("/grants/refunds/when", r#"[{"all": []}]"#, NotUnderstood),
    ("/grants/refunds/also", r#"[{"is": "purpose", "purposes": {}}]"#, Narrower),
    ("/grants/refunds/also", "", NotUnderstood),
    ("/grants/refunds/also", r#"[{"all": [], "any": [{"all": []}]}]"#, NotUnderstood),
    ("/grants/refunds/also", r#"[{"all": [{"all": [{"all": [{"all": []}]}]}]}]"#, NotUnderstood),
    ("/grants/refunds/when", r#"{"all": []}"#, NotUnderstood),
    ("/grants/refunds/delegates/0/only", "null", NotUnderstood),
    ("/grants/refunds/ttl", "900.5", NotUnderstood),
    ("/grants/refunds/also", "true", NotUnderstood),
    ("/grants/refunds/covers/personal", "false", NotUnderstood),
    // how requests are read
    ("/tools/stripe.refund/required", "{}", NotUnderstood),
    ("/session/levels/api-key", "3", NotUnderstood),
    ("/tools/stripe.refund/args/amount/optional", "true", NotUnderstood),
    ("/tools/stripe.refund/op/declared", "[]", NotUnderstood),
    ("/tools/stripe.refund/plain", "1", NotUnderstood),
    ("/session/types/user", r#"{"is": "string"}"#, NotUnderstood),
];

/// That the table is not like a pattern, as the expression that the module matches.
macro_rules! like {
    ($expression:literal) => {
        concat!(
            r#"{"attr": "table", "fails": "like", "needs": [{"attr": "table", "of": "args"}], "of": "args", "value": ""#,
            $expression,
            r#""}"#
        )
    };
}

const FORBIDS: &[Row] = &[
    ("/forbids/forbid no-large-reads", "", NotUnderstood),
    ("/forbids/forbid no-large-reads/unless", "", Narrower),
    ("/forbids/forbid no-large-reads/unless", "null", NotUnderstood),
    ("/forbids/forbid no-large-reads/unless/value", "101", Wider),
    ("/forbids/forbid no-large-reads/unless/op", "\"<\"", Narrower),
    ("/forbids/forbid no-large-reads/unless/op", "\">\"", Wider),
    ("/forbids/forbid no-large-reads/unless/absent", "true", NotUnderstood),
    (
        "/forbids/forbid no-large-reads/unless",
        r#"{"absent": true, "attr": "rows", "needs": [{"attr": "rows", "of": "args"}], "of": "args", "op": "<=", "value": 100}"#,
        Wider,
    ),
    ("/forbids/forbid no-large-reads/ops/issue.write", "true", NotUnderstood),
    ("/forbids/forbid approvals-for-loud/unless", r#"{"all": []}"#, Wider),
    ("/forbids/forbid no-deletes-by-helpers/ops", "{}", Wider),
    ("/forbids/forbid no-deletes-by-helpers/agents/root-bot", "true", Narrower),
    ("/forbids/forbid no-open-imports/meets/unclassified", "", Wider),
    ("/forbids/forbid no-pay/meets/internal", "", Wider),
    ("/forbids/forbid no-secrets/unless/all/0", "", Wider),
    ("/forbids/forbid no-secrets/unless/all/1", r#"{"any": []}"#, NotUnderstood),
    ("/forbids/forbid no-secrets/unless/all/0/value", "\"secrets\"", Wider),
    ("/forbids/forbid no-secrets/unless/all/0/value", "\"\"", NotUnderstood),
    ("/forbids/forbid no-secrets/unless/all/0", like!("(?s)^.*secret.*s$"), Wider),
    ("/forbids/forbid no-secrets/unless/all/0", like!("(?s)^secret.*$"), NotUnderstood),
    ("/forbids/forbid no-secrets/unless/all/0", like!("(?s)^secret.+$"), NotUnderstood),
    ("/forbids/suspension outcast/agents", r#"{"helper": true}"#, Wider),
    // under what they are listed
    ("/tools/db.query/op/forbids", r#"["forbid nothing"]"#, NotUnderstood),
    ("/tools/db.query/op/forbids", r#"{"forbid no-pay": true}"#, NotUnderstood),
    ("/tools/db.query/op/forbids", r#"["forbid no-secrets"]"#, Wider),
    ("/tools/db.query/op/forbids", "", NotUnderstood),
    ("/agents/outcast/forbids", "[]", Wider),
];

/// What is no data.
const TEXTS: &[(Edit, Found)] = &[
    (Text("policy.rego", "default allow := false", "default allow := true"), NotUnderstood),
    (Text("policy.rego", "now < grant.expires", "now <= grant.expires"), NotUnderstood),
    (Text("policy.rego", "\tnot revoked\n", ""), NotUnderstood),
    (Text("policy.rego", "every key in op.forbids {", "every key in [] {"), NotUnderstood),
    (Text(".manifest", "\"bailiwick\"", "\"\""), NotUnderstood),
    (Text(".manifest", "\"rego_version\": 1", "\"rego_version\": 0"), NotUnderstood),
    (Text("data.json", "\"ttl\": 900", "\"ttl\": 900, \"ttl\": 9000"), NotUnderstood),
    (Text("data.json", "{", "{,"), NotUnderstood),
    (File("more.rego", "package bailiwick\nallow := true"), NotUnderstood),
];

/// Rules follow from the data: neither is changed without the other.
const RULES: &[(Edit, Found)] = &[
    (Text("rules.rego", "default permitted := false", "default permitted := true"), NotUnderstood),
    (Text("rules.rego", "\targuments.amount <= 500\n", ""), NotUnderstood),
    (Text("rules.rego", "input.purpose == \"refunds\"", "input.purpose == \"other\""), NotUnderstood),
    (Text("rules.rego", "moment.now < 1806451200", "moment.now < 1806451201"), NotUnderstood),
    (Edit::Everywhere("rules.rego", "permitted if", "permits if"), NotUnderstood),
    (Text("rules.rego", "every key in op.forbids {", "every key in [] {"), NotUnderstood),
    (Text("data.json", "\"ttl\": 900", "\"ttl\": 9000"), NotUnderstood),
    (Text("policy.rego", "\tpermitted\n", ""), NotUnderstood),
    (File("more.rego", "package bailiwick\npermitted := true"), NotUnderstood),
];

#[test]
fn rego() {
    let data = |project, &(at, value, found): &Row| {
        let pointer = String::leak(format!("/bailiwick/estate{at}"));
        (project, Edit::Json("data.json", pointer, value), found)
    };
    let rows = PAYMENTS.iter().map(|row| data("payments", row));
    let rows = rows.chain(FORBIDS.iter().map(|row| data("forbids", row)));
    let rows = rows.chain(TEXTS.iter().map(|&(edit, found)| ("payments", edit, found)));
    caught("rego", &rows.collect::<Vec<_>>());
    let rows = RULES.iter().map(|&(edit, found)| ("payments", edit, found));
    caught("rego-indexed", &rows.collect::<Vec<_>>());
}
