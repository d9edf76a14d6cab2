//! Literals and bare names, as values of the type that is expected.
//!
//! A literal has no type of its own beyond its form: `"10.0.0.1"` is a string, a path's worth
//! of nonsense or an address, as the attribute beside it demands.

use super::type_text;
use super::value::{self, Malformed};
use crate::diagnostic::{Diagnostic, Explanation, Fix, Location, error};
use crate::lower::{Lowered, Scope};
use crate::model::{Authn, Str, Type, Value};
use crate::resolve::names::suggest;
use bailiwick_grammar::ast::{Literal, Operand};
use bailiwick_grammar::{At, Span};

impl Scope<'_> {
    /// The value of that type that is written.
    pub(crate) fn constant(&mut self, operand: &At<Operand>, ty: &Type) -> Lowered<Value> {
        match &operand.node {
            Operand::Name(name) => self.named_value(&name.node, name.span, ty),
            Operand::Literal(literal) => self.literal(literal, operand.span, ty),
        }
    }

    /// A bare name: an enumeration value, a person, a level.
    pub(crate) fn named_value(&mut self, name: &Str, span: Span, ty: &Type) -> Lowered<Value> {
        match ty {
            Type::Enum(values) => self.alternative(name, span, values),
            Type::Person => self.person(name, span).map(|_| Value::Text(name.clone())),
            Type::Authn => {
                let level = Authn::named(name);
                let all = Authn::ALL.map(Authn::name);
                self.word(&At::new(name.clone(), span), "authentication level", level, &all).map(Value::Authn)
            }
            Type::Bool if &**name == "true" || &**name == "false" => Ok(Value::Bool(&**name == "true")),
            Type::String | Type::Path | Type::Url | Type::Ip | Type::Cidr => {
                let problem =
                    error("wrong-type", format!("`{name}` is a name, and a {} is meant here", type_text(ty)))
                        .help(format!("write it as a string: `\"{name}\"`"));
                Err(self.report(problem, span))
            }
            Type::Bool | Type::Int | Type::Decimal | Type::Instant | Type::Duration => {
                let problem =
                    error("wrong-type", format!("`{name}` is a name, and {} is meant here", an(ty)))
                        .help(format!("write {}", example(ty)));
                Err(self.report(problem, span))
            }
            Type::Set(_) | Type::Opaque => Err(self.incomparable(span, ty)),
        }
    }

    /// A literal of that type.
    pub(crate) fn literal(&mut self, literal: &Literal, span: Span, ty: &Type) -> Lowered<Value> {
        match (ty, literal) {
            (Type::Bool, Literal::Bool(value)) => Ok(Value::Bool(*value)),
            (Type::Int, Literal::Int(value)) => Ok(Value::Int(*value)),
            (Type::Decimal, Literal::Decimal(value)) => Ok(Value::Decimal(*value)),
            (Type::Decimal, Literal::Int(value)) => match value.checked_mul(10_000) {
                Some(value) => Ok(Value::Decimal(value)),
                None => Err(self.report(
                    error("out-of-range", format!("`{value}` is beyond what a decimal can be"))
                        .help("decimals run from -922337203685477.5808 to 922337203685477.5807"),
                    span,
                )),
            },
            (Type::String, Literal::Text(text)) => Ok(Value::Text(text.clone())),
            (Type::Enum(values), Literal::Text(text)) => self.alternative(text, span, values),
            (Type::Person, Literal::Text(text)) => self.person(text, span).map(|_| Value::Text(text.clone())),
            (Type::Path, Literal::Text(text)) => {
                self.normal(value::parse_path(text), text, span, value::normalise_path).map(Value::Text)
            }
            (Type::Url, Literal::Text(text)) => {
                self.normal(value::parse_url(text), text, span, value::normalise_url).map(Value::Text)
            }
            (Type::Ip, Literal::Text(text)) => {
                let shortest =
                    |text: &str| text.parse::<std::net::IpAddr>().ok().map(|address| address.to_string());
                self.normal(value::parse_ip(text), text, span, shortest).map(Value::Ip)
            }
            (Type::Cidr, Literal::Text(text)) => self.net(text, span).map(Value::Cidr),
            (Type::Instant, Literal::Instant(seconds)) => Ok(Value::Instant(*seconds)),
            (Type::Duration, Literal::Duration(seconds)) => Ok(Value::Duration(*seconds)),
            (Type::Duration, Literal::Int(number)) => Err(self.report(
                error("wrong-unit", format!("`{number}` is a bare number, and a duration is meant here"))
                    .help(format!("say the unit: `{number}s`, `{number}m`, `{number}h`")),
                span,
            )),
            (Type::Int | Type::Decimal, Literal::Duration(seconds)) => Err(self.report(
                error(
                    "wrong-unit",
                    format!("`{}` is a duration, and a number is meant here", value::duration_text(*seconds)),
                )
                .help("leave the unit out, or declare the attribute a `duration`"),
                span,
            )),
            (Type::Set(_) | Type::Opaque, _) => Err(self.incomparable(span, ty)),
            (
                Type::Bool
                | Type::Int
                | Type::Decimal
                | Type::String
                | Type::Enum(_)
                | Type::Person
                | Type::Path
                | Type::Url
                | Type::Ip
                | Type::Cidr
                | Type::Instant
                | Type::Duration
                | Type::Authn,
                _,
            ) => {
                let form = match literal {
                    Literal::Bool(_) => "a boolean",
                    Literal::Int(_) => "an integer",
                    Literal::Decimal(_) => "a decimal",
                    Literal::Text(_) => "a string",
                    Literal::Instant(_) => "an instant",
                    Literal::Duration(_) => "a duration",
                };
                let problem = error("wrong-type", format!("this is {form}, and {} is meant here", an(ty)))
                    .help(format!("write {}", example(ty)));
                Err(self.report(problem, span))
            }
        }
    }

    /// A network that is written as text; a single address is the network of itself.
    pub(crate) fn net(&mut self, text: &Str, span: Span) -> Lowered<crate::model::Net> {
        let trimmed = |text: &str| text.parse::<ipnet::IpNet>().ok().map(|net| net.trunc().to_string());
        self.normal(value::parse_cidr(text), text, span, trimmed)
    }

    /// A text that must be in normal form; shows that form otherwise.
    fn normal<T>(
        &mut self,
        parsed: Result<T, Malformed>,
        text: &str,
        span: Span,
        normalise: impl Fn(&str) -> Option<String>,
    ) -> Lowered<T> {
        parsed.map_err(|why| {
            let problem = error("not-normalised", format!("`{text}` cannot stand here: {why}"));
            let problem = self.offer(problem, span, normalise(text));
            self.report(problem, span)
        })
    }

    /// Adds what was probably meant, as help and as fix.
    pub(crate) fn offer(&self, problem: Diagnostic, span: Span, meant: Option<String>) -> Diagnostic {
        let Some(meant) = meant else { return problem };
        let literal = format!("\"{meant}\"");
        let mut problem = problem.help(format!("write `{literal}`"));
        problem.fix = Some(Fix {
            title: format!("write {literal}"),
            edits: vec![(Location { module: self.module.clone(), span }, literal)],
        });
        problem
    }

    fn alternative(&mut self, text: &Str, span: Span, values: &[Str]) -> Lowered<Value> {
        if values.contains(text) {
            return Ok(Value::Text(text.clone()));
        }
        let help = match suggest(text, values) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "one of {}",
                values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        let problem = error("unknown-value", format!("`{text}` is not one of the alternatives")).help(help);
        Err(self.report(problem, span))
    }

    pub(crate) fn incomparable(&mut self, span: Span, ty: &Type) -> crate::lower::Reported {
        let (what, help) = match ty {
            Type::Opaque => {
                ("an opaque value", "only `has` can ask about it; derive an argument from it with `each`")
            }
            _ => ("a set", "ask with `contains`, `contains-all`, `contains-any` or `subset-of`"),
        };
        self.report(error("wrong-type", format!("{what} cannot be compared like this")).help(help), span)
    }
}

/// A type with its article.
pub(crate) fn an(ty: &Type) -> String {
    match ty {
        Type::Int | Type::Instant | Type::Ip | Type::Authn => format!("an {}", type_text(ty)),
        Type::Enum(_) => format!("one of `{}`", type_text(ty)),
        _ => format!("a {}", type_text(ty)),
    }
}

fn example(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "`true` or `false`",
        Type::Int => "a whole number: `500`",
        Type::Decimal => "a number of at most four places: `12.5`",
        Type::String => "a string: `\"eu-west-1\"`",
        Type::Path => "a path: `\"/srv/data\"`",
        Type::Url => "a url: `\"https://api.example.com/v1\"`",
        Type::Instant => "an instant: `2026-10-01` or `2026-10-01T09:30:00Z`",
        Type::Duration => "a duration: `15m`",
        Type::Ip => "an address: `\"10.0.0.1\"`",
        Type::Cidr => "a network: `\"10.0.0.0/8\"`",
        Type::Enum(_) => "one of the alternatives",
        Type::Person => "the name of a person",
        Type::Authn => "one of `api-key`, `oauth`, `mtls`, `hardware-key`",
        Type::Set(_) | Type::Opaque => "nothing",
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "wrong-type",
        "a value or an attribute is of another type than what it is compared with",
        "engines differ in what they make of it; `null <= 500` is true in one of them",
        "tool pay { arg amount: int  effect write  touches nothing }\nforbid f { tools pay  when args.amount > \"500\" }\n",
        "write a value of the attribute's type",
    ),
    Explanation::error(
        "wrong-unit",
        "a bare number stands where a duration is meant, or a duration where a number is",
        "900 could be seconds, minutes or days",
        "tool wait { arg time: duration  effect read  touches nothing }\nforbid f { tools wait  when args.time > 900 }\n",
        "say the unit: `15m`",
    ),
    Explanation::error(
        "out-of-range",
        "a number is beyond what its type holds",
        "engines would round it or wrap it around",
        "tool pay { arg price: decimal  effect write  touches nothing }\nforbid f { tools pay  when args.price > 9_000_000_000_000_000_000 }\n",
        "use a smaller number",
    ),
    Explanation::error(
        "unknown-value",
        "a value is not one of an enumeration's alternatives",
        "a comparison with it would never be true",
        "session { environment: production | staging }\nforbid f { when session.environment == prodution }\n",
        "use one of the alternatives",
    ),
    Explanation::error(
        "not-normalised",
        "a path, url, host, address or network is not in its normal form",
        "two texts for one thing let a call slip past a rule that names the other text",
        "tool read { arg file: path  effect read  touches nothing }\nforbid f { tools read  when args.file under \"/srv/../etc\" }\n",
        "write the normal form, which the help shows where there is one",
    ),
];
