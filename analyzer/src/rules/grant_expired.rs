//! `grant-expired`: a grant whose time is over.

use super::{Rule, Run};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::{Grant, Severity};
use bailiwick_compiler::types::value::instant_text;

const CODE: &str = "grant-expired";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a grant that has expired",
        why: "it allows nothing any more; left in place it hides what is in force, and is renewed without thought",
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
  expires 2026-06-30
}
"#,
        mend: &[("expires 2026-06-30", "expires 2027-06-30")],
        remedy: "delete it, or state a later expiry after a review",
        references: &["NIST SP 800-53 AC-2(3)"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let expired = grant.expires.filter(|&expires| expires <= analysis.now).map(|expires| {
        let message = format!(
            "grant `{}` to {} expired on {}",
            grant.name,
            analysis.agent_of(grant.to),
            instant_text(expires)
        );
        Diagnostic::warning(CODE, message)
            .at(&grant.origin.module, grant.origin.span)
            .help("delete it, or state a later `expires`")
            .fix(format!("delete grant `{}`", grant.name), &grant.origin.module, grant.origin.span, "")
            .about("grant", &grant.name)
    });
    expired.into_iter().collect()
}
