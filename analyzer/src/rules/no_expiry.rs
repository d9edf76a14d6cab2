//! `no-expiry`: a grant without an end.

use super::{Rule, Run};
use crate::analysis::Analysis;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::{AFTER_LATEST, Grant, Origin, Severity};
use bailiwick_compiler::types::value::instant_text;
use bailiwick_grammar::Span;

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
    vec![ended(diagnostic, analysis, grant)]
}

/// With an end a year from now, or from the grant's start when that is later.
pub fn ended(diagnostic: Diagnostic, analysis: &Analysis, grant: &Grant) -> Diagnostic {
    const DAY: i64 = 24 * 60 * 60;
    let from = grant.starts.map_or(analysis.now, |starts| starts.max(analysis.now));
    let end = (from / DAY + 365) * DAY;
    if end >= AFTER_LATEST {
        return diagnostic;
    }
    let line = format!("expires {}", &instant_text(end)[.."2026-12-01".len()]);
    stated(diagnostic, grant, &line)
}

/// With one line more in the grant.
pub fn stated(diagnostic: Diagnostic, grant: &Grant, line: &str) -> Diagnostic {
    let Origin { module, span } = &grant.origin;
    let last = span.end.saturating_sub(1);
    let at = Span { start: last, end: last };
    diagnostic.fix(format!("add `{line}` to grant `{}`", grant.name), module, at, format!("{line} "))
}
