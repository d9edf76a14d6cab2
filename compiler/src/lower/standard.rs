//! Standards: what is required of every grant or agent, with its references.

use super::condition::Context;
use super::rule::Head;
use super::scope::{Lowered, Reported, Scope};
use super::sets::Domain;
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use bailiwick_grammar::ast::{self, StandardItem};
use bailiwick_grammar::{At, Span};

impl Scope<'_> {
    /// A standard.
    pub fn standard(
        &mut self,
        head: &Head,
        description: Option<Str>,
        items: &[At<StandardItem>],
    ) -> Lowered<Standard> {
        let (mut subject, mut severity, mut stated) = (None, None, false);
        let (mut references, mut required, mut failed) = (Vec::new(), Vec::new(), false);
        for item in items {
            match &item.node {
                StandardItem::For(decl) => {
                    stated = true;
                    match self.subject(decl) {
                        Ok(found) => self.once(&mut subject, found, item.span, "for"),
                        Err(Reported) => failed = true,
                    }
                }
                StandardItem::Require(decl) => required.push((decl, item.span)),
                StandardItem::Severity(name) => match self.severity(name) {
                    Ok(level) => self.once(&mut severity, level, item.span, "severity"),
                    Err(Reported) => failed = true,
                },
                StandardItem::Reference(text) => references.push(text.node.clone()),
            }
        }
        if !stated {
            let _ = self.required(
                None::<()>,
                head.name_span,
                "for",
                "say of what it speaks: `for grants …` or `for agents …`",
            );
        }
        if required.is_empty() && !failed {
            failed = self
                .required(
                    None::<()>,
                    head.name_span,
                    "require",
                    "say what it asks for: `require ttl at-most 8h`",
                )
                .is_err();
        }
        let subject = subject.ok_or(Reported)?.node;
        let mut requirements = Vec::new();
        for (decl, span) in required {
            let Ok(requirement) = self.requirement(decl, &subject, span) else {
                failed = true;
                continue;
            };
            let (of_grants, of_agents) = match requirement {
                Requirement::Expires(_)
                | Requirement::Ttl(_)
                | Requirement::Approval { .. }
                | Requirement::Depth(_)
                | Requirement::When(_) => (true, false),
                Requirement::Review(_) | Requirement::Identity(_) | Requirement::OwnedByTeam => (false, true),
                Requirement::Authn(_) => (true, true),
            };
            let fits = match subject {
                StandardSubject::Grants { .. } => of_grants,
                StandardSubject::Agents(_) => of_agents,
            };
            if !fits {
                let (mine, theirs) = match subject {
                    StandardSubject::Grants { .. } => ("grants", "agents"),
                    StandardSubject::Agents(_) => ("agents", "grants"),
                };
                let problem =
                    error("wrong-requirement", format!("this can be asked of {theirs}, not of {mine}"))
                        .help(format!("put it into a standard `for {theirs}`"));
                self.report(problem, span);
                failed = true;
            }
            requirements.push((requirement, span));
        }
        if failed {
            return Err(Reported);
        }
        Ok(Standard {
            name: head.name.clone(),
            origin: head.origin.clone(),
            description,
            subject,
            requirements,
            severity: severity.map_or(Severity::Warning, |level| level.node),
            references,
        })
    }

    fn subject(&mut self, decl: &ast::StandardSubject) -> Lowered<StandardSubject> {
        match decl {
            ast::StandardSubject::Grants { allowing, on, to } => {
                let allowing = allowing.as_ref().map(|set| self.set(set)).transpose();
                let on = on.as_ref().map(|set| self.set(set)).transpose();
                let to = to.as_ref().map(|set| self.set(set)).transpose();
                let on = on?.map(|set| self.model.met(&set));
                Ok(StandardSubject::Grants { to: to?, allowing: allowing?, on })
            }
            ast::StandardSubject::Agents(None) => Ok(StandardSubject::Agents(AgentId::all(self.model))),
            ast::StandardSubject::Agents(Some(set)) => self.set(set).map(StandardSubject::Agents),
        }
    }

    fn requirement(
        &mut self,
        decl: &ast::Requirement,
        subject: &StandardSubject,
        span: Span,
    ) -> Lowered<Requirement> {
        Ok(match decl {
            ast::Requirement::Expires(within) => {
                Requirement::Expires(within.map(|within| self.positive(within, "an expiry")).transpose()?)
            }
            ast::Requirement::Ttl(most) => Requirement::Ttl(self.positive(*most, "a ttl")?),
            ast::Requirement::Approval { independent } => Requirement::Approval { independent: *independent },
            ast::Requirement::Authn(level) => Requirement::Authn(self.authn(level)?),
            ast::Requirement::Depth(most) => match usize::try_from(most.node) {
                Ok(depth) if depth < MAX_CHAIN => Requirement::Depth(depth),
                _ => {
                    let problem =
                        error("depth-out-of-range", format!("a depth is at most {}", MAX_CHAIN - 1))
                            .help("`depth at-most 0` allows no delegation");
                    return Err(self.report(problem, span));
                }
            },
            ast::Requirement::Review(every) => {
                Requirement::Review(self.positive(*every, "a review cadence")?)
            }
            ast::Requirement::Identity(kind) => {
                let words = IdentityKind::ALL.map(IdentityKind::name);
                let kind = kind
                    .as_ref()
                    .map(|name| self.word(name, "kind of identity", IdentityKind::named(name), &words));
                Requirement::Identity(kind.transpose()?)
            }
            ast::Requirement::OwnedByTeam => Requirement::OwnedByTeam,
            ast::Requirement::When(condition) => {
                let ops = match subject {
                    StandardSubject::Grants { allowing: Some(ops), .. } => ops.clone(),
                    StandardSubject::Grants { allowing: None, .. } | StandardSubject::Agents(_) => {
                        OpId::all(self.model)
                    }
                };
                Requirement::When(self.condition(Context::strict(&ops), Some(condition))?)
            }
        })
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "wrong-requirement",
    "a standard for grants asks for what agents have, or the reverse",
    "no grant or agent could ever meet it",
    "standard s { for agents  require ttl at-most 8h }\n",
    "put the requirement into a standard for the other",
)];
