//! Conditions from data to the model's own.
//!
//! What a constant means depends on the type that its attribute has in the tools that the condition
//! governs: `500` may be an amount, an instant, a level. What is read is written again, and has to
//! give the same data: so no field is overlooked, and none is there that means nothing.

use super::super::condition::{CONTAINS, LACKS, condition, pattern, value};
use crate::model::*;
use crate::types::literal::an;
use crate::types::value::{check_host, parse_cidr, parse_ip, parse_path, parse_url};
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// What was read, or one sentence on what was not understood.
pub type Lifted<T> = Result<T, String>;

/// What conditions are read against.
#[derive(Clone, Copy)]
pub struct Governed<'a> {
    /// The model.
    pub model: &'a Model,
    /// The operations that the condition governs.
    pub ops: &'a OpSet,
    /// How deep conditions may nest for the module to follow them.
    pub deepest: usize,
}

impl Governed<'_> {
    /// The condition that the data holds.
    pub fn condition(&self, json: &Json) -> Lifted<Cond> {
        self.nested(json, self.deepest)
    }

    fn nested(&self, json: &Json, left: usize) -> Lifted<Cond> {
        let object = json.as_object().ok_or("a condition is no object")?;
        let mut members = object.iter();
        let (Some((key, Json::Array(parts))), None) = (members.next(), members.next()) else {
            return self.literal(object, json);
        };
        let Some(below) = left.checked_sub(1) else {
            return Err("a condition nests deeper than the module follows".into());
        };
        let parts = parts.iter().map(|part| self.nested(part, below)).collect::<Lifted<_>>()?;
        match key.as_str() {
            "all" => Ok(Cond::All(parts)),
            "any" => Ok(Cond::Any(parts)),
            _ => Err(format!("`{key}` is no connective")),
        }
    }

    fn literal(&self, object: &Map<String, Json>, json: &Json) -> Lifted<Cond> {
        let flag = |name: &str| object.get(name).is_some_and(|value| *value == Json::Bool(true));
        let negated = ["fails", "isnt"].iter().any(|key| object.contains_key(*key))
            || object.get("op").is_some_and(|op| op == LACKS);
        let (atom, absent) = (self.atom(object)?, flag("absent"));
        let read = Cond::Literal(Literal { atom, negated, absent });
        match condition(self.model, &read) == *json {
            true => Ok(read),
            false => Err(format!("the literal {json} is not written as this version writes it")),
        }
    }

    fn atom(&self, object: &Map<String, Json>) -> Lifted<Atom> {
        let field = |name: &str| object.get(name).ok_or_else(|| format!("the literal has no `{name}`"));
        let text = || field("value")?.as_str().ok_or_else(|| "`value` is no text".to_owned());
        let array = || field("value")?.as_array().ok_or_else(|| "`value` is no list".to_owned());
        let values = |ty: &Type| -> Lifted<BTreeSet<Value>> {
            array()?.iter().map(|json| self.constant(ty, json)).collect()
        };
        let operand = |ty: &Type| match object.contains_key("other") {
            false => self.constant(ty, field("value")?).map(Operand::Value),
            true => match self.attribute(field("other")?.as_object().ok_or("`other` is no attribute")?)? {
                (other, of) if of == *ty => Ok(Operand::Attr(other)),
                (other, of) => Err(format!("`{}` is {}, not {}", other.text(), an(&of), an(ty))),
            },
        };
        let attr = || self.attribute(object);
        let elements = |ty: Type| match ty {
            Type::Set(of) => Ok(*of),
            ty => Err(format!("{} is asked for its elements", an(&ty))),
        };
        let of_type = |fits: fn(&Type) -> bool| match attr()? {
            (attr, ty) if fits(&ty) => Ok(attr),
            (_, ty) => Err(format!("{} is asked what it cannot be asked", an(&ty))),
        };
        let word = ["op", "fails", "is", "isnt"].into_iter().find_map(|name| object.get(name)?.as_str());
        let word = word.ok_or("the literal asks nothing")?;
        Ok(match word {
            "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                let op = COMPARISONS.into_iter().find(|op| op.symbol() == word).ok_or("no comparison")?;
                let (left, ty) = attr()?;
                if !matches!(op, CompareOp::Eq | CompareOp::Ne) && !ty.is_ordered() {
                    return Err(format!("{} has no order", an(&ty)));
                }
                if matches!(ty, Type::Set(_) | Type::Opaque) {
                    return Err(format!("{} is compared", an(&ty)));
                }
                Atom::Compare { left, op, right: operand(&ty)? }
            }
            "in" => {
                let (attr, ty) = attr()?;
                Atom::OneOf { attr, values: values(&ty)? }
            }
            CONTAINS | LACKS => {
                let (set, ty) = attr()?;
                Atom::Contains { set, element: operand(&elements(ty)?)? }
            }
            "contains-all" => {
                let (set, ty) = attr()?;
                Atom::ContainsAll { set, values: values(&elements(ty)?)? }
            }
            "contains-any" => {
                let (set, ty) = attr()?;
                Atom::ContainsAny { set, values: values(&elements(ty)?)? }
            }
            "subset-of" => {
                let (set, ty) = attr()?;
                Atom::SubsetOf { set, values: values(&elements(ty)?)? }
            }
            "like" => {
                let attr = of_type(|ty| *ty == Type::String)?;
                let pattern = pattern(text()?).ok_or("`value` is no pattern of the language")?;
                Atom::Like { attr, pattern }
            }
            "begins" => {
                let attr = of_type(|ty| *ty == Type::String)?;
                let parts = vec![PatternPart::Text(text()?.into()), PatternPart::Star];
                Atom::Like { attr, pattern: Pattern(parts) }
            }
            "under" => {
                let (attr, ty) = attr()?;
                let base = match self.constant(&ty, array()?.first().ok_or("nothing to be under")?)? {
                    Value::Text(base) if ty == Type::Path => base,
                    Value::Text(base) if ty == Type::Url && !base.contains(['?', '#']) => base,
                    _ => return Err(format!("nothing is under {}", an(&ty))),
                };
                Atom::Under { attr, base }
            }
            "host" | "host-below" => {
                let attr = of_type(|ty| *ty == Type::Url)?;
                let host = text()?;
                check_host(host)?;
                Atom::Host { attr, host: host.into(), below: word == "host-below" }
            }
            "in-net" => {
                let attr = of_type(|ty| *ty == Type::Ip)?;
                let net = |json: &Json| parse_cidr(json.as_str().unwrap_or_default());
                Atom::InNet { attr, nets: array()?.iter().map(net).collect::<Result<_, _>>()? }
            }
            "has" => Atom::Has(attr()?.0),
            "approved" => Atom::Approved(demand(self.model, object)?),
            "purpose" => {
                let names = field("purposes")?.as_object().ok_or("`purposes` is no set")?;
                let purpose = |name: &String| {
                    self.model.purpose_named(name).ok_or_else(|| format!("`{name}` is no purpose"))
                };
                Atom::Purpose(names.keys().map(purpose).collect::<Lifted<_>>()?)
            }
            "during" => {
                let ranges: Vec<(i64, i64)> =
                    serde_json::from_value(field("ranges")?.clone()).map_err(|error| error.to_string())?;
                let apart = ranges.windows(2).all(|pair| pair[0].1 < pair[1].0);
                if !apart || ranges.iter().any(|(from, to)| from >= to) {
                    return Err("its ranges are empty, or meet, or are out of order".into());
                }
                Atom::During(ranges)
            }
            _ => return Err(format!("`{word}` is no question")),
        })
    }

    /// The attribute that is asked about, and its type in every governed tool.
    fn attribute(&self, place: &Map<String, Json>) -> Lifted<(Attr, Type)> {
        let model = self.model;
        let text = |name: &str| place.get(name).and_then(Json::as_str);
        let (Some(of), Some(name)) = (text("of"), text("attr")) else {
            return Err("a literal does not say which attribute it is about".into());
        };
        Ok(match (of, name) {
            ("moment", "now") => (Attr::Now, Type::Instant),
            ("moment", "started") => (Attr::Started, Type::Instant),
            ("moment", "authn") => (Attr::Authn, Type::Authn),
            ("session", name) => {
                let ty = model.session.get(name).ok_or_else(|| format!("sessions have no `{name}`"))?;
                (Attr::Session(name.into()), ty.clone())
            }
            ("args", name) => {
                let mut types =
                    self.ops.iter().map(|op| model.tool(model.op(op).tool).args.get(name).map(|arg| &arg.ty));
                let first = types.next().flatten();
                let ty = first.filter(|ty| types.all(|other| other == Some(*ty)));
                let ty = ty.ok_or_else(|| {
                    format!("`args.{name}` is no argument, of one type, of every tool that this governs")
                })?;
                (Attr::Arg(name.into()), ty.clone())
            }
            (of, name) => return Err(format!("`{of}` has no `{name}`")),
        })
    }

    /// A constant of a type, as the module sees it once it has read it.
    fn constant(&self, ty: &Type, json: &Json) -> Lifted<Value> {
        let wrong = || format!("`{json}` is not {}", an(ty));
        let number = || json.as_i64().ok_or_else(wrong);
        let text = || json.as_str().ok_or_else(wrong);
        let people = |name: &str| {
            let id = self.model.principal_named(name)?;
            matches!(self.model.principal(id).kind, PrincipalKind::Person { .. }).then_some(id)
        };
        let read = match ty {
            Type::Bool => Value::Bool(json.as_bool().ok_or_else(wrong)?),
            Type::Int => Value::Int(number()?),
            Type::Decimal => Value::Decimal(number()?),
            Type::Duration => Value::Duration(number()?),
            Type::Instant => Value::Instant(number()?),
            Type::Authn => {
                let level = usize::try_from(number()?).ok().and_then(|at| Authn::ALL.get(at).copied());
                Value::Authn(level.ok_or_else(wrong)?)
            }
            Type::String => Value::Text(text()?.into()),
            Type::Path => Value::Text(parse_path(text()?)?),
            Type::Url => Value::Text(parse_url(text()?)?),
            Type::Ip => Value::Ip(parse_ip(text()?)?),
            Type::Cidr => Value::Cidr(parse_cidr(text()?)?),
            Type::Enum(values) => Value::Text(
                values.iter().find(|value| Some(&***value) == json.as_str()).ok_or_else(wrong)?.clone(),
            ),
            Type::Person => {
                people(text()?).ok_or_else(wrong)?;
                Value::Text(text()?.into())
            }
            Type::Set(_) | Type::Opaque => return Err(wrong()),
        };
        let in_range = match &read {
            Value::Duration(seconds) => *seconds >= 0,
            Value::Instant(seconds) => (EARLIEST..AFTER_LATEST).contains(seconds),
            read => value(read) == *json,
        };
        in_range.then_some(read).ok_or_else(wrong)
    }
}

const COMPARISONS: [CompareOp; 6] =
    [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge];

/// The approval that is asked for. Who counts follows from who is to give it: the caller writes
/// what is read again, and compares.
pub fn demand(model: &Model, object: &Map<String, Json>) -> Lifted<Demand> {
    let by = object.get("by").and_then(Json::as_str).ok_or("nobody is to approve")?;
    let by = model.principal_named(by).ok_or_else(|| format!("`{by}` is nobody"))?;
    let within = object.get("within").and_then(Json::as_i64).ok_or("an approval of any age")?;
    let independent = object.get("independent") == Some(&Json::Bool(true));
    Ok(Demand { by, within, independent })
}
