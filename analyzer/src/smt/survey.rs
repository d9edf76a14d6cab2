//! Which attributes a question speaks of, and what it asks of them.
//!
//! Attributes that are compared with each other form a group: what is asked of one of them can
//! matter to the others, so a group is asked about as a whole.

use super::classes::Asked;
use super::place::{Place, Places, home, place};
use super::question::{Formula, Question};
use bailiwick_compiler::model::*;
use bailiwick_grammar::ast::PatternPart;
use std::collections::BTreeMap;

/// An attribute, and the group of those it is compared with.
pub struct Seen {
    /// Its type.
    pub ty: Type,
    /// The group's number.
    pub group: usize,
}

/// What a question speaks of.
pub struct Surveyed {
    /// The attributes.
    pub places: Places<Seen>,
    /// What is asked of each group of them.
    pub asked: Vec<Asked>,
    /// For each set of ordered values, the attributes that conditions look for in it.
    pub links: BTreeMap<Place, Vec<Place>>,
}

/// Gathers what a question speaks of.
pub fn survey(model: &Model, question: &Question) -> Surveyed {
    let mut survey = Survey { model, question, places: Places::default(), groups: Vec::new() };
    survey.run();
    let links = survey.set_links();
    let Survey { mut places, mut groups, .. } = survey;
    for seen in places.values_mut() {
        seen.group = root(&groups, seen.group);
    }
    let asked = groups.iter_mut().map(|group| std::mem::take(&mut group.asked)).collect();
    Surveyed { places, asked, links }
}

/// A group of attributes: a tree of positions, and what is asked of them.
struct Group {
    parent: usize,
    asked: Asked,
}

fn root(groups: &[Group], mut at: usize) -> usize {
    while groups[at].parent != at {
        at = groups[at].parent;
    }
    at
}

/// Gathers attributes and what is asked of them.
struct Survey<'q, 'm> {
    model: &'m Model,
    question: &'q Question<'m>,
    places: Places<Seen>,
    groups: Vec<Group>,
}

impl Survey<'_, '_> {
    fn run(&mut self) {
        for slot in 0..self.question.slots.len() {
            for attr in [Attr::Now, Attr::Started, Attr::Authn] {
                self.see(slot, &attr);
            }
            let tool = self.model.tool(self.model.op(self.question.slots[slot].op).tool);
            if let Some(variants) = &tool.variant {
                self.see(slot, &Attr::Arg(variants.arg.clone()));
            }
        }
        let question = self.question;
        question.formula.leaves(&mut |leaf| match leaf {
            Formula::Cond(slot, cond, _) => {
                for literal in cond.literals() {
                    self.atom(*slot, &literal.atom);
                }
            }
            Formula::Approved(slot, demand, _) => self.approval(*slot, demand),
            Formula::Join { left: (left, left_arg), right: (right, right_arg), .. } => {
                let left = self.see(*left, &Attr::Arg(left_arg.clone()));
                let right = self.see(*right, &Attr::Arg(right_arg.clone()));
                self.unite(left, right);
            }
            Formula::Matches((slot, arg), pattern) => {
                let group = self.see(*slot, &Attr::Arg(arg.clone()));
                let asked = self.asked(group);
                match &*pattern.0 {
                    [] => {
                        asked.constants.insert(Value::Text("".into()));
                    }
                    [PatternPart::Text(text)] => {
                        asked.constants.insert(Value::Text(text.clone()));
                    }
                    _ => {
                        asked.patterns.insert(pattern.clone());
                    }
                }
            }
            Formula::All(_)
            | Formula::Any(_)
            | Formula::Not(_)
            | Formula::Timely(..)
            | Formula::Authn(..) => {}
            Formula::Is(slot, predicate) => {
                for literal in predicate.literals() {
                    self.atom(*slot, &literal.atom);
                }
            }
        });
    }

    fn atom(&mut self, slot: usize, atom: &Atom) {
        match atom {
            Atom::Compare { left, right, .. } => {
                let group = self.see(slot, left);
                self.operand(slot, group, right);
            }
            Atom::OneOf { attr, values }
            | Atom::ContainsAll { set: attr, values }
            | Atom::ContainsAny { set: attr, values }
            | Atom::SubsetOf { set: attr, values } => {
                let group = self.see(slot, attr);
                self.asked(group).constants.extend(values.iter().cloned());
            }
            Atom::Contains { set, element } => {
                let group = self.see(slot, set);
                self.operand(slot, group, element);
            }
            Atom::Like { attr, pattern } => {
                let group = self.see(slot, attr);
                self.asked(group).patterns.insert(pattern.clone());
            }
            Atom::Under { attr, base } => {
                let group = self.see(slot, attr);
                self.asked(group).bases.insert(base.clone());
            }
            Atom::Host { attr, host, below } => {
                let group = self.see(slot, attr);
                self.asked(group).hosts.insert((host.clone(), *below));
            }
            Atom::InNet { attr, nets } => {
                let group = self.see(slot, attr);
                self.asked(group).nets.extend(nets.iter().copied());
            }
            Atom::Has(attr) => {
                self.see(slot, attr);
            }
            Atom::Approved(demand) => self.approval(slot, demand),
            Atom::Purpose(_) | Atom::During(_) => {}
        }
    }

    /// A team's approval depends on who the requester is.
    fn approval(&mut self, slot: usize, demand: &Demand) {
        let team = matches!(self.model.principal(demand.by).kind, PrincipalKind::Team { .. });
        if let Some(attribute) = self.model.requester_attribute().filter(|_| team) {
            let group = self.see(slot, &Attr::Session(attribute.clone()));
            let names = self.model.people_of(demand.by);
            let names: Vec<_> =
                names.iter().map(|who| Value::Text(self.model.principal(who).name.clone())).collect();
            self.asked(group).constants.extend(names);
        }
    }

    fn operand(&mut self, slot: usize, group: usize, operand: &Operand) {
        match operand {
            Operand::Value(value) => {
                self.asked(group).constants.insert(value.clone());
            }
            Operand::Attr(attr) => {
                let other = self.see(slot, attr);
                self.unite(group, other);
            }
        }
    }

    fn asked(&mut self, group: usize) -> &mut Asked {
        let root = root(&self.groups, group);
        &mut self.groups[root].asked
    }

    fn see(&mut self, slot: usize, attr: &Attr) -> usize {
        let home = home(self.question, slot, attr);
        if let Some(seen) = self.places.get(home, attr) {
            return seen.group;
        }
        let ty = self.type_of(slot, attr);
        let group = self.groups.len();
        self.groups.push(Group { parent: group, asked: Asked::default() });
        self.places.insert(home, attr, Seen { ty, group });
        group
    }

    fn unite(&mut self, left: usize, right: usize) {
        let (left, right) = (root(&self.groups, left), root(&self.groups, right));
        if left != right {
            let asked = std::mem::take(&mut self.groups[right].asked);
            self.groups[right].parent = left;
            let into = &mut self.groups[left].asked;
            into.constants.extend(asked.constants);
            into.patterns.extend(asked.patterns);
            into.bases.extend(asked.bases);
            into.hosts.extend(asked.hosts);
            into.nets.extend(asked.nets);
        }
    }

    fn type_of(&self, slot: usize, attr: &Attr) -> Type {
        let declared = match attr {
            Attr::Arg(name) => {
                let tool = self.model.tool(self.model.op(self.question.slots[slot].op).tool);
                tool.args.get(name).map(|arg| arg.ty.clone())
            }
            Attr::Session(name) => self.model.session.get(name).cloned(),
            Attr::Now | Attr::Started => Some(Type::Instant),
            Attr::Authn => Some(Type::Authn),
        };
        // What nobody declares is never present, so nothing can be asked of it.
        declared.unwrap_or(Type::Opaque)
    }

    fn set_links(&self) -> BTreeMap<Place, Vec<Place>> {
        let mut links: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        self.question.formula.leaves(&mut |leaf| {
            let (slot, literals) = match leaf {
                Formula::Cond(slot, cond, _) => (slot, cond.literals()),
                Formula::Is(slot, predicate) => (slot, predicate.literals()),
                _ => return,
            };
            for literal in literals {
                if let Atom::Contains { set, element: Operand::Attr(attr) } = &literal.atom
                    && self.type_of(*slot, attr).is_ordered()
                {
                    let others = links.entry(place(self.question, *slot, set)).or_default();
                    let other = place(self.question, *slot, attr);
                    if !others.contains(&other) {
                        others.push(other);
                    }
                }
            }
        });
        links
    }
}
