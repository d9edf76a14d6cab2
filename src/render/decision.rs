//! A decision and why: the grant that authorises, the forbids that match, what fails of the grants
//! that come near, the approvals that would turn it.

use super::clause::{Story, in_words, name};
use super::human::Human;
use super::json::Named;
use crate::workspace::Workspace;
use bailiwick_compiler::evaluator::{Decision, Denial, Reasons};
use bailiwick_compiler::model::{Model, PrincipalSet};
use bailiwick_compiler::request::Request;
use bailiwick_compiler::types::value::duration_text;
use serde::Serialize;
use std::fmt::Write;

/// A decision and why; the JSON output.
#[derive(Default, Serialize)]
pub struct Answer {
    /// What is decided.
    pub allow: bool,
    because: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ill_formed: Option<String>,
    forbids: Vec<Named>,
    near: Vec<Near>,
    approvals: Vec<Approval>,
    /// Clause by clause, where that was asked for.
    #[serde(flatten)]
    pub story: Option<Story>,
}

#[derive(Serialize)]
struct Near {
    grant: Named,
    fails: Vec<Fails>,
}

#[derive(Serialize)]
struct Fails {
    clause: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct Approval {
    grant: String,
    by: Vec<String>,
    within: i64,
}

impl Answer {
    /// A request that is none is denied.
    pub fn ill_formed(why: String) -> Self {
        Self { because: "ill-formed", ill_formed: Some(why), ..Self::default() }
    }

    /// What the reasons say.
    pub fn of(workspace: &Workspace, model: &Model, reasons: &Reasons, request: &Request) -> Self {
        let grant = |id| Named::grant(workspace, model.grant(id));
        let names =
            |people: &PrincipalSet| people.iter().map(|id| model.principal(id).name.to_string()).collect();
        let mut answer = Self::default();
        match reasons.decision {
            Decision::Allow(id) => {
                answer.allow = true;
                answer.because = "grant";
                answer.grant = Some(grant(id));
            }
            Decision::Deny(Denial::Forbidden(_)) => answer.because = "forbidden",
            Decision::Deny(Denial::NoGrant) => answer.because = "no-grant",
        }
        answer.forbids =
            reasons.forbids.iter().map(|&id| Named::forbid(workspace, model.forbid(id))).collect();
        let near = reasons.near.iter().map(|(id, clauses)| Near {
            grant: grant(*id),
            fails: clauses
                .iter()
                .map(|clause| Fails {
                    clause: name(clause),
                    reason: in_words(model, model.grant(*id), clause, false, request),
                })
                .collect(),
        });
        answer.near = near.collect();
        let approvals = reasons.approvals.iter().map(|approver| Approval {
            grant: model.grant(approver.grant).name.to_string(),
            by: names(&approver.people),
            within: approver.within,
        });
        answer.approvals = approvals.collect();
        answer
    }

    /// For a person.
    pub fn human(&self, places: &mut Human) -> String {
        let mut text = String::new();
        // writing to a string cannot fail
        if let Some(grant) = &self.grant {
            let _ = writeln!(text, "allowed by grant `{}` ({})", grant.name, places.place(&grant.location));
        } else if let Some(why) = &self.ill_formed {
            let _ = writeln!(text, "denied: the request is ill formed: {why}");
        } else if self.forbids.is_empty() {
            let _ = writeln!(text, "denied: no grant authorises it");
        }
        for (at, forbid) in self.forbids.iter().enumerate() {
            let also = if at == 0 { "denied: forbidden by" } else { "  and by" };
            let _ = writeln!(text, "{also} `{}` ({})", forbid.name, places.place(&forbid.location));
            if let Some(because) = &forbid.because {
                let _ = writeln!(text, "  because {because}");
            }
        }
        match &self.story {
            Some(story) => story.human(&mut text, places),
            None => self.near.iter().for_each(|near| near.human(&mut text, places)),
        }
        for approval in &self.approvals {
            let who = if approval.by.is_empty() {
                "nobody can".into()
            } else {
                format!("{} can", approval.by.join(" or "))
            };
            let _ = writeln!(
                text,
                "  missing for grant `{}`: an approval no older than {}; {who} give it",
                approval.grant,
                duration_text(approval.within)
            );
        }
        text
    }
}

impl Near {
    fn human(&self, text: &mut String, places: &mut Human) {
        let _ = writeln!(text, "  grant `{}` ({})", self.grant.name, places.place(&self.grant.location));
        if self.fails.is_empty() {
            let _ = writeln!(text, "    would authorise it");
        }
        for fails in &self.fails {
            let _ = writeln!(text, "    {}", fails.reason);
        }
    }
}
