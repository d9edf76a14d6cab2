//! Whether a request that was made in memory is well formed.

use super::read::operation;
use super::{Request, read, write};
use crate::model::*;
use crate::types::value;

/// Whether the request is one that reading gives: of the text that [`write()`] makes of it. What a
/// text would have to be looked at for is written and read; the rest is seen by itself.
pub fn well_formed(model: &Model, request: &Request) -> bool {
    let op = model.op(request.op);
    let tool = model.tool(op.tool);
    // What is derived is made up from its raw value's text.
    if tool.args.values().any(|arg| matches!(arg.source, ArgSource::Each(_))) {
        return read(model, &write(model, request)).as_ref() == Ok(request);
    }
    let Request { chain, purpose: _, op: _, data, args, now, started, authn: _, session, approvals } =
        request;
    let is_person = |who: PrincipalId| matches!(model.principal(who).kind, PrincipalKind::Person { .. });
    (1..=MAX_CHAIN).contains(&chain.len())
        && operation(tool, args) == Some(request.op)
        && data.is_subset(&op.labels)
        && data.is_empty() == op.declared.is_empty()
        && is_instant(*now)
        && is_instant(*started)
        && started <= now
        && args.iter().all(|(name, value)| tool.args.get(name).is_some_and(|arg| fits(model, &arg.ty, value)))
        && tool.args.iter().all(|(name, arg)| match arg.source {
            ArgSource::Required | ArgSource::Default(_) => args.contains_key(name),
            ArgSource::Optional | ArgSource::Each(_) => true,
        })
        && session
            .iter()
            .all(|(name, value)| model.session.get(name).is_some_and(|ty| fits(model, ty, value)))
        && approvals.iter().all(|(&who, &at)| is_person(who) && is_instant(at))
}

fn is_instant(seconds: i64) -> bool {
    (EARLIEST..AFTER_LATEST).contains(&seconds)
}

/// Whether the value is one of the type.
fn fits(model: &Model, ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Bool, Value::Bool(_))
        | (Type::Int, Value::Int(_))
        | (Type::Decimal, Value::Decimal(_))
        | (Type::String, Value::Text(_))
        | (Type::Authn, Value::Authn(_))
        | (Type::Opaque, Value::Opaque) => true,
        (Type::Duration, Value::Duration(seconds)) => *seconds >= 0,
        (Type::Instant, Value::Instant(seconds)) => is_instant(*seconds),
        (Type::Path, Value::Text(text)) => value::parse_path(text).is_ok(),
        (Type::Url, Value::Text(text)) => value::parse_url(text).is_ok(),
        (Type::Ip, Value::Ip(address)) => value::parse_ip(&address.to_string()).is_ok(),
        (Type::Cidr, Value::Cidr(net)) => value::parse_cidr(&net.0.to_string()).is_ok(),
        (Type::Enum(values), Value::Text(text)) => values.contains(text),
        (Type::Person, Value::Text(name)) => {
            let person = model.principal_named(name).map(|id| &model.principal(id).kind);
            matches!(person, Some(PrincipalKind::Person { .. }))
        }
        (Type::Set(element), Value::Set(members)) => members.iter().all(|one| fits(model, element, one)),
        (
            Type::Bool
            | Type::Int
            | Type::Decimal
            | Type::String
            | Type::Authn
            | Type::Opaque
            | Type::Duration
            | Type::Instant
            | Type::Path
            | Type::Url
            | Type::Ip
            | Type::Cidr
            | Type::Enum(_)
            | Type::Person
            | Type::Set(_),
            _,
        ) => false,
    }
}
