//! `standard-not-met`: a grant or an agent that a standard speaks of and that falls short of it.

use super::no_expiry::{ended, stated};
use super::{Rule, Run};
use crate::analysis::{Analysis, Found};
use crate::named::Named;
use crate::smt::question::{Counting, Formula, Question, Slot};
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation, Witness};
use bailiwick_compiler::model::*;
use bailiwick_compiler::types::value::duration_text;
use bailiwick_grammar::Span;

const CODE: &str = "standard-not-met";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a grant or an agent that falls short of a standard that speaks of it",
        why: "a standard is what an organisation has promised: to itself, to an auditor, to its customers",
        example: r#"data records { sensitivity confidential }
person alice { email "alice@acme.example" }
tool crm.erase {
  effect delete irreversible
  writes records
}
purpose erasure {
  "Erase what customers ask us to erase."
  needs crm.erase
  needs data records
}
agent bot { owner alice }
grant erase {
  to bot for erasure
  allow crm.erase
  on records
  expires 2027-06-30
}
standard deletes-are-approved {
  for grants allowing effect delete on at-least confidential
  require approval independent
  reference "NIST SP 800-53 AC-6"
}
"#,
        mend: &[
            (
                "  allow crm.erase\n  on records\n",
                "  allow crm.erase\n  on records\n  approval bob within 1h independent\n",
            ),
            (
                "person alice { email \"alice@acme.example\" }",
                "person alice { email \"alice@acme.example\" }\nperson bob { email \"bob@acme.example\" }",
            ),
        ],
        remedy: "add what the standard asks for; where it cannot be had, waive the finding with a reason and an end",
        references: &["NIST AI RMF GOVERN 1.4"],
    },
    run: Run::Subjects(grants, agents),
};

/// How a requirement is missed: a sentence's end, and a request that shows it.
struct Shortfall {
    text: String,
    witness: Option<Witness>,
    named: Vec<Named>,
    undecided: bool,
}

impl Shortfall {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), witness: None, named: Vec::new(), undecided: false }
    }
}

fn grants(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for standard in &analysis.model.standards {
        let StandardSubject::Grants { to, allowing, on } = &standard.subject else { continue };
        let meant = to.as_ref().is_none_or(|agents| agents.contains(grant.to))
            && allowing.as_ref().is_none_or(|ops| grant.lines.iter().any(|line| line.ops.meets(ops)))
            && on.as_ref().is_none_or(|labels| labels.meets(&grant.covers));
        let spoken_of = |slot: &Slot| {
            allowing.as_ref().is_none_or(|ops| ops.contains(slot.op))
                && on.as_ref().is_none_or(|labels| labels.meets(&slot.data))
        };
        for (requirement, span) in standard.requirements.iter().filter(|_| meant) {
            let apart: Vec<&ClassSet> = on.iter().collect();
            let shortfall = match requirement {
                Requirement::When(cond) => unmet(analysis, grant, cond, &apart, spoken_of),
                Requirement::Approval { independent } => {
                    unapproved(analysis, grant, *independent, &apart, spoken_of)
                }
                requirement => of_grant(analysis, grant, requirement),
            };
            if let Some(shortfall) = shortfall {
                let subject = ("grant", &grant.name, &grant.origin);
                let found = finding(analysis, standard, *span, subject, grant.to, shortfall);
                diagnostics.push(mended(analysis, found, grant, requirement));
            }
        }
    }
    diagnostics
}

fn agents(analysis: &Analysis, id: AgentId) -> Vec<Diagnostic> {
    let agent = analysis.model.agent(id);
    let mut diagnostics = Vec::new();
    for standard in &analysis.model.standards {
        let StandardSubject::Agents(agents) = &standard.subject else { continue };
        for (requirement, span) in standard.requirements.iter().filter(|_| agents.contains(id)) {
            if let Some(shortfall) = of_agent(analysis, agent, requirement) {
                let subject = ("agent", &agent.name, &agent.origin);
                diagnostics.push(finding(analysis, standard, *span, subject, id, shortfall));
            }
        }
    }
    diagnostics
}

fn finding(
    analysis: &Analysis,
    standard: &Standard,
    span: Span,
    (kind, name, origin): (&'static str, &Str, &Origin),
    agent: AgentId,
    shortfall: Shortfall,
) -> Diagnostic {
    if shortfall.undecided {
        let rule = format!("{CODE}` for `{}", standard.name);
        let diagnostic = analysis.undecided(&rule, kind, name, origin, &shortfall.text);
        let mut diagnostic = diagnostic.label(&standard.origin.module, span, "required here");
        diagnostic.rule = Some(standard.name.clone());
        return diagnostic;
    }
    let who = match kind {
        "grant" => format!("grant `{name}` to {}", analysis.agent_of(agent)),
        _ => analysis.agent_of(agent),
    };
    let message = format!("{who} falls short of standard `{}`: {}", standard.name, shortfall.text);
    let mut diagnostic = Diagnostic::new(CODE, standard.severity, message)
        .at(&origin.module, origin.span)
        .label(&standard.origin.module, span, "required here")
        .help("add what the standard asks for, or waive the finding with a reason and an end")
        .about(kind, name);
    diagnostic.rule = Some(standard.name.clone());
    diagnostic.references = standard.references.clone();
    diagnostic.witness = shortfall.witness;
    analysis.naming(diagnostic, shortfall.named)
}

/// The finding with a line for what the grant does not state at all.
fn mended(analysis: &Analysis, found: Diagnostic, grant: &Grant, requirement: &Requirement) -> Diagnostic {
    const YEAR: i64 = 365 * 24 * 60 * 60;
    match requirement {
        Requirement::Expires(within) if grant.expires.is_none() && within.is_none_or(|most| most >= YEAR) => {
            ended(found, analysis, grant)
        }
        Requirement::Ttl(most) if grant.ttl.is_none() => {
            stated(found, grant, &format!("ttl {}", duration_text(*most)))
        }
        Requirement::Expires(_)
        | Requirement::Ttl(_)
        | Requirement::Approval { .. }
        | Requirement::Authn(_)
        | Requirement::Depth(_)
        | Requirement::Review(_)
        | Requirement::Identity(_)
        | Requirement::OwnedByTeam
        | Requirement::When(_) => found,
    }
}

fn of_grant(analysis: &Analysis, grant: &Grant, requirement: &Requirement) -> Option<Shortfall> {
    match requirement {
        Requirement::Expires(within) => match (grant.expires, within) {
            (None, _) => Some(Shortfall::new("it does not expire")),
            (Some(expires), Some(within)) => {
                let from = grant.starts.unwrap_or(analysis.now);
                (expires.saturating_sub(from) > *within).then(|| {
                    Shortfall::new(format!(
                        "it expires in {}, more than {}",
                        duration_text(expires - from),
                        duration_text(*within)
                    ))
                })
            }
            (Some(_), None) => None,
        },
        Requirement::Ttl(most) => match grant.ttl {
            None => Some(Shortfall::new("it has no ttl")),
            Some(ttl) => (ttl > *most).then(|| {
                Shortfall::new(format!(
                    "its ttl is {}, more than {}",
                    duration_text(ttl),
                    duration_text(*most)
                ))
            }),
        },
        Requirement::Authn(least) => {
            let authn = analysis.model.authn_of(grant);
            (authn < *least).then(|| {
                Shortfall::new(format!(
                    "`{}` is enough authentication for it, not `{}`",
                    authn.name(),
                    least.name()
                ))
            })
        }
        Requirement::Depth(most) => {
            let depth = grant.delegates.iter().map(|clause| clause.depth).max().unwrap_or(0);
            (depth > *most)
                .then(|| Shortfall::new(format!("it may be handed on {depth} deep, more than {most}")))
        }
        // Said of what it allows, by `unmet` and `unapproved`.
        Requirement::When(_) | Requirement::Approval { .. } => None,
        Requirement::Review(_) | Requirement::Identity(_) | Requirement::OwnedByTeam => {
            of_agent(analysis, analysis.model.agent(grant.to), requirement)
        }
    }
}

/// Whether the grant authorises what the standard speaks of, no approval that counts being given.
fn unapproved(
    analysis: &Analysis,
    grant: &Grant,
    independent: bool,
    apart: &[&ClassSet],
    spoken_of: impl Fn(&Slot) -> bool,
) -> Option<Shortfall> {
    // Independent approvals are what remains when only the owner and its members may approve.
    let counting = match independent {
        false => Counting::Nobody,
        true => {
            let owner = analysis.model.agent(grant.to).owner;
            Counting::Only(analysis.model.people_of(owner))
        }
    };
    let slots = analysis.slots(grant, &[grant.to], apart).into_iter().filter(spoken_of);
    let questions = slots.filter_map(|slot| {
        let formula = analysis.policy.authorised(0, &slot, grant, &counting)?;
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    let how = if independent { "without an independent approval" } else { "without an approval" };
    shown(analysis, analysis.first(questions), how)
}

/// Whether the grant, the forbids taken off, allows what the standard speaks of although the condition does not hold.
fn unmet<'m>(
    analysis: &Analysis<'m>,
    grant: &'m Grant,
    cond: &'m Cond,
    apart: &[&ClassSet],
    spoken_of: impl Fn(&Slot) -> bool,
) -> Option<Shortfall> {
    let slots = analysis.slots(grant, &[grant.to], apart).into_iter().filter(spoken_of);
    let questions = slots.filter_map(|slot| {
        let allowed = analysis.policy.allowed_by(0, &slot, grant, &Counting::Given)?;
        let formula = Formula::All(vec![allowed, Formula::cond(0, cond).negate()]);
        Some(Question { slots: vec![slot], one_session: false, formula })
    });
    shown(analysis, analysis.first(questions), "although the condition does not hold")
}

/// The shortfall that a request shows, and in what way it does.
fn shown(analysis: &Analysis, found: Found, how: &str) -> Option<Shortfall> {
    match found {
        Found::None => None,
        Found::Undecided(why) => Some(Shortfall { undecided: true, ..Shortfall::new(why) }),
        Found::Some(requests) => {
            let call = requests.first().map(|request| analysis.call(request)).unwrap_or_default();
            let mut shortfall = Shortfall::new(format!("it allows {call} {how}"));
            shortfall.named = requests.iter().flat_map(Named::of).collect();
            shortfall.witness =
                Some(analysis.witness(requests.into_iter().map(|request| ("request".into(), request))));
            Some(shortfall)
        }
    }
}

fn of_agent(analysis: &Analysis, agent: &Agent, requirement: &Requirement) -> Option<Shortfall> {
    match requirement {
        Requirement::Review(every) => match &agent.review {
            None => Some(Shortfall::new("it has no review")),
            Some(review) => (review.every > *every).then(|| {
                Shortfall::new(format!(
                    "it is reviewed every {}, not every {}",
                    duration_text(review.every),
                    duration_text(*every)
                ))
            }),
        },
        Requirement::Identity(kind) => {
            let has = agent.identities.iter().any(|identity| kind.is_none_or(|kind| identity.kind == kind));
            (!has).then(|| {
                Shortfall::new(match kind {
                    Some(kind) => format!("it has no `{}` identity", kind.name()),
                    None => "it has no identity".into(),
                })
            })
        }
        Requirement::Authn(least) => (agent.authn < *least).then(|| {
            Shortfall::new(format!(
                "`{}` is enough authentication for it, not `{}`",
                agent.authn.name(),
                least.name()
            ))
        }),
        Requirement::OwnedByTeam => match analysis.model.principal(agent.owner).kind {
            PrincipalKind::Team { .. } => None,
            PrincipalKind::Person { .. } => Some(Shortfall::new("its owner is a person, who may leave")),
        },
        // These speak of grants; the language has no way to ask them of an agent.
        Requirement::Expires(_)
        | Requirement::Ttl(_)
        | Requirement::Approval { .. }
        | Requirement::Depth(_)
        | Requirement::When(_) => None,
    }
}
