//! `redundant-grant`: a grant that the agent's other grants imply.
//!
//! The others may do it between them, each covering some of the requests; but one grant must cover
//! a whole request, so it is asked with all the labels that the grant covers at once: what covers
//! those covers any fewer. Forbids are left out: they bear on all grants alike.
//!
//! Behind the root nothing is compared but the delegate clauses. Whatever chain a clause lets
//! through, another does that goes as deep and names as many; and the authentication that further
//! agents need comes on top for both grants alike. So it is enough to look at the root, with what
//! `only` leaves.

use super::{Rule, Run, listed};
use crate::analysis::{Analysis, Found};
use crate::smt::question::{Counting, Formula, Question, Slot, matching};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;
use std::collections::BTreeMap;

const CODE: &str = "redundant-grant";

/// How many other grants of an operation are looked at: what these do not imply is left alone.
const OTHERS: usize = 64;

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a grant that allows nothing which other grants to the same agent for the same purpose do not allow",
        why: "whoever takes one of them away, or tightens it, believes that the authority is gone, and it is not",
        example: r#"data records { sensitivity internal }
person alice { email "alice@acme.example" }
tool crm.read {
  arg limit: int
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
  allow crm.read where args.limit <= 1000
  on records
  expires 2027-06-30
}
grant lookup-small {
  to bot for support
  allow crm.read where args.limit <= 100
  on records
  expires 2027-03-31
}
"#,
        mend: &[(
            "grant lookup-small {\n  to bot for support\n  allow crm.read where args.limit <= 100\n  on records\n  expires 2027-03-31\n}\n",
            "",
        )],
        remedy: "delete it, or say in it what the others do not",
        references: &["NIST SP 800-53 AC-6(7)"],
    },
    run: Run::Holder(run),
};

/// Whether others imply a grant.
enum Implied<'m> {
    No,
    By(Vec<&'m Grant>),
    Undecided(String),
}

/// Grants by purpose and operation, as positions among the agent's.
type Index = BTreeMap<(PurposeId, OpId), Vec<usize>>;

fn run(analysis: &Analysis, agent: AgentId) -> Vec<Diagnostic> {
    let grants: Vec<&Grant> =
        analysis.grants_of[agent.index()].iter().map(|&id| analysis.model.grant(id)).collect();
    // What has expired is told of elsewhere, and implies nothing that is to come.
    let alive = |grant: &&Grant| grant.expires.is_none_or(|expires| analysis.now < expires);
    let mut grants: Vec<Option<&Grant>> = grants.into_iter().map(|grant| Some(grant).filter(alive)).collect();
    let mut index = Index::new();
    for (at, grant) in grants.iter().enumerate() {
        for line in grant.iter().flat_map(|grant| &grant.lines) {
            for op in line.ops.iter() {
                let found = index.entry((grant.map_or(PurposeId(0), |grant| grant.purpose), op)).or_default();
                if found.last() != Some(&at) {
                    found.push(at);
                }
            }
        }
    }
    let mut diagnostics = Vec::new();
    // Backwards, and without those that were told of: of two equal grants it is the later one, and
    // all that are told of can be deleted together.
    for at in (0..grants.len()).rev() {
        let Some(grant) = grants[at] else { continue };
        match implied(analysis, grant, at, &grants, &index) {
            Implied::No => {}
            Implied::By(others) => {
                grants[at] = None;
                diagnostics.push(finding(analysis, grant, &others));
            }
            Implied::Undecided(why) => {
                diagnostics.push(analysis.undecided(CODE, "grant", &grant.name, &grant.origin, &why));
            }
        }
    }
    diagnostics
}

fn implied<'m>(
    analysis: &Analysis<'m>,
    grant: &'m Grant,
    at: usize,
    grants: &[Option<&'m Grant>],
    index: &Index,
) -> Implied<'m> {
    let mut implying: Vec<(usize, &Grant)> = Vec::new();
    let mut undecided = None;
    let ops = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
    for op in ops.iter() {
        let others: Vec<(usize, &Grant)> = (index.get(&(grant.purpose, op)).into_iter().flatten())
            .filter(|&&other| other != at)
            .filter_map(|&other| Some((other, grants[other]?)))
            .take(OTHERS)
            .collect();
        // The root alone, then what each clause hands on.
        for clause in std::iter::once(None).chain(grant.delegates.iter().map(Some)) {
            let Some((slot, granted)) = authority(analysis, grant, op, clause) else { continue };
            let mut implied = Vec::new();
            for &(position, other) in &others {
                let Some(formula) = reaching(analysis, &slot, other, clause) else { continue };
                implied.push(formula);
                if !implying.iter().any(|(known, _)| *known == position) {
                    implying.push((position, other));
                }
            }
            let formula = Formula::All(vec![granted, Formula::Any(implied).negate()]);
            match analysis.exists(&Question { slots: vec![slot], one_session: false, formula }) {
                Found::Some(_) => return Implied::No,
                Found::None => {}
                Found::Undecided(why) => undecided = undecided.or(Some(why)),
            }
        }
    }
    // A grant that authorises nothing is implied by anything: `never-applies` says it better.
    if implying.is_empty() {
        return Implied::No;
    }
    if let Some(why) = undecided {
        return Implied::Undecided(why);
    }
    let alone = ops.iter().filter_map(|op| {
        let (slot, formula) = authority(analysis, grant, op, None)?;
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    match analysis.any(alone) {
        Found::Some(_) => {
            implying.sort_by_key(|(position, _)| *position);
            Implied::By(implying.into_iter().map(|(_, grant)| grant).collect())
        }
        Found::None | Found::Undecided(_) => Implied::No,
    }
}

/// What a grant authorises of an operation, with every label at once: for the root alone, or
/// within a clause's `only`. `None` when that is nothing.
fn authority<'m>(
    analysis: &Analysis<'m>,
    grant: &'m Grant,
    op: OpId,
    clause: Option<&'m DelegateClause>,
) -> Option<(Slot, Formula<'m>)> {
    let labels = &analysis.model.op(op).labels;
    let only = clause.and_then(|clause| clause.only.as_ref());
    let mut data = labels.intersection(&grant.covers);
    if let Some(covers) = only.and_then(|only| only.covers.as_ref()) {
        data = data.intersection(covers);
    }
    if data.is_empty() && !labels.is_empty() || clause.is_some_and(|clause| clause.to.is_empty()) {
        return None;
    }
    let slot = Slot { chain: vec![grant.to], purpose: grant.purpose, op, data };
    let mut parts = vec![analysis.policy.authorised(0, &slot, grant, &Counting::Given)?];
    if let Some(only) = only {
        parts.push(matching(0, &slot, &only.lines, &Counting::Given)?);
    }
    Some((slot, Formula::All(parts)))
}

/// That another grant authorises the request too, by a clause that reaches whom `clause` does.
fn reaching<'m>(
    analysis: &Analysis<'m>,
    slot: &Slot,
    other: &'m Grant,
    clause: Option<&DelegateClause>,
) -> Option<Formula<'m>> {
    let authorised = analysis.policy.authorised(0, slot, other, &Counting::Given)?;
    let Some(clause) = clause else { return Some(authorised) };
    let clauses = other
        .delegates
        .iter()
        .filter(|theirs| clause.depth <= theirs.depth && clause.to.is_subset(&theirs.to))
        .filter_map(|theirs| match &theirs.only {
            None => Some(Formula::TRUE),
            Some(only) if only.covers.as_ref().is_none_or(|covers| slot.data.is_subset(covers)) => {
                matching(0, slot, &only.lines, &Counting::Given)
            }
            Some(_) => None,
        });
    let clauses: Vec<_> = clauses.collect();
    (!clauses.is_empty()).then(|| Formula::All(vec![authorised, Formula::Any(clauses)]))
}

fn finding(analysis: &Analysis, grant: &Grant, others: &[&Grant]) -> Diagnostic {
    let names = listed(others.iter().map(|other| &*other.name));
    let message = format!(
        "grant `{}` to {} allows nothing that {names} {} not allow",
        grant.name,
        analysis.agent_of(grant.to),
        if others.len() == 1 { "does" } else { "do" },
    );
    let mut diagnostic = Diagnostic::warning(CODE, message)
        .at(&grant.origin.module, grant.origin.span)
        .help(format!("delete `{}`: nothing changes; or say in it what the others do not", grant.name))
        .fix(format!("delete grant `{}`", grant.name), &grant.origin.module, grant.origin.span, "")
        .about("grant", &grant.name);
    for other in others.iter().take(3) {
        diagnostic = diagnostic.label(&other.origin.module, other.origin.span, "allows it already");
    }
    diagnostic.references = RULE.references();
    diagnostic
}
