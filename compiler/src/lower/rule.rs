//! Grants, and what all rules share.

use super::condition::{Context, Life};
use super::scope::{Lowered, Reported, Scope};
use super::sets::{Domain, is_open, open_parts};
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use bailiwick_grammar::ast::{self, Condition, GrantItem, OnlyItem, SetExpr};
use bailiwick_grammar::{At, Span};

/// What a declaration that is being read is called and where it stands.
pub(crate) struct Head<'a> {
    /// Its name.
    pub name: &'a Str,
    /// Where its name stands.
    pub name_span: Span,
    /// Where all of it stands.
    pub origin: Origin,
}

impl Scope<'_> {
    /// A line of tools with the condition on them.
    pub(super) fn line(
        &mut self,
        line: &ast::ToolLine,
        span: Span,
        absent: bool,
        life: Life,
        locked: bool,
    ) -> Lowered<ToolLine> {
        let ops = if locked { self.locked_tools(&line.tools) } else { self.set(&line.tools) }?;
        let cond = self.condition(Context { ops: &ops, absent, life }, line.condition.as_deref())?;
        Ok(ToolLine { ops, cond, span })
    }

    /// Operations of a grant; what an open set stands for goes to the lock.
    fn locked_tools(&mut self, set: &At<SetExpr>) -> Lowered<OpSet> {
        let ops: OpSet = self.set(set)?;
        if is_open(set) {
            self.matched.ops = self.matched.ops.union(&ops);
        }
        Ok(ops)
    }

    fn locked_data(&mut self, set: &At<SetExpr>) -> Lowered<ClassSet> {
        let classes: ClassSet = self.set(set)?;
        if is_open(set) {
            self.matched.data = self.matched.data.union(&classes);
        }
        Ok(classes)
    }

    fn locked_agents(&mut self, set: &At<SetExpr>) -> Lowered<AgentSet> {
        let agents: AgentSet = self.set(set)?;
        if is_open(set) {
            self.matched.agents = self.matched.agents.union(&agents);
        }
        Ok(agents)
    }

    /// A condition that may stand several times; all must hold.
    pub(super) fn all_conditions(
        &mut self,
        context: Context,
        conditions: &[&At<Condition>],
    ) -> Lowered<Cond> {
        let read: Vec<_> = conditions.iter().map(|one| self.condition(context, Some(one))).collect();
        let mut read = read.into_iter().collect::<Lowered<Vec<_>>>()?;
        Ok(if read.len() == 1 {
            read.remove(0)
        } else {
            Cond::All(read.into_iter().filter(|one| !one.is_true()).collect())
        })
    }

    /// The parts of a grant's set that go by a glob, a tag or an attribute. What is wrong with
    /// them has been reported when the whole set was read.
    fn open_sets<I: Domain>(
        &mut self,
        set: &At<SetExpr>,
        whole: &IdSet<I>,
        chosen: impl Fn(IdSet<I>) -> Chosen,
        open: &mut Vec<OpenSet>,
    ) {
        let reported = self.diagnostics.len();
        for part in open_parts(set) {
            let found = if std::ptr::eq(part, set) { Ok(whole.clone()) } else { self.set(part) };
            if let Ok(found) = found {
                let text = super::sets::text(&part.node).into();
                open.push(OpenSet { text, chosen: chosen(found), span: part.span });
            }
        }
        self.diagnostics.truncate(reported);
    }

    /// A list as it is written; what is wrong with it has been reported when the set was read.
    fn listed(
        &mut self,
        span: Span,
        set: &At<SetExpr>,
        names: impl Fn(&mut Self, &ast::Name) -> Lowered<Listable>,
    ) -> Option<Listed> {
        let written = match &set.node {
            SetExpr::Union(parts) => parts.as_slice(),
            SetExpr::Name(_) => std::slice::from_ref(set),
            SetExpr::Intersection(_) | SetExpr::Not(_) | SetExpr::Glob(_) | SetExpr::Having(_) => {
                return None;
            }
        };
        let reported = self.diagnostics.len();
        let mut member = |part: &At<SetExpr>| {
            let names = if let SetExpr::Name(name) = &part.node { names(self, name).ok() } else { None };
            Member { names, span: part.span }
        };
        let members = written.iter().map(&mut member).collect();
        self.diagnostics.truncate(reported);
        Some(Listed { span, members })
    }

    /// A grant.
    pub fn grant(
        &mut self,
        head: &Head,
        items: &[At<GrantItem>],
        default_ttl: Option<i64>,
    ) -> Lowered<Grant> {
        let (mut to, mut authn, mut ttl, mut starts, mut expires) = (None, None, None, None, None);
        let (mut allows, mut on, mut whens, mut stated_to) =
            (Vec::new(), None::<ClassSet>, Vec::new(), false);
        let (mut open, mut listed) = (Vec::new(), Vec::new());
        for item in items {
            match &item.node {
                GrantItem::To { agent, purpose } => {
                    stated_to = true;
                    let (agent, purpose) = (self.agent(agent), self.purpose(purpose));
                    if let (Ok(agent), Ok(purpose)) = (agent, purpose) {
                        self.once(&mut to, (agent, purpose), item.span, "to");
                    }
                }
                GrantItem::Allow(line) => allows.push((line, item.span)),
                GrantItem::On(set) => {
                    if let Ok(classes) = self.locked_data(set) {
                        self.open_sets(set, &classes, Chosen::Data, &mut open);
                        let class =
                            |scope: &mut Self, name: &ast::Name| scope.class(name).map(Listable::Class);
                        listed.extend(self.listed(item.span, set, class));
                        on = Some(on.unwrap_or_default().union(&classes));
                    }
                }
                GrantItem::When(condition) => whens.push(condition),
                GrantItem::Authn(level) => {
                    if let Ok(level) = self.authn(level) {
                        self.once(&mut authn, level, item.span, "authn");
                    }
                }
                GrantItem::Ttl(seconds) => {
                    if let Ok(seconds) = self.positive(*seconds, "a ttl") {
                        self.once(&mut ttl, seconds, item.span, "ttl");
                    }
                }
                GrantItem::Starts(when) => self.once(&mut starts, when.node, when.span, "starts"),
                GrantItem::Expires(when) => self.once(&mut expires, when.node, when.span, "expires"),
                GrantItem::Approval(_) | GrantItem::Delegate(_) => {}
            }
        }
        if let (Some(starts), Some(expires)) = (&starts, &expires)
            && starts.node >= expires.node
        {
            let problem = error("empty-life", "this grant expires before it starts")
                .help("`starts` is included and `expires` is not, so `expires` is the later one");
            self.report(problem, expires.span);
        }
        if allows.is_empty() {
            let _ = self.required(
                None::<()>,
                head.name_span,
                "allow",
                "say which tools it allows: `allow TOOLS`",
            );
        }
        if !stated_to {
            let _ = self.required(
                None::<()>,
                head.name_span,
                "to",
                "say to whom and what for: `to AGENT for PURPOSE`",
            );
        }
        let life = Life::Grant(starts.as_ref().map(|at| at.node), expires.as_ref().map(|at| at.node));
        let lines: Vec<_> =
            allows.iter().map(|(line, span)| self.line(line, *span, false, life, true)).collect();
        let lines = lines.into_iter().collect::<Lowered<Vec<_>>>()?;
        for ((allowed, span), line) in allows.iter().zip(&lines) {
            self.open_sets(&allowed.tools, &line.ops, Chosen::Tools, &mut open);
            let tool = |scope: &mut Self, name: &ast::Name| scope.tool(name).map(Listable::Tool);
            listed.extend(self.listed(*span, &allowed.tools, tool));
        }
        let ops = lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        let when = self.all_conditions(Context { ops: &ops, absent: false, life }, &whens);
        let (mut approvals, mut delegates) = (Vec::new(), Vec::new());
        for item in items {
            match &item.node {
                GrantItem::Approval(approval) => {
                    approvals.extend(self.approval(approval, item.span, &ops, life))
                }
                GrantItem::Delegate(delegate) => {
                    delegates.extend(self.delegate(delegate, item.span, &ops, life))
                }
                GrantItem::To { .. }
                | GrantItem::Allow(_)
                | GrantItem::On(_)
                | GrantItem::When(_)
                | GrantItem::Authn(_)
                | GrantItem::Ttl(_)
                | GrantItem::Starts(_)
                | GrantItem::Expires(_) => {}
            }
        }
        let (to, purpose) = to.ok_or(Reported)?.node;
        Ok(Grant {
            name: head.name.clone(),
            origin: head.origin.clone(),
            to,
            purpose,
            lines,
            covers: self.model.covered(&on.unwrap_or_default()),
            when: when?,
            authn: authn.map(|level| level.node).unwrap_or_default(),
            approvals,
            ttl: ttl.map(|ttl| ttl.node).or(default_ttl),
            starts: starts.map(|at| at.node),
            expires: expires.map(|at| at.node),
            delegates,
            open,
            listed,
        })
    }

    fn approval(
        &mut self,
        clause: &ast::Approval,
        span: Span,
        granted: &OpSet,
        life: Life,
    ) -> Lowered<ApprovalClause> {
        let demand = self.demand(&clause.by, clause.within, clause.independent);
        let ops = match &clause.tools {
            Some(tools) => self.set(tools)?,
            None => granted.clone(),
        };
        // Calls that the grant does not allow need no approval, nor a signature.
        let governed = ops.intersection(granted);
        let demanded =
            self.condition(Context { ops: &governed, absent: true, life }, clause.condition.as_ref());
        let demanded =
            if clause.condition.is_some() && governed.is_empty() { Ok(Cond::TRUE) } else { demanded };
        Ok(ApprovalClause { demand: demand?, ops: governed, demanded: demanded?, span })
    }

    fn delegate(
        &mut self,
        clause: &ast::Delegate,
        span: Span,
        granted: &OpSet,
        life: Life,
    ) -> Lowered<DelegateClause> {
        let to = self.locked_agents(&clause.to);
        let most = (MAX_CHAIN - 1) as i64;
        let depth = if (1..=most).contains(&clause.depth.node) {
            Ok(clause.depth.node as usize)
        } else {
            let problem =
                error("depth-out-of-range", format!("a delegation goes to 1 to {most} further agents"))
                    .help(format!("a chain has at most {MAX_CHAIN} agents, the root among them"));
            Err(self.report(problem, clause.depth.span))
        };
        let only = match &clause.only {
            None => Ok(None),
            Some(ast::Only::Line(line)) => {
                let line = self.only_line(line, span, granted, life);
                line.map(|line| Some(Only { lines: vec![line], covers: None }))
            }
            Some(ast::Only::Block(items)) => {
                let (mut lines, mut on) = (Vec::new(), None::<ClassSet>);
                let mut failed = false;
                for item in items {
                    match &item.node {
                        OnlyItem::Allow(line) => {
                            failed |= self
                                .only_line(line, item.span, granted, life)
                                .map(|line| lines.push(line))
                                .is_err();
                        }
                        OnlyItem::On(set) => match self.locked_data(set) {
                            Ok(classes) => on = Some(on.unwrap_or_default().union(&classes)),
                            Err(Reported) => failed = true,
                        },
                    }
                }
                if lines.is_empty() && !failed {
                    failed = self
                        .required(
                            None::<()>,
                            span,
                            "allow",
                            "say which tools delegates may use: `allow TOOLS`",
                        )
                        .is_err();
                }
                if failed {
                    Err(Reported)
                } else {
                    Ok(Some(Only { lines, covers: on.map(|on| self.model.covered(&on)) }))
                }
            }
        };
        Ok(DelegateClause { to: to?, depth: depth?, only: only?, span })
    }

    /// A line of `only`: it narrows the grant, so its condition is read for the tools of both.
    fn only_line(
        &mut self,
        line: &ast::ToolLine,
        span: Span,
        granted: &OpSet,
        life: Life,
    ) -> Lowered<ToolLine> {
        let ops = self.locked_tools(&line.tools)?;
        let governed = ops.intersection(granted);
        let cond =
            self.condition(Context { ops: &governed, absent: false, life }, line.condition.as_deref())?;
        let ops = if line.condition.is_some() { governed } else { ops };
        Ok(ToolLine { ops, cond, span })
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "empty-life",
        "a grant expires before, or at the moment when, it starts",
        "it would never allow anything",
        "purpose p { \"Work.\" }\nperson alice { email \"alice@acme.example\" }\nagent a { owner alice }\ntool t { effect read  touches nothing }\ngrant g { to a for p  allow t  starts 2027-01-01  expires 2026-01-01 }\n",
        "state an `expires` after `starts`",
    ),
    Explanation::error(
        "depth-out-of-range",
        "a delegation's depth is not between 1 and 7",
        "a chain has at most eight agents, and a depth of none delegates nothing",
        "purpose p { \"Work.\" }\nperson alice { email \"alice@acme.example\" }\nagent a { owner alice }\ntool t { effect read  touches nothing }\ngrant g { to a for p  allow t  delegate to a depth 8 }\n",
        "state a depth from 1 to 7, or take the line out",
    ),
];
