//! `test`: the project's `test` blocks, by the evaluator, and its `prove` blocks, by the analyzer.

use super::{envelope, unsound};
use crate::args::Format;
use crate::clock;
use crate::console::Console;
use crate::progress;
use crate::render::human::Human;
use crate::render::{counted, json, visible};
use crate::session::Session;
use crate::status::{Failure, Status};
use bailiwick_analyzer::{Clock, ProofResult, Verdict};
use bailiwick_compiler::diagnostic::Location;
use bailiwick_compiler::evaluator::{Decision, Denial, decide};
use bailiwick_compiler::model::{EARLIEST, Model, Test, TestCase};
use bailiwick_compiler::request;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

pub fn run(console: &mut Console, path: &Path, now: Option<i64>, format: Format) -> Result<Status, Failure> {
    let now = clock::now(now)?;
    let session = Session::open(path)?;
    let compiled = match session.sound() {
        Ok(compiled) => compiled,
        Err(findings) => return unsound(console, &session, "test", format, &findings),
    };
    let model = &compiled.model;
    let tests: Vec<Ran> = model.tests.iter().map(|test| ran(model, test, now)).collect();
    let clock = Clock::new(&session.db, now);
    let proofs =
        progress::during("proving", || bailiwick_analyzer::proofs(&session.db, session.project, clock));

    let outcome = status(&tests, &proofs);
    match format {
        Format::Human => {
            let text = human(console, &session, model, &tests, &proofs);
            console.print(&text)?;
        }
        Format::Json => {
            let answer = Answer {
                tests: tests.iter().map(|test| TestJson::of(&session, test)).collect(),
                proofs: proofs.iter().map(|proof| ProofJson::of(&session, model, proof)).collect(),
            };
            console.print(&json::document(&envelope(&session, "test", outcome, answer)))?;
        }
    }
    Ok(outcome)
}

fn status(tests: &[Ran], proofs: &[ProofResult]) -> Status {
    let outcomes: Vec<Status> = proofs.iter().map(proof_status).collect();
    if outcomes.contains(&Status::Findings) || tests.iter().any(|test| !test.failures.is_empty()) {
        return Status::Findings;
    }
    if outcomes.contains(&Status::Undecided) { Status::Undecided } else { Status::Clean }
}

fn proof_status(proof: &ProofResult) -> Status {
    let verdicts = || proof.properties.iter().map(|property| &property.verdict);
    if verdicts().any(|verdict| matches!(verdict, Verdict::Refuted(_))) {
        return Status::Findings;
    }
    let open = verdicts().any(|verdict| matches!(verdict, Verdict::Undecided(_)));
    if open { Status::Undecided } else { Status::Clean }
}

/// A test that was run.
struct Ran {
    title: String,
    location: Location,
    cases: usize,
    failures: Vec<(Location, String)>,
}

fn ran(model: &Model, test: &Test, now: i64) -> Ran {
    let module = &test.origin.module;
    let failures = test.cases.iter().filter_map(|case| {
        let failure = failure(model, case, now)?;
        Some((Location { module: module.clone(), span: case.span }, failure))
    });
    Ran {
        title: test.title.to_string(),
        location: Location { module: module.clone(), span: test.origin.span },
        cases: test.cases.len(),
        failures: failures.collect(),
    }
}

/// What is wrong with the answer to a case; `None` when it is the expected one.
fn failure(model: &Model, case: &TestCase, now: i64) -> Option<String> {
    let request = match complete(case, now) {
        Ok(request) => request,
        Err(why) => return Some(why),
    };
    let (allowed, cause, words) = match request::read(model, &request) {
        Err(ill_formed) => {
            (false, "ill-formed".to_owned(), format!("is denied as ill formed: {}", ill_formed.0))
        }
        Ok(request) => match decide(model, &request) {
            Decision::Allow(grant) => {
                let name = &model.grant(grant).name;
                (true, String::new(), format!("is allowed by grant `{name}`"))
            }
            Decision::Deny(Denial::NoGrant) => {
                (false, "no-grant".into(), "is denied: no grant authorises it".into())
            }
            Decision::Deny(Denial::Forbidden(forbid)) => {
                let name = &model.forbid(forbid).name;
                (false, name.to_string(), format!("is denied by `{name}`"))
            }
        },
    };
    let expected = case.due_to.as_deref();
    if allowed == case.allow && expected.is_none_or(|expected| expected == cause) {
        return None;
    }
    let wanted = match (case.allow, expected) {
        (true, _) => "be allowed".to_owned(),
        (false, None) => "be denied".to_owned(),
        (false, Some(cause)) => format!("be denied due to `{cause}`"),
    };
    Some(format!("should {wanted}, but {words}\n{request}"))
}

/// The request with its times filled in, which the test states as so long ago.
fn complete(case: &TestCase, now: i64) -> Result<String, String> {
    type Fields = BTreeMap<String, Box<RawValue>>;
    let broken = |error: serde_json::Error| format!("is no request: {error}");
    let instant = |ago: i64, now: i64| match now.checked_sub(ago).filter(|then| *then >= EARLIEST) {
        Some(then) => to_raw_value(&clock::text(then)).map_err(broken),
        None => Err("reaches back before 1970".to_owned()),
    };
    let mut fields: Fields = serde_json::from_str(&case.request).map_err(broken)?;
    let now = match fields.get("now") {
        Some(stated) => clock::parse(&serde_json::from_str::<String>(stated.get()).map_err(broken)?)?,
        None => now,
    };
    fields.insert("now".into(), instant(0, now)?);
    let mut session: Fields = match fields.get("session") {
        Some(session) => serde_json::from_str(session.get()).map_err(broken)?,
        None => Fields::new(),
    };
    session.insert("started".into(), instant(case.started_ago, now)?);
    fields.insert("session".into(), to_raw_value(&session).map_err(broken)?);
    if !case.approved_ago.is_empty() {
        let approvals = case.approved_ago.iter().map(|(who, ago)| Ok((who.to_string(), instant(*ago, now)?)));
        let approvals = approvals.collect::<Result<Fields, String>>()?;
        fields.insert("approvals".into(), to_raw_value(&approvals).map_err(broken)?);
    }
    serde_json::to_string(&fields).map_err(broken)
}

fn human(
    console: &Console,
    session: &Session,
    model: &Model,
    tests: &[Ran],
    proofs: &[ProofResult],
) -> String {
    let mut reports = Human::new(&session.workspace, console.width(), console.colours());
    let mut text = String::new();
    // writing to a string cannot fail
    for test in tests {
        let word = if test.failures.is_empty() { "ok    " } else { "FAILED" };
        let cases = counted(test.cases, "request");
        let _ = writeln!(
            text,
            "{word} test \"{}\" ({cases}, {})",
            visible(&test.title),
            reports.place(&test.location)
        );
        for (at, failure) in &test.failures {
            let _ = writeln!(text, "  {}: {}", reports.place(at), visible(failure));
        }
    }
    for proof in proofs {
        let word = match proof_status(proof) {
            Status::Clean => "proved",
            Status::Findings => "FAILED",
            Status::Undecided => "open  ",
        };
        let module = &proof.origin.module;
        let place = |span| Location { module: module.clone(), span };
        let shown = reports.place(&place(proof.origin.span));
        let _ = writeln!(text, "{word} prove \"{}\" ({shown})", visible(&proof.title));
        for property in &proof.properties {
            let shown = reports.place(&place(property.span));
            let _ = match &property.verdict {
                Verdict::Proved => Ok(()),
                Verdict::Undecided(why) => writeln!(text, "  {shown}: is undecided: {}", visible(why)),
                Verdict::Refuted(requests) => {
                    let _ = writeln!(text, "  {shown}: is refuted by");
                    requests
                        .iter()
                        .try_for_each(|found| writeln!(text, "{}", visible(&request::write(model, found))))
                }
            };
        }
    }
    let failed = tests.iter().filter(|test| !test.failures.is_empty()).count();
    let outcomes: Vec<Status> = proofs.iter().map(proof_status).collect();
    let refuted = outcomes.iter().filter(|outcome| **outcome == Status::Findings).count();
    let open = outcomes.iter().filter(|outcome| **outcome == Status::Undecided).count();
    let _ = writeln!(
        text,
        "{}, {failed} failed; {}, {refuted} failed, {open} undecided",
        counted(tests.len(), "test"),
        counted(proofs.len(), "proof"),
    );
    text
}

#[derive(Serialize)]
struct Answer {
    tests: Vec<TestJson>,
    proofs: Vec<ProofJson>,
}

#[derive(Serialize)]
struct TestJson {
    title: String,
    at: json::Place,
    cases: usize,
    failures: Vec<FailureJson>,
}

#[derive(Serialize)]
struct FailureJson {
    at: json::Place,
    message: String,
}

#[derive(Serialize)]
struct ProofJson {
    title: String,
    at: json::Place,
    properties: Vec<PropertyJson>,
}

#[derive(Serialize)]
struct PropertyJson {
    at: json::Place,
    /// `proved`, `refuted` or `undecided`.
    verdict: &'static str,
    /// Why it is undecided.
    reason: Option<String>,
    /// Requests that refute it.
    witness: Vec<Box<RawValue>>,
}

impl TestJson {
    fn of(session: &Session, test: &Ran) -> Self {
        let place = |at| json::place(&session.workspace, at);
        let failures = test.failures.iter();
        Self {
            title: test.title.clone(),
            at: place(&test.location),
            cases: test.cases,
            failures: failures
                .map(|(at, message)| FailureJson { at: place(at), message: message.clone() })
                .collect(),
        }
    }
}

impl ProofJson {
    fn of(session: &Session, model: &Model, proof: &ProofResult) -> Self {
        let place =
            |span| json::place(&session.workspace, &Location { module: proof.origin.module.clone(), span });
        let properties = proof.properties.iter().map(|property| {
            let (verdict, reason, requests) = match &property.verdict {
                Verdict::Proved => ("proved", None, &[][..]),
                Verdict::Refuted(requests) => ("refuted", None, &requests[..]),
                Verdict::Undecided(why) => ("undecided", Some(why.clone()), &[][..]),
            };
            let witness = requests.iter().map(|found| json::raw(&request::write(model, found))).collect();
            PropertyJson { at: place(property.span), verdict, reason, witness }
        });
        Self {
            title: proof.title.to_string(),
            at: place(proof.origin.span),
            properties: properties.collect(),
        }
    }
}
