//! Source requests of one agent for one purpose, around what the policy compares with.

use bailiwick_compiler::evaluator::decide;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_grammar::ast::PatternPart;
use bailiwick_testkit::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// Instants around the starts and ends in the projects: 2026-03-01, -06-01, -12-01, 2027-01-01, -06-01.
pub const EDGES: [i64; 5] = [1_772_323_200, 1_780_272_000, 1_796_083_200, 1_798_761_600, 1_811_808_000];

/// Draws source requests.
pub struct Sampler<'a> {
    model: &'a Model,
    constants: BTreeMap<Attr, Vec<Value>>,
}

impl<'a> Sampler<'a> {
    /// Collects what the policy compares with.
    pub fn new(model: &'a Model) -> Self {
        let mut constants: BTreeMap<Attr, Vec<Value>> = BTreeMap::new();
        let lines = model.grants.iter().flat_map(|grant| &grant.lines).map(|line| &line.cond);
        let whens = model.grants.iter().map(|grant| &grant.when);
        let demands =
            model.grants.iter().flat_map(|grant| &grant.approvals).map(|approval| &approval.demanded);
        let forbids = model.forbids.iter().map(|forbid| &forbid.when);
        for literal in lines.chain(whens).chain(demands).chain(forbids).flat_map(Cond::literals) {
            let (attr, values) = mentioned(&literal.atom);
            if let Some(attr) = attr {
                constants.entry(attr).or_default().extend(values);
            }
        }
        Sampler { model, constants }
    }

    /// A well-formed request by the agent alone.
    pub fn draw(&self, rng: &mut Rng, agent: AgentId, purpose: PurposeId, op: OpId) -> Request {
        let row = self.model.op(op);
        let tool = self.model.tool(row.tool);
        let mut args = Record::new();
        for (name, arg) in &tool.args {
            if matches!(arg.source, ArgSource::Optional) && rng.chance(30) {
                continue;
            }
            let value = match (&tool.variant, &row.variant) {
                (Some(variants), Some(value)) if variants.arg == *name => Value::Text(value.clone()),
                (Some(variants), None) if variants.arg == *name => loop {
                    let value = self.value(rng, &Attr::Arg(name.clone()), &arg.ty);
                    if !matches!(&value, Value::Text(text) if variants.ops.contains_key(text)) {
                        break value;
                    }
                },
                _ => self.value(rng, &Attr::Arg(name.clone()), &arg.ty),
            };
            args.insert(name.clone(), value);
        }
        let mut session = Record::new();
        for (name, ty) in &self.model.session {
            if rng.chance(80) {
                session.insert(name.clone(), self.value(rng, &Attr::Session(name.clone()), ty));
            }
        }
        let now = rng.pick(&EDGES) + rng.pick(&[-86_400, -1, 0, 1, 86_400]);
        let mut approvals = BTreeMap::new();
        for person in 0..self.model.principals.len() {
            if rng.chance(20) {
                approvals.insert(PrincipalId::at(person), now - rng.pick(&[-1, 0, 60, 3_599, 3_600, 3_601]));
            }
        }
        let mut request = Request {
            chain: vec![agent],
            purpose,
            op,
            data: row.declared.clone(),
            args,
            now,
            started: now,
            authn: Authn::Mtls,
            session,
            approvals,
        };
        self.redraw_unseen(rng, &mut request);
        request
    }

    /// Draws anew what no static target sees: the session's age and authentication, and the labels.
    pub fn redraw_unseen(&self, rng: &mut Rng, request: &mut Request) {
        let row = self.model.op(request.op);
        request.started =
            request.now - rng.pick(&[0, 60, 299, 300, 301, 899, 900, 901, 3_600, 3_601, 28_800, 28_801]);
        request.authn = *rng.pick(&Authn::ALL);
        request.data = row.declared.clone();
        if rng.chance(25) {
            let some: ClassSet = row.labels.iter().filter(|_| rng.chance(50)).collect();
            if !some.is_empty() {
                request.data = some;
            }
        }
    }

    /// A request that is allowed, if one is soon found.
    pub fn allowed(&self, rng: &mut Rng, agent: AgentId, purpose: PurposeId) -> Option<Request> {
        let grants = self.model.grants.iter().filter(|grant| grant.to == agent && grant.purpose == purpose);
        let ops: BTreeSet<OpId> =
            grants.flat_map(|grant| &grant.lines).flat_map(|line| line.ops.iter()).collect();
        let ops: Vec<OpId> = ops.into_iter().collect();
        if ops.is_empty() {
            return None;
        }
        let mut draw = || {
            let op = *rng.pick(&ops);
            self.draw(rng, agent, purpose, op)
        };
        (0..200).map(|_| draw()).find(|request| decide(self.model, request).is_allow())
    }

    /// A value of the type: mostly one that the policy mentions.
    pub fn value(&self, rng: &mut Rng, attr: &Attr, ty: &Type) -> Value {
        if let Type::Set(of) = ty {
            let count = rng.below(3);
            let element = |rng: &mut Rng| {
                if rng.chance(70) {
                    Value::Text((*rng.pick(&["id", "name", "mail"])).into())
                } else {
                    self.value(rng, attr, of)
                }
            };
            return Value::Set((0..count).map(|_| element(rng)).collect());
        }
        let fits = |value: &&Value| match (ty, value) {
            (Type::Enum(values), Value::Text(text)) => values.contains(text),
            (Type::String | Type::Person, Value::Text(_)) => true,
            (Type::Int, Value::Int(_)) => true,
            (Type::Ip, Value::Ip(_)) => true,
            _ => false,
        };
        let known: Vec<&Value> = self.constants.get(attr).into_iter().flatten().filter(fits).collect();
        if !known.is_empty() && rng.chance(75) {
            return (*rng.pick(&known)).clone();
        }
        let words = |rng: &mut Rng, words: &[&str]| Value::Text((*rng.pick(words)).into());
        match ty {
            Type::Bool => Value::Bool(rng.chance(50)),
            Type::Int => Value::Int(*rng.pick(&[-1, 0, 1, 2, 3, 4, 10, 99, 100, 101])),
            Type::String => words(
                rng,
                &["blue", "red", "in/x", "in/a*b", "a", "x/y/z", "c2", "shop", "web-0", "$x", "orders"],
            ),
            Type::Person => words(rng, &["ana", "ben"]),
            Type::Enum(values) => Value::Text(rng.pick(values).clone()),
            Type::Ip => Value::Ip(
                rng.pick(&["10.0.0.1", "10.255.255.255", "11.0.0.0", "2001:db8::1"])
                    .parse()
                    .expect("an address"),
            ),
            other => panic!("{other:?} is not in the tests' projects"),
        }
    }
}

/// The attribute that an atom compares, and values on both sides of its boundary.
fn mentioned(atom: &Atom) -> (Option<Attr>, Vec<Value>) {
    let around = |value: &Value| match value {
        Value::Int(value) => vec![Value::Int(value - 1), Value::Int(*value), Value::Int(value + 1)],
        other => vec![other.clone()],
    };
    match atom {
        Atom::Compare { left, right: Operand::Value(value), .. } => (Some(left.clone()), around(value)),
        Atom::OneOf { attr, values } => (Some(attr.clone()), values.iter().flat_map(around).collect()),
        Atom::Like { attr, pattern } => {
            let fill = |star: &str| {
                let parts = pattern.0.iter().map(|part| match part {
                    PatternPart::Text(text) => text.to_string(),
                    PatternPart::Star => star.to_string(),
                });
                Value::Text(parts.collect::<String>().into())
            };
            (Some(attr.clone()), ["", "x", "a/b", "a.txt"].map(fill).to_vec())
        }
        Atom::Compare { .. }
        | Atom::Contains { .. }
        | Atom::ContainsAll { .. }
        | Atom::ContainsAny { .. }
        | Atom::SubsetOf { .. }
        | Atom::Under { .. }
        | Atom::Host { .. }
        | Atom::InNet { .. }
        | Atom::Has(_)
        | Atom::Approved(_)
        | Atom::Purpose(_)
        | Atom::During(_) => (None, Vec::new()),
    }
}
