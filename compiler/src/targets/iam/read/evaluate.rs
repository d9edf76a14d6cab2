//! What IAM answers, from its documentation: an explicit denial wins, else an allowance is needed
//! from every kind of policy that there is. `.ci/engines` holds it to a simulator.

use super::document::{Document, Effect, Matcher, Principal, Statement, Test};
use super::operator::{Constant, Operator, Quantifier, fits};
use super::pattern::Pattern;
use crate::targets::iam::request::AwsRequest;
use std::borrow::Cow;

/// The policies that apply to a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    /// Those attached to the identity: one must allow.
    pub identity: &'a [Document],
    /// The permissions boundary: when there is one, it must allow too.
    pub boundary: Option<&'a [Document]>,
    /// The session policies: when there are any, one must allow too.
    pub session: Option<&'a [Document]>,
}

/// IAM's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allowed,
    /// No, because nothing allows it.
    ImplicitlyDenied,
    /// No, because a statement denies it.
    ExplicitlyDenied,
}

impl Policies<'_> {
    /// The answer. Statements that were not understood are left out: see `Document::unread`.
    pub fn decide(&self, request: &AwsRequest) -> Decision {
        let kinds = [Some(self.identity), self.boundary, self.session];
        let some = |documents: &[Document], effect: Effect| {
            let statements = documents.iter().flat_map(|document| &document.statements);
            statements.filter(|statement| statement.effect == effect).any(|one| one.matches(request))
        };
        if kinds.into_iter().flatten().any(|documents| some(documents, Effect::Deny)) {
            Decision::ExplicitlyDenied
        } else if kinds.into_iter().flatten().all(|documents| some(documents, Effect::Allow)) {
            Decision::Allowed
        } else {
            Decision::ImplicitlyDenied
        }
    }
}

impl Statement {
    /// Whether it speaks of the request.
    pub fn matches(&self, request: &AwsRequest) -> bool {
        let variable = |key: &str| request.single(key).map(str::to_string);
        self.principals.as_ref().is_none_or(|principals| principals.admits(&request.role))
            && self.actions.of.iter().any(|action| action.matches(&request.action)) != self.actions.negated
            && resource_matches(&self.resources, &request.resource, &variable)
            && self.tests.iter().all(|test| test.holds(request))
    }
}

/// Whether a resource is one of those; a variable without a value makes its pattern match nothing,
/// and a `NotResource` with one matches nothing at all.
pub fn resource_matches(
    resources: &Matcher<Pattern>,
    resource: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> bool {
    let mut filled = resources.of.iter().map(|pattern| pattern.filled(variable));
    if resources.negated {
        filled.all(|pattern| pattern.is_some_and(|pattern| !pattern.matches(resource)))
    } else {
        filled.flatten().any(|pattern| pattern.matches(resource))
    }
}

impl Matcher<Principal> {
    /// Whether the principal, by its ARN or name, is meant.
    pub fn admits(&self, who: &str) -> bool {
        let meant = self.of.iter().any(|principal| match principal {
            Principal::Anyone => true,
            // To name an account is to name all in it; to leave it out is to leave out its root.
            Principal::Account(account) if self.negated => who == format!("arn:aws:iam::{account}:root"),
            Principal::Account(account) => who.split(':').nth(4) == Some(account.as_str()),
            Principal::One(_, name) => who == name,
        });
        meant != self.negated
    }
}

impl Test {
    /// Whether it holds of the request.
    pub fn holds(&self, request: &AwsRequest) -> bool {
        let variable = |key: &str| request.single(key).map(str::to_string);
        self.holds_of(request.values(&self.key).as_ref(), &variable)
    }

    /// Whether it holds of the key's values; `None` when the key is absent.
    pub fn holds_of(&self, values: Option<&Values>, variable: &dyn Fn(&str) -> Option<String>) -> bool {
        if self.operator == Operator::Null {
            return self.constants.contains(&Constant::Bool(values.is_none()));
        }
        let one = |value: &str| {
            let fits: Option<Vec<bool>> = match self.negated {
                // Of a positive test, one constant that fits is enough, whatever the others are.
                false => Some(
                    self.constants.iter().filter_map(|c| fits(self.operator, c, value, variable)).collect(),
                ),
                true => self.constants.iter().map(|c| fits(self.operator, c, value, variable)).collect(),
            };
            fits.is_some_and(|fits| fits.contains(&true) != self.negated)
        };
        match (values, self.quantifier) {
            (None, Quantifier::Single) => self.if_exists || self.negated,
            (None, Quantifier::Any) => false,
            (None, Quantifier::All) => true,
            (Some(Values::One(value)), _) => one(value),
            (Some(Values::Many(_)), Quantifier::Single) => false,
            (Some(Values::Many(values)), Quantifier::Any) => values.iter().any(|value| one(value)),
            (Some(Values::Many(values)), Quantifier::All) => values.iter().all(|value| one(value)),
        }
    }
}

/// What a request has under a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values<'a> {
    /// One value.
    One(Cow<'a, str>),
    /// A set of values: the key is of the kind that has several.
    Many(Vec<Cow<'a, str>>),
}

impl AwsRequest {
    /// What it has under a key; keys are told apart without regard to case.
    pub fn values(&self, key: &str) -> Option<Values<'_>> {
        if let Some(value) = self.single(key) {
            return Some(Values::One(value.into()));
        }
        let (_, values) = self.sets.iter().find(|(have, _)| have.eq_ignore_ascii_case(key))?;
        Some(Values::Many(values.iter().map(|value| value.as_str().into()).collect()))
    }

    /// The value of a key that has one.
    pub fn single(&self, key: &str) -> Option<&str> {
        let found = self.context.iter().find(|(have, _)| have.eq_ignore_ascii_case(key));
        match found {
            Some((_, value)) => Some(value),
            None if key.eq_ignore_ascii_case("aws:PrincipalArn") => Some(&self.role),
            None => None,
        }
    }
}
