//! What bounds grants: forbids and ceilings.

use super::condition::{Context, Life};
use super::rule::Head;
use super::scope::{Lowered, Reported, Scope};
use super::sets::{Domain, is_open};
use crate::model::*;
use bailiwick_grammar::ast::{CeilingItem, ForbidItem, SetExpr};
use bailiwick_grammar::{At, Span};

impl Scope<'_> {
    /// A forbid.
    pub fn forbid(&mut self, head: &Head, items: &[At<ForbidItem>]) -> Lowered<Forbid> {
        let (mut agents, mut tools, mut data) = (None, None, None);
        let (mut whens, mut because, mut failed) = (Vec::new(), None, false);
        for item in items {
            match &item.node {
                ForbidItem::Agents(set) => {
                    failed |= self.only_set(&mut agents, set, item.span, "agents").is_err()
                }
                ForbidItem::Tools(set) => {
                    failed |= self.only_set(&mut tools, set, item.span, "tools").is_err()
                }
                ForbidItem::Data(set) => failed |= self.only_set(&mut data, set, item.span, "data").is_err(),
                ForbidItem::When(condition) => whens.push(condition),
                ForbidItem::Because(text) => self.once(&mut because, text.node.clone(), item.span, "because"),
            }
        }
        let open = items.iter().any(|item| match &item.node {
            ForbidItem::Agents(set) | ForbidItem::Tools(set) | ForbidItem::Data(set) => is_open(set),
            ForbidItem::When(_) | ForbidItem::Because(_) => false,
        });
        let ops = tools.map(|set| set.node).unwrap_or_else(|| OpId::all(self.model));
        let when = if failed { Err(Reported) } else { self.all_conditions(Context::lenient(&ops), &whens) };
        Ok(Forbid {
            name: head.name.clone(),
            origin: head.origin.clone(),
            suspension: false,
            agents: agents.map(|set| set.node).unwrap_or_else(|| AgentId::all(self.model)),
            ops,
            meets: data.map(|set| self.model.met(&set.node)),
            when: when?,
            because: because.map(|text| text.node),
            open,
        })
    }

    /// A set that may be stated once.
    pub fn only_set<I: Domain>(
        &mut self,
        slot: &mut Option<At<IdSet<I>>>,
        set: &At<SetExpr>,
        span: Span,
        what: &str,
    ) -> Lowered<()> {
        let set = self.set(set)?;
        self.once(slot, set, span, what);
        Ok(())
    }

    /// A ceiling.
    pub fn ceiling(&mut self, head: &Head, items: &[At<CeilingItem>]) -> Lowered<Ceiling> {
        let (mut agents, mut on, mut whens, mut lines) = (None, ClassSet::new(), Vec::new(), Vec::new());
        let mut failed = false;
        for item in items {
            match &item.node {
                CeilingItem::Agents(set) => {
                    failed |= self.only_set(&mut agents, set, item.span, "agents").is_err()
                }
                CeilingItem::Allow(line) => {
                    let line = self.line(line, item.span, false, Life::None, false);
                    failed |= line.map(|line| lines.push(line)).is_err();
                }
                CeilingItem::On(set) => match self.set(set) {
                    Ok(classes) => on = on.union(&classes),
                    Err(Reported) => failed = true,
                },
                CeilingItem::When(condition) => whens.push(condition),
            }
        }
        let ops = lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
        let when = self.all_conditions(Context::strict(&ops), &whens);
        if failed {
            return Err(Reported);
        }
        let help = "say whom it bounds: `agents SET`, where `agents *` are all";
        let agents = self.required(agents, head.name_span, "agents", help)?.node;
        Ok(Ceiling {
            name: head.name.clone(),
            origin: head.origin.clone(),
            agents,
            lines,
            covers: self.model.covered(&on),
            when: when?,
        })
    }
}
