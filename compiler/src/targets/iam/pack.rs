//! Statements into documents, within what AWS takes of a role.
//!
//! A role takes ten managed policies of 6,144 characters (twenty policies once the quota is raised)
//! and 10,240 characters of inline policies. Room inline is kept for the kill switch, which must
//! go in when all else is full. (Users and groups take less inline; agents are roles.)
//!
//! Policies can be attached one by one, taken away, or forgotten. So every document holds all the
//! denials that bear on what it allows, whatever stands in the others: each by itself allows no
//! more than its source.

use super::document::{Document, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of a managed policy, white space not counted.
pub const MANAGED: usize = 6_144;
/// The most characters of a role's inline policies, but for what the kill switch takes.
const INLINE: usize = 10_240 - 1_024;

/// What became of a role's statements.
pub struct Packed {
    /// The documents, by the name of their file.
    pub documents: BTreeMap<String, Document>,
    /// Allowances that are left out, and why.
    pub left_out: Vec<(Statement, String)>,
}

/// A document that is being filled.
struct Room<'a> {
    name: String,
    most: usize,
    size: usize,
    /// Which of the denials are in it.
    denies: BTreeSet<usize>,
    allows: Vec<&'a Statement>,
}

/// Puts statements into documents, each into the first that has room for it and for the denials
/// that bear on it; `managed` is how many managed policies the role takes. One that fits nowhere is
/// halved until it does.
pub fn pack(allows: Vec<Statement>, denies: &[Statement], managed: usize) -> Packed {
    let mut rooms: Vec<Room> = (1..=managed)
        .map(|number| Room::new(format!("policy-{number}.json"), MANAGED))
        .chain([Room::new("inline.json".to_string(), INLINE)])
        .collect();
    let sizes: Vec<usize> = denies.iter().map(Statement::size).collect();
    let (mut placed, mut left_out) = (Vec::new(), Vec::new());
    let mut left: Vec<Statement> = allows.into_iter().rev().collect();
    while let Some(allow) = left.pop() {
        let bearing: Vec<usize> = (0..denies.len()).filter(|&at| denies[at].bears_on(&allow)).collect();
        let fits = |room: &Room| room.size + room.takes(&allow, &bearing, &sizes) <= room.most;
        match rooms.iter().position(fits) {
            Some(at) => {
                rooms[at].size += rooms[at].takes(&allow, &bearing, &sizes);
                rooms[at].denies.extend(bearing);
                placed.push((at, allow));
            }
            None if allow.resources.len() > 1 => left.extend(allow.halves()),
            None => {
                let alone = Room::new(String::new(), INLINE);
                let reason = match fits(&alone) {
                    true => format!(
                        "the role's policies are full: {managed} managed of {MANAGED} characters, and \
                         {INLINE} inline"
                    ),
                    false => format!(
                        "a statement and the denials that bear on it do not fit into a policy of {INLINE} \
                         characters"
                    ),
                };
                left_out.push((allow, reason));
            }
        }
    }
    for (at, allow) in &placed {
        rooms[*at].allows.push(allow);
    }
    let documents = rooms.into_iter().filter(|room| !room.allows.is_empty()).map(|room| {
        let denies = room.denies.iter().map(|&at| denies[at].clone());
        let document = Document::new(denies.chain(room.allows.into_iter().cloned()).collect());
        (room.name, document)
    });
    Packed { documents: documents.collect(), left_out }
}

impl Room<'_> {
    fn new(name: String, most: usize) -> Self {
        let size = Document::default().size();
        Room { name, most, size, denies: BTreeSet::new(), allows: Vec::new() }
    }

    /// What it grows by.
    fn takes(&self, allow: &Statement, bearing: &[usize], sizes: &[usize]) -> usize {
        let denies = bearing.iter().filter(|at| !self.denies.contains(at));
        allow.size() + denies.map(|&at| sizes[at]).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::condition::Conditions;
    use super::*;
    use crate::model::{ForbidId, GrantId};
    use crate::targets::Source;

    fn statement(from: Source, resources: std::ops::Range<usize>) -> Statement {
        Statement {
            from,
            name: "Statement".to_string(),
            actions: ["s3:GetObject".into()].into(),
            resources: resources.map(|at| format!("arn:aws:s3:::bucket/{at:060}")).collect(),
            conditions: Conditions::default(),
        }
    }

    fn most(name: &str) -> usize {
        if name == "inline.json" { INLINE } else { MANAGED }
    }

    #[test]
    fn what_does_not_fit_is_split_and_takes_its_denials_along() {
        let allow = statement(Source::Grant(GrantId(0)), 0..300);
        let deny = statement(Source::Forbid(ForbidId(0)), 300..310);
        let packed = pack(vec![allow.clone()], std::slice::from_ref(&deny), 10);
        assert!(packed.left_out.is_empty() && packed.documents.len() > 3);
        let mut allowed = BTreeSet::new();
        for (name, document) in &packed.documents {
            assert!(document.size() <= most(name), "{name}");
            assert!(document.statements().contains(&deny));
            let allows = document.statements().iter().filter(|statement| !statement.is_denial());
            allowed.extend(allows.flat_map(|statement| statement.resources.iter().cloned()));
        }
        assert_eq!(allowed, allow.resources);
    }

    #[test]
    fn denials_that_leave_no_room_leave_nothing() {
        let allow = statement(Source::Grant(GrantId(0)), 0..2);
        let deny = statement(Source::Forbid(ForbidId(0)), 0..200);
        let packed = pack(vec![allow], &[deny], 10);
        assert!(packed.documents.is_empty() && packed.left_out.len() == 2);
        assert!(packed.left_out.iter().all(|(_, reason)| reason.contains("do not fit")));
    }

    #[test]
    fn a_role_takes_so_many_and_no_more() {
        let allow = statement(Source::Grant(GrantId(0)), 0..300);
        let packed = pack(vec![allow.clone()], &[], 2);
        let names: Vec<&String> = packed.documents.keys().collect();
        assert_eq!(names, ["inline.json", "policy-1.json", "policy-2.json"]);
        assert!(packed.left_out.iter().all(|(_, reason)| reason.contains("full")));
        let left_out = packed.left_out.iter().flat_map(|(statement, _)| &statement.resources);
        let kept = packed.documents.values().flat_map(|one| one.statements()).flat_map(|one| &one.resources);
        assert_eq!(kept.chain(left_out).cloned().collect::<BTreeSet<_>>(), allow.resources);
    }
}
