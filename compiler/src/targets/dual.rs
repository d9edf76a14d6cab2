//! The negation of a condition, kept in negation normal form.
//!
//! A forbid fires when its condition holds, and a literal that speaks of something absent is true
//! in it. Its dual says the same the safe way round: the forbid is *out of the way* when the dual
//! holds, and there each literal is false when something is absent. Engines evaluate `present
//! and l` without risk of an error or of an undefined value; so the targets emit forbids, and
//! what excuses from an approval, as duals.

use crate::model::{Cond, Literal};

/// The condition that holds exactly when `cond` does not.
pub(super) fn dual(cond: &Cond) -> Cond {
    match cond {
        Cond::All(parts) => Cond::Any(parts.iter().map(dual).collect()),
        Cond::Any(parts) => Cond::All(parts.iter().map(dual).collect()),
        Cond::Literal(literal) => Cond::Literal(Literal {
            atom: literal.atom.clone(),
            negated: !literal.negated,
            absent: !literal.absent,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Atom, Attr};

    #[test]
    fn it_swaps_and_is_its_own_inverse() {
        let has =
            Cond::Literal(Literal { atom: Atom::Has(Attr::Arg("a".into())), negated: false, absent: true });
        let cond = Cond::All(vec![has.clone(), Cond::Any(vec![has, Cond::TRUE])]);
        assert_eq!(dual(&dual(&cond)), cond);
        assert_eq!(dual(&Cond::TRUE), Cond::FALSE);
        let Cond::Any(parts) = dual(&cond) else { panic!("the dual of a conjunction is a disjunction") };
        let Cond::Literal(first) = &parts[0] else { panic!("literals stay literals") };
        assert!(first.negated && !first.absent);
    }
}
