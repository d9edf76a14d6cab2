//! Guards: forbids that deny what is ill formed, and too weak authentication.
//!
//! They repeat, in Cedar, as much of the request contract as the schema cannot say; whoever
//! builds requests still reads the contract first.

use super::forbids::takes_part;
use super::grants::classes;
use super::policy::{Effect, Policy};
use super::shard::Shard;
use super::text::{self, all, any, has, member};
use crate::model::*;

/// What holds of every request of the root, and of every call to each of its operations.
pub(super) fn guards(shard: &Shard) -> Vec<String> {
    let general = [
        guard(shard, "time").unless(all(vec![
            instant("context.now"),
            "context.started >= 0".into(),
            "context.started <= context.now".into(),
        ])),
        guard(shard, "chain").unless(format!(
            "((context.hops == 0 && context.delegates.isEmpty()) || (context.hops >= 1 && context.hops < {MAX_CHAIN} && !context.delegates.isEmpty()))"
        )),
        guard(shard, "authentication").unless("(context.authn >= 0 && context.authn <= 3)".into()),
    ];
    // what the root itself demands is in its permits
    let levels = Authn::ALL.into_iter().skip(1).map(|level| {
        let demanding = shard.delegates.iter().filter(|&agent| shard.model.agent(agent).authn == level);
        let demanding = demanding.filter(|&agent| agent != shard.root).collect();
        policy(shard, &format!("authentication:{}", level.name()))
            .when(takes_part(shard, &demanding))
            .unless(format!("context.authn >= {}", level as i64))
    });
    let calls = shard.ops.iter().map(|op| {
        guard(shard, &shard.model.op_name(op)).actions(shard, &OpSet::only(op)).unless(call(shard, op))
    });
    general.into_iter().chain(levels).chain(calls).filter_map(|policy| policy.print()).collect()
}

fn guard(shard: &Shard, name: &str) -> Policy {
    policy(shard, &format!("well-formed:{name}"))
}

fn policy(shard: &Shard, what: &str) -> Policy {
    Policy::new(Effect::Forbid, shard.id(what)).principal(text::agent(shard.model, shard.root))
}

/// The call to `op` is well formed as far as its values go; the schema has checked their types.
fn call(shard: &Shard, op: OpId) -> String {
    let model = shard.model;
    let args = format!("context.{}", shard.shape.args());
    let Op { tool, variant, labels, .. } = model.op(op);
    let tool = model.tool(*tool);
    let data = match classes(model, labels) {
        Some(set) => all(vec!["!context.data.isEmpty()".into(), format!("{set}.containsAll(context.data)")]),
        None => "context.data.isEmpty()".into(),
    };
    let values = tool.args.iter().map(|(name, arg)| {
        let selects = tool.variant.as_ref().filter(|variants| variants.arg == *name);
        let read = member(&args, name);
        let good = match (selects, variant) {
            (Some(_), Some(value)) => format!("{read} == {}", text::string(value)),
            (Some(variants), None) => {
                let values = match &arg.ty {
                    Type::Enum(values) => {
                        values.iter().filter(|value| !variants.ops.contains_key(*value)).collect()
                    }
                    _ => Vec::new(),
                };
                match text::set(values.into_iter().map(|value| text::string(value))) {
                    Some(set) => format!("{set}.contains({read})"),
                    None => "false".into(),
                }
            }
            (None, _) => value(model, &arg.ty, &read),
        };
        match good.as_str() {
            "true" => good,
            _ if matches!(arg.source, ArgSource::Optional | ArgSource::Each(_)) => {
                format!("(if {} then {good} else true)", has(&args, name))
            }
            _ => all(vec![has(&args, name), good]),
        }
    });
    let resource = format!("resource == {}", text::entity("Tool", &tool.name));
    all([resource, data].into_iter().chain(values).collect())
}

/// What of the type Cedar's schema does not say.
fn value(model: &Model, ty: &Type, read: &str) -> String {
    match ty {
        Type::Enum(values) => one_of(values.iter().map(|value| text::string(value)), read),
        Type::Person => {
            let people =
                model.principals.iter().filter(|row| matches!(row.kind, PrincipalKind::Person { .. }));
            one_of(people.map(|row| text::string(&row.name)), read)
        }
        Type::Instant => instant(read),
        Type::Duration => format!("{read} >= 0"),
        Type::Path => all(vec![
            format!("{read} like \"/*\""),
            any(vec![format!("{read} == \"/\""), format!("!({read} like \"*/\")")]),
            all(["*//*", "*/./*", "*/../*", "*/.", "*/..", "*\\0*"]
                .iter()
                .map(|bad| format!("!({read} like \"{bad}\")"))
                .collect()),
        ]),
        Type::Set(of) => match &**of {
            Type::Enum(values) => all_of(values.iter().map(|value| text::string(value)), read),
            Type::Person => {
                let people =
                    model.principals.iter().filter(|row| matches!(row.kind, PrincipalKind::Person { .. }));
                all_of(people.map(|row| text::string(&row.name)), read)
            }
            Type::Bool
            | Type::Int
            | Type::Decimal
            | Type::String
            | Type::Path
            | Type::Url
            | Type::Instant
            | Type::Duration
            | Type::Ip
            | Type::Cidr
            | Type::Set(_)
            | Type::Opaque
            | Type::Authn => "true".into(),
        },
        Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::String
        | Type::Url
        | Type::Ip
        | Type::Cidr
        | Type::Opaque
        | Type::Authn => "true".into(),
    }
}

fn one_of(values: impl Iterator<Item = String>, read: &str) -> String {
    text::set(values).map_or_else(|| "false".into(), |set| format!("{set}.contains({read})"))
}

fn all_of(values: impl Iterator<Item = String>, read: &str) -> String {
    text::set(values).map_or_else(|| format!("{read}.isEmpty()"), |set| format!("{set}.containsAll({read})"))
}

fn instant(read: &str) -> String {
    format!("({read} >= {EARLIEST} && {read} < {AFTER_LATEST})")
}
