//! What the project says, as the module's data.

use super::condition::{approval, together, unless, value};
use super::index::Index;
use crate::model::*;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The document of the bundle: `bailiwick.estate`.
pub(super) fn data(model: &Model) -> Json {
    let index = Index::new(model);
    let agents = model.agents.iter().enumerate().map(|(at, row)| {
        let fields = [
            ("answerable", answerable(model, row)),
            ("authn", json!(row.authn as i64)),
            ("forbids", json!(index.of_agent(AgentId::at(at)))),
        ];
        (&row.name, object(fields))
    });
    let rules = [
        ("agents", by_name(agents)),
        ("candidates", candidates(model)),
        ("forbids", collect(model.forbids.iter().map(|row| (key(row), forbid(model, row))))),
        ("grants", by_name(model.grants.iter().map(|row| (&row.name, grant(model, row))))),
        ("tools", tools(model, &|id| index.of_op(id))),
    ];
    object([("bailiwick", object([("estate", object(rules.into_iter().chain(request(model))))]))])
}

/// The sections that say how a request is read: what the rules mean rests on them.
pub(super) fn request(model: &Model) -> [(&'static str, Json); 3] {
    [
        ("people", set_of(people(model))),
        ("purposes", set_of(model.purposes.iter().map(|row| &*row.name))),
        ("session", session(model)),
    ]
}

/// An object. Its members are sorted here, so that the bytes do not depend on how the JSON library keeps them.
pub(super) fn object(fields: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    collect(fields.into_iter().map(|(name, json)| (name.to_owned(), json)))
}

fn by_name<'a>(rows: impl Iterator<Item = (&'a Str, Json)>) -> Json {
    collect(rows.map(|(name, json)| (name.to_string(), json)))
}

/// The same of names that are not known beforehand.
pub(super) fn collect(fields: impl IntoIterator<Item = (String, Json)>) -> Json {
    let sorted: BTreeMap<_, _> = fields.into_iter().collect();
    Json::Object(sorted.into_iter().collect::<Map<_, _>>())
}

/// A set of names, as an object in which looking one up is quick.
pub(super) fn set_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Json {
    collect(names.into_iter().map(|name| (name.to_owned(), json!(true))))
}

fn people(model: &Model) -> impl Iterator<Item = &str> {
    model
        .principals
        .iter()
        .filter(|row| matches!(row.kind, PrincipalKind::Person { .. }))
        .map(|row| &*row.name)
}

fn classes(model: &Model, set: &ClassSet) -> Json {
    set_of(set.iter().map(|id| &*model.class(id).name))
}

fn agents(model: &Model, set: &AgentSet) -> Json {
    set_of(set.iter().map(|id| &*model.agent(id).name))
}

fn operations(model: &Model, set: &OpSet) -> Json {
    collect(set.iter().map(|id| (model.op_name(id), json!(true))))
}

fn source(origin: &Origin) -> Json {
    object([
        ("module", json!(&*origin.module)),
        ("start", json!(origin.span.start)),
        ("end", json!(origin.span.end)),
    ])
}

/// Who answers for the agent: an approval by one of them is not independent.
pub(super) fn answerable(model: &Model, agent: &Agent) -> Json {
    set_of(model.people_of(agent.owner).iter().map(|id| &*model.principal(id).name))
}

/// The keys of the forbids that are listed under an operation.
type Listed<'l> = &'l dyn Fn(OpId) -> &'l [String];

/// The tools: how their arguments are read, and their operations.
pub(super) fn tools(model: &Model, listed: Listed) -> Json {
    by_name(model.tools.iter().map(|row| (&row.name, tool(model, row, listed))))
}

/// An operation: what a call to it may carry, what it means to say nothing, and which forbids to look at.
fn op(model: &Model, id: OpId, listed: Listed) -> Json {
    let op = model.op(id);
    object([
        ("declared", op.declared.iter().map(|class| json!(&*model.class(class).name)).collect()),
        ("forbids", json!(listed(id))),
        ("labels", classes(model, &op.labels)),
        ("name", json!(model.op_name(id))),
    ])
}

/// The levels of authentication, and a session's own attributes: those of which every value is known, as
/// tables from what a request says to what the module makes of it, and the types of the others.
fn session(model: &Model) -> Json {
    let levels = Authn::ALL.map(|level| (level.name().to_owned(), json!(level as i64)));
    let (mut tables, mut types) = (Vec::new(), Vec::new());
    for (name, ty) in &model.session {
        match ty {
            Type::Enum(values) => {
                let table = values.iter().map(|value| (value.to_string(), json!(&**value)));
                tables.push((name.to_string(), collect(table)));
            }
            ty => types.push((name.to_string(), type_of(ty))),
        }
    }
    object([("levels", collect(levels)), ("tables", collect(tables)), ("types", collect(types))])
}

/// A tool: the types of the arguments that a call may state, what becomes of those that it does not,
/// and what is then called.
fn tool(model: &Model, tool: &Tool, listed: Listed) -> Json {
    let (mut args, mut defaults, mut derived) = (Vec::new(), Vec::new(), Vec::new());
    let mut required = Vec::new();
    for (name, arg) in &tool.args {
        let ty = type_of(&arg.ty);
        match &arg.source {
            ArgSource::Each(path) => {
                let each = path.iter().map(|part| json!(&**part)).collect();
                derived.push((name, object([("each", each), ("type", ty)])));
                continue;
            }
            ArgSource::Required => required.push(&**name),
            ArgSource::Default(default) => defaults.push((name, value(default))),
            ArgSource::Optional => {}
        }
        args.push((name, ty));
    }
    let read = [
        ("args", by_name(args.into_iter())),
        ("defaults", by_name(defaults.into_iter())),
        ("derived", by_name(derived.into_iter())),
        ("plain", json!(tool.args.values().all(plain))),
        ("required", set_of(required)),
    ];
    let variant = tool.variant.as_ref().map(|variants| {
        let ops = by_name(variants.ops.iter().map(|(value, &id)| (value, op(model, id, listed))));
        ("variant", object([("arg", json!(&*variants.arg)), ("ops", ops)]))
    });
    let base = tool.base.map(|id| (base_field(tool), op(model, id, listed)));
    object(read.into_iter().chain(variant).chain(base))
}

/// Where a tool has the operation that its variants are not: most tools have no variants.
pub(super) fn base_field(tool: &Tool) -> &'static str {
    if tool.variant.is_some() { "otherwise" } else { "op" }
}

/// Whether the module takes the argument's value as it is stated, and nothing in its place.
fn plain(arg: &Arg) -> bool {
    let stated = matches!(arg.source, ArgSource::Required | ArgSource::Optional);
    let same = match arg.ty {
        Type::Bool | Type::Int | Type::String | Type::Path | Type::Url => true,
        Type::Duration | Type::Person | Type::Ip | Type::Cidr | Type::Enum(_) => true,
        Type::Decimal | Type::Instant | Type::Set(_) | Type::Opaque | Type::Authn => false,
    };
    stated && same
}

fn type_of(ty: &Type) -> Json {
    let is = |name: &str| object([("is", json!(name))]);
    match ty {
        Type::Bool => is("bool"),
        Type::Int => is("int"),
        Type::Decimal => is("decimal"),
        Type::String => is("string"),
        Type::Path => is("path"),
        Type::Url => is("url"),
        Type::Instant => is("instant"),
        Type::Duration => is("duration"),
        Type::Ip => is("ip"),
        Type::Cidr => is("cidr"),
        Type::Person => is("person"),
        Type::Opaque => is("opaque"),
        Type::Enum(values) => {
            object([("is", json!("enum")), ("values", set_of(values.iter().map(|value| &**value)))])
        }
        Type::Set(of) => object([("is", json!("set")), ("of", type_of(of))]),
        Type::Authn => {
            object([("is", json!("enum")), ("values", set_of(Authn::ALL.iter().map(|level| level.name())))])
        }
    }
}

/// The names of the grants that may authorise a request, by root, purpose and operation, in the fixed order.
fn candidates(model: &Model) -> Json {
    let mut found: BTreeMap<AgentId, BTreeMap<PurposeId, BTreeMap<String, Vec<Json>>>> = BTreeMap::new();
    for grant in &model.grants {
        let ops = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        for op in ops.iter() {
            let by_op = found.entry(grant.to).or_default().entry(grant.purpose).or_default();
            by_op.entry(model.op_name(op)).or_default().push(json!(&*grant.name));
        }
    }
    by_name(found.into_iter().map(|(root, by_purpose)| {
        let by_purpose = by_purpose.into_iter().map(|(purpose, by_op)| {
            let by_op = collect(by_op.into_iter().map(|(op, names)| (op, Json::Array(names))));
            (&model.purpose(purpose).name, by_op)
        });
        (&model.agent(root).name, by_name(by_purpose))
    }))
}

fn lines(model: &Model, lines: &[ToolLine]) -> Json {
    let line = |line: &ToolLine| {
        object(together(model, &line.cond).into_iter().chain([("ops", operations(model, &line.ops))]))
    };
    lines.iter().map(line).collect()
}

fn grant(model: &Model, grant: &Grant) -> Json {
    let approvals = grant.approvals.iter().map(|clause| {
        let ops = ("ops", operations(model, &clause.ops));
        let excused = unless(model, &clause.demanded);
        object(approval(model, &clause.demand).into_iter().chain([ops]).chain(excused))
    });
    let delegates = grant.delegates.iter().map(|clause| {
        let only = clause.only.as_ref().map(|only| {
            let covers = only.covers.as_ref().map(|covers| ("covers", classes(model, covers)));
            ("only", object([("lines", lines(model, &only.lines))].into_iter().chain(covers)))
        });
        object([("depth", json!(clause.depth)), ("to", agents(model, &clause.to))].into_iter().chain(only))
    });
    let fields = [
        ("approvals", approvals.collect()),
        // of the chain's agents the root is known: the module asks of the others what they need
        ("authn", json!(grant.authn.max(model.agent(grant.to).authn) as i64)),
        ("covers", classes(model, &grant.covers)),
        ("delegates", delegates.collect()),
        // the bounds of time itself where the grant states none: no request is outside them
        ("expires", json!(grant.expires.unwrap_or(AFTER_LATEST))),
        ("lines", lines(model, &grant.lines)),
        ("owner", json!(&*model.principal(model.agent(grant.to).owner).name)),
        ("purpose", json!(&*model.purpose(grant.purpose).name)),
        ("source", source(&grant.origin)),
        ("starts", json!(grant.starts.unwrap_or(EARLIEST))),
        ("ttl", json!(grant.ttl.unwrap_or(AFTER_LATEST))),
    ];
    object(fields.into_iter().chain(together(model, &grant.when)))
}

/// What a forbid is listed by: forbids and suspensions have names of their own.
pub(super) fn key(forbid: &Forbid) -> String {
    format!("{} {}", kind(forbid), forbid.name)
}

fn kind(forbid: &Forbid) -> &'static str {
    if forbid.suspension { "suspension" } else { "forbid" }
}

/// A forbid; what it does not restrict is left out.
fn forbid(model: &Model, forbid: &Forbid) -> Json {
    let agents =
        (forbid.agents.len() < model.agents.len()).then(|| ("agents", agents(model, &forbid.agents)));
    let ops = (forbid.ops.len() < model.ops.len()).then(|| ("ops", operations(model, &forbid.ops)));
    let meets = forbid.meets.as_ref().map(|meets| ("meets", classes(model, meets)));
    let because = forbid.because.as_ref().map(|because| ("because", json!(&**because)));
    let always =
        [("kind", json!(kind(forbid))), ("name", json!(&*forbid.name)), ("source", source(&forbid.origin))];
    let excused = unless(model, &forbid.when);
    object(always.into_iter().chain(excused).chain(agents).chain(ops).chain(meets).chain(because))
}
