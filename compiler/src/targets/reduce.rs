//! What is left of a grant in a target that sees only part of a request.
//!
//! Static targets (IAM, Kubernetes) see who calls and what is called; not the data, the session's
//! age, the approvals or most arguments. What they allow must be right for *every* request that
//! looks the same to them. So a condition is reduced to what the target sees: in negation normal
//! form a literal that it does not see is taken as false in a grant, which only ever allows less.
//!
//! Worked example. `where args.bucket == "a" and args.size < 10` on a target that sees buckets
//! alone has no alternative left, and a loss that names `args.size`; with `or` in place of `and`
//! one is left, and the same loss.

use super::Assumption;
use super::dual::dual;
use crate::model::*;
use bailiwick_grammar::ast::CompareOp;
use std::collections::{BTreeMap, BTreeSet};

/// The most alternatives that a reduced condition may have; beyond, it counts as not sayable.
pub const MOST_ALTERNATIVES: usize = 64;

/// The accounts of one kind that stand for exactly one agent and one purpose.
pub struct Holders {
    usable: BTreeMap<(AgentId, PurposeId), Vec<Str>>,
    reasons: BTreeMap<AgentId, BTreeSet<String>>,
    kind: IdentityKind,
}

impl Holders {
    /// Those of that kind. `accepts` says why an account's text cannot be used.
    pub fn of(model: &Model, kind: IdentityKind, accepts: impl Fn(&str) -> Result<(), String>) -> Holders {
        let mut users: BTreeMap<&Str, BTreeSet<String>> = BTreeMap::new();
        for agent in &model.agents {
            for identity in agent.identities.iter().filter(|identity| identity.kind == kind) {
                users.entry(&identity.value).or_default().insert(format!("agent `{}`", agent.name));
            }
        }
        for principal in &model.principals {
            if let PrincipalKind::Person { identities, .. } = &principal.kind {
                for identity in identities.iter().filter(|identity| identity.kind == kind) {
                    users.entry(&identity.value).or_default().insert(format!("person `{}`", principal.name));
                }
            }
        }
        let mut usable: BTreeMap<_, Vec<Str>> = BTreeMap::new();
        let mut reasons: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for (at, agent) in model.agents.iter().enumerate() {
            let id = AgentId::at(at);
            let held: PurposeSet =
                model.grants.iter().filter(|grant| grant.to == id).map(|grant| grant.purpose).collect();
            let mut serves: BTreeMap<&Str, PurposeSet> = BTreeMap::new();
            for identity in agent.identities.iter().filter(|identity| identity.kind == kind) {
                let purposes = identity.purposes.as_ref().unwrap_or(&held);
                let entry = serves.entry(&identity.value).or_default();
                *entry = entry.union(purposes);
            }
            for (value, purposes) in serves {
                let reason = if let Err(reason) = accepts(value) {
                    reason
                } else if users[value].len() > 1 {
                    let others: Vec<_> = users[value].iter().cloned().collect();
                    format!("`{value}` is shared by {}", others.join(" and "))
                } else if purposes.len() > 1 {
                    let names: Vec<_> =
                        purposes.iter().map(|p| format!("`{}`", model.purpose(p).name)).collect();
                    format!(
                        "`{value}` serves several purposes ({}), which the target cannot tell apart; \
                         give each an identity of its own",
                        names.join(", ")
                    )
                } else {
                    if let Some(purpose) = purposes.first() {
                        usable.entry((id, purpose)).or_default().push(value.clone());
                    }
                    continue;
                };
                reasons.entry(id).or_default().insert(reason);
            }
        }
        Holders { usable, reasons, kind }
    }

    /// The accounts that a grant's requests come from, or why there is none.
    pub fn for_grant(&self, model: &Model, grant: &Grant) -> Result<&[Str], String> {
        if let Some(values) = self.usable.get(&(grant.to, grant.purpose)) {
            return Ok(values);
        }
        let agent = &model.agent(grant.to).name;
        match self.reasons.get(&grant.to) {
            Some(reasons) => Err(reasons.iter().cloned().collect::<Vec<_>>().join("; ")),
            None => Err(format!(
                "`{agent}` has no {} identity for purpose `{}`",
                self.kind.name(),
                model.purpose(grant.purpose).name
            )),
        }
    }
}

/// What is known of every request that a grant is about to cover, without looking at it.
pub struct Facts<'a> {
    /// The model.
    pub model: &'a Model,
    /// The grant.
    pub grant: &'a Grant,
    /// The operation.
    pub op: OpId,
}

impl<'a> Facts<'a> {
    /// The authentication that sessions of the grant's identity are assumed to have.
    pub fn authn(&self) -> Authn {
        self.model.authn_of(self.grant)
    }

    /// Whether the grant covers the operation's data, and whether that rests on the data being
    /// what the tool declares.
    pub fn data(&self) -> Data {
        let op = self.model.op(self.op);
        if op.labels.is_subset(&self.grant.covers) {
            Data::Covered
        } else if op.declared.is_subset(&self.grant.covers) {
            Data::CoveredIfStatic
        } else if op.labels.meets(&self.grant.covers) {
            Data::Partly
        } else {
            Data::Outside
        }
    }

    /// The forbids that may match direct calls of the operation by the grantee, and whether
    /// their matching rests on the data being what the tool declares.
    pub fn forbids(&self) -> Vec<(ForbidId, &'a Forbid, bool)> {
        let op = self.model.op(self.op);
        let rows = self.model.forbids.iter().enumerate();
        rows.filter(|(_, forbid)| forbid.agents.contains(self.grant.to) && forbid.ops.contains(self.op))
            .filter_map(|(at, forbid)| match &forbid.meets {
                None => Some((at, forbid, false)),
                Some(meets) if !meets.meets(&op.declared) => None,
                Some(meets) => Some((at, forbid, !op.labels.is_subset(meets))),
            })
            .map(|(at, forbid, rests)| (ForbidId::at(at), &**forbid, rests))
            .collect()
    }

    /// The grant's condition on direct calls of the operation, the approvals that it demands included.
    pub fn condition(&self) -> Cond {
        let lines = self.grant.lines.iter().filter(|line| line.ops.contains(self.op));
        let mut all = vec![Cond::Any(lines.map(|line| line.cond.clone()).collect()), self.grant.when.clone()];
        let demands = self.grant.approvals.iter().filter(|approval| approval.ops.contains(self.op));
        all.extend(demands.map(|approval| {
            let given = Atom::Approved(approval.demand.clone());
            let given = Cond::Literal(Literal { atom: given, negated: false, absent: false });
            Cond::Any(vec![dual(&approval.demanded), given])
        }));
        Cond::All(all)
    }

    /// The literal's value, when it is the same for every request at hand.
    pub fn decided(&self, literal: &Literal) -> Option<bool> {
        let value = match &literal.atom {
            Atom::Purpose(purposes) => purposes.contains(self.grant.purpose),
            Atom::Has(attr) => self.present(attr).then_some(true)?,
            Atom::Compare { left: Attr::Authn, op, right: Operand::Value(Value::Authn(level)) } => {
                let levels = Authn::ALL.into_iter().filter(|have| *have >= self.authn());
                alike(levels.map(|have| compare(have.cmp(level), *op)))?
            }
            Atom::Compare { left, op: CompareOp::Eq, right: Operand::Value(value) } => {
                alike(self.domain(left)?.iter().map(|have| have == value))?
            }
            Atom::Compare { left, op: CompareOp::Ne, right: Operand::Value(value) } => {
                alike(self.domain(left)?.iter().map(|have| have != value))?
            }
            Atom::OneOf { attr: Attr::Authn, values } => {
                let levels = Authn::ALL.into_iter().filter(|have| *have >= self.authn());
                alike(levels.map(|have| values.contains(&Value::Authn(have))))?
            }
            Atom::OneOf { attr, values } => {
                alike(self.domain(attr)?.iter().map(|have| values.contains(have)))?
            }
            Atom::Compare { .. }
            | Atom::Contains { .. }
            | Atom::ContainsAll { .. }
            | Atom::ContainsAny { .. }
            | Atom::SubsetOf { .. }
            | Atom::Like { .. }
            | Atom::Under { .. }
            | Atom::Host { .. }
            | Atom::InNet { .. }
            | Atom::Approved(_)
            | Atom::During(_) => return None,
        };
        Some(value != literal.negated)
    }

    /// The declaration of an argument of the operation's tool.
    pub fn arg(&self, name: &str) -> Option<&'a Arg> {
        self.model.tool(self.model.op(self.op).tool).args.get(name)
    }

    /// Whether the attribute is there in every well-formed request.
    pub fn present(&self, attr: &Attr) -> bool {
        match attr {
            Attr::Arg(name) => self.arg(name).is_some_and(|arg| !matches!(arg.source, ArgSource::Optional)),
            Attr::Session(_) => false,
            Attr::Now | Attr::Started | Attr::Authn => true,
        }
    }

    /// The values that an attribute may have, when they are few and it is always there.
    pub fn domain(&self, attr: &Attr) -> Option<BTreeSet<Value>> {
        let Attr::Arg(name) = attr else { return None };
        if !self.present(attr) {
            return None;
        }
        domain_of(self.model, self.op, name)
    }
}

/// The values of an enumerated or boolean argument that select the operation.
pub fn domain_of(model: &Model, op: OpId, name: &str) -> Option<BTreeSet<Value>> {
    let op = model.op(op);
    let tool = model.tool(op.tool);
    let all: BTreeSet<Value> = match &tool.args.get(name)?.ty {
        Type::Enum(values) => values.iter().cloned().map(Value::Text).collect(),
        Type::Bool => [Value::Bool(false), Value::Bool(true)].into(),
        Type::Int
        | Type::Decimal
        | Type::String
        | Type::Path
        | Type::Url
        | Type::Instant
        | Type::Duration
        | Type::Ip
        | Type::Cidr
        | Type::Person
        | Type::Set(_)
        | Type::Opaque
        | Type::Authn => return None,
    };
    let Some(variants) = tool.variant.as_ref().filter(|variants| *variants.arg == *name) else {
        return Some(all);
    };
    Some(match &op.variant {
        Some(value) => [Value::Text(value.clone())].into(),
        None => all
            .into_iter()
            .filter(|value| !matches!(value, Value::Text(text) if variants.ops.contains_key(text)))
            .collect(),
    })
}

/// Whether a grant covers an operation's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Whatever the labels.
    Covered,
    /// When they are those that the tool declares.
    CoveredIfStatic,
    /// Some labels below the declared ones alone.
    Partly,
    /// No label.
    Outside,
}

fn alike(mut values: impl Iterator<Item = bool>) -> Option<bool> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

fn compare(order: std::cmp::Ordering, op: CompareOp) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

/// A condition as alternatives of what a target sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduced<T> {
    /// One of these suffices; each is a conjunction. Every one implies the condition.
    pub alternatives: Vec<Vec<T>>,
    /// What the condition speaks of and the target does not see. When empty, the alternatives
    /// together say the same as the condition.
    pub unseen: BTreeSet<String>,
}

/// Reduces a condition. `see` gives a literal that is not decided as alternatives, or `None`.
pub fn reduce<T: Clone>(
    cond: &Cond,
    facts: &Facts,
    see: &impl Fn(&Literal) -> Option<Vec<Vec<T>>>,
) -> Reduced<T> {
    let mut unseen = BTreeSet::new();
    let alternatives = alternatives(cond, facts, see, &mut unseen);
    Reduced { alternatives, unseen }
}

fn alternatives<T: Clone>(
    cond: &Cond,
    facts: &Facts,
    see: &impl Fn(&Literal) -> Option<Vec<Vec<T>>>,
    unseen: &mut BTreeSet<String>,
) -> Vec<Vec<T>> {
    match cond {
        Cond::All(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let part = alternatives(part, facts, see, unseen);
                if all.len() * part.len() > MOST_ALTERNATIVES {
                    unseen.insert("a choice of too many alternatives".to_string());
                    return Vec::new();
                }
                all = all
                    .iter()
                    .flat_map(|left| part.iter().map(|right| [left.as_slice(), right].concat()))
                    .collect();
            }
            all
        }
        Cond::Any(parts) => {
            let mut any = Vec::new();
            let mut aside = BTreeSet::new();
            for part in parts {
                let part = alternatives(part, facts, see, &mut aside);
                if part.iter().any(Vec::is_empty) {
                    return vec![Vec::new()]; // true, whatever the others say
                }
                any.extend(part);
            }
            unseen.append(&mut aside);
            if any.len() > MOST_ALTERNATIVES {
                unseen.insert("a choice of too many alternatives".to_string());
                any.truncate(MOST_ALTERNATIVES);
            }
            any
        }
        Cond::Literal(literal) => match facts.decided(literal) {
            Some(true) => vec![Vec::new()],
            Some(false) => Vec::new(),
            None => see(literal).unwrap_or_else(|| {
                unseen.insert(speaks_of(&literal.atom));
                Vec::new()
            }),
        },
    }
}

/// What an atom speaks of, for a message.
pub fn speaks_of(atom: &Atom) -> String {
    match atom {
        Atom::Compare { left, right: Operand::Attr(right), .. } => {
            format!("`{}` beside `{}`", left.text(), right.text())
        }
        Atom::Compare { left: attr, .. }
        | Atom::OneOf { attr, .. }
        | Atom::Contains { set: attr, .. }
        | Atom::ContainsAll { set: attr, .. }
        | Atom::ContainsAny { set: attr, .. }
        | Atom::SubsetOf { set: attr, .. }
        | Atom::Like { attr, .. }
        | Atom::Under { attr, .. }
        | Atom::Host { attr, .. }
        | Atom::InNet { attr, .. }
        | Atom::Has(attr) => format!("`{}`", attr.text()),
        Atom::Approved(_) => "an approval".to_string(),
        Atom::Purpose(_) => "`purpose`".to_string(),
        Atom::During(_) => "the time of day".to_string(),
    }
}

/// What every export to a static target rests on for this grant, `shortest` being the shortest
/// session (in seconds) that the target can bound; or why the grant cannot be exported.
pub fn session_assumptions(model: &Model, grant: &Grant, shortest: i64) -> Result<Vec<Assumption>, String> {
    let mut assumptions = vec![
        Assumption::WellFormedRequests,
        Assumption::OneIdentityPerAgent,
        Assumption::OneIdentityPerPurpose,
        Assumption::NoDelegatedUse,
    ];
    let authn = model.authn_of(grant);
    if authn > Authn::ApiKey {
        assumptions.push(Assumption::IssuedAtAuthentication { level: authn.name().to_string() });
    }
    if let Some(ttl) = grant.ttl {
        if ttl < shortest {
            return Err(format!(
                "its ttl of {ttl} s is shorter than the shortest session there, {shortest} s"
            ));
        }
        assumptions.push(Assumption::MaximumSessionLength { seconds: ttl });
    }
    Ok(assumptions)
}

/// Takes out the regions (each beside the position of its grant) that some other tool's requests
/// share without being allowed.
///
/// Two tools may stand behind one call of the target. What it allows must then be allowed for
/// both: a region stays only when every unit (a tool's way of making the call) that meets it has
/// a region that covers it, in every session that its own grant's export rests on. Whether that one
/// stays itself is of no matter then: what it covers is allowed by the source. Returns what was
/// taken out, with the unit that was in the way.
pub fn settle<R, U>(
    model: &Model,
    regions: &mut Vec<(usize, R)>,
    units: &[U],
    meets: impl Fn(&R, &U) -> bool,
    of: impl Fn(&R, &U) -> bool,
    covers: impl Fn(&R, &R) -> bool,
) -> Vec<((usize, R), usize)> {
    let in_the_way: Vec<Option<usize>> = regions
        .iter()
        .map(|(at, region)| {
            units.iter().position(|unit| {
                let covered = |(by, other): &(usize, R)| {
                    of(other, unit) && covers(other, region) && serves_sessions_of(model, *by, *at)
                };
                meets(region, unit) && !of(region, unit) && !regions.iter().any(covered)
            })
        })
        .collect();
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for (region, unit) in std::mem::take(regions).into_iter().zip(in_the_way) {
        match unit {
            Some(unit) => taken.push((region, unit)),
            None => kept.push(region),
        }
    }
    *regions = kept;
    taken
}

/// Whether every session that the one grant's export rests on is one that the other's rests on too.
fn serves_sessions_of(model: &Model, other: usize, one: usize) -> bool {
    let (other, one) = (&model.grants[other], &model.grants[one]);
    model.authn_of(other) <= model.authn_of(one)
        && other.ttl.is_none_or(|longest| one.ttl.is_some_and(|ttl| ttl <= longest))
}
