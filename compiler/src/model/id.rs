//! Small numbers for declared things, and bit sets of them.
//!
//! Every finite set of the language is interned here, so that the evaluator, the solver and the
//! targets work on integers. Ids are positions in the model's tables, which are sorted by name:
//! the same project gives the same ids.

use serde::Serialize;
use std::marker::PhantomData;

/// A position in one of the model's tables.
pub trait Id: Copy + Eq + Ord + std::hash::Hash + std::fmt::Debug {
    /// The id at a position.
    fn at(index: usize) -> Self;
    /// Its position.
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub struct $name(pub u32);
        impl Id for $name {
            fn at(index: usize) -> Self { Self(index as u32) }
            fn index(self) -> usize { self.0 as usize }
        }
    )*};
}

ids! {
    /// A person or a team.
    PrincipalId,
    /// An agent.
    AgentId,
    /// A data class; [`ClassId::UNCLASSIFIED`] is built in.
    ClassId,
    /// A tool.
    ToolId,
    /// An operation: a tool, or one variant of it. The unit that has an effect, data and bindings.
    OpId,
    /// A purpose.
    PurposeId,
    /// A grant; ids follow the fixed order (module path, then name).
    GrantId,
    /// A forbid or a suspension.
    ForbidId,
}

impl ClassId {
    /// `unclassified`: data of which nobody has said what it is.
    pub const UNCLASSIFIED: ClassId = ClassId(0);
}

/// A set of ids, as bits. Trailing zero words are never kept, so equal sets are equal values.
#[derive(Serialize)]
#[serde(into = "Vec<u32>", bound = "I: Id")]
pub struct IdSet<I> {
    words: Vec<u64>,
    of: PhantomData<I>,
}

impl<I> Clone for IdSet<I> {
    fn clone(&self) -> Self {
        Self { words: self.words.clone(), of: PhantomData }
    }
}
impl<I> PartialEq for IdSet<I> {
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words
    }
}
impl<I> Eq for IdSet<I> {}
impl<I> PartialOrd for IdSet<I> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<I> Ord for IdSet<I> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.words.cmp(&other.words)
    }
}
impl<I> std::hash::Hash for IdSet<I> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.words.hash(state);
    }
}
impl<I> Default for IdSet<I> {
    fn default() -> Self {
        Self { words: Vec::new(), of: PhantomData }
    }
}
impl<I: Id> std::fmt::Debug for IdSet<I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(Id::index)).finish()
    }
}
impl<I: Id> From<IdSet<I>> for Vec<u32> {
    fn from(set: IdSet<I>) -> Self {
        set.iter().map(|id| id.index() as u32).collect()
    }
}

impl<I: Id> IdSet<I> {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of one.
    pub fn only(id: I) -> Self {
        [id].into_iter().collect()
    }

    /// All ids of a table of `count` rows.
    pub fn all(count: usize) -> Self {
        let mut words = vec![u64::MAX; count / 64];
        if !count.is_multiple_of(64) {
            words.push((1 << (count % 64)) - 1);
        }
        Self { words, of: PhantomData }
    }

    /// Adds one; tells whether it was new.
    pub fn insert(&mut self, id: I) -> bool {
        let (word, bit) = (id.index() / 64, 1u64 << (id.index() % 64));
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        new
    }

    /// Takes one out.
    pub fn remove(&mut self, id: I) {
        if let Some(word) = self.words.get_mut(id.index() / 64) {
            *word &= !(1u64 << (id.index() % 64));
        }
        self.trim();
    }

    /// Whether `id` is in it.
    pub fn contains(&self, id: I) -> bool {
        self.words.get(id.index() / 64).is_some_and(|word| word & (1u64 << (id.index() % 64)) != 0)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many are in it.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Its members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = I> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    I::at(at * 64 + bit)
                })
            })
        })
    }

    /// The smallest member.
    pub fn first(&self) -> Option<I> {
        self.iter().next()
    }

    /// Whether every member is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.words.iter().enumerate().all(|(at, word)| word & !other.words.get(at).copied().unwrap_or(0) == 0)
    }

    /// Whether they share a member.
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }

    /// What is in either.
    pub fn union(&self, other: &Self) -> Self {
        let words = (0..self.words.len().max(other.words.len()))
            .map(|at| self.words.get(at).unwrap_or(&0) | other.words.get(at).unwrap_or(&0))
            .collect();
        Self { words, of: PhantomData }
    }

    /// What is in both.
    pub fn intersection(&self, other: &Self) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect();
        Self { words, of: PhantomData }.trimmed()
    }

    /// What is in this and not in `other`.
    pub fn minus(&self, other: &Self) -> Self {
        let words =
            self.words.iter().enumerate().map(|(at, a)| a & !other.words.get(at).unwrap_or(&0)).collect();
        Self { words, of: PhantomData }.trimmed()
    }

    fn trim(&mut self) {
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }

    fn trimmed(mut self) -> Self {
        self.trim();
        self
    }
}

impl<I: Id> FromIterator<I> for IdSet<I> {
    fn from_iter<T: IntoIterator<Item = I>>(ids: T) -> Self {
        let mut set = Self::default();
        for id in ids {
            set.insert(id);
        }
        set
    }
}

/// A set of agents.
pub type AgentSet = IdSet<AgentId>;
/// A set of data classes.
pub type ClassSet = IdSet<ClassId>;
/// A set of operations.
pub type OpSet = IdSet<OpId>;
/// A set of purposes.
pub type PurposeSet = IdSet<PurposeId>;
/// A set of people and teams.
pub type PrincipalSet = IdSet<PrincipalId>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_canonical_and_obey_the_algebra() {
        let a: OpSet = [0, 63, 64, 200].map(OpId).into_iter().collect();
        let b: OpSet = [63, 200].map(OpId).into_iter().collect();
        assert_eq!(a.minus(&b).iter().collect::<Vec<_>>(), [OpId(0), OpId(64)]);
        assert_eq!(a.intersection(&b), b);
        assert!(b.is_subset(&a) && !a.is_subset(&b) && a.meets(&b));
        assert_eq!(a.minus(&a), OpSet::new());
        let mut c = a.clone();
        c.remove(OpId(200));
        assert_eq!(c, [0, 63, 64].map(OpId).into_iter().collect());
        assert_eq!((a.len(), a.first(), OpSet::all(65).len()), (4, Some(OpId(0)), 65));
    }
}
