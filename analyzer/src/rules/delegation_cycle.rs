//! `delegation-cycle`: agents that hand over to each other in a circle.
//!
//! Only hand-overs that are proved to be possible are followed: a forbid or a condition that closes
//! one closes the circle. All circles through an agent lie within its *ring*, those whom hand-overs
//! lead to from it and back, so each ring is searched by itself, from its first agent.

use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::hand_over::{HandOver, Usable, living};
use crate::named::Named;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use std::collections::{BTreeMap, VecDeque};

const CODE: &str = "delegation-cycle";

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
    run: Run::Root(run),
};

fn run(analysis: &Analysis, agent: AgentId) -> Vec<Diagnostic> {
    let ring = analysis.remembered.hand_overs.ring(agent);
    if ring.first() != Some(agent) || ring.len() == 1 {
        return Vec::new();
    }
    let search = Search { analysis, ring: &ring };
    let mut diagnostics = Vec::new();
    // Whoever has been told of as part of a circle need not be told of again.
    let mut told = AgentSet::new();
    for agent in ring.iter() {
        if told.contains(agent) {
            continue;
        }
        if let Some(circle) = search.circle(agent, &told, |usable| &usable.sure) {
            told = told.union(&circle.iter().copied().collect());
            diagnostics.push(search.finding(&circle));
        } else if let Some(circle) = search.circle(agent, &told, |usable| &usable.perhaps) {
            told.insert(agent);
            let why = search.doubt(&circle).unwrap_or_default();
            let agent = analysis.model.agent(agent);
            diagnostics.push(analysis.undecided(CODE, "agent", &agent.name, &agent.origin, &why));
        }
    }
    diagnostics
}

struct Search<'a, 'm> {
    analysis: &'a Analysis<'m>,
    ring: &'a AgentSet,
}

impl Search<'_, '_> {
    /// The shortest circle from an agent back to it, by such hand-overs, around those who were told of.
    fn circle(
        &self,
        start: AgentId,
        told: &AgentSet,
        such: fn(&Usable) -> &AgentSet,
    ) -> Option<Vec<AgentId>> {
        let mut came: BTreeMap<AgentId, AgentId> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(agent) = queue.pop_front() {
            let steps = self.analysis.remembered.hand_overs.steps(self.analysis, agent);
            for next in such(&steps.now).intersection(self.ring).minus(told).iter() {
                if came.contains_key(&next) {
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

    /// A request for each hand-over of a circle, or what there is instead.
    fn around(&self, circle: &[AgentId]) -> impl Iterator<Item = Found> {
        let steps = circle.iter().zip(circle.iter().cycle().skip(1));
        steps.map(|(&a, &b)| self.analysis.remembered.hand_overs.by_living(self.analysis, a, b))
    }

    /// Why nobody knows whether a circle is one.
    fn doubt(&self, circle: &[AgentId]) -> Option<String> {
        self.around(circle).find_map(|found| match found {
            Found::Undecided(why) => Some(why),
            Found::None | Found::Some(_) => None,
        })
    }

    fn finding(&self, circle: &[AgentId]) -> Diagnostic {
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
            if let Some(HandOver { grant, clause, .. }) = living(self.analysis, a).find(|one| one.names(b)) {
                let text = format!("{} hands over to {}", name(a), name(b));
                diagnostic = diagnostic.label(&grant.origin.module, clause.span, text);
            }
        }
        diagnostic = self.analysis.naming(diagnostic, circle.iter().map(|&agent| Named::Agent(agent)));
        diagnostic.references = RULE.references();
        let requests = self.around(circle).filter_map(|found| match found {
            Found::Some(mut requests) => Some(("hand-over".to_string(), requests.pop()?)),
            Found::None | Found::Undecided(_) => None,
        });
        diagnostic.witness = Some(self.analysis.witness(requests));
        diagnostic
    }
}
