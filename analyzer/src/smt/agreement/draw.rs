//! A model with an attribute of every type; conditions and requests about it, drawn at random from
//! values few enough to meet.

use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::types::value::{parse_cidr, parse_ip};
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where `now` is, give or take.
pub const NOW: i64 = 1_790_000_000;

fn origin() -> Origin {
    Origin { module: "m".into(), span: Default::default() }
}

fn principal(name: &str, members: Option<&[u32]>) -> Arc<Principal> {
    let kind = match members {
        None => PrincipalKind::Person { identities: Vec::new(), departed: None },
        Some(ids) => {
            PrincipalKind::Team { members: ids.iter().map(|&id| PrincipalId(id)).collect(), lead: None }
        }
    };
    Arc::new(Principal { name: name.into(), origin: origin(), contact: None, kind, holds: None })
}

/// The attributes of the one tool: name, type.
fn signature() -> Vec<(&'static str, Type)> {
    let set = |element| Type::Set(Box::new(element));
    let states = Type::Enum(["closed", "open", "stale"].map(Into::into).into());
    vec![
        ("address", Type::Ip),
        ("amount", Type::Int),
        ("day", Type::Instant),
        ("flag", Type::Bool),
        ("home", Type::Url),
        ("key", Type::String),
        ("keys", set(Type::String)),
        ("limit", Type::Int),
        ("limits", set(Type::Int)),
        ("link", Type::Url),
        ("name", Type::String),
        ("network", Type::Cidr),
        ("path", Type::Path),
        ("price", Type::Decimal),
        ("root", Type::Path),
        ("state", states.clone()),
        ("states", set(states)),
        ("wait", Type::Duration),
        ("what", Type::Opaque),
        ("who", Type::Person),
    ]
}

/// A model with one agent and one tool, whose arguments are of every type.
pub fn model() -> Model {
    let args =
        signature().into_iter().map(|(name, ty)| (Str::from(name), Arg { ty, source: ArgSource::Optional }));
    let op = Op {
        tool: ToolId(0),
        variant: None,
        effect: Effect::Read,
        irreversible: false,
        reads: ClassSet::new(),
        writes: ClassSet::new(),
        labels: ClassSet::new(),
        declared: ClassSet::new(),
        ingests_untrusted: false,
        reaches_external: false,
        tags: Vec::new(),
        bindings: Bindings::default(),
    };
    Model {
        session: BTreeMap::from([("user".into(), Type::Person)]),
        principals: vec![
            principal("alice", None),
            principal("bob", None),
            principal("carol", None),
            principal("owners", Some(&[0, 1])),
            principal("treasury", Some(&[1, 2])),
        ],
        agents: vec![Arc::new(Agent {
            name: "bot".into(),
            origin: origin(),
            owner: PrincipalId(3),
            identities: Vec::new(),
            authn: Authn::ApiKey,
            review: None,
            tags: Vec::new(),
            suspended: None,
        })],
        tools: vec![Arc::new(Tool {
            name: "tool".into(),
            origin: origin(),
            args: args.collect(),
            variant: None,
            base: Some(OpId(0)),
        })],
        ops: vec![Arc::new(op)],
        purposes: vec![Arc::new(Purpose {
            name: "purpose".into(),
            origin: origin(),
            sentence: "x".into(),
            needs: Needs::default(),
        })],
        ..Model::default()
    }
}

/// Values of a type, few enough to collide.
fn value(ty: &Type) -> BoxedStrategy<Value> {
    fn texts(of: &'static [&'static str]) -> BoxedStrategy<Value> {
        prop::sample::select(of).prop_map(|text| Value::Text(text.into())).boxed()
    }
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Int => number().prop_map(Value::Int).boxed(),
        Type::Decimal => number().prop_map(Value::Decimal).boxed(),
        Type::Duration => (0i64..4).prop_map(Value::Duration).boxed(),
        Type::Instant => (-3i64..4).prop_map(|at| Value::Instant(NOW + at)).boxed(),
        Type::Authn => prop::sample::select(&Authn::ALL[..]).prop_map(Value::Authn).boxed(),
        Type::String => "[ab]{0,4}".prop_map(|text| Value::Text(text.into())).boxed(),
        Type::Path => texts(&["/", "/a", "/a/b", "/a/bc", "/a/b/c", "/d"]),
        Type::Url => texts(&[
            "https://a.example/",
            "https://a.example/x",
            "https://a.example/x/y",
            "https://a.example/x?y",
            "https://a.example:8443/x",
            "http://a.example/x",
            "https://b.a.example/x",
            "https://c.b.a.example/",
            "https://d.test/x/",
        ]),
        Type::Ip => {
            prop::sample::select(vec!["10.0.0.0", "10.0.0.255", "10.0.1.0", "11.0.0.1", "2001:db8::1", "::1"])
                .prop_map(|text| Value::Ip(parse_ip(text).unwrap()))
                .boxed()
        }
        Type::Cidr => net().prop_map(Value::Cidr).boxed(),
        Type::Enum(values) => {
            let values: Vec<Str> = values.to_vec();
            prop::sample::select(values).prop_map(Value::Text).boxed()
        }
        Type::Person => texts(&["alice", "bob", "carol"]),
        Type::Set(element) => prop::collection::btree_set(value(element), 0..3).prop_map(Value::Set).boxed(),
        Type::Opaque => Just(Value::Opaque).boxed(),
    }
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -2i64..4, 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

fn net() -> impl Strategy<Value = Net> {
    prop::sample::select(vec![
        "10.0.0.0/8",
        "10.0.0.0/24",
        "10.0.0.255/32",
        "0.0.0.0/0",
        "2001:db8::/32",
        "::/0",
    ])
    .prop_map(|text| parse_cidr(text).unwrap())
}

fn values(ty: &Type) -> impl Strategy<Value = BTreeSet<Value>> + use<> {
    prop::collection::btree_set(value(ty), 0..3)
}

fn attr_of(wanted: fn(&Type) -> bool) -> impl Strategy<Value = (Attr, Type)> {
    let mut attrs: Vec<(Attr, Type)> =
        signature().into_iter().map(|(name, ty)| (Attr::Arg(name.into()), ty)).collect();
    attrs.push((Attr::Session("user".into()), Type::Person));
    attrs.push((Attr::Now, Type::Instant));
    attrs.push((Attr::Started, Type::Instant));
    attrs.push((Attr::Authn, Type::Authn));
    attrs.retain(|(_, ty)| wanted(ty));
    prop::sample::select(attrs)
}

fn same_type(ty: &Type) -> BoxedStrategy<Operand> {
    let mut attrs: Vec<Operand> = signature()
        .into_iter()
        .filter(|(_, other)| other == ty)
        .map(|(name, _)| Operand::Attr(Attr::Arg(name.into())))
        .collect();
    if *ty == Type::Person {
        attrs.push(Operand::Attr(Attr::Session("user".into())));
    }
    let constant = value(ty).prop_map(Operand::Value);
    if attrs.is_empty() {
        return constant.boxed();
    }
    prop_oneof![constant, prop::sample::select(attrs)].boxed()
}

fn pattern() -> impl Strategy<Value = Pattern> {
    "[ab*]{0,5}".prop_map(|text: String| {
        let mut parts = Vec::new();
        for (at, run) in text.split('*').enumerate() {
            if at > 0 && parts.last() != Some(&PatternPart::Star) {
                parts.push(PatternPart::Star);
            }
            if !run.is_empty() {
                parts.push(PatternPart::Text(run.into()));
            }
        }
        Pattern(parts)
    })
}

fn demand() -> impl Strategy<Value = Demand> {
    (0u32..5, 0i64..4, any::<bool>()).prop_map(|(by, within, independent)| Demand {
        by: PrincipalId(by),
        within,
        independent,
    })
}

fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::Set(_) | Type::Opaque)
}

fn atom() -> BoxedStrategy<Atom> {
    let equality = prop::sample::select(vec![CompareOp::Eq, CompareOp::Ne]);
    let order = prop::sample::select(vec![
        CompareOp::Eq,
        CompareOp::Ne,
        CompareOp::Lt,
        CompareOp::Le,
        CompareOp::Gt,
        CompareOp::Ge,
    ]);
    let equal = attr_of(is_scalar).prop_flat_map(move |(left, ty)| {
        (Just(left), equality.clone(), same_type(&ty)).prop_map(|(left, op, right)| Atom::Compare {
            left,
            op,
            right,
        })
    });
    let compare = attr_of(Type::is_ordered).prop_flat_map(move |(left, ty)| {
        (Just(left), order.clone(), same_type(&ty)).prop_map(|(left, op, right)| Atom::Compare {
            left,
            op,
            right,
        })
    });
    let one_of = attr_of(is_scalar).prop_flat_map(|(attr, ty)| {
        (Just(attr), values(&ty)).prop_map(|(attr, values)| Atom::OneOf { attr, values })
    });
    let sets = attr_of(|ty| matches!(ty, Type::Set(_))).prop_flat_map(|(set, ty)| {
        let Type::Set(element) = ty else { unreachable!() };
        (Just(set), 0..4, same_type(&element), values(&element)).prop_map(|(set, kind, element, values)| {
            match kind {
                0 => Atom::Contains { set, element },
                1 => Atom::ContainsAll { set, values },
                2 => Atom::ContainsAny { set, values },
                _ => Atom::SubsetOf { set, values },
            }
        })
    });
    let like = (attr_of(|ty| *ty == Type::String), pattern())
        .prop_map(|((attr, _), pattern)| Atom::Like { attr, pattern });
    let under = prop_oneof![
        (attr_of(|ty| *ty == Type::Path), value(&Type::Path)),
        (attr_of(|ty| *ty == Type::Url), value(&Type::Url)),
    ]
    .prop_filter_map("a base has no query", |((attr, _), base)| match base {
        Value::Text(base) if !base.contains('?') => Some(Atom::Under { attr, base }),
        _ => None,
    });
    let host = (
        attr_of(|ty| *ty == Type::Url),
        prop::sample::select(vec!["a.example", "b.a.example", "example", "other1.example"]),
        any::<bool>(),
    )
        .prop_map(|((attr, _), host, below)| Atom::Host { attr, host: host.into(), below });
    let in_net = (attr_of(|ty| *ty == Type::Ip), prop::collection::btree_set(net(), 0..3))
        .prop_map(|((attr, _), nets)| Atom::InNet { attr, nets });
    prop_oneof![
        3 => equal,
        3 => compare,
        2 => one_of,
        3 => sets,
        2 => like,
        1 => under,
        1 => host,
        1 => in_net,
        1 => attr_of(|_| true).prop_map(|(attr, _)| Atom::Has(attr)),
        2 => demand().prop_map(Atom::Approved),
        1 => (-3i64..3, 1i64..3).prop_map(|(from, long)| Atom::During(vec![(NOW + from, NOW + from + long)])),
    ]
    .boxed()
}

/// Conditions over every type and operator.
pub fn cond() -> impl Strategy<Value = Cond> {
    let literal = (atom(), any::<bool>(), any::<bool>())
        .prop_map(|(atom, negated, absent)| Cond::Literal(Literal { atom, negated, absent }));
    literal.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Cond::All),
            prop::collection::vec(inner, 0..4).prop_map(Cond::Any),
        ]
    })
}

/// Requests around what the conditions compare with.
pub fn requests() -> impl Strategy<Value = Request> {
    let mut args: BoxedStrategy<Record> = Just(Record::new()).boxed();
    for (name, ty) in signature() {
        args = (args, prop::option::weighted(0.7, value(&ty)))
            .prop_map(move |(mut args, value)| {
                args.extend(value.map(|value| (Str::from(name), value)));
                args
            })
            .boxed();
    }
    let user = prop::option::of(value(&Type::Person));
    let approvals = prop::collection::btree_map((0u32..3).prop_map(PrincipalId), NOW - 4..NOW + 3, 0..3);
    (args, -2i64..3, 0i64..4, prop::sample::select(&Authn::ALL[..]), user, approvals).prop_map(
        |(args, now, age, authn, user, approvals)| Request {
            chain: vec![AgentId(0)],
            purpose: PurposeId(0),
            op: OpId(0),
            data: ClassSet::new(),
            args,
            now: NOW + now,
            started: NOW + now - age,
            authn,
            session: user.map(|user| ("user".into(), user)).into_iter().collect(),
            approvals,
        },
    )
}
