//! What each agent is granted, in short: for rules that look at every agent after every edit.

use bailiwick_compiler::model::*;

/// What the grants to an agent come to.
#[derive(Default)]
pub struct Granted {
    /// The operations that they speak of.
    pub ops: OpSet,
    /// The purposes that they are for.
    pub purposes: PurposeSet,
    /// When the last of them ends, in seconds since 1970; `None` when there is none.
    ends: Option<i64>,
}

impl Granted {
    /// The sum of these grants.
    pub fn of<'m>(grants: impl Iterator<Item = &'m Grant>) -> Self {
        let mut granted = Self::default();
        for grant in grants {
            granted.ops = grant.lines.iter().fold(granted.ops, |ops, line| ops.union(&line.ops));
            granted.purposes.insert(grant.purpose);
            granted.ends = granted.ends.max(Some(grant.expires.unwrap_or(i64::MAX)));
        }
        granted
    }

    /// Whether one of them has not expired.
    pub fn lives(&self, now: i64) -> bool {
        self.ends.is_some_and(|ends| now < ends)
    }
}
