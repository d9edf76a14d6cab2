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

use super::delegation::{HandOver, acting, hand_overs, shapes};
use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::smt::question::{Counting, Question};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

const CODE: &str = "delegated-reach";

/// How many hand-overs are looked at on the way to what agents reach. Beyond, nothing is claimed.
const HAND_OVERS: usize = 4000;

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
    run: Run::Project(run),
};

/// What each agent is granted itself: the labels of each operation.
type Own = Vec<BTreeMap<OpId, ClassSet>>;

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    let hand_overs = hand_overs(analysis);
    if hand_overs.is_empty() {
        return Vec::new();
    }
    let own = own(analysis);
    let mut diagnostics: Vec<Diagnostic> =
        hand_overs.iter().filter_map(|&hand_over| acts(analysis, &own, hand_over)).collect();
    diagnostics.extend(reaches(analysis, &own, &hand_overs));
    diagnostics
}

fn own(analysis: &Analysis) -> Own {
    let model = analysis.model;
    let mut own: Own = vec![BTreeMap::new(); model.agents.len()];
    for grant in &model.grants {
        for op in grant.lines.iter().flat_map(|line| line.ops.iter()) {
            let labels = model.op(op).labels.intersection(&grant.covers);
            let known = own[grant.to.index()].entry(op).or_default();
            *known = known.union(&labels);
        }
    }
    own
}

/// The greatest sensitivity of what an agent is granted itself; `None` when that is no data.
fn most(model: &Model, own: &BTreeMap<OpId, ClassSet>) -> Option<Sensitivity> {
    own.values().flat_map(|labels| labels.iter()).map(|label| model.class(label).sensitivity).max()
}

fn sensitivity(model: &Model, data: &ClassSet) -> Option<Sensitivity> {
    data.iter().map(|label| model.class(label).sensitivity).max()
}

/// What a delegate does by a clause and may not do itself; of several delegates the first.
fn acts<'m>(analysis: &Analysis<'m>, own: &Own, hand_over: HandOver<'m>) -> Option<Diagnostic> {
    let (grant, clause) = hand_over;
    let model = analysis.model;
    for delegate in clause.to.iter().filter(|&delegate| delegate != grant.to) {
        let own = &own[delegate.index()];
        let mut beyond = shapes(analysis, hand_over, delegate);
        beyond.retain(|slot| own.get(&slot.op).is_none_or(|labels| !slot.data.is_subset(labels)));
        beyond.sort_by_key(|slot| Reverse(sensitivity(model, &slot.data)));
        let Found::Some(mut requests) = acting(analysis, hand_over, beyond) else { continue };
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
        return Some(told(analysis, diagnostic, vec![("request", request)]));
    }
    None
}

fn told(analysis: &Analysis, mut diagnostic: Diagnostic, requests: Vec<(&str, Request)>) -> Diagnostic {
    diagnostic.references = RULE.references();
    let requests = requests.into_iter().map(|(role, request)| (role.to_string(), request));
    diagnostic.witness = Some(analysis.witness(requests));
    diagnostic
}

/// For each agent that hands over, the most sensitive data that it reaches through others, when
/// that is more sensitive than any it is granted itself.
fn reaches<'m>(analysis: &Analysis<'m>, own: &Own, hand_overs: &[HandOver<'m>]) -> Vec<Diagnostic> {
    let model = analysis.model;
    let levels: Vec<Option<Sensitivity>> = own.iter().map(|own| most(model, own)).collect();
    let mut from: Vec<Vec<HandOver>> = vec![Vec::new(); model.agents.len()];
    for &(grant, clause) in hand_overs {
        from[grant.to.index()].push((grant, clause));
    }
    let mut search = Search { analysis, from: &from, known: BTreeMap::new() };
    let agents = (0..model.agents.len()).map(AgentId::at);
    let roots = agents.filter(|agent| !from[agent.index()].is_empty());
    roots.filter_map(|root| search.reach(root, own, &levels)).collect()
}

/// The search for what is reached, with the hand-overs that it has looked at.
struct Search<'a, 'm> {
    analysis: &'a Analysis<'m>,
    from: &'a [Vec<HandOver<'m>>],
    known: BTreeMap<(AgentId, AgentId), Option<Request>>,
}

impl<'m> Search<'_, 'm> {
    fn reach(&mut self, root: AgentId, own: &Own, levels: &[Option<Sensitivity>]) -> Option<Diagnostic> {
        let model = self.analysis.model;
        let mut came: BTreeMap<AgentId, AgentId> = BTreeMap::new();
        let mut queue = VecDeque::from([root]);
        let mut best: Option<(AgentId, Request)> = None;
        let mut level = levels[root.index()];
        while let Some(agent) = queue.pop_front() {
            let named = self.from[agent.index()]
                .iter()
                .fold(AgentSet::new(), |all, (_, clause)| all.union(&clause.to));
            for next in named.iter() {
                if next == root || came.contains_key(&next) || self.hands_over(agent, next).is_none() {
                    continue;
                }
                came.insert(next, agent);
                queue.push_back(next);
                if levels[next.index()] > level
                    && let Some(request) = self.direct(next, &own[next.index()], level)
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
            if let Some((grant, clause)) = self.from[a.index()].iter().find(|(_, of)| of.to.contains(b)) {
                let text = format!("`{}` hands over to `{}`", model.agent(a).name, model.agent(b).name);
                diagnostic = diagnostic.label(&grant.origin.module, clause.span, text);
            }
            requests.extend(self.hands_over(a, b).map(|request| ("hand-over", request)));
        }
        requests.push(("reached", request));
        Some(told(self.analysis, diagnostic, requests))
    }

    /// A request with which one agent hands over to another.
    fn hands_over(&mut self, from: AgentId, to: AgentId) -> Option<Request> {
        if let Some(known) = self.known.get(&(from, to)) {
            return known.clone();
        }
        if self.known.len() >= HAND_OVERS {
            return None;
        }
        let clauses = self.from[from.index()].iter().filter(|(_, clause)| clause.to.contains(to));
        let request = clauses.into_iter().find_map(|&hand_over| {
            match acting(self.analysis, hand_over, shapes(self.analysis, hand_over, to)) {
                Found::Some(mut requests) => requests.pop(),
                Found::None | Found::Undecided(_) => None,
            }
        });
        self.known.insert((from, to), request.clone());
        request
    }

    /// A request of the agent itself that touches data above a level, the most sensitive first.
    fn direct(
        &self,
        agent: AgentId,
        own: &BTreeMap<OpId, ClassSet>,
        level: Option<Sensitivity>,
    ) -> Option<Request> {
        let model = self.analysis.model;
        let above = |label: ClassId| Some(model.class(label).sensitivity) > level;
        let sets: Vec<ClassSet> = Sensitivity::ALL
            .map(|level| {
                let labels = own.values().flat_map(|labels| labels.iter());
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
