//! What there is: session attributes, people, data, tools, agents, purposes.
//!
//! These are read together, in this order, since each speaks of those before it; the result
//! gives every name its id. What a purpose needs and an owner holds speaks of tools with
//! conditions, and is read afterwards, a declaration at a time, like the rules.
//!
//! A declaration with an error stays, with what could be read of it, so that others may name it;
//! only an agent without an owner has no place in the model.

pub(super) mod class;
pub(super) mod lines;

use super::scope::Scope;
use super::tool;
use crate::db::{Db, Project, SourceFile};
use crate::diagnostic::{Diagnostic, Explanation, error};
use crate::model::*;
use crate::resolve::modules::{modules, visible};
use crate::resolve::names::{Names, names, taken};
use crate::resolve::{Kind, Node, declarations, nodes};
use bailiwick_grammar::At;
use bailiwick_grammar::ast::DeclKind;
use std::collections::{BTreeMap, HashSet};
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
type Seen = (Node, Arc<HashSet<Str>>);

/// Whether declarations of the kind are read together, as the estate.
fn is_part(kind: Kind) -> bool {
    match kind {
        Kind::Session | Kind::Principal | Kind::Data | Kind::Tool | Kind::Agent | Kind::Purpose => true,
        Kind::Grant
        | Kind::Forbid
        | Kind::Ceiling
        | Kind::Separate
        | Kind::Toxic
        | Kind::Standard
        | Kind::Waive
        | Kind::Test
        | Kind::Prove => false,
    }
}

/// What a file adds to the estate: each with its number among the file's declarations. Where it
/// stands counts, and nothing else of the file does.
#[salsa::tracked(returns(clone))]
fn parts(db: &dyn Db, file: SourceFile) -> Arc<Vec<(usize, Node)>> {
    let keys = declarations(db, file);
    let parts = nodes(db, file).enumerate().filter(|(at, _)| is_part(keys[*at].kind));
    Arc::new(parts.collect())
}

/// What there is.
#[salsa::tracked(returns(clone))]
pub fn estate(db: &dyn Db, project: Project) -> Arc<Estate> {
    let taken = taken(db, project);
    let mut by_kind: BTreeMap<Kind, Vec<Seen>> = BTreeMap::new();
    for file in modules(db, project).files.values() {
        let (keys, visible) = (declarations(db, *file), visible(db, project, *file));
        for (at, node) in parts(db, *file).iter().filter(|(at, _)| !taken.contains_key(&(*file, *at))) {
            by_kind.entry(keys[*at].kind).or_default().push((node.clone(), visible.clone()));
        }
    }
    let mut builder = Builder {
        names: &names(db, project),
        model: Model {
            name: project.manifest(db).name.clone(),
            options: project.manifest(db).options.clone(),
            ..Model::default()
        },
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
            let (tool, ops) = self.read(one, |scope| {
                scope.subject = Some(("tool", name.clone()));
                tool::lower(scope, name, one.0.origin(), items, ToolId::at(at), first)
            });
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

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "reserved-name",
    "a declaration takes a name that is built in",
    "it would be unclear which of the two is meant",
    "session { authn: string }\n",
    "choose another name",
)];
