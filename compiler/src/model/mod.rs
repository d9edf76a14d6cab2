//! The model: what a project means, with every name an id and every set a bit set.
//!
//! All that follows (the evaluator, the analyzer, the targets) reads this and nothing else of
//! a project. It is plain data.

mod call;
mod condition;
mod declared;
mod estate;
mod id;
mod options;
mod rule;
mod value;

pub use call::{Calls, KubernetesKind, TargetCall};
pub use condition::{Atom, Attr, Cond, Demand, Literal, Operand};
pub use declared::Declared;
pub use estate::*;
pub use id::*;
pub use options::{CleanUp, IamOptions, KubernetesOptions, Options, Wrapper};
pub use rule::*;
pub use value::*;

use serde::Serialize;
use std::sync::Arc;

/// A project, resolved and typed. Tables are sorted by name, but for `grants` and `forbids`,
/// which follow module path, then name, and `classes`, whose first is `unclassified`.
///
/// Subjects that rules ask about one by one are behind `Arc`, so that a model is cheap to put
/// together again after an edit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Model {
    /// The project's name.
    pub name: Str,
    /// How it wants its exports.
    pub options: Options,
    /// The declared session attributes.
    pub session: SessionSchema,
    /// People and teams.
    pub principals: Vec<Arc<Principal>>,
    /// Agents.
    pub agents: Vec<Arc<Agent>>,
    /// Data classes.
    pub classes: Vec<Arc<DataClass>>,
    /// Tools.
    pub tools: Vec<Arc<Tool>>,
    /// Operations, by tool, the base first, then variants by value.
    pub ops: Vec<Arc<Op>>,
    /// Purposes.
    pub purposes: Vec<Arc<Purpose>>,
    /// Grants.
    pub grants: Vec<Arc<Grant>>,
    /// Forbids, then suspensions.
    pub forbids: Vec<Arc<Forbid>>,
    /// Ceilings.
    pub ceilings: Vec<Arc<Ceiling>>,
    /// Separations and toxic combinations.
    pub combinations: Vec<Arc<Combination>>,
    /// Standards.
    pub standards: Vec<Arc<Standard>>,
    /// Waivers.
    pub waivers: Vec<Arc<Waiver>>,
    /// `test` blocks.
    pub tests: Vec<Arc<Test>>,
    /// `prove` blocks.
    pub proofs: Vec<Arc<Proof>>,
    /// The version of the time-zone data, when a zoned time was expanded.
    pub zones: Option<Str>,
}

/// A `test` block: requests as an enforcement point would send them, with expected decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Test {
    /// Its title.
    pub title: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Its expectations.
    pub cases: Vec<TestCase>,
}

/// One expectation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestCase {
    /// Whether the request is to be allowed.
    pub allow: bool,
    /// For a denial: `ill-formed`, `no-grant`, or the forbid or suspended agent that denies.
    pub due_to: Option<Str>,
    /// The request as JSON text (see the request contract), with `"now"` left out when the run's time is meant.
    pub request: Str,
    /// How long before `now` the session started, in seconds.
    pub started_ago: i64,
    /// How long before `now` each approval was given, in seconds.
    pub approved_ago: Vec<(Str, i64)>,
    /// Where it stands.
    #[serde(skip)]
    pub span: bailiwick_grammar::Span,
}

macro_rules! tables {
    ($($get:ident, $table:ident, $id:ty, $row:ty);* $(;)?) => {
        impl Model {
            $(
                #[doc = concat!("The row of `", stringify!($table), "` with that id.")]
                pub fn $get(&self, id: $id) -> &$row {
                    &self.$table[id.index()]
                }
            )*
        }
    };
}

tables! {
    principal, principals, PrincipalId, Principal;
    agent, agents, AgentId, Agent;
    class, classes, ClassId, DataClass;
    tool, tools, ToolId, Tool;
    op, ops, OpId, Op;
    purpose, purposes, PurposeId, Purpose;
    grant, grants, GrantId, Grant;
    forbid, forbids, ForbidId, Forbid;
}

/// Finds a row of a table that is sorted by name.
fn by_name<T, I: Id>(table: &[Arc<T>], name: &str, of: impl Fn(&T) -> &str) -> Option<I> {
    table.binary_search_by(|row| of(row).cmp(name)).ok().map(I::at)
}

impl Model {
    /// The agent with that name.
    pub fn agent_named(&self, name: &str) -> Option<AgentId> {
        by_name(&self.agents, name, |agent| &agent.name)
    }

    /// The person or team with that name.
    pub fn principal_named(&self, name: &str) -> Option<PrincipalId> {
        by_name(&self.principals, name, |principal| &principal.name)
    }

    /// The tool with that name.
    pub fn tool_named(&self, name: &str) -> Option<ToolId> {
        by_name(&self.tools, name, |tool| &tool.name)
    }

    /// The purpose with that name.
    pub fn purpose_named(&self, name: &str) -> Option<PurposeId> {
        by_name(&self.purposes, name, |purpose| &purpose.name)
    }

    /// The class with that name, `unclassified` included.
    pub fn class_named(&self, name: &str) -> Option<ClassId> {
        if self.classes.first().is_some_and(|class| &*class.name == name) {
            return Some(ClassId::UNCLASSIFIED);
        }
        by_name(self.classes.get(1..)?, name, |class| &class.name).map(|ClassId(at)| ClassId(at + 1))
    }

    /// The members of a team, or the person alone.
    pub fn people_of(&self, who: PrincipalId) -> PrincipalSet {
        match &self.principal(who).kind {
            PrincipalKind::Person { .. } => PrincipalSet::only(who),
            PrincipalKind::Team { members, .. } => members.clone(),
        }
    }

    /// The authentication that the grantee needs to act by the grant: the greater of what both ask.
    pub fn authn_of(&self, grant: &Grant) -> Authn {
        grant.authn.max(self.agent(grant.to).authn)
    }

    /// The session attribute that names the requester, when the project declares it: `user: person`.
    pub fn requester_attribute(&self) -> Option<&Str> {
        self.session.get_key_value("user").filter(|(_, ty)| **ty == Type::Person).map(|(name, _)| name)
    }

    /// Whose approval counts when this agent is the root, whoever asks: an independent one is not the
    /// owner's, nor its members'.
    pub fn may_approve(&self, demand: &Demand, root: AgentId) -> PrincipalSet {
        let people = self.people_of(demand.by);
        if demand.independent { people.minus(&self.people_of(self.agent(root).owner)) } else { people }
    }

    /// The session attribute that names somebody whose approval does not count, since it asks itself:
    /// of a team that approves, the requester.
    pub fn may_not_approve(&self, demand: &Demand) -> Option<&Str> {
        let is_team = matches!(self.principal(demand.by).kind, PrincipalKind::Team { .. });
        self.requester_attribute().filter(|_| is_team)
    }

    /// The operation's name as people write it: the tool, and the variant in parentheses.
    pub fn op_name(&self, id: OpId) -> String {
        let op = self.op(id);
        let tool = &self.tool(op.tool).name;
        match &op.variant {
            Some(value) => format!("{tool} ({value})"),
            None => tool.to_string(),
        }
    }

    /// The operations of a tool: its own facts and its variants.
    pub fn ops_of(&self, id: ToolId) -> impl Iterator<Item = OpId> + '_ {
        let tool = self.tool(id);
        tool.base.into_iter().chain(tool.variant.iter().flat_map(|variants| variants.ops.values().copied()))
    }

    /// The labels that a grant over this set of classes covers: those below which everything is
    /// in the set. `unclassified` is covered only when it is in the set itself.
    pub fn covered(&self, set: &ClassSet) -> ClassSet {
        // A class is below itself, so that only members can be covered.
        set.iter().filter(|&class| self.class(class).below.is_subset(set)).collect()
    }

    /// The labels that a forbid over this set of classes meets: those below which something is
    /// in the set, and always `unclassified`.
    pub fn met(&self, set: &ClassSet) -> ClassSet {
        let classes = (0..self.classes.len()).map(ClassId::at);
        let meets = |class: &ClassId| self.class(*class).below.meets(set);
        classes.filter(|class| *class == ClassId::UNCLASSIFIED || meets(class)).collect()
    }
}
