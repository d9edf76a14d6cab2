//! What there is: session attributes, people, data, tools, agents, purposes.
//!
//! These are read together, in this order, since each speaks of those before it; the result
//! gives every name its id. What a purpose needs and an owner holds speaks of tools with
//! conditions, and is read afterwards, a declaration at a time, like the rules.
//!
//! A declaration with an error stays, with what could be read of it, so that others may name it;
//! only an agent without an owner has no place in the model.

use super::scope::{Scope, UNCLASSIFIED};
use super::tool;
use crate::db::{Db, Project};
use crate::diagnostic::{Diagnostic, Explanation, error};
use crate::model::*;
use crate::resolve::modules::visible;
use crate::resolve::names::{Names, declared, names};
use crate::resolve::{Kind, Node, node};
use bailiwick_grammar::At;
use bailiwick_grammar::ast::{AgentItem, DataItem, DeclKind, PersonItem, TeamItem};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What there is, and what is wrong with its declarations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estate {
    /// The tables, but for needs and holdings.
    pub model: Arc<Model>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// A declaration, and what its module sees.
type Seen = (Node, Arc<BTreeSet<Str>>);

/// What there is.
#[salsa::tracked(returns(clone))]
pub fn estate(db: &dyn Db, project: Project) -> Arc<Estate> {
    let mut by_kind: BTreeMap<Kind, Vec<Seen>> = BTreeMap::new();
    for key in declared(db, project) {
        let kind = key.kind(db);
        match kind {
            Kind::Session | Kind::Principal | Kind::Data | Kind::Tool | Kind::Agent | Kind::Purpose => {
                let Some(node) = node(db, *key) else { continue };
                by_kind.entry(kind).or_default().push((node, visible(db, project, key.file(db))));
            }
            Kind::Grant
            | Kind::Forbid
            | Kind::Ceiling
            | Kind::Separate
            | Kind::Toxic
            | Kind::Standard
            | Kind::Waive
            | Kind::Test
            | Kind::Prove => {}
        }
    }
    let mut builder = Builder {
        names: &names(db, project),
        model: Model { name: project.manifest(db).name.clone(), ..Model::default() },
        diagnostics: Vec::new(),
    };
    let mut of = |kind| by_kind.remove(&kind).unwrap_or_default();
    let sessions = of(Kind::Session);
    builder.principals(&of(Kind::Principal));
    builder.session(&sessions);
    builder.classes(&of(Kind::Data));
    builder.purposes(&of(Kind::Purpose));
    builder.tools(&of(Kind::Tool));
    builder.agents(&of(Kind::Agent));
    Arc::new(Estate { model: Arc::new(builder.model), diagnostics: builder.diagnostics })
}

/// The estate without positions: it stays equal while text moves about.
#[salsa::tracked(returns(clone))]
pub fn facts(db: &dyn Db, project: Project) -> Arc<Model> {
    let mut model = (*estate(db, project).model).clone();
    let strip = |origin: &mut Origin| origin.span = Default::default();
    for principal in &mut model.principals {
        let principal = Arc::make_mut(principal);
        strip(&mut principal.origin);
        if let PrincipalKind::Person { identities, .. } = &mut principal.kind {
            identities.clear();
        }
    }
    for agent in &mut model.agents {
        let agent = Arc::make_mut(agent);
        strip(&mut agent.origin);
        agent.identities.clear();
    }
    model.classes.iter_mut().for_each(|class| strip(&mut Arc::make_mut(class).origin));
    model.tools.iter_mut().for_each(|tool| strip(&mut Arc::make_mut(tool).origin));
    for purpose in &mut model.purposes {
        let purpose = Arc::make_mut(purpose);
        strip(&mut purpose.origin);
        purpose.sentence = "".into();
    }
    Arc::new(model)
}

struct Builder<'a> {
    names: &'a Names,
    model: Model,
    diagnostics: Vec<Diagnostic>,
}

impl Builder<'_> {
    /// Reads something of a declaration against what is known so far.
    fn read<T>(&mut self, (node, visible): &Seen, read: impl FnOnce(&mut Scope) -> T) -> T {
        let origin = node.origin();
        let mut scope = Scope::new(&self.model, self.names, visible, &origin.module);
        let result = read(&mut scope);
        self.diagnostics.append(&mut scope.diagnostics);
        result
    }

    fn session(&mut self, sessions: &[Seen]) {
        let mut schema: BTreeMap<Str, At<Type>> = BTreeMap::new();
        for seen in sessions {
            let DeclKind::Session(attrs) = &seen.0.decl().kind else { continue };
            for attr in attrs {
                self.read(seen, |scope| {
                    let name = &attr.name;
                    if matches!(&*name.node, "started" | "authn") {
                        let problem =
                            error("reserved-name", format!("every session has `{}` already", name.node))
                                .help("take the line out, or choose another name");
                        scope.report(problem, name.span);
                    } else if let Some(first) = schema.get(&name.node) {
                        let mut slot = Some(At::new((), first.span));
                        scope.once(&mut slot, (), name.span, name);
                    } else if let Ok(ty) = scope.ty(&attr.ty) {
                        schema.insert(name.node.clone(), At::new(ty, name.span));
                    }
                });
            }
        }
        self.model.session = schema.into_iter().map(|(name, ty)| (name, ty.node)).collect();
    }

    fn principals(&mut self, seen: &[Seen]) {
        let mut sorted: Vec<(&Str, &Seen)> =
            seen.iter().filter_map(|one| Some((name_of(&one.0)?, one))).collect();
        sorted.sort_by_key(|(name, _)| *name);
        let row = |name: &Str, seen: &Seen, kind| Principal {
            name: name.clone(),
            origin: seen.0.origin(),
            contact: None,
            kind,
            holds: None,
        };
        // Names first, so that members can be told from teams; then what each says.
        for (name, seen) in &sorted {
            let kind = match &seen.0.decl().kind {
                DeclKind::Team(..) => PrincipalKind::Team { members: PrincipalSet::new(), lead: None },
                _ => PrincipalKind::Person { identities: Vec::new(), departed: None },
            };
            self.model.principals.push(Arc::new(row(name, seen, kind)));
        }
        let mut rows = self.model.principals.clone();
        for ((name, seen), slot) in sorted.iter().zip(&mut rows) {
            let (contact, kind) = self.read(seen, |scope| match &seen.0.decl().kind {
                DeclKind::Person(_, items) => scope.person_lines(items),
                DeclKind::Team(_, items) => scope.team_lines(items),
                _ => (None, slot.kind.clone()),
            });
            *slot = Arc::new(Principal { contact, ..row(name, seen, kind) });
        }
        self.model.principals = rows;
    }

    fn classes(&mut self, seen: &[Seen]) {
        let known: BTreeMap<&Str, &Seen> =
            seen.iter().filter_map(|one| Some((name_of(&one.0)?, one))).collect();
        let lines: BTreeMap<&Str, ClassLines> = known
            .iter()
            .map(|(name, one)| {
                let lines = self.read(one, |scope| scope.class_lines(&one.0, name, &known));
                (*name, lines)
            })
            .collect();
        let lines = self.without_cycles(lines, &known);
        // Parents before children, so that what is inherited is there.
        let mut order: Vec<(&Str, usize)> =
            lines.keys().map(|name| (*name, ancestors(name, &lines).len())).collect();
        order.sort_by_key(|(_, depth)| *depth);
        let mut classes: BTreeMap<Str, DataClass> = BTreeMap::new();
        for (name, _) in order {
            let class = self.class(name, &lines[name], known[name], &classes);
            classes.insert(name.clone(), class);
        }
        let ids: BTreeMap<Str, ClassId> =
            classes.keys().enumerate().map(|(at, name)| (name.clone(), ClassId::at(at + 1))).collect();
        let above: BTreeMap<ClassId, ClassSet> = classes
            .keys()
            .map(|name| {
                let above = ancestors(name, &lines).into_iter().map(|name| ids[&name]);
                (ids[name], above.chain([ids[name]]).collect())
            })
            .collect();
        self.model.classes.push(Arc::new(unclassified()));
        for (name, mut class) in classes {
            let id = ids[&name];
            class.parent = lines[&name].parent.as_ref().map(|parent| ids[&parent.node]);
            class.above = above[&id].clone();
            class.below =
                above.iter().filter(|(_, above)| above.contains(id)).map(|(below, _)| *below).collect();
            self.model.classes.push(Arc::new(class));
        }
    }

    /// Cuts circles open, with an error, so that all that follows ends.
    fn without_cycles<'n>(
        &mut self,
        mut lines: BTreeMap<&'n Str, ClassLines>,
        known: &BTreeMap<&Str, &Seen>,
    ) -> BTreeMap<&'n Str, ClassLines> {
        let all: Vec<&Str> = lines.keys().copied().collect();
        for name in all {
            let mut at = name;
            let mut seen = BTreeSet::from([name]);
            let circular = loop {
                match lines
                    .get(at)
                    .and_then(|line| line.parent.as_ref())
                    .and_then(|parent| lines.get_key_value(&parent.node))
                {
                    None => break false,
                    Some((parent, _)) if *parent == name => break true,
                    Some((parent, _)) if !seen.insert(parent) => break false,
                    Some((parent, _)) => at = parent,
                }
            };
            if let Some(line) = lines.get_mut(name).filter(|_| circular) {
                let parent = line.parent.take();
                self.read(known[name], |scope| {
                    let span = parent.map_or(known[name].0.name_span(), |parent| parent.span);
                    let problem = error("data-cycle", format!("`{name}` is below itself"))
                        .help("take one `parent` out of the circle");
                    scope.report(problem, span);
                });
            }
        }
        lines
    }

    fn class(
        &mut self,
        name: &Str,
        lines: &ClassLines,
        seen: &Seen,
        known: &BTreeMap<Str, DataClass>,
    ) -> DataClass {
        let parent = lines.parent.as_ref().and_then(|parent| known.get(&parent.node));
        let least = parent.map(|parent| parent.sensitivity);
        let sensitivity = self.read(seen, |scope| match (&lines.sensitivity, least) {
            (Some(stated), Some(least)) if stated.node < least => {
                let problem = error(
                    "sensitivity-below-parent",
                    format!("`{name}` is {}, but what it belongs to is {}", stated.name(), least.name()),
                )
                .help(format!("state {} or more, or take the line out to inherit it", least.name()));
                scope.report(problem, stated.span);
                least
            }
            (Some(stated), _) => stated.node,
            (None, Some(least)) => least,
            (None, None) => {
                // What cannot be told counts as the most sensitive.
                if !lines.failed {
                    let help = "a class without a parent says how sensitive it is: `sensitivity internal`";
                    let _ = scope.required(None::<()>, seen.0.name_span(), "sensitivity", help);
                }
                Sensitivity::Restricted
            }
        });
        let inherit = |own: &[Str], inherited: Option<&Vec<Str>>| {
            let all: BTreeSet<Str> = own.iter().chain(inherited.into_iter().flatten()).cloned().collect();
            all.into_iter().collect()
        };
        DataClass {
            name: name.clone(),
            origin: seen.0.origin(),
            parent: None,
            sensitivity,
            regulations: inherit(&lines.regulations, parent.map(|parent| &parent.regulations)),
            tags: inherit(&lines.tags, parent.map(|parent| &parent.tags)),
            below: ClassSet::new(),
            above: ClassSet::new(),
        }
    }

    fn purposes(&mut self, seen: &[Seen]) {
        let sorted: BTreeMap<&Str, &Seen> =
            seen.iter().filter_map(|one| Some((name_of(&one.0)?, one))).collect();
        for (name, one) in sorted {
            let sentence = self.read(one, |scope| {
                let sentence = one.0.decl().description.as_ref().map(|text| text.node.clone());
                let help = "say in a sentence what it is for, as a string that opens the body";
                scope
                    .required(sentence, one.0.name_span(), "the purpose's sentence", help)
                    .unwrap_or_default()
            });
            let needs = Needs::default();
            self.model.purposes.push(Arc::new(Purpose {
                name: name.clone(),
                origin: one.0.origin(),
                sentence,
                needs,
            }));
        }
    }

    fn tools(&mut self, seen: &[Seen]) {
        let sorted: BTreeMap<&Str, &Seen> =
            seen.iter().filter_map(|one| Some((name_of(&one.0)?, one))).collect();
        for (at, (name, one)) in sorted.into_iter().enumerate() {
            let first = self.model.ops.len();
            let DeclKind::Tool(_, items) = &one.0.decl().kind else { continue };
            let (tool, ops) = self
                .read(one, |scope| tool::lower(scope, name, one.0.origin(), items, ToolId::at(at), first));
            self.model.tools.push(Arc::new(tool));
            self.model.ops.extend(ops.into_iter().map(Arc::new));
        }
    }

    fn agents(&mut self, seen: &[Seen]) {
        let sorted: BTreeMap<&Str, &Seen> =
            seen.iter().filter_map(|one| Some((name_of(&one.0)?, one))).collect();
        let mut agents = Vec::new();
        for (name, one) in sorted {
            let DeclKind::Agent(_, items) = &one.0.decl().kind else { continue };
            agents.extend(self.read(one, |scope| scope.agent_lines(name, &one.0, items)).map(Arc::new));
        }
        self.model.agents = agents;
    }
}

/// What a `data` declaration says by itself.
struct ClassLines {
    parent: Option<At<Str>>,
    sensitivity: Option<At<Sensitivity>>,
    regulations: Vec<Str>,
    tags: Vec<Str>,
    failed: bool,
}

/// The classes above one, nearest first; the table has no circle.
fn ancestors(name: &Str, lines: &BTreeMap<&Str, ClassLines>) -> Vec<Str> {
    let mut above = Vec::new();
    let mut at = name;
    while let Some(parent) = lines.get(at).and_then(|line| line.parent.as_ref()) {
        above.push(parent.node.clone());
        at = &parent.node;
    }
    above
}

fn unclassified() -> DataClass {
    DataClass {
        name: UNCLASSIFIED.into(),
        origin: Origin { module: "std".into(), span: Default::default() },
        parent: None,
        sensitivity: Sensitivity::Restricted,
        regulations: Vec::new(),
        tags: Vec::new(),
        below: ClassSet::only(ClassId::UNCLASSIFIED),
        above: ClassSet::only(ClassId::UNCLASSIFIED),
    }
}

fn name_of(node: &Node) -> Option<&Str> {
    match &node.decl().kind {
        DeclKind::Person(name, _)
        | DeclKind::Team(name, _)
        | DeclKind::Agent(name, _)
        | DeclKind::Data(name, _)
        | DeclKind::Tool(name, _)
        | DeclKind::Purpose(name, _) => Some(&name.node),
        _ => None,
    }
}

impl Scope<'_> {
    fn person_lines(&mut self, items: &[At<PersonItem>]) -> (Option<Str>, PrincipalKind) {
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

    fn team_lines(&mut self, items: &[At<TeamItem>]) -> (Option<Str>, PrincipalKind) {
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

    fn class_lines(&mut self, node: &Node, name: &Str, known: &BTreeMap<&Str, &Seen>) -> ClassLines {
        let DeclKind::Data(at, items) = &node.decl().kind else {
            unreachable!("only data declarations are passed")
        };
        let (mut parent, mut sensitivity) = (None, None);
        let (mut regulations, mut tags, mut failed) = (Vec::new(), Vec::new(), false);
        if &**name == UNCLASSIFIED {
            let problem = error("reserved-name", "`unclassified` is built in").help("choose another name");
            self.report(problem, at.span);
        }
        for item in items {
            match &item.node {
                DataItem::Parent(name) => match self.declared(Kind::Data, name) {
                    Ok(()) => self.once(&mut parent, name.node.clone(), item.span, "parent"),
                    Err(_) => failed = true,
                },
                DataItem::Sensitivity(level) => match self.sensitivity(level) {
                    Ok(level) => self.once(&mut sensitivity, level, item.span, "sensitivity"),
                    Err(_) => failed = true,
                },
                DataItem::Regulations(names) => {
                    regulations.extend(names.iter().map(|name| name.node.clone()))
                }
                DataItem::Tags(names) => tags.extend(names.iter().map(|name| name.node.clone())),
            }
        }
        // A dotted name's parent is its longest declared prefix.
        let mut prefix = &**name;
        while let (None, false, Some((shorter, _))) = (&parent, failed, prefix.rsplit_once('.')) {
            prefix = shorter;
            parent =
                known.get_key_value(&Str::from(prefix)).map(|(name, _)| At::new((*name).clone(), at.span));
        }
        ClassLines { parent, sensitivity, regulations, tags, failed }
    }

    fn agent_lines(&mut self, name: &Str, node: &Node, items: &[At<AgentItem>]) -> Option<Agent> {
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

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "missing-owner",
        "an agent has no owner",
        "when it does harm, nobody is there to be asked, and nobody reviews what it may do",
        "agent a { authn at-least mtls }\n",
        "add `owner` with the person or team that answers for it",
    ),
    Explanation::error(
        "reserved-name",
        "a declaration takes a name that is built in",
        "it would be unclear which of the two is meant",
        "session { authn: string }\n",
        "choose another name",
    ),
    Explanation::error(
        "data-cycle",
        "a data class is, through its parents, below itself",
        "a class covers what is below it, which would be everything in the circle",
        "data a { parent b  sensitivity internal }\ndata b { parent a  sensitivity internal }\n",
        "take one `parent` out of the circle",
    ),
    Explanation::error(
        "sensitivity-below-parent",
        "a data class is said to be less sensitive than what it belongs to",
        "who may see the whole may see the part, so the part cannot be the stricter one's exception",
        "data personal { sensitivity confidential }\ndata personal.contact { sensitivity public }\n",
        "state the parent's level or more, or move the class elsewhere",
    ),
];
