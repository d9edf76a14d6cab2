//! What bears on a site, found without looking at every rule of an estate.

use super::site::Site;
use super::source;
use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::reading::{Predicate, ReadRule, Reading};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Where a rule can hold at most.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The roots.
    pub roots: AgentSet,
    /// The operations.
    pub ops: OpSet,
    /// The purposes.
    pub purposes: PurposeSet,
}

/// What the source and the denials say at a site; what never holds there is left out.
#[derive(Debug, Default)]
pub struct Local {
    /// The grants that could authorise.
    pub grants: Vec<(GrantId, Predicate)>,
    /// The forbids.
    pub forbids: Vec<Predicate>,
    /// The denials, by their position in the reading.
    pub denials: Vec<(usize, Predicate)>,
}

/// Rules by where they can hold.
pub struct Index<'a> {
    model: &'a Model,
    reading: &'a Reading,
    permits: ByRoot,
    denials: ByRoot,
    grants_of: HashMap<(AgentId, PurposeId), Vec<GrantId>>,
    forbids_of: HashMap<OpId, Vec<ForbidId>>,
    /// What the source asks of a session on behalf of delegates.
    weakest: Vec<Predicate>,
}

/// Rules of a reading, by their position, and the roots of whose requests they can hold.
struct ByRoot {
    bounds: Vec<Bounds>,
    of: HashMap<AgentId, Vec<usize>>,
    /// Those that can hold of everybody's.
    of_all: Vec<usize>,
}

impl<'a> Index<'a> {
    /// Indexes a model and a reading.
    pub fn new(model: &'a Model, reading: &'a Reading) -> Self {
        let every = Bounds {
            roots: AgentSet::all(model.agents.len()),
            ops: OpSet::all(model.ops.len()),
            purposes: PurposeSet::all(model.purposes.len()),
        };
        let mut grants_of: HashMap<_, Vec<GrantId>> = HashMap::new();
        for (at, grant) in model.grants.iter().enumerate() {
            grants_of.entry((grant.to, grant.purpose)).or_default().push(GrantId::at(at));
        }
        let mut forbids_of: HashMap<OpId, Vec<ForbidId>> = HashMap::new();
        for (at, forbid) in model.forbids.iter().enumerate() {
            for op in forbid.ops.iter() {
                forbids_of.entry(op).or_default().push(ForbidId::at(at));
            }
        }
        Self {
            model,
            reading,
            permits: ByRoot::new(&every, &reading.permits),
            denials: ByRoot::new(&every, &reading.denials),
            grants_of,
            forbids_of,
            weakest: source::weakest(model),
        }
    }

    /// The roots that a permit or a grant speaks of, ascending.
    pub fn roots(&self) -> Vec<AgentId> {
        let all = (0..self.model.agents.len()).map(AgentId::at);
        let granted: AgentSet = self.grants_of.keys().map(|(root, _)| *root).collect();
        let permitted = |root: &AgentId| self.permits.of.contains_key(root) || granted.contains(*root);
        all.filter(|root| !self.permits.of_all.is_empty() || permitted(root)).collect()
    }

    /// The permits that can hold of a root's requests, and where.
    pub fn permits_of(&self, root: AgentId) -> impl Iterator<Item = (usize, &Bounds)> {
        self.permits.of(root).map(|at| (at, &self.permits.bounds[at]))
    }

    /// The permits of a part that can hold at a site, and what they say there.
    pub fn permits(&self, site: &Site, part: usize) -> Vec<(usize, Predicate)> {
        let here = self.permits.at(site).filter(|at| self.reading.permits[*at].part == part);
        let says = here.map(|at| (at, site.says(&self.reading.permits[at].holds)));
        says.filter(|(_, says)| *says != Predicate::FALSE).collect()
    }

    /// The grants to the site's root for its purpose.
    pub fn grants(&self, site: &Site) -> &[GrantId] {
        self.grants_of.get(&(site.root, site.purpose)).map_or(&[], Vec::as_slice)
    }

    fn gather(&self, site: &Site) -> Local {
        let mut local = Local::default();
        for &id in self.grants(site) {
            let grant = self.model.grant(id);
            if grant.lines.iter().any(|line| line.ops.contains(site.op)) {
                let says = site.says(&source::authorises(self.model, &self.weakest, grant, site.op));
                if says != Predicate::FALSE {
                    local.grants.push((id, says));
                }
            }
        }
        for &id in self.forbids_of.get(&site.op).into_iter().flatten() {
            let forbid = self.model.forbid(id);
            if site.alone && !forbid.agents.contains(site.root) {
                continue;
            }
            let says = site.says(&source::forbids(forbid));
            if says != Predicate::FALSE && !local.forbids.contains(&says) {
                local.forbids.push(says);
            }
        }
        let denials = self.denials.at(site).map(|at| (at, site.says(&self.reading.denials[at].holds)));
        local.denials = denials.filter(|(_, says)| *says != Predicate::FALSE).collect();
        local
    }
}

impl ByRoot {
    fn new(every: &Bounds, rules: &[ReadRule]) -> Self {
        let bounds: Vec<Bounds> = rules.iter().map(|rule| bounds(every, &rule.holds, true)).collect();
        let mut of: HashMap<AgentId, Vec<usize>> = HashMap::new();
        let mut of_all = Vec::new();
        for (at, bounds) in bounds.iter().enumerate() {
            if bounds.roots == every.roots {
                of_all.push(at);
                continue;
            }
            for root in bounds.roots.iter() {
                of.entry(root).or_default().push(at);
            }
        }
        Self { bounds, of, of_all }
    }

    fn of(&self, root: AgentId) -> impl Iterator<Item = usize> {
        self.of.get(&root).into_iter().flatten().chain(&self.of_all).copied()
    }

    fn at(&self, site: &Site) -> impl Iterator<Item = usize> {
        let (op, purpose) = (site.op, site.purpose);
        self.of(site.root).filter(move |at| {
            let bounds = &self.bounds[*at];
            bounds.ops.contains(op) && bounds.purposes.contains(purpose)
        })
    }
}

/// What bears on the sites of one root, kept as long as that root is looked at.
pub struct Locals<'i> {
    index: &'i Index<'i>,
    known: RefCell<HashMap<(PurposeId, OpId, bool), Rc<Local>>>,
}

impl<'i> Locals<'i> {
    /// Nothing is known yet.
    pub fn new(index: &'i Index<'i>) -> Self {
        Self { index, known: RefCell::default() }
    }

    /// What bears on a site; every site asked for has the same root.
    pub fn at(&self, site: &Site) -> Rc<Local> {
        let key = (site.purpose, site.op, site.alone);
        if let Some(local) = self.known.borrow().get(&key) {
            return local.clone();
        }
        let local = Rc::new(self.index.gather(site));
        self.known.borrow_mut().insert(key, local.clone());
        local
    }
}

/// Where a predicate (or, with `truth` false, its negation) can hold at most.
fn bounds(every: &Bounds, predicate: &Predicate, truth: bool) -> Bounds {
    let mut found = every.clone();
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            let parts = parts.iter().map(|part| bounds(every, part, truth));
            return match matches!(predicate, Predicate::All(_)) == truth {
                true => parts.fold(found, Bounds::both),
                false => parts.fold(Bounds::nowhere(), Bounds::either),
            };
        }
        Predicate::Not(inner) => return bounds(every, inner, !truth),
        Predicate::Cond(cond) => found.purposes = purposes(&found.purposes, cond, truth),
        Predicate::Root(agents) if truth => found.roots = agents.intersection(&found.roots),
        Predicate::Root(agents) => found.roots = found.roots.minus(agents),
        Predicate::Op(ops) if truth => found.ops = ops.intersection(&found.ops),
        Predicate::Op(ops) => found.ops = found.ops.minus(ops),
        Predicate::SomeDelegate(_)
        | Predicate::Hops(_)
        | Predicate::DataWithin(_)
        | Predicate::DataMeets(_)
        | Predicate::Age(_) => {}
    }
    found
}

/// The purposes for which a condition can hold at most.
fn purposes(every: &PurposeSet, cond: &Cond, truth: bool) -> PurposeSet {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => {
            let parts = parts.iter().map(|part| purposes(every, part, truth));
            match matches!(cond, Cond::All(_)) == truth {
                true => parts.fold(every.clone(), |all, part| all.intersection(&part)),
                false => parts.fold(PurposeSet::new(), |all, part| all.union(&part)),
            }
        }
        Cond::Literal(Literal { atom: Atom::Purpose(purposes), negated, .. }) => {
            if *negated != truth {
                purposes.intersection(every)
            } else {
                every.minus(purposes)
            }
        }
        Cond::Literal(_) => every.clone(),
    }
}

impl Bounds {
    fn nowhere() -> Bounds {
        Bounds { roots: AgentSet::new(), ops: OpSet::new(), purposes: PurposeSet::new() }
    }

    fn both(self, other: Bounds) -> Bounds {
        Bounds {
            roots: self.roots.intersection(&other.roots),
            ops: self.ops.intersection(&other.ops),
            purposes: self.purposes.intersection(&other.purposes),
        }
    }

    fn either(self, other: Bounds) -> Bounds {
        Bounds {
            roots: self.roots.union(&other.roots),
            ops: self.ops.union(&other.ops),
            purposes: self.purposes.union(&other.purposes),
        }
    }
}
