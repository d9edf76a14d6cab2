//! Which attributes a pattern's text fits.

use super::pattern::{Pattern, Token, Variable};
use super::predicate::{all, any, equals, not};
use crate::model::*;
use crate::targets::iam::request::key_text;
use crate::targets::reading::Predicate;
use crate::types::value::{int_from_text, parse_instant, parse_ip, parse_path, parse_url};
use bailiwick_grammar::ast::{CompareOp, Pattern as Like, PatternPart};

/// What an attribute is.
pub type TypeOf<'a> = &'a dyn Fn(&Attr) -> Option<Type>;
/// The attribute or text that a policy variable stands for; `None` when nothing is known of it.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Option<Attr>;

/// The attribute is there and its text is matched; an error says what cannot be told.
pub fn text_is(
    model: &Model,
    attr: &Attr,
    tokens: &[Token],
    type_of: TypeOf,
    resolve: Resolve,
) -> Result<Predicate, String> {
    let ty = type_of(attr).ok_or("nothing is known of what it speaks of")?;
    let pattern = Pattern { tokens: tokens.to_vec(), ignore_case: false };
    let cannot = || format!("`{}` cannot be held against `{pattern}`", attr.text());
    if let [Token::Variable(Variable { key, default })] = tokens {
        let other = resolve(key).ok_or_else(cannot)?;
        if type_of(&other).as_ref() != Some(&ty)
            || !matches!(ty, Type::String | Type::Person | Type::Enum(_) | Type::Int)
        {
            return Err(cannot());
        }
        let same =
            Atom::Compare { left: attr.clone(), op: CompareOp::Eq, right: Operand::Attr(other.clone()) };
        return Ok(match default {
            None => Predicate::atom(same),
            Some(default) => {
                let default: Vec<Token> = default.chars().map(Token::Char).collect();
                let otherwise = text_is(model, attr, &default, type_of, resolve)?;
                any(vec![Predicate::atom(same), all(vec![not(Predicate::has(&other)), otherwise])])
            }
        });
    }
    if pattern.variables().next().is_some() {
        return Err(cannot());
    }
    if tokens.contains(&Token::Any) && tokens.iter().all(Token::is_run) {
        return Ok(Predicate::has(attr));
    }
    if let Some(values) = values_of(model, &ty) {
        let values =
            values.into_iter().filter(|value| key_text(value).is_some_and(|text| pattern.matches(&text)));
        return Ok(Predicate::atom(Atom::OneOf { attr: attr.clone(), values: values.collect() }));
    }
    if let Some(text) = pattern.literal() {
        let value = match ty {
            Type::String => Some(Value::Text(text.into())),
            Type::Path => parse_path(&text).ok().map(|_| Value::Text(text.into())),
            Type::Url => parse_url(&text).ok().map(|_| Value::Text(text.into())),
            Type::Int => int_from_text(&text).filter(|value| value.to_string() == text).map(Value::Int),
            Type::Ip => parse_ip(&text).ok().map(Value::Ip),
            Type::Instant => parse_instant(&text).ok().map(Value::Instant),
            Type::Bool
            | Type::Enum(_)
            | Type::Person
            | Type::Decimal
            | Type::Duration
            | Type::Cidr
            | Type::Set(_)
            | Type::Opaque
            | Type::Authn => return Err(cannot()),
        };
        return Ok(value.map_or(Predicate::FALSE, |value| equals(attr, value)));
    }
    match ty {
        Type::String => like(attr, tokens).ok_or_else(cannot),
        Type::Path => below(attr, tokens).ok_or_else(cannot),
        // an integer's text holds digits, and no `:`
        Type::Int if tokens.iter().all(Token::is_run) => Ok(Predicate::has(attr)),
        Type::Int if tokens.iter().any(is_no_digit) => Ok(Predicate::FALSE),
        Type::Int
        | Type::Url
        | Type::Bool
        | Type::Enum(_)
        | Type::Person
        | Type::Decimal
        | Type::Instant
        | Type::Duration
        | Type::Ip
        | Type::Cidr
        | Type::Set(_)
        | Type::Opaque
        | Type::Authn => Err(cannot()),
    }
}

/// The values of a type that has few.
pub fn values_of(model: &Model, ty: &Type) -> Option<Vec<Value>> {
    match ty {
        Type::Bool => Some(vec![Value::Bool(false), Value::Bool(true)]),
        Type::Enum(values) => Some(values.iter().cloned().map(Value::Text).collect()),
        Type::Person => {
            let people =
                model.principals.iter().filter(|one| matches!(one.kind, PrincipalKind::Person { .. }));
            Some(people.map(|person| Value::Text(person.name.clone())).collect())
        }
        Type::Int
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
        | Type::Authn => None,
    }
}

fn is_no_digit(token: &Token) -> bool {
    matches!(token, Token::Char(c) if !c.is_ascii_digit() && *c != '-')
}

/// A pattern on a text as the language can say it.
fn like(attr: &Attr, tokens: &[Token]) -> Option<Predicate> {
    let mut parts: Vec<PatternPart> = Vec::new();
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Char(c) => text.push(*c),
            Token::Any | Token::AnyInField => {
                if !text.is_empty() {
                    parts.push(PatternPart::Text(std::mem::take(&mut text).into()));
                }
                if parts.last() != Some(&PatternPart::Star) {
                    parts.push(PatternPart::Star);
                }
            }
            Token::One | Token::OneInField | Token::Variable(_) => return None,
        }
    }
    if !text.is_empty() {
        parts.push(PatternPart::Text(text.into()));
    }
    let like = |parts| Predicate::atom(Atom::Like { attr: attr.clone(), pattern: Like(parts) });
    let within_fields = tokens.contains(&Token::AnyInField);
    if within_fields && (tokens.contains(&Token::Any) || tokens.contains(&Token::Char(':'))) {
        return None;
    }
    let colon = vec![PatternPart::Star, PatternPart::Text(":".into()), PatternPart::Star];
    Some(if within_fields { all(vec![like(parts), not(like(colon))]) } else { like(parts) })
}

/// `BASE/*` on a path.
fn below(attr: &Attr, tokens: &[Token]) -> Option<Predicate> {
    let (last, head) = tokens.split_last()?;
    let head: String = Pattern { tokens: head.to_vec(), ignore_case: false }.literal()?;
    let base = head.strip_suffix('/').filter(|_| *last == Token::Any)?;
    if base.is_empty() {
        return Some(Predicate::has(attr));
    }
    if parse_path(base).is_err() {
        return Some(Predicate::FALSE); // a path below it would not be normalised
    }
    let base: Str = base.into();
    let under = Predicate::atom(Atom::Under { attr: attr.clone(), base: base.clone() });
    Some(all(vec![under, Predicate::compare(attr, CompareOp::Ne, Value::Text(base))]))
}
