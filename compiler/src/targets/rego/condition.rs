//! Conditions as data for the module's `holds`.

use super::data::{object, set_of};
use crate::model::*;
use crate::targets::dual::dual;
use bailiwick_grammar::ast::{Pattern, PatternPart};
use serde_json::{Value as Json, json};

/// The condition: `{"all": […]}`, `{"any": […]}` or a literal, which has its word in `op` or `is`
/// or, where the answer is to be no, in `fails` or `isnt`.
pub(super) fn condition(model: &Model, cond: &Cond) -> Json {
    let parts = |parts: &[Cond]| parts.iter().map(|part| condition(model, part)).collect::<Vec<_>>();
    match cond {
        Cond::All(all) => json!({ "all": parts(all) }),
        Cond::Any(any) => json!({ "any": parts(any) }),
        Cond::Literal(literal) => {
            let (word, mut fields, needs) = question(model, &literal.atom);
            let absent = literal.absent && !needs.is_empty();
            let (key, word) = match (word, literal.negated) {
                (Word::Compares(op) | Word::Either([op, _]), false) | (Word::Either([_, op]), true) => {
                    ("op", op)
                }
                (Word::Compares(op), true) => ("fails", op),
                (Word::Shows(is), false) => ("is", is),
                (Word::Shows(is), true) => ("isnt", is),
            };
            fields.push((key, json!(word)));
            fields.extend(absent.then_some(("absent", json!(true))));
            // without an attribute no question is answered with yes: what is left to say is when it is with no
            if absent || key == "fails" {
                fields.push(("needs", needs.into_iter().map(|attr| object(place(attr))).collect()));
            }
            object(fields)
        }
    }
}

/// What has to hold together, in two lists that the module goes through: comparisons, of which it asks
/// each as it is, and whatever else there is, with a call for each.
pub(super) fn together(model: &Model, cond: &Cond) -> [(&'static str, Json); 2] {
    let parts = conjuncts(cond).iter().map(|part| condition(model, part));
    let (when, also): (Vec<Json>, Vec<Json>) = parts.partition(compares);
    [("also", json!(also)), ("when", json!(when))]
}

/// The operators that the module's `often` knows.
const OFTEN: [&str; 9] = ["==", "!=", "<", "<=", ">", ">=", "in", "begins", "under"];

/// Whether the condition is nothing but a comparison with a constant that `often` answers.
pub(super) fn compares(condition: &Json) -> bool {
    let often = condition["op"].as_str().is_some_and(|op| OFTEN.contains(&op));
    often && condition.get("value").is_some() && condition.get("absent").is_none()
}

/// The parts of a conjunction; of what is none, itself.
pub(super) fn conjuncts(cond: &Cond) -> &[Cond] {
    match cond {
        Cond::All(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

/// What excuses from the condition: the opposite. Nothing, where nothing does.
pub(super) fn unless(model: &Model, cond: &Cond) -> Option<(&'static str, Json)> {
    let opposite = dual(cond);
    (opposite != Cond::FALSE).then(|| ("unless", condition(model, &opposite)))
}

/// The word of a question.
enum Word {
    /// An operator between an attribute and something.
    Compares(&'static str),
    /// The same, and the operator that is true when this one is false: no such question is negated.
    Either([&'static str; 2]),
    /// What the request shows besides.
    Shows(&'static str),
}

/// Whether a set has an element.
pub(super) const CONTAINS: &str = "contains";
/// The opposite.
pub(super) const LACKS: &str = "lacks";

type Fields = Vec<(&'static str, Json)>;

/// Where the module finds the attribute.
fn place(attr: &Attr) -> [(&'static str, Json); 2] {
    let (of, name) = match attr {
        Attr::Arg(name) => ("args", &**name),
        Attr::Session(name) => ("session", &**name),
        Attr::Started => ("moment", "started"),
        Attr::Authn => ("moment", "authn"),
        Attr::Now => ("moment", "now"),
    };
    [("attr", json!(name)), ("of", json!(of))]
}

/// What the atom asks, the fields that say of what, and the attributes without which it is unknown.
fn question<'a>(model: &Model, atom: &'a Atom) -> (Word, Fields, Vec<&'a Attr>) {
    use Word::{Compares, Either, Shows};
    let to = |attr: &'a Attr, value: Json| (with(attr, ("value", value)), vec![attr]);
    let (word, (fields, needs)) = match atom {
        Atom::Compare { left, op, right } => {
            (Either([op.symbol(), op.negated().symbol()]), operands(left, right))
        }
        Atom::Contains { set, element } => (Either([CONTAINS, LACKS]), operands(set, element)),
        Atom::OneOf { attr, values } => (Compares("in"), to(attr, many(values))),
        Atom::ContainsAll { set, values } => (Compares("contains-all"), to(set, many(values))),
        Atom::ContainsAny { set, values } => (Compares("contains-any"), to(set, many(values))),
        Atom::SubsetOf { set, values } => (Compares("subset-of"), to(set, many(values))),
        Atom::Like { attr, pattern } => match beginning(pattern) {
            Some(text) => (Compares("begins"), to(attr, json!(text))),
            None => (Compares("like"), to(attr, json!(regex(pattern)))),
        },
        Atom::Under { attr, base } => (Compares("under"), to(attr, json!(below(base)))),
        Atom::Host { attr, host, below } => {
            (Compares(if *below { "host-below" } else { "host" }), to(attr, json!(&**host)))
        }
        Atom::InNet { attr, nets } => {
            let nets = nets.iter().map(|net| json!(net.0.to_string())).collect();
            (Compares("in-net"), to(attr, nets))
        }
        Atom::Has(attr) => (Shows("has"), (place(attr).into(), Vec::new())),
        Atom::Approved(demand) => (Shows("approved"), (approval(model, demand), Vec::new())),
        Atom::Purpose(purposes) => {
            let names = set_of(purposes.iter().map(|id| &*model.purpose(id).name));
            (Shows("purpose"), (vec![("purposes", names)], Vec::new()))
        }
        Atom::During(ranges) => (Shows("during"), (vec![("ranges", json!(ranges))], Vec::new())),
    };
    (word, fields, needs)
}

fn with(attr: &Attr, operand: (&'static str, Json)) -> Fields {
    place(attr).into_iter().chain([operand]).collect()
}

fn operands<'a>(left: &'a Attr, right: &'a Operand) -> (Fields, Vec<&'a Attr>) {
    match right {
        Operand::Value(constant) => (with(left, ("value", value(constant))), vec![left]),
        Operand::Attr(other) => (with(left, ("other", object(place(other)))), vec![left, other]),
    }
}

/// What the module's `approved` asks for.
pub(super) fn approval(model: &Model, demand: &Demand) -> Fields {
    let names = model.people_of(demand.by).iter().map(|id| json!(&*model.principal(id).name)).collect();
    let mut fields = vec![
        ("by", json!(&*model.principal(demand.by).name)),
        ("people", names),
        ("within", json!(demand.within)),
    ];
    fields.extend(demand.independent.then_some(("independent", json!(true))));
    if let (PrincipalKind::Team { .. }, Some(attr)) =
        (&model.principal(demand.by).kind, model.requester_attribute())
    {
        fields.push(("requester", json!(&**attr)));
    }
    fields
}

fn many<'a>(values: impl IntoIterator<Item = &'a Value>) -> Json {
    values.into_iter().map(value).collect()
}

/// A value as the module sees it once it has read it: times in seconds, decimals in ten-thousandths.
pub(super) fn value(value: &Value) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::Int(value) | Value::Decimal(value) | Value::Instant(value) | Value::Duration(value) => {
            json!(value)
        }
        Value::Text(text) => json!(&**text),
        Value::Ip(address) => json!(address.to_string()),
        Value::Cidr(net) => json!(net.0.to_string()),
        Value::Authn(level) => json!(*level as i64),
        Value::Set(values) => many(values),
        Value::Opaque => json!(true),
    }
}

/// The pattern as a regular expression over the whole text, in the part of the syntax that all engines share.
fn regex(Pattern(parts): &Pattern) -> String {
    let mut out = "(?s)^".to_owned();
    for part in parts {
        match part {
            PatternPart::Star => out.push_str(".*"),
            PatternPart::Text(text) => {
                for c in text.chars() {
                    if r"\.+*?()|[]{}^$".contains(c) {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
        }
    }
    out.push('$');
    out
}

/// The pattern that such an expression came from.
pub(super) fn pattern(expression: &str) -> Option<Pattern> {
    let mut rest = expression.strip_prefix("(?s)^")?.strip_suffix('$')?.chars().peekable();
    let (mut parts, mut run) = (Vec::new(), String::new());
    while let Some(c) = rest.next() {
        match c {
            '\\' => run.push(rest.next()?),
            '.' if rest.next_if_eq(&'*').is_some() => {
                if !run.is_empty() {
                    parts.push(PatternPart::Text(std::mem::take(&mut run).into()));
                }
                parts.push(PatternPart::Star);
            }
            c => run.push(c),
        }
    }
    if !run.is_empty() {
        parts.push(PatternPart::Text(run.into()));
    }
    let read = Pattern(parts);
    (regex(&read) == expression).then_some(read)
}

/// What a text begins with where nothing else is asked of it: engines tell that sooner.
fn beginning(Pattern(parts): &Pattern) -> Option<&str> {
    match &parts[..] {
        [PatternPart::Text(text), PatternPart::Star] if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// A base, and how the text of what is below it begins.
fn below(base: &str) -> Vec<String> {
    let prefixes = match (base.ends_with('/'), base.starts_with('/')) {
        (true, _) => vec![base.to_owned()],
        (false, true) => vec![format!("{base}/")],
        (false, false) => ["/", "?", "#"].map(|next| format!("{base}{next}")).into(),
    };
    [base.to_owned()].into_iter().chain(prefixes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_quoted() {
        let pattern = Pattern(vec![PatternPart::Text("a.b$".into()), PatternPart::Star]);
        assert_eq!(regex(&pattern), r"(?s)^a\.b\$.*$");
    }

    #[test]
    fn expressions_that_patterns_give_are_read_and_no_others() {
        let text = |text: &str| PatternPart::Text(text.into());
        for parts in [vec![], vec![PatternPart::Star], vec![text(r"a.*\n$"), PatternPart::Star, text("ü^")]]
        {
            let written = Pattern(parts);
            assert_eq!(pattern(&regex(&written)), Some(written));
        }
        for other in
            ["", "a", "^a$", "(?s)^a.b$", "(?s)^a|b$", "(?s)^(a)$", r"(?s)^a\$", r"(?s)^\a$", "(?s)^a$$"]
        {
            assert_eq!(pattern(other), None, "{other}");
        }
    }
}
