//! Regions to policy documents: statements, names that lead back, and size limits.

use super::arn::{Glob, write};
use super::condition::Conditions;
use super::unit::Region;
use crate::model::*;
use crate::targets::{Rule, Source};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of a managed policy, white space not counted.
pub const MOST_CHARACTERS: usize = 6144;

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it comes from: a grant allows, a forbid denies.
    pub from: Source,
    /// The actions, as written.
    pub actions: BTreeSet<Str>,
    /// The resources, escaped.
    pub resources: BTreeSet<String>,
    /// The tests.
    pub conditions: Conditions,
}

/// A policy document of a role.
#[derive(Clone, Debug, Default)]
pub struct Document {
    statements: Vec<Statement>,
}

/// Regions as few statements: the resources that share source, tests and actions are one.
pub fn statements(regions: &[(Source, &Region)]) -> Vec<Statement> {
    let mut actions: BTreeMap<(Source, &Conditions, &Glob), BTreeSet<Str>> = BTreeMap::new();
    for (from, region) in regions {
        actions
            .entry((*from, &region.conditions, &region.resource))
            .or_default()
            .insert(region.action.clone());
    }
    let mut resources: BTreeMap<(Source, &Conditions, BTreeSet<Str>), BTreeSet<String>> = BTreeMap::new();
    for ((from, conditions, resource), actions) in actions {
        resources.entry((from, conditions, actions)).or_default().insert(write(resource));
    }
    resources
        .into_iter()
        .map(|((from, conditions, actions), resources)| Statement {
            from,
            actions,
            resources,
            conditions: conditions.clone(),
        })
        .collect()
}

/// Puts statements into documents within the size limit. Every document holds all the denials
/// that bear on what it allows, so that each one alone allows no more than its source. Statements
/// that do not fit even so are given back.
pub fn split(allows: Vec<Statement>, denies: &[Statement]) -> (Vec<Document>, Vec<Statement>) {
    let mut documents: Vec<Document> = Vec::new();
    let mut too_large = Vec::new();
    let mut left: Vec<Statement> = allows.into_iter().rev().collect();
    while let Some(allow) = left.pop() {
        if let Some(last) = documents.last_mut() {
            let more = last.with(&allow, denies);
            if more.size() <= MOST_CHARACTERS {
                *last = more;
                continue;
            }
        }
        let alone = Document::default().with(&allow, denies);
        if alone.size() <= MOST_CHARACTERS {
            documents.push(alone);
        } else if allow.resources.len() > 1 {
            let half = allow.resources.iter().nth(allow.resources.len() / 2).cloned().unwrap_or_default();
            let mut first = allow.clone();
            let second = Statement { resources: first.resources.split_off(&half), ..allow };
            left.extend([second, first]);
        } else {
            too_large.push(allow);
        }
    }
    (documents, too_large)
}

impl Statement {
    fn bears_on(&self, allow: &Statement) -> bool {
        self.actions.iter().any(|mine| allow.actions.iter().any(|theirs| mine.eq_ignore_ascii_case(theirs)))
    }

    fn is_denial(&self) -> bool {
        matches!(self.from, Source::Forbid(_))
    }

    fn write(&self, sid: &str) -> Json {
        let one = |mut texts: Vec<String>| match texts.len() {
            1 => Json::from(texts.remove(0)),
            _ => Json::from(texts),
        };
        let mut statement = json!({
            "Sid": sid,
            "Effect": if self.is_denial() { "Deny" } else { "Allow" },
            "Action": one(self.actions.iter().map(|action| action.to_string()).collect()),
            "Resource": one(self.resources.iter().cloned().collect()),
        });
        if !self.conditions.is_empty() {
            statement["Condition"] = self.conditions.write();
        }
        statement
    }
}

impl Document {
    /// A document that denies everything where the tests hold.
    pub fn of_nothing(from: Source, conditions: Conditions) -> Document {
        let all =
            Statement { from, actions: ["*".into()].into(), resources: ["*".to_string()].into(), conditions };
        Document { statements: vec![all] }
    }

    /// What its statements come from.
    pub fn sources(&self) -> impl Iterator<Item = Source> {
        self.statements.iter().map(|statement| statement.from)
    }

    fn with(&self, allow: &Statement, denies: &[Statement]) -> Document {
        let mut statements = self.statements.clone();
        for deny in denies.iter().filter(|deny| deny.bears_on(allow)) {
            if !statements.contains(deny) {
                statements.push(deny.clone());
            }
        }
        statements.push(allow.clone());
        Document { statements }
    }

    /// Its size, with names as long as they get.
    fn size(&self) -> usize {
        let statements: Vec<_> = self.statements.iter().map(|statement| statement.write("")).collect();
        let names = self.statements.len() * Names::LONGEST;
        json!({ "Version": "2012-10-17", "Statement": statements }).to_string().len() + names
    }

    /// Its text, and the names of its statements.
    pub fn write(&self, model: &Model, file: &str, names: &mut Names) -> (String, Vec<Rule>) {
        let mut rules = Vec::new();
        let mut written = Vec::new();
        // Denials first: whoever reads it meets them before what they take away from.
        let (denies, allows): (Vec<_>, Vec<_>) = self.statements.iter().partition(|s| s.is_denial());
        for statement in denies.into_iter().chain(allows) {
            let id = names.name(model, statement.from);
            written.push(statement.write(&id));
            rules.push(Rule { file: file.to_string(), id, from: statement.from });
        }
        let document = json!({ "Version": "2012-10-17", "Statement": written });
        (format!("{document:#}\n"), rules)
    }
}

/// The names of statements: letters and digits, each used once in all documents.
#[derive(Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// The longest name.
    const LONGEST: usize = 64;

    fn name(&mut self, model: &Model, from: Source) -> String {
        let base = base(model, from);
        let mut name = base.clone();
        let mut number = 1;
        while !self.0.insert(name.clone()) {
            number += 1;
            name = format!("{base}N{number}");
        }
        name
    }
}

/// The declaration behind a name, where nothing took it before: what readers go by.
pub fn sources_by_name(model: &Model) -> BTreeMap<String, Source> {
    let grants = (0..model.grants.len()).map(|at| Source::Grant(GrantId::at(at)));
    let forbids = (0..model.forbids.len()).map(|at| Source::Forbid(ForbidId::at(at)));
    grants.chain(forbids).map(|from| (base(model, from), from)).collect()
}

/// A declaration's name in letters and digits.
fn base(model: &Model, from: Source) -> String {
    let (prefix, name) = match from {
        Source::Grant(grant) => ("", &model.grant(grant).name),
        Source::Forbid(forbid) if model.forbid(forbid).suspension => ("Suspend", &model.forbid(forbid).name),
        Source::Forbid(forbid) => ("Forbid", &model.forbid(forbid).name),
    };
    let mut base = prefix.to_string();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        base.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        base.extend(letters);
    }
    base.truncate(Names::LONGEST - 12);
    if base.is_empty() {
        base.push('S');
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(from: Source, resources: std::ops::Range<usize>) -> Statement {
        Statement {
            from,
            actions: ["s3:GetObject".into()].into(),
            resources: resources.map(|at| format!("arn:aws:s3:::bucket/{at:060}")).collect(),
            conditions: Conditions::default(),
        }
    }

    #[test]
    fn what_does_not_fit_is_split_and_takes_its_denials_along() {
        let allow = statement(Source::Grant(GrantId(0)), 0..300);
        let deny = statement(Source::Forbid(ForbidId(0)), 300..310);
        let (documents, too_large) = split(vec![allow.clone()], std::slice::from_ref(&deny));
        assert!(too_large.is_empty() && documents.len() > 3);
        let mut allowed = BTreeSet::new();
        for document in &documents {
            assert!(document.size() <= MOST_CHARACTERS);
            assert!(document.statements.contains(&deny));
            let allows = document.statements.iter().filter(|statement| !statement.is_denial());
            allowed.extend(allows.flat_map(|statement| statement.resources.iter().cloned()));
        }
        assert_eq!(allowed, allow.resources);
    }

    #[test]
    fn denials_that_leave_no_room_leave_nothing() {
        let allow = statement(Source::Grant(GrantId(0)), 0..2);
        let deny = statement(Source::Forbid(ForbidId(0)), 0..200);
        let (documents, too_large) = split(vec![allow], &[deny]);
        assert!(documents.is_empty());
        assert_eq!(too_large.iter().map(|statement| statement.resources.len()).sum::<usize>(), 2);
    }
}
