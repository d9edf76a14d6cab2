//! What bears on a site, found without looking at every rule of an estate.

use super::site::Site;
use super::source;
use bailiwick_compiler::model::*;
use bailiwick_compiler::targets::reading::{Predicate, Reading};
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
    /// The denials, each with the part that it speaks of.
    pub denials: Vec<(usize, Predicate)>,
    /// The positions of those denials in the reading.
    pub denial_ids: Vec<usize>,
}

/// Denials by their position in the reading, and what they say.
type Denials = Vec<(usize, Predicate)>;

type Key = (OpId, Option<(AgentId, PurposeId)>, bool);

/// Rules by where they can hold.
pub struct Index<'a> {
    model: &'a Model,
    reading: &'a Reading,
    bounds: Vec<Bounds>,
    permits_of: HashMap<AgentId, Vec<usize>>,
    grants_of: HashMap<(AgentId, PurposeId), Vec<GrantId>>,
    /// By operation, with all but root and purpose folded in.
    denials_of: RefCell<HashMap<OpId, Rc<Denials>>>,
    forbids_of: HashMap<OpId, Vec<ForbidId>>,
    locals: RefCell<HashMap<Key, Rc<Local>>>,
}

impl<'a> Index<'a> {
    /// Indexes a model and a reading.
    pub fn new(model: &'a Model, reading: &'a Reading) -> Self {
        let bounds: Vec<Bounds> =
            reading.permits.iter().map(|rule| bounds(model, &rule.holds, true)).collect();
        let mut permits_of: HashMap<AgentId, Vec<usize>> = HashMap::new();
        for (at, bounds) in bounds.iter().enumerate() {
            for root in bounds.roots.iter() {
                permits_of.entry(root).or_default().push(at);
            }
        }
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
            bounds,
            permits_of,
            grants_of,
            denials_of: RefCell::default(),
            forbids_of,
            locals: RefCell::default(),
        }
    }

    /// Where a permit can hold.
    pub fn bounds(&self, permit: usize) -> &Bounds {
        &self.bounds[permit]
    }

    /// The permits of a part that can hold at a site, and what they say there.
    pub fn permits(&self, site: &Site, part: usize) -> Vec<(usize, Predicate)> {
        let Some((root, purpose)) = site.session else { return Vec::new() };
        let of_root = self.permits_of.get(&root).into_iter().flatten().copied();
        let here = of_root.filter(|&at| {
            let bounds = &self.bounds[at];
            self.reading.permits[at].part == part
                && bounds.ops.contains(site.op)
                && bounds.purposes.contains(purpose)
        });
        let says = here.map(|at| (at, site.says(&self.reading.permits[at].holds)));
        says.filter(|(_, says)| *says != Predicate::FALSE).collect()
    }

    /// What bears on a site.
    pub fn local(&self, site: &Site) -> Rc<Local> {
        let key = (site.op, site.session, site.alone);
        if let Some(local) = self.locals.borrow().get(&key) {
            return local.clone();
        }
        let local = Rc::new(self.gather(site));
        self.locals.borrow_mut().insert(key, local.clone());
        local
    }

    fn gather(&self, site: &Site) -> Local {
        let mut local = Local::default();
        let Some(session) = site.session else { return local };
        for &id in self.grants_of.get(&session).into_iter().flatten() {
            let grant = self.model.grant(id);
            if grant.lines.iter().any(|line| line.ops.contains(site.op)) {
                let says = site.says(&source::authorises(self.model, grant, site.op));
                if says != Predicate::FALSE {
                    local.grants.push((id, says));
                }
            }
        }
        for &id in self.forbids_of.get(&site.op).into_iter().flatten() {
            let forbid = self.model.forbid(id);
            if site.alone && !forbid.agents.contains(session.0) {
                continue;
            }
            let says = site.says(&source::forbids(forbid));
            if says != Predicate::FALSE && !local.forbids.contains(&says) {
                local.forbids.push(says);
            }
        }
        for (at, denial) in self.denials_at(site.op).iter() {
            let says = site.says(denial);
            if says != Predicate::FALSE {
                local.denials.push((self.reading.denials[*at].part, says));
                local.denial_ids.push(*at);
            }
        }
        local
    }

    fn denials_at(&self, op: OpId) -> Rc<Denials> {
        if let Some(known) = self.denials_of.borrow().get(&op) {
            return known.clone();
        }
        let site = Site { model: self.model, op, session: None, alone: false };
        let says = self.reading.denials.iter().enumerate().map(|(at, rule)| (at, site.says(&rule.holds)));
        let found = Rc::new(says.filter(|(_, says)| *says != Predicate::FALSE).collect::<Denials>());
        self.denials_of.borrow_mut().insert(op, found.clone());
        found
    }
}

/// Where a predicate (or, with `truth` false, its negation) can hold at most.
fn bounds(model: &Model, predicate: &Predicate, truth: bool) -> Bounds {
    let mut found = Bounds {
        roots: AgentSet::all(model.agents.len()),
        ops: OpSet::all(model.ops.len()),
        purposes: PurposeSet::all(model.purposes.len()),
    };
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            let parts = parts.iter().map(|part| bounds(model, part, truth));
            return match matches!(predicate, Predicate::All(_)) == truth {
                true => parts.fold(found, Bounds::both),
                false => parts.fold(Bounds::nowhere(), Bounds::either),
            };
        }
        Predicate::Not(inner) => return bounds(model, inner, !truth),
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
