//! From a question about requests to an answer: `encode` turns it into a problem over integers,
//! `search` and `solve` settle that, `shrink` and `decode` turn values back into requests.

#[cfg(test)]
pub mod agreement;
mod classes;
mod decode;
pub mod encode;
pub mod layout;
pub mod place;
pub mod question;
pub mod ranges;
pub mod search;
mod shape;
pub mod shrink;
pub mod solve;
mod survey;
pub mod term;

pub use decode::decode;
pub use encode::{compared, encode};

#[cfg(test)]
mod tests {
    use super::ranges::Ranges;
    use super::search::{self, Quick};
    use super::solve;
    use super::term::*;
    use proptest::prelude::*;

    fn ranges() -> impl Strategy<Value = Ranges> {
        prop::collection::vec((-4i64..8, 0i64..3), 0..3)
            .prop_map(|parts| Ranges::of(parts.into_iter().map(|(low, width)| (low, low + width))))
    }

    fn term() -> impl Strategy<Value = Term> {
        let var = (0u32..4).prop_map(Var);
        let leaf = prop_oneof![
            (var.clone(), ranges()).prop_map(|(var, ranges)| Term::In(var, ranges)),
            (var.clone(), var, -3i64..3).prop_map(|(left, right, most)| Term::Diff { left, right, most }),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Term::All),
                prop::collection::vec(inner, 0..4).prop_map(Term::Any),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]
        #[test]
        fn the_fast_path_and_the_solver_agree(term in term()) {
            let problem = Problem { vars: vec![Bounds { low: -3, high: 6, prefer: 0 }; 4], term };
            let slow = solve::solve(&problem);
            match search::search(&problem) {
                Quick::Sat(values) => {
                    prop_assert!(problem.accepts(&values));
                    prop_assert!(matches!(slow, Answer::Sat(_)));
                }
                Quick::Unsat => prop_assert_eq!(slow, Answer::Unsat),
                Quick::Open => prop_assert!(!matches!(slow, Answer::Unknown(_))),
            }
        }

        #[test]
        fn a_term_and_its_complement_split_the_assignments(term in term(), values in prop::collection::vec(-3i64..6, 4)) {
            prop_assert_ne!(term.holds(&values), term.negate().holds(&values));
        }
    }
}
