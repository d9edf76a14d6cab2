//! The answer to `reach`: what is touched, for a program and as a table for a person.

use super::json::{Named, raw};
use super::visible;
use super::who_can::{Undecided, open};
use crate::workspace::Workspace;
use bailiwick_analyzer::questions::{Reach, Side, Touch};
use bailiwick_compiler::model::{AgentId, ClassId, Model};
use bailiwick_compiler::request;
use serde::Serialize;
use serde_json::value::RawValue;
use std::cmp::Reverse;
use std::fmt::Write;

/// What is reached.
#[derive(Serialize)]
pub struct Answer {
    agent: String,
    owner: String,
    now: String,
    hands_over_to: Vec<String>,
    touches: Vec<Row>,
    undecided: Vec<Undecided>,
}

/// One class that one tool touches by one grant; no class for a tool that touches nothing.
#[derive(Serialize)]
struct Row {
    how: &'static str,
    data: Option<String>,
    sensitivity: Option<&'static str>,
    regulations: Vec<String>,
    tool: String,
    effect: &'static str,
    irreversible: bool,
    external: bool,
    untrusted: bool,
    approved: bool,
    agent: String,
    root: String,
    grant: Named,
    purpose: String,
    request: Box<RawValue>,
    #[serde(skip)]
    side: Side,
}

impl Answer {
    /// What was found, the most sensitive first.
    pub fn of(workspace: &Workspace, model: &Model, agent: AgentId, now: String, found: &Reach) -> Self {
        let mut rows: Vec<(Option<ClassId>, Row)> = Vec::new();
        for touch in &found.touches {
            let classes: Vec<Option<ClassId>> = match touch.data.is_empty() {
                true => vec![None],
                false => touch.data.iter().map(Some).collect(),
            };
            rows.extend(classes.into_iter().map(|class| (class, Row::of(workspace, model, touch, class))));
        }
        let sensitivity = |class: Option<ClassId>| class.map(|class| model.class(class).sensitivity);
        rows.sort_by(|(a, left), (b, right)| {
            let key = |class, row: &Row| (row.side, Reverse(sensitivity(class)));
            let names = |row: &Row| (row.data.clone(), row.effect, row.tool.clone());
            key(*a, left).cmp(&key(*b, right)).then_with(|| names(left).cmp(&names(right)))
        });
        let name = |agent: AgentId| model.agent(agent).name.to_string();
        Self {
            agent: name(agent),
            owner: model.principal(model.agent(agent).owner).name.to_string(),
            now,
            hands_over_to: found.hands_over.iter().map(name).collect(),
            touches: rows.into_iter().map(|(_, row)| row).collect(),
            undecided: found.open.iter().map(|open| Undecided::of(model, open)).collect(),
        }
    }

    /// For a person: a table for each way in which the agent comes to what it touches.
    pub fn human(&self) -> String {
        let mut text = String::new();
        // writing to a string cannot fail
        for side in [Side::Own, Side::Delegate, Side::HandedOver] {
            let rows: Vec<[String; 5]> =
                self.touches.iter().filter(|row| row.side == side).map(Row::cells).collect();
            if rows.is_empty() {
                continue;
            }
            let _ = match side {
                Side::Own => writeln!(text, "agent `{}` of `{}`, by its own grants:", self.agent, self.owner),
                Side::Delegate => writeln!(text, "as a delegate:"),
                Side::HandedOver => {
                    writeln!(text, "by handing over to `{}`:", self.hands_over_to.join("`, `"))
                }
            };
            table(&mut text, ["data", "sensitivity", "effect", "tool", "by"].map(String::from), &rows);
            text.push('\n');
        }
        if self.touches.is_empty() {
            let _ = writeln!(text, "agent `{}` of `{}` reaches nothing", self.agent, self.owner);
        }
        open(&mut text, &self.undecided);
        visible(&text).into_owned()
    }
}

impl Row {
    fn of(workspace: &Workspace, model: &Model, touch: &Touch, class: Option<ClassId>) -> Self {
        let (op, grant) = (model.op(touch.op), model.grant(touch.grant));
        let class = class.map(|class| model.class(class));
        let name = |agent: AgentId| model.agent(agent).name.to_string();
        Self {
            how: match touch.side {
                Side::Own => "own",
                Side::Delegate => "delegate",
                Side::HandedOver => "handed-over",
            },
            data: class.map(|class| class.name.to_string()),
            sensitivity: class.map(|class| class.sensitivity.name()),
            regulations: class.iter().flat_map(|class| &class.regulations).map(ToString::to_string).collect(),
            tool: model.op_name(touch.op),
            effect: op.effect.name(),
            irreversible: op.irreversible,
            external: op.reaches_external,
            untrusted: op.ingests_untrusted,
            approved: touch.approved,
            agent: touch.request.chain.last().map_or_else(String::new, |&agent| name(agent)),
            root: name(grant.to),
            grant: Named::grant(workspace, grant),
            purpose: model.purpose(grant.purpose).name.to_string(),
            request: raw(&request::write(model, &touch.request)),
            side: touch.side,
        }
    }

    fn cells(&self) -> [String; 5] {
        let facts =
            [(self.irreversible, "irreversible"), (self.external, "external"), (self.untrusted, "untrusted")];
        let facts = facts.iter().filter(|(so, _)| *so).map(|(_, word)| *word);
        let effect: Vec<&str> = [self.effect].into_iter().chain(facts).collect();
        let whose = if self.side == Side::Own { String::new() } else { format!(" of {}", self.root) };
        let approved = if self.approved { ", with an approval" } else { "" };
        [
            self.data.clone().unwrap_or_else(|| "nothing".into()),
            self.sensitivity.unwrap_or_default().into(),
            effect.join(", "),
            self.tool.clone(),
            format!("{}{whose}{approved}", self.grant.name),
        ]
    }
}

fn table(text: &mut String, head: [String; 5], rows: &[[String; 5]]) {
    let width = |at: usize| rows.iter().chain([&head]).map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in [&head].into_iter().chain(rows) {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "  {}", line.trim_end());
    }
}
