//! Where a proof looks: one root, operation and purpose. What a predicate says *there* is short.
//!
//! An estate's artifacts have thousands of rules, of which a handful speak of one agent's calls to
//! one operation. Predicates are brought into negation normal form with all that is fixed folded
//! away, and the same thing said twice is one value, so that most of a proof is comparing values.

use super::time;
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
        self.told(&self.plainly(predicate, true), &mut Vec::new())
    }

    /// What is left of the other to be said, where all of `given` holds; both in normal form.
    pub fn says_given(&self, given: &Predicate, other: &Predicate) -> Predicate {
        self.told(other, &mut Self::conjuncts(given).to_vec())
    }

    /// What is left of a predicate in normal form where these hold: what they decide goes. Of
    /// conjuncts each goes without those beside it, of alternatives each without the others' opposites.
    ///
    /// Worked example. `a and (b or a)` is `a`, and `a or (not a and b)` is `a or b`: artifacts guard
    /// each part of a condition by itself, and the source once.
    fn told(&self, predicate: &Predicate, known: &mut Vec<Predicate>) -> Predicate {
        if known.contains(predicate) {
            return Predicate::TRUE;
        }
        let comparable = is_leaf(predicate) || !known.iter().all(is_leaf);
        if comparable && known.contains(&self.plainly(predicate, false)) {
            return Predicate::FALSE;
        }
        let (parts, is_all) = match predicate {
            Predicate::All(parts) => (parts, true),
            Predicate::Any(parts) => (parts, false),
            leaf => return leaf.clone(),
        };
        let before = known.len();
        let mut told: Vec<Predicate> = Vec::with_capacity(parts.len());
        let (leaves, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| is_leaf(part));
        for leaf in leaves {
            let leaf = self.told(leaf, known);
            if is_leaf(&leaf) {
                known.push(if is_all { leaf.clone() } else { self.plainly(&leaf, false) });
            }
            told.push(leaf);
        }
        told.extend(others.into_iter().map(|part| self.told(part, known)));
        known.truncate(before);
        if is_all { all(told) } else { any(told) }
    }

    /// It, or with `truth` false its negation, in normal form.
    fn plainly(&self, predicate: &Predicate, truth: bool) -> Predicate {
        time::told(self.normal(predicate, truth))
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
            Atom::Approved(demand) => {
                if let Some(by_whom) = self.approved(demand) {
                    return self.normal(&by_whom, !negated);
                }
            }
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

    /// An approval by a team, or an independent one, as approvals by persons: whom it takes is fixed
    /// but for who asks, and artifacts name persons. See
    /// [`approvers`](bailiwick_compiler::evaluator::approvers).
    fn approved(&self, demand: &Demand) -> Option<Predicate> {
        let model = self.model;
        let is_team = matches!(model.principal(demand.by).kind, PrincipalKind::Team { .. });
        if !is_team && !demand.independent {
            return None;
        }
        let people = model.may_approve(demand, self.root);
        let requester = model.may_not_approve(demand).map(|name| Attr::Session(name.clone()));
        let by = people.iter().map(|person| {
            let demand = Demand { by: person, within: demand.within, independent: false };
            let given = Predicate::atom(Atom::Approved(demand));
            let other = requester.iter().map(|asks| {
                Predicate::compare(asks, CompareOp::Ne, Value::Text(model.principal(person).name.clone()))
            });
            Predicate::All([given].into_iter().chain(other).collect())
        });
        let known = requester.iter().map(Predicate::has);
        Some(Predicate::All(known.chain([Predicate::Any(by.collect())]).collect()))
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

fn is_leaf(predicate: &Predicate) -> bool {
    !matches!(predicate, Predicate::All(_) | Predicate::Any(_))
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

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;
    use bailiwick_compiler::compile_text;
    use bailiwick_compiler::request::{Request, read};
    use bailiwick_compiler::targets::registry;
    use bailiwick_testkit::{Options, project, requests};

    /// What artifacts and policy say, asked as it stands and as it is said at the request's site.
    #[test]
    fn what_is_said_at_a_site_holds_of_its_requests_as_it_stands() {
        let (mut asked, mut held, mut given) = (0, 0, 0);
        for seed in 0..8 {
            let modules = project(seed, &Options::default());
            let modules: Vec<(&str, &str)> = modules.iter().map(|(path, text)| (&**path, &**text)).collect();
            let model = compile_text(&modules).model;
            let weakest = source::weakest(&model);
            let drawn = requests(&model, seed, 300);
            let drawn: Vec<Request> = drawn.iter().filter_map(|text| read(&model, text).ok()).collect();
            for target in registry() {
                let reading = target.read(&model, &target.emit(&model, 0).files);
                let rules: Vec<&Predicate> =
                    reading.permits.iter().chain(&reading.denials).map(|rule| &rule.holds).collect();
                for (at, request) in drawn.iter().enumerate() {
                    let (root, purpose, op) = (request.chain[0], request.purpose, request.op);
                    let alone = request.chain.len() == 1;
                    let site = Site { model: &model, root, purpose, op, alone };
                    let grants =
                        model.grants.iter().filter(|grant| grant.to == root && grant.purpose == purpose);
                    let own: Vec<Predicate> = grants
                        .map(|grant| source::authorises(&model, &weakest, grant, op))
                        .chain(
                            model
                                .forbids
                                .iter()
                                .filter(|one| one.ops.contains(op))
                                .map(|one| source::forbids(one)),
                        )
                        .collect();
                    let some = rules.iter().copied().skip(at % 7).step_by(7);
                    let mut before: Option<Predicate> = None;
                    for predicate in own.iter().chain(some) {
                        let says = site.says(predicate);
                        let holds = predicate.holds(&model, request);
                        assert_eq!(
                            says.holds(&model, request),
                            holds,
                            "seed {seed}: {predicate:?}\n{says:?}\n{request:?}"
                        );
                        if let Some(known) = before.filter(|known| known.holds(&model, request)) {
                            let left = site.says_given(&known, &says);
                            assert_eq!(left.holds(&model, request), holds, "{known:?}\n{says:?}\n{left:?}");
                            given += 1;
                        }
                        before = Some(says);
                        asked += 1;
                        held += usize::from(holds);
                    }
                }
            }
        }
        println!("{asked} predicates asked, {held} held, {given} given another");
        assert!(asked > 20_000 && held > 1_000 && given > 1_000, "{asked} {held} {given}");
    }
}
