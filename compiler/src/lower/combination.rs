//! Separations and toxic combinations, standards, waivers, proofs.

use super::condition::Context;
use super::rule::Head;
use super::scope::{Lowered, Reported, Scope};
use super::sets::{self, Domain};
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use crate::resolve::Kind;
use crate::resolve::names::suggest;
use bailiwick_grammar::ast::{self, LegDecl, Name, RuleItem, StandardItem, WaiveItem};
use bailiwick_grammar::{At, Span};

impl Scope<'_> {
    /// A `separate` or a `toxic`.
    pub fn combination(
        &mut self,
        head: &Head,
        description: Option<Str>,
        scope: Scope_,
        pairwise: bool,
        items: &[At<RuleItem>],
    ) -> Lowered<Combination> {
        let word = if pairwise { "duty" } else { "leg" };
        let (mut legs, mut severity, mut references, mut failed) =
            (Vec::<Leg>::new(), None, Vec::new(), false);
        for item in items {
            match &item.node {
                RuleItem::Leg(decl) => {
                    if let Some(first) = legs.iter().find(|leg| leg.name == decl.name.node) {
                        let mut slot = Some(At::new((), first.span));
                        self.once(&mut slot, (), decl.name.span, &format!("{word} {}", decl.name.node));
                        failed = true;
                    } else {
                        failed |= self.leg(decl, item.span).map(|leg| legs.push(leg)).is_err();
                    }
                }
                RuleItem::Severity(name) => match self.severity(name) {
                    Ok(level) => self.once(&mut severity, level, item.span, "severity"),
                    Err(Reported) => failed = true,
                },
                RuleItem::Reference(text) => references.push(text.node.clone()),
                RuleItem::Joining(..) | RuleItem::JoiningResources(..) => {}
            }
        }
        let least = if pairwise { 2 } else { 1 };
        if !failed && legs.len() < least {
            let help = if pairwise {
                "a separation keeps two or more duties apart"
            } else {
                "say what must not come together"
            };
            failed = self.required(None::<()>, head.name_span, word, help).is_err();
        }
        if failed {
            return Err(Reported);
        }
        let mut joins = Vec::new();
        for item in items {
            let join = match &item.node {
                RuleItem::Joining(left, right) => self.join(&legs, left, right, item.span),
                RuleItem::JoiningResources(left, right) => self.join_resources(&legs, left, right, item.span),
                RuleItem::Leg(_) | RuleItem::Severity(_) | RuleItem::Reference(_) => continue,
            };
            failed |= join.map(|join| joins.push(join)).is_err();
        }
        if failed {
            return Err(Reported);
        }
        Ok(Combination {
            name: head.name.clone(),
            origin: head.origin.clone(),
            description,
            scope,
            pairwise,
            legs,
            joins,
            severity: severity.map_or(Severity::Error, |level| level.node),
            references,
        })
    }

    fn leg(&mut self, decl: &LegDecl, span: Span) -> Lowered<Leg> {
        let ops = decl.tools.as_ref().map(|set| self.set(set)).transpose();
        let data = decl.data.as_ref().map(|set| self.set(set)).transpose();
        let ops = ops?.unwrap_or_else(|| OpId::all(self.model));
        let cond = self.condition(Context::lenient(&ops), decl.condition.as_ref())?;
        let meets = data?.map(|set| self.model.met(&set));
        let calls = decl.tools.iter().flat_map(|set| sets::calls(set)).map(|calls| self.calls(calls));
        Ok(Leg {
            name: decl.name.node.clone(),
            calls: calls.collect::<Lowered<_>>()?,
            ops,
            meets,
            cond,
            unless_approved: decl.unless_approved,
            span,
        })
    }

    fn join(&mut self, legs: &[Leg], left: &Name, right: &Name, span: Span) -> Lowered<Join> {
        let (a, b) = (self.joined(legs, left), self.joined(legs, right));
        let ((left, left_arg, left_ty), (right, right_arg, right_ty)) = (a?, b?);
        self.two_legs(left, right, span)?;
        if left_ty != right_ty || matches!(left_ty, Type::Set(_) | Type::Opaque) {
            let problem = error("bad-join", "only arguments of one scalar type can be joined")
                .help("join arguments that name the same kind of thing");
            return Err(self.report(problem, span));
        }
        Ok(Join { left, right, on: JoinOn::Args(left_arg, right_arg) })
    }

    fn join_resources(&mut self, legs: &[Leg], left: &Name, right: &Name, span: Span) -> Lowered<Join> {
        let (left, right) = (self.leg_named(legs, left), self.leg_named(legs, right));
        let (left, right) = (left?, right?);
        self.two_legs(left, right, span)?;
        Ok(Join { left, right, on: JoinOn::Resources })
    }

    fn leg_named(&mut self, legs: &[Leg], name: &Name) -> Lowered<usize> {
        let words: Vec<&str> = legs.iter().map(|leg| &*leg.name).collect();
        let found = legs.iter().position(|leg| leg.name == name.node);
        found.ok_or_else(|| {
            let problem = error("bad-join", format!("there is no leg `{}`", name.node))
                .help(format!("the legs are {}", super::list(&words)));
            self.report(problem, name.span)
        })
    }

    fn two_legs(&mut self, left: usize, right: usize, span: Span) -> Lowered<()> {
        if left != right {
            return Ok(());
        }
        let problem = error("bad-join", "`joining` speaks of two different legs")
            .help("compare arguments of one call with `where`");
        Err(self.report(problem, span))
    }

    /// `leg.argument`: the leg's position, the argument and its type.
    fn joined(&mut self, legs: &[Leg], name: &Name) -> Lowered<(usize, Str, Type)> {
        let found = legs.iter().enumerate().find_map(|(at, leg)| {
            let arg = name.strip_prefix(&*leg.name)?.strip_prefix('.')?;
            Some((at, arg))
        });
        let Some((at, arg)) = found else {
            let legs: Vec<&str> = legs.iter().map(|leg| &*leg.name).collect();
            let problem = error("bad-join", format!("`{}` does not start with the name of a leg", name.node))
                .help(format!("write `leg.argument`; the legs are {}", super::list(&legs)));
            return Err(self.report(problem, name.span));
        };
        if legs[at].ops.is_empty() {
            return Ok((at, arg.into(), Type::String));
        }
        let ty = self.argument(Context::lenient(&legs[at].ops), arg, name.span)?;
        Ok((at, arg.into(), ty))
    }

    /// A standard.
    pub fn standard(
        &mut self,
        head: &Head,
        description: Option<Str>,
        items: &[At<StandardItem>],
    ) -> Lowered<Standard> {
        let (mut subject, mut severity, mut stated) = (None, None, false);
        let (mut references, mut requirements, mut failed) = (Vec::new(), Vec::new(), false);
        for item in items {
            match &item.node {
                StandardItem::For(decl) => {
                    stated = true;
                    match self.subject(decl) {
                        Ok(found) => self.once(&mut subject, found, item.span, "for"),
                        Err(Reported) => failed = true,
                    }
                }
                StandardItem::Require(decl) => {
                    failed |= self
                        .requirement(decl, item.span)
                        .map(|found| requirements.push((found, item.span)))
                        .is_err();
                }
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
        if requirements.is_empty() && !failed {
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
        for (requirement, span) in &requirements {
            let fits = match (requirement, &subject) {
                (Requirement::Authn(_), _) => true,
                (Requirement::Review(_) | Requirement::Identity(_), StandardSubject::Agents(_)) => true,
                (
                    Requirement::Expires(_)
                    | Requirement::Ttl(_)
                    | Requirement::Approval { .. }
                    | Requirement::Depth(_),
                    StandardSubject::Grants { .. },
                ) => true,
                (
                    Requirement::Expires(_)
                    | Requirement::Ttl(_)
                    | Requirement::Approval { .. }
                    | Requirement::Depth(_)
                    | Requirement::Review(_)
                    | Requirement::Identity(_),
                    StandardSubject::Grants { .. } | StandardSubject::Agents(_),
                ) => false,
            };
            if !fits {
                let (mine, theirs) = match subject {
                    StandardSubject::Grants { .. } => ("grants", "agents"),
                    StandardSubject::Agents(_) => ("agents", "grants"),
                };
                let problem =
                    error("wrong-requirement", format!("this can be asked of {theirs}, not of {mine}"))
                        .help(format!("put it into a standard `for {theirs}`"));
                self.report(problem, *span);
                failed = true;
            }
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

    fn requirement(&mut self, decl: &ast::Requirement, span: Span) -> Lowered<Requirement> {
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
        })
    }

    /// A waiver. Whether there is such a finding is for the analyzer to say, which knows its rules.
    pub fn waiver(
        &mut self,
        head: &Head,
        finding: &Name,
        kind: &Name,
        subject: &Name,
        items: &[At<WaiveItem>],
    ) -> Lowered<Waiver> {
        let (mut by, mut because, mut until, mut stated_by) = (None, None, None, false);
        for item in items {
            match &item.node {
                WaiveItem::By(name) => {
                    stated_by = true;
                    if let Ok(person) = self.principal(name) {
                        self.once(&mut by, person, item.span, "by");
                    }
                }
                WaiveItem::Because(text) => self.once(&mut because, text.node.clone(), item.span, "because"),
                WaiveItem::Until(when) => self.once(&mut until, when.node, item.span, "until"),
            }
        }
        let subject_known = self.waived(kind, subject);
        let span = head.name_span;
        if !stated_by {
            let _ = self.required(None::<()>, span, "by", "say who accepts it: `by NAME`");
        }
        let because = self.required(because, span, "because", "say why: `because \"…\"`");
        let until = self.required(
            until,
            span,
            "until",
            "say until when: `until 2027-01-31`; nothing is accepted for ever",
        );
        subject_known?;
        Ok(Waiver {
            finding: finding.node.clone(),
            subject_kind: kind.node.clone(),
            subject: subject.node.clone(),
            origin: head.origin.clone(),
            by: by.ok_or(Reported)?.node,
            because: because?.node,
            until: until?.node,
        })
    }

    fn waived(&mut self, kind: &Name, subject: &Name) -> Lowered<()> {
        const KINDS: [(&str, Kind); 12] = [
            ("agent", Kind::Agent),
            ("grant", Kind::Grant),
            ("tool", Kind::Tool),
            ("purpose", Kind::Purpose),
            ("data", Kind::Data),
            ("person", Kind::Principal),
            ("team", Kind::Principal),
            ("forbid", Kind::Forbid),
            ("ceiling", Kind::Ceiling),
            ("separate", Kind::Separate),
            ("toxic", Kind::Toxic),
            ("standard", Kind::Standard),
        ];
        let found = KINDS.iter().find(|(word, _)| *word == &*kind.node).map(|(_, kind)| *kind);
        let kind = self.word(kind, "kind of subject", found, &KINDS.map(|(word, _)| word))?;
        self.declared(kind, subject)
    }

    /// A `prove` block.
    pub fn proof(&mut self, title: &Str, origin: Origin, properties: &[At<ast::Property>]) -> Lowered<Proof> {
        let read: Vec<_> =
            properties.iter().map(|one| self.property(one).map(|found| (found, one.span))).collect();
        let properties = read.into_iter().collect::<Lowered<Vec<_>>>()?;
        Ok(Proof { title: title.clone(), origin, properties })
    }

    fn property(&mut self, property: &At<ast::Property>) -> Lowered<Property> {
        match &property.node {
            ast::Property::Never { agents, call } => {
                let (agents, call) = (self.set(agents), self.call(call, false));
                Ok(Property::Never(agents?, call?))
            }
            ast::Property::Only { agents, call } => {
                let (agents, call) = (self.set(agents), self.call(call, false));
                Ok(Property::Only(agents?, call?))
            }
            ast::Property::Always { agent, purpose, call } => {
                let (agent, purpose) = (self.agent(agent), self.purpose(purpose));
                let call = self.call(call, true);
                Ok(Property::Always(agent?, purpose?, call?))
            }
        }
    }

    fn call(&mut self, call: &ast::Call, always: bool) -> Lowered<Call> {
        let ops = self.set(&call.tools);
        let data = call.data.as_ref().map(|set| self.set(set)).transpose();
        let ops = ops?;
        let context = if always { Context::strict(&ops) } else { Context::lenient(&ops) };
        let cond = self.condition(context, call.condition.as_ref())?;
        let data = data?.map(|set| if always { self.model.covered(&set) } else { self.model.met(&set) });
        Ok(Call { ops, data, cond })
    }
}

/// The scope of a combination, under another name than the scope of names.
type Scope_ = crate::model::Scope;

/// Waivers of findings that no rule makes and no declaration is named after: `codes` are those of
/// the rules. A slip would otherwise accept nothing and look as if it did.
pub fn unknown_findings(model: &Model, codes: &[&'static str]) -> Vec<crate::Diagnostic> {
    let rules: Vec<&str> = (model.combinations.iter().map(|rule| &*rule.name))
        .chain(model.standards.iter().map(|rule| &*rule.name))
        .chain(model.ceilings.iter().map(|rule| &*rule.name))
        .chain(codes.iter().copied())
        .collect();
    let unknown = model.waivers.iter().filter(|waiver| !rules.contains(&&*waiver.finding));
    unknown
        .map(|waiver| {
            let problem = error("unknown-finding", format!("no rule finds `{}`", waiver.finding));
            let help = match suggest(&waiver.finding, &rules) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "name a rule's code, or the separation, combination, standard or ceiling that was broken"
                        .into()
                }
            };
            problem.at(&waiver.origin.module, waiver.origin.span).help(help)
        })
        .collect()
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "bad-join",
        "`joining` does not compare arguments of two legs",
        "a combination joined on nothing would be found everywhere, or nowhere",
        "tool make { arg role: string  effect write  touches nothing }\ntoxic t within agent { leg create make  leg pass make  joining create.role == crate.role }\n",
        "write `leg.argument == leg.argument` with two different legs and arguments of one scalar type",
    ),
    Explanation::error(
        "wrong-requirement",
        "a standard for grants asks for what agents have, or the reverse",
        "no grant or agent could ever meet it",
        "standard s { for agents  require ttl at-most 8h }\n",
        "put the requirement into a standard for the other",
    ),
    Explanation::error(
        "unknown-finding",
        "a waiver accepts a finding that no rule makes",
        "it would accept nothing, and look as if it did",
        "person alice { email \"alice@acme.example\" }\nwaive over-privlege on person alice { by alice  because \"x\"  until 2027-01-01 }\n",
        "name a rule's code, or the rule declaration that was broken",
    ),
];
