//! `who-can` and `reach`, asked of the examples.

use super::schema::holds;
use super::{Run, edit, project, run};
use std::path::Path;

const NOW: [&str; 2] = ["--now", "2026-12-01"];

/// Asks in the root of this project, so that places are shown as on the documentation's pages.
fn ask(arguments: &[&str]) -> Run {
    run(Path::new(env!("CARGO_MANIFEST_DIR")), &[arguments, &NOW].concat(), "")
}

#[test]
fn who_can_names_the_ways_and_what_approvals_change() {
    let large = ask(&["who-can", "calling stripe.refund where args.amount > 100", "examples/payments"]);
    assert_eq!(large.status, 0, "{}", large.err);
    let delegated = ask(&["who-can", "calling stripe.lookup-charge", "examples/payments"]);
    let nobody = ask(&["who-can", "calling stripe.refund where args.amount > 500", "examples/payments"]);
    assert_eq!((nobody.status, nobody.out.as_str()), (0, "no agent can make such a call\n"));
    insta::assert_snapshot!(format!("{}----\n{}", large.out, delegated.out));
}

#[test]
fn the_requests_that_are_shown_are_allowed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ask(&["who-can", "calling * data at-least confidential", "examples/payments"]);
    let requests: Vec<&str> = found.out.lines().filter(|line| line.starts_with('{')).collect();
    assert_eq!(requests.len(), 6, "{}", found.out);
    let ran = run(root, &["eval", "examples/payments", "--request", "-"], &requests.join("\n"));
    assert_eq!(ran.status, 0, "{}", ran.out);
}

#[test]
fn reach_is_a_table_the_most_sensitive_first() {
    let own = ask(&["reach", "reviewer", "examples/coding-agents"]);
    let through = ask(&["reach", "messenger", "examples/broken"]);
    let handing = ask(&["reach", "assistant", "examples/broken"]);
    assert_eq!((own.status, through.status, handing.status), (0, 0, 0), "{}", own.err);
    insta::assert_snapshot!([own.out, through.out, handing.out].join("----\n"));
}

#[test]
fn answers_for_programs_fit_the_schema() {
    let json = ["--format", "json"];
    let asked = ["who-can", "calling stripe.*", "examples/payments"];
    let answer = holds(&ask(&[&asked[..], &json].concat()).out);
    assert_eq!((answer["agents"].as_i64(), answer["ways"].as_array().map(Vec::len)), (Some(2), Some(2)));
    assert_eq!(answer["ways"][1]["approvals"][0]["people"], serde_json::json!(["carol", "dan"]));
    let asked = ["reach", "messenger", "examples/broken"];
    let answer = holds(&ask(&[&asked[..], &json].concat()).out);
    let hows: Vec<_> = answer["touches"].as_array().into_iter().flatten().map(|row| &row["how"]).collect();
    assert_eq!(hows, ["own", "delegate"]);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let slip = ask(&["who-can", "calling stripe.refnd", "examples/payments"]);
    assert_eq!(slip.status, 2);
    assert!(slip.out.contains("the question:1:9") && slip.out.contains("did you mean `stripe.refund`?"));
    let json = ask(&["who-can", "calling", "examples/payments", "--format", "json"]);
    assert_eq!((json.status, &holds(&json.out)["findings"][0]["at"]["file"]), (2, &"the question".into()));
    let more = ask(&["who-can", "calling stripe.refund } grant g { to a for p", "examples/payments"]);
    assert_eq!(more.status, 2, "{}", more.out);
    let nobody = ask(&["reach", "desk-bott", "examples/payments"]);
    assert_eq!(nobody.status, 2);
    assert!(nobody.err.contains("did you mean `desk-bot`?"), "{}", nobody.err);
    let folder = project();
    edit(&folder, "owner    support", "owner    suport");
    for command in [&["who-can", "calling *", "p"][..], &["reach", "support-bot", "p"]] {
        assert_eq!(run(folder.path(), command, "").status, 2);
    }
}

/// A refund that lacks the treasury's approval.
const REFUND: &str = r#"{ "chain": ["refund-bot"], "purpose": "refund-handling", "tool": "stripe.refund",
  "args": { "charge": "ch_1", "amount": 300 }, "now": "2026-12-01T10:00:00Z",
  "session": { "started": "2026-12-01T09:50:00Z", "authn": "mtls", "environment": "production", "user": "bob" } }"#;

#[test]
fn why_goes_through_every_clause_with_what_it_saw() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let why = |request: &str, format: &str| {
        run(root, &["why", "examples/payments", "--request", "-", "--format", format], request)
    };
    let closing = REFUND.replace("2026-12-01T", "2027-01-01T").replace("\"production\"", "\"sandbox\"");
    let allowed = REFUND.replace("300", "30").replace(", \"user\": \"bob\"", "");
    let texts = [why(REFUND, "human"), why(&closing, "human"), why(&allowed, "human"), why("{}", "human")];
    assert_eq!(texts.each_ref().map(|ran| ran.status), [1, 1, 0, 1]);
    insta::assert_snapshot!(texts.map(|ran| ran.out).join("----\n"));
    let answer = holds(&why(REFUND, "json").out);
    assert_eq!(answer["approvals"][0]["by"], serde_json::json!(["carol", "dan"]));
    let clauses = answer["grants"][0]["clauses"].as_array().expect("clauses");
    let failed: Vec<_> = clauses.iter().filter(|clause| clause["met"] == false).collect();
    assert_eq!(
        (failed.len(), &failed[0]["clause"], &failed[0]["at"][0]["start"]["line"]),
        (1, &"approval".into(), &47.into())
    );
    assert_eq!(failed[0]["conditions"][0]["seen"][0]["value"], "300");
    // what `eval` says of the same request is said too
    let eval = run(root, &["eval", "examples/payments", "--request", "-", "--format", "json"], REFUND).out;
    assert_eq!(holds(&eval)["near"], answer["near"]);
}

/// What could not be decided is told, and is no zero.
#[test]
fn what_is_undecided_has_its_own_status() {
    let folder = tempfile::tempdir().unwrap();
    let hard = ["a*b", "b*c", "c*d", "d*e", "e*f", "f*g", "g*h", "h*i", "i*j", "j*k", "k*l", "l*m"];
    let hard: Vec<String> = hard.iter().map(|part| format!("args.q like \"*{part}*\"")).collect();
    let text = format!(
        "data records {{ sensitivity internal }}\nperson alice {{ email \"a@acme.example\" }}\n\
         tool crm.read {{ arg q: string  effect read  reads records }}\npurpose p {{ \"Read.\" }}\n\
         agent bot {{ owner alice }}\ngrant g {{ to bot for p  allow crm.read where {}  on records \
         expires 2027-01-01 }}\n",
        hard.join(" and ")
    );
    std::fs::write(folder.path().join("a.grant"), text).unwrap();
    for command in [&["who-can", "calling crm.read", "a.grant"][..], &["reach", "bot", "a.grant"]] {
        let asked = run(folder.path(), &[command, &NOW].concat(), "");
        assert_eq!(asked.status, 3, "{}{}", asked.out, asked.err);
        assert!(asked.out.contains("undecided: `crm.read` on `records` by `bot`"), "{}", asked.out);
    }
}
