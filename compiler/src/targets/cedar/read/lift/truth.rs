//! What is known of an expression that stands for a condition: when it is true, and when it errs.

use crate::model::*;
use crate::targets::reading::Predicate;
use std::collections::BTreeSet;

/// When an expression is true, and when it errs; else it is false.
pub struct Truth {
    /// It is true.
    pub holds: Predicate,
    /// It errs.
    pub errs: Predicate,
}

pub(super) fn sure(holds: Predicate) -> Truth {
    Truth { holds, errs: Predicate::FALSE }
}

pub(super) fn constant(value: bool) -> Predicate {
    if value { Predicate::TRUE } else { Predicate::FALSE }
}

pub(super) fn atom(atom: Atom, negated: bool) -> Predicate {
    Predicate::Cond(Cond::Literal(Literal { atom, negated, absent: false }))
}

pub(super) fn has(attr: &Attr) -> Predicate {
    atom(Atom::Has(attr.clone()), false)
}

/// That it does not err.
pub(super) fn never(errs: &Predicate) -> Predicate {
    if *errs == Predicate::FALSE { Predicate::TRUE } else { errs.clone().negate() }
}

/// The attributes that are there whenever this holds.
pub(super) fn present(holds: &Predicate) -> BTreeSet<Attr> {
    match holds {
        Predicate::All(parts) => parts.iter().flat_map(present).collect(),
        Predicate::Cond(Cond::Literal(Literal { atom: Atom::Has(attr), negated: false, .. })) => {
            BTreeSet::from([attr.clone()])
        }
        _ => BTreeSet::new(),
    }
}

/// What is left of an error where these attributes are there.
pub(super) fn knowing(errs: Predicate, known: &BTreeSet<Attr>) -> Predicate {
    match errs {
        Predicate::All(parts) => all(parts.into_iter().map(|part| knowing(part, known))),
        Predicate::Any(parts) => any(parts.into_iter().map(|part| knowing(part, known))),
        Predicate::Not(inner) => match &*inner {
            Predicate::Cond(Cond::Literal(Literal { atom: Atom::Has(attr), negated: false, .. }))
                if known.contains(attr) =>
            {
                Predicate::FALSE
            }
            _ => Predicate::Not(inner),
        },
        other => other,
    }
}

/// Every one holds; constants are folded.
pub fn all(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    let mut kept: Vec<_> = parts.into_iter().filter(|part| *part != Predicate::TRUE).collect();
    match kept.len() {
        _ if kept.contains(&Predicate::FALSE) => Predicate::FALSE,
        1 => kept.remove(0),
        _ => Predicate::All(kept),
    }
}

/// At least one holds; constants are folded.
pub fn any(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    let mut kept: Vec<_> = parts.into_iter().filter(|part| *part != Predicate::FALSE).collect();
    match kept.len() {
        _ if kept.contains(&Predicate::TRUE) => Predicate::TRUE,
        1 => kept.remove(0),
        _ => Predicate::Any(kept),
    }
}
