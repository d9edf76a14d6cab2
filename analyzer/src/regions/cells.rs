//! The cells into which conditions cut attributes.
//!
//! Two values of an attribute are in one cell when no interval of the term tells them apart.
//! What is compared with another attribute has a dimension more for how the two relate.

use super::is;
use crate::smt::layout::{Entry, Held, Layout, Members, Presence};
use crate::smt::place::Place;
use crate::smt::ranges::Ranges;
use crate::smt::term::{Bounds, Term, Var};
use std::collections::{BTreeMap, BTreeSet};

/// What is cut.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A scalar: its absence (none), or those of its values.
    Scalar(Place, Vec<Option<Ranges>>),
    /// Whether an attribute is there: no, yes.
    Presence(Place),
    /// Whether a set has the member at that position of its list: no, yes.
    Listed(Place, usize),
    /// Whether a set has the value of another attribute, unlisted: no, yes.
    Other(Place, Place),
    /// Whether a set has members that are not listed: no, yes.
    Rest(Place),
    /// How much the first is above the second.
    Relation(Place, Place, Vec<Ranges>),
}

/// A dimension of a region.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// What is cut.
    pub subject: Subject,
    /// Its cells.
    cells: Vec<Term>,
    /// Those that the region has.
    pub chosen: BTreeSet<usize>,
}

impl Dimension {
    /// A dimension with the cell that the values are in.
    fn new(subject: Subject, cells: Vec<Term>, values: &[i64]) -> Self {
        let here = cells.iter().position(|cell| cell.holds(values));
        Self { subject, cells, chosen: here.into_iter().collect() }
    }

    /// All its cells.
    pub fn all(&self) -> BTreeSet<usize> {
        (0..self.cells.len()).collect()
    }

    /// That the chosen cells hold.
    pub fn term(&self) -> Term {
        match self.chosen.len() == self.cells.len() {
            true => Term::TRUE,
            false => Term::any(self.chosen.iter().map(|&cell| self.cells[cell].clone())),
        }
    }
}

/// The variables of an attribute.
pub fn variables(entry: &Entry) -> Vec<Var> {
    let presence = match entry.presence {
        Presence::When(bit) => Some(bit),
        Presence::Always | Presence::Never => None,
    };
    let held = match &entry.held {
        Held::Ordered(var) | Held::Listed(var, _) => vec![*var],
        Held::Set(Members { bits, others, rest, .. }) => {
            bits.iter().chain(others.iter().map(|(_, bit)| bit)).chain(rest).copied().collect()
        }
        Held::Opaque => Vec::new(),
    };
    presence.into_iter().chain(held).collect()
}

/// The dimensions in which the term can tell requests apart, at these values.
pub fn dimensions(layout: &Layout, visible: &BTreeSet<Place>, term: &Term, values: &[i64]) -> Vec<Dimension> {
    let (mut cuts, mut differences) = (BTreeMap::<Var, Vec<Ranges>>::new(), BTreeMap::new());
    term.leaves(&mut |leaf| match leaf {
        Term::In(var, ranges) => {
            let known = cuts.entry(*var).or_default();
            if !known.contains(ranges) {
                known.push(ranges.clone());
            }
        }
        Term::Diff { left, right, most } => {
            // below and above are two cuts of one difference, left minus right
            let (pair, cut) = match left < right {
                true => ((*left, *right), *most),
                false => ((*right, *left), most.saturating_neg().saturating_sub(1)),
            };
            differences.entry(pair).or_insert_with(BTreeSet::new).insert(cut);
        }
        Term::All(_) | Term::Any(_) => {}
    });
    let mut dimensions = relations(layout, visible, differences, values);
    let mut presences = BTreeSet::new();
    for (place, entry) in layout.entries.iter().filter(|(place, _)| visible.contains(place)) {
        let presence = match entry.presence {
            Presence::Never => continue,
            Presence::Always => None,
            Presence::When(bit) => Some(bit),
        };
        let two = |subject, bit| Dimension::new(subject, vec![is(bit, 0), is(bit, 1)], values);
        match &entry.held {
            Held::Ordered(var) | Held::Listed(var, _) => {
                let classes = classes(layout.vars[var.index()], cuts.get(var).map_or(&[], |cuts| cuts));
                let there = presence.map_or(Term::TRUE, |bit| is(bit, 1));
                let mut cells: Vec<Term> = presence.map(|bit| is(bit, 0)).into_iter().collect();
                let mut named: Vec<Option<Ranges>> = cells.iter().map(|_| None).collect();
                for class in classes {
                    cells.push(Term::all([there.clone(), Term::In(*var, class.clone())]));
                    named.push(Some(class));
                }
                dimensions.push(Dimension::new(Subject::Scalar(place.clone(), named), cells, values));
            }
            Held::Set(Members { bits, others, rest, .. }) => {
                for (at, bit) in bits.iter().enumerate().filter(|(_, bit)| cuts.contains_key(bit)) {
                    dimensions.push(two(Subject::Listed(place.clone(), at), *bit));
                }
                for (other, bit) in others.iter().filter(|(_, bit)| cuts.contains_key(bit)) {
                    dimensions.push(two(Subject::Other(place.clone(), other.clone()), *bit));
                }
                for bit in rest.iter().filter(|bit| cuts.contains_key(bit)) {
                    dimensions.push(two(Subject::Rest(place.clone()), *bit));
                }
                if let Some(bit) = presence.filter(|bit| presences.insert(*bit)) {
                    dimensions.push(two(Subject::Presence(place.clone()), bit));
                }
            }
            Held::Opaque => {
                if let Some(bit) = presence.filter(|bit| presences.insert(*bit)) {
                    dimensions.push(two(Subject::Presence(place.clone()), bit));
                }
            }
        }
    }
    dimensions
}

/// The classes of a variable's values that are in the same ones of the cuts.
fn classes(bounds: Bounds, cuts: &[Ranges]) -> Vec<Ranges> {
    let whole = Ranges::between(bounds.low, bounds.high);
    let starts =
        cuts.iter().flat_map(|cut| cut.iter().flat_map(|(low, high)| [Some(low), high.checked_add(1)]));
    let mut starts: BTreeSet<i64> = starts.flatten().filter(|&start| whole.contains(start)).collect();
    starts.insert(bounds.low);
    let mut classes: BTreeMap<Vec<bool>, Vec<(i64, i64)>> = BTreeMap::new();
    let mut order: Vec<Vec<bool>> = Vec::new();
    for &start in &starts {
        let end = starts.range(start.saturating_add(1)..).next().map_or(bounds.high, |next| next - 1);
        let truths: Vec<bool> = cuts.iter().map(|cut| cut.contains(start)).collect();
        if !classes.contains_key(&truths) {
            order.push(truths.clone());
        }
        classes.entry(truths).or_default().push((start, end.max(start)));
    }
    order.iter().map(|truths| Ranges::of(classes[truths].iter().copied())).collect()
}

fn relations(
    layout: &Layout,
    visible: &BTreeSet<Place>,
    differences: BTreeMap<(Var, Var), BTreeSet<i64>>,
    values: &[i64],
) -> Vec<Dimension> {
    let owner = |var: Var| {
        let mut entries = layout.entries.iter().filter(|(place, _)| visible.contains(place));
        entries.find(|(_, entry)| variables(entry).contains(&var)).map(|(place, _)| place.clone())
    };
    let mut dimensions = Vec::new();
    for ((left, right), cuts) in differences {
        let cuts: Vec<Ranges> = cuts.into_iter().map(Ranges::up_to).collect();
        let classes = classes(Bounds { low: i64::MIN, high: i64::MAX, prefer: 0 }, &cuts);
        let cells = classes.iter().map(|class| {
            let at_most = class.high().filter(|&high| high < i64::MAX);
            let at_least = class.low().filter(|&low| low > i64::MIN);
            let at_most = at_most.map(|most| Term::Diff { left, right, most });
            let at_least = at_least.map(|least| Term::Diff { left: right, right: left, most: -least });
            Term::all(at_most.into_iter().chain(at_least))
        });
        let cells = cells.collect();
        if let (Some(first), Some(second)) = (owner(left), owner(right)) {
            dimensions.push(Dimension::new(Subject::Relation(first, second, classes), cells, values));
        }
    }
    dimensions
}
