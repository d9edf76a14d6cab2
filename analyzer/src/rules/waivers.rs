//! Waivers: what they take out of the findings, and what is wrong with them.

use crate::kept::Findings;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use bailiwick_compiler::types::value::instant_text;
use std::sync::Arc;

const EXPIRED_CODE: &str = "waiver-expired";
const UNUSED_CODE: &str = "unused-waiver";

pub const EXPIRED: Explanation = Explanation {
    code: EXPIRED_CODE,
    severity: Severity::Warning,
    finds: "a waiver whose end has passed; what it accepted counts again",
    why: "an exception was accepted for a time; after it, somebody has to decide anew",
    example: r#"person alice {
  email "alice@acme.example"
  departed on 2026-10-31
}
person bob { email "bob@acme.example" }
agent bot { owner alice }
waive owner-departed on agent bot {
  by bob
  because "the hand-over to the platform team is under way"
  until 2026-11-15
}
"#,
    mend: &[("until 2026-11-15", "until 2027-01-31")],
    remedy: "mend what it accepts, or decide anew and state a new end",
    references: &["NIST SP 800-53 CA-5"],
};

pub const UNUSED: Explanation = Explanation {
    code: UNUSED_CODE,
    severity: Severity::Note,
    finds: "a waiver of something that is not found",
    why: "it would accept the fault, should it come back, without anybody deciding so",
    example: r#"person alice { email "alice@acme.example" }
agent bot { owner alice }
waive owner-departed on agent bot {
  by alice
  because "the hand-over to the platform team is under way"
  until 2027-01-31
}
"#,
    mend: &[(
        "waive owner-departed on agent bot {\n  by alice\n  because \"the hand-over to the platform team is under way\"\n  until 2027-01-31\n}\n",
        "",
    )],
    remedy: "delete the waiver",
    references: &[],
};

/// Takes out what is waived and in time. Gives what is wrong with the waivers themselves.
pub fn apply(model: &Model, now: i64, findings: &mut Findings) -> Findings {
    if model.waivers.is_empty() {
        return Findings::new();
    }
    let mut used = vec![false; model.waivers.len()];
    findings.retain(|finding| {
        let mut waived = false;
        for (waiver, used) in
            model.waivers.iter().zip(&mut used).filter(|(waiver, _)| accepts(waiver, finding))
        {
            *used = true;
            waived |= waiver.until > now;
        }
        !waived
    });
    let mut about = Vec::new();
    for (waiver, used) in model.waivers.iter().zip(used) {
        let subject = format!("`{}` on {} `{}`", waiver.finding, waiver.subject_kind, waiver.subject);
        let place = |diagnostic: Diagnostic| {
            let diagnostic = diagnostic.at(&waiver.origin.module, waiver.origin.span);
            match subject_of(model, waiver) {
                Some(Origin { module, span }) => diagnostic.label(module, *span, "of which it speaks"),
                None => diagnostic,
            }
        };
        if waiver.until <= now {
            let message = format!("the waiver of {subject} ended on {}", instant_text(waiver.until));
            let diagnostic = Diagnostic::warning(EXPIRED_CODE, message);
            about
                .push(place(diagnostic).help("mend what it accepts, or decide anew and state a new `until`"));
        } else if !used {
            let diagnostic = Diagnostic::note(UNUSED_CODE, format!("{subject} is waived and not found"));
            let Origin { module, span } = &waiver.origin;
            about.push(place(diagnostic).help("delete the waiver").fix(
                "delete the waiver",
                module,
                *span,
                "",
            ));
        }
    }
    let compiled = bailiwick_compiler::explanations();
    let warnings = compiled.iter().filter(|one| one.severity != Severity::Error);
    let codes: Vec<&'static str> = super::explanations().iter().chain(warnings).map(|one| one.code).collect();
    about.extend(bailiwick_compiler::unknown_findings(model, &codes));
    about.into_iter().map(Arc::new).collect()
}

/// Where that is declared of which a finding is waived.
fn subject_of<'m>(model: &'m Model, waiver: &Waiver) -> Option<&'m Origin> {
    fn of<'m, T: Declared>(table: &'m [Arc<T>], waiver: &Waiver) -> Option<&'m Origin> {
        let is = |row: &&Arc<T>| row.kind() == &*waiver.subject_kind && *row.name() == waiver.subject;
        table.iter().find(is).map(|row| row.origin())
    }
    of(&model.agents, waiver)
        .or_else(|| of(&model.grants, waiver))
        .or_else(|| of(&model.tools, waiver))
        .or_else(|| of(&model.purposes, waiver))
        .or_else(|| of(&model.classes, waiver))
        .or_else(|| of(&model.principals, waiver))
        .or_else(|| of(&model.forbids, waiver))
        .or_else(|| of(&model.ceilings, waiver))
        .or_else(|| of(&model.combinations, waiver))
        .or_else(|| of(&model.standards, waiver))
        .filter(|origin| !origin.module.starts_with("std/"))
}

/// Whether the waiver speaks of the finding. What is undecided is waived only by that code: that
/// a rule is broken and that nobody knows are two things to accept.
fn accepts(waiver: &Waiver, finding: &Diagnostic) -> bool {
    let subject = finding
        .subject
        .as_ref()
        .is_some_and(|(kind, name)| **kind == *waiver.subject_kind && *name == waiver.subject);
    let named = *finding.code == *waiver.finding
        || finding.code != "undecided" && finding.rule.as_ref() == Some(&waiver.finding);
    subject && named
}
