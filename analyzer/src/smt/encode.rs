//! Question to problem.

use super::layout::{Entry, Held, Layout, Members, Presence, number};
use super::place::{Place, home, place};
use super::question::{Counting, Formula, Question};
use super::ranges::Ranges;
use super::term::{Problem, Term, Var};
use bailiwick_compiler::evaluator::matches_pattern;
use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::reading::Predicate;
use bailiwick_compiler::types::value::{host_matches, path_under, url_under};
use bailiwick_grammar::ast::CompareOp;

/// A question in integers: what makes its requests well formed, and what is asked of them.
pub struct Stated {
    /// What makes the requests well formed.
    pub well_formed: Term,
    /// What is asked of them.
    pub asked: Term,
    /// Which integers stand for what.
    pub layout: Layout,
}

/// States a question in integers, with witnesses near `now`. The error is why it cannot be stated.
pub fn state(model: &Model, question: &Question, now: i64) -> Result<Stated, String> {
    let layout = Layout::new(model, question, now)?;
    let encoder = Encoder { model, question, layout: &layout };
    let mut parts: Vec<Term> = (0..question.slots.len()).map(|slot| encoder.well_formed(slot)).collect();
    parts.extend(encoder.sets_agree());
    let (well_formed, asked) = (Term::all(parts), encoder.formula(&question.formula));
    Ok(Stated { well_formed, asked, layout })
}

/// A question as one problem.
pub fn encode(model: &Model, question: &Question, now: i64) -> Result<(Problem, Layout), String> {
    let Stated { well_formed, asked, layout } = state(model, question, now)?;
    let problem = Problem { vars: layout.vars.clone(), term: Term::all([well_formed, asked]) };
    Ok((problem, layout))
}

/// An atom's truth, given that what it compares is there.
pub fn meaning(model: &Model, question: &Question, layout: &Layout, slot: usize, atom: &Atom) -> Term {
    Encoder { model, question, layout }.atom(slot, atom, &Counting::Given)
}

struct Encoder<'q, 'm> {
    model: &'m Model,
    question: &'q Question<'m>,
    layout: &'q Layout,
}

impl<'q> Encoder<'q, '_> {
    fn entry(&self, slot: usize, attr: &Attr) -> Option<&'q Entry> {
        self.layout.entry(home(self.question, slot, attr), attr)
    }

    fn ordered(&self, slot: usize, attr: &Attr) -> Option<Var> {
        match self.entry(slot, attr)?.held {
            Held::Ordered(var) => Some(var),
            Held::Listed(..) | Held::Set(_) | Held::Opaque => None,
        }
    }

    /// The session starts no later than now; the arguments select the slot's operation.
    fn well_formed(&self, slot: usize) -> Term {
        let mut parts = Vec::new();
        if let (Some(now), Some(started)) =
            (self.ordered(slot, &Attr::Now), self.ordered(slot, &Attr::Started))
        {
            parts.push(Term::Diff { left: started, right: now, most: 0 });
        }
        let op = self.model.op(self.question.slots[slot].op);
        if let Some(variants) = &self.model.tool(op.tool).variant
            && let Some(Entry { held: Held::Listed(var, list), .. }) =
                self.entry(slot, &Attr::Arg(variants.arg.clone()))
        {
            let selects = |value: &Value| match value {
                Value::Text(text) => match &op.variant {
                    Some(wanted) => text == wanted,
                    None => !variants.ops.contains_key(text),
                },
                _ => false,
            };
            parts.push(self.positions(*var, *list, selects));
        }
        parts.push(self.layout.shapes[slot].well_formed());
        Term::all(parts)
    }

    /// In sets of ordered values: equal attributes are members alike, and a member that is not
    /// in the list counts as one of the rest.
    fn sets_agree(&self) -> Vec<Term> {
        let mut parts = Vec::new();
        for entry in self.layout.entries.values() {
            let Held::Set(Members { others, rest: Some(rest), .. }) = &entry.held else { continue };
            for (at, (left, left_bit)) in others.iter().enumerate() {
                parts.push(Term::any([Term::set(*left_bit).negate(), Term::set(*rest)]));
                for (right, right_bit) in &others[..at] {
                    if let (Some(Held::Ordered(left)), Some(Held::Ordered(right))) =
                        (self.held(left), self.held(right))
                    {
                        let differ = Term::equal(*left, *right).negate();
                        parts.push(Term::any([differ, Term::equal(*left_bit, *right_bit)]));
                    }
                }
            }
        }
        parts
    }

    fn held(&self, place: &Place) -> Option<&'q Held> {
        self.layout.entry(place.slot, &place.attr).map(|entry| &entry.held)
    }

    fn formula(&self, formula: &Formula) -> Term {
        match formula {
            Formula::All(parts) => Term::all(parts.iter().map(|part| self.formula(part))),
            Formula::Any(parts) => Term::any(parts.iter().map(|part| self.formula(part))),
            Formula::Not(inner) => self.formula(inner).negate(),
            Formula::Cond(slot, cond, counting) => self.cond(*slot, cond, counting),
            Formula::Approved(slot, demand, counting) => self.approved(*slot, demand, counting),
            Formula::Timely(slot, grant) => self.timely(*slot, grant),
            Formula::Authn(slot, least) => match self.ordered(*slot, &Attr::Authn) {
                Some(var) => Term::In(var, Ranges::from(*least as i64)),
                None => Term::FALSE,
            },
            Formula::Join { left: (left, left_arg), right: (right, right_arg), absent } => {
                let left = self.entry(*left, &Attr::Arg(left_arg.clone()));
                let right = self.entry(*right, &Attr::Arg(right_arg.clone()));
                let (Some(left), Some(right)) = (left, right) else { return Term::truth(*absent) };
                let there = Term::all([present(left), present(right)]);
                let equal = compare_entries(left, CompareOp::Eq, right);
                match absent {
                    true => Term::any([there.negate(), equal]),
                    false => Term::all([there, equal]),
                }
            }
            Formula::Matches((slot, arg), pattern) => {
                let attr = Attr::Arg(arg.clone());
                let Some(entry) = self.entry(*slot, &attr) else { return Term::TRUE };
                let matches = self.text_test(*slot, &attr, |text| matches_pattern(pattern, text));
                Term::any([present(entry).negate(), matches])
            }
            Formula::Is(slot, predicate) => self.predicate(*slot, predicate),
        }
    }

    fn predicate(&self, slot: usize, predicate: &Predicate) -> Term {
        let (fixed, shape) = (&self.question.slots[slot], &self.layout.shapes[slot]);
        match predicate {
            Predicate::All(parts) => Term::all(parts.iter().map(|part| self.predicate(slot, part))),
            Predicate::Any(parts) => Term::any(parts.iter().map(|part| self.predicate(slot, part))),
            Predicate::Not(inner) => self.predicate(slot, inner).negate(),
            Predicate::Cond(cond) => self.cond(slot, cond, &Counting::Given),
            Predicate::Root(agents) => Term::truth(agents.contains(fixed.chain[0])),
            Predicate::SomeDelegate(agents) => shape.some_delegate(agents),
            Predicate::Hops(most) => shape.hops(*most),
            Predicate::Op(ops) => Term::truth(ops.contains(fixed.op)),
            Predicate::DataWithin(labels) => shape.data_within(labels),
            Predicate::DataMeets(labels) => shape.data_meets(labels),
            Predicate::Age(most) => {
                match (self.ordered(slot, &Attr::Now), self.ordered(slot, &Attr::Started)) {
                    (Some(left), Some(right)) => Term::Diff { left, right, most: *most },
                    _ => Term::FALSE,
                }
            }
        }
    }

    fn timely(&self, slot: usize, grant: &Grant) -> Term {
        let (Some(now), Some(started)) = (self.ordered(slot, &Attr::Now), self.ordered(slot, &Attr::Started))
        else {
            return Term::FALSE;
        };
        let window = Ranges::from(grant.starts.unwrap_or(i64::MIN))
            .meet(&grant.expires.map_or_else(Ranges::all, Ranges::below));
        let age = grant.ttl.map(|ttl| Term::Diff { left: now, right: started, most: ttl });
        Term::all([Term::In(now, window)].into_iter().chain(age))
    }

    fn cond(&self, slot: usize, cond: &Cond, counting: &Counting) -> Term {
        match cond {
            Cond::All(parts) => Term::all(parts.iter().map(|part| self.cond(slot, part, counting))),
            Cond::Any(parts) => Term::any(parts.iter().map(|part| self.cond(slot, part, counting))),
            Cond::Literal(literal) => self.literal(slot, literal, counting),
        }
    }

    fn literal(&self, slot: usize, literal: &Literal, counting: &Counting) -> Term {
        let compared: Vec<&Attr> = compared(&literal.atom);
        let there = Term::all(compared.iter().map(|attr| match self.entry(slot, attr) {
            Some(entry) => present(entry),
            None => Term::FALSE,
        }));
        let truth = self.atom(slot, &literal.atom, counting);
        let truth = if literal.negated { truth.negate() } else { truth };
        match literal.absent {
            true => Term::any([there.negate(), truth]),
            false => Term::all([there, truth]),
        }
    }

    /// The atom's truth, given that what it compares is there.
    fn atom(&self, slot: usize, atom: &Atom, counting: &Counting) -> Term {
        let entry = |attr: &Attr| self.entry(slot, attr);
        match atom {
            Atom::Compare { left, op, right } => {
                let Some(left) = entry(left) else { return Term::FALSE };
                match right {
                    Operand::Attr(right) => match entry(right) {
                        Some(right) => compare_entries(left, *op, right),
                        None => Term::FALSE,
                    },
                    Operand::Value(value) => self.compare_value(left, *op, value),
                }
            }
            Atom::OneOf { attr, values } => match entry(attr).map(|entry| &entry.held) {
                Some(Held::Ordered(var)) => Term::In(*var, points(values)),
                Some(Held::Listed(var, list)) => self.positions(*var, *list, |value| values.contains(value)),
                Some(Held::Set(_) | Held::Opaque) | None => Term::FALSE,
            },
            Atom::Contains { set, element } => {
                let Some(Held::Set(members)) = entry(set).map(|entry| &entry.held) else {
                    return Term::FALSE;
                };
                match element {
                    Operand::Value(value) => self.has_member(members, |other| other == value, Term::any),
                    Operand::Attr(attr) => self.contains(members, &place(self.question, slot, attr)),
                }
            }
            Atom::ContainsAll { set, values } => match entry(set).map(|entry| &entry.held) {
                Some(Held::Set(members)) => {
                    self.has_member(members, |value| values.contains(value), Term::all)
                }
                _ => Term::FALSE,
            },
            Atom::ContainsAny { set, values } => match entry(set).map(|entry| &entry.held) {
                Some(Held::Set(members)) => {
                    self.has_member(members, |value| values.contains(value), Term::any)
                }
                _ => Term::FALSE,
            },
            Atom::SubsetOf { set, values } => match entry(set).map(|entry| &entry.held) {
                Some(Held::Set(members)) => {
                    let listed = self.has_member(members, |value| !values.contains(value), Term::any);
                    Term::any([listed].into_iter().chain(members.rest.map(Term::set))).negate()
                }
                _ => Term::FALSE,
            },
            Atom::Like { attr, pattern } => self.text_test(slot, attr, |text| matches_pattern(pattern, text)),
            Atom::Under { attr, base } => match base.starts_with('/') {
                true => self.text_test(slot, attr, |text| path_under(base, text)),
                false => self.text_test(slot, attr, |text| url_under(base, text)),
            },
            Atom::Host { attr, host, below } => {
                self.text_test(slot, attr, |text| host_matches(host, *below, text))
            }
            Atom::InNet { attr, nets } => match entry(attr).map(|entry| &entry.held) {
                Some(Held::Listed(var, list)) => self.positions(*var, *list, |value| match value {
                    Value::Ip(address) => nets.iter().any(|net| net.0.contains(address)),
                    _ => false,
                }),
                _ => Term::FALSE,
            },
            Atom::Has(attr) => entry(attr).map_or(Term::FALSE, present),
            Atom::Approved(demand) => self.approved(slot, demand, counting),
            Atom::Purpose(purposes) => Term::truth(purposes.contains(self.question.slots[slot].purpose)),
            Atom::During(spans) => match self.ordered(slot, &Attr::Now) {
                Some(now) => Term::In(now, Ranges::of(spans.iter().map(|&(from, to)| (from, to - 1)))),
                None => Term::FALSE,
            },
        }
    }

    fn text_test(&self, slot: usize, attr: &Attr, test: impl Fn(&str) -> bool) -> Term {
        match self.entry(slot, attr).map(|entry| &entry.held) {
            Some(Held::Listed(var, list)) => self.positions(*var, *list, |value| match value {
                Value::Text(text) => test(text),
                _ => false,
            }),
            _ => Term::FALSE,
        }
    }

    /// The positions of the list whose values pass.
    fn positions(&self, var: Var, list: usize, test: impl Fn(&Value) -> bool) -> Term {
        let passing = self.layout.lists[list].iter().enumerate().filter(|(_, value)| test(value));
        Term::In(var, Ranges::of(passing.map(|(at, _)| (at as i64, at as i64))))
    }

    fn compare_value(&self, left: &Entry, op: CompareOp, value: &Value) -> Term {
        match &left.held {
            Held::Ordered(var) => {
                number(value).map_or(Term::FALSE, |number| Term::In(*var, Ranges::comparing(op, number)))
            }
            Held::Listed(var, list) => {
                let equal = self.positions(*var, *list, |other| other == value);
                if op == CompareOp::Ne { equal.negate() } else { equal }
            }
            Held::Set(_) | Held::Opaque => Term::FALSE,
        }
    }

    fn has_member(
        &self,
        members: &Members,
        test: impl Fn(&Value) -> bool,
        join: impl Fn(Vec<Term>) -> Term,
    ) -> Term {
        let values = &self.layout.lists[members.list];
        join(
            values
                .iter()
                .zip(&members.bits)
                .filter(|(value, _)| test(value))
                .map(|(_, bit)| Term::set(*bit))
                .collect(),
        )
    }

    /// The attribute's value is a member: at one of the list's positions, or, for ordered values
    /// outside the list, by its own bit.
    fn contains(&self, members: &Members, element: &Place) -> Term {
        let values = &self.layout.lists[members.list];
        match self.held(element) {
            Some(Held::Listed(var, _)) => {
                Term::any(
                    members.bits.iter().enumerate().map(|(at, bit)| {
                        Term::all([Term::In(*var, Ranges::only(at as i64)), Term::set(*bit)])
                    }),
                )
            }
            Some(Held::Ordered(var)) => {
                let known = || values.iter().filter_map(number);
                let listed = values.iter().zip(&members.bits).filter_map(|(value, bit)| {
                    Some(Term::all([Term::In(*var, Ranges::only(number(value)?)), Term::set(*bit)]))
                });
                let own = members.others.iter().find(|(place, _)| place == element).map(|(_, bit)| {
                    let unknown = Ranges::of(known().map(|at| (at, at))).complement();
                    Term::all([Term::In(*var, unknown), Term::set(*bit)])
                });
                Term::any(listed.chain(own))
            }
            Some(Held::Set(_) | Held::Opaque) | None => Term::FALSE,
        }
    }

    /// Somebody who counts approved, not in the future and within the window.
    fn approved(&self, slot: usize, demand: &Demand, counting: &Counting) -> Term {
        let Some(now) = self.ordered(slot, &Attr::Now) else { return Term::FALSE };
        let root = self.question.slots[slot].chain[0];
        let mut people = self.model.people_of(demand.by);
        if demand.independent {
            people = people.minus(&self.model.people_of(self.model.agent(root).owner));
        }
        match counting {
            Counting::Given => {}
            Counting::Nobody => return Term::FALSE,
            Counting::Only(some) => people = people.intersection(some),
        }
        let team = matches!(self.model.principal(demand.by).kind, PrincipalKind::Team { .. });
        let requester = self.model.requester_attribute().filter(|_| team);
        let by_person = people.iter().filter_map(|person| {
            let (given, at) = *self.layout.approvals.get(&(slot, person))?;
            let mut parts = vec![
                Term::set(given),
                Term::Diff { left: at, right: now, most: 0 },
                Term::Diff { left: now, right: at, most: demand.within },
            ];
            if let Some(attribute) = requester {
                let entry = self.entry(slot, &Attr::Session(attribute.clone()))?;
                let name = Value::Text(self.model.principal(person).name.clone());
                parts.push(present(entry));
                parts.push(self.compare_value(entry, CompareOp::Ne, &name));
            }
            Some(Term::all(parts))
        });
        Term::any(by_person)
    }
}

fn points<'v>(values: impl IntoIterator<Item = &'v Value>) -> Ranges {
    Ranges::of(values.into_iter().filter_map(number).map(|at| (at, at)))
}

fn present(entry: &Entry) -> Term {
    match entry.presence {
        Presence::Always => Term::TRUE,
        Presence::Never => Term::FALSE,
        Presence::When(bit) => Term::set(bit),
    }
}

/// Two attributes that share a list, or two ordered ones.
fn compare_entries(left: &Entry, op: CompareOp, right: &Entry) -> Term {
    let (left, right) = match (&left.held, &right.held) {
        (Held::Ordered(left), Held::Ordered(right)) | (Held::Listed(left, _), Held::Listed(right, _)) => {
            (*left, *right)
        }
        (Held::Ordered(_) | Held::Listed(..) | Held::Set(_) | Held::Opaque, _) => return Term::FALSE,
    };
    match op {
        CompareOp::Eq => Term::equal(left, right),
        CompareOp::Ne => Term::equal(left, right).negate(),
        CompareOp::Lt => Term::Diff { left, right, most: -1 },
        CompareOp::Le => Term::Diff { left, right, most: 0 },
        CompareOp::Gt => Term::Diff { left: right, right: left, most: -1 },
        CompareOp::Ge => Term::Diff { left: right, right: left, most: 0 },
    }
}

/// The attributes that an atom compares, whose absence gives the literal its `absent`.
pub fn compared(atom: &Atom) -> Vec<&Attr> {
    match atom {
        Atom::Compare { left, right, .. } => match right {
            Operand::Attr(right) => vec![left, right],
            Operand::Value(_) => vec![left],
        },
        Atom::Contains { set, element } => match element {
            Operand::Attr(element) => vec![set, element],
            Operand::Value(_) => vec![set],
        },
        Atom::OneOf { attr, .. }
        | Atom::ContainsAll { set: attr, .. }
        | Atom::ContainsAny { set: attr, .. }
        | Atom::SubsetOf { set: attr, .. }
        | Atom::Like { attr, .. }
        | Atom::Under { attr, .. }
        | Atom::Host { attr, .. }
        | Atom::InNet { attr, .. } => vec![attr],
        Atom::Has(_) | Atom::Approved(_) | Atom::Purpose(_) | Atom::During(_) => Vec::new(),
    }
}
