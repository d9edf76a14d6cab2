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
//!
//! No request has two roots, so a root is a task by itself, and looks at the rules that can hold of
//! its own requests (`index`): a proof grows with the estate and not with its square. What a rule
//! says of where it comes from only chooses what is tried first.

mod ask;
mod assume;
mod equal;
mod index;
mod site;
mod source;
mod time;
mod within;

use crate::analysis::Found;
use crate::{Analysis, workers};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::reading::Reading;
use bailiwick_compiler::targets::{Fidelity, Outcome, Source};
use index::{Index, Locals};
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
    let prover = Prover {
        analysis,
        reading,
        outcomes: outcomes.iter().map(|outcome| (outcome.grant, outcome)).collect(),
        index: Index::new(analysis.model, reading),
    };
    let roots = prover.index.roots();
    let mut found: BTreeMap<usize, OfRoot> = BTreeMap::new();
    let look = |at: usize| prover.look(roots[at]);
    workers::each(
        || {},
        &analysis.stop,
        roots.len(),
        look,
        |at, of_root| {
            found.insert(at, of_root);
        },
    );
    prover.conclude(found.into_values(), outcomes)
}

struct Prover<'a, 'm> {
    analysis: &'a Analysis<'m>,
    reading: &'a Reading,
    outcomes: BTreeMap<GrantId, &'a Outcome>,
    index: Index<'a>,
}

/// One root's requests, while they are looked at.
struct Root<'p, 'm> {
    prover: &'p Prover<'p, 'm>,
    root: AgentId,
    locals: Locals<'p>,
}

/// What was found of one root's requests.
struct OfRoot {
    /// Of permits, by their position in the reading, that are not proved to be within the source.
    beyond: Vec<(usize, Found)>,
    /// Of grants said to be exported exactly that are not proved to be.
    unequal: Vec<(GrantId, Found, Option<RuleName>)>,
}

/// A rule's file, and its name there.
type RuleName = (String, String);

impl Prover<'_, '_> {
    fn look(&self, root: AgentId) -> OfRoot {
        let of = Root { prover: self, root, locals: Locals::new(&self.index) };
        OfRoot { beyond: of.beyond(), unequal: of.unequal() }
    }

    /// The grant that a rule says it comes from.
    fn hint(&self, permit: usize) -> Option<GrantId> {
        match self.reading.permits[permit].from {
            Some(Source::Grant(grant)) if grant.index() < self.analysis.model.grants.len() => Some(grant),
            Some(Source::Grant(_) | Source::Forbid(_)) | None => None,
        }
    }

    /// What is not understood, and what no source stands behind: of these nothing is known to be right.
    fn unread(&self) -> BTreeSet<String> {
        let unread = self.reading.unread.iter().map(|place| format!("`{}`: {}", place.file, place.what));
        let strays = self
            .reading
            .strays
            .iter()
            .map(|place| format!("`{}` is not within its source: {}", place.file, place.what));
        unread.chain(strays).collect()
    }

    fn conclude(&self, roots: impl Iterator<Item = OfRoot>, outcomes: &[Outcome]) -> Proof {
        let mut beyond: BTreeMap<usize, Found> = BTreeMap::new();
        let mut unequal = BTreeMap::new();
        for of_root in roots {
            for (permit, found) in of_root.beyond {
                let known = beyond.entry(permit).or_insert(Found::None);
                let better = matches!((&*known, &found), (Found::Undecided(_), Found::Some(_)));
                if better || *known == Found::None {
                    *known = found;
                }
            }
            unequal.extend(of_root.unequal.into_iter().map(|(grant, found, rule)| (grant, (found, rule))));
        }

        let mut gaps = Vec::new();
        // what could not be decided, by the grants that it bears on; `None` for all
        let mut open: BTreeMap<Option<GrantId>, BTreeSet<String>> = BTreeMap::new();
        let unread = self.unread();
        if !unread.is_empty() {
            open.insert(None, unread);
        }
        for (permit, found) in beyond {
            let (grant, rule) = (self.hint(permit), &self.reading.permits[permit]);
            match found {
                Found::None => {}
                Found::Undecided(why) => {
                    let why = format!("whether `{}` in `{}` is within its source: {why}", rule.id, rule.file);
                    open.entry(grant).or_default().insert(why);
                }
                Found::Some(requests) => {
                    let rule = Some((rule.file.clone(), rule.id.clone()));
                    let gap = |request| Gap { side: Side::Wider, grant, rule: rule.clone(), request };
                    gaps.extend(requests.into_iter().map(gap));
                }
            }
        }
        let mut lesser = BTreeMap::new();
        for (grant, (found, rule)) in unequal {
            match found {
                Found::None => {}
                Found::Undecided(why) => {
                    lesser.insert(grant, why);
                }
                Found::Some(requests) => {
                    lesser.insert(grant, "it allows less".to_owned());
                    let grant = Some(grant);
                    let gap = |request| Gap { side: Side::Narrower, grant, rule: rule.clone(), request };
                    gaps.extend(requests.into_iter().map(gap));
                }
            }
        }
        gaps.sort_by_key(|gap| (gap.side, gap.grant));

        let wider: BTreeSet<Option<GrantId>> =
            gaps.iter().filter(|gap| gap.side == Side::Wider).map(|gap| gap.grant).collect();
        let doubt = |grant: Option<GrantId>| open.get(&grant).and_then(|why| why.first().cloned());
        let standing = |outcome: &Outcome| {
            let grant = outcome.grant;
            if wider.contains(&Some(grant)) || wider.contains(&None) {
                return Standing::NotProved("it allows what its source does not".into());
            }
            if let Some(why) = doubt(None).or_else(|| doubt(Some(grant))) {
                return Standing::NotProved(why);
            }
            match (outcome.result, lesser.get(&grant)) {
                (Fidelity::Exact | Fidelity::ExactUnderAssumptions, None) => Standing::Equal,
                (Fidelity::Exact | Fidelity::ExactUnderAssumptions, Some(why)) => {
                    Standing::WithinAtLeast(why.clone())
                }
                (Fidelity::Narrowed | Fidelity::Refused, _) => Standing::Within,
            }
        };
        let grants = outcomes.iter().map(standing).collect();
        let open = open.into_values().flatten().collect();
        Proof { grants, gaps, open }
    }
}

impl Proof {
    /// Whether the artifacts are proved to allow nothing beyond the source.
    pub fn is_within(&self) -> bool {
        self.open.is_empty() && self.gaps.iter().all(|gap| gap.side == Side::Narrower)
    }
}
