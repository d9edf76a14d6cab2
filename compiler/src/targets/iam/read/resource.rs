//! Which calls touch the resources of a pattern: a template laid over it.
//!
//! Worked example. `arn:aws:s3:::{args.bucket}/{args.key}` over `arn:aws:s3:::logs/*`: the bucket is
//! `logs` and the key anything, or the bucket itself begins with `logs/`. Each way to lay the one
//! over the other gives every argument a piece of the pattern.

use super::pattern::{Pattern, Token, Variable};
use super::predicate::{Both, all, any};
use super::text::{Resolve, TypeOf, text_is, values_of};
use crate::model::*;
use crate::targets::iam::request::key_text;
use crate::targets::reading::Predicate;
use std::collections::BTreeMap;

/// The most ways to lay a template over a pattern.
const MOST_WAYS: usize = 64;

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This character.
    Char(char),
    /// A `*` of the template: AWS knows what is there. `field`: it holds no `:`.
    Unknown {
        /// Whether it stands in a field before the resource.
        field: bool,
    },
    /// An argument's text.
    Arg(Str),
}

/// A template's pieces.
pub fn pieces(template: &Template) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut colons = 0;
    for part in &template.0 {
        match part {
            TemplatePart::Text(text) => {
                for c in text.chars() {
                    colons += usize::from(c == ':');
                    pieces.push(match c {
                        '*' => Piece::Unknown { field: (1..5).contains(&colons) },
                        c => Piece::Char(c),
                    });
                }
            }
            TemplatePart::Arg(arg) => pieces.push(Piece::Arg(arg.clone())),
        }
    }
    pieces
}

/// The calls whose resource the pattern matches; an error says what cannot be told.
pub fn touched(
    model: &Model,
    pieces: &[Piece],
    pattern: &Pattern,
    type_of: TypeOf,
    resolve: Resolve,
) -> Result<Both, String> {
    let sense = |some: bool| -> Result<Predicate, String> {
        let ways = ways(pieces, &pattern.tokens, some)
            .map_err(|reason| format!("resource `{pattern}`: {reason}"))?;
        let mut alternatives = Vec::new();
        for way in ways {
            let mut together = Vec::new();
            for (arg, piece) in way {
                let attr = Attr::Arg(arg);
                together.push(text_is(model, &attr, &piece, type_of, resolve)?);
            }
            alternatives.push(all(together));
        }
        Ok(any(alternatives))
    };
    Ok(Both { some: sense(true)?, every: sense(false)? })
}

/// A way to lay a template over a pattern: each argument's piece of it.
type Way = Vec<(Str, Vec<Token>)>;

/// Every way; `some`: with what is unknown chosen to fit, else whatever it is.
fn ways(pieces: &[Piece], tokens: &[Token], some: bool) -> Result<Vec<Way>, String> {
    // By position in the pattern: the ways that lead there. A run holds its position.
    let mut at: BTreeMap<usize, Vec<Way>> = BTreeMap::from([(0, vec![Vec::new()])]);
    for piece in pieces {
        let mut next: BTreeMap<usize, Vec<Way>> = BTreeMap::new();
        for (&position, here) in &at {
            let mut go = |to: usize, ways: &mut dyn Iterator<Item = Way>| {
                let there = next.entry(to).or_default();
                for way in ways {
                    if !there.contains(&way) {
                        there.push(way);
                    }
                }
            };
            match piece {
                Piece::Char(c) => {
                    for to in skips(tokens, position) {
                        match tokens.get(to) {
                            Some(Token::Variable(_)) => {
                                return Err(
                                    "a policy variable stands where the binding has fixed text".into()
                                );
                            }
                            Some(token) if token.takes(*c, false) => {
                                let to = if token.is_run() { to } else { to + 1 };
                                go(to, &mut here.iter().cloned());
                            }
                            Some(_) | None => {}
                        }
                    }
                }
                Piece::Unknown { field } if some => {
                    for to in position..=tokens.len() {
                        if *field && to > 0 && to > position && tokens[to - 1] == Token::Char(':') {
                            break;
                        }
                        go(to, &mut here.iter().cloned());
                    }
                }
                Piece::Unknown { field } => {
                    for to in skips(tokens, position) {
                        let holds = match tokens.get(to) {
                            Some(Token::Any) => true,
                            Some(Token::AnyInField) => *field,
                            Some(Token::Char(_) | Token::One | Token::OneInField | Token::Variable(_))
                            | None => false,
                        };
                        if holds {
                            go(to, &mut here.iter().cloned());
                        }
                    }
                }
                Piece::Arg(arg) => {
                    for to in position..=tokens.len() {
                        let run = tokens.get(to).is_some_and(Token::is_run);
                        if to > position && tokens[to - 1].is_run() && !run {
                            continue; // the run itself holds the position
                        }
                        let piece = tokens[position..to + usize::from(run)].to_vec();
                        go(
                            to,
                            &mut here
                                .iter()
                                .map(|way| [way.as_slice(), &[(arg.clone(), piece.clone())]].concat()),
                        );
                    }
                }
            }
        }
        if matches!(piece, Piece::Arg(_)) {
            next.values_mut().for_each(widest);
        }
        at = next;
        if at.values().map(Vec::len).sum::<usize>() > MOST_WAYS {
            return Err("there are too many ways to read the arguments out of it".to_string());
        }
    }
    let mut done = Vec::new();
    for (position, ways) in at {
        if skips(tokens, position).last() == Some(tokens.len()) {
            done.extend(ways);
        }
    }
    widest(&mut done);
    Ok(done)
}

/// Leaves out each way that another one holds, argument by argument: what they say together is the same.
fn widest(ways: &mut Vec<Way>) {
    let is_open = |token: &Token| matches!(token, Token::Variable(_));
    let fixed = |way: &Way| !way.iter().any(|(_, piece)| piece.iter().any(is_open));
    let holds = |wide: &Way, narrow: &Way| {
        let pieces = wide.iter().zip(narrow);
        fixed(wide)
            && fixed(narrow)
            && pieces.into_iter().all(|((_, wide), (_, narrow))| covers(wide, narrow))
    };
    let mut kept: Vec<Way> = Vec::new();
    for way in ways.drain(..) {
        if !kept.iter().any(|wide| holds(wide, &way)) {
            kept.retain(|narrow| !holds(&way, narrow));
            kept.push(way);
        }
    }
    *ways = kept;
}

/// The position, and those that runs there let it skip to.
fn skips(tokens: &[Token], position: usize) -> impl Iterator<Item = usize> {
    let runs = tokens[position..].iter().take_while(|token| token.is_run()).count();
    position..=position + runs
}

/// Whether every resource that the pattern matches is one that the template can give.
pub fn is_covered(model: &Model, pieces: &[Piece], pattern: &Pattern, type_of: TypeOf) -> bool {
    let mut wide: Vec<Vec<Token>> = vec![Vec::new()];
    for piece in pieces {
        let choices: Vec<Vec<Token>> = match piece {
            Piece::Char(c) => vec![vec![Token::Char(*c)]],
            Piece::Unknown { field: true } => vec![vec![Token::AnyInField]],
            Piece::Unknown { field: false } => vec![vec![Token::Any]],
            Piece::Arg(arg) => {
                let values = type_of(&Attr::Arg(arg.clone())).and_then(|ty| values_of(model, &ty));
                match values {
                    Some(values) if values.len() <= 16 && wide.len() <= 16 => {
                        let texts = values.iter().filter_map(key_text);
                        let mut choices: Vec<Vec<Token>> =
                            texts.map(|text| text.chars().map(Token::Char).collect()).collect();
                        // Left open in the pattern it is open in the template.
                        choices.push(vec![Token::Variable(Variable { key: arg.to_string(), default: None })]);
                        choices
                    }
                    Some(_) | None => vec![vec![Token::Any]],
                }
            }
        };
        wide = wide
            .iter()
            .flat_map(|head| choices.iter().map(|choice| [head.as_slice(), choice].concat()))
            .collect();
    }
    wide.iter().any(|wide| covers(wide, &pattern.tokens))
}

/// Whether every text that `narrow` matches is matched by `wide`, as far as can be seen. In `wide`
/// a variable stands for a value of a few: an open place of `narrow` fits it.
fn covers(wide: &[Token], narrow: &[Token]) -> bool {
    let width = narrow.len() + 1;
    let mut reached = vec![false; (wide.len() + 1) * width];
    reached[0] = true;
    for i in 0..=wide.len() {
        for j in 0..=narrow.len() {
            if !reached[i * width + j] {
                continue;
            }
            match (wide.get(i), narrow.get(j)) {
                (Some(run @ (Token::Any | Token::AnyInField)), next) => {
                    reached[(i + 1) * width + j] = true;
                    let inside = match next {
                        None => false,
                        Some(Token::Char(':') | Token::Any | Token::One | Token::Variable(_)) => {
                            *run == Token::Any
                        }
                        Some(Token::Char(_) | Token::AnyInField | Token::OneInField) => true,
                    };
                    if inside {
                        reached[i * width + j + 1] = true;
                    }
                }
                (Some(Token::Char(a)), Some(Token::Char(b))) if a == b => {
                    reached[(i + 1) * width + j + 1] = true
                }
                (Some(Token::Variable(_)), Some(Token::Any | Token::AnyInField)) => {
                    reached[(i + 1) * width + j + 1] = true;
                }
                (Some(Token::Char(_) | Token::Variable(_) | Token::One | Token::OneInField) | None, _) => {}
            }
        }
    }
    reached[wide.len() * width + narrow.len()]
}
