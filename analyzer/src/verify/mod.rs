//! Exports, proved: what a target's artifacts allow is within the source, and the same where the
//! compiler says so (language reference, "Export").
//!
//! A [`Reading`] says of source requests whether the artifacts let them through. Two families of
//! questions hold it to the policy, each about one *site* (a root, an operation, a purpose):
//!
//! - *within*: is there a well-formed request that satisfies the assumptions, is permitted by this
//!   rule, denied by none, and not allowed by the policy? One question a permit and site.
//! - *equal*, where the outcome claims it: is there a request that satisfies the assumptions, is
//!   allowed by this grant and not let through? One question a grant, operation and part.
//!
//! Where a permit says word for word what its grant says, comparing is the proof (`site`); the
//! rest goes the way of every question of this crate. What is found is replayed: the evaluator and
//! [`Reading::allows`] have to disagree about it in fact.

mod assume;
mod index;
mod site;
mod source;

use crate::Analysis;
use crate::analysis::Found;
use crate::smt::question::{Formula, Question, Slot};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::reading::{Predicate, Reading};
use bailiwick_compiler::targets::{Assumption, Fidelity, Outcome, Source};
use index::{Index, Local};
use site::{Site, all, any};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a target's artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Every grant, in the fixed order.
    pub grants: Vec<Standing>,
    /// Where artifacts and source differ: what is wider first.
    pub gaps: Vec<Gap>,
    /// What is not known, and why; one sentence each.
    pub open: Vec<String>,
}

/// How a grant's export stands to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Proved to allow the same, as far as the assumptions hold.
    Equal,
    /// Proved to allow no more.
    Within,
    /// Proved to allow no more. That it allows the same was claimed and could not be decided: why.
    WithinAtLeast(String),
    /// Not proved, and why.
    NotProved(String),
}

/// A request that the artifacts and the source decide differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// In which direction.
    pub side: Side,
    /// The grant that it is about, as far as the artifacts say.
    pub grant: Option<GrantId>,
    /// The rule of the artifact that lets it through, or takes it: its file and its name there.
    pub rule: Option<(String, String)>,
    /// The request, replayed.
    pub request: Request,
}

/// Which of the two allows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The artifacts allow what the source denies.
    Wider,
    /// The artifacts deny what the source allows, where they are said to be the same.
    Narrower,
}

/// Proves a target's artifacts against the analysed model; `outcomes` are what the compiler (or a
/// manifest) says became of each grant.
pub fn verify(analysis: &Analysis, reading: &Reading, outcomes: &[Outcome]) -> Proof {
    let mut prover = Prover {
        analysis,
        reading,
        outcomes,
        index: Index::new(analysis.model, reading),
        gaps: Vec::new(),
        open: BTreeMap::new(),
    };
    prover.unread();
    prover.within();
    let unequal = prover.equal();
    prover.conclude(unequal)
}

struct Prover<'a, 'm> {
    analysis: &'a Analysis<'m>,
    reading: &'a Reading,
    outcomes: &'a [Outcome],
    index: Index<'a>,
    gaps: Vec<Gap>,
    /// What could not be decided, by the grants that it bears on; `None` for all.
    open: BTreeMap<Option<GrantId>, BTreeSet<String>>,
}

impl<'a, 'm> Prover<'a, 'm> {
    /// Of what is not understood, and of what no tool can ask for, nothing is known to be right.
    fn unread(&mut self) {
        let unread = self.reading.unread.iter().map(|place| format!("`{}`: {}", place.file, place.what));
        let strays = self.reading.strays.iter().map(|place| {
            format!("`{}` allows what no tool of the project can ask for: {}", place.file, place.what)
        });
        let whole: BTreeSet<String> = unread.chain(strays).collect();
        if !whole.is_empty() {
            self.open.entry(None).or_default().extend(whole);
        }
    }

    fn within(&mut self) {
        for at in 0..self.reading.permits.len() {
            let (grant, found) = (self.hint(at), self.permit_within(at));
            match found {
                Found::None => {}
                Found::Undecided(why) => {
                    let rule = &self.reading.permits[at];
                    let why = format!("whether `{}` in `{}` is within its source: {why}", rule.id, rule.file);
                    self.open.entry(grant).or_default().insert(why);
                }
                Found::Some(requests) => {
                    let rule = &self.reading.permits[at];
                    let rule = Some((rule.file.clone(), rule.id.clone()));
                    let gaps = requests.into_iter().map(|request| Gap {
                        side: Side::Wider,
                        grant,
                        rule: rule.clone(),
                        request,
                    });
                    self.gaps.extend(gaps);
                }
            }
        }
    }

    /// The grant that a permit says it comes from.
    fn hint(&self, permit: usize) -> Option<GrantId> {
        match self.reading.permits[permit].from {
            Some(Source::Grant(grant)) if grant.index() < self.analysis.model.grants.len() => Some(grant),
            Some(Source::Grant(_) | Source::Forbid(_)) | None => None,
        }
    }

    /// Whether the export of a grant takes for granted that its identity serves its purpose alone:
    /// then sessions for other purposes never come with it.
    fn has_own_identity(&self, grant: GrantId) -> bool {
        let outcome = self.outcomes.iter().find(|outcome| outcome.grant == grant);
        outcome.is_some_and(|outcome| outcome.assumptions.contains(&Assumption::OneIdentityPerPurpose))
    }

    /// A request that the permit lets through against the source.
    fn permit_within(&self, at: usize) -> Found {
        let permit = &self.reading.permits[at];
        let mut bounds = self.index.bounds(at).clone();
        if let Some(grant) = self.hint(at).filter(|grant| self.has_own_identity(*grant)) {
            let purpose = PurposeSet::only(self.analysis.model.grant(grant).purpose);
            bounds.purposes = bounds.purposes.intersection(&purpose);
        }
        let mut undecided = None;
        for root in bounds.roots.iter() {
            for purpose in bounds.purposes.iter() {
                for op in bounds.ops.iter() {
                    let mut site =
                        Site { model: self.analysis.model, op, session: Some((root, purpose)), alone: false };
                    let mut says = site.says(&permit.holds);
                    if Site::conjuncts(&says).contains(&Predicate::Hops(0)) {
                        site.alone = true;
                        says = site.says(&says);
                    }
                    match self.permit_at(at, &site, says) {
                        Found::None => {}
                        Found::Some(requests) => return Found::Some(requests),
                        Found::Undecided(why) => undecided = undecided.or(Some(why)),
                    }
                }
            }
        }
        undecided.map_or(Found::None, Found::Undecided)
    }

    fn permit_at(&self, at: usize, site: &Site<'m>, says: Predicate) -> Found {
        let permit = &self.reading.permits[at];
        let (hint, assumed) = self.assumed(self.hint(at), site);
        let given = all([says, assumed]);
        if given == Predicate::FALSE {
            return Found::None;
        }
        let local = self.index.local(site);
        let denials: Vec<&Predicate> =
            local.denials.iter().filter(|(part, _)| *part == permit.part).map(|(_, says)| says).collect();
        let undenied = || all(denials.iter().map(|denial| site.says(&(*denial).clone().negate())));
        let check = |request: &Request| {
            self.reading.allows_part(self.analysis.model, request, permit.part)
                && !self.analysis.allows(request)
        };

        let hinted = hint.and_then(|grant| local.grants.iter().find(|(of, _)| *of == grant));
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

    /// What the export of a grant takes for granted here. Only a grant to this root for this
    /// purpose has a say in what may be assumed of its sessions.
    fn assumed(&self, grant: Option<GrantId>, site: &Site) -> (Option<GrantId>, Predicate) {
        let model = self.analysis.model;
        let grant = grant.filter(|&grant| {
            let grant = model.grant(grant);
            site.session == Some((grant.to, grant.purpose))
        });
        let outcome = grant.and_then(|grant| self.outcomes.iter().find(|outcome| outcome.grant == grant));
        let assumed = outcome.map(|outcome| site.says(&assume::all(model, &outcome.assumptions, site.op)));
        (grant, assumed.unwrap_or(Predicate::TRUE))
    }

    /// For each grant that is said to be exported exactly and is not: why that is not known.
    fn equal(&mut self) -> BTreeMap<GrantId, String> {
        let mut unequal = BTreeMap::new();
        // what is not understood may permit what seems to be missing
        if !self.reading.unread.is_empty() {
            return unequal;
        }
        let claimed = self.outcomes.iter().filter(|outcome| match outcome.result {
            Fidelity::Exact | Fidelity::ExactUnderAssumptions => true,
            Fidelity::Narrowed | Fidelity::Refused => false,
        });
        for outcome in claimed {
            match self.grant_equal(outcome.grant) {
                (Found::None, _) => {}
                (Found::Undecided(why), _) => {
                    unequal.insert(outcome.grant, why);
                }
                (Found::Some(requests), rule) => {
                    unequal.insert(outcome.grant, "it allows less".to_owned());
                    let gaps = requests.into_iter().map(|request| Gap {
                        side: Side::Narrower,
                        grant: Some(outcome.grant),
                        rule: rule.clone(),
                        request,
                    });
                    self.gaps.extend(gaps);
                }
            }
        }
        unequal
    }

    /// A request that the grant allows and the artifacts do not let through; the denial that takes it.
    fn grant_equal(&self, id: GrantId) -> (Found, Option<(String, String)>) {
        let model = self.analysis.model;
        let grant = model.grant(id);
        let ops = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        let mut undecided = None;
        for op in ops.iter() {
            let alone = grant.delegates.is_empty();
            let site = Site { model, op, session: Some((grant.to, grant.purpose)), alone };
            let local = self.index.local(&site);
            let Some((_, says)) = local.grants.iter().find(|(of, _)| *of == id) else { continue };
            let (_, assumed) = self.assumed(Some(id), &site);
            let given = all([says.clone(), assumed]);
            if given == Predicate::FALSE {
                continue;
            }
            for part in 0..self.reading.parts.get(&op).copied().unwrap_or(1) {
                match self.part_equal(id, &site, &local, &given, part) {
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
    ) -> (Found, Option<(String, String)>) {
        let unforbidden = || all(local.forbids.iter().map(|forbid| site.says(&forbid.clone().negate())));
        let check = |request: &Request| {
            self.analysis.allows(request) && !self.reading.allows(self.analysis.model, request)
        };
        let permits: Vec<(usize, Predicate)> = self.index.permits(site, part);
        let hinted = permits.iter().filter(|(at, _)| self.hint(*at) == Some(id));
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
        for (at, (of, denial)) in local.denials.iter().enumerate() {
            if *of != part || local.forbids.contains(denial) || self.excludes(site, given, denial) {
                continue;
            }
            match self.ask(site, &all([given.clone(), unforbidden(), denial.clone()]), check) {
                Found::None => {}
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
                found => {
                    let rule = &self.reading.denials[local.denial_ids[at]];
                    return (found, Some((rule.file.clone(), rule.id.clone())));
                }
            }
        }
        (undecided.map_or(Found::None, Found::Undecided), None)
    }

    /// Whether the one is known to imply the other, conjunct by conjunct.
    fn implies(&self, site: &Site<'m>, given: &Predicate, wanted: &Predicate) -> bool {
        let known = Site::conjuncts(given);
        Site::conjuncts(wanted).iter().all(|part| {
            known.contains(part) || self.excludes(site, given, &site.says(&part.clone().negate()))
        })
    }

    /// Whether the two are known never to hold together.
    fn excludes(&self, site: &Site<'m>, given: &Predicate, other: &Predicate) -> bool {
        let known = Site::conjuncts(given);
        let contradicted = |part: &Predicate| known.contains(&site.says(&part.clone().negate()));
        let denied = match other {
            Predicate::Any(parts) => parts.iter().all(contradicted),
            _ => Site::conjuncts(other).iter().any(contradicted),
        };
        denied || self.ask(site, &all([given.clone(), other.clone()]), |_| true) == Found::None
    }

    /// Looks for a request here of which the predicate holds and that `check` confirms.
    fn ask(&self, site: &Site<'m>, predicate: &Predicate, check: impl Fn(&Request) -> bool) -> Found {
        if *predicate == Predicate::FALSE {
            return Found::None;
        }
        let Some((root, purpose)) = site.session else {
            return Found::Undecided("internal error: a question about no session".into());
        };
        let data = site.model.op(site.op).declared.clone();
        let question = Question {
            slots: vec![Slot { chain: vec![root], purpose, op: site.op, data }],
            one_session: false,
            formula: Formula::Is(0, predicate),
        };
        match self.analysis.ask(&question) {
            Found::Some(requests) if !requests.iter().all(check) => {
                Found::Undecided("internal error: a witness did not replay".into())
            }
            found => found,
        }
    }

    fn conclude(mut self, unequal: BTreeMap<GrantId, String>) -> Proof {
        self.gaps.sort_by_key(|gap| (gap.side, gap.grant));
        let wider: BTreeSet<Option<GrantId>> =
            self.gaps.iter().filter(|gap| gap.side == Side::Wider).map(|gap| gap.grant).collect();
        let doubt = |grant: Option<GrantId>| self.open.get(&grant).and_then(|why| why.first().cloned());
        let standing = |outcome: &Outcome| {
            let grant = outcome.grant;
            if wider.contains(&Some(grant)) || wider.contains(&None) {
                return Standing::NotProved("it allows what its source does not".into());
            }
            if let Some(why) = doubt(None).or_else(|| doubt(Some(grant))) {
                return Standing::NotProved(why);
            }
            match (outcome.result, unequal.get(&grant)) {
                (Fidelity::Exact | Fidelity::ExactUnderAssumptions, None) => Standing::Equal,
                (Fidelity::Exact | Fidelity::ExactUnderAssumptions, Some(why)) => {
                    Standing::WithinAtLeast(why.clone())
                }
                (Fidelity::Narrowed | Fidelity::Refused, _) => Standing::Within,
            }
        };
        let grants = self.outcomes.iter().map(standing).collect();
        let open = self.open.values().flatten().cloned().collect();
        Proof { grants, gaps: self.gaps, open }
    }
}

impl Proof {
    /// Whether the artifacts are proved to allow nothing beyond the source.
    pub fn is_within(&self) -> bool {
        self.open.is_empty() && self.gaps.iter().all(|gap| gap.side == Side::Narrower)
    }
}
