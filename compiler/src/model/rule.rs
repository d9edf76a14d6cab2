//! What may and may not be: grants, forbids, ceilings, duties, combinations, standards, waivers, tests, proofs.

use super::call::Calls;
use super::condition::{Cond, Demand};
use super::estate::{Origin, ToolLine};
use super::id::*;
use super::value::{Authn, Str};
use bailiwick_grammar::Span;
pub use bailiwick_grammar::ast::Scope;
use serde::Serialize;

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Grant {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// The grantee: the root of every chain it authorises.
    pub to: AgentId,
    /// The purpose it is for.
    pub purpose: PurposeId,
    /// The calls: one line must match.
    pub lines: Vec<ToolLine>,
    /// The labels it covers: every label of a request must be in here.
    pub covers: ClassSet,
    /// What must hold.
    pub when: Cond,
    /// The least authentication.
    pub authn: Authn,
    /// The approvals it demands.
    pub approvals: Vec<ApprovalClause>,
    /// The most that the session may have lasted, in seconds.
    pub ttl: Option<i64>,
    /// From then, included.
    pub starts: Option<i64>,
    /// Until then, excluded.
    pub expires: Option<i64>,
    /// To whom it may be handed on: one clause must cover a chain.
    pub delegates: Vec<DelegateClause>,
    /// The globs, tags and attributes by which its tools and data were chosen.
    pub open: Vec<OpenSet>,
    /// Its `allow` and `on` as they are written, where they list.
    pub listed: Vec<Listed>,
}

/// A list of a grant's `allow` or `on`: where each member stands, so that one can be taken out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Listed {
    /// Where the whole of it stands, with its keyword and what else is said there.
    #[serde(skip)]
    pub span: Span,
    /// In the order of the text.
    pub members: Vec<Member>,
}

/// A member of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Member {
    /// What it names; none when it is not a single name.
    pub names: Option<Listable>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// What a member of a list can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listable {
    /// A tool, with all its operations.
    Tool(ToolId),
    /// A class, with all below it.
    Class(ClassId),
}

/// A part of a grant's `allow` or `on` that goes by a glob, a tag or an attribute. What it stands
/// for is in the grant's own sets already; this tells how it came there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct OpenSet {
    /// How it is written.
    pub text: Str,
    /// What it stands for.
    pub chosen: Chosen,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// What an open set of a grant stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chosen {
    /// Operations.
    Tools(OpSet),
    /// Classes.
    Data(ClassSet),
}

/// One `approval` line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ApprovalClause {
    /// Who, how old, whether independent.
    pub demand: Demand,
    /// The operations that demand it.
    pub ops: OpSet,
    /// It is demanded iff this holds (its literals are true when absent).
    pub demanded: Cond,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// One `delegate` line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct DelegateClause {
    /// Who may act.
    pub to: AgentSet,
    /// How many further agents, 1 to 7.
    pub depth: usize,
    /// What the delegates may do; `None` for all of the grant.
    pub only: Option<Only>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// What a delegation is limited to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Only {
    /// The calls: one line must match.
    pub lines: Vec<ToolLine>,
    /// The labels covered; `None` leaves the data to the grant.
    pub covers: Option<ClassSet>,
}

/// A forbid, or a suspension.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Forbid {
    /// Its name; the agent's for a suspension.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Whether it is the suspension of an agent.
    pub suspension: bool,
    /// It matches chains in which one of these takes part.
    pub agents: AgentSet,
    /// The operations.
    pub ops: OpSet,
    /// The labels it meets; `None`: whatever the data, also none.
    pub meets: Option<ClassSet>,
    /// It fires when this holds (its literals are true when absent).
    pub when: Cond,
    /// Why.
    pub because: Option<Str>,
    /// Whether one of its sets goes by a glob, a tag or an attribute, so that it may grow.
    pub open: bool,
}

/// A ceiling.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Ceiling {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Whom it bounds, anywhere in a chain.
    pub agents: AgentSet,
    /// The calls: one line must match.
    pub lines: Vec<ToolLine>,
    /// The labels it covers.
    pub covers: ClassSet,
    /// What must hold.
    pub when: Cond,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth mending.
    Warning,
    /// Wrong.
    Error,
}

impl Severity {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// The severity with that word.
    pub fn named(word: &str) -> Option<Severity> {
        [Severity::Note, Severity::Warning, Severity::Error].into_iter().find(|s| s.name() == word)
    }
}

/// A `separate` or a `toxic`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Combination {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Its sentence.
    pub description: Option<Str>,
    /// Within which its legs may not meet.
    pub scope: Scope,
    /// Whether no *two* legs may meet (`separate`), or not *all* (`toxic`).
    pub pairwise: bool,
    /// Its duties or legs, two or more (a `toxic` may have one).
    pub legs: Vec<Leg>,
    /// What two legs have in common.
    pub joins: Vec<Join>,
    /// How grave it is; error unless stated.
    pub severity: Severity,
    /// External controls.
    pub references: Vec<Str>,
}

/// A duty or a leg.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Leg {
    /// Its name.
    pub name: Str,
    /// The operations.
    pub ops: OpSet,
    /// The calls by which its set chose them.
    pub calls: Vec<Calls>,
    /// The labels it meets; `None`: whatever the data, also none.
    pub meets: Option<ClassSet>,
    /// What holds of the call (its literals are true when absent).
    pub cond: Cond,
    /// Only requests that are allowed with no approval count.
    pub unless_approved: bool,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// A `joining` of two legs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Join {
    /// Position of the left leg.
    pub left: usize,
    /// Position of the right leg.
    pub right: usize,
    /// What is the same.
    pub on: JoinOn,
}

/// What two legs have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinOn {
    /// `a.x == b.y`: the left leg's and the right leg's argument, of one type: both present and equal.
    Args(Str, Str),
    /// The objects that the calls concern: they may be one, for all that the bindings say.
    Resources,
}

/// A standard.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Standard {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Its sentence.
    pub description: Option<Str>,
    /// Whom it speaks of.
    pub subject: StandardSubject,
    /// What it asks for.
    pub requirements: Vec<(Requirement, Span)>,
    /// How grave it is; warning unless stated.
    pub severity: Severity,
    /// External controls.
    pub references: Vec<Str>,
}

/// Whom a standard speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandardSubject {
    /// Grants to one of these agents, with one of these operations, covering a label that meets the data.
    Grants {
        /// The grantee is one of these.
        to: Option<AgentSet>,
        /// It allows one of these.
        allowing: Option<OpSet>,
        /// It covers one of these.
        on: Option<ClassSet>,
    },
    /// These agents.
    Agents(AgentSet),
}

/// What a standard asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// An expiry, at most so many seconds after `starts` (or now).
    Expires(Option<i64>),
    /// A ttl of at most so many seconds.
    Ttl(i64),
    /// An approval for every call, unconditionally.
    Approval {
        /// Whether it must be independent.
        independent: bool,
    },
    /// At least this authentication.
    Authn(Authn),
    /// At most this depth of delegation.
    Depth(usize),
    /// A review at least every so many seconds.
    Review(i64),
    /// An identity, of this kind when stated.
    Identity(Option<super::estate::IdentityKind>),
    /// A team as owner, which outlives any of its members.
    OwnedByTeam,
    /// All that it allows of the operations that the standard speaks of meets this; what is absent does not.
    When(Cond),
}

/// A waiver.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Waiver {
    /// A rule's code, or the name of the broken rule declaration.
    pub finding: Str,
    /// `agent`, `grant`, …
    pub subject_kind: Str,
    /// The subject's name.
    pub subject: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Who accepts it.
    pub by: PrincipalId,
    /// Why.
    pub because: Str,
    /// Until then, excluded.
    pub until: i64,
}

/// A `prove` block.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Proof {
    /// Its title.
    pub title: Str,
    /// Where it stands.
    pub origin: Origin,
    /// What it claims.
    pub properties: Vec<(Property, Span)>,
}

/// A universally quantified property.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// No allowed request with one of these agents in its chain matches.
    Never(AgentSet, Call),
    /// Every allowed request that matches has only these agents in its chain.
    Only(AgentSet, Call),
    /// Every matching request of this agent alone, for this purpose, is allowed.
    Always(AgentId, PurposeId, Call),
}

/// The calls that a property speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Call {
    /// The operations.
    pub ops: OpSet,
    /// For `never` and `only` the labels met, for `always` those covered; `None`: whatever.
    pub data: Option<ClassSet>,
    /// What holds of the call; absent literals are true in `never` and `only`, false in `always`.
    pub cond: Cond,
}
