//! Which object a call concerns, as far as its binding says.
//!
//! Worked example. One tool is bound to a function `…:function:{args.name}`, another to
//! `…:function:{args.fn}`: their calls concern one function iff `name` and `fn` are equal. Bound to
//! `…:function:report`, the second concerns the first one's function iff `name` is `report`.
//!
//! What is stated here may be too weak, never too strong: where a binding says `*`, where an
//! argument is absent, or where texts cannot be told apart, two objects may be one. One thing is
//! taken for granted, as the exports do: an argument that is followed by `/` or `:` holds none.

use crate::smt::question::Formula;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::resolve::glob;
use bailiwick_grammar::ast::{Pattern, PatternPart};
use std::collections::{BTreeMap, BTreeSet};

/// A leg, filled by the request of a slot with this operation.
#[derive(Clone, Copy)]
pub struct Filler<'m> {
    /// The model.
    pub model: &'m Model,
    /// The slot.
    pub slot: usize,
    /// Its operation.
    pub op: OpId,
    /// The leg.
    pub leg: &'m Leg,
}

impl<'m> Filler<'m> {
    /// The calls by which the operation fills the leg: those that the leg names, else all.
    fn calls(&self) -> Vec<TargetCall> {
        let bindings = &self.model.op(self.op).bindings;
        let named: Vec<_> = self.leg.calls.iter().flat_map(|calls| calls.made_by(bindings)).collect();
        if named.is_empty() { bindings.calls() } else { named }
    }

    fn args(&self) -> &'m BTreeMap<Str, Arg> {
        &self.model.tool(self.model.op(self.op).tool).args
    }

    /// The call concerns what the leg's `binding`s ask for.
    pub fn fits(&self) -> Formula<'m> {
        let bindings = &self.model.op(self.op).bindings;
        let mut ways = Vec::new();
        for calls in &self.leg.calls {
            let objects = calls.objects();
            for made in calls.made_by(bindings) {
                if objects.is_empty() {
                    return Formula::TRUE;
                }
                ways.extend(objects.iter().map(|glob| self.within(&made.object, glob)));
            }
        }
        // Another part of the leg's set chose the operation.
        if ways.is_empty() { Formula::TRUE } else { Formula::Any(ways) }
    }

    /// Both calls may concern one object.
    pub fn meets(&self, other: &Filler<'m>) -> Formula<'m> {
        let (ours, theirs) = (self.calls(), other.calls());
        if ours.is_empty() || theirs.is_empty() {
            return Formula::TRUE;
        }
        let pairs = ours.iter().flat_map(|our| theirs.iter().map(move |their| (our, their)));
        Formula::Any(pairs.map(|(our, their)| self.same(&our.object, other, &their.object)).collect())
    }

    fn same(&self, our: &Template, other: &Filler<'m>, their: &Template) -> Formula<'m> {
        if !glob::meet(&our.glob(), &their.glob()) {
            return Formula::FALSE;
        }
        let (our, their) = (pieces(our), pieces(their));
        let (mut at, mut to) = (0, 0);
        let mut parts = Vec::new();
        loop {
            match (our.get(at), their.get(to)) {
                (Some(Piece::Char(a)), Some(Piece::Char(b))) if a == b => (at, to) = (at + 1, to + 1),
                (Some(Piece::Char(_)), Some(Piece::Char(_))) => return Formula::FALSE,
                (Some(Piece::Arg(a)), Some(Piece::Arg(b))) => {
                    if !alike(our.get(at + 1), their.get(to + 1)) {
                        return Formula::All(parts);
                    }
                    parts.push(self.equal(a, other, b));
                    (at, to) = (at + 1, to + 1);
                }
                (Some(Piece::Arg(arg)), Some(Piece::Char(_))) => match taken(our.get(at + 1), &their[to..]) {
                    Some(text) => {
                        parts.push(self.is(arg, &text));
                        (at, to) = (at + 1, to + text.chars().count());
                    }
                    None => return Formula::All(parts),
                },
                (Some(Piece::Char(_)), Some(Piece::Arg(arg))) => match taken(their.get(to + 1), &our[at..]) {
                    Some(text) => {
                        parts.push(other.is(arg, &text));
                        (at, to) = (at + text.chars().count(), to + 1);
                    }
                    None => return Formula::All(parts),
                },
                (Some(Piece::Star), _) | (_, Some(Piece::Star)) | (None, _) | (_, None) => {
                    return Formula::All(parts);
                }
            }
        }
    }

    /// Two arguments have one text.
    fn equal(&self, arg: &Str, other: &Filler<'m>, their: &Str) -> Formula<'m> {
        let types = (self.args().get(arg).map(|arg| &arg.ty), other.args().get(their).map(|arg| &arg.ty));
        match types {
            (Some(Type::Set(_) | Type::Opaque), _) => Formula::TRUE,
            (Some(a), Some(b)) if a == b => Formula::Join {
                left: (self.slot, arg.clone()),
                right: (other.slot, their.clone()),
                absent: true,
            },
            (Some(Type::Enum(texts)), Some(_)) | (Some(_), Some(Type::Enum(texts))) => {
                let both = |text: &Str| Formula::All(vec![self.is(arg, text), other.is(their, text)]);
                Formula::Any(texts.iter().map(both).collect())
            }
            (_, _) => Formula::TRUE,
        }
    }

    /// An argument has that text.
    fn is(&self, arg: &Str, text: &str) -> Formula<'m> {
        self.matches(arg, &escape(text))
    }

    /// An argument's text matches the glob.
    fn matches(&self, arg: &Str, glob: &[Piece]) -> Formula<'m> {
        match self.args().get(arg).map(|arg| &arg.ty) {
            Some(Type::Enum(texts)) if !texts.iter().any(|text| glob_matches(glob, text)) => Formula::FALSE,
            Some(Type::String | Type::Enum(_)) => Formula::Matches((self.slot, arg.clone()), pattern(glob)),
            Some(
                Type::Bool
                | Type::Int
                | Type::Decimal
                | Type::Path
                | Type::Url
                | Type::Instant
                | Type::Duration
                | Type::Ip
                | Type::Cidr
                | Type::Person
                | Type::Set(_)
                | Type::Opaque
                | Type::Authn,
            )
            | None => Formula::TRUE,
        }
    }

    /// The object is one that the glob names. Each argument is asked by itself, the others being
    /// anything: what of the glob is left for it between what comes before and what comes after.
    fn within(&self, object: &Template, glob: &str) -> Formula<'m> {
        let (object, glob) = (pieces(object), globbed(glob));
        let backwards: Vec<Piece> = glob.iter().rev().cloned().collect();
        let mut parts = Vec::new();
        for (at, piece) in object.iter().enumerate() {
            let Piece::Arg(arg) = piece else { continue };
            let before = after_reading(&glob, object[..at].iter());
            let behind = after_reading(&backwards, object[at + 1..].iter().rev());
            let ends: BTreeSet<usize> = behind.iter().map(|end| glob.len() - end).collect();
            let rests: BTreeSet<&[Piece]> = before
                .iter()
                .flat_map(|&from| ends.iter().filter_map(move |&to| (from <= to).then_some((from, to))))
                .map(|(from, to)| &glob[from..to])
                .collect();
            if !rests.contains(&[Piece::Star][..]) {
                parts.push(Formula::Any(rests.into_iter().map(|rest| self.matches(arg, rest)).collect()));
            }
        }
        Formula::All(parts)
    }

    /// `` `iam:PassRole` on `arn:…` ``: what a request that fills the leg is in its target, when
    /// the leg names it.
    pub fn said(&self, request: &Request) -> Option<String> {
        let bindings = &self.model.op(self.op).bindings;
        let call = self.leg.calls.iter().flat_map(|calls| calls.made_by(bindings)).next()?;
        let parts = call.object.0.iter().map(|part| match part {
            TemplatePart::Text(text) => text.to_string(),
            TemplatePart::Arg(arg) => match request.args.get(arg) {
                Some(Value::Text(text)) => text.to_string(),
                Some(_) | None => "*".into(),
            },
        });
        Some(format!("`{}` on `{}`", call.name, parts.collect::<String>()))
    }
}

/// A part of an object's name, or of a glob on one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Char(char),
    Star,
    Arg(Str),
}

fn pieces(template: &Template) -> Vec<Piece> {
    let parts = template.0.iter().flat_map(|part| match part {
        TemplatePart::Text(text) => globbed(text),
        TemplatePart::Arg(arg) => vec![Piece::Arg(arg.clone())],
    });
    parts.collect()
}

fn globbed(text: &str) -> Vec<Piece> {
    text.chars().map(|c| if c == '*' { Piece::Star } else { Piece::Char(c) }).collect()
}

fn escape(text: &str) -> Vec<Piece> {
    text.chars().map(Piece::Char).collect()
}

/// Whether two arguments end alike: both at the end, or before the same separator.
fn alike(left: Option<&Piece>, right: Option<&Piece>) -> bool {
    left == right && matches!(left, None | Some(Piece::Char('/' | ':')))
}

/// The text that an argument must have which stands where `rest` does and ends before `end`;
/// `None` when that is not certain.
fn taken(end: Option<&Piece>, rest: &[Piece]) -> Option<String> {
    let stop = match end {
        None => rest.len(),
        Some(Piece::Char('/' | ':')) => rest.iter().position(|piece| Some(piece) == end)?,
        Some(_) => return None,
    };
    let letters = rest[..stop].iter().map(|piece| match piece {
        Piece::Char(c) => Some(*c),
        Piece::Star | Piece::Arg(_) => None,
    });
    letters.collect()
}

/// The positions in the glob at which one may be after reading these pieces.
fn after_reading<'p>(glob: &[Piece], read: impl Iterator<Item = &'p Piece>) -> BTreeSet<usize> {
    let skip_stars = |mut at: BTreeSet<usize>| {
        for (position, piece) in glob.iter().enumerate() {
            if *piece == Piece::Star && at.contains(&position) {
                at.insert(position + 1);
            }
        }
        at
    };
    let mut at = skip_stars([0].into());
    for piece in read {
        at = match piece {
            Piece::Char(_) => at
                .into_iter()
                .filter_map(|position| match glob.get(position) {
                    Some(Piece::Star) => Some(position),
                    Some(wanted) if wanted == piece => Some(position + 1),
                    Some(_) | None => None,
                })
                .collect(),
            Piece::Star | Piece::Arg(_) => match at.first() {
                Some(&first) => (first..=glob.len()).collect(),
                None => at,
            },
        };
        at = skip_stars(at);
    }
    at
}

fn pattern(glob: &[Piece]) -> Pattern {
    let mut parts: Vec<PatternPart> = Vec::new();
    let mut run = String::new();
    for piece in glob {
        match piece {
            Piece::Char(c) => run.push(*c),
            Piece::Star | Piece::Arg(_) => {
                if !run.is_empty() {
                    parts.push(PatternPart::Text(std::mem::take(&mut run).into()));
                }
                if parts.last() != Some(&PatternPart::Star) {
                    parts.push(PatternPart::Star);
                }
            }
        }
    }
    if !run.is_empty() {
        parts.push(PatternPart::Text(run.into()));
    }
    Pattern(parts)
}

fn glob_matches(glob: &[Piece], text: &str) -> bool {
    bailiwick_compiler::evaluator::matches_pattern(&pattern(glob), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What may be of the last argument of `object` when the object is one that `glob` names.
    fn rests(object: &str, glob: &str) -> BTreeSet<String> {
        let object: Vec<Piece> = globbed(object)
            .into_iter()
            .map(|piece| if piece == Piece::Char('?') { Piece::Arg("x".into()) } else { piece })
            .collect();
        let at = object.iter().position(|piece| *piece == Piece::Arg("x".into())).expect("an argument");
        let glob = globbed(glob);
        let backwards: Vec<Piece> = glob.iter().rev().cloned().collect();
        let before = after_reading(&glob, object[..at].iter());
        let behind = after_reading(&backwards, object[at + 1..].iter().rev());
        let text = |rest: &[Piece]| -> String {
            rest.iter().map(|piece| if let Piece::Char(c) = piece { *c } else { '*' }).collect()
        };
        before
            .iter()
            .flat_map(|&from| behind.iter().map(move |end| (from, *end)))
            .filter(|(from, end)| *from <= glob.len() - end)
            .map(|(from, end)| text(&glob[from..glob.len() - end]))
            .collect()
    }

    #[test]
    fn what_is_left_of_a_glob_for_an_argument() {
        assert_eq!(rests("role/?", "role/admin-*"), ["admin-".into(), "admin-*".into()].into());
        assert_eq!(rests("role/x-?", "role/admin-*"), [].into());
        assert!(rests("a:1:role/?", "a:*:role/*").contains("*"));
        assert!(rests("?/y/pods", "kube-system/*").contains("kube-system"));
        assert!(!rests("?/y/pods", "kube-system/*").iter().any(|rest| rest.starts_with('*')));
        assert_eq!(rests("ab?", "a*"), ["".into(), "*".into()].into());
    }
}
