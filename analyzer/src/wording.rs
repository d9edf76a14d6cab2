//! A condition as it could have been written.

use bailiwick_compiler::model::*;
use bailiwick_compiler::types::value::{decimal_text, duration_text, instant_text};
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};

/// The condition's text: `not` is pushed down to the comparisons, as it is read.
pub fn condition(model: &Model, cond: &Cond) -> String {
    match cond {
        Cond::All(parts) if parts.is_empty() => "true".into(),
        Cond::Any(parts) if parts.is_empty() => "false".into(),
        Cond::All(parts) => joined(model, parts, " and "),
        Cond::Any(parts) => joined(model, parts, " or "),
        Cond::Literal(Literal { atom, negated, .. }) => literal(model, atom, *negated),
    }
}

fn joined(model: &Model, parts: &[Cond], by: &str) -> String {
    let part = |part: &Cond| match part {
        Cond::All(inner) | Cond::Any(inner) if inner.len() > 1 => format!("({})", condition(model, part)),
        Cond::All(_) | Cond::Any(_) | Cond::Literal(_) => condition(model, part),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(by)
}

fn literal(model: &Model, atom: &Atom, negated: bool) -> String {
    let operand = |operand: &Operand| match operand {
        Operand::Value(constant) => value(constant),
        Operand::Attr(attr) => attr.text(),
    };
    let not = if negated { "not " } else { "" };
    match atom {
        Atom::Compare { left, op: CompareOp::Eq, right: Operand::Value(Value::Bool(true)) } => {
            format!("{not}{}", left.text())
        }
        Atom::Compare { left, op, right } => {
            format!("{not}{} {} {}", left.text(), op.symbol(), operand(right))
        }
        Atom::OneOf { attr, values } => format!("{} {not}in {}", attr.text(), list(values)),
        Atom::Contains { set, element } => format!("{not}{} contains {}", set.text(), operand(element)),
        Atom::ContainsAll { set, values } => format!("{not}{} contains-all {}", set.text(), list(values)),
        Atom::ContainsAny { set, values } => format!("{not}{} contains-any {}", set.text(), list(values)),
        Atom::SubsetOf { set, values } => format!("{not}{} subset-of {}", set.text(), list(values)),
        Atom::Like { attr, pattern } => format!("{not}{} like \"{}\"", attr.text(), written(pattern)),
        Atom::Under { attr, base } => format!("{not}{} under \"{base}\"", attr.text()),
        Atom::Host { attr, host, below } => {
            format!("{not}{} host \"{}{host}\"", attr.text(), if *below { "*." } else { "" })
        }
        Atom::InNet { attr, nets } => {
            let nets: Vec<String> = nets.iter().map(|net| format!("\"{}\"", net.0)).collect();
            format!("{not}{} in ({})", attr.text(), nets.join(", "))
        }
        Atom::Has(attr) => format!("{not}has {}", attr.text()),
        Atom::Approved(demand) => format!(
            "{not}approved by {} within {}{}",
            model.principal(demand.by).name,
            duration_text(demand.within),
            if demand.independent { " independent" } else { "" },
        ),
        Atom::Purpose(purposes) => {
            let names: Vec<&str> = purposes.iter().map(|purpose| &*model.purpose(purpose).name).collect();
            format!("purpose {not}in ({})", names.join(", "))
        }
        Atom::During(_) => format!("{not}during the hours stated"),
    }
}

fn list<'v>(values: impl IntoIterator<Item = &'v Value>) -> String {
    format!("({})", values.into_iter().map(value).collect::<Vec<_>>().join(", "))
}

/// A constant as it is written.
pub fn value(constant: &Value) -> String {
    match constant {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Decimal(value) => decimal_text(*value),
        Value::Text(text) => format!("\"{}\"", text.escape_debug()),
        Value::Instant(at) => instant_text(*at),
        Value::Duration(seconds) => duration_text(*seconds),
        Value::Ip(address) => format!("\"{address}\""),
        Value::Cidr(net) => format!("\"{}\"", net.0),
        Value::Authn(level) => level.name().into(),
        Value::Set(members) => list(members),
        Value::Opaque => "something".into(),
    }
}

fn written(pattern: &Pattern) -> String {
    let part = |part: &PatternPart| match part {
        PatternPart::Text(text) => text.replace('\\', "\\\\").replace('*', "\\*"),
        PatternPart::Star => "*".into(),
    };
    pattern.0.iter().map(part).collect()
}
