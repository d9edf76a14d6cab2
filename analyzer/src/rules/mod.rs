//! The rules. Each is a file with its documentation beside it and one line in the registry.

mod approval_impossible;
mod approver_departed;
mod beyond_ceiling;
mod beyond_owner;
#[cfg(test)]
mod claims;
pub(crate) mod combination;
mod constant_condition;
pub(crate) mod delegated_reach;
mod delegation_cycle;
mod document;
pub(crate) mod forbid_never_bites;
mod glob_too_wide;
mod grant_expired;
mod never_applies;
mod no_expiry;
mod object;
mod orphaned_agent;
mod over_privilege;
mod overridden_grant;
mod owner_departed;
mod person_identity;
mod proof_failed;
mod redundant_grant;
mod review_lapsed;
mod separation_of_duties;
mod shared_identity;
mod standard_not_met;
mod take_out;
mod toxic_combination;
mod unusable_delegation;
mod unused_identity;
mod unused_privilege;
pub mod waivers;
mod weaker_delegate;

pub use document::{Page, every_explanation, pages};

use crate::analysis::Analysis;
use crate::kept::Findings;
use crate::named::Named;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::{AgentId, Combination, Grant, Severity, Str};
use combination::Known;

/// A rule: what it finds, and how.
pub struct Rule {
    /// The documentation of its code.
    pub explanation: Explanation,
    /// Finds.
    pub run: Run,
}

/// What a rule looks at. Most look at one subject at a time, which is what is remembered of them:
/// after an edit a rule is asked again of the subjects that the edit bears on, and of no other.
#[derive(Clone, Copy)]
pub enum Run {
    /// One grant, the declarations it speaks of, and whatever forbids or limits it; not other grants.
    Grant(OfGrant),
    /// One agent and the declarations it speaks of; not its grants.
    Agent(OfAgent),
    /// One agent, every grant to it, and whatever forbids or limits these; not grants to others.
    Holder(OfAgent),
    /// One agent and every grant to it, and whatever forbids or limits these; of those whom hand-overs
    /// lead to from it, what [`Shown`](crate::remembered::Shown) compares: their hand-overs, what they
    /// are granted and what they can reach by it.
    Root(OfAgent),
    /// Grants and agents, each by itself.
    Subjects(OfGrant, OfAgent),
    /// One `separate` or `toxic`, remembered by the units of its scope.
    Combination(fn(&Analysis, &Combination, &mut Known) -> Findings),
    /// All declarations but grants, `prove` and `test`.
    Ground(OfProject),
    /// The project as a whole, after every edit: for what takes no more than a look at it.
    Project(OfProject),
}

type OfGrant = fn(&Analysis, &Grant) -> Vec<Diagnostic>;
type OfAgent = fn(&Analysis, AgentId) -> Vec<Diagnostic>;
/// A rule that is asked once.
pub type OfProject = fn(&Analysis) -> Vec<Diagnostic>;

/// What the rules find of a grant.
pub fn of_grant(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let found = registry().iter().filter_map(|rule| {
        let (Run::Grant(run) | Run::Subjects(run, _)) = rule.run else { return None };
        Some(run(analysis, grant))
    });
    found.flatten().map(|found| analysis.naming(found, [Named::Agent(grant.to)])).collect()
}

/// What the rules find of an agent.
pub fn of_agent(analysis: &Analysis, agent: AgentId) -> Vec<Diagnostic> {
    let found = registry().iter().filter_map(|rule| {
        let (Run::Agent(run) | Run::Subjects(_, run)) = rule.run else { return None };
        Some(run(analysis, agent))
    });
    found.flatten().map(|found| analysis.naming(found, [Named::Agent(agent)])).collect()
}

/// What the rules find of an agent and the grants to it.
pub fn of_holder(analysis: &Analysis, agent: AgentId) -> Vec<Diagnostic> {
    let found = registry().iter().filter_map(|rule| {
        let Run::Holder(run) = rule.run else { return None };
        Some(run(analysis, agent))
    });
    found.flatten().map(|found| analysis.naming(found, [Named::Agent(agent)])).collect()
}

/// What the rules find of an agent and those whom its hand-overs lead to.
pub fn of_root(analysis: &Analysis, agent: AgentId) -> Vec<Diagnostic> {
    let found = registry().iter().filter_map(|rule| {
        let Run::Root(run) = rule.run else { return None };
        Some(run(analysis, agent))
    });
    found.flatten().map(|found| analysis.naming(found, [Named::Agent(agent)])).collect()
}

/// What the rules find of a combination.
pub fn of_combination(analysis: &Analysis, rule: &Combination, known: &mut Known) -> Findings {
    let found = registry().iter().filter_map(|one| {
        let Run::Combination(run) = one.run else { return None };
        Some(run(analysis, rule, known))
    });
    found.flatten().collect()
}

/// The rules that are asked of the ground.
pub fn of_ground() -> impl Iterator<Item = OfProject> {
    registry().iter().filter_map(|rule| {
        let Run::Ground(run) = rule.run else { return None };
        Some(run)
    })
}

/// The rules that are asked of the project as a whole.
pub fn of_project() -> impl Iterator<Item = OfProject> {
    registry().iter().filter_map(|rule| {
        let Run::Project(run) = rule.run else { return None };
        Some(run)
    })
}

impl Rule {
    /// The external controls that it maps to, as its findings carry them.
    fn references(&self) -> Vec<Str> {
        self.explanation.references.iter().map(|&reference| reference.into()).collect()
    }
}

/// How many names a sentence lists.
const SHOWN: usize = 3;

/// Names for a sentence: the first few, and how many more there are.
fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match names.split_at_checked(SHOWN) {
        Some((shown, [_, ..])) => format!("{} and {} more", shown.join(", "), names.len() - SHOWN),
        Some(_) | None => match names.split_last() {
            Some((last, [_, ..])) => format!("{} and {last}", names[..names.len() - 1].join(", ")),
            Some((only, [])) => only.clone(),
            None => String::new(),
        },
    }
}

/// Every rule, in the order of their codes.
pub fn registry() -> &'static [&'static Rule] {
    &[
        &approval_impossible::RULE,
        &approver_departed::RULE,
        &beyond_ceiling::RULE,
        &beyond_owner::RULE,
        &constant_condition::RULE,
        &constant_condition::BEYOND_GRANTS,
        &delegated_reach::RULE,
        &delegation_cycle::RULE,
        &forbid_never_bites::RULE,
        &glob_too_wide::RULE,
        &grant_expired::RULE,
        &never_applies::RULE,
        &no_expiry::RULE,
        &orphaned_agent::RULE,
        &over_privilege::RULE,
        &overridden_grant::RULE,
        &owner_departed::RULE,
        &person_identity::RULE,
        &proof_failed::RULE,
        &redundant_grant::RULE,
        &review_lapsed::RULE,
        &separation_of_duties::RULE,
        &shared_identity::RULE,
        &standard_not_met::RULE,
        &toxic_combination::RULE,
        &unusable_delegation::RULE,
        &unused_identity::RULE,
        &unused_privilege::RULE,
        &weaker_delegate::RULE,
    ]
}

/// The documentation of every code that the analyzer raises, sorted by code.
pub fn explanations() -> Vec<Explanation> {
    let mut all: Vec<Explanation> = registry().iter().map(|rule| rule.explanation).collect();
    all.extend([waivers::EXPIRED, waivers::UNUSED, UNDECIDED]);
    all.sort_by_key(|explanation| explanation.code);
    // A rule that looks at two kinds of subject stands in the registry twice.
    all.dedup_by_key(|explanation| explanation.code);
    all
}

/// What no rule raises by itself: the third answer.
const UNDECIDED: Explanation = Explanation {
    code: "undecided",
    severity: Severity::Warning,
    finds: "a question that could be neither proved nor refuted within its limits",
    why: "what is undecided is not safe; the exit status says so too",
    example: r#"data records { sensitivity internal }
person alice { email "alice@acme.example" }
tool crm.read {
  arg query: string
  effect read
  reads records
}
purpose support {
  "Answer customers."
  needs crm.read where not (args.query like "*abcd*efgh*" and args.query like "*bcde*fghi*"
    and args.query like "*cdef*ghij*" and args.query like "*defg*hijk*" and args.query like "*efgh*ijkl*")
  needs data records
}
agent bot { owner alice }
grant lookup {
  to bot for support
  allow crm.read where not (args.query like "*hgfe*dcba*" and args.query like "*ihgf*edcb*"
    and args.query like "*jihg*fedc*" and args.query like "*kjih*gfed*" and args.query like "*lkji*hgfe*")
  on records
  expires 2027-06-30
}
"#,
    mend: &[
        (
            r#"where not (args.query like "*abcd*efgh*" and args.query like "*bcde*fghi*"
    and args.query like "*cdef*ghij*" and args.query like "*defg*hijk*" and args.query like "*efgh*ijkl*")"#,
            r#"where args.query like "customer:*""#,
        ),
        (
            r#"where not (args.query like "*hgfe*dcba*" and args.query like "*ihgf*edcb*"
    and args.query like "*jihg*fedc*" and args.query like "*kjih*gfed*" and args.query like "*lkji*hgfe*")"#,
            r#"where args.query like "customer:*""#,
        ),
    ],
    remedy: "make the conditions simpler: fewer patterns on one attribute, fewer alternatives in one rule",
    references: &[],
};

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_compiler::{Database, compile_text};

    /// 2026-12-01T00:00:00Z.
    const NOW: i64 = 1_796_083_200;

    #[test]
    fn every_example_raises_what_it_explains() {
        let db = Database::default();
        let mut failures = Vec::new();
        for explanation in explanations() {
            let compiled = compile_text(&[("example", explanation.example)]);
            // That a glob is not locked is a note, and all that an example may be told.
            let wrong = compiled.diagnostics.iter().filter(|one| one.severity > Severity::Note);
            failures.extend(wrong.map(|one| format!("{}: {}", explanation.code, one.message)));
            let found = crate::analyze(&db, &compiled.model, NOW);
            let raised =
                found.iter().any(|one| one.code == explanation.code && one.severity == explanation.severity);
            if !raised {
                failures.push(format!("{} is not raised: {found:#?}", explanation.code));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn every_example_is_clean_when_it_is_mended() {
        let db = Database::default();
        let mut failures = Vec::new();
        for explanation in explanations() {
            let code = explanation.code;
            for (from, _) in explanation.mend {
                let times = explanation.example.matches(from).count();
                if times != 1 {
                    failures.push(format!("{code}: {from:?} stands in the example {times} times"));
                }
            }
            let Some(clean) = explanation.clean() else {
                failures.push(format!("{code}: nothing says how the example is mended"));
                continue;
            };
            let compiled = compile_text(&[("example", &clean)]);
            let found = compiled.diagnostics.iter().map(|one| (**one).clone());
            let found = found.chain(crate::analyze(&db, &compiled.model, NOW));
            failures.extend(
                found
                    .filter(|one| one.code == code || one.severity > Severity::Note)
                    .map(|one| format!("{code}: mended, and still [{}] {}", one.code, one.message)),
            );
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}
