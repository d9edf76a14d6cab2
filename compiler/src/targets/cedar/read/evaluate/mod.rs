//! What Cedar answers by policies: the language in general, on any entities and requests.
//!
//! Proofs do not rest on it. It holds the parser to decisions that others recorded, about policies
//! that nobody here wrote. An expression has a value or errs, and a policy that errs is skipped; a
//! text that is not understood has no answer.

mod expression;
mod extension;
mod json;

pub use super::tree::Uid;
pub use json::{uid, value};

use super::parse;
use super::tree::{Policy, Scope};
use expression::truth;
pub(super) use extension::decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A value of Cedar's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A truth.
    Bool(bool),
    /// A number.
    Long(i64),
    /// A text.
    Text(String),
    /// An entity.
    Entity(Uid),
    /// A set.
    Set(BTreeSet<Value>),
    /// A record.
    Record(BTreeMap<String, Value>),
    /// A number of ten-thousandths.
    Decimal(i64),
    /// A network: an address and the length of its prefix.
    Net(IpAddr, u8),
    /// Milliseconds since 1970.
    Datetime(i64),
    /// Milliseconds.
    Duration(i64),
}

/// An entity: what it has, and what it is below.
#[derive(Clone, Debug, Default)]
struct Entity {
    attributes: BTreeMap<String, Value>,
    tags: BTreeMap<String, Value>,
    /// Its parents, theirs, and so on.
    above: BTreeSet<Uid>,
}

/// The entities that are known.
#[derive(Clone, Debug, Default)]
pub struct Entities(BTreeMap<Uid, Entity>);

/// A request, in Cedar's terms.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who.
    pub principal: Uid,
    /// What.
    pub action: Uid,
    /// On what.
    pub resource: Uid,
    /// In which circumstances: a record.
    pub context: Value,
}

/// What Cedar answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the request is allowed.
    pub allows: bool,
    /// The policies that decided it, by their position in the text.
    pub reasons: BTreeSet<usize>,
    /// The policies that erred and were skipped, by their position.
    pub errors: BTreeSet<usize>,
}

/// A value, or why there is none.
type Result<T> = std::result::Result<T, String>;

/// What Cedar answers by the policies of a text.
///
/// # Errors
///
/// What of the text is not understood.
pub fn decide(policies: &str, entities: &Entities, request: &Request) -> Result<Answer> {
    let at = At { entities, request };
    let (mut permits, mut forbids, mut errors) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (position, policy) in parse::policies(policies)?.iter().enumerate() {
        match at.applies(policy) {
            Ok(true) if policy.permits => permits.insert(position),
            Ok(true) => forbids.insert(position),
            Ok(false) => false,
            Err(_) => errors.insert(position),
        };
    }
    let allows = forbids.is_empty() && !permits.is_empty();
    Ok(Answer { allows, reasons: if forbids.is_empty() { permits } else { forbids }, errors })
}

/// Where expressions are evaluated.
struct At<'a> {
    entities: &'a Entities,
    request: &'a Request,
}

impl At<'_> {
    fn applies(&self, policy: &Policy) -> Result<bool> {
        let Request { principal, action, resource, .. } = self.request;
        let scopes = [(&policy.principal, principal), (&policy.action, action), (&policy.resource, resource)];
        if !scopes.into_iter().all(|(scope, uid)| self.within(scope, uid)) {
            return Ok(false);
        }
        for (when, clause) in &policy.clauses {
            if truth(self.eval(clause)?)? != *when {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn within(&self, scope: &Scope, uid: &Uid) -> bool {
        match scope {
            Scope::Any => true,
            Scope::Is(of) => uid == of,
            Scope::In(of) => of.iter().any(|of| self.entities.is_in(uid, of)),
            Scope::Type(kind, of) => {
                uid.kind == *kind && of.as_ref().is_none_or(|of| self.entities.is_in(uid, of))
            }
        }
    }
}

impl Entities {
    /// Whether the one is the other, or below it.
    fn is_in(&self, below: &Uid, above: &Uid) -> bool {
        below == above || self.0.get(below).is_some_and(|entity| entity.above.contains(above))
    }
}
