//! Which attributes a question speaks of, and which integers stand for them.
//!
//! An ordered attribute (numbers, instants, levels) is itself an integer with bounds. Any other
//! scalar is a position in a list of values that stand for all (`classes`); attributes that are
//! compared with each other share a list. A set is a bit for each value of the list. What may be
//! absent has a bit more.

use super::classes::universe;
use super::place::{Place, Places};
use super::question::{Counting, Formula, Question};
use super::shape::{Open, Shape};
use super::survey::{Surveyed, survey};
use super::term::{Bounds, Var};
use bailiwick_compiler::model::*;
use std::collections::BTreeMap;

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
    pub entries: Places<Entry>,
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
        let Surveyed { places, asked: mut asked_of, links } = survey(model, question);
        let mut layout = Layout::default();
        let mut number = BTreeMap::new();
        for (place, seen) in places.iter() {
            let element = element_type(&seen.ty);
            if is_listed(&seen.ty) && !number.contains_key(&seen.group) {
                let mut asked = std::mem::take(&mut asked_of[seen.group]);
                let members = places.values().filter(|other| other.group == seen.group);
                let sets = members.clone().any(|other| matches!(other.ty, Type::Set(_)));
                asked.representatives =
                    members.filter(|other| !matches!(other.ty, Type::Set(_))).count() + usize::from(sets);
                let list = match element.is_ordered() {
                    true => asked.constants.into_iter().collect(),
                    false => universe(model, element, &asked)
                        .map_err(|why| format!("`{}`: {why}", place.attr.text()))?,
                };
                number.insert(seen.group, layout.lists.len());
                layout.lists.push(list);
            }
        }
        for (place, seen) in places {
            let presence = layout.presence(question, &place, model);
            let held = match &seen.ty {
                Type::Opaque => Held::Opaque,
                Type::Set(element) => {
                    let list = number[&seen.group];
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
                    let list = number[&seen.group];
                    let prefer = preferred(model, question, &place)
                        .and_then(|value| layout.lists[list].iter().position(|other| *other == value))
                        .unwrap_or(0);
                    let high = layout.lists[list].len() as i64 - 1;
                    Held::Listed(layout.var(Bounds { low: 0, high, prefer: prefer as i64 }), list)
                }
            };
            layout.entries.push(place, Entry { ty: seen.ty, presence, held });
        }
        layout.lay_approvals(model, question, now);
        layout.lay_shapes(model, question);
        Ok(layout)
    }

    /// The entry of a place's attribute; it was seen in the survey.
    pub fn entry(&self, slot: usize, attr: &Attr) -> Option<&Entry> {
        self.entries.get(slot, attr)
    }

    /// The moments that read best when they are those of the call, each with that.
    pub fn followers(&self) -> Vec<(Var, Var)> {
        let moment = |slot, attr| match self.entry(slot, attr)?.held {
            Held::Ordered(var) => Some(var),
            Held::Listed(..) | Held::Set(_) | Held::Opaque => None,
        };
        let places = self.entries.iter().map(|(place, _)| place);
        let started = places.filter(|place| place.attr == Attr::Started);
        let started = started.map(|place| (place.slot, moment(place.slot, &Attr::Started)));
        let given = self.approvals.iter().map(|((slot, _), (_, at))| (*slot, Some(*at)));
        started
            .chain(given)
            .filter_map(|(slot, follower)| Some((follower?, moment(slot, &Attr::Now)?)))
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
