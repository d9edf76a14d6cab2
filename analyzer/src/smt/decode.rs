//! Values to requests: what a question speaks of from the assignment, the rest as little as a
//! well-formed request needs.

use super::layout::{Entry, Held, Layout, Members, Presence, number};
use super::place::{Place, home};
use super::question::Question;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use std::collections::{BTreeMap, BTreeSet};

/// The requests that the values stand for, one a slot.
pub fn decode(model: &Model, question: &Question, layout: &Layout, values: &[i64]) -> Vec<Request> {
    let decoder = Decoder { model, question, layout, values };
    (0..question.slots.len()).map(|slot| decoder.request(slot)).collect()
}

struct Decoder<'q, 'm> {
    model: &'m Model,
    question: &'q Question<'m>,
    layout: &'q Layout,
    values: &'q [i64],
}

impl Decoder<'_, '_> {
    fn request(&self, slot: usize) -> Request {
        let shape = &self.question.slots[slot];
        let open = &self.layout.shapes[slot];
        let declared = &self.model.op(shape.op).declared;
        let mut chain = shape.chain.clone();
        chain.extend(open.chain(self.values).unwrap_or_default());
        let instant = |attr| match self.value(slot, &attr) {
            Some(Value::Instant(at)) => at,
            _ => EARLIEST,
        };
        let authn = match self.value(slot, &Attr::Authn) {
            Some(Value::Authn(level)) => level,
            _ => Authn::HardwareKey,
        };
        let session = self
            .model
            .session
            .keys()
            .filter_map(|name| Some((name.clone(), self.value(slot, &Attr::Session(name.clone()))?)));
        let approvals = self
            .layout
            .approvals
            .iter()
            .filter(|((of, _), (given, _))| *of == slot && self.values[given.index()] == 1);
        Request {
            chain,
            purpose: shape.purpose,
            op: shape.op,
            data: open.data(declared, self.values).unwrap_or_else(|| shape.data.clone()),
            args: self.args(slot),
            now: instant(Attr::Now),
            started: instant(Attr::Started),
            authn,
            session: session.collect(),
            approvals: approvals
                .map(|((_, who), (_, at))| (*who, self.values[at.index()]))
                .collect::<BTreeMap<_, _>>(),
        }
    }

    fn args(&self, slot: usize) -> Record {
        let tool = self.model.tool(self.model.op(self.question.slots[slot].op).tool);
        let mut args = Record::new();
        for (name, arg) in &tool.args {
            let attr = Attr::Arg(name.clone());
            let value = match (self.layout.entry(slot, &attr), &arg.source) {
                (Some(_), _) => self.value(slot, &attr),
                (None, ArgSource::Required) => Some(any(self.model, &arg.ty)),
                (None, ArgSource::Default(value)) => Some(value.clone()),
                (None, ArgSource::Optional | ArgSource::Each(_)) => None,
            };
            args.extend(value.map(|value| (name.clone(), value)));
        }
        // What is derived is there iff what it is derived from is.
        for (name, arg) in &tool.args {
            let ArgSource::Each(path) = &arg.source else { continue };
            let Some(raw) = path.first() else { continue };
            if args.contains_key(name) {
                args.entry(raw.clone()).or_insert(Value::Opaque);
            } else if args.contains_key(raw) {
                // Rows of the raw value that a sibling is gathered from hold this one too.
                let rows = args.iter().any(|(other, value)| {
                    matches!(value, Value::Set(members) if !members.is_empty())
                        && matches!(&tool.args[other].source, ArgSource::Each(of) if of.first() == Some(raw))
                });
                let value = match &arg.ty {
                    Type::Set(element) if rows => Value::Set(BTreeSet::from([any(self.model, element)])),
                    ty => any(self.model, ty),
                };
                args.insert(name.clone(), value);
            }
        }
        args
    }

    fn value(&self, slot: usize, attr: &Attr) -> Option<Value> {
        let entry = self.layout.entry(home(self.question, slot, attr), attr)?;
        let there = match entry.presence {
            Presence::Always => true,
            Presence::Never => false,
            Presence::When(bit) => self.values[bit.index()] == 1,
        };
        there.then(|| self.held(entry))
    }

    fn held(&self, entry: &Entry) -> Value {
        match &entry.held {
            Held::Ordered(var) => ordered(&entry.ty, self.values[var.index()]),
            Held::Listed(var, list) => {
                let at = self.values[var.index()] as usize;
                self.layout.lists[*list].get(at).cloned().unwrap_or(Value::Opaque)
            }
            Held::Set(members) => Value::Set(self.members(&entry.ty, members)),
            Held::Opaque => Value::Opaque,
        }
    }

    fn members(&self, ty: &Type, members: &Members) -> BTreeSet<Value> {
        let on = |bit: &super::term::Var| self.values[bit.index()] == 1;
        let list = &self.layout.lists[members.list];
        let mut set: BTreeSet<Value> = list
            .iter()
            .zip(&members.bits)
            .filter(|(_, bit)| on(bit))
            .map(|(value, _)| value.clone())
            .collect();
        let listed = set.len();
        for (place, bit) in &members.others {
            if on(bit)
                && let Some(value) = self.at(place)
                && !list.contains(&value)
            {
                set.insert(value);
            }
        }
        if members.rest.as_ref().is_some_and(on)
            && set.len() == listed
            && let Type::Set(element) = ty
        {
            set.extend(self.another(element, list, members));
        }
        set
    }

    fn at(&self, place: &Place) -> Option<Value> {
        self.layout.entry(place.slot, &place.attr).map(|entry| self.held(entry))
    }

    /// An ordered value that is neither in the list nor that of an attribute looked for in the set.
    fn another(&self, element: &Type, list: &[Value], members: &Members) -> Option<Value> {
        let taken: BTreeSet<i64> = list
            .iter()
            .cloned()
            .chain(members.others.iter().filter_map(|(place, _)| self.at(place)))
            .filter_map(|value| number(&value))
            .collect();
        (0..).find(|at| !taken.contains(at)).map(|at| ordered(element, at))
    }
}

fn ordered(ty: &Type, at: i64) -> Value {
    match ty {
        Type::Decimal => Value::Decimal(at),
        Type::Instant => Value::Instant(at),
        Type::Duration => Value::Duration(at),
        Type::Authn => Value::Authn(Authn::ALL[at.clamp(0, 3) as usize]),
        _ => Value::Int(at),
    }
}

/// Some value of a type, for what must be there and does not matter.
fn any(model: &Model, ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int | Type::Decimal | Type::Instant | Type::Duration | Type::Authn => ordered(ty, 0),
        Type::String => Value::Text("any".into()),
        Type::Path => Value::Text("/any".into()),
        Type::Url => Value::Text("https://any.example/".into()),
        Type::Ip => Value::Ip(std::net::Ipv4Addr::new(192, 0, 2, 1).into()),
        Type::Cidr => Value::Cidr(Net(ipnet::Ipv4Net::default().into())),
        Type::Enum(values) => values.first().cloned().map_or(Value::Opaque, Value::Text),
        Type::Person => {
            let people = model.principals.iter();
            let mut people = people.filter(|who| matches!(who.kind, PrincipalKind::Person { .. }));
            people.next().map_or(Value::Opaque, |who| Value::Text(who.name.clone()))
        }
        Type::Set(_) => Value::Set(BTreeSet::new()),
        Type::Opaque => Value::Opaque,
    }
}
