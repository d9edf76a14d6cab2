//! What people, teams and agents say of themselves.

use crate::diagnostic::{Explanation, error};
use crate::lower::scope::Scope;
use crate::model::*;
use crate::resolve::Node;
use bailiwick_grammar::At;
use bailiwick_grammar::ast::{AgentItem, PersonItem, TeamItem};

impl Scope<'_> {
    pub(super) fn person_lines(&mut self, items: &[At<PersonItem>]) -> (Option<Str>, PrincipalKind) {
        let (mut email, mut departed, mut identities) = (None, None, Vec::new());
        for item in items {
            match &item.node {
                PersonItem::Email(text) => self.once(&mut email, text.node.clone(), item.span, "email"),
                PersonItem::Identity(decl) => identities.extend(self.identity(decl, item.span)),
                PersonItem::Departed(when) => self.once(&mut departed, when.node, item.span, "departed"),
                PersonItem::Holds(_) | PersonItem::HoldsData(_) => {}
            }
        }
        let kind = PrincipalKind::Person { identities, departed: departed.map(|when| when.node) };
        (email.map(|email| email.node), kind)
    }

    pub(super) fn team_lines(&mut self, items: &[At<TeamItem>]) -> (Option<Str>, PrincipalKind) {
        let (mut lead, mut members, mut contact) = (None, PrincipalSet::new(), None);
        for item in items {
            match &item.node {
                TeamItem::Lead(name) => {
                    if let Ok(person) = self.person(name, name.span) {
                        members.insert(person);
                        self.once(&mut lead, person, item.span, "lead");
                    }
                }
                TeamItem::Members(names) => {
                    for name in names {
                        if let Ok(person) = self.person(name, name.span) {
                            members.insert(person);
                        }
                    }
                }
                TeamItem::Contact(text) => self.once(&mut contact, text.node.clone(), item.span, "contact"),
                TeamItem::Holds(_) | TeamItem::HoldsData(_) => {}
            }
        }
        let kind = PrincipalKind::Team { members, lead: lead.map(|lead| lead.node) };
        (contact.map(|contact| contact.node), kind)
    }

    pub(super) fn agent_lines(&mut self, name: &Str, node: &Node, items: &[At<AgentItem>]) -> Option<Agent> {
        let (mut owner, mut authn, mut review, mut suspended) = (None, None, None, None);
        let (mut identities, mut tags) = (Vec::new(), Vec::new());
        let mut stated = false;
        for item in items {
            match &item.node {
                AgentItem::Owner(name) => {
                    stated = true;
                    if let Ok(who) = self.principal(name) {
                        self.once(&mut owner, who, item.span, "owner");
                    }
                }
                AgentItem::Identity(decl) => identities.extend(self.identity(decl, item.span)),
                AgentItem::Authn(level) => {
                    if let Ok(level) = self.authn(level) {
                        self.once(&mut authn, level, item.span, "authn");
                    }
                }
                AgentItem::Review { every, last } => {
                    let every = self.positive(*every, "a review cadence");
                    let last =
                        last.as_ref().map(|(when, by)| self.person(by, by.span).map(|by| (when.node, by)));
                    if let (Ok(every), Ok(last)) = (every, last.transpose()) {
                        self.once(&mut review, Review { every, last }, item.span, "review");
                    }
                }
                AgentItem::Tags(names) => tags.extend(names.iter().map(|name| name.node.clone())),
                AgentItem::Suspended(why) => {
                    self.once(&mut suspended, why.node.clone(), item.span, "suspended")
                }
            }
        }
        if !stated {
            let problem = error("missing-owner", format!("nobody answers for the agent `{name}`"))
                .help("add `owner NAME`: a person or a team");
            self.report(problem, node.name_span());
        }
        tags.sort();
        tags.dedup();
        Some(Agent {
            name: name.clone(),
            origin: node.origin(),
            owner: owner?.node,
            identities,
            authn: authn.map(|authn| authn.node).unwrap_or_default(),
            review: review.map(|review| review.node),
            tags,
            suspended: suspended.map(|why| why.node),
        })
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "missing-owner",
    "an agent has no owner",
    "when it does harm, nobody is there to be asked, and nobody reviews what it may do",
    "agent a { authn at-least mtls }\n",
    "add `owner` with the person or team that answers for it",
)];
