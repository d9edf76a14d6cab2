//! Regions to policy documents: statements, and names that lead back.

use super::condition::Conditions;
use super::glob::{Glob, write};
use super::unit::Region;
use crate::model::*;
use crate::targets::{Rule, Source};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it comes from: a grant allows, a forbid denies.
    pub from: Source,
    /// Its name, but for the number that tells it from others of its source.
    pub name: String,
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
pub fn statements(model: &Model, regions: &[(Source, &Region)]) -> Vec<Statement> {
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
            name: base(model, from),
            actions,
            resources,
            conditions: conditions.clone(),
        })
        .collect()
}

impl Statement {
    /// Whether a denial may take something from what is allowed.
    pub fn bears_on(&self, allow: &Statement) -> bool {
        self.actions.iter().any(|mine| allow.actions.iter().any(|theirs| mine.eq_ignore_ascii_case(theirs)))
    }

    /// Whether it denies.
    pub fn is_denial(&self) -> bool {
        matches!(self.from, Source::Forbid(_))
    }

    /// Its size in a document, its name as long as it gets.
    pub fn size(&self) -> usize {
        self.write(&self.name).to_string().len() + Names::LONGEST_NUMBER + 1
    }

    /// Two, each with half of the resources.
    pub fn halves(mut self) -> [Statement; 2] {
        let half = self.resources.iter().nth(self.resources.len() / 2).cloned().unwrap_or_default();
        let second = Statement { resources: self.resources.split_off(&half), ..self.clone() };
        [second, self]
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
    /// A document of these statements.
    pub fn new(statements: Vec<Statement>) -> Document {
        Document { statements }
    }

    /// A document that denies everything where the tests hold.
    pub fn of_nothing(model: &Model, from: Source, conditions: Conditions) -> Document {
        let (actions, resources) = (["*".into()].into(), ["*".to_string()].into());
        Document::new(vec![Statement { from, name: base(model, from), actions, resources, conditions }])
    }

    /// Its statements.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Its size without white space, its names as long as they get.
    pub fn size(&self) -> usize {
        let frame = json!({ "Version": "2012-10-17", "Statement": [] }).to_string().len();
        frame + self.statements.iter().map(Statement::size).sum::<usize>()
    }

    /// Its text, and the names of its statements.
    pub fn write(&self, file: &str, names: &mut Names) -> (String, Vec<Rule>) {
        let mut rules = Vec::new();
        let mut written = Vec::new();
        // Denials first: whoever reads it meets them before what they take away from.
        let (denies, allows): (Vec<_>, Vec<_>) = self.statements.iter().partition(|s| s.is_denial());
        for statement in denies.into_iter().chain(allows) {
            let id = names.number(&statement.name);
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
    /// The longest name, without its number.
    const LONGEST: usize = 52;
    /// What a number adds to a name: `N` and the digits.
    const LONGEST_NUMBER: usize = 7;

    fn number(&mut self, base: &str) -> String {
        let mut name = base.to_string();
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
    base.truncate(Names::LONGEST);
    if base.is_empty() {
        base.push('S');
    }
    base
}
