//! What IAM can tell apart: an action, on some resources, with tests on condition keys.

use super::arn::{Pin, Shape};
use super::condition::{Conditions, Joined, Test};
use super::glob::{Glob, Token, covers, meet, sayable};
use crate::model::*;
use crate::targets::Assumption;
use std::collections::{BTreeMap, BTreeSet};

/// How condition keys begin, in lower case, that AWS fills from the session or the clock and not from
/// the call ("AWS global condition context keys", in the IAM user guide).
const OF_SESSION: [&str; 9] = [
    "aws:principal",
    "aws:currenttime",
    "aws:epochtime",
    "aws:tokenissuetime",
    "aws:multifactorauth",
    "aws:userid",
    "aws:username",
    "aws:federatedprovider",
    "aws:sourceidentity",
];

/// Which operation, which of its bindings, and which of that one's resources.
pub type UnitId = (OpId, usize, usize);

/// One way in which an operation reaches AWS.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its binding and resource.
    pub id: UnitId,
    /// The action, as written.
    pub action: Str,
    /// The resource, or why nothing of it can be exported.
    pub shape: Result<Shape, String>,
    /// The condition keys by the argument that they carry.
    pub keys: BTreeMap<Str, Str>,
    /// Every resource that its requests may have.
    pub everything: Glob,
    /// The arguments of its tool that hold no `/` and no `:`, texts by assumption.
    pub segments: BTreeSet<Str>,
}

/// What a reduced condition says.
#[derive(Clone, Debug)]
pub enum Fact {
    /// Of an argument in the resource.
    Pin(Str, Pin),
    /// Of a condition key.
    Test(Test),
    /// The argument is there. Calls whose resource it is in have it anyway.
    There(Str),
}

impl Fact {
    /// Whether it holds only where the argument, which is in the resource, is there.
    pub fn needs(&self, argument: &str) -> bool {
        match self {
            Fact::Pin(arg, _) | Fact::There(arg) => **arg == *argument,
            Fact::Test(_) => false,
        }
    }
}

/// What is allowed, or denied, of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where it comes from.
    pub unit: UnitId,
    /// The action, as written.
    pub action: Str,
    /// The resources.
    pub resource: Glob,
    /// The tests.
    pub conditions: Conditions,
}

/// Every way in which the operations reach AWS.
pub fn units(model: &Model) -> Vec<Unit> {
    let mut units = Vec::new();
    for (at, op) in model.ops.iter().enumerate() {
        let id = OpId::at(at);
        for (number, binding) in op.bindings.aws.iter().enumerate() {
            let keys = check_keys(binding);
            for (place, template) in binding.resources.iter().enumerate() {
                let shape = match &keys {
                    Ok(_) => Shape::of(model, id, template),
                    Err(reason) => Err(reason.clone()),
                };
                for action in &binding.actions {
                    units.push(Unit {
                        id: (id, number, place),
                        action: action.clone(),
                        shape: check_action(action).and(shape.clone()),
                        keys: keys.clone().unwrap_or_default(),
                        everything: Vec::new(),
                        segments: BTreeSet::new(),
                    });
                }
            }
        }
    }
    // What is assumed of an argument holds for all resources that have it in them.
    let mut segments: BTreeMap<ToolId, BTreeSet<Str>> = BTreeMap::new();
    for unit in &units {
        if let Ok(shape) = &unit.shape {
            let of_tool = segments.entry(model.op(unit.id.0).tool).or_default();
            of_tool.extend(shape.segments.iter().cloned());
        }
    }
    for unit in &mut units {
        unit.segments = segments.get(&model.op(unit.id.0).tool).cloned().unwrap_or_default();
        unit.everything = match &unit.shape {
            Ok(shape) => shape.everything(&unit.segments),
            // Nobody knows what it is; so it may be any resource, and stands in the way of others.
            Err(_) => vec![Token::Star],
        };
    }
    units
}

fn check_action(action: &str) -> Result<(), String> {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match action.split_once(':') {
        Some((service, name)) if word(service) && word(name) => Ok(()),
        Some(_) | None => Err(format!("`{action}` is no single action: write `service:Action`")),
    }
}

fn check_keys(binding: &AwsBinding) -> Result<BTreeMap<Str, Str>, String> {
    let mut seen = BTreeSet::new();
    let mut keys = BTreeMap::new();
    for (key, arg) in &binding.keys {
        let lower = key.to_ascii_lowercase();
        if OF_SESSION.iter().any(|own| lower.starts_with(own)) {
            return Err(format!("condition key `{key}` speaks of the session or the time, not of the call"));
        }
        if !sayable(key) || !key.contains(':') || !seen.insert(lower) {
            return Err(format!("condition key `{key}` is malformed or bound twice"));
        }
        keys.entry(arg.clone()).or_insert_with(|| key.clone());
    }
    Ok(keys)
}

impl Unit {
    /// What these facts leave of it. `Err` when they cannot be said together.
    pub fn regions(&self, facts: &[Fact]) -> Result<Vec<Region>, ()> {
        let Ok(shape) = &self.shape else { return Err(()) };
        let mut pins: BTreeMap<Str, Pin> = BTreeMap::new();
        let mut conditions = Conditions::default();
        for fact in facts {
            match fact {
                Fact::Pin(arg, pin) => {
                    let pin = match pins.get(arg) {
                        Some(have) => have.and(pin).ok_or(())?,
                        None => pin.clone(),
                    };
                    pins.insert(arg.clone(), pin);
                }
                Fact::Test(test) => match conditions.join(test) {
                    Joined::Said => {}
                    Joined::Never => return Ok(Vec::new()),
                    Joined::Unsayable => return Err(()),
                },
                Fact::There(_) => {}
            }
        }
        let resources = shape.pinned(&pins).ok_or(())?;
        let region = |resource| Region { conditions: conditions.clone(), ..self.on(resource) };
        Ok(resources.into_iter().map(region).collect())
    }

    /// All of it, as a policy can say it; `None` when nothing of it can be exported.
    pub fn whole(&self) -> Option<Region> {
        let plain = |token: &Token| if *token == Token::Segment { Token::Star } else { *token };
        self.shape.is_ok().then(|| self.on(self.everything.iter().map(plain).collect()))
    }

    /// Its action on these resources, without a test.
    fn on(&self, resource: Glob) -> Region {
        let (unit, action) = (self.id, self.action.clone());
        Region { unit, action, resource, conditions: Conditions::default() }
    }

    /// What is assumed of its tool's arguments. An integer or a person holds no `/` and no `:` as it is.
    pub fn assumptions(&self, model: &Model) -> impl Iterator<Item = Assumption> {
        let tool = model.tool(model.op(self.id.0).tool);
        let is_text = |arg: &&Str| !matches!(tool.args[*arg].ty, Type::Int | Type::Person);
        let arguments = self.segments.iter().filter(is_text);
        arguments.map(|argument| Assumption::OneSegment {
            tool: tool.name.to_string(),
            argument: argument.to_string(),
        })
    }

    /// Whether some of its requests look to IAM like requests in the region.
    pub fn meets(&self, region: &Region) -> bool {
        self.action.eq_ignore_ascii_case(&region.action) && meet(&self.everything, &region.resource)
    }
}

impl Region {
    /// Whether it is of that unit.
    pub fn is_of(&self, unit: &Unit) -> bool {
        self.unit == unit.id && self.action.eq_ignore_ascii_case(&unit.action)
    }

    /// Whether every request in the other region is in this one.
    pub fn covers(&self, other: &Region) -> bool {
        covers(&self.resource, &other.resource) && self.conditions.follow_from(&other.conditions)
    }
}
