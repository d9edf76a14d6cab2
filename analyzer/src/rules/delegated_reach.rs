//! `delegated-reach`: what an agent reaches through others and was never granted itself.
//!
//! Delegated authority comes from the root's grant alone (the language, clause 7), so two things
//! can be reached through a hand-over, and only these:
//!
//! - the delegate *acts for* the root: what the clause hands on, in the root's name, and nothing of
//!   that needs a grant of its own. However deep a clause goes, all whom it names are right behind
//!   the root already, so one hop shows everything;
//! - the root *reaches* the delegate's direct sessions: data and instructions travel with the
//!   hand-over, and from the delegate on to whom that hands over itself.
//!
//! Both are what delegation is for, and an orchestrator over specialists of other owners is its
//! usual shape, so both are notes; `separate`, `toxic` and ceilings say which of them may not be.

use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::hand_over::{HandOver, living};
use crate::named::Named;
use crate::recall::Recall;
use crate::smt::question::{Counting, Question};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const CODE: &str = "delegated-reach";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Note,
        finds: "an agent that by delegation does what no grant of its own allows, or through its delegates gets at more sensitive data than it is granted",
        why: "who reads the agent's own grants does not see it, and who owns the agent did not ask for it",
        example: r#"data payments { sensitivity restricted }
person alice { email "alice@acme.example" }
tool stripe.lookup {
  effect read
  reads payments
}
purpose refunds {
  "Return money to customers who were charged in error."
  needs stripe.lookup
  needs data payments
}
agent bot { owner alice }
agent checker { owner alice }
grant lookup {
  to bot for refunds
  allow stripe.lookup
  on payments
  expires 2027-06-30
  delegate to checker depth 1 only stripe.lookup
}
"#,
        mend: &[("  delegate to checker depth 1 only stripe.lookup\n}\n", "}\n")],
        remedy: "hand on no more than the delegate is to do, with `only`; or grant it to the delegate, for a purpose of its own",
        references: &["OWASP ASI03", "OWASP ASI07", "NIST SP 800-53 AC-6"],
    },
    run: Run::Root(run),
};

/// What is known of the reach of agents.
#[derive(Default)]
pub struct Known {
    /// What each agent is granted itself.
    own: Recall<AgentId, Arc<Own>>,
    /// A request of the agent itself that touches data above a level.
    direct: Recall<Above, Option<Request>>,
    /// What is found of the nth clause of an agent's grants.
    acts: Recall<(AgentId, usize), Option<Arc<Diagnostic>>>,
}

impl Known {
    /// Forgets what depends on the grants of these agents. Gives what they showed.
    pub fn forget(&mut self, changed: &AgentSet) -> Shown {
        self.acts.forget(changed);
        Shown { own: self.own.forget(changed), direct: self.direct.forget(changed) }
    }
}

/// What some agents showed to those from whom hand-overs lead to them.
pub struct Shown {
    own: Vec<(AgentId, Arc<Own>)>,
    direct: Vec<(Above, Option<Request>)>,
}

/// An agent's requests that touch data above a level.
type Above = (AgentId, Option<Sensitivity>);

impl Shown {
    /// Whether an agent shows the same now.
    pub fn again(&self, analysis: &Analysis, agent: AgentId) -> bool {
        let search = Search { analysis, known: &analysis.remembered.reach };
        let mut own = self.own.iter().filter(|(of, _)| *of == agent);
        let mut direct = self.direct.iter().filter(|((of, _), _)| *of == agent);
        own.all(|(_, own)| search.own(agent) == *own)
            && direct.all(|((_, level), request)| search.direct(agent, *level) == *request)
    }
}

/// What an agent is granted itself.
#[derive(PartialEq, Eq)]
struct Own {
    /// The labels of each operation.
    labels: BTreeMap<OpId, ClassSet>,
    /// The greatest sensitivity among them; `None` when that is no data.
    most: Option<Sensitivity>,
}

fn run(analysis: &Analysis, root: AgentId) -> Vec<Diagnostic> {
    if living(analysis, root).next().is_none() {
        return Vec::new();
    }
    let known = &analysis.remembered.reach;
    let search = Search { analysis, known };
    let acts = living(analysis, root).filter_map(|hand_over| {
        known.acts.of((root, hand_over.nth), || {
            let mut looked_at = AgentSet::only(root);
            let found = search.acts(hand_over, &mut looked_at);
            (looked_at, found.map(Arc::new))
        })
    });
    let mut diagnostics: Vec<Diagnostic> = acts.map(Arc::unwrap_or_clone).collect();
    diagnostics.extend(search.reaches(root));
    diagnostics
}

fn own(analysis: &Analysis, agent: AgentId) -> Own {
    let model = analysis.model;
    let mut own: BTreeMap<OpId, ClassSet> = BTreeMap::new();
    for grant in analysis.grants_of[agent.index()].iter().map(|&id| model.grant(id)) {
        for op in grant.lines.iter().flat_map(|line| line.ops.iter()) {
            let labels = model.op(op).labels.intersection(&grant.covers);
            let known = own.entry(op).or_default();
            *known = known.union(&labels);
        }
    }
    let all = own.values().fold(ClassSet::new(), |all, labels| all.union(labels));
    Own { labels: own, most: sensitivity(model, &all) }
}

fn sensitivity(model: &Model, data: &ClassSet) -> Option<Sensitivity> {
    data.iter().map(|label| model.class(label).sensitivity).max()
}

fn told(analysis: &Analysis, mut diagnostic: Diagnostic, requests: Vec<(&str, Request)>) -> Diagnostic {
    diagnostic.references = RULE.references();
    let requests = requests.into_iter().map(|(role, request)| (role.to_string(), request));
    diagnostic.witness = Some(analysis.witness(requests));
    diagnostic
}

/// The search for what an agent reaches.
struct Search<'a, 'm> {
    analysis: &'a Analysis<'m>,
    known: &'a Known,
}

impl Search<'_, '_> {
    fn own(&self, agent: AgentId) -> Arc<Own> {
        self.known.own.of(agent, || (AgentSet::only(agent), Arc::new(own(self.analysis, agent))))
    }

    /// What a delegate does by a clause and may not do itself; of several delegates the first.
    fn acts(&self, hand_over: HandOver, looked_at: &mut AgentSet) -> Option<Diagnostic> {
        let HandOver { grant, clause, .. } = hand_over;
        let (analysis, model) = (self.analysis, self.analysis.model);
        for delegate in clause.to.iter().filter(|&delegate| delegate != grant.to) {
            looked_at.insert(delegate);
            let own = self.own(delegate);
            let mut beyond = hand_over.shapes(analysis, delegate);
            beyond.retain(|slot| own.labels.get(&slot.op).is_none_or(|labels| !slot.data.is_subset(labels)));
            beyond.sort_by_key(|slot| Reverse(sensitivity(model, &slot.data)));
            let Found::Some(mut requests) = hand_over.acting(analysis, beyond) else { continue };
            let request = requests.pop()?;
            let message = format!(
                "{} may call {} for `{}`, and no grant of its own allows it",
                analysis.agent_of(delegate),
                analysis.call(&request),
                model.agent(grant.to).name,
            );
            let to = model.agent(delegate);
            let diagnostic = Diagnostic::note(CODE, message)
                .at(&grant.origin.module, clause.span)
                .label(&to.origin.module, to.origin.span, "the delegate")
                .help(match clause.only {
                    Some(_) => "hand on no more than the delegate is to do",
                    None => "say with `only` how much of the grant is handed on",
                })
                .about("grant", &grant.name);
            let diagnostic = analysis.naming(diagnostic, Named::of(&request));
            return Some(told(analysis, diagnostic, vec![("request", request)]));
        }
        None
    }

    /// The most sensitive data that the root reaches through others, when that is more sensitive
    /// than any it is granted itself.
    fn reaches(&self, root: AgentId) -> Option<Diagnostic> {
        let model = self.analysis.model;
        let mut came: BTreeMap<AgentId, AgentId> = BTreeMap::new();
        let mut queue = VecDeque::from([root]);
        let mut best: Option<(AgentId, Request)> = None;
        let mut level = self.own(root).most;
        while let Some(agent) = queue.pop_front() {
            for next in self.analysis.remembered.hand_overs.steps(self.analysis, agent).now.sure.iter() {
                if next == root || came.contains_key(&next) {
                    continue;
                }
                came.insert(next, agent);
                queue.push_back(next);
                if self.own(next).most > level
                    && let Some(request) = self.direct(next, level)
                {
                    level = sensitivity(model, &request.data);
                    best = Some((next, request));
                }
            }
        }
        let (last, request) = best?;
        let mut path = vec![last];
        while let Some(&before) = path.last().and_then(|agent| came.get(agent)) {
            path.push(before);
        }
        path.reverse();
        let through: Vec<String> =
            path[1..].iter().map(|&agent| format!("`{}`", model.agent(agent).name)).collect();
        let message = format!(
            "{} gets at {} ({}) through {}, more sensitive than what it is granted itself",
            self.analysis.agent_of(root),
            self.analysis.call(&request),
            sensitivity(model, &request.data).map_or("no data", Sensitivity::name),
            through.join(", then "),
        );
        let agent = model.agent(root);
        let mut diagnostic = Diagnostic::note(CODE, message)
            .at(&agent.origin.module, agent.origin.span)
            .help("state what may not meet along a delegation with `toxic … within delegation`, or demand an approval on the way")
            .about("agent", &agent.name);
        let mut requests = Vec::new();
        for step in path.windows(2) {
            let [a, b] = *step else { continue };
            if let Some(HandOver { grant, clause, .. }) = living(self.analysis, a).find(|one| one.names(b)) {
                let text = format!("`{}` hands over to `{}`", model.agent(a).name, model.agent(b).name);
                diagnostic = diagnostic.label(&grant.origin.module, clause.span, text);
            }
            if let Found::Some(mut found) = self.analysis.remembered.hand_overs.by_living(self.analysis, a, b)
            {
                requests.extend(found.pop().map(|request| ("hand-over", request)));
            }
        }
        let agents = path.iter().map(|&agent| Named::Agent(agent));
        diagnostic = self.analysis.naming(diagnostic, agents.chain(Named::of(&request)));
        requests.push(("reached", request));
        Some(told(self.analysis, diagnostic, requests))
    }

    /// A request of the agent itself that touches data above a level, the most sensitive first.
    fn direct(&self, agent: AgentId, level: Option<Sensitivity>) -> Option<Request> {
        self.known.direct.of((agent, level), || (AgentSet::only(agent), self.find_direct(agent, level)))
    }

    fn find_direct(&self, agent: AgentId, level: Option<Sensitivity>) -> Option<Request> {
        let model = self.analysis.model;
        let own = self.own(agent);
        let above = |label: ClassId| Some(model.class(label).sensitivity) > level;
        let sets: Vec<ClassSet> = Sensitivity::ALL
            .map(|level| {
                let labels = own.labels.values().flat_map(|labels| labels.iter());
                labels.filter(|&label| model.class(label).sensitivity == level).collect()
            })
            .into_iter()
            .collect();
        let apart: Vec<&ClassSet> = sets.iter().collect();
        let mut candidates = Vec::new();
        for &id in &self.analysis.grants_of[agent.index()] {
            let grant = model.grant(id);
            for slot in self.analysis.slots(grant, &[agent], &apart) {
                if slot.data.iter().any(above) {
                    candidates.push((Reverse(sensitivity(model, &slot.data)), candidates.len(), grant, slot));
                }
            }
        }
        candidates.sort_by_key(|(level, at, ..)| (*level, *at));
        let questions = candidates.into_iter().filter_map(|(_, _, grant, slot)| {
            let formula = self.analysis.policy.allowed_by(0, &slot, grant, &Counting::Given)?;
            Some(Question { slots: vec![slot], one_session: false, formula })
        });
        match self.analysis.first(questions) {
            Found::Some(mut requests) => requests.pop(),
            Found::None | Found::Undecided(_) => None,
        }
    }
}
