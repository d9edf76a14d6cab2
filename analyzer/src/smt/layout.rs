//! Which attributes a question speaks of, and which integers stand for them.
//!
//! An ordered attribute (numbers, instants, levels) is itself an integer with bounds. Any other
//! scalar is a position in a list of values that stand for all (`classes`); attributes that are
//! compared with each other share a list. A set is a bit for each value of the list. What may be
//! absent has a bit more.

use super::classes::{Asked, universe};
use super::question::{Counting, Formula, Question};
use super::shape::{Open, Shape};
use super::term::{Bounds, Var};
use bailiwick_compiler::model::*;
use bailiwick_grammar::ast::PatternPart;
use std::collections::BTreeMap;

/// An attribute of a slot's request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The slot; the first one for what a common session holds.
    pub slot: usize,
    /// The attribute.
    pub attr: Attr,
}

/// Whether an attribute is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Always,
    /// Never: no signature declares it.
    Never,
    /// When this variable is 1.
    When(Var),
}

/// What stands for an attribute's value.
#[derive(Clone, Debug)]
pub enum Held {
    /// The integer itself.
    Ordered(Var),
    /// A position in the list of that number.
    Listed(Var, usize),
    /// A set.
    Set(Members),
    /// Nothing can be asked of it.
    Opaque,
}

/// The members of a set.
#[derive(Clone, Debug)]
pub struct Members {
    /// The list whose values may be members.
    pub list: usize,
    /// A bit for each value of the list.
    pub bits: Vec<Var>,
    /// For sets of ordered values, whose list is not complete: a bit for whether each of these
    /// attributes' values is a member, for when it is not in the list.
    pub others: Vec<(Place, Var)>,
    /// For sets of ordered values: whether there is any member that is not in the list.
    pub rest: Option<Var>,
}

/// An attribute that a question speaks of.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its type.
    pub ty: Type,
    /// Whether it is there.
    pub presence: Presence,
    /// Its value.
    pub held: Held,
}

/// The integers of a question.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The attributes.
    pub entries: BTreeMap<Place, Entry>,
    /// Whether what may be absent is there.
    present: BTreeMap<Place, Var>,
    /// Lists of values that stand for all.
    pub lists: Vec<Vec<Value>>,
    /// Approvals: whether a person gave one for a slot's request, and when.
    pub approvals: BTreeMap<(usize, PrincipalId), (Var, Var)>,
    /// What is open about each slot's request.
    pub shapes: Vec<Shape>,
    /// The bounds of all variables.
    pub vars: Vec<Bounds>,
}

impl Layout {
    /// Lays out all that the question speaks of, with witnesses near `now`. The error is why it
    /// is too much.
    pub fn new(model: &Model, question: &Question, now: i64) -> Result<Layout, String> {
        let mut survey = Survey { model, question, places: BTreeMap::new(), groups: Vec::new() };
        survey.run();
        let mut layout = Layout::default();
        let links = survey.set_links();
        let Survey { places, groups, .. } = survey;

        let mut number = BTreeMap::new();
        let roots: Vec<usize> = (0..groups.len()).map(|at| root(&groups, at)).collect();
        for (place, seen) in &places {
            let element = element_type(&seen.ty);
            if is_listed(&seen.ty) && !number.contains_key(&roots[seen.group]) {
                let mut asked = groups[roots[seen.group]].asked.clone();
                let members = places.values().filter(|other| roots[other.group] == roots[seen.group]);
                let sets = members.clone().any(|other| matches!(other.ty, Type::Set(_)));
                asked.representatives =
                    members.filter(|other| !matches!(other.ty, Type::Set(_))).count() + usize::from(sets);
                let list = match element.is_ordered() {
                    true => asked.constants.iter().cloned().collect(),
                    false => universe(model, element, &asked)
                        .map_err(|why| format!("`{}`: {why}", place.attr.text()))?,
                };
                number.insert(roots[seen.group], layout.lists.len());
                layout.lists.push(list);
            }
        }
        for (place, seen) in places {
            let presence = layout.presence(question, &place, model);
            let held = match &seen.ty {
                Type::Opaque => Held::Opaque,
                Type::Set(element) => {
                    let list = number[&roots[seen.group]];
                    let size = layout.lists[list].len();
                    let bits = (0..size).map(|_| layout.bit()).collect();
                    let others = links.get(&place).cloned().unwrap_or_default();
                    let others = others.into_iter().map(|other| (other, layout.bit())).collect();
                    let rest = element.is_ordered().then(|| layout.bit());
                    Held::Set(Members { list, bits, others, rest })
                }
                ty if ty.is_ordered() => {
                    Held::Ordered(layout.var(ordered_bounds(ty, preferred(model, question, &place), now)))
                }
                _ => {
                    let list = number[&roots[seen.group]];
                    let prefer = preferred(model, question, &place)
                        .and_then(|value| layout.lists[list].iter().position(|other| *other == value))
                        .unwrap_or(0);
                    let high = layout.lists[list].len() as i64 - 1;
                    Held::Listed(layout.var(Bounds { low: 0, high, prefer: prefer as i64 }), list)
                }
            };
            layout.entries.insert(place, Entry { ty: seen.ty, presence, held });
        }
        layout.lay_approvals(model, question, now);
        layout.lay_shapes(model, question);
        Ok(layout)
    }

    /// The attribute's entry; it was seen in the survey.
    pub fn entry(&self, place: &Place) -> Option<&Entry> {
        self.entries.get(place)
    }

    /// The moments that read best when they are those of the call, each with that.
    pub fn followers(&self) -> Vec<(Var, Var)> {
        let moment = |slot, attr| match self.entry(&Place { slot, attr })?.held {
            Held::Ordered(var) => Some(var),
            Held::Listed(..) | Held::Set(_) | Held::Opaque => None,
        };
        let started = self.entries.keys().filter(|place| place.attr == Attr::Started);
        let started = started.map(|place| (place.slot, moment(place.slot, Attr::Started)));
        let given = self.approvals.iter().map(|((slot, _), (_, at))| (*slot, Some(*at)));
        started
            .chain(given)
            .filter_map(|(slot, follower)| Some((follower?, moment(slot, Attr::Now)?)))
            .collect()
    }

    fn var(&mut self, bounds: Bounds) -> Var {
        self.vars.push(bounds);
        Var(self.vars.len() as u32 - 1)
    }

    fn bit(&mut self) -> Var {
        self.var(Bounds { low: 0, high: 1, prefer: 0 })
    }

    fn presence(&mut self, question: &Question, place: &Place, model: &Model) -> Presence {
        match &place.attr {
            Attr::Now | Attr::Started | Attr::Authn => Presence::Always,
            Attr::Session(name) if model.session.contains_key(name) => self.optional(place.clone()),
            Attr::Session(_) => Presence::Never,
            Attr::Arg(name) => {
                let tool = model.tool(model.op(question.slots[place.slot].op).tool);
                match tool.args.get(name).map(|arg| &arg.source) {
                    None => Presence::Never,
                    Some(ArgSource::Required | ArgSource::Default(_)) => Presence::Always,
                    Some(ArgSource::Optional) => self.optional(place.clone()),
                    // A derived argument is there iff what it is derived from is.
                    Some(ArgSource::Each(path)) => match path.first().and_then(|raw| tool.args.get(raw)) {
                        Some(raw) if raw.source == ArgSource::Optional => {
                            self.optional(Place { slot: place.slot, attr: Attr::Arg(path[0].clone()) })
                        }
                        _ => Presence::Always,
                    },
                }
            }
        }
    }

    fn optional(&mut self, place: Place) -> Presence {
        let known = self.present.get(&place).copied();
        let bit = known.unwrap_or_else(|| self.bit());
        self.present.insert(place, bit);
        Presence::When(bit)
    }

    fn lay_shapes(&mut self, model: &Model, question: &Question) {
        let mut open: Vec<Open> = question.slots.iter().map(|_| Open::default()).collect();
        question.formula.leaves(&mut |leaf| {
            if let Formula::Is(slot, predicate) = leaf {
                open[*slot].see(predicate);
            }
        });
        for (open, slot) in open.into_iter().zip(&question.slots) {
            let shape = open.lay(model, slot.op, |bounds| self.var(bounds));
            self.shapes.push(shape);
        }
    }

    fn lay_approvals(&mut self, model: &Model, question: &Question, now: i64) {
        let mut demands: Vec<(usize, &Demand)> = Vec::new();
        question.formula.leaves(&mut |leaf| match leaf {
            Formula::Approved(slot, demand, counting) if *counting != Counting::Nobody => {
                demands.push((*slot, demand));
            }
            Formula::Cond(slot, cond, counting) if *counting != Counting::Nobody => {
                demands.extend(cond.literals().into_iter().filter_map(|literal| match &literal.atom {
                    Atom::Approved(demand) => Some((*slot, demand)),
                    _ => None,
                }));
            }
            Formula::Is(slot, predicate) => {
                demands.extend(predicate.literals().into_iter().filter_map(|literal| match &literal.atom {
                    Atom::Approved(demand) => Some((*slot, demand)),
                    _ => None,
                }));
            }
            _ => {}
        });
        for (slot, demand) in demands {
            for person in model.people_of(demand.by).iter() {
                if !self.approvals.contains_key(&(slot, person)) {
                    let given = self.bit();
                    let at = self.var(ordered_bounds(&Type::Instant, None, now));
                    self.approvals.insert((slot, person), (given, at));
                }
            }
        }
    }
}

/// The type of a set's elements, or the type itself.
pub fn element_type(ty: &Type) -> &Type {
    match ty {
        Type::Set(element) => element,
        other => other,
    }
}

/// Whether a value of that type is stood for by a list.
fn is_listed(ty: &Type) -> bool {
    match ty {
        Type::Set(_) => true,
        Type::Opaque => false,
        other => !other.is_ordered(),
    }
}

fn ordered_bounds(ty: &Type, prefer: Option<Value>, now: i64) -> Bounds {
    let prefer = prefer.and_then(|value| number(&value));
    let (low, high, usual) = match ty {
        Type::Instant => (EARLIEST, AFTER_LATEST - 1, now.clamp(EARLIEST, AFTER_LATEST - 1)),
        Type::Duration => (0, i64::MAX, 0),
        Type::Authn => (0, Authn::ALL.len() as i64 - 1, 0),
        _ => (i64::MIN, i64::MAX, 0),
    };
    Bounds { low, high, prefer: prefer.unwrap_or(usual) }
}

/// An ordered value's integer.
pub fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) | Value::Decimal(number) | Value::Instant(number) | Value::Duration(number) => {
            Some(*number)
        }
        Value::Authn(level) => Some(*level as i64),
        Value::Bool(_) | Value::Text(_) | Value::Ip(_) | Value::Cidr(_) | Value::Set(_) | Value::Opaque => {
            None
        }
    }
}

/// A default reads best in a witness.
fn preferred(model: &Model, question: &Question, place: &Place) -> Option<Value> {
    let Attr::Arg(name) = &place.attr else { return None };
    let tool = model.tool(model.op(question.slots[place.slot].op).tool);
    match &tool.args.get(name)?.source {
        ArgSource::Default(value) => Some(value.clone()),
        ArgSource::Required | ArgSource::Optional | ArgSource::Each(_) => None,
    }
}

/// An attribute, and the group of those it is compared with.
struct Seen {
    ty: Type,
    group: usize,
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
    places: BTreeMap<Place, Seen>,
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
        let place = place(self.question, slot, attr);
        if let Some(seen) = self.places.get(&place) {
            return seen.group;
        }
        let ty = self.type_of(slot, attr);
        let group = self.groups.len();
        self.groups.push(Group { parent: group, asked: Asked::default() });
        self.places.insert(place, Seen { ty, group });
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

    /// For each set of ordered values, the attributes that conditions look for in it.
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

/// Where an attribute lives: what one session has in common belongs to the first slot.
pub fn place(question: &Question, slot: usize, attr: &Attr) -> Place {
    let common = match attr {
        Attr::Session(_) | Attr::Started | Attr::Authn => question.one_session,
        Attr::Arg(_) | Attr::Now => false,
    };
    Place { slot: if common { 0 } else { slot }, attr: attr.clone() }
}
