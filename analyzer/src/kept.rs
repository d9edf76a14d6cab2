//! What was found, by what it was found of, and where it stands in the text now.

use crate::anchor::{Anchored, Moved};
use bailiwick_compiler::diagnostic::Diagnostic;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Findings, shared between checks.
pub type Findings = Vec<Arc<Diagnostic>>;

/// What was found of subjects of one kind; of some it is yet to be asked.
pub type Slots = Vec<Option<Vec<Kept>>>;

/// A finding.
#[derive(Clone)]
pub struct Kept {
    /// As it was found, of an anchored model.
    found: Arc<Diagnostic>,
    /// The same placed; not, when it was never placed or moved since.
    here: Option<Here>,
}

/// A finding where it stands in the text.
#[derive(Clone)]
struct Here {
    placed: Arc<Diagnostic>,
    /// The modules that it speaks of.
    modules: Modules,
}

/// Some modules: a bit for each, which a few others may share. Tells what surely speaks of none.
#[derive(Clone, Copy, Default)]
pub struct Modules(u64);

impl Modules {
    /// Adds a module.
    pub fn insert(&mut self, module: &str) {
        // FNV-1a, 64 bits
        let hash = module.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.0 |= 1 << (hash >> 58);
    }

    fn may_meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Kept {
    /// A finding that is not placed yet.
    pub fn new(found: Arc<Diagnostic>) -> Self {
        Self { found, here: None }
    }
}

/// All that was found.
#[derive(Default)]
pub struct Known {
    /// Of grants.
    pub grants: Slots,
    /// Of agents.
    pub agents: Slots,
    /// Of agents with all their grants.
    pub holders: Slots,
    /// Of agents with all their grants and those of whom hand-overs lead to.
    pub roots: Slots,
    /// Of the ground, a rule each.
    pub ground: Slots,
    /// Of no single subject, in any order.
    whole: Vec<Kept>,
    /// All of it, placed and in order, as it was handed out last.
    told: Findings,
}

/// The order in which findings are told: by place.
pub fn by_place(a: &Arc<Diagnostic>, b: &Arc<Diagnostic>) -> Ordering {
    (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message))
}

impl Known {
    /// Takes in what moved.
    pub fn moved(&mut self, moved: &Moved) {
        if moved.anchors.is_empty() {
            return;
        }
        for kept in self.every() {
            let near = kept.here.as_ref().is_some_and(|here| here.modules.may_meet(moved.modules));
            if near && moved.touches(&kept.found) {
                kept.here = None;
            }
        }
    }

    /// Takes over what was found of no single subject; much of it may be the very same as before.
    pub fn found_of_whole(&mut self, found: impl Iterator<Item = Arc<Diagnostic>>) {
        let older = self.whole.drain(..).map(|kept| (Arc::as_ptr(&kept.found).addr(), kept));
        let mut older: HashMap<usize, Kept> = older.collect();
        let kept =
            found.map(|found| older.remove(&Arc::as_ptr(&found).addr()).unwrap_or_else(|| Kept::new(found)));
        self.whole = kept.collect();
    }

    /// All of it, placed where it stands now, by place. Little is new after an edit: that is put
    /// in order, and among what was told before.
    pub fn placed(&mut self, anchored: &Anchored) -> Findings {
        let mut told = std::mem::take(&mut self.told);
        let (mut stays, mut new) = (HashSet::with_capacity(told.len()), Findings::new());
        for kept in self.every() {
            match &kept.here {
                Some(here) => _ = stays.insert(Arc::as_ptr(&here.placed).addr()),
                None => {
                    let (placed, modules) = anchored.place(&kept.found);
                    let placed = Arc::new(placed);
                    new.push(placed.clone());
                    kept.here = Some(Here { placed, modules });
                }
            }
        }
        // What was told is held by `told`, so that nothing else has its address.
        told.retain(|one| stays.contains(&Arc::as_ptr(one).addr()));
        new.sort_by(by_place);
        told.extend(new);
        told.sort_by(by_place); // two runs: no more than a merge
        self.told = told.clone();
        told
    }

    fn every(&mut self) -> impl Iterator<Item = &mut Kept> {
        let Self { grants, agents, holders, roots, ground, whole, told: _ } = self;
        let of_subjects = [grants, agents, holders, roots, ground].into_iter().flatten().flatten().flatten();
        of_subjects.chain(whole)
    }
}
