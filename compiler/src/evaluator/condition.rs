//! Whether a condition holds of a request.

use super::grant::approval_given;
use crate::model::*;
use crate::request::Request;
use crate::types::value::{host_matches, path_under, url_under};
use bailiwick_grammar::ast::{CompareOp, Pattern, PatternPart};

/// Whether the condition holds. It is two-valued: a literal that compares an absent attribute has
/// the value that it was lowered with.
pub fn holds(model: &Model, cond: &Cond, request: &Request) -> bool {
    match cond {
        Cond::All(parts) => parts.iter().all(|part| holds(model, part, request)),
        Cond::Any(parts) => parts.iter().any(|part| holds(model, part, request)),
        Cond::Literal(literal) => match atom(model, &literal.atom, request) {
            Some(truth) => truth != literal.negated,
            None => literal.absent,
        },
    }
}

/// The value of an attribute; `None` when it is absent.
pub fn value_of(attr: &Attr, request: &Request) -> Option<Value> {
    match attr {
        Attr::Arg(name) => request.args.get(name).cloned(),
        Attr::Session(name) => request.session.get(name).cloned(),
        Attr::Now => Some(Value::Instant(request.now)),
        Attr::Started => Some(Value::Instant(request.started)),
        Attr::Authn => Some(Value::Authn(request.authn)),
    }
}

/// Whether the atom is true; `None` when an attribute that it compares is absent.
fn atom(model: &Model, atom: &Atom, request: &Request) -> Option<bool> {
    let value = |attr: &Attr| value_of(attr, request);
    let operand = |operand: &Operand| match operand {
        Operand::Value(constant) => Some(constant.clone()),
        Operand::Attr(attr) => value(attr),
    };
    Some(match atom {
        Atom::Compare { left, op, right } => compare(&value(left)?, *op, &operand(right)?),
        Atom::OneOf { attr, values } => values.contains(&value(attr)?),
        Atom::Contains { set, element } => {
            let (set, element) = (value(set)?, operand(element)?);
            elements(&set).any(|member| *member == element)
        }
        Atom::ContainsAll { set, values } => {
            let set = value(set)?;
            values.iter().all(|wanted| elements(&set).any(|member| member == wanted))
        }
        Atom::ContainsAny { set, values } => elements(&value(set)?).any(|member| values.contains(member)),
        Atom::SubsetOf { set, values } => elements(&value(set)?).all(|member| values.contains(member)),
        Atom::Like { attr, pattern } => matches_pattern(pattern, text(&value(attr)?)),
        Atom::Under { attr, base } => {
            let value = value(attr)?;
            if base.starts_with('/') { path_under(base, text(&value)) } else { url_under(base, text(&value)) }
        }
        Atom::Host { attr, host, below } => host_matches(host, *below, text(&value(attr)?)),
        Atom::InNet { attr, nets } => match value(attr)? {
            Value::Ip(address) => nets.iter().any(|net| net.0.contains(&address)),
            _ => false,
        },
        Atom::Has(attr) => value(attr).is_some(),
        Atom::Approved(demand) => approval_given(model, demand, request),
        Atom::Purpose(purposes) => purposes.contains(request.purpose),
        Atom::During(ranges) => {
            // The range that could hold `now` is the last one that starts at or before it.
            let after = ranges.partition_point(|&(start, _)| start <= request.now);
            after > 0 && request.now < ranges[after - 1].1
        }
    })
}

fn compare(left: &Value, op: CompareOp, right: &Value) -> bool {
    match op {
        CompareOp::Eq => left == right,
        CompareOp::Ne => left != right,
        CompareOp::Lt => left < right,
        CompareOp::Le => left <= right,
        CompareOp::Gt => left > right,
        CompareOp::Ge => left >= right,
    }
}

fn elements(set: &Value) -> impl Iterator<Item = &Value> {
    match set {
        Value::Set(members) => Some(members),
        _ => None,
    }
    .into_iter()
    .flatten()
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}

/// Whether the whole text is matched. Runs of text are placed as early as possible, which is
/// enough for patterns whose only wildcard is the star; time is at most |pattern| · |text|.
pub fn matches_pattern(Pattern(parts): &Pattern, text: &str) -> bool {
    let (mut rest, mut starred) = (text, false);
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            PatternPart::Star => starred = true,
            PatternPart::Text(run) if !starred => match rest.strip_prefix(&**run) {
                Some(after) => rest = after,
                None => return false,
            },
            PatternPart::Text(run) if parts.peek().is_none() => return rest.ends_with(&**run),
            PatternPart::Text(run) => match rest.find(&**run) {
                Some(at) => {
                    rest = &rest[at + run.len()..];
                    starred = false;
                }
                None => return false,
            },
        }
    }
    starred || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
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
    }

    /// The definition, spelt out: a star is any split of the text.
    fn by_definition(parts: &[PatternPart], text: &str) -> bool {
        match parts.split_first() {
            None => text.is_empty(),
            Some((PatternPart::Text(run), rest)) => {
                text.strip_prefix(&**run).is_some_and(|after| by_definition(rest, after))
            }
            Some((PatternPart::Star, rest)) => (0..=text.len())
                .filter(|&at| text.is_char_boundary(at))
                .any(|at| by_definition(rest, &text[at..])),
        }
    }

    proptest::proptest! {
        #[test]
        fn a_pattern_matches_as_its_definition_says(p in "[ab*]{0,8}", t in "[ab]{0,10}") {
            let p = pattern(&p);
            proptest::prop_assert_eq!(matches_pattern(&p, &t), by_definition(&p.0, &t));
        }
    }

    #[test]
    fn a_star_is_any_run_line_ends_included() {
        assert!(matches_pattern(&pattern("a*b"), "a\n\u{e9}b"));
        assert!(matches_pattern(&pattern("*"), ""));
        assert!(!matches_pattern(&pattern("ab*b"), "ab"));
        assert!(!matches_pattern(&pattern(""), "a"));
        assert!(matches_pattern(&pattern(""), ""));
    }
}
