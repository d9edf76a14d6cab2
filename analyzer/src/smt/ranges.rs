//! Sets of 64-bit integers, as ranges.

use bailiwick_grammar::ast::CompareOp;

/// A set of integers: closed ranges, ascending, never touching, so equal sets are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    /// Everything.
    pub fn all() -> Self {
        Self(vec![(i64::MIN, i64::MAX)])
    }

    /// One value.
    pub fn only(value: i64) -> Self {
        Self(vec![(value, value)])
    }

    /// From `low` to `high`, both included; nothing when they cross.
    pub fn between(low: i64, high: i64) -> Self {
        Self(if low <= high { vec![(low, high)] } else { Vec::new() })
    }

    /// All up to `high`, included.
    pub fn up_to(high: i64) -> Self {
        Self::between(i64::MIN, high)
    }

    /// All from `low`, included.
    pub fn from(low: i64) -> Self {
        Self::between(low, i64::MAX)
    }

    /// Everything below `value`.
    pub fn below(value: i64) -> Self {
        value.checked_sub(1).map_or_else(Self::default, Self::up_to)
    }

    /// Everything above `value`.
    pub fn above(value: i64) -> Self {
        value.checked_add(1).map_or_else(Self::default, Self::from)
    }

    /// All that compare so with `value`.
    pub fn comparing(op: CompareOp, value: i64) -> Self {
        match op {
            CompareOp::Eq => Self::only(value),
            CompareOp::Ne => Self::only(value).complement(),
            CompareOp::Lt => Self::below(value),
            CompareOp::Le => Self::up_to(value),
            CompareOp::Gt => Self::above(value),
            CompareOp::Ge => Self::from(value),
        }
    }

    /// The union of closed ranges in any order.
    pub fn of(ranges: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|(low, high)| low <= high).collect();
        ranges.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }

    /// The ranges.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.0.iter().copied()
    }

    /// Whether it has no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `value` is a member.
    pub fn contains(&self, value: i64) -> bool {
        let at = self.0.partition_point(|range| range.1 < value);
        self.0.get(at).is_some_and(|range| range.0 <= value)
    }

    /// The least member.
    pub fn low(&self) -> Option<i64> {
        self.0.first().map(|range| range.0)
    }

    /// The greatest member.
    pub fn high(&self) -> Option<i64> {
        self.0.last().map(|range| range.1)
    }

    /// What is in both.
    pub fn meet(&self, other: &Self) -> Self {
        let (mut a, mut b, mut both) = (0, 0, Vec::new());
        while let (Some(&(a_low, a_high)), Some(&(b_low, b_high))) = (self.0.get(a), other.0.get(b)) {
            let (low, high) = (a_low.max(b_low), a_high.min(b_high));
            if low <= high {
                both.push((low, high));
            }
            if a_high < b_high { a += 1 } else { b += 1 }
        }
        Self(both)
    }

    /// What is not in it.
    pub fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut next = Some(i64::MIN);
        for &(low, high) in &self.0 {
            if let Some(start) = next.filter(|&start| start < low) {
                gaps.push((start, low - 1));
            }
            next = high.checked_add(1);
        }
        if let Some(start) = next {
            gaps.push((start, i64::MAX));
        }
        Self(gaps)
    }

    /// Whether every member is in `other`.
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().all(|&(low, high)| {
            let at = other.0.partition_point(|range| range.1 < low);
            other.0.get(at).is_some_and(|range| range.0 <= low && high <= range.1)
        })
    }

    /// The member closest to `value`, the lower one of two.
    pub fn closest(&self, value: i64) -> Option<i64> {
        let distance = |at: i64| (i128::from(at) - i128::from(value)).abs();
        self.0.iter().map(|&(low, high)| value.clamp(low, high)).min_by_key(|&at| (distance(at), at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_algebra_holds_at_the_ends_of_the_line() {
        for set in [
            Ranges::all(),
            Ranges::default(),
            Ranges::only(i64::MIN),
            Ranges::only(i64::MAX),
            Ranges::of([(5, 9), (0, 3), (4, 4), (20, 30)]),
        ] {
            assert_eq!(set.complement().complement(), set);
            assert!(set.meet(&set.complement()).is_empty());
            assert!(set.within(&Ranges::all()) && set.within(&set));
        }
        assert_eq!(Ranges::of([(5, 9), (0, 3), (4, 4)]), Ranges::between(0, 9));
        assert!(Ranges::below(i64::MIN).is_empty() && Ranges::above(i64::MAX).is_empty());
        let set = Ranges::of([(0, 3), (10, 12)]);
        assert_eq!(set.closest(6), Some(3));
        assert_eq!(set.closest(9), Some(10));
        assert!(set.contains(10) && !set.contains(4) && !Ranges::between(2, 4).within(&set));
    }
}
