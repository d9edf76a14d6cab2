//! Where something stands in a file.

use serde::Serialize;

/// A half-open range of byte offsets into one file. It never carries the text or the file's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The range `start..end`, in bytes.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text it covers; empty when the span does not lie in `source`.
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The span as a range of byte offsets.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A thing and where it stands.
///
/// Equality, hashing and order look at the thing alone, so that two trees are the same when
/// they say the same: this is what "formatting keeps the tree" and caching by content rest on.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct At<T> {
    /// The thing.
    pub node: T,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

impl<T> At<T> {
    /// `node`, at `span`.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }

    /// Another thing at the same place.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> At<U> {
        At { node: f(self.node), span: self.span }
    }
}

impl<T> std::ops::Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.node
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}
impl<T: Eq> Eq for At<T> {}
impl<T: std::hash::Hash> std::hash::Hash for At<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.node.hash(state);
    }
}
