//! What a predicate says of the time, in one way of saying it.
//!
//! The source says `during`, an artifact a tree of comparisons; both are a set of instants. It is
//! said as its first and its last instant, and as spans where something is missing between.

use crate::smt::ranges::Ranges;
use crate::verify::site::{all, any};
use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;

/// The predicate, in negation normal form, with what it says of the time said in that way.
pub fn told(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::All(parts) => {
            let (timely, mut others) = apart(parts);
            let both = timely.into_iter().reduce(|a, b| a.meet(&b));
            others.extend(both.map(|instants| said(&instants)));
            all(others)
        }
        Predicate::Any(parts) => {
            let (timely, mut others) = apart(parts);
            let either = timely.into_iter().reduce(|a, b| Ranges::of(a.iter().chain(b.iter())));
            others.extend(either.map(|instants| said(&instants)));
            any(others)
        }
        leaf => instants(&leaf).map_or(leaf, |instants| said(&instants)),
    }
}

/// Those parts that speak of the time alone, as instants, and the others.
fn apart(parts: Vec<Predicate>) -> (Vec<Ranges>, Vec<Predicate>) {
    let (mut timely, mut others) = (Vec::new(), Vec::new());
    for part in parts.into_iter().map(told) {
        match instants(&part) {
            Some(instants) => timely.push(instants),
            None => others.push(part),
        }
    }
    (timely, others)
}

/// When it holds, if it speaks of nothing but the time.
fn instants(predicate: &Predicate) -> Option<Ranges> {
    let literal = match predicate {
        Predicate::All(parts) if !parts.is_empty() => {
            let parts: Option<Vec<Ranges>> = parts.iter().map(instants).collect();
            return parts?.into_iter().reduce(|a, b| a.meet(&b));
        }
        Predicate::Any(parts) if !parts.is_empty() => {
            let parts: Option<Vec<Ranges>> = parts.iter().map(instants).collect();
            return Some(Ranges::of(parts?.iter().flat_map(Ranges::iter)));
        }
        Predicate::Cond(Cond::Literal(literal)) => literal,
        _ => return None,
    };
    let holds = match &literal.atom {
        Atom::Compare { left: Attr::Now, op, right: Operand::Value(Value::Instant(at)) } => {
            Ranges::comparing(*op, *at)
        }
        Atom::During(spans) => Ranges::of(spans.iter().map(|(start, end)| (*start, end.saturating_sub(1)))),
        _ => return None,
    };
    Some(if literal.negated { holds.complement() } else { holds })
}

fn said(instants: &Ranges) -> Predicate {
    let last = AFTER_LATEST - 1;
    let instants = instants.meet(&Ranges::between(EARLIEST, last));
    let (Some(low), Some(high)) = (instants.low(), instants.high()) else { return Predicate::FALSE };
    let now = |op, at| Predicate::compare(&Attr::Now, op, Value::Instant(at));
    let from = (low > EARLIEST).then(|| now(CompareOp::Ge, low));
    let until = (high < last).then(|| now(CompareOp::Lt, high + 1));
    let spans = (instants.iter().count() > 1).then(|| {
        let spans = instants.iter().map(|(low, high)| (low, high + 1));
        Predicate::atom(Atom::During(spans.collect()))
    });
    all(from.into_iter().chain(until).chain(spans))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(op: CompareOp, at: i64) -> Predicate {
        Predicate::compare(&Attr::Now, op, Value::Instant(at))
    }

    #[test]
    fn a_tree_of_comparisons_and_spans_are_the_same() {
        use CompareOp::{Ge, Lt};
        let during = Predicate::atom(Atom::During([(10, 20), (30, 40), (50, 60)].into()));
        let left = Predicate::All(vec![now(Lt, 30), now(Lt, 20)]);
        let right = Predicate::All(vec![
            now(Ge, 30),
            Predicate::Any(vec![now(Lt, 40), Predicate::All(vec![now(Ge, 50), now(Lt, 60)])]),
        ]);
        let tree = Predicate::All(vec![now(Ge, 10), now(Lt, 60), Predicate::Any(vec![left, right])]);
        assert_eq!(told(tree), told(during.clone()));
        assert_eq!(told(told(during.clone())), told(during));
    }

    #[test]
    fn ends_of_time_and_nothing_are_said_so() {
        use CompareOp::{Ge, Gt, Le, Lt, Ne};
        for always in [now(Ge, EARLIEST), now(Lt, AFTER_LATEST), now(Le, i64::MAX), now(Gt, i64::MIN)] {
            assert_eq!(told(always), Predicate::TRUE);
        }
        for never in [now(Lt, EARLIEST), now(Gt, AFTER_LATEST), Predicate::All(vec![now(Lt, 5), now(Ge, 5)])]
        {
            assert_eq!(told(never), Predicate::FALSE);
        }
        let but_one = Predicate::Any(vec![now(Lt, 5), now(Gt, 5)]);
        assert_eq!(told(but_one), told(now(Ne, 5)));
        // What speaks of something else too stays beside it.
        let beside = Predicate::All(vec![now(Ge, 5), Predicate::Age(60), now(Ge, 7)]);
        assert_eq!(told(beside), Predicate::All(vec![Predicate::Age(60), now(Ge, 7)]));
    }
}
