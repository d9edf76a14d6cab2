//! `review-lapsed`: an agent whose review is overdue.

use super::{Rule, Run};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::{AgentId, Severity};
use bailiwick_compiler::types::value::{duration_text, instant_text};

const CODE: &str = "review-lapsed";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "an agent that was last reviewed longer ago than its cadence says",
        why: "a review is where somebody asks whether the agent still needs what it has",
        example: r#"person alice { email "alice@acme.example" }
agent bot {
  owner alice
  review every 90d last 2026-06-01 by alice
}
"#,
        mend: &[("last 2026-06-01", "last 2026-11-01")],
        remedy: "review the agent and record it in `last`",
        references: &["NIST SP 800-53 AC-2"],
    },
    run: Run::Agent(run),
};

fn run(analysis: &Analysis, agent: AgentId) -> Vec<Diagnostic> {
    let agent = analysis.model.agent(agent);
    let Some(review) = agent.review.as_ref().filter(|_| agent.suspended.is_none()) else {
        return Vec::new();
    };
    let every = duration_text(review.every);
    let owner = &analysis.model.principal(agent.owner).name;
    let diagnostic = match review.last {
        Some((last, _)) if last.saturating_add(review.every) <= analysis.now => {
            let last = instant_text(last);
            Diagnostic::warning(
                CODE,
                format!(
                    "agent `{}` of `{owner}` was last reviewed on {last}, to be every {every}",
                    agent.name
                ),
            )
        }
        Some(_) => return Vec::new(),
        None => Diagnostic::note(
            CODE,
            format!(
                "agent `{}` of `{owner}` is to be reviewed every {every}; no review is recorded",
                agent.name
            ),
        ),
    };
    vec![
        diagnostic
            .at(&agent.origin.module, agent.origin.span)
            .help("review the agent and record it: `review every … last … by …`")
            .about("agent", &agent.name),
    ]
}
