//! A request with values, before it is text: what conditions can be made true of.

use crate::rng::Rng;
use bailiwick_compiler::model::*;

/// A request in the making. Times are seconds since 1970.
#[derive(Clone, Debug)]
pub struct Draft {
    pub chain: Vec<AgentId>,
    pub purpose: PurposeId,
    pub op: OpId,
    /// Labels; `None` leaves the field out.
    pub data: Option<Vec<ClassId>>,
    /// Arguments, derived ones included.
    pub args: Record,
    pub now: i64,
    pub started: i64,
    pub authn: Authn,
    pub session: Record,
    pub approvals: Vec<(PrincipalId, i64)>,
}

impl Draft {
    /// The value of an attribute.
    pub fn get(&self, attr: &Attr) -> Option<Value> {
        match attr {
            Attr::Arg(name) => self.args.get(name).cloned(),
            Attr::Session(name) => self.session.get(name).cloned(),
            Attr::Now => Some(Value::Instant(self.now)),
            Attr::Started => Some(Value::Instant(self.started)),
            Attr::Authn => Some(Value::Authn(self.authn)),
        }
    }

    /// Gives an attribute a value. A new time moves the session's start along with it.
    pub fn set(&mut self, attr: &Attr, value: Value) {
        match (attr, value) {
            (Attr::Arg(name), value) => {
                self.args.insert(name.clone(), value);
            }
            (Attr::Session(name), value) => {
                self.session.insert(name.clone(), value);
            }
            (Attr::Now, Value::Instant(now)) => self.move_to(now),
            (Attr::Started, Value::Instant(started)) => self.started = within_range(started),
            (Attr::Authn, Value::Authn(level)) => self.authn = level,
            (Attr::Now | Attr::Started | Attr::Authn, _) => {}
        }
    }

    /// Takes an attribute away, where it can be.
    pub fn unset(&mut self, attr: &Attr) {
        match attr {
            Attr::Arg(name) => {
                self.args.remove(name);
            }
            Attr::Session(name) => {
                self.session.remove(name);
            }
            Attr::Now | Attr::Started | Attr::Authn => {}
        }
    }

    /// Moves the request in time: the session and the approvals keep their ages.
    pub fn move_to(&mut self, now: i64) {
        let now = within_range(now);
        let by = now - self.now;
        self.now = now;
        self.started = within_range(self.started + by);
        for (_, given) in &mut self.approvals {
            *given = within_range(*given + by);
        }
    }
}

/// The nearest instant that the language has.
pub fn within_range(instant: i64) -> i64 {
    instant.clamp(EARLIEST, AFTER_LATEST - 1)
}

/// The type of an attribute, in a call to that tool.
pub fn type_of(model: &Model, tool: &Tool, attr: &Attr) -> Option<Type> {
    match attr {
        Attr::Arg(name) => tool.args.get(name).map(|arg| arg.ty.clone()),
        Attr::Session(name) => model.session.get(name).cloned(),
        Attr::Now | Attr::Started => Some(Type::Instant),
        Attr::Authn => Some(Type::Authn),
    }
}

/// Some value of a type.
pub fn sample(model: &Model, rng: &mut Rng, ty: &Type) -> Value {
    let text = |rng: &mut Rng, of: &[&str]| Value::Text((*rng.pick(of)).into());
    match ty {
        Type::Bool => Value::Bool(rng.chance(50)),
        Type::Int => {
            Value::Int(*rng.pick(&[-1, 0, 1, 5, 50, 99, 100, 499, 500, 501, 1000, i64::MAX, i64::MIN]))
        }
        Type::Decimal => Value::Decimal(*rng.pick(&[-5000, 0, 1, 125_000, 999_900, 999_901, 5_000_000])),
        Type::String => {
            text(rng, &["EUR", "eu-west-1", "us-east-1", "a*b", "grün ✓", "", "x\ny", "reports", "ab"])
        }
        Type::Path => {
            text(rng, &["/srv/data", "/srv/data/in/a", "/srv/database", "/home/ana", "/", "/tmp/x.txt"])
        }
        Type::Url => text(
            rng,
            &[
                "https://api.example.com/v1",
                "https://api.example.com/v1/in",
                "https://example.com/v1",
                "http://api.example.com/v1",
                "http://other.example:8080/x",
            ],
        ),
        Type::Instant => {
            Value::Instant(*rng.pick(&[0, 1_790_812_800, 1_796_119_200, 1_801_353_600, AFTER_LATEST - 1]))
        }
        Type::Duration => Value::Duration(*rng.pick(&[0, 30, 900, 901, 5400, 172_800])),
        Type::Ip => {
            Value::Ip((*rng.pick(&ADDRESSES)).parse().unwrap_or(std::net::Ipv4Addr::LOCALHOST.into()))
        }
        Type::Cidr => {
            let nets = [([10, 0, 0, 0], 8), ([192, 168, 1, 0], 24), ([10, 1, 0, 0], 16)];
            let (address, prefix) = *rng.pick(&nets);
            Value::Cidr(Net(ipnet::Ipv4Net::new_assert(address.into(), prefix).into()))
        }
        Type::Enum(values) => Value::Text(rng.pick(values).clone()),
        Type::Person => {
            let people: Vec<&Str> = model
                .principals
                .iter()
                .filter(|principal| matches!(principal.kind, PrincipalKind::Person { .. }))
                .map(|principal| &principal.name)
                .collect();
            if people.is_empty() {
                Value::Text("nobody".into())
            } else {
                Value::Text((*rng.pick(&people)).clone())
            }
        }
        Type::Set(element) => {
            let count = rng.below(3);
            Value::Set((0..count).map(|_| sample(model, rng, element)).collect())
        }
        Type::Opaque => Value::Opaque,
        Type::Authn => Value::Authn(*rng.pick(&Authn::ALL)),
    }
}

const ADDRESSES: [&str; 6] =
    ["10.0.0.1", "11.0.0.0", "192.168.1.7", "192.168.2.0", "2001:db8::1", "2001:db9::"];
