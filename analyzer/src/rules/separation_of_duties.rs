//! `separation-of-duties`: two duties of a `separate` that meet within its scope.

use super::combination::{self, Known};
use super::{Rule, Run};
use crate::analysis::Analysis;
use crate::kept::Findings;
use bailiwick_compiler::diagnostic::Explanation;
use bailiwick_compiler::model::{Combination, Severity};

const CODE: &str = "separation-of-duties";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Error,
        finds: "two duties that must be kept apart and can both be done within one scope",
        why: "whoever can both make and approve a payment can pay themselves; duties are kept apart so that it takes two",
        example: r#"data payments { sensitivity restricted }
person alice { email "alice@acme.example" }
tool payments.create {
  effect write
  writes payments
}
tool payments.approve {
  effect write
  writes payments
}
purpose paying {
  "Pay suppliers."
  needs payments.create, payments.approve
  needs data payments
}
agent bot { owner alice }
grant pay {
  to bot for paying
  allow payments.create, payments.approve
  on payments
  expires 2027-06-30
}
separate maker-from-checker within agent {
  duty make    payments.create
  duty approve payments.approve
}
"#,
        mend: &[("  allow payments.create, payments.approve\n", "  allow payments.create\n")],
        remedy: "give one of the duties to another agent, of another owner where the rule says so",
        references: &["NIST SP 800-53 AC-5"],
    },
    run: Run::Combination(run),
};

fn run(analysis: &Analysis, rule: &Combination, known: &mut Known) -> Findings {
    match rule.pairwise {
        true => combination::examine(analysis, rule, known, CODE, "duty"),
        false => Vec::new(),
    }
}
