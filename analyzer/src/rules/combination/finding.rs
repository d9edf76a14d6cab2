//! The finding of a unit: a sentence, the requests, and every declaration that contributes.

use super::super::over_privilege::line_of;
use super::Search;
use super::unit::Unit;
use crate::named::Named;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::evaluator;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;

impl Search<'_> {
    pub(super) fn finding(
        &self,
        unit: &Unit,
        requests: Vec<(usize, Request)>,
        code: &'static str,
        word: &str,
    ) -> Diagnostic {
        let (model, rule) = (self.analysis.model, self.rule);
        let (kind, name, origin) = self.subject(unit);
        let grants_of =
            |agent: AgentId| self.analysis.grants_of[agent.index()].iter().map(|&id| model.grant(id));
        let deeds: Vec<String> = requests
            .iter()
            .map(|(leg, request)| {
                let by = match unit.agents.len() {
                    1 => String::new(),
                    _ => format!(" by `{}`", model.agent(request.chain[0]).name),
                };
                format!("`{}` with {}{by}", rule.legs[*leg].name, self.analysis.call(request))
            })
            .collect();
        let first = unit.agents.first().unwrap_or(AgentId(0));
        let who = match (kind, rule.scope) {
            ("agent", Scope::Session) => {
                let purpose = unit
                    .purpose()
                    .map_or_else(String::new, |purpose| format!(" for `{}`", model.purpose(purpose).name));
                format!("one session{purpose} of {}", self.analysis.agent_of(first))
            }
            ("agent", Scope::Delegation) if unit.agents.len() > 1 => {
                format!(
                    "{} with those it can delegate to",
                    self.analysis.agent_of(unit.from().unwrap_or(first))
                )
            }
            ("agent", _) => self.analysis.agent_of(first),
            (kind, _) => format!("{kind} `{}`, through the agents owned,", name),
        };
        let all = if rule.pairwise { "two duties" } else { "all legs" };
        let message = format!("{who} can fill {all} of `{}`: {}", rule.name, deeds.join("; "));
        let mut diagnostic = Diagnostic::new(code, rule.severity, message)
            .at(&origin.module, origin.span)
            .label(&rule.origin.module, rule.origin.span, rule.description.as_deref().unwrap_or("the rule"))
            .about(kind, name)
            .help(match rule.pairwise {
                true => format!(
                    "give one of these duties to an agent outside the {}, or forbid it here",
                    scope_name(rule.scope)
                ),
                false => {
                    "take one leg away: split the agent, forbid the call, or demand an approval for it".into()
                }
            });
        for (leg, request) in &requests {
            let name = &rule.legs[*leg].name;
            let said = self.filler(0, &rule.legs[*leg], request.op).said(request);
            let said = said.map_or_else(String::new, |said| format!(", which is {said}"));
            diagnostic = diagnostic.label(
                &rule.origin.module,
                rule.legs[*leg].span,
                format!("{word} `{name}`: {}{said}", self.analysis.call(request)),
            );
            // The grants of an agent are in the model's order, so this is the one reported.
            let mut grants = grants_of(request.chain[0]);
            let allowing = grants.find(|grant| evaluator::authorises(model, grant, request));
            if let Some(grant) = allowing {
                let text = format!("`{name}` is allowed here, to `{}`", model.agent(grant.to).name);
                let line = line_of(grant, request.op).unwrap_or(grant.origin.span);
                diagnostic = diagnostic.label(&grant.origin.module, line, text);
            }
        }
        for (from, to) in self.path(unit, &requests) {
            let clause = grants_of(from)
                .flat_map(|grant| grant.delegates.iter().map(move |clause| (grant, clause)))
                .find(|(_, clause)| clause.to.contains(to));
            if let Some((grant, clause)) = clause {
                let text =
                    format!("`{}` hands over to `{}` here", model.agent(from).name, model.agent(to).name);
                diagnostic = diagnostic.label(&grant.origin.module, clause.span, text);
            }
        }
        let from = unit.from().map(Named::Agent);
        let said = requests.iter().flat_map(|(_, request)| Named::of(request));
        let purpose = unit.purpose().map(Named::Purpose);
        diagnostic = self.analysis.naming(diagnostic, from.into_iter().chain(said).chain(purpose));
        diagnostic.rule = Some(rule.name.clone());
        diagnostic.references = rule.references.clone();
        let roles = requests.into_iter().map(|(leg, request)| (rule.legs[leg].name.to_string(), request));
        diagnostic.witness = Some(self.analysis.witness(roles));
        diagnostic
    }

    /// The hand-overs that lead from a delegation's agent to those who make the requests.
    fn path(&self, unit: &Unit, requests: &[(usize, Request)]) -> Vec<(AgentId, AgentId)> {
        let Some(from) = unit.from() else { return Vec::new() };
        let mut steps = Vec::new();
        for (_, request) in requests {
            for step in self.analysis.remembered.hand_overs.path(self.analysis, from, request.chain[0]) {
                if !steps.contains(&step) {
                    steps.push(step);
                }
            }
        }
        steps
    }
}

fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Session => "session",
        Scope::Agent => "agent",
        Scope::Delegation => "delegation",
        Scope::Owner => "owner",
    }
}
