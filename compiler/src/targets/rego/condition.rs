//! Conditions as data for the module's `holds`.

use super::data::{object, set_of};
use crate::model::*;
use bailiwick_grammar::ast::{Pattern, PatternPart};
use serde_json::{Value as Json, json};

/// The condition: `{"all": […]}`, `{"any": […]}` or a literal with its word in `is`.
pub(super) fn condition(model: &Model, cond: &Cond) -> Json {
    let parts = |parts: &[Cond]| parts.iter().map(|part| condition(model, part)).collect::<Vec<_>>();
    match cond {
        Cond::All(all) => json!({ "all": parts(all) }),
        Cond::Any(any) => json!({ "any": parts(any) }),
        Cond::Literal(literal) => {
            let (mut fields, needs) = atom(model, &literal.atom);
            let absent = literal.absent && !needs.is_empty();
            fields.extend(literal.negated.then_some(("negated", json!(true))));
            fields.extend(absent.then_some(("absent", json!(true))));
            // without an attribute no question is answered with yes: what is left to say is when it is with no
            if literal.negated || absent {
                fields.push(("needs", needs.into_iter().map(|attr| object(place(attr))).collect()));
            }
            object(fields)
        }
    }
}

type Fields = Vec<(&'static str, Json)>;

/// Where the module finds the attribute.
fn place(attr: &Attr) -> [(&'static str, Json); 2] {
    let (of, name) = match attr {
        Attr::Arg(name) => ("args", &**name),
        Attr::Session(name) => ("session", &**name),
        Attr::Started => ("session", "started"),
        Attr::Authn => ("session", "authn"),
        Attr::Now => ("clock", "now"),
    };
    [("attr", json!(name)), ("of", json!(of))]
}

/// The fields of the atom, and the attributes without which it is unknown.
fn atom<'a>(model: &Model, atom: &'a Atom) -> (Fields, Vec<&'a Attr>) {
    let on = |is: &str, attr: &Attr| [("is", json!(is))].into_iter().chain(place(attr)).collect::<Fields>();
    let with = |mut fields: Fields, more: Fields| {
        fields.extend(more);
        fields
    };
    match atom {
        Atom::Compare { left, op, right } => two(on(op.symbol(), left), left, right),
        Atom::Contains { set, element } => two(on("contains", set), set, element),
        Atom::OneOf { attr, values } => (with(on("in", attr), vec![("values", many(values))]), vec![attr]),
        Atom::ContainsAll { set, values } => {
            (with(on("contains-all", set), vec![("values", many(values))]), vec![set])
        }
        Atom::ContainsAny { set, values } => {
            (with(on("contains-any", set), vec![("values", many(values))]), vec![set])
        }
        Atom::SubsetOf { set, values } => {
            (with(on("subset-of", set), vec![("values", many(values))]), vec![set])
        }
        Atom::Like { attr, pattern } => {
            (with(on("like", attr), vec![("regex", json!(regex(pattern)))]), vec![attr])
        }
        Atom::Under { attr, base } => (
            with(on("under", attr), vec![("base", json!(&**base)), ("prefixes", json!(prefixes(base)))]),
            vec![attr],
        ),
        Atom::Host { attr, host, below } => {
            let is = if *below { "host-below" } else { "host" };
            (with(on(is, attr), vec![("host", json!(&**host))]), vec![attr])
        }
        Atom::InNet { attr, nets } => {
            let nets = nets.iter().map(|net| json!(net.0.to_string())).collect();
            (with(on("in-net", attr), vec![("nets", nets)]), vec![attr])
        }
        Atom::Has(attr) => (on("has", attr), Vec::new()),
        Atom::Approved(demand) => {
            (with(vec![("is", json!("approved"))], approval(model, demand)), Vec::new())
        }
        Atom::Purpose(purposes) => {
            let names = set_of(purposes.iter().map(|id| &*model.purpose(id).name));
            (vec![("is", json!("purpose")), ("purposes", names)], Vec::new())
        }
        Atom::During(ranges) => (vec![("is", json!("during")), ("ranges", json!(ranges))], Vec::new()),
    }
}

fn two<'a>(mut fields: Fields, left: &'a Attr, right: &'a Operand) -> (Fields, Vec<&'a Attr>) {
    match right {
        Operand::Value(constant) => {
            fields.push(("value", value(constant)));
            (fields, vec![left])
        }
        Operand::Attr(other) => {
            fields.push(("other", object(place(other))));
            (fields, vec![left, other])
        }
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

/// How the text of what is below the base begins.
fn prefixes(base: &str) -> Vec<String> {
    match (base.ends_with('/'), base.starts_with('/')) {
        (true, _) => vec![base.to_owned()],
        (false, true) => vec![format!("{base}/")],
        (false, false) => ["/", "?", "#"].map(|next| format!("{base}{next}")).into(),
    }
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
