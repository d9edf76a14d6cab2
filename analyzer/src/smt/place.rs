//! Attributes of a question's requests, and tables by them.

use super::question::Question;
use bailiwick_compiler::model::Attr;

/// An attribute of a slot's request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The slot; the first one for what a common session holds.
    pub slot: usize,
    /// The attribute.
    pub attr: Attr,
}

/// Where an attribute lives.
pub fn place(question: &Question, slot: usize, attr: &Attr) -> Place {
    Place { slot: home(question, slot, attr), attr: attr.clone() }
}

/// The slot that an attribute belongs to: the first one for what one session has in common.
pub fn home(question: &Question, slot: usize, attr: &Attr) -> usize {
    let common = match attr {
        Attr::Session(_) | Attr::Started | Attr::Authn => question.one_session,
        Attr::Arg(_) | Attr::Now => false,
    };
    if common { 0 } else { slot }
}

/// Something for each of some places, sorted by them. It is asked all the time, so a look into it
/// makes no place: names are shared by threads, and to share is to write.
#[derive(Clone, Debug)]
pub struct Places<T>(Vec<(Place, T)>);

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Places<T> {
    fn find(&self, slot: usize, attr: &Attr) -> Result<usize, usize> {
        self.0.binary_search_by(|(place, _)| place.slot.cmp(&slot).then_with(|| place.attr.cmp(attr)))
    }

    /// What is there for a place.
    pub fn get(&self, slot: usize, attr: &Attr) -> Option<&T> {
        self.find(slot, attr).ok().map(|at| &self.0[at].1)
    }

    /// Adds a place, once.
    pub fn insert(&mut self, slot: usize, attr: &Attr, value: T) {
        let at = self.find(slot, attr).unwrap_or_else(|at| at);
        self.0.insert(at, (Place { slot, attr: attr.clone() }, value));
    }

    /// Adds a place behind all others.
    pub fn push(&mut self, place: Place, value: T) {
        debug_assert!(self.0.last().is_none_or(|(last, _)| *last < place));
        self.0.push((place, value));
    }

    /// The places, each with what is there.
    pub fn iter(&self) -> impl Iterator<Item = (&Place, &T)> {
        self.0.iter().map(|(place, value)| (place, value))
    }

    /// What is there for all places.
    pub fn values(&self) -> impl Iterator<Item = &T> + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// The same, to change it.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl<T> IntoIterator for Places<T> {
    type Item = (Place, T);
    type IntoIter = std::vec::IntoIter<(Place, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
