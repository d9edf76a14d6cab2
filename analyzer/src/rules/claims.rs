//! The rules' claims, held to the evaluator: what a finding says makes no difference, makes none.
//!
//! Random projects, with grants and forbids planted that do nothing, little or something; for
//! every finding that claims "this decides nothing" the declaration is taken out (all of one code
//! together, because each finding says that it can go), and requests drawn around the boundaries
//! of what is granted are decided the same before and after.

use super::constant_condition;
use crate::analyze;
use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{Request, read};
use bailiwick_compiler::{Database, compile_text};
use bailiwick_testkit::{Options, Rng, project, requests};
use std::collections::BTreeSet;
use std::sync::Arc;

/// 2026-12-01T10:00:00Z.
const NOW: i64 = 1_796_119_200;
/// How many projects are drawn.
const PROJECTS: u64 = 15;
/// How many requests are decided of each.
const REQUESTS: usize = 200;

fn generated(seed: u64) -> Model {
    let options = Options { grants: 14, forbids: 5, ceilings: 0, combinations: 0, ..Options::default() };
    let files = project(seed, &options);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let compiled = compile_text(&files);
    assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics);
    let mut model = (*compiled.model).clone();
    model.waivers.clear();
    model
}

/// Grants like others, but for a line, a limit or an end; and forbids like others, but for their agents.
fn plant(model: &mut Model, rng: &mut Rng) {
    for at in 0..6 {
        let mut grant = (*model.grants[rng.below(model.grants.len())]).clone();
        grant.name = format!("planted-{at}").into();
        let other = model.grants[rng.below(model.grants.len())].clone();
        match rng.below(6) {
            0 => {}
            1 => grant.when = Cond::All(vec![grant.when.clone(), other.when.clone()]),
            2 => grant.delegates.clear(),
            3 => grant.expires = Some(NOW + 86_400),
            4 => grant.authn = Authn::HardwareKey,
            _ => grant.covers = other.covers.clone(),
        }
        model.grants.push(Arc::new(grant));
    }
    for at in 0..3 {
        let mut forbid = (*model.forbids[rng.below(model.forbids.len())]).clone();
        let grant = &model.grants[rng.below(model.grants.len())];
        forbid.name = format!("planted-{at}").into();
        forbid.suspension = false;
        match rng.below(3) {
            0 => {
                forbid.agents = AgentSet::only(grant.to);
                forbid.ops = grant.lines[0].ops.clone();
                (forbid.meets, forbid.when) = (None, Cond::TRUE);
            }
            1 => forbid.meets = Some(grant.covers.clone()),
            _ => forbid.agents = AgentSet::only(AgentId::at(rng.below(model.agents.len()))),
        }
        model.forbids.push(Arc::new(forbid));
    }
}

/// The model without what was found with that code.
fn without(model: &Model, code: &str, found: &BTreeSet<(&'static str, Str)>) -> Model {
    let mut left = model.clone();
    match code {
        "forbid-never-bites" => {
            left.forbids
                .retain(|forbid| forbid.suspension || !found.contains(&("forbid", forbid.name.clone())));
        }
        _ => left.grants.retain(|grant| !found.contains(&("grant", grant.name.clone()))),
    }
    left
}

#[test]
fn what_is_said_to_decide_nothing_decides_nothing() {
    let mut claims = 0;
    for seed in 0..PROJECTS {
        let mut model = generated(seed);
        plant(&mut model, &mut Rng::new(seed));
        let findings = analyze(&Database::default(), &model, NOW);
        let sample: Vec<Request> =
            requests(&model, seed, REQUESTS).iter().filter_map(|text| read(&model, text).ok()).collect();
        for code in ["redundant-grant", "overridden-grant", "never-applies", "forbid-never-bites"] {
            let found: BTreeSet<_> = findings
                .iter()
                .filter(|one| one.code == code)
                .filter_map(|one| one.subject.clone())
                .collect();
            claims += found.len();
            let left = without(&model, code, &found);
            for request in &sample {
                assert_eq!(
                    decide(&model, request).is_allow(),
                    decide(&left, request).is_allow(),
                    "seed {seed}: {code} of {found:?} decides {request:?}"
                );
            }
        }
    }
    // Each project has nine planted declarations: a test that finds nothing tests nothing.
    assert!(claims >= 40, "only {claims} claims were put to the test");
}

#[test]
fn one_of_two_equal_grants_is_redundant() {
    for seed in 0..PROJECTS {
        let mut model = generated(seed);
        let mut rng = Rng::new(seed);
        let at = rng.below(model.grants.len());
        let mut copy = (*model.grants[at]).clone();
        copy.name = "copy".into();
        let original = copy.clone();
        model.grants.push(Arc::new(copy));
        let findings = analyze(&Database::default(), &model, NOW);
        let found = |code: &str, name: &str| {
            findings
                .iter()
                .any(|one| one.code == code && one.subject.as_ref().is_some_and(|(_, of)| **of == *name))
        };
        let idle = original.expires.is_some_and(|expires| expires <= NOW) || found("never-applies", "copy");
        assert!(idle || found("redundant-grant", "copy"), "seed {seed}: {}", original.name);
    }
}

/// Conditions of which a part repeats another, in every way that one can.
fn repeat(model: &mut Model, rng: &mut Rng) {
    for _ in 0..8 {
        let at = rng.below(model.grants.len());
        let mut grant = (*model.grants[at]).clone();
        let (when, line) = (grant.when.clone(), grant.lines[0].cond.clone());
        match rng.below(5) {
            0 => grant.when = Cond::All(vec![when.clone(), when]),
            1 => grant.lines[0].cond = Cond::Any(vec![line.clone(), Cond::All(vec![line, when])]),
            2 => grant.lines[0].cond = Cond::All(vec![Cond::Any(vec![line.clone(), when]), line]),
            3 => grant.when = Cond::Any(vec![when, negated(&line), line]),
            _ => grant.lines[0].cond = Cond::Any(vec![Cond::All(vec![line.clone(), negated(&line)]), when]),
        }
        model.grants[at] = Arc::new(grant);
    }
}

/// What holds when the condition does not, with the same values for what is absent turned round.
fn negated(cond: &Cond) -> Cond {
    match cond {
        Cond::All(parts) => Cond::Any(parts.iter().map(negated).collect()),
        Cond::Any(parts) => Cond::All(parts.iter().map(negated).collect()),
        Cond::Literal(Literal { atom, negated, absent }) => {
            Cond::Literal(Literal { atom: atom.clone(), negated: !negated, absent: !absent })
        }
    }
}

/// Puts a constant in the place of the first part that reads like that.
fn replace(model: &Model, cond: &mut Cond, text: &str, with: &Cond) -> bool {
    if constant_condition::written(model, cond) == text {
        *cond = with.clone();
        return true;
    }
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.iter_mut().any(|part| replace(model, part, text, with)),
        Cond::Literal(_) => false,
    }
}

#[test]
fn what_is_said_to_be_constant_can_be_replaced_by_its_value() {
    let mut claims = 0;
    for seed in 0..PROJECTS {
        let mut model = generated(seed);
        repeat(&mut model, &mut Rng::new(seed));
        let findings = analyze(&Database::default(), &model, NOW);
        let sample: Vec<Request> =
            requests(&model, seed, REQUESTS).iter().filter_map(|text| read(&model, text).ok()).collect();
        for finding in findings.iter().filter(|one| one.code == "constant-condition") {
            let Some(("grant", name)) = &finding.subject else { continue };
            let quoted = finding.message.strip_prefix('`').and_then(|rest| rest.split_once("` in "));
            let (text, rest) = quoted.expect("the message begins with the condition");
            let value = if rest.contains(" is always true") { Cond::TRUE } else { Cond::FALSE };
            let mut changed = model.clone();
            let at = model.grants.iter().position(|grant| grant.name == *name).expect("the grant is there");
            let grant = Arc::make_mut(&mut changed.grants[at]);
            let span = finding.at.as_ref().map(|at| at.span);
            let conds: Vec<&mut Cond> = if rest.starts_with("the `when`") {
                vec![&mut grant.when]
            } else if rest.starts_with("a `where`") {
                grant
                    .lines
                    .iter_mut()
                    .filter(|line| Some(line.span) == span)
                    .map(|line| &mut line.cond)
                    .collect()
            } else if rest.starts_with("an approval's") {
                let clauses = grant.approvals.iter_mut().filter(|clause| Some(clause.span) == span);
                clauses.map(|clause| &mut clause.demanded).collect()
            } else {
                continue;
            };
            let replaced = conds.into_iter().any(|cond| replace(&model, cond, text, &value));
            assert!(replaced, "seed {seed}: {}", finding.message);
            claims += 1;
            for request in &sample {
                assert_eq!(
                    decide(&model, request).is_allow(),
                    decide(&changed, request).is_allow(),
                    "seed {seed}: {} ({request:?})",
                    finding.message
                );
            }
        }
    }
    assert!(claims >= 40, "only {claims} claims were put to the test");
}
