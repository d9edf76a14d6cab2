//! What was found, by what it was found of, and where it stands in the text now.

use crate::anchor::Anchored;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Str;
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
    here: Option<Arc<Diagnostic>>,
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
}

impl Known {
    fn every(&mut self) -> impl Iterator<Item = &mut Kept> {
        let Self { grants, agents, holders, roots, ground, whole } = self;
        let of_subjects = [grants, agents, holders, roots, ground].into_iter().flatten().flatten().flatten();
        of_subjects.chain(whole)
    }

    /// Takes in that these anchors are elsewhere now.
    pub fn moved(&mut self, anchors: &HashSet<Str>) {
        if anchors.is_empty() {
            return;
        }
        self.every().filter(|kept| Anchored::touches(&kept.found, anchors)).for_each(|kept| kept.here = None);
    }

    /// Takes over what was found of no single subject; much of it may be the very same as before.
    pub fn found_of_whole(&mut self, found: impl Iterator<Item = Arc<Diagnostic>>) {
        let older = self.whole.drain(..).map(|kept| (Arc::as_ptr(&kept.found).addr(), kept));
        let mut older: HashMap<usize, Kept> = older.collect();
        let kept =
            found.map(|found| older.remove(&Arc::as_ptr(&found).addr()).unwrap_or_else(|| Kept::new(found)));
        self.whole = kept.collect();
    }

    /// All of it, placed where it stands now.
    pub fn placed(&mut self, anchored: &Anchored) -> Findings {
        let here =
            |kept: &mut Kept| kept.here.get_or_insert_with(|| Arc::new(anchored.place(&kept.found))).clone();
        self.every().map(here).collect()
    }
}
