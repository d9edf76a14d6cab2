//! A request that satisfies a grant, as far as reading its conditions from left to right goes.

use super::draft::{Draft, sample, type_of, within_range};
use crate::rng::Rng;
use bailiwick_compiler::model::*;
use bailiwick_grammar::ast::{CompareOp, PatternPart};
use std::collections::BTreeSet;

/// 2026-12-01T10:00:00Z: when nothing else is asked for.
const USUAL: i64 = 1_796_119_200;

/// Draws a request that is meant to satisfy the grant. It may fail to where conditions contradict
/// each other or are too entangled; another draw may succeed.
pub fn draft(model: &Model, rng: &mut Rng, grant: &Grant) -> Draft {
    let chain = chain(rng, grant);
    let only = (chain.len() > 1)
        .then(|| delegate_clause(grant, &chain))
        .flatten()
        .and_then(|clause| clause.only.as_ref());

    let line = rng.pick(&grant.lines);
    let ops: Vec<OpId> = line.ops.iter().collect();
    let limited: Vec<OpId> = match only {
        Some(only) => {
            ops.iter().copied().filter(|&op| only.lines.iter().any(|line| line.ops.contains(op))).collect()
        }
        None => Vec::new(),
    };
    let ops = if limited.is_empty() { ops } else { limited };
    let op = if ops.is_empty() { OpId(0) } else { *rng.pick(&ops) };
    let tool = model.tool(model.op(op).tool);

    let now = life(rng, grant);
    let age = grant.ttl.map_or(60, |ttl| ttl.min(60));
    let mut draft = Draft {
        chain,
        purpose: grant.purpose,
        op,
        data: None,
        args: Record::new(),
        now,
        started: within_range(now - rng.below(age.max(0) as usize + 1) as i64),
        authn: Authn::ApiKey,
        session: Record::new(),
        approvals: Vec::new(),
    };
    let needed = draft.chain.iter().map(|&agent| model.agent(agent).authn).fold(grant.authn, Authn::max);
    draft.authn = if rng.chance(60) { needed } else { Authn::HardwareKey };
    fill(model, rng, tool, &mut draft);

    satisfy(model, rng, &mut draft, &line.cond);
    if let Some(line) = only.and_then(|only| only.lines.iter().find(|line| line.ops.contains(op))) {
        satisfy(model, rng, &mut draft, &line.cond);
    }
    satisfy(model, rng, &mut draft, &grant.when);
    for clause in grant.approvals.iter().filter(|clause| clause.ops.contains(op)) {
        if rng.chance(90) || clause.demanded.is_true() {
            approve(model, rng, &mut draft, &clause.demand);
        }
    }
    select(rng, model, tool, &mut draft);
    draft.data = labels(model, rng, grant, only, op);
    draft.started = draft.started.min(draft.now);
    draft
}

/// The root alone, or a chain that one delegate clause covers.
fn chain(rng: &mut Rng, grant: &Grant) -> Vec<AgentId> {
    let mut chain = vec![grant.to];
    if !grant.delegates.is_empty() && rng.chance(50) {
        let clause = rng.pick(&grant.delegates);
        let agents: Vec<AgentId> = clause.to.iter().collect();
        let hops = 1 + rng.below(clause.depth);
        if !agents.is_empty() {
            chain.extend((0..hops).map(|_| *rng.pick(&agents)));
        }
    }
    chain
}

fn delegate_clause<'a>(grant: &'a Grant, chain: &[AgentId]) -> Option<&'a DelegateClause> {
    grant.delegates.iter().find(|clause| {
        chain.len() - 1 <= clause.depth && chain[1..].iter().all(|&agent| clause.to.contains(agent))
    })
}

/// An instant within the grant's life, often at its edges.
fn life(rng: &mut Rng, grant: &Grant) -> i64 {
    let first = grant.starts.unwrap_or(EARLIEST);
    let last = grant.expires.unwrap_or(AFTER_LATEST) - 1;
    let usual = USUAL.clamp(first.min(last), last.max(first));
    match rng.below(10) {
        0 => within_range(first),
        1 => within_range(last),
        _ => usual,
    }
}

/// Arguments that the call must state, and some of those that it may.
fn fill(model: &Model, rng: &mut Rng, tool: &Tool, draft: &mut Draft) {
    for (name, arg) in &tool.args {
        let stated = match &arg.source {
            ArgSource::Required | ArgSource::Each(_) => true,
            ArgSource::Optional | ArgSource::Default(_) => rng.chance(40),
        };
        if stated {
            draft.args.insert(name.clone(), sample(model, rng, &arg.ty));
        }
    }
    for (name, ty) in &model.session {
        if rng.chance(50) {
            draft.session.insert(name.clone(), sample(model, rng, ty));
        }
    }
    select(rng, model, tool, draft);
}

/// Makes the arguments select the operation.
fn select(rng: &mut Rng, model: &Model, tool: &Tool, draft: &mut Draft) {
    let Some(variants) = &tool.variant else { return };
    let value = match (&model.op(draft.op).variant, tool.args.get(&variants.arg).map(|arg| &arg.ty)) {
        (Some(value), _) => Some(value.clone()),
        (None, Some(Type::Enum(values))) => {
            let free: Vec<Str> =
                values.iter().filter(|value| !variants.ops.contains_key(*value)).cloned().collect();
            (!free.is_empty()).then(|| rng.pick(&free).clone())
        }
        _ => None,
    };
    if let Some(value) = value {
        draft.args.insert(variants.arg.clone(), Value::Text(value));
    }
}

/// Labels that the grant covers.
fn labels(
    model: &Model,
    rng: &mut Rng,
    grant: &Grant,
    only: Option<&Only>,
    op: OpId,
) -> Option<Vec<ClassId>> {
    let op = model.op(op);
    let mut covered = op.labels.intersection(&grant.covers);
    let mut whole = op.declared.is_subset(&grant.covers);
    if let Some(covers) = only.and_then(|only| only.covers.as_ref()) {
        covered = covered.intersection(covers);
        whole &= op.declared.is_subset(covers);
    }
    if op.declared.is_empty() {
        return rng.chance(50).then(Vec::new);
    }
    if whole && rng.chance(40) {
        return None;
    }
    let covered: Vec<ClassId> = covered.iter().collect();
    let count = 1 + rng.below(2);
    (!covered.is_empty()).then(|| rng.some(&covered, count))
}

/// Adds an approval that counts, fresh enough and by somebody who may give it.
pub fn approve(model: &Model, rng: &mut Rng, draft: &mut Draft, demand: &Demand) {
    let mut people = model.people_of(demand.by);
    if demand.independent {
        let owner = model.agent(draft.chain[0]).owner;
        people.remove(owner);
        people = people.minus(&model.people_of(owner));
    }
    let people: Vec<PrincipalId> = people.iter().collect();
    if people.is_empty() {
        return;
    }
    let who = *rng.pick(&people);
    let age = *rng.pick(&[0, 1, demand.within / 2, demand.within]);
    draft.approvals.retain(|(given, _)| *given != who);
    draft.approvals.push((who, within_range(draft.now - age)));
    // Of a team nobody counts who is, or may be, the requester.
    if let (Some(attribute), PrincipalKind::Team { .. }) =
        (model.requester_attribute(), &model.principal(demand.by).kind)
    {
        let others: Vec<Str> = model
            .principals
            .iter()
            .filter(|principal| matches!(principal.kind, PrincipalKind::Person { .. }))
            .filter(|principal| principal.name != model.principal(who).name)
            .map(|principal| principal.name.clone())
            .collect();
        if !others.is_empty() {
            draft.session.insert(attribute.clone(), Value::Text(rng.pick(&others).clone()));
        }
    }
}

/// Changes the draft so that the condition holds, as far as can be told from left to right.
pub fn satisfy(model: &Model, rng: &mut Rng, draft: &mut Draft, cond: &Cond) {
    match cond {
        Cond::All(parts) => parts.iter().for_each(|part| satisfy(model, rng, draft, part)),
        Cond::Any(parts) if parts.is_empty() => {}
        Cond::Any(parts) => {
            let part = rng.pick(parts);
            satisfy(model, rng, draft, part);
        }
        Cond::Literal(literal) => satisfy_literal(model, rng, draft, literal),
    }
}

fn satisfy_literal(model: &Model, rng: &mut Rng, draft: &mut Draft, literal: &Literal) {
    let tool = model.tool(model.op(draft.op).tool);
    let yes = !literal.negated;
    let any = |rng: &mut Rng, attr: &Attr| type_of(model, tool, attr).map(|ty| sample(model, rng, &ty));
    match &literal.atom {
        Atom::Compare { left, op, right } => {
            let op = if yes { *op } else { op.negated() };
            let right = match right {
                Operand::Value(value) => Some(value.clone()),
                Operand::Attr(attr) => {
                    let value = draft.get(attr).or_else(|| any(rng, attr));
                    if let Some(value) = &value {
                        draft.set(attr, value.clone());
                    }
                    value
                }
            };
            let Some(right) = right else { return };
            let other = any(rng, left);
            if let Some(value) = compared(rng, op, &right, other) {
                draft.set(left, value);
            }
        }
        Atom::OneOf { attr, values } if yes => {
            let values: Vec<&Value> = values.iter().collect();
            if !values.is_empty() {
                draft.set(attr, (*rng.pick(&values)).clone());
            }
        }
        Atom::OneOf { attr, .. } | Atom::Like { attr, .. } | Atom::Under { attr, .. } if !yes => {
            redraw(rng, draft, attr, any)
        }
        Atom::Host { attr, .. } | Atom::InNet { attr, .. } if !yes => redraw(rng, draft, attr, any),
        Atom::OneOf { .. } => {}
        Atom::Contains { set, element } => {
            let element = match element {
                Operand::Value(value) => Some(value.clone()),
                Operand::Attr(attr) => {
                    let value = draft.get(attr).or_else(|| any(rng, attr));
                    if let Some(value) = &value {
                        draft.set(attr, value.clone());
                    }
                    value
                }
            };
            let Some(element) = element else { return };
            change_set(draft, set, |members| {
                if yes {
                    members.insert(element)
                } else {
                    members.remove(&element)
                };
            });
        }
        Atom::ContainsAll { set, values } => change_set(draft, set, |members| match (yes, values.first()) {
            (true, _) => members.extend(values.iter().cloned()),
            (false, Some(first)) => {
                members.remove(first);
            }
            (false, None) => {}
        }),
        Atom::ContainsAny { set, values } => change_set(draft, set, |members| match yes {
            true => members.extend(values.iter().take(1).cloned()),
            false => members.retain(|member| !values.contains(member)),
        }),
        Atom::SubsetOf { set, values } if yes => {
            change_set(draft, set, |members| members.retain(|member| values.contains(member)));
            if rng.chance(70) {
                change_set(draft, set, |members| members.extend(values.iter().take(1).cloned()));
            }
        }
        Atom::SubsetOf { set, .. } => redraw(rng, draft, set, any),
        Atom::Like { attr, pattern } => {
            let text: String = pattern
                .0
                .iter()
                .map(|part| match part {
                    PatternPart::Text(text) => text.to_string(),
                    PatternPart::Star => rng.pick(&["", "x", "\n", "-eu", "*"]).to_string(),
                })
                .collect();
            draft.set(attr, Value::Text(text.into()));
        }
        Atom::Under { attr, base } => {
            let below = format!("{}/{}", base.trim_end_matches('/'), rng.pick(&["x", "in/y"]));
            draft.set(attr, Value::Text(if rng.chance(40) { base.clone() } else { below.into() }));
        }
        Atom::Host { attr, host, below } => {
            let prefix = if *below { "a." } else { "" };
            draft.set(attr, Value::Text(format!("https://{prefix}{host}/v1").into()));
        }
        Atom::InNet { attr, nets } => {
            let nets: Vec<&Net> = nets.iter().collect();
            if !nets.is_empty() {
                let net = rng.pick(&nets).0;
                draft.set(attr, Value::Ip(if rng.chance(50) { net.network() } else { net.broadcast() }));
            }
        }
        Atom::Has(attr) if yes => {
            if let (None, Some(value)) = (draft.get(attr), any(rng, attr)) {
                draft.set(attr, value);
            }
        }
        Atom::Has(attr) => draft.unset(attr),
        Atom::Approved(demand) if yes => approve(model, rng, draft, demand),
        Atom::Approved(_) => draft.approvals.clear(),
        Atom::During(ranges) => {
            if yes && !ranges.is_empty() {
                let &(from, to) = rng.pick(ranges);
                draft.move_to(*rng.pick(&[from, from + (to - from) / 2, to - 1]));
            }
        }
        // The grant has set it.
        Atom::Purpose(_) => {}
    }
}

fn redraw(rng: &mut Rng, draft: &mut Draft, attr: &Attr, any: impl Fn(&mut Rng, &Attr) -> Option<Value>) {
    if let Some(value) = any(rng, attr) {
        draft.set(attr, value);
    }
}

fn change_set(draft: &mut Draft, set: &Attr, change: impl FnOnce(&mut BTreeSet<Value>)) {
    let mut members = match draft.get(set) {
        Some(Value::Set(members)) => members,
        _ => BTreeSet::new(),
    };
    change(&mut members);
    draft.set(set, Value::Set(members));
}

/// A value that compares so with `right`, often the one just at the limit.
fn compared(rng: &mut Rng, op: CompareOp, right: &Value, other: Option<Value>) -> Option<Value> {
    let near = |by: i64| beside(right, by);
    match op {
        CompareOp::Eq => Some(right.clone()),
        CompareOp::Ne => other.filter(|other| other != right).or_else(|| near(1)),
        CompareOp::Lt => near(-1),
        CompareOp::Le => {
            if rng.chance(60) {
                Some(right.clone())
            } else {
                near(-1)
            }
        }
        CompareOp::Gt => near(1),
        CompareOp::Ge => {
            if rng.chance(60) {
                Some(right.clone())
            } else {
                near(1)
            }
        }
    }
}

/// The value so many smallest steps away, when the type has steps and the value has a neighbour.
pub fn beside(value: &Value, by: i64) -> Option<Value> {
    match value {
        Value::Int(number) => number.checked_add(by).map(Value::Int),
        Value::Decimal(number) => number.checked_add(by).map(Value::Decimal),
        Value::Instant(at) => Some(Value::Instant(within_range(at.saturating_add(by)))),
        Value::Duration(seconds) => {
            seconds.checked_add(by).filter(|&seconds| seconds >= 0).map(Value::Duration)
        }
        Value::Authn(level) => {
            let at = Authn::ALL.iter().position(|one| one == level)?;
            Authn::ALL.get(at.checked_add_signed(by as isize)?).copied().map(Value::Authn)
        }
        Value::Bool(truth) => Some(Value::Bool(!truth)),
        Value::Text(_) | Value::Ip(_) | Value::Cidr(_) | Value::Set(_) | Value::Opaque => None,
    }
}
