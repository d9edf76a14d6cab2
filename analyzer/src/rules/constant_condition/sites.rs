//! Where conditions stand, of which calls they speak, and what holds of those besides.

use crate::analysis::Analysis;
use crate::smt::question::{Counting, Formula, Slot, matching};
use bailiwick_compiler::model::*;
use bailiwick_grammar::Span;
use bailiwick_grammar::ast::{CompareOp, PatternPart};
use std::collections::BTreeSet;

/// A condition, and all that bears on it.
pub struct Site<'m> {
    /// `grant`, `forbid`, …
    pub kind: &'static str,
    /// Its name.
    pub name: &'m Str,
    /// Of a grant, to whom: `` to agent `a` of `owner` ``.
    pub to: String,
    /// Where that stands.
    pub origin: &'m Origin,
    /// Where the condition stands, or its line.
    pub span: Span,
    /// What people call it.
    pub word: String,
    /// The condition.
    pub cond: &'m Cond,
    /// The calls that it speaks of, each with what holds of it besides.
    pub slots: Vec<(Slot, Formula<'m>)>,
    /// The conditions in what holds besides.
    beside: Vec<&'m Cond>,
    /// What follows when it is always false; `None` where another rule says so.
    pub when_false: Option<&'static str>,
    /// How grave it is when it is always true by itself.
    pub when_true: Severity,
}

/// The conditions of a grant.
pub fn of_grant<'m>(analysis: &Analysis<'m>, grant: &'m Grant) -> Vec<Site<'m>> {
    let lines: Vec<&Cond> = grant.lines.iter().map(|line| &line.cond).collect();
    let only =
        || grant.delegates.iter().filter_map(|clause| clause.only.as_ref()).flat_map(|only| &only.lines);
    let stated = lines.iter().any(|cond| !cond.is_true())
        || !grant.when.is_true()
        || grant.approvals.iter().any(|clause| !clause.demanded.is_true())
        || only().any(|line| !line.cond.is_true());
    if !stated {
        return Vec::new();
    }
    // The labels make no difference to a condition: one shape for each operation.
    let mut shapes = analysis.slots(grant, &[grant.to], &[]);
    shapes.dedup_by_key(|slot| slot.op);
    let least = analysis.model.authn_of(grant);
    let base = || vec![Formula::Timely(0, grant), Formula::Authn(0, least)];
    let when = || Formula::cond(0, &grant.when);
    let site = |span, word: &str, cond, ops: Option<&OpSet>, rest: &dyn Fn(&Slot) -> Vec<Formula<'m>>| Site {
        kind: "grant",
        name: &grant.name,
        to: format!(" to {}", analysis.agent_of(grant.to)),
        origin: &grant.origin,
        span,
        word: word.to_string(),
        cond,
        slots: (shapes.iter())
            .filter(|slot| ops.is_none_or(|ops| ops.contains(slot.op)))
            .map(|slot| (slot.clone(), Formula::All(rest(slot))))
            .collect(),
        beside: Vec::new(),
        when_false: None,
        when_true: Severity::Warning,
    };
    let allowed = |slot: &Slot| matching(0, slot, &grant.lines, &Counting::Given).unwrap_or(Formula::FALSE);
    let mut sites = Vec::new();
    for line in &grant.lines {
        let rest = |_: &Slot| base().into_iter().chain([when()]).collect();
        let when_false = (grant.lines.len() > 1).then_some("this line allows nothing");
        let site = site(line.span, "a `where`", &line.cond, Some(&line.ops), &rest);
        sites.push(Site { beside: vec![&grant.when], when_false, ..site });
    }
    let rest = |slot: &Slot| base().into_iter().chain([allowed(slot)]).collect();
    sites.push(Site {
        beside: lines.clone(),
        ..site(grant.origin.span, "the `when`", &grant.when, None, &rest)
    });
    let all = |slot: &Slot| base().into_iter().chain([when(), allowed(slot)]).collect();
    let beside: Vec<&Cond> = lines.iter().copied().chain([&grant.when]).collect();
    for clause in &grant.approvals {
        let site = site(clause.span, "an approval's `if`", &clause.demanded, Some(&clause.ops), &all);
        let when_false = Some("this approval is never demanded");
        sites.push(Site { beside: beside.clone(), when_false, when_true: Severity::Note, ..site });
    }
    for (clause, only) in grant.delegates.iter().filter_map(|clause| Some((clause, clause.only.as_ref()?))) {
        for line in &only.lines {
            let site = site(clause.span, "an `only`", &line.cond, Some(&line.ops), &all);
            let when_false = (only.lines.len() > 1).then_some("this line hands nothing on");
            sites.push(Site { beside: beside.clone(), when_false, when_true: Severity::Note, ..site });
        }
    }
    sites.retain(|site| !site.cond.is_true());
    sites
}

/// The conditions of forbids, ceilings, purposes, duties and legs; not those of the library, which
/// are about whatever project uses it.
pub fn of_rules<'m>(analysis: &Analysis<'m>) -> Vec<Site<'m>> {
    let model = analysis.model;
    let rule = |kind, name, origin: &'m Origin, span, word: String, cond, ops: &OpSet| Site {
        kind,
        name,
        to: String::new(),
        origin,
        span,
        word,
        cond,
        slots: shapes(model, ops, cond).into_iter().map(|slot| (slot, Formula::TRUE)).collect(),
        beside: Vec::new(),
        when_false: None,
        when_true: Severity::Warning,
    };
    let mut sites = Vec::new();
    for forbid in model.forbids.iter().filter(|forbid| !forbid.suspension) {
        let Forbid { name, origin, when, ops, .. } = &**forbid;
        sites.push(rule("forbid", name, origin, origin.span, "the `when`".into(), when, ops));
    }
    for ceiling in &model.ceilings {
        let Ceiling { name, origin, when, lines, .. } = &**ceiling;
        let ops = lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        let site = rule("ceiling", name, origin, origin.span, "the `when`".into(), when, &ops);
        sites.push(Site { when_false: Some("nothing is within the ceiling"), ..site });
        for line in lines {
            let site = rule("ceiling", name, origin, line.span, "a `where`".into(), &line.cond, &line.ops);
            sites.push(Site { when_false: Some("nothing is within this line"), ..site });
        }
    }
    for purpose in &model.purposes {
        let Purpose { name, origin, needs, .. } = &**purpose;
        for line in &needs.lines {
            let site = rule("purpose", name, origin, line.span, "a `where`".into(), &line.cond, &line.ops);
            sites.push(Site { when_false: Some("this line needs nothing"), ..site });
        }
    }
    for combination in &model.combinations {
        let Combination { name, origin, pairwise, legs, .. } = &**combination;
        let (kind, what) = if *pairwise { ("separate", "duty") } else { ("toxic", "leg") };
        for leg in legs {
            let word = format!("{what} `{}`", leg.name);
            let site = rule(kind, name, origin, leg.span, word, &leg.cond, &leg.ops);
            let when_false = Some("nothing fills it, so the rule finds nothing");
            sites.push(Site { when_false, when_true: Severity::Note, ..site });
        }
    }
    sites.retain(|site| !site.cond.is_true() && !site.origin.module.starts_with("std/"));
    // Who may approve depends on whose agent asks: nothing is claimed of all of them.
    let approved = |cond: &Cond| cond.literals().iter().any(|one| matches!(one.atom, Atom::Approved(_)));
    sites.retain(|site| !approved(site.cond));
    sites
}

/// One shape for each operation and, where the condition asks for it, purpose.
fn shapes(model: &Model, ops: &OpSet, cond: &Cond) -> Vec<Slot> {
    if model.agents.is_empty() {
        return Vec::new();
    }
    let asked = cond.literals().iter().any(|literal| matches!(literal.atom, Atom::Purpose(_)));
    let purposes = (0..model.purposes.len()).map(PurposeId::at).take(if asked { usize::MAX } else { 1 });
    let shapes = purposes.flat_map(|purpose| {
        ops.iter().map(move |op| {
            let data = model.op(op).labels.first().map(ClassSet::only).unwrap_or_default();
            Slot { chain: vec![AgentId::at(0)], purpose, op, data }
        })
    });
    shapes.collect()
}

impl Site<'_> {
    /// Whether every comparison is of an attribute of its own, can be true and can be false. Then
    /// they can be so in any mixture, and no part of the condition is constant.
    pub fn is_plain(&self, model: &Model) -> bool {
        let mut seen = BTreeSet::new();
        let plain = |literal: &Literal| -> Option<Attr> {
            let attr = compared_alone(&literal.atom)?;
            let free = |(slot, _): &(Slot, Formula)| {
                type_of(model, slot.op, attr).is_some_and(|ty| is_open(&literal.atom, ty))
            };
            self.slots.iter().all(free).then(|| attr.clone())
        };
        let own = self
            .cond
            .literals()
            .into_iter()
            .all(|literal| plain(literal).is_some_and(|attr| seen.insert(attr)));
        own && !has_constant(self.cond)
            && self
                .beside
                .iter()
                .flat_map(|cond| cond.literals())
                .all(|literal| compared_alone(&literal.atom).is_some_and(|attr| !seen.contains(attr)))
    }
}

/// Whether `true` or `false` is written in it.
fn has_constant(cond: &Cond) -> bool {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.is_empty() || parts.iter().any(has_constant),
        Cond::Literal(_) => false,
    }
}

/// The argument or session attribute that an atom compares with constants and nothing else.
fn compared_alone(atom: &Atom) -> Option<&Attr> {
    let attr = match atom {
        Atom::Compare { left, right: Operand::Value(_), .. } => left,
        Atom::Contains { set, element: Operand::Value(_) } => set,
        Atom::OneOf { attr, .. }
        | Atom::Like { attr, .. }
        | Atom::Under { attr, .. }
        | Atom::Host { attr, .. } => attr,
        Atom::Compare { .. }
        | Atom::Contains { .. }
        | Atom::ContainsAll { .. }
        | Atom::ContainsAny { .. }
        | Atom::SubsetOf { .. }
        | Atom::InNet { .. }
        | Atom::Has(_)
        | Atom::Approved(_)
        | Atom::Purpose(_)
        | Atom::During(_) => return None,
    };
    matches!(attr, Attr::Arg(_) | Attr::Session(_)).then_some(attr)
}

/// The type of an attribute that may have any value of it: not one that selects the operation, or
/// that is derived from another.
fn type_of<'m>(model: &'m Model, op: OpId, attr: &Attr) -> Option<&'m Type> {
    match attr {
        Attr::Session(name) => model.session.get(name),
        Attr::Arg(name) => {
            let tool = model.tool(model.op(op).tool);
            let selects = tool.variant.as_ref().is_some_and(|variants| variants.arg == *name);
            let arg = tool.args.get(name).filter(|_| !selects)?;
            (!matches!(arg.source, ArgSource::Each(_))).then_some(&arg.ty)
        }
        Attr::Now | Attr::Started | Attr::Authn => None,
    }
}

/// Whether an atom is true of some values of the type, and false of others.
fn is_open(atom: &Atom, ty: &Type) -> bool {
    match (atom, ty) {
        (
            Atom::Compare { right: Operand::Value(Value::Int(value) | Value::Decimal(value)), .. },
            Type::Int | Type::Decimal,
        ) => i64::MIN < *value && *value < i64::MAX,
        (
            Atom::Compare { op: CompareOp::Eq | CompareOp::Ne, .. },
            Type::Bool | Type::String | Type::Path | Type::Url | Type::Enum(_),
        ) => true,
        (Atom::OneOf { values, .. }, Type::Int | Type::Decimal | Type::String | Type::Path | Type::Url) => {
            !values.is_empty()
        }
        (Atom::OneOf { values, .. }, Type::Enum(all)) => !values.is_empty() && values.len() < all.len(),
        (Atom::Like { pattern, .. }, Type::String) => {
            pattern.0.iter().any(|part| matches!(part, PatternPart::Text(_)))
        }
        (Atom::Under { base, .. }, Type::Path | Type::Url) => &**base != "/",
        (Atom::Host { .. }, Type::Url) | (Atom::Contains { .. }, Type::Set(_)) => true,
        _ => false,
    }
}
