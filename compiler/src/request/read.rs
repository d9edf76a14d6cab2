//! JSON to request: every check that makes a request well formed.

use super::json::Json;
use super::{IllFormed, Request};
use crate::model::*;
use crate::types::value;
use std::collections::BTreeMap;

/// Reads a request in the contract's form. The error is why it is ill formed.
pub fn read(model: &Model, json: &str) -> Result<Request, IllFormed> {
    let fields = Fields::read(Json::new(json)?)?;
    let now = instant(fields.mandatory("now")?, "`now`")?;
    let session = fields.mandatory("session")?.object("`session`")?;
    let (started, authn, session) = read_session(model, session)?;
    if started > now {
        return ill("`session.started` is after `now`");
    }

    let chain = read_chain(model, fields.mandatory("chain")?)?;
    let name = fields.mandatory("purpose")?.string("`purpose`")?;
    let purpose = model.purpose_named(&name).ok_or_else(|| undeclared("purpose", &name))?;
    let name = fields.mandatory("tool")?.string("`tool`")?;
    let tool = model.tool(model.tool_named(&name).ok_or_else(|| undeclared("tool", &name))?);

    let args = read_args(model, tool, fields.optional("args"))?;
    let op = operation(tool, &args).ok_or_else(|| IllFormed("the arguments select no variant".into()))?;
    let data = read_data(model, model.op(op), fields.optional("data"))?;
    let approvals = read_approvals(model, fields.optional("approvals"))?;
    Ok(Request { chain, purpose, op, data, args, now, started, authn, session, approvals })
}

fn ill<T>(why: impl Into<String>) -> Result<T, IllFormed> {
    Err(IllFormed(why.into()))
}

fn undeclared(kind: &str, name: &str) -> IllFormed {
    IllFormed(format!("no {kind} `{}` is declared", name.escape_debug()))
}

/// The top-level fields, by name.
struct Fields<'a>(BTreeMap<String, Json<'a>>);

impl<'a> Fields<'a> {
    const NAMES: [&'static str; 8] =
        ["approvals", "args", "chain", "data", "now", "purpose", "session", "tool"];

    fn read(json: Json<'a>) -> Result<Self, IllFormed> {
        let mut fields = BTreeMap::new();
        for (name, value) in json.object("the request")? {
            if !Self::NAMES.contains(&&*name) {
                return ill(format!("`{}` is not a field of a request", name.escape_debug()));
            }
            fields.insert(name.into_owned(), value);
        }
        Ok(Self(fields))
    }

    fn optional(&self, name: &str) -> Option<Json<'a>> {
        self.0.get(name).copied()
    }

    fn mandatory(&self, name: &str) -> Result<Json<'a>, IllFormed> {
        self.optional(name).ok_or_else(|| IllFormed(format!("`{name}` is missing")))
    }
}

fn read_chain(model: &Model, json: Json) -> Result<Vec<AgentId>, IllFormed> {
    let names = json.array("`chain`")?;
    if names.is_empty() || names.len() > MAX_CHAIN {
        return ill(format!("`chain` has {} agents; it must have 1 to {MAX_CHAIN}", names.len()));
    }
    let agent = |json: Json| {
        let name = json.string("an agent in `chain`")?;
        model.agent_named(&name).ok_or_else(|| undeclared("agent", &name))
    };
    names.into_iter().map(agent).collect()
}

type Members<'a> = Vec<(std::borrow::Cow<'a, str>, Json<'a>)>;

fn read_session(model: &Model, members: Members) -> Result<(i64, Authn, Record), IllFormed> {
    let (mut started, mut authn, mut session) = (None, None, Record::new());
    for (name, json) in members {
        match &*name {
            "started" => started = Some(instant(json, "`session.started`")?),
            "authn" => {
                let level = json.string("`session.authn`")?;
                authn = Some(Authn::named(&level).ok_or_else(|| undeclared("authentication level", &level))?);
            }
            _ => {
                let Some((name, ty)) = model.session.get_key_value(&*name) else {
                    return Err(undeclared("session attribute", &name));
                };
                session.insert(name.clone(), typed(model, ty, json, &format!("`session.{name}`"))?);
            }
        }
    }
    let missing = |what: &str| IllFormed(format!("`session.{what}` is missing"));
    Ok((started.ok_or_else(|| missing("started"))?, authn.ok_or_else(|| missing("authn"))?, session))
}

fn read_args(model: &Model, tool: &Tool, json: Option<Json>) -> Result<Record, IllFormed> {
    let (mut args, mut raw) = (Record::new(), BTreeMap::new());
    for (name, json) in json.map(|json| json.object("`args`")).transpose()?.unwrap_or_default() {
        let Some((name, arg)) = tool.args.get_key_value(&*name) else {
            return ill(format!("`{}` declares no argument `{}`", tool.name, name.escape_debug()));
        };
        if let ArgSource::Each(_) = arg.source {
            return ill(format!("`args.{name}` is derived; a request does not state it"));
        }
        args.insert(name.clone(), typed(model, &arg.ty, json, &format!("`args.{name}`"))?);
        raw.insert(name.clone(), json);
    }
    for (name, arg) in &tool.args {
        match &arg.source {
            ArgSource::Required if !args.contains_key(name) => {
                return ill(format!("`args.{name}` is missing; `{}` requires it", tool.name));
            }
            ArgSource::Default(value) if !args.contains_key(name) => {
                args.insert(name.clone(), value.clone());
            }
            ArgSource::Each(path) => {
                if let Some((first, rest)) = path.split_first()
                    && let Some(&json) = raw.get(first)
                {
                    args.insert(
                        name.clone(),
                        derived(model, &arg.ty, json, rest, &format!("`args.{name}`"))?,
                    );
                }
            }
            ArgSource::Required | ArgSource::Optional | ArgSource::Default(_) => {}
        }
    }
    Ok(args)
}

/// Gathers a derived argument along a path: a set from everything that the arrays on the way
/// hold, a scalar where there are no arrays.
fn derived(model: &Model, ty: &Type, json: Json, path: &[Str], what: &str) -> Result<Value, IllFormed> {
    let gathers = matches!(ty, Type::Set(_));
    let mut found = vec![json];
    for segment in path {
        let mut next = Vec::new();
        for json in if gathers { spread(found, what)? } else { found } {
            let members = json.object(&format!("what {what} is derived from"))?;
            let Some((_, value)) = members.into_iter().find(|(name, _)| **name == **segment) else {
                return ill(format!("{what} cannot be derived: `{segment}` is missing"));
            };
            next.push(value);
        }
        found = next;
    }
    match ty {
        Type::Set(element) => {
            let element = |json| typed(model, element, json, what);
            Ok(Value::Set(spread(found, what)?.into_iter().map(element).collect::<Result<_, _>>()?))
        }
        _ => typed(model, ty, found[0], what),
    }
}

/// Each array replaced by its elements; the rest as it is.
fn spread<'a>(found: Vec<Json<'a>>, what: &str) -> Result<Vec<Json<'a>>, IllFormed> {
    let mut all = Vec::new();
    for json in found {
        match json.is_array() {
            true => all.extend(json.array(what)?),
            false => all.push(json),
        }
    }
    Ok(all)
}

/// The operation that the arguments select.
pub(super) fn operation(tool: &Tool, args: &Record) -> Option<OpId> {
    let Some(variants) = &tool.variant else { return tool.base };
    match args.get(&variants.arg)? {
        Value::Text(value) => variants.ops.get(value).copied().or(tool.base),
        _ => None,
    }
}

/// The labels: absent or wrongly empty means all that the operation declares; otherwise each is
/// equal to or below one that it declares.
fn read_data(model: &Model, op: &Op, json: Option<Json>) -> Result<ClassSet, IllFormed> {
    let labels = json.map(|json| json.array("`data`")).transpose()?.unwrap_or_default();
    let mut data = ClassSet::new();
    for json in labels {
        let name = json.string("a label in `data`")?;
        let label = model.class_named(&name).ok_or_else(|| undeclared("data class", &name))?;
        if !op.labels.contains(label) {
            return ill(format!("the tool does not touch `{name}`"));
        }
        data.insert(label);
    }
    Ok(if data.is_empty() { op.declared.clone() } else { data })
}

fn read_approvals(model: &Model, json: Option<Json>) -> Result<BTreeMap<PrincipalId, i64>, IllFormed> {
    let mut approvals = BTreeMap::new();
    for (name, json) in json.map(|json| json.object("`approvals`")).transpose()?.unwrap_or_default() {
        let given = instant(json, "an instant in `approvals`")?;
        if let Some(person) = model.principal_named(&name)
            && let PrincipalKind::Person { .. } = model.principal(person).kind
        {
            approvals.insert(person, given);
        }
    }
    Ok(approvals)
}

fn instant(json: Json, what: &str) -> Result<i64, IllFormed> {
    let text = json.string(what)?;
    let wrong = || IllFormed(format!("{what} is not an instant like `2026-12-01T10:00:00Z`"));
    value::parse_instant(&text).ok().ok_or_else(wrong)
}

/// Reads a value of a type, exactly.
fn typed(model: &Model, ty: &Type, json: Json, what: &str) -> Result<Value, IllFormed> {
    let text = || json.string(what);
    let wrong = |form: &str| IllFormed(format!("{what} is not {form}"));
    Ok(match ty {
        Type::Bool => Value::Bool(json.bool().ok_or_else(|| wrong("true or false"))?),
        Type::Int => {
            let int = json.number().and_then(value::int_from_text);
            Value::Int(int.ok_or_else(|| wrong("exactly a 64-bit integer"))?)
        }
        Type::Decimal => {
            let decimal = json.number().and_then(value::decimal_from_text);
            Value::Decimal(decimal.ok_or_else(|| wrong("exactly a decimal of four places"))?)
        }
        Type::Duration => {
            let seconds = json.number().and_then(value::int_from_text).filter(|&seconds| seconds >= 0);
            Value::Duration(seconds.ok_or_else(|| wrong("a whole number of seconds, zero or more"))?)
        }
        Type::Instant => Value::Instant(instant(json, what)?),
        Type::String => Value::Text(text()?.into()),
        Type::Path => Value::Text(value::parse_path(&text()?).map_err(|_| wrong("a normalised path"))?),
        Type::Url => Value::Text(value::parse_url(&text()?).map_err(|_| wrong("a normalised URL"))?),
        Type::Ip => Value::Ip(value::parse_ip(&text()?).map_err(|_| wrong("an IP address"))?),
        Type::Cidr => Value::Cidr(value::parse_cidr(&text()?).map_err(|_| wrong("a network"))?),
        Type::Enum(values) => {
            let text = text()?;
            let known = values.iter().find(|value| ***value == *text);
            Value::Text(known.ok_or_else(|| wrong("one of its values"))?.clone())
        }
        Type::Person => {
            let name = text()?;
            let person = model.principal_named(&name).map(|id| model.principal(id));
            let person = person.filter(|who| matches!(who.kind, PrincipalKind::Person { .. }));
            Value::Text(person.ok_or_else(|| undeclared("person", &name))?.name.clone())
        }
        Type::Set(element) => {
            let elements = json.array(what)?.into_iter();
            Value::Set(elements.map(|json| typed(model, element, json, what)).collect::<Result<_, _>>()?)
        }
        Type::Opaque => Value::Opaque,
        Type::Authn => {
            let level = text()?;
            Value::Authn(Authn::named(&level).ok_or_else(|| undeclared("authentication level", &level))?)
        }
    })
}
