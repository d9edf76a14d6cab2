//! Entities and values in Cedar's JSON, as they are without a schema: what is no plain value says so
//! by `__entity` or `__extn`.

use super::extension::{function, method};
use super::{Entities, Entity, Result, Uid, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

impl Entities {
    /// Reads entities; whose parents are above whom is followed to the end.
    ///
    /// # Errors
    ///
    /// What of it is no entity.
    pub fn read(json: &Json) -> Result<Entities> {
        let mut found = BTreeMap::new();
        for row in json.as_array().ok_or("entities are a list")? {
            let record = |key: &str| match row.get(key).map(value).transpose()? {
                Some(Value::Record(fields)) => Ok(fields),
                Some(_) => Err(format!("the `{key}` of an entity are no record")),
                None => Ok(BTreeMap::new()),
            };
            let parents = match row.get("parents") {
                Some(parents) => {
                    parents.as_array().ok_or("the `parents` of an entity are a list")?.as_slice()
                }
                None => &[],
            };
            let above = parents.iter().map(uid).collect::<Result<_>>()?;
            let entity = Entity { attributes: record("attrs")?, tags: record("tags")?, above };
            let uid = uid(row.get("uid").ok_or("an entity has no `uid`")?)?;
            if found.insert(uid, entity).is_some() {
                return Err("an entity comes twice".into());
            }
        }
        let parents: BTreeMap<Uid, BTreeSet<Uid>> =
            found.iter().map(|(uid, entity)| (uid.clone(), entity.above.clone())).collect();
        for entity in found.values_mut() {
            let mut waiting: Vec<Uid> = entity.above.iter().cloned().collect();
            while let Some(next) = waiting.pop() {
                let further = parents.get(&next).into_iter().flatten();
                waiting.extend(further.filter(|uid| entity.above.insert((*uid).clone())).cloned());
            }
        }
        Ok(Entities(found))
    }
}

/// A value.
///
/// # Errors
///
/// What of it is none.
pub fn value(json: &Json) -> Result<Value> {
    Ok(match json {
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::Long(number.as_i64().ok_or("a number is no 64-bit integer")?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(parts) => Value::Set(parts.iter().map(value).collect::<Result<_>>()?),
        Json::Object(fields) => match (fields.get("__entity"), fields.get("__extn")) {
            (Some(entity), None) => Value::Entity(uid(entity)?),
            (None, Some(call)) => extension(call)?,
            (None, None) => {
                let field = |(name, json): (&String, &Json)| Ok((name.clone(), value(json)?));
                Value::Record(fields.iter().map(field).collect::<Result<_>>()?)
            }
            (Some(_), Some(_)) => return Err("a value is an entity and an extension's".into()),
        },
        Json::Null => return Err("null is no value".into()),
    })
}

/// What a function, or a method of the first of its arguments, gives.
fn extension(call: &Json) -> Result<Value> {
    let several = call.get("args").and_then(Json::as_array);
    let args = call.get("arg").into_iter().chain(several.into_iter().flatten());
    let args = args.map(value).collect::<Result<Vec<_>>>()?;
    match (call.get("fn").and_then(Json::as_str), args.as_slice()) {
        (Some(name), [Value::Text(_)]) => function(name, &args),
        (Some(name), [of, rest @ ..]) => method(of, name, rest),
        _ => Err("an extension's value has no function and arguments".into()),
    }
}

/// An entity's type and id.
///
/// # Errors
///
/// That it is none.
pub fn uid(json: &Json) -> Result<Uid> {
    let json = json.get("__entity").unwrap_or(json);
    let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
    match (text("type"), text("id")) {
        (Some(kind), Some(id)) => Ok(Uid { kind, id }),
        _ => Err("an entity has no `type` and `id`".into()),
    }
}
