//! `delegation-cycle`: agents that hand over to each other in a circle.
//!
//! What is declared is searched first; then every hand-over of a circle is proved to be possible,
//! or taken out and the search goes on: a forbid or a condition that closes one closes the circle.

use super::delegation::{HandOver, acting, hand_overs, shapes};
use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const CODE: &str = "delegation-cycle";

/// How many hand-overs are looked at before the rest is left undecided.
const HAND_OVERS: usize = 4000;

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "agents that can hand over to each other in a circle",
        why: "instructions come back to whoever gave them as if they were somebody else's: nobody can say who decided, and a loop has no end of its own",
        example: r#"data records { sensitivity internal }
person alice { email "alice@acme.example" }
tool crm.read {
  effect read
  reads records
}
purpose support {
  "Answer customers."
  needs crm.read
  needs data records
}
agent planner { owner alice }
agent worker { owner alice }
grant planning {
  to planner for support
  allow crm.read
  on records
  expires 2027-06-30
  delegate to worker depth 1 only crm.read
}
grant working {
  to worker for support
  allow crm.read
  on records
  expires 2027-06-30
  delegate to planner depth 1 only crm.read
}
"#,
        mend: &[("  delegate to planner depth 1 only crm.read\n", "")],
        remedy: "let one of them work for the other, and not the reverse",
        references: &["OWASP ASI07", "OWASP ASI08"],
    },
    run: Run::Project(run),
};

fn run(analysis: &Analysis) -> Vec<Diagnostic> {
    let mut search = Search::new(analysis);
    let mut diagnostics = Vec::new();
    // Whoever has been told of as part of a circle need not be told of again.
    let mut told = AgentSet::new();
    let agents: Vec<AgentId> = search.from.keys().copied().collect();
    for agent in agents {
        while !told.contains(agent) {
            let Some(circle) = search.circle(agent, &told) else { break };
            match search.hand_overs(&circle) {
                Ok(requests) => {
                    told = circle.iter().fold(told, |all, &agent| all.union(&AgentSet::only(agent)));
                    diagnostics.push(search.finding(&circle, requests));
                }
                Err(None) => {}
                Err(Some(why)) => {
                    told.insert(agent);
                    let agent = analysis.model.agent(agent);
                    diagnostics.push(analysis.undecided(CODE, "agent", &agent.name, &agent.origin, &why));
                }
            }
        }
    }
    diagnostics
}

struct Search<'a, 'm> {
    analysis: &'a Analysis<'m>,
    /// The clauses by which an agent hands over.
    from: BTreeMap<AgentId, Vec<HandOver<'m>>>,
    /// Hand-overs that cannot happen.
    closed: BTreeSet<(AgentId, AgentId)>,
    asked: usize,
}

impl<'a, 'm> Search<'a, 'm> {
    fn new(analysis: &'a Analysis<'m>) -> Self {
        let mut from: BTreeMap<AgentId, Vec<HandOver>> = BTreeMap::new();
        for (grant, clause) in hand_overs(analysis) {
            from.entry(grant.to).or_default().push((grant, clause));
        }
        Self { analysis, from, closed: BTreeSet::new(), asked: 0 }
    }

    /// The shortest circle from an agent back to it, by hand-overs that are not known to be closed,
    /// around those who were told of.
    fn circle(&self, start: AgentId, told: &AgentSet) -> Option<Vec<AgentId>> {
        let mut came: BTreeMap<AgentId, AgentId> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(agent) = queue.pop_front() {
            let clauses = self.from.get(&agent).into_iter().flatten();
            let named = clauses.fold(AgentSet::new(), |all, (_, clause)| all.union(&clause.to)).minus(told);
            for next in named.iter() {
                if next == agent || came.contains_key(&next) || self.closed.contains(&(agent, next)) {
                    continue;
                }
                came.insert(next, agent);
                if next != start {
                    queue.push_back(next);
                    continue;
                }
                let mut circle = vec![agent];
                while let Some(&before) = circle.last().filter(|&&at| at != start).and_then(|at| came.get(at))
                {
                    circle.push(before);
                }
                circle.reverse();
                return Some(circle);
            }
        }
        None
    }

    /// A request for each hand-over of a circle. When one cannot happen it is closed, and there is
    /// nothing to say; otherwise why nobody knows.
    fn hand_overs(&mut self, circle: &[AgentId]) -> Result<Vec<Request>, Option<String>> {
        let mut requests = Vec::new();
        for (&a, &b) in circle.iter().zip(circle.iter().cycle().skip(1)) {
            let mut undecided = None;
            let mut found = None;
            for &hand_over in self.from.get(&a).into_iter().flatten() {
                if !hand_over.1.to.contains(b) {
                    continue;
                }
                self.asked += 1;
                if self.asked > HAND_OVERS {
                    return Err(Some("there are too many hand-overs to look at".into()));
                }
                match acting(self.analysis, hand_over, shapes(self.analysis, hand_over, b)) {
                    Found::Some(mut requests) => found = requests.pop(),
                    Found::None => {}
                    Found::Undecided(why) => undecided = undecided.or(Some(why)),
                }
                if found.is_some() {
                    break;
                }
            }
            match (found, undecided) {
                (Some(request), _) => requests.push(request),
                (None, Some(why)) => return Err(Some(why)),
                (None, None) => {
                    self.closed.insert((a, b));
                    return Err(None);
                }
            }
        }
        Ok(requests)
    }

    fn finding(&self, circle: &[AgentId], requests: Vec<Request>) -> Diagnostic {
        let model = self.analysis.model;
        let name = |agent: AgentId| format!("`{}`", model.agent(agent).name);
        let mut way: Vec<String> = circle.iter().map(|&agent| name(agent)).collect();
        way.extend(circle.first().map(|&agent| name(agent)));
        let first = model.agent(circle[0]);
        let message =
            format!("{} can hand over in a circle: {}", self.analysis.agent_of(circle[0]), way.join(" to "),);
        let mut diagnostic = Diagnostic::warning(CODE, message)
            .at(&first.origin.module, first.origin.span)
            .help("take one of these hand-overs away")
            .about("agent", &first.name);
        for (&a, &b) in circle.iter().zip(circle.iter().cycle().skip(1)) {
            let mut clauses = self.from.get(&a).into_iter().flatten();
            if let Some((grant, clause)) = clauses.find(|(_, clause)| clause.to.contains(b)) {
                let text = format!("{} hands over to {}", name(a), name(b));
                diagnostic = diagnostic.label(&grant.origin.module, clause.span, text);
            }
        }
        diagnostic.references = RULE.references();
        let requests = requests.into_iter().map(|request| ("hand-over".to_string(), request));
        diagnostic.witness = Some(self.analysis.witness(requests));
        diagnostic
    }
}
