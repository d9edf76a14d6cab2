//! One thing changed in a request: to just beside a limit, to absent, to another of its kind, or
//! to something ill formed.

use super::draft::{Draft, sample, type_of};
use super::sketch::{Sketch, instant, put};
use super::solve::{approve, beside, satisfy};
use crate::rng::Rng;
use bailiwick_compiler::model::*;

/// The request with one thing changed.
pub fn one_thing(model: &Model, rng: &mut Rng, grant: &Grant, mut draft: Draft) -> String {
    match rng.weighted(&[20, 14, 10, 10, 8, 8, 6, 24]) {
        0 => at_a_limit(model, rng, grant, &mut draft),
        1 => in_time(rng, grant, &mut draft),
        2 => approvals(model, rng, grant, &mut draft),
        3 => chain(model, rng, grant, &mut draft),
        4 => data(model, rng, &mut draft),
        5 => another(model, rng, &mut draft),
        6 => towards_a_forbid(model, rng, &mut draft),
        _ => return absent_or_ill_formed(model, rng, &draft),
    }
    Sketch::of(model, &draft).to_string()
}

/// Conditions that bear on requests of this grant, forbids included.
fn conditions<'a>(model: &'a Model, grant: &'a Grant, op: OpId) -> Vec<&'a Cond> {
    let lines = grant.lines.iter().filter(|line| line.ops.contains(op)).map(|line| &line.cond);
    let only = grant.delegates.iter().filter_map(|clause| clause.only.as_ref()).flat_map(|only| &only.lines);
    lines
        .chain(only.map(|line| &line.cond))
        .chain([&grant.when])
        .chain(grant.approvals.iter().map(|clause| &clause.demanded))
        .chain(model.forbids.iter().filter(|forbid| forbid.ops.contains(op)).map(|forbid| &forbid.when))
        .collect()
}

/// An attribute that is compared with a constant: one below it, at it, one above it, or anything else.
fn at_a_limit(model: &Model, rng: &mut Rng, grant: &Grant, draft: &mut Draft) {
    let tool = model.tool(model.op(draft.op).tool);
    let mut limits: Vec<(&Attr, Option<&Value>)> = Vec::new();
    for literal in conditions(model, grant, draft.op).into_iter().flat_map(Cond::literals) {
        match &literal.atom {
            Atom::Compare { left, right: Operand::Value(value), .. } => limits.push((left, Some(value))),
            Atom::Compare { left, right: Operand::Attr(attr), .. } => {
                limits.extend([(left, None), (attr, None)])
            }
            Atom::OneOf { attr, values } => limits.push((attr, values.first())),
            Atom::Contains { set, .. }
            | Atom::ContainsAll { set, .. }
            | Atom::ContainsAny { set, .. }
            | Atom::SubsetOf { set, .. } => limits.push((set, None)),
            Atom::Like { attr, .. }
            | Atom::Under { attr, .. }
            | Atom::Host { attr, .. }
            | Atom::InNet { attr, .. }
            | Atom::Has(attr) => limits.push((attr, None)),
            Atom::Approved(_) | Atom::Purpose(_) | Atom::During(_) => {}
        }
    }
    if limits.is_empty() {
        return;
    }
    let (attr, limit) = *rng.pick(&limits);
    let by = *rng.pick(&[-1, 0, 1]);
    let value = match limit {
        Some(limit) if by == 0 => Some(limit.clone()),
        Some(limit) => beside(limit, by),
        None => None,
    };
    let value = value.or_else(|| type_of(model, tool, attr).map(|ty| sample(model, rng, &ty)));
    if let Some(value) = value {
        draft.set(attr, value);
    }
}

/// The edges of the grant's life, of the session's, and of the hours in which it applies.
fn in_time(rng: &mut Rng, grant: &Grant, draft: &mut Draft) {
    let edge = *rng.pick(&[-1, 0, 1]);
    let mut ranges: Vec<i64> = grant.starts.into_iter().chain(grant.expires).collect();
    for literal in grant.when.literals() {
        if let Atom::During(during) = &literal.atom
            && !during.is_empty()
        {
            let (from, to) = *rng.pick(during);
            ranges.extend([from, to]);
        }
    }
    match rng.below(3) {
        0 if !ranges.is_empty() => draft.move_to(rng.pick(&ranges) + edge),
        1 => draft.authn = *rng.pick(&Authn::ALL),
        2 if rng.chance(30) => draft.started = draft.now + edge,
        _ => draft.started = (draft.now - grant.ttl.unwrap_or(3600) + edge).max(EARLIEST),
    }
}

/// Approvals missing, too old by a second, in the future, or by somebody else.
fn approvals(model: &Model, rng: &mut Rng, grant: &Grant, draft: &mut Draft) {
    let Some(clause) = grant.approvals.first() else {
        let at = rng.below(model.principals.len());
        draft.approvals.push((PrincipalId::at(at), draft.now));
        return;
    };
    match rng.below(6) {
        0 => draft.approvals.clear(),
        1 => age(draft, clause.demand.within + 1),
        2 => age(draft, clause.demand.within),
        3 => age(draft, -1),
        4 => {
            let by = PrincipalId::at(rng.below(model.principals.len()));
            let given = draft.now;
            draft.approvals = vec![(by, given)];
        }
        _ => {
            // By the requester, where there is one.
            draft.approvals.clear();
            approve(model, rng, draft, &clause.demand);
            if let (Some(attribute), Some(&(who, _))) = (model.requester_attribute(), draft.approvals.first())
            {
                draft.session.insert(attribute.clone(), Value::Text(model.principal(who).name.clone()));
            }
        }
    }
}

fn age(draft: &mut Draft, seconds: i64) {
    let given = (draft.now - seconds).clamp(EARLIEST, AFTER_LATEST - 1);
    draft.approvals.iter_mut().for_each(|approval| approval.1 = given);
}

/// A hop more, a hop less, another agent, the longest chain, one that is too long.
fn chain(model: &Model, rng: &mut Rng, grant: &Grant, draft: &mut Draft) {
    let delegates: Vec<AgentId> = grant.delegates.iter().flat_map(|clause| clause.to.iter()).collect();
    let any = AgentId::at(rng.below(model.agents.len()));
    let next = if delegates.is_empty() || rng.chance(20) { any } else { *rng.pick(&delegates) };
    match rng.below(6) {
        0 | 1 => draft.chain.push(next),
        2 => {
            let at = rng.below(draft.chain.len());
            draft.chain[at] = any;
        }
        3 if draft.chain.len() > 1 => draft.chain.truncate(1),
        3 => draft.chain.resize(1 + grant.delegates.first().map_or(1, |clause| clause.depth + 1), next),
        4 => draft.chain.resize(MAX_CHAIN, next),
        _ => draft.chain.resize(MAX_CHAIN + 1, next),
    }
}

/// No label, an empty set, what is above or below, a sibling, something else altogether.
fn data(model: &Model, rng: &mut Rng, draft: &mut Draft) {
    let op = model.op(draft.op);
    let present = draft.data.clone().unwrap_or_else(|| op.declared.iter().collect());
    let one = if present.is_empty() { ClassId::UNCLASSIFIED } else { *rng.pick(&present) };
    let class = model.class(one);
    let others: Vec<ClassId> = match rng.below(6) {
        0 => {
            draft.data = None;
            return;
        }
        1 => {
            draft.data = Some(Vec::new());
            return;
        }
        2 => class.parent.into_iter().collect(),
        3 => class.below.iter().collect(),
        4 => class.parent.map(|parent| model.class(parent).below.iter().collect()).unwrap_or_default(),
        _ => (0..model.classes.len()).map(ClassId::at).collect(),
    };
    if !others.is_empty() {
        let other = *rng.pick(&others);
        draft.data = Some(if rng.chance(50) { vec![other] } else { vec![one, other] });
    }
}

/// Another purpose, another tool of the project, another grantee.
fn another(model: &Model, rng: &mut Rng, draft: &mut Draft) {
    match rng.below(3) {
        0 => draft.purpose = PurposeId::at(rng.below(model.purposes.len())),
        1 => draft.op = OpId::at(rng.below(model.ops.len())),
        _ => draft.chain[0] = AgentId::at(rng.below(model.agents.len())),
    }
}

/// Makes a forbid on this operation match, or nearly.
fn towards_a_forbid(model: &Model, rng: &mut Rng, draft: &mut Draft) {
    let near: Vec<_> = model.forbids.iter().filter(|forbid| forbid.ops.contains(draft.op)).collect();
    if near.is_empty() {
        return;
    }
    let forbid = *rng.pick(&near);
    if forbid.suspension || rng.chance(30) {
        if let Some(agent) = forbid.agents.first() {
            draft.chain.push(agent);
        }
        return;
    }
    satisfy(model, rng, draft, &forbid.when);
    let op = model.op(draft.op);
    if let Some(met) = &forbid.meets {
        let met: Vec<ClassId> = met.intersection(&op.labels).iter().collect();
        if !met.is_empty() {
            draft.data = Some(vec![*rng.pick(&met)]);
        }
    }
}

/// Something taken away or null, or something that no request should have.
fn absent_or_ill_formed(model: &Model, rng: &mut Rng, draft: &Draft) -> String {
    let mut sketch = Sketch::of(model, draft);
    match rng.below(12) {
        0 | 1 => {
            if let Some(args) = sketch.args.as_mut().filter(|args| !args.is_empty()) {
                let at = rng.below(args.len());
                if rng.chance(50) { drop(args.remove(at)) } else { args[at].1 = "null".into() }
            }
        }
        2..=4 if sketch.session.len() > 2 => {
            let at = 2 + rng.below(sketch.session.len() - 2);
            if rng.chance(50) {
                drop(sketch.session.remove(at))
            } else {
                sketch.session[at].1 = "null".into()
            }
        }
        2..6 => odd_value(model, rng, draft, &mut sketch),
        6 => {
            if let Some(approvals) = sketch.approvals.as_mut() {
                approvals[0].1 = rng.pick(&["null", "0", r#""yesterday""#, "true"]).to_string();
            } else {
                sketch.approvals = Some(vec![(rng.pick(&["nobody", ""]).to_string(), instant(draft.now))]);
            }
        }
        7 => {
            let name = *rng.pick(&["chain", "purpose", "tool", "now"]);
            if rng.chance(50) { sketch.without(name) } else { sketch.field(name, "null") }
        }
        8 => {
            let odd = [
                ("now", r#""2026-02-30T00:00:00Z""#),
                ("now", r#""2026-12-01T10:00:00.5Z""#),
                ("now", r#""2026-12-01T11:00:00+01:00""#),
                ("now", r#""2200-01-01T00:00:00Z""#),
                ("now", "1796119200"),
                ("chain", "[]"),
                ("chain", r#""agent-0""#),
                ("chain", r#"["nobody"]"#),
                ("purpose", r#""no-such-purpose""#),
                ("tool", r#""no.such-tool""#),
                ("data", r#"["no-such-class"]"#),
                ("data", r#"{}"#),
                ("data", "null"),
                ("extra", "1"),
                ("extra", "null"),
                ("Now", r#""2026-12-01T10:00:00Z""#),
            ];
            let (name, value) = *rng.pick(&odd);
            sketch.field(name, value);
        }
        9 => {
            // The same key twice.
            match rng.below(3) {
                0 => sketch.fields.push(sketch.fields[0].clone()),
                1 => sketch.session.push(sketch.session[1].clone()),
                _ => {
                    if let Some(args) = sketch.args.as_mut().filter(|args| !args.is_empty()) {
                        args.push(args[0].clone());
                    }
                }
            }
        }
        10 => {
            let name = if rng.chance(80) { "no-such-argument" } else { "" };
            put(sketch.args.get_or_insert_default(), name, "1".into());
        }
        _ => {
            let odd = [
                ("authn", r#""password""#),
                ("authn", r#""MTLS""#),
                ("authn", "null"),
                ("started", "null"),
                ("started", r#""2026-12-01""#),
                ("no-such-attribute", "1"),
            ];
            let (name, value) = *rng.pick(&odd);
            put(&mut sketch.session, name, value.into());
        }
    }
    sketch.to_string()
}

/// An argument or session attribute of the wrong type, out of range, or not normalised.
fn odd_value(model: &Model, rng: &mut Rng, draft: &Draft, sketch: &mut Sketch) {
    let tool = model.tool(model.op(draft.op).tool);
    let args = draft.args.keys().filter(|name| {
        !matches!(tool.args.get(*name).map(|arg| &arg.source), Some(ArgSource::Each(_)) | None)
    });
    let attrs: Vec<Attr> = args
        .map(|name| Attr::Arg(name.clone()))
        .chain(draft.session.keys().map(|name| Attr::Session(name.clone())))
        .collect();
    if attrs.is_empty() {
        return;
    }
    let attr = rng.pick(&attrs);
    let Some(ty) = type_of(model, tool, attr) else { return };
    let value = odd(rng, &ty);
    match attr {
        Attr::Arg(name) => put(sketch.args.get_or_insert_default(), name, value),
        Attr::Session(name) => put(&mut sketch.session, name, value),
        Attr::Now | Attr::Started | Attr::Authn => {}
    }
}

fn odd(rng: &mut Rng, ty: &Type) -> String {
    let of = |rng: &mut Rng, values: &[&str]| rng.pick(values).to_string();
    match ty {
        Type::Bool => of(rng, &["1", r#""true""#, "[]"]),
        Type::Int => of(rng, &["1.5", "9223372036854775808", r#""900""#, "1e30", "100.0", "1e2", "true"]),
        Type::Decimal => {
            of(rng, &["1.00005", "922337203685477.5808", r#""1.5""#, "12.5000", "1e400", "-0.0"])
        }
        Type::String => of(rng, &["1", "[]", r#""""#, r#""\u0000""#]),
        Type::Path => {
            of(rng, &[r#""/srv/../etc""#, r#""//srv""#, r#""srv/data""#, r#""/srv/data/""#, r#""""#])
        }
        Type::Url => of(
            rng,
            &[
                r#""HTTPS://api.example.com/v1""#,
                r#""https://api.example.com:443/v1""#,
                r#""https://api.example.com/v1/../x""#,
                r#""https://ana@api.example.com/v1""#,
                r#""https://api.example.com/%2e%2e/x""#,
            ],
        ),
        Type::Instant => {
            of(rng, &["0", r#""2026-12-01""#, r#""1969-12-31T23:59:59Z""#, r#""2026-12-01t10:00:00z""#])
        }
        Type::Duration => of(rng, &["-1", "0.5", r#""15m""#]),
        Type::Ip => of(rng, &[r#""::ffff:10.0.0.1""#, r#""010.0.0.1""#, r#""10.0.0""#, r#""10.0.0.1/32""#]),
        Type::Cidr => of(rng, &[r#""10.0.0.1/8""#, r#""10.0.0.0""#, r#""::ffff:10.0.0.0/104""#]),
        Type::Enum(_) | Type::Person | Type::Authn => of(rng, &[r#""no-such-value""#, "1", r#""""#]),
        Type::Set(element) => {
            let inner = odd(rng, element);
            if rng.chance(50) { format!("[{inner}]") } else { inner }
        }
        Type::Opaque => of(rng, &["[[[]]]", "0", r#""x""#, "null"]),
    }
}
