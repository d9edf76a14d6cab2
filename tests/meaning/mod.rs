//! What must hold of every decision, whatever the project: the laws that the language page states
//! in words and that the solver's encoding relies on.

use bailiwick_compiler::evaluator::{Decision, Denial, decide, explain};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{Request, read, write};
use bailiwick_compiler::{Model, compile_text};
use bailiwick_testkit::{Options, project, requests};

const PROJECTS: u64 = 24;
const REQUESTS: usize = 600;

/// Calls `check` with every well-formed request of the sample.
fn for_each_request(mut check: impl FnMut(&Model, &Request, &str)) {
    let mut allowed = 0;
    for seed in 0..PROJECTS {
        let files = project(seed, &Options::default());
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
        let model = compile_text(&files).model;
        for json in requests(&model, seed, REQUESTS) {
            if let Ok(request) = read(&model, &json) {
                allowed += usize::from(decide(&model, &request).is_allow());
                check(&model, &request, &format!("seed {seed}: {json}"));
            }
        }
    }
    assert!(allowed > 1_000, "only {allowed} allowed requests: these laws were hardly tested");
}

#[test]
fn what_is_written_reads_back_the_same() {
    for_each_request(|model, request, told| {
        assert_eq!(read(model, &write(model, request)).as_ref(), Ok(request), "{told}");
    });
}

#[test]
fn the_reasons_agree_with_the_decision() {
    for_each_request(|model, request, told| {
        let reasons = explain(model, request);
        assert_eq!(reasons.decision, decide(model, request), "{told}");
        match reasons.decision {
            Decision::Allow(_) => assert!(reasons.near.is_empty() && reasons.forbids.is_empty(), "{told}"),
            Decision::Deny(Denial::Forbidden(first)) => assert_eq!(reasons.forbids[0], first, "{told}"),
            Decision::Deny(Denial::NoGrant) => {
                assert!(reasons.forbids.is_empty(), "{told}");
                assert!(reasons.near.iter().all(|(_, clauses)| !clauses.is_empty()), "{told}");
            }
        }
    });
}

/// What `eval` tells a person to get approved is enough.
#[test]
fn the_approvals_that_are_named_turn_the_denial() {
    let mut turned = 0;
    for_each_request(|model, request, told| {
        let missing = explain(model, request).approvals;
        if missing.is_empty() || missing.iter().any(|one| one.people.is_empty()) {
            return;
        }
        let mut approved = request.clone();
        for one in &missing {
            let person = one.people.first().expect("not empty");
            approved.approvals.insert(person, request.now);
        }
        let reasons = explain(model, &approved);
        // A forbid may speak of approvals too; nothing else may stand in the way.
        assert!(reasons.decision.is_allow() || !reasons.forbids.is_empty(), "{told}");
        turned += 1;
    });
    assert!(turned > 50, "only {turned} denials asked for approvals");
}

/// Delegation adds nothing: what a chain may do, its root may do alone.
#[test]
fn a_chain_may_do_no_more_than_its_root() {
    let mut chains = 0;
    for_each_request(|model, request, told| {
        if request.chain.len() > 1 && decide(model, request).is_allow() {
            let alone = Request { chain: vec![request.chain[0]], ..request.clone() };
            assert!(decide(model, &alone).is_allow(), "{told}");
            chains += 1;
        }
    });
    assert!(chains > 50, "only {chains} allowed chains");
}

/// Fewer labels are never denied more: what lets the analyzer look at one label at a time.
#[test]
fn a_request_allowed_with_some_labels_is_allowed_with_fewer() {
    for_each_request(|model, request, told| {
        if decide(model, request).is_allow() {
            for label in request.data.iter() {
                let fewer = Request { data: ClassSet::only(label), ..request.clone() };
                assert!(decide(model, &fewer).is_allow(), "{told}");
            }
        }
    });
}

/// What is absent never widens: when leaving an attribute out gives an allowance, so does every
/// value of it, unless the policy asks for the absence itself (`not has`).
#[test]
fn leaving_an_attribute_out_never_widens() {
    let mut compared = 0;
    for_each_request(|model, request, told| {
        let names = request.session.keys().map(|name| Attr::Session(name.clone()));
        for attr in names.chain(request.args.keys().map(|name| Attr::Arg(name.clone()))) {
            if asked_for(model, &attr) {
                continue;
            }
            let mut without = request.clone();
            match &attr {
                Attr::Session(name) => without.session.remove(name),
                Attr::Arg(name) => without.args.remove(name),
                Attr::Now | Attr::Started | Attr::Authn => None,
            };
            if decide(model, &without).is_allow() {
                assert!(decide(model, request).is_allow(), "without {}: {told}", attr.text());
                compared += 1;
            }
        }
    });
    assert!(compared > 500, "only {compared} comparisons");
}

/// Whether some condition of the model asks for the presence of the attribute.
fn asked_for(model: &Model, attr: &Attr) -> bool {
    let lines = |lines: &[ToolLine]| lines.iter().map(|line| line.cond.clone()).collect::<Vec<_>>();
    let grants = model.grants.iter().flat_map(|grant| {
        let mut conditions = lines(&grant.lines);
        conditions.push(grant.when.clone());
        conditions.extend(grant.approvals.iter().map(|approval| approval.demanded.clone()));
        conditions
            .extend(grant.delegates.iter().filter_map(|d| d.only.as_ref()).flat_map(|o| lines(&o.lines)));
        conditions
    });
    let all = grants.chain(model.forbids.iter().map(|forbid| forbid.when.clone()));
    all.into_iter().any(|cond| cond.literals().iter().any(|literal| literal.atom == Atom::Has(attr.clone())))
}
