//! Whether one set of policies allows all that another allows: decided, with a request as witness.
//!
//! The patterns of two sets of policies can tell only finitely many actions, resources and values
//! apart. A representative of each class is enough: the product of the patterns' automata gives
//! them for texts, the constants and what lies between them for numbers, dates and addresses. What
//! is left is a search for a combination that the one allows and the other does not; every
//! witness is asked of both again.
//!
//! A policy variable makes a test depend on two keys at once. It is tried with a value of its own,
//! which finds witnesses; an inclusion is claimed only when it holds however such tests turn out.

mod search;
mod texts;
mod values;

use super::read::document::{Document, Principal, Statement};
use super::read::evaluate::{Decision, Policies};
use super::read::pattern::{Pattern, Token};
use super::request::AwsRequest;
use search::{Side, Sides, search};
use std::collections::{BTreeMap, BTreeSet};
use texts::classes;

/// The most resource patterns with variables that are taken both ways.
const MOST_OPEN: usize = 8;
/// Who asks where nobody is named.
const SOMEONE: &str = "arn:aws:iam::000000000000:role/someone";

/// Whether everything that the first allows is allowed by the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// It is.
    Included,
    /// It is not: the first allows this, the second does not.
    Refuted(Box<AwsRequest>),
    /// Nobody knows, and why.
    Undecided(String),
}

/// Whether everything that the identity policies `first` allow is allowed by `second`.
pub fn included(first: &[Document], second: &[Document]) -> Inclusion {
    let unread = first.iter().chain(second).flat_map(|document| &document.unread).next();
    if let Some(reason) = unread {
        return Inclusion::Undecided(reason.clone());
    }
    let variables = variables(first.iter().chain(second));
    match look(first, second, Some(&variables)) {
        Err(reason) => Inclusion::Undecided(reason),
        Ok(Some(request)) => Inclusion::Refuted(Box::new(request)),
        Ok(None) if variables.is_empty() => Inclusion::Included,
        Ok(None) => match look(first, second, None) {
            Err(reason) => Inclusion::Undecided(reason),
            Ok(None) => Inclusion::Included,
            Ok(Some(_)) => Inclusion::Undecided("it depends on the values of policy variables".to_string()),
        },
    }
}

/// A value of its own for every key that a variable speaks of, by the key in lower case.
fn variables<'a>(documents: impl Iterator<Item = &'a Document>) -> BTreeMap<String, String> {
    let statements = documents.flat_map(|document| &document.statements);
    let patterns = statements.flat_map(|statement| {
        let constants = statement.tests.iter().flat_map(|test| &test.constants);
        statement.resources.of.iter().chain(constants.filter_map(|constant| constant.text()))
    });
    let keys: BTreeSet<String> = patterns
        .flat_map(|pattern| pattern.variables().map(|variable| variable.key.to_ascii_lowercase()))
        .collect();
    keys.into_iter().enumerate().map(|(at, key)| (key, format!("value-{at}"))).collect()
}

/// Looks for a request that the first allows and the second does not. Without values for variables
/// a test that has one may turn out either way.
fn look(
    first: &[Document],
    second: &[Document],
    variables: Option<&BTreeMap<String, String>>,
) -> Result<Option<AwsRequest>, String> {
    let all = |documents: &'_ [Document]| -> Vec<Statement> {
        documents.iter().flat_map(|document| document.statements.iter().cloned()).collect()
    };
    let (left, right) = (all(first), all(second));
    let both = || left.iter().chain(&right);
    let actions: Vec<Pattern> = distinct(both().flat_map(|statement| &statement.actions.of));
    let one = |tokens: Vec<Token>| Pattern { tokens, ignore_case: true };
    let some_action = one(vec![Token::One, Token::Any, Token::Char(':'), Token::One, Token::Any]);
    let action_classes = classes(&actions, &[some_action])?;
    let mut seen: BTreeSet<(Vec<bool>, Vec<bool>)> = BTreeSet::new();
    for who in principals(both()) {
        for action in &action_classes {
            let speaks = |statement: &Statement| {
                statement.principals.as_ref().is_none_or(|principals| principals.admits(&who))
                    && statement.actions.of.iter().any(|pattern| pattern.matches(action))
                        != statement.actions.negated
            };
            let chosen =
                (left.iter().map(speaks).collect::<Vec<_>>(), right.iter().map(speaks).collect::<Vec<_>>());
            if !seen.insert(chosen.clone()) {
                continue; // another action that nobody tells from this one
            }
            let keep = |statements: &[Statement], chosen: &[bool]| -> Vec<Statement> {
                let kept = statements.iter().zip(chosen).filter(|(_, chosen)| **chosen);
                kept.map(|(statement, _)| statement.clone()).collect()
            };
            let (left, right) = (keep(&left, &chosen.0), keep(&right, &chosen.1));
            if let Some(request) = look_at(&left, &right, &who, action, variables)? {
                if variables.is_none() || replays(first, second, &request) {
                    return Ok(Some(request));
                }
                return Err("a witness was found that does not bear it out".to_string());
            }
        }
    }
    Ok(None)
}

fn replays(first: &[Document], second: &[Document], request: &AwsRequest) -> bool {
    let allows = |identity| Policies { identity, ..Policies::default() }.decide(request) == Decision::Allowed;
    allows(first) && !allows(second)
}

/// One action: every class of resources.
fn look_at(
    left: &[Statement],
    right: &[Statement],
    who: &str,
    action: &str,
    variables: Option<&BTreeMap<String, String>>,
) -> Result<Option<AwsRequest>, String> {
    let value = |key: &str| variables?.get(&key.to_ascii_lowercase()).cloned();
    let mut closed: Vec<Pattern> = Vec::new();
    let mut open: Vec<Pattern> = Vec::new();
    for pattern in distinct(left.iter().chain(right).flat_map(|statement| &statement.resources.of)) {
        match pattern.filled(value) {
            Some(filled) if variables.is_some() || pattern.variables().next().is_none() => {
                closed.push(filled)
            }
            Some(_) | None => open.push(pattern),
        }
    }
    if open.len() > MOST_OPEN {
        return Err(format!("{} resources depend on policy variables", open.len()));
    }
    let arn = Pattern::resource("arn:*:*:*:*:*", false)?;
    let star = Pattern { tokens: vec![Token::Char('*')], ignore_case: false };
    for resource in classes(&closed, &[arn, star])? {
        for chosen in 0..1usize << open.len() {
            let speaks = |statement: &&Statement| {
                let is_one = |pattern: &Pattern| match open.iter().position(|other| other == pattern) {
                    Some(at) => chosen >> at & 1 == 1,
                    None => pattern.filled(value).is_some_and(|pattern| pattern.matches(&resource)),
                };
                statement.resources.of.iter().any(is_one) != statement.resources.negated
            };
            let sides = Sides {
                left: Side::of(left.iter().filter(speaks)),
                right: Side::of(right.iter().filter(speaks)),
            };
            let base = AwsRequest {
                role: who.to_string(),
                action: action.to_string(),
                resource: resource.clone(),
                context: BTreeMap::new(),
                sets: BTreeMap::new(),
            };
            if let Some(request) = search(&sides, variables, base)? {
                return Ok(Some(request));
            }
        }
    }
    Ok(None)
}

/// Those who can be told apart.
fn principals<'a>(statements: impl Iterator<Item = &'a Statement>) -> BTreeSet<String> {
    let mut who: BTreeSet<String> = [SOMEONE.to_string()].into();
    for principal in statements.flat_map(|statement| &statement.principals).flat_map(|one| &one.of) {
        match principal {
            Principal::Anyone => {}
            Principal::Account(account) => {
                who.extend(["root", "role/someone"].map(|name| format!("arn:aws:iam::{account}:{name}")));
            }
            Principal::One(_, name) => {
                who.insert(name.clone());
            }
        }
    }
    who
}

fn distinct<'a>(patterns: impl Iterator<Item = &'a Pattern>) -> Vec<Pattern> {
    patterns.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}
