//! Resource names: templates with arguments, and what of them can be told apart.
//!
//! Worked example. In `arn:aws:s3:::{args.bucket}/{args.key}` the bucket ends at the first `/` as
//! long as no bucket holds one: that is assumed, and then the key is all the rest. In
//! `…/{args.a}{args.b}` nobody can tell where `a` ends, so neither is seen.

use super::glob::{Glob, Token, covers, sayable};
use crate::model::*;
use crate::targets::reduce::domain_of;
use bailiwick_grammar::ast::{Pattern, PatternPart};
use std::collections::{BTreeMap, BTreeSet};

/// The most resources that one statement's alternatives may spell out.
const MOST_RESOURCES: usize = 256;

/// A part of a resource's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A `*` of the template: the binding does not say what is there.
    Any,
    Arg(Str),
}

/// A resource template, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    parts: Vec<Part>,
    /// What a part may be, unless a condition says more: the values of enumerations.
    domains: BTreeMap<Str, BTreeSet<String>>,
    /// The arguments whose text can be told in a resource's name.
    seen: BTreeSet<Str>,
    /// Those of them that hold no `/` and no `:`, by assumption.
    pub segments: BTreeSet<Str>,
}

/// What is known of an argument's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// One of these.
    OneOf(BTreeSet<String>),
    /// Matched by this.
    Like(Pattern),
    /// This path or one below it.
    Under(Str),
}

impl Shape {
    /// Takes a template apart; the error says why nothing of it can be exported.
    pub fn of(model: &Model, op: OpId, template: &Template) -> Result<Shape, String> {
        let mut parts = Vec::new();
        let mut written = String::new();
        let tool = model.tool(model.op(op).tool);
        let mut domains = BTreeMap::new();
        for part in &template.0 {
            match part {
                TemplatePart::Text(text) => {
                    written.push_str(text);
                    for (at, text) in text.split('*').enumerate() {
                        if at > 0 {
                            parts.push(Part::Any);
                        }
                        match parts.last_mut() {
                            _ if text.is_empty() => {}
                            Some(Part::Text(last)) => last.push_str(text),
                            _ => parts.push(Part::Text(text.to_string())),
                        }
                    }
                }
                TemplatePart::Arg(arg) => {
                    written.push_str(&format!("{{args.{arg}}}"));
                    let text = tool.args.get(arg).is_some_and(|arg| arg.ty.is_plain());
                    if !text {
                        return Err(format!("`args.{arg}` has no text that a resource's name could hold"));
                    }
                    if let Some(values) = domain_of(model, op, arg) {
                        domains.insert(arg.clone(), values.iter().filter_map(text_of).collect());
                    }
                    parts.push(Part::Arg(arg.clone()));
                }
            }
        }
        let whole = parts == [Part::Any];
        let first = match parts.first() {
            Some(Part::Text(first)) => first.as_str(),
            Some(Part::Any | Part::Arg(_)) | None => "",
        };
        if !whole && (!first.starts_with("arn:") || first.matches(':').count() < 3) {
            return Err(format!("`{written}` is no ARN with a fixed service, and not `*` alone"));
        }
        if !sayable(&written) || written.contains(['?', '$']) {
            return Err(format!("`{written}` holds characters that IAM would read as something else"));
        }
        if !whole && written.matches(':').count() < 5 {
            return Err(format!("`{written}` is no ARN: it needs six fields"));
        }
        let mut shape = Shape { parts, domains, seen: BTreeSet::new(), segments: BTreeSet::new() };
        shape.tell_apart(&tool.args);
        Ok(shape)
    }

    /// Finds the arguments whose text can be told, from left to right.
    fn tell_apart(&mut self, args: &BTreeMap<Str, Arg>) {
        let mut colons = 0;
        for (at, part) in self.parts.iter().enumerate() {
            let rest = &self.parts[at + 1..];
            let last = !rest.iter().any(|part| matches!(part, Part::Any | Part::Arg(_)));
            let ends = match rest.first() {
                Some(Part::Text(text)) => text.contains(['/', ':']),
                Some(Part::Any | Part::Arg(_)) => false,
                None => true,
            };
            match part {
                Part::Text(text) => colons += text.matches(':').count(),
                // A field before the resource holds no `:`; in the resource `*` may be anything.
                Part::Any if colons < 5 && ends => {}
                Part::Any => return,
                Part::Arg(arg) if last => {
                    self.seen.insert(arg.clone());
                }
                Part::Arg(arg) => {
                    let simple = match self.domains.get(arg) {
                        Some(values) => values.iter().all(|value| !value.contains(['/', ':'])),
                        None => false,
                    };
                    let path = args.get(arg).is_some_and(|arg| matches!(arg.ty, Type::Path | Type::Url));
                    if !ends || path {
                        return;
                    }
                    if !simple {
                        self.segments.insert(arg.clone());
                    }
                    self.seen.insert(arg.clone());
                }
            }
        }
    }

    /// Whether a condition on the argument can be said of the resource.
    pub fn sees(&self, arg: &str) -> bool {
        self.seen.contains(arg)
    }

    /// Whether the argument is in the resource at all.
    pub fn holds(&self, arg: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Arg(name) if **name == *arg))
    }

    /// Every resource that the operation's requests may have, as the assumptions bound it:
    /// `segments` are the arguments of the tool without `/` and `:`.
    pub fn everything(&self, segments: &BTreeSet<Str>) -> Glob {
        let mut colons = 0;
        let mut glob = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    colons += text.matches(':').count();
                    glob.extend(text.chars().map(Token::Char));
                }
                Part::Any if colons < 5 && self.parts.len() > 1 => glob.push(Token::Segment),
                Part::Any => glob.push(Token::Star),
                Part::Arg(arg) if segments.contains(arg) => glob.push(Token::Segment),
                Part::Arg(_) => glob.push(Token::Star),
            }
        }
        glob
    }

    /// The patterns for these pins: a resource has one of them iff its arguments are as pinned.
    /// `None` when that cannot be said, or not in few enough words.
    pub fn pinned(&self, pins: &BTreeMap<Str, Pin>) -> Option<Vec<Glob>> {
        let mut globs: Vec<Glob> = vec![Vec::new()];
        let mut open = false; // whether a `*` in the resource stands before: it may run over a `/`
        let mut colons = 0;
        for (at, part) in self.parts.iter().enumerate() {
            let choices: Vec<Glob> = match part {
                Part::Text(text) => {
                    colons += text.matches(':').count();
                    vec![text.chars().map(Token::Char).collect()]
                }
                Part::Any => {
                    open |= colons >= 5;
                    vec![vec![Token::Star]]
                }
                Part::Arg(arg) => {
                    let last = at + 1 == self.parts.len()
                        || !self.parts[at + 1..].iter().any(|part| !matches!(part, Part::Text(_)));
                    let domain = self.domains.get(arg).cloned().map(Pin::OneOf);
                    match pins.get(arg).cloned().or(domain) {
                        None => {
                            open |= colons >= 5;
                            vec![vec![Token::Star]]
                        }
                        Some(_) if open && pins.contains_key(arg) => return None,
                        Some(Pin::OneOf(values)) => {
                            let fits =
                                |value: &&String| !self.segments.contains(arg) || !value.contains(['/', ':']);
                            let choices = values.iter().filter(fits);
                            choices.map(|value| value.chars().map(Token::Char).collect()).collect()
                        }
                        Some(Pin::Like(pattern)) => {
                            open |= colons >= 5;
                            // Before a `/` only a prefix is sure: another star could run over it.
                            let prefix = match pattern.0.as_slice() {
                                [PatternPart::Text(text), PatternPart::Star] => !text.contains(['/', ':']),
                                [PatternPart::Star] => true,
                                _ => false,
                            };
                            if !last && !prefix {
                                return None;
                            }
                            vec![glob_of(&pattern)]
                        }
                        Some(Pin::Under(base)) => {
                            open |= colons >= 5;
                            if !last {
                                return None;
                            }
                            let below = if &*base == "/" { "/".to_string() } else { format!("{base}/") };
                            let mut below: Glob = below.chars().map(Token::Char).collect();
                            below.push(Token::Star);
                            vec![base.chars().map(Token::Char).collect(), below]
                        }
                    }
                }
            };
            if globs.len() * choices.len() > MOST_RESOURCES {
                return None;
            }
            globs = globs
                .iter()
                .flat_map(|glob| choices.iter().map(|choice| [glob.as_slice(), choice].concat()))
                .collect();
        }
        Some(globs)
    }
}

impl Pin {
    /// Both, when that is again a pin.
    pub fn and(&self, other: &Pin) -> Option<Pin> {
        match (self, other) {
            (Pin::OneOf(left), Pin::OneOf(right)) => {
                Some(Pin::OneOf(left.intersection(right).cloned().collect()))
            }
            (Pin::OneOf(values), Pin::Like(pattern)) | (Pin::Like(pattern), Pin::OneOf(values)) => {
                let glob = glob_of(pattern);
                let fits =
                    |value: &&String| covers(&glob, &value.chars().map(Token::Char).collect::<Vec<_>>());
                Some(Pin::OneOf(values.iter().filter(fits).cloned().collect()))
            }
            (Pin::OneOf(values), Pin::Under(base)) | (Pin::Under(base), Pin::OneOf(values)) => {
                let fits = |value: &&String| crate::types::value::path_under(base, value);
                Some(Pin::OneOf(values.iter().filter(fits).cloned().collect()))
            }
            (left, right) => (left == right).then(|| left.clone()),
        }
    }
}

/// A `like` pattern as a glob.
pub fn glob_of(pattern: &Pattern) -> Glob {
    let mut glob = Vec::new();
    for part in &pattern.0 {
        match part {
            PatternPart::Text(text) => glob.extend(text.chars().map(Token::Char)),
            PatternPart::Star => glob.push(Token::Star),
        }
    }
    glob
}

/// A value's text in a resource's name.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Text(text) => Some(text.to_string()),
        Value::Decimal(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Ip(_)
        | Value::Cidr(_)
        | Value::Authn(_)
        | Value::Set(_)
        | Value::Opaque => None,
    }
}
