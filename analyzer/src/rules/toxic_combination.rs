//! `toxic-combination`: all legs of a `toxic` within its scope.

use super::combination::{self, Known};
use super::{Rule, Run};
use crate::analysis::Analysis;
use crate::kept::Findings;
use bailiwick_compiler::diagnostic::Explanation;
use bailiwick_compiler::model::{Combination, Severity};

const CODE: &str = "toxic-combination";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "a combination of calls that a policy calls toxic, each of them allowed within one scope",
        why: "each call is harmless alone; together they are an attack, such as reading secrets, reading a stranger's text and sending mail",
        example: r#"data records { sensitivity confidential }
person alice { email "alice@acme.example" }
tool crm.read {
  effect read
  reads records
}
tool web.fetch {
  effect read
  touches nothing
  ingests untrusted
}
tool mail.send {
  effect write
  touches nothing
  reaches external
}
purpose support {
  "Answer customers."
  needs crm.read, web.fetch, mail.send
  needs data records
}
agent bot { owner alice }
grant help {
  to bot for support
  allow crm.read, web.fetch, mail.send
  on records
  expires 2027-06-30
}
toxic lethal-trifecta within agent {
  leg private   data at-least confidential
  leg untrusted tools ingesting untrusted
  leg outward   tools reaching external unless approved
}
"#,
        mend: &[
            (
                "  allow crm.read, web.fetch, mail.send\n  on records\n",
                "  allow crm.read, web.fetch, mail.send\n  on records\n  approval bob within 1h for mail.send independent\n",
            ),
            (
                "person alice { email \"alice@acme.example\" }",
                "person alice { email \"alice@acme.example\" }\nperson bob { email \"bob@acme.example\" }",
            ),
        ],
        remedy: "take one leg away: split the agent, forbid the call, or demand an approval for it",
        references: &["OWASP ASI01", "OWASP ASI02"],
    },
    run: Run::Combination(run),
};

fn run(analysis: &Analysis, rule: &Combination, known: &mut Known) -> Findings {
    match rule.pairwise {
        true => Vec::new(),
        false => combination::examine(analysis, rule, known, CODE, "leg"),
    }
}
