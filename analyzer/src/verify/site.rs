//! Where a proof looks: one root, operation and purpose. What a predicate says *there* is short.
//!
//! An estate's artifacts have thousands of rules, of which a handful speak of one agent's calls to
//! one operation. Predicates are brought into negation normal form with all that is fixed folded
//! away, and the same thing said twice is one value, so that most of a proof is comparing values.

use crate::smt::compared;
use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;

/// A root, an operation, a purpose.
#[derive(Clone, Copy)]
pub struct Site<'m> {
    /// The model.
    pub model: &'m Model,
    /// The root.
    pub root: AgentId,
    /// The purpose.
    pub purpose: PurposeId,
    /// The operation.
    pub op: OpId,
    /// Whether the root acts itself: nobody stands behind it.
    pub alone: bool,
}

impl Site<'_> {
    /// What the predicate says here, in negation normal form: leaves are literals, and the others
    /// or their negation. Of well-formed requests alone: what holds of all of them is `TRUE`.
    pub fn says(&self, predicate: &Predicate) -> Predicate {
        self.normal(predicate, true)
    }

    /// Some of what it says must hold: the conjuncts.
    pub fn conjuncts(predicate: &Predicate) -> &[Predicate] {
        match predicate {
            Predicate::All(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }

    fn normal(&self, predicate: &Predicate, truth: bool) -> Predicate {
        let constant = |value: bool| if value == truth { Predicate::TRUE } else { Predicate::FALSE };
        let leaf = |leaf: Predicate| if truth { leaf } else { leaf.negate() };
        match predicate {
            Predicate::All(parts) if truth => all(parts.iter().map(|part| self.normal(part, true))),
            Predicate::All(parts) => any(parts.iter().map(|part| self.normal(part, false))),
            Predicate::Any(parts) if truth => any(parts.iter().map(|part| self.normal(part, true))),
            Predicate::Any(parts) => all(parts.iter().map(|part| self.normal(part, false))),
            Predicate::Not(inner) => self.normal(inner, !truth),
            Predicate::Cond(cond) => self.cond(cond, truth),
            Predicate::Op(ops) => constant(ops.contains(self.op)),
            Predicate::Root(agents) => constant(agents.contains(self.root)),
            Predicate::SomeDelegate(agents) if self.alone || agents.is_empty() => constant(false),
            Predicate::SomeDelegate(agents) if agents.len() == self.model.agents.len() => {
                self.normal(&Predicate::Hops(0), !truth)
            }
            Predicate::Hops(most) if self.alone || *most + 1 >= MAX_CHAIN => constant(true),
            Predicate::DataWithin(labels) => self.within(labels, truth),
            // Some label is in it unless every label is outside.
            Predicate::DataMeets(labels) => self.within(&self.model.op(self.op).labels.minus(labels), !truth),
            Predicate::Age(most) if *most >= AFTER_LATEST => constant(true),
            Predicate::Age(most) if *most < 0 => constant(false),
            Predicate::SomeDelegate(_) | Predicate::Hops(_) | Predicate::Age(_) => leaf(predicate.clone()),
        }
    }

    fn within(&self, labels: &ClassSet, truth: bool) -> Predicate {
        let all = &self.model.op(self.op).labels;
        let kept = all.intersection(labels);
        let holds = match () {
            () if kept == *all => true,
            () if kept.is_empty() => false,
            () if truth => return Predicate::DataWithin(kept),
            () => return Predicate::DataWithin(kept).negate(),
        };
        if holds == truth { Predicate::TRUE } else { Predicate::FALSE }
    }

    fn cond(&self, cond: &Cond, truth: bool) -> Predicate {
        match cond {
            Cond::All(parts) if truth => all(parts.iter().map(|part| self.cond(part, true))),
            Cond::All(parts) => any(parts.iter().map(|part| self.cond(part, false))),
            Cond::Any(parts) if truth => any(parts.iter().map(|part| self.cond(part, true))),
            Cond::Any(parts) => all(parts.iter().map(|part| self.cond(part, false))),
            Cond::Literal(literal) => self.literal(literal, truth),
        }
    }

    fn literal(&self, literal: &Literal, truth: bool) -> Predicate {
        let constant = |value: bool| if value { Predicate::TRUE } else { Predicate::FALSE };
        let (negated, absent) = (literal.negated == truth, literal.absent == truth);
        let known = |value: bool| constant(value != negated);
        match &literal.atom {
            Atom::Purpose(purposes) => return known(purposes.contains(self.purpose)),
            Atom::Has(attr) => {
                if let Some(there) = self.presence(attr) {
                    return known(there);
                }
            }
            atom => {
                if let Some(value) = always(atom) {
                    return known(value);
                }
            }
        }
        let compared = compared(&literal.atom);
        if compared.iter().any(|attr| self.presence(attr) == Some(false)) {
            return constant(absent);
        }
        let absent = absent && compared.iter().any(|attr| self.presence(attr).is_none());
        let (atom, negated) = plain(&literal.atom, negated);
        Predicate::Cond(Cond::Literal(Literal { atom, negated, absent }))
    }

    /// Whether the attribute is there in every well-formed request, or in none.
    fn presence(&self, attr: &Attr) -> Option<bool> {
        match attr {
            Attr::Now | Attr::Started | Attr::Authn => Some(true),
            Attr::Session(name) => (!self.model.session.contains_key(name)).then_some(false),
            Attr::Arg(name) => {
                let tool = self.model.tool(self.model.op(self.op).tool);
                match tool.args.get(name).map(|arg| &arg.source) {
                    None => Some(false),
                    Some(ArgSource::Required | ArgSource::Default(_)) => Some(true),
                    Some(ArgSource::Optional | ArgSource::Each(_)) => None,
                }
            }
        }
    }
}

/// Comparisons that hold, or do not, of every well-formed request.
fn always(atom: &Atom) -> Option<bool> {
    match atom {
        Atom::Compare { left: Attr::Started, op: CompareOp::Le, right: Operand::Attr(Attr::Now) }
        | Atom::Compare { left: Attr::Now, op: CompareOp::Ge, right: Operand::Attr(Attr::Started) } => {
            Some(true)
        }
        Atom::Compare { left: Attr::Now | Attr::Started, op, right: Operand::Value(Value::Instant(at)) } => {
            match op {
                CompareOp::Ge if *at <= EARLIEST => Some(true),
                CompareOp::Lt if *at <= EARLIEST => Some(false),
                CompareOp::Lt if *at >= AFTER_LATEST => Some(true),
                CompareOp::Ge if *at >= AFTER_LATEST => Some(false),
                _ => None,
            }
        }
        Atom::Compare { left: Attr::Authn, op: CompareOp::Ge, right: Operand::Value(level) } => {
            (*level == Value::Authn(Authn::ApiKey)).then_some(true)
        }
        Atom::During(spans) if spans.is_empty() => Some(false),
        _ => None,
    }
}

/// One way of saying it: comparisons are not negated, and one of few is a comparison.
fn plain(atom: &Atom, negated: bool) -> (Atom, bool) {
    match atom {
        Atom::OneOf { attr, values } if values.len() == 1 => {
            let op = if negated { CompareOp::Ne } else { CompareOp::Eq };
            let value = values.iter().next().cloned().map(Operand::Value);
            let right = value.unwrap_or(Operand::Attr(attr.clone()));
            (Atom::Compare { left: attr.clone(), op, right }, false)
        }
        Atom::Compare { left, op, right } if negated => {
            (Atom::Compare { left: left.clone(), op: op.negated(), right: right.clone() }, false)
        }
        atom => (atom.clone(), negated),
    }
}

/// Every one holds; flat, each once.
pub fn all(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    let mut kept: Vec<Predicate> = Vec::new();
    for part in parts {
        match part {
            Predicate::Any(inner) if inner.is_empty() => return Predicate::FALSE,
            Predicate::All(inner) => inner.into_iter().for_each(|part| push(&mut kept, part)),
            other => push(&mut kept, other),
        }
    }
    if kept.len() == 1 { kept.remove(0) } else { Predicate::All(kept) }
}

/// At least one holds; flat, each once.
pub fn any(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    let mut kept: Vec<Predicate> = Vec::new();
    for part in parts {
        match part {
            Predicate::All(inner) if inner.is_empty() => return Predicate::TRUE,
            Predicate::Any(inner) => inner.into_iter().for_each(|part| push(&mut kept, part)),
            other => push(&mut kept, other),
        }
    }
    if kept.len() == 1 { kept.remove(0) } else { Predicate::Any(kept) }
}

fn push(kept: &mut Vec<Predicate>, part: Predicate) {
    if !kept.contains(&part) {
        kept.push(part);
    }
}
