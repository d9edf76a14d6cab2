//! What was found, by what it was found of, and where it stands in the text now.
//!
//! After an edit most of it is what it was. So all that was told last stays in order; what is gone
//! from it is taken out, what is new is put in.

use crate::anchor::{Anchored, Moved};
use bailiwick_compiler::diagnostic::Diagnostic;
use foldhash::{HashMap, HashSet};
use std::cmp::Ordering;
use std::sync::Arc;

/// Findings, shared between checks.
pub type Findings = Vec<Arc<Diagnostic>>;

/// A finding.
pub struct Kept {
    /// As it was found, of an anchored model.
    found: Arc<Diagnostic>,
    /// The same placed; not, when it was never placed or moved since.
    here: Option<Here>,
}

/// A finding where it stands in the text.
struct Here {
    placed: Arc<Diagnostic>,
    /// The modules that it speaks of.
    modules: Modules,
}

/// Some modules: a bit for each, which a few others may share. Tells what surely speaks of none.
#[derive(Clone, Copy, Default)]
pub struct Modules([u64; 4]);

impl Modules {
    /// Adds a module.
    pub fn insert(&mut self, module: &str) {
        // FNV-1a, 64 bits
        let hash = module.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        self.0[(hash >> 62) as usize] |= 1 << (hash >> 56 & 63);
    }

    fn may_meet(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

impl Kept {
    /// A finding that is not placed yet.
    pub fn new(found: Arc<Diagnostic>) -> Self {
        Self { found, here: None }
    }
}

/// What was found of subjects of one kind; of some it is yet to be asked.
#[derive(Default)]
pub struct Slots(Vec<Option<Vec<Kept>>>);

impl Slots {
    /// The subjects that are yet to be asked of.
    pub fn missing(&self) -> Vec<usize> {
        (0..self.0.len()).filter(|&at| self.0[at].is_none()).collect()
    }

    /// Takes over what was found of a subject.
    pub fn found(&mut self, at: usize, found: Findings) {
        self.0[at] = Some(found.into_iter().map(Kept::new).collect());
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
    /// Of roots of which it is in doubt whether it is still so.
    doubtful: Vec<(usize, Vec<Kept>)>,
    /// All of it, placed and in order, as it was told last.
    told: Findings,
    /// What was told and is no more, or stands elsewhere now.
    gone: Findings,
}

/// The order in which findings are told: by place.
pub fn by_place(a: &Arc<Diagnostic>, b: &Arc<Diagnostic>) -> Ordering {
    (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message))
}

/// Puts findings among others that are in order.
pub fn put_among(findings: &mut Findings, mut new: Findings) {
    new.sort_by(by_place);
    let mut from = 0;
    let places: Vec<usize> = new
        .iter()
        .map(|one| {
            from += findings[from..].partition_point(|other| by_place(other, one).is_le());
            from
        })
        .collect();
    let mut old = std::mem::take(findings).into_iter();
    findings.reserve_exact(old.len() + new.len());
    let mut taken = 0;
    for (place, one) in places.into_iter().zip(new) {
        findings.extend(old.by_ref().take(place - taken));
        findings.push(one);
        taken = place;
    }
    findings.extend(old);
}

impl Known {
    /// Forgets everything; of so many grants, agents and rules of the ground it is to be asked.
    pub fn reset(&mut self, grants: usize, agents: usize, ground: usize) {
        let empty = |count| Slots((0..count).map(|_| None).collect());
        *self = Self {
            grants: empty(grants),
            agents: empty(agents),
            holders: empty(agents),
            roots: empty(agents),
            ground: empty(ground),
            ..Self::default()
        };
    }

    /// Takes in what moved.
    pub fn moved(&mut self, moved: &Moved) {
        if moved.anchors.is_empty() {
            return;
        }
        let mut gone = std::mem::take(&mut self.gone);
        for kept in self.every() {
            let near = kept.here.as_ref().is_some_and(|here| here.modules.may_meet(&moved.modules));
            if near && moved.touches(&kept.found) {
                gone.extend(kept.here.take().map(|here| here.placed));
            }
        }
        self.gone = gone;
    }

    /// Takes in which grant of before each grant is the same as.
    pub fn regrant(&mut self, same: &[Option<usize>]) {
        let mut older = std::mem::take(&mut self.grants.0);
        self.grants.0 = same.iter().map(|same| same.and_then(|at| older[at].take())).collect();
        self.leave(older.into_iter().flatten().flatten());
    }

    /// Forgets what was found of an agent with its grants, and with those of whom hand-overs lead to.
    pub fn forget_agent(&mut self, at: usize) {
        let older = self.holders.0[at].take().into_iter().chain(self.roots.0[at].take());
        let older: Vec<Vec<Kept>> = older.collect();
        self.leave(older.into_iter().flatten());
    }

    /// Holds in doubt what was found of a root: until [`Known::settle`], nothing is known of it.
    pub fn doubt_root(&mut self, at: usize) {
        self.doubtful.extend(self.roots.0[at].take().map(|kept| (at, kept)));
    }

    /// Ends all doubts: what holds of a root still is so.
    pub fn settle(&mut self, holds: impl Fn(usize) -> bool) {
        for (at, kept) in std::mem::take(&mut self.doubtful) {
            if holds(at) {
                self.roots.0[at] = Some(kept);
            } else {
                self.leave(kept.into_iter());
            }
        }
    }

    fn leave(&mut self, kept: impl Iterator<Item = Kept>) {
        self.gone.extend(kept.filter_map(|kept| kept.here).map(|here| here.placed));
    }

    /// Takes over what was found of no single subject; much of it may be the very same as before.
    pub fn found_of_whole(&mut self, found: impl Iterator<Item = Arc<Diagnostic>>) {
        let older = self.whole.drain(..).map(|kept| (Arc::as_ptr(&kept.found).addr(), kept));
        let mut older: HashMap<usize, Kept> = older.collect();
        let kept =
            found.map(|found| older.remove(&Arc::as_ptr(&found).addr()).unwrap_or_else(|| Kept::new(found)));
        self.whole = kept.collect();
        self.leave(older.into_values());
    }

    /// All of it, placed where it stands now, by place.
    pub fn placed(&mut self, anchored: &Anchored) -> &Findings {
        let mut new = Findings::new();
        for kept in self.every().filter(|kept| kept.here.is_none()) {
            let (placed, modules) = anchored.place(&kept.found);
            let placed = Arc::new(placed);
            new.push(placed.clone());
            kept.here = Some(Here { placed, modules });
        }
        // What is gone is held until now, so that nothing else has its address.
        let gone: HashSet<usize> = self.gone.iter().map(|gone| Arc::as_ptr(gone).addr()).collect();
        self.told.retain(|told| !gone.contains(&Arc::as_ptr(told).addr()));
        self.gone.clear();
        put_among(&mut self.told, new);
        &self.told
    }

    fn every(&mut self) -> impl Iterator<Item = &mut Kept> {
        // Nothing is told or moved while something is in doubt.
        let Self { grants, agents, holders, roots, ground, whole, doubtful: _, told: _, gone: _ } = self;
        let of_subjects = [grants, agents, holders, roots, ground].into_iter();
        let of_subjects = of_subjects.flat_map(|slots| &mut slots.0).flatten().flatten();
        of_subjects.chain(whole)
    }
}
