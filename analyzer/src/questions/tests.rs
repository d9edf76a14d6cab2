//! Answers are held to the evaluator: whatever a drawn request is allowed, an answer says.

use super::{Side, reach, who_can};
use crate::proofs::verdict;
use crate::smt::agreement::pinned;
use crate::{Analysis, Verdict};
use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{Request, read, write};
use bailiwick_compiler::{compile_text, evaluator};
use bailiwick_testkit::{Options, less, project, requests};
use std::collections::BTreeMap;

/// 2026-12-01T10:00:00Z.
const NOW: i64 = 1_796_119_200;

fn told(model: &Model, seed: u64, request: &Request) -> String {
    format!("seed {seed}: {}", write(model, request))
}

/// Calls `check` with allowed requests of generated projects.
fn for_each_allowed(requests_each: usize, mut check: impl FnMut(u64, &Analysis, &Request)) {
    let mut allowed = 0;
    for seed in 0..3 {
        let files = project(seed, &Options::default());
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
        let model = compile_text(&files).model;
        let analysis = Analysis::new(&model, NOW);
        for json in requests(&model, seed, requests_each) {
            let Ok(request) = read(&model, &json) else { continue };
            if decide(&model, &request).is_allow() {
                allowed += 1;
                check(seed, &analysis, &request);
            }
        }
    }
    assert!(allowed > 50, "only {allowed} allowed requests: this was hardly tested");
}

#[test]
fn whoever_makes_an_allowed_request_is_named_and_every_way_is_one() {
    let mut delegated = 0;
    for_each_allowed(60, |seed, analysis, request| {
        let model = analysis.model;
        let told = told(model, seed, request);
        let data = request.data.first().map(|label| model.met(&ClassSet::only(label)));
        let call = Call { ops: OpSet::only(request.op), data, cond: pinned(model, request) };
        let found = who_can(analysis, &call);
        let (root, caller) = (request.chain[0], *request.chain.last().expect("a caller"));
        assert!(found.ways.iter().any(|way| (way.root, way.agent) == (root, caller)), "{told}");
        for way in &found.ways {
            delegated += usize::from(way.root != way.agent);
            assert!(decide(model, &way.request).is_allow(), "{told}");
            assert!(evaluator::holds(model, &call.cond, &way.request) && way.request.op == request.op);
            assert_eq!((way.request.chain[0], way.request.chain.last()), (way.root, Some(&way.agent)));
            assert!(!way.calls.is_empty());
        }
    });
    assert!(delegated > 0, "no request by a delegate was drawn");
}

#[test]
fn whatever_an_allowed_request_touches_is_within_its_callers_reach() {
    let mut known = BTreeMap::new();
    for_each_allowed(200, |seed, analysis, request| {
        let (model, caller) = (analysis.model, *request.chain.last().expect("a caller"));
        let told = told(model, seed, request);
        let reached = known.entry((seed, caller)).or_insert_with(|| reach(analysis, caller));
        let touches = reached.touches.iter();
        let here: Vec<_> =
            touches.filter(|touch| touch.op == request.op && touch.side != Side::HandedOver).collect();
        assert!(!here.is_empty(), "{told}");
        for label in request.data.iter() {
            let above = &model.class(label).above;
            assert!(here.iter().any(|touch| touch.data.meets(above)), "{told}");
        }
        if request.approvals.is_empty() {
            assert!(here.iter().any(|touch| !touch.approved), "{told}");
        }
        for touch in here {
            assert!(decide(model, &touch.request).is_allow(), "{told}");
        }
    });
}

#[test]
fn nobody_can_exactly_when_never_is_proved() {
    let (mut nobody, mut somebody) = (0, 0);
    for seed in 0..6 {
        let files = project(seed, &Options::default());
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
        let model = compile_text(&files).model;
        let analysis = Analysis::new(&model, NOW);
        let all = AgentSet::all(model.agents.len());
        for json in requests(&model, seed, 40) {
            let Ok(request) = read(&model, &json) else { continue };
            let data = request.data.first().map(|label| model.met(&ClassSet::only(label)));
            let ops = OpSet::only(request.op);
            let purpose = Atom::Purpose(PurposeSet::only(request.purpose));
            let purpose = Cond::Literal(Literal { atom: purpose, negated: false, absent: false });
            // The very call, also for that purpose only, and every call of that tool on that data.
            let very = pinned(&model, &request);
            for cond in [Cond::All(vec![very.clone(), purpose]), very, Cond::TRUE] {
                let call = Call { ops: ops.clone(), data: data.clone(), cond };
                let found = who_can(&analysis, &call);
                let told = told(&model, seed, &request);
                match verdict(&analysis, &Property::Never(all.clone(), call.clone())) {
                    Verdict::Proved => {
                        nobody += 1;
                        assert!(found.ways.is_empty() && found.open.is_empty(), "{told}: {found:?}");
                    }
                    Verdict::Refuted(_) => {
                        somebody += 1;
                        assert!(!found.ways.is_empty(), "{told}: {found:?}");
                    }
                    Verdict::Undecided(why) => {
                        assert!(found.ways.is_empty() && !found.open.is_empty(), "{told}: {why}, {found:?}");
                    }
                }
            }
        }
    }
    assert!(
        nobody > 30 && somebody > 30,
        "{nobody} calls that nobody can make, {somebody} that somebody can"
    );
}

#[test]
fn what_is_closed_is_named_by_nobody() {
    let text = "data money { sensitivity restricted }\nperson alice { email \"a@acme.example\" }\n\
        tool pay { arg amount: int  effect write  writes money }\npurpose p { \"Pay.\" }\n\
        agent a { owner alice }\nagent b { owner alice }\nagent c { owner alice }\n\
        grant g { to a for p  allow pay where args.amount <= 5  on money  expires 2027-01-01\n\
          approval alice within 1h if args.amount > 3\n\
          delegate to b, c depth 2 only pay where args.amount <= 2 }\n\
        forbid f { agents c  tools pay  because \"no\" }\n";
    let compiled = compile_text(&[("main", text)]);
    assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics);
    let (model, analysis) = (&compiled.model, Analysis::new(&compiled.model, NOW));
    let above = |least: i64| {
        let left = Attr::Arg("amount".into());
        let right = Operand::Value(Value::Int(least));
        let op = bailiwick_grammar::ast::CompareOp::Gt;
        let literal = Literal { atom: Atom::Compare { left, op, right }, negated: false, absent: true };
        let call = Call { ops: OpSet::all(model.ops.len()), data: None, cond: Cond::Literal(literal) };
        let found = who_can(&analysis, &call);
        assert!(found.open.is_empty());
        let ways = found.ways.iter().map(|way| {
            let amount = way.unapproved.iter().flat_map(|calls| &calls.regions).flatten().next().cloned();
            (model.agent(way.agent).name.to_string(), way.approvals.len(), amount)
        });
        ways.collect::<Vec<_>>()
    };
    let amount = |text: &str| Some(format!("`args.amount` {text}"));
    assert_eq!(above(1), [("a".into(), 1, amount("2 to 3")), ("b".into(), 0, amount("2"))]);
    assert_eq!(above(2), [("a".into(), 1, amount("3"))]);
    assert_eq!(above(3), [("a".into(), 1, None)]);
    assert_eq!(above(5), []);
}

#[test]
fn nothing_can_be_left_out_of_what_is_shown() {
    let (mut shown, mut smallest) = (0, 0);
    for seed in 0..6 {
        let files = project(seed, &Options::default());
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
        let model = compile_text(&files).model;
        let analysis = Analysis::new(&model, NOW);
        for agent in 0..model.agents.len() {
            for touch in reach(&analysis, AgentId::at(agent)).touches {
                shown += 1;
                let request = &touch.request;
                smallest += usize::from(request.started == request.now);
                for less in less(&model, request) {
                    // what the same grant authorises with less should have been shown
                    let grant = model.grant(touch.grant);
                    let allowed =
                        decide(&model, &less).is_allow() && evaluator::authorises(&model, grant, &less);
                    assert!(!allowed, "{}\nand {}", told(&model, seed, request), write(&model, &less));
                }
            }
        }
    }
    assert!(shown > 100 && smallest * 10 > shown * 9, "{smallest} of {shown} sessions start with the call");
}
