//! The regions of random questions: each inside of the answer, together all of it.

use super::{cells, visible};
use crate::analysis::Analysis;
use crate::smt::agreement::{NOW, cond, model, question};
use crate::smt::encode::{Stated, state};
use crate::smt::question::Formula;
use crate::smt::ranges::Ranges;
use crate::smt::term::{Answer, Problem, Term};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn regions_are_inside_and_cover(
        allowed in cond(),
        needed in cond(),
        wishes in prop::collection::vec(prop::collection::vec(-3i64..5, 64), 6),
    ) {
        let model = model();
        let analysis = Analysis::new(&model, NOW);
        let formula = Formula::All(vec![Formula::cond(0, &allowed), Formula::cond(0, &needed).negate()]);
        let question = question(formula);
        let Stated { well_formed, asked, layout } =
            state(&model, &question, NOW).map_err(TestCaseError::fail)?;
        let cover = analysis.regions(&question);
        let settle = |term: Term| {
            analysis.settle(&Problem { vars: layout.vars.clone(), term })
        };

        if cover.rest.is_none() {
            let outside = cover.regions.iter().map(|region| region.term.negate());
            let left = Term::all([well_formed.clone(), asked.clone()].into_iter().chain(outside));
            prop_assert_eq!(settle(left), Answer::Unsat, "there is more than {:?}", cover.regions);
        }
        let seen = visible(&question);
        for region in &cover.regions {
            for wish in &wishes {
                // some request of the region, near the wish
                let mut vars = layout.vars.clone();
                for (bounds, near) in vars.iter_mut().zip(wish) {
                    bounds.prefer = bounds.prefer.saturating_add(*near).clamp(bounds.low, bounds.high);
                }
                let problem = Problem { vars, term: Term::all([well_formed.clone(), region.term.clone()]) };
                let Answer::Sat(values) = analysis.settle(&problem) else {
                    return Err(TestCaseError::fail("an empty region"));
                };
                // what conditions speak of is as it is; some circumstances make it an answer
                let entries = layout.entries.iter().filter(|(place, _)| seen.contains(place));
                let pins = entries.flat_map(|(_, entry)| cells::variables(entry));
                let pins = pins.map(|var| Term::In(var, Ranges::only(values[var.index()])));
                let there = Term::all([well_formed.clone(), asked.clone()].into_iter().chain(pins));
                prop_assert!(
                    matches!(settle(there), Answer::Sat(_)),
                    "{:?} is not all inside: {:?}", region.facts, values
                );
            }
        }
    }
}
