//! Terms in which some variables have their values.

use crate::smt::ranges::Ranges;
use crate::smt::term::{Term, Var};

/// What stands for a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixed {
    /// This value.
    Value(i64),
    /// That much more than this variable: nothing more for itself.
    Above(Var, i64),
}

/// The term with what stands for each variable put in.
pub fn fix(term: &Term, fixed: &[Fixed]) -> Term {
    match term {
        Term::All(parts) => Term::all(parts.iter().map(|part| fix(part, fixed))),
        Term::Any(parts) => Term::any(parts.iter().map(|part| fix(part, fixed))),
        Term::In(var, ranges) => match fixed[var.index()] {
            Fixed::Value(value) => Term::truth(ranges.contains(value)),
            Fixed::Above(var, more) => Term::In(var, lowered(ranges, more)),
        },
        Term::Diff { left, right, most } => {
            let wide = i128::from(*most);
            match (fixed[left.index()], fixed[right.index()]) {
                (Fixed::Value(left), Fixed::Value(right)) => {
                    Term::truth(i128::from(left) - i128::from(right) <= wide)
                }
                (Fixed::Value(left), Fixed::Above(right, more)) => {
                    at_least(right, i128::from(left) - wide - i128::from(more))
                }
                (Fixed::Above(left, more), Fixed::Value(right)) => {
                    at_most(left, i128::from(right) + wide - i128::from(more))
                }
                (Fixed::Above(left, more), Fixed::Above(right, other)) if left == right => {
                    Term::truth(i128::from(more) - i128::from(other) <= wide)
                }
                // two variables of a difference that both stand for themselves
                (Fixed::Above(left, more), Fixed::Above(right, other)) => {
                    Term::Diff { left, right, most: most.saturating_sub(more).saturating_add(other) }
                }
            }
        }
    }
}

/// The ranges, each end that much lower; the ends of the line stay where they are.
fn lowered(ranges: &Ranges, by: i64) -> Ranges {
    let lower = |end: i64| match end {
        i64::MIN | i64::MAX => end,
        end => end.saturating_sub(by),
    };
    Ranges::of(ranges.iter().map(|(low, high)| (lower(low), lower(high))))
}

fn at_least(var: Var, least: i128) -> Term {
    match i64::try_from(least) {
        Ok(least) => Term::In(var, Ranges::from(least)),
        Err(_) => Term::truth(least < 0),
    }
}

fn at_most(var: Var, most: i128) -> Term {
    match i64::try_from(most) {
        Ok(most) => Term::In(var, Ranges::up_to(most)),
        Err(_) => Term::truth(most > 0),
    }
}
