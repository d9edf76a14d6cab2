//! *Equal*, where that is claimed: a request that a grant allows and the artifacts do not let through.

use super::index::Local;
use super::site::{Site, all, any};
use super::{Root, RuleName, assume};
use crate::analysis::Found;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::reading::Predicate;
use bailiwick_compiler::targets::{Fidelity, Outcome};

/// What is missing, and the denial that takes it.
type Missing = (Found, Option<RuleName>);

impl<'m> Root<'_, 'm> {
    /// Of the root's grants that are said to be exported exactly, those that are not proved to be.
    pub fn unequal(&self) -> Vec<(GrantId, Found, Option<RuleName>)> {
        // what is not understood may permit what seems to be missing
        if !self.prover.reading.unread.is_empty() {
            return Vec::new();
        }
        let of_root = self.prover.analysis.grants_of[self.root.index()].iter();
        let claimed = of_root.filter_map(|grant| match self.prover.outcomes.get(grant) {
            Some(outcome) => match outcome.result {
                Fidelity::Exact | Fidelity::ExactUnderAssumptions => Some(*outcome),
                Fidelity::Narrowed | Fidelity::Refused => None,
            },
            None => None,
        });
        let found = claimed.map(|outcome| (outcome.grant, self.grant_equal(outcome)));
        let found = found.map(|(grant, (found, rule))| (grant, found, rule));
        found.filter(|(_, found, _)| *found != Found::None).collect()
    }

    fn grant_equal(&self, outcome: &Outcome) -> Missing {
        let (model, reading) = (self.prover.analysis.model, self.prover.reading);
        let grant = model.grant(outcome.grant);
        let ops = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        let mut undecided = None;
        for op in ops.iter() {
            let alone = grant.delegates.is_empty();
            let site = Site { model, root: self.root, purpose: grant.purpose, op, alone };
            let local = self.locals.at(&site);
            let Some((_, says)) = local.grants.iter().find(|(of, _)| *of == outcome.grant) else { continue };
            let assumed = site.says(&assume::all(model, &outcome.assumptions, op));
            let given = all([says.clone(), assumed]);
            if given == Predicate::FALSE {
                continue;
            }
            for part in 0..reading.parts.get(&op).copied().unwrap_or(1) {
                match self.part_equal(outcome.grant, &site, &local, &given, part) {
                    (Found::None, _) => {}
                    (Found::Undecided(why), _) => undecided = undecided.or(Some(why)),
                    found => return found,
                }
            }
        }
        (undecided.map_or(Found::None, Found::Undecided), None)
    }

    fn part_equal(
        &self,
        id: GrantId,
        site: &Site<'m>,
        local: &Local,
        given: &Predicate,
        part: usize,
    ) -> Missing {
        let (analysis, reading) = (self.prover.analysis, self.prover.reading);
        let unforbidden = || all(local.forbids.iter().map(|forbid| site.says(&forbid.clone().negate())));
        let check = |request: &Request| analysis.allows(request) && !reading.allows(analysis.model, request);
        let permits: Vec<(usize, Predicate)> = self.prover.index.permits(site, part);
        let hinted = permits.iter().filter(|(at, _)| self.prover.hint(*at) == Some(id));
        let hinted = any(hinted.map(|(_, says)| says.clone()));
        let mut undecided = None;
        if !self.implies(site, given, &hinted) {
            let unpermitted = site.says(&any(permits.into_iter().map(|(_, says)| says)).negate());
            match self.ask(site, &all([given.clone(), unforbidden(), unpermitted]), check) {
                Found::None => {}
                Found::Undecided(why) => undecided = Some(why),
                found => return (found, None),
            }
        }
        for (at, denial) in &local.denials {
            let rule = &reading.denials[*at];
            if rule.part != part || local.forbids.contains(denial) || self.excludes(site, given, denial) {
                continue;
            }
            match self.ask(site, &all([given.clone(), unforbidden(), denial.clone()]), check) {
                Found::None => {}
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
                found => return (found, Some((rule.file.clone(), rule.id.clone()))),
            }
        }
        (undecided.map_or(Found::None, Found::Undecided), None)
    }
}
