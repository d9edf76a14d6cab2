//! What is left of a grant in a target that sees only part of a request.
//!
//! Static targets (IAM, Kubernetes) see who calls and what is called; not the data, the session's
//! age, the approvals or most arguments. What they allow must be right for *every* request that
//! looks the same to them. So a condition is reduced to what the target sees: in negation normal
//! form a literal that it does not see is taken as false in a grant, which only ever allows less.
//!
//! Worked example. `where args.bucket == "a" and args.size < 10` on a target that sees buckets
//! alone has no alternative left, and a loss that names `args.size`; with `or` in place of `and`
//! one is left, and the same loss.

mod facts;
mod holders;
mod settle;

pub use facts::{Facts, domain_of};
pub use holders::{Holders, purposes_held};
pub use settle::{outcome, session_assumptions, settle};

use crate::model::*;
use std::collections::BTreeSet;

/// The most alternatives that a reduced condition may have; beyond, it counts as not sayable.
pub const MOST_ALTERNATIVES: usize = 64;

/// A condition as alternatives of what a target sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduced<T> {
    /// One of these suffices; each is a conjunction. Every one implies the condition.
    pub alternatives: Vec<Vec<T>>,
    /// What the condition speaks of and the target does not see. When empty, the alternatives
    /// together say the same as the condition.
    pub unseen: BTreeSet<String>,
}

/// Reduces a condition. `see` gives a literal that is not decided as alternatives, or `None`.
pub fn reduce<T: Clone>(
    cond: &Cond,
    facts: &Facts,
    see: &impl Fn(&Literal) -> Option<Vec<Vec<T>>>,
) -> Reduced<T> {
    let mut unseen = BTreeSet::new();
    let alternatives = alternatives(cond, facts, see, &mut unseen);
    Reduced { alternatives, unseen }
}

fn alternatives<T: Clone>(
    cond: &Cond,
    facts: &Facts,
    see: &impl Fn(&Literal) -> Option<Vec<Vec<T>>>,
    unseen: &mut BTreeSet<String>,
) -> Vec<Vec<T>> {
    match cond {
        Cond::All(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let part = alternatives(part, facts, see, unseen);
                if all.len() * part.len() > MOST_ALTERNATIVES {
                    unseen.insert("a choice of too many alternatives".to_string());
                    return Vec::new();
                }
                all = all
                    .iter()
                    .flat_map(|left| part.iter().map(|right| [left.as_slice(), right].concat()))
                    .collect();
            }
            all
        }
        Cond::Any(parts) => {
            let mut any = Vec::new();
            let mut aside = BTreeSet::new();
            for part in parts {
                let part = alternatives(part, facts, see, &mut aside);
                if part.iter().any(Vec::is_empty) {
                    return vec![Vec::new()]; // true, whatever the others say
                }
                any.extend(part);
            }
            unseen.append(&mut aside);
            if any.len() > MOST_ALTERNATIVES {
                unseen.insert("a choice of too many alternatives".to_string());
                any.truncate(MOST_ALTERNATIVES);
            }
            any
        }
        Cond::Literal(literal) => match facts.decided(literal) {
            Some(true) => vec![Vec::new()],
            Some(false) => Vec::new(),
            None => see(literal).unwrap_or_else(|| {
                unseen.insert(speaks_of(&literal.atom));
                Vec::new()
            }),
        },
    }
}

/// What an atom speaks of, for a message.
pub fn speaks_of(atom: &Atom) -> String {
    match atom {
        Atom::Compare { left, right: Operand::Attr(right), .. } => {
            format!("`{}` beside `{}`", left.text(), right.text())
        }
        Atom::Compare { left: attr, .. }
        | Atom::OneOf { attr, .. }
        | Atom::Contains { set: attr, .. }
        | Atom::ContainsAll { set: attr, .. }
        | Atom::ContainsAny { set: attr, .. }
        | Atom::SubsetOf { set: attr, .. }
        | Atom::Like { attr, .. }
        | Atom::Under { attr, .. }
        | Atom::Host { attr, .. }
        | Atom::InNet { attr, .. }
        | Atom::Has(attr) => format!("`{}`", attr.text()),
        Atom::Approved(_) => "an approval".to_string(),
        Atom::Purpose(_) => "`purpose`".to_string(),
        Atom::During(_) => "the time of day".to_string(),
    }
}
