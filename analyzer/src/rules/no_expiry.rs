//! `no-expiry`: a grant without an end.

use super::{Rule, Run};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::{Grant, Severity};

const CODE: &str = "no-expiry";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Note,
        finds: "a grant that never expires",
        why: "access that nobody has to ask for again outlives its reason",
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
agent bot { owner alice }
grant lookup {
  to bot for support
  allow crm.read
  on records
}
"#,
        mend: &[(
            "  allow crm.read\n  on records\n",
            "  allow crm.read\n  on records\n  expires 2027-06-30\n",
        )],
        remedy: "state `expires`, at most a year ahead",
        references: &["NIST SP 800-53 AC-2(2)"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    if grant.expires.is_some() {
        return Vec::new();
    }
    let who = analysis.agent_of(grant.to);
    let diagnostic = Diagnostic::note(CODE, format!("grant `{}` to {who} never expires", grant.name))
        .at(&grant.origin.module, grant.origin.span)
        .help("add `expires`")
        .about("grant", &grant.name);
    vec![diagnostic]
}
