//! *Within*: a request that a permit lets through against the source, if there is one.

use super::Root;
use super::assume;
use super::index::Bounds;
use super::site::{Site, all, any};
use crate::analysis::Found;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::reading::Predicate;

impl<'m> Root<'_, 'm> {
    /// The permits that are not proved to be within the source, for requests of this root.
    pub fn beyond(&self) -> Vec<(usize, Found)> {
        let permits = self.prover.index.permits_of(self.root);
        let found = permits.map(|(at, bounds)| (at, self.permit(at, bounds)));
        found.filter(|(_, found)| *found != Found::None).collect()
    }

    fn permit(&self, at: usize, bounds: &Bounds) -> Found {
        let (model, permit) = (self.prover.analysis.model, &self.prover.reading.permits[at]);
        let mut undecided = None;
        for purpose in bounds.purposes.iter() {
            for op in bounds.ops.iter() {
                let mut site = Site { model, root: self.root, purpose, op, alone: false };
                let mut says = site.says(&permit.holds);
                if Site::conjuncts(&says).contains(&Predicate::Hops(0)) {
                    site.alone = true;
                    says = site.says(&says);
                }
                match self.permit_at(at, &site, &says) {
                    Found::None => {}
                    Found::Some(requests) => return Found::Some(requests),
                    Found::Undecided(why) => undecided = undecided.or(Some(why)),
                }
            }
        }
        undecided.map_or(Found::None, Found::Undecided)
    }

    /// At one site, on what some grant's export takes for granted there. When that is not enough,
    /// what is found is found on what the permit's own grant takes for granted.
    fn permit_at(&self, at: usize, site: &Site<'m>, says: &Predicate) -> Found {
        let mut first = None;
        for assumed in self.assumed(at, site) {
            match self.permit_assuming(at, site, all([says.clone(), assumed])) {
                Found::None => return Found::None,
                found => first = first.or(Some(found)),
            }
        }
        first.unwrap_or(Found::None)
    }

    /// What may be taken for granted of requests at a site, one alternative after the other: all of
    /// it together is what the export rests on, so that any part of it is enough. When an artifact
    /// is put in and taken out is known of that grant's own artifacts alone; that may be a grant of
    /// other operations, which look the same to the target.
    fn assumed(&self, permit: usize, site: &Site) -> Vec<Predicate> {
        let hint = self.prover.hint(permit);
        let grants = self.prover.index.grants(site);
        let own = grants.iter().filter(|grant| Some(**grant) == hint);
        let others = grants.iter().filter(|grant| Some(**grant) != hint);
        let mut found: Vec<Predicate> = Vec::new();
        for grant in own.chain(others) {
            let Some(outcome) = self.prover.outcomes.get(grant) else { continue };
            let own = Some(*grant) == hint;
            let assumptions = outcome.assumptions.iter().filter(|one| own || !assume::is_of_artifact(one));
            let says = site.says(&assume::all(site.model, assumptions, site.op));
            if !found.contains(&says) {
                found.push(says);
            }
        }
        if found.is_empty() { vec![Predicate::TRUE] } else { found }
    }

    fn permit_assuming(&self, at: usize, site: &Site<'m>, given: Predicate) -> Found {
        if given == Predicate::FALSE {
            return Found::None;
        }
        let (analysis, reading) = (self.prover.analysis, self.prover.reading);
        let part = reading.permits[at].part;
        let local = self.locals.at(site);
        let denials: Vec<&Predicate> = local
            .denials
            .iter()
            .filter(|(denial, _)| reading.denials[*denial].part == part)
            .map(|(_, says)| says)
            .collect();
        let undenied = || all(denials.iter().map(|denial| site.says(&(*denial).clone().negate())));
        let check = |request: &Request| {
            reading.allows_part(analysis.model, request, part) && !analysis.allows(request)
        };

        let hint = self.prover.hint(at);
        let hinted = local.grants.iter().find(|(of, _)| Some(*of) == hint);
        let covered = hinted.is_some_and(|(_, grant)| self.implies(site, &given, grant));
        let mut undecided = None;
        if !covered {
            let grants = any(local.grants.iter().map(|(_, grant)| grant.clone()));
            let ungranted = site.says(&grants.negate());
            match self.ask(site, &all([given.clone(), undenied(), ungranted]), check) {
                Found::None => {}
                Found::Some(requests) => return Found::Some(requests),
                Found::Undecided(why) => undecided = Some(why),
            }
        }
        for forbid in &local.forbids {
            let same = denials.iter().any(|denial| denial == &forbid);
            if same || self.excludes(site, &given, forbid) {
                continue;
            }
            match self.ask(site, &all([given.clone(), undenied(), forbid.clone()]), check) {
                Found::None => {}
                Found::Some(requests) => return Found::Some(requests),
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
            }
        }
        undecided.map_or(Found::None, Found::Undecided)
    }
}
