//! What there is: people, agents, data, tools, purposes.

use super::condition::Cond;
use super::id::*;
use super::value::{Authn, Record, Str, Type, Value};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where a declaration stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Origin {
    /// The module's path: relative to the project without `.grant`, or `std/…`.
    pub module: Str,
    /// The declaration's span in it.
    #[serde(skip)]
    pub span: bailiwick_grammar::Span,
}

/// A person or a team.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Principal {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Email or contact.
    pub contact: Option<Str>,
    /// What differs between the two.
    pub kind: PrincipalKind,
    /// What it may do itself, when it says.
    pub holds: Option<Needs>,
}

/// A person or a team.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A person: identities, and the instant from which they are gone.
    Person {
        /// The accounts that are theirs.
        identities: Vec<Identity>,
        /// Gone from then on.
        departed: Option<i64>,
    },
    /// A team: its members, the lead among them.
    Team {
        /// People only.
        members: PrincipalSet,
        /// Who leads it.
        lead: Option<PrincipalId>,
    },
}

/// An account in some system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Identity {
    /// The system.
    pub kind: IdentityKind,
    /// The account there: `NAMESPACE/NAME` for Kubernetes, `ISSUER SUBJECT` (one space) for OIDC.
    pub value: Str,
    /// The purposes it serves; `None` for all.
    pub purposes: Option<PurposeSet>,
    /// Where it stands.
    #[serde(skip)]
    pub span: bailiwick_grammar::Span,
}

/// The systems in which agents have accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// A SPIFFE id.
    Spiffe,
    /// An OpenID Connect issuer and subject.
    Oidc,
    /// An AWS role ARN.
    AwsRole,
    /// A Kubernetes service account.
    Kubernetes,
    /// A Microsoft Entra client id.
    Entra,
    /// An OAuth client id.
    Oauth,
    /// An AWS principal of another account, and the external id that it presents.
    AwsPrincipal,
}

impl IdentityKind {
    /// All kinds.
    pub const ALL: [IdentityKind; 7] = [
        IdentityKind::Spiffe,
        IdentityKind::Oidc,
        IdentityKind::AwsRole,
        IdentityKind::Kubernetes,
        IdentityKind::Entra,
        IdentityKind::Oauth,
        IdentityKind::AwsPrincipal,
    ];

    /// Its word in the language.
    pub fn name(self) -> &'static str {
        match self {
            IdentityKind::Spiffe => "spiffe",
            IdentityKind::Oidc => "oidc",
            IdentityKind::AwsRole => "aws-role",
            IdentityKind::Kubernetes => "kubernetes",
            IdentityKind::Entra => "entra",
            IdentityKind::Oauth => "oauth",
            IdentityKind::AwsPrincipal => "aws-principal",
        }
    }

    /// How many strings it takes: the issuer and the subject, the principal and its external id.
    pub fn strings(self) -> usize {
        match self {
            IdentityKind::Oidc | IdentityKind::AwsPrincipal => 2,
            IdentityKind::Spiffe
            | IdentityKind::AwsRole
            | IdentityKind::Kubernetes
            | IdentityKind::Entra
            | IdentityKind::Oauth => 1,
        }
    }

    /// The kind with that word.
    pub fn named(word: &str) -> Option<IdentityKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Agent {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Who answers for it.
    pub owner: PrincipalId,
    /// Its accounts.
    pub identities: Vec<Identity>,
    /// The least authentication it needs wherever it is in a chain.
    pub authn: Authn,
    /// How often it is to be reviewed, and when it last was.
    pub review: Option<Review>,
    /// Its tags.
    pub tags: Vec<Str>,
    /// Why it may do nothing at all.
    pub suspended: Option<Str>,
}

/// A review cadence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Review {
    /// How often, in seconds.
    pub every: i64,
    /// When last, and by whom.
    pub last: Option<(i64, PrincipalId)>,
}

/// A data class.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct DataClass {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// The class above it.
    pub parent: Option<ClassId>,
    /// How sensitive it is, inherited when not stated.
    pub sensitivity: Sensitivity,
    /// Regulations, inherited ones included, sorted.
    pub regulations: Vec<Str>,
    /// Tags, inherited ones included, sorted.
    pub tags: Vec<Str>,
    /// This class and all below it.
    pub below: ClassSet,
    /// This class and all above it.
    pub above: ClassSet,
}

/// How sensitive data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// For everyone.
    Public,
    /// For the organisation.
    Internal,
    /// For those who need it.
    Confidential,
    /// For those who are named.
    Restricted,
}

impl Sensitivity {
    /// All levels, least first.
    pub const ALL: [Sensitivity; 4] =
        [Sensitivity::Public, Sensitivity::Internal, Sensitivity::Confidential, Sensitivity::Restricted];

    /// Its word in the language.
    pub fn name(self) -> &'static str {
        match self {
            Sensitivity::Public => "public",
            Sensitivity::Internal => "internal",
            Sensitivity::Confidential => "confidential",
            Sensitivity::Restricted => "restricted",
        }
    }

    /// The level with that word.
    pub fn named(word: &str) -> Option<Sensitivity> {
        Self::ALL.into_iter().find(|level| level.name() == word)
    }
}

/// A tool.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Its signature, by argument name.
    pub args: BTreeMap<Str, Arg>,
    /// The enumerated argument that selects the operation, when it has variants.
    pub variant: Option<Variants>,
    /// The operation of a call that selects no variant; `None` when every value has one.
    pub base: Option<OpId>,
}

/// The variants of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Variants {
    /// The argument that selects: of an enumeration, required or with a default.
    pub arg: Str,
    /// The operation of each value that has one of its own.
    pub ops: BTreeMap<Str, OpId>,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Arg {
    /// Its type.
    pub ty: Type,
    /// Where its value comes from.
    pub source: ArgSource,
}

/// Where an argument's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArgSource {
    /// The call must state it.
    Required,
    /// The call may leave it out.
    Optional,
    /// When the call leaves it out, this.
    Default(Value),
    /// Gathered from the raw argument named by the first segment, along the others.
    Each(Vec<Str>),
}

/// An operation: a tool, or one variant of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Op {
    /// The tool.
    pub tool: ToolId,
    /// The variant argument's value that selects it; `None` for the tool's own facts.
    pub variant: Option<Str>,
    /// What it does.
    pub effect: Effect,
    /// Whether it cannot be undone.
    pub irreversible: bool,
    /// The classes declared as read.
    pub reads: ClassSet,
    /// The classes declared as written.
    pub writes: ClassSet,
    /// The labels that a request may carry: `reads` and `writes` and all below; empty iff it touches nothing.
    pub labels: ClassSet,
    /// What absent or (wrongly) empty data means: `reads` and `writes` together.
    pub declared: ClassSet,
    /// Whether its results carry what outsiders wrote.
    pub ingests_untrusted: bool,
    /// Whether what it is given may leave.
    pub reaches_external: bool,
    /// Its tags.
    pub tags: Vec<Str>,
    /// What it is in each target.
    pub bindings: Bindings,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Looks.
    Read,
    /// Changes.
    Write,
    /// Removes.
    Delete,
    /// Runs something.
    Execute,
    /// Changes who may do what.
    Admin,
}

impl Effect {
    /// All effects.
    pub const ALL: [Effect; 5] =
        [Effect::Read, Effect::Write, Effect::Delete, Effect::Execute, Effect::Admin];

    /// Its word in the language.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::Delete => "delete",
            Effect::Execute => "execute",
            Effect::Admin => "admin",
        }
    }

    /// The effect with that word.
    pub fn named(word: &str) -> Option<Effect> {
        Self::ALL.into_iter().find(|effect| effect.name() == word)
    }
}

/// What an operation is in each target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Bindings {
    /// Server and tool name.
    pub mcp: Option<(Str, Str)>,
    /// AWS calls; the operation needs all.
    pub aws: Vec<AwsBinding>,
    /// Kubernetes calls; the operation needs all.
    pub kubernetes: Vec<KubernetesBinding>,
}

/// One `bind aws`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct AwsBinding {
    /// `service:Action`; with `*` in it the call may be any that matches.
    pub actions: Vec<Str>,
    /// Resource ARNs; the call touches all of them together. `*` alone where a service has none.
    pub resources: Vec<Template>,
    /// Condition keys and the arguments that they carry.
    pub keys: Vec<(Str, Str)>,
}

/// A text with arguments in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Template(pub Vec<TemplatePart>);

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TemplatePart {
    /// This text.
    Text(Str),
    /// The argument's text.
    Arg(Str),
}

/// One `bind kubernetes`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct KubernetesBinding {
    /// Verbs; the call uses all. `*` here and below is any run of characters.
    pub verbs: Vec<Str>,
    /// API groups; `""` is the core group.
    pub groups: Vec<Str>,
    /// Resources, `resource/subresource` included.
    pub resources: Vec<Str>,
    /// The namespace.
    pub namespace: Place,
    /// The object's name, when the call names one.
    pub name: Option<Place>,
    /// Fields of the object that the call leaves behind, names joined by dots, and the arguments
    /// that stand in them: each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(Str, Str)>,
}

/// Where a Kubernetes name comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// An argument.
    Arg(Str),
    /// This.
    Fixed(Str),
    /// Not in a namespace.
    Cluster,
}

/// A purpose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Purpose {
    /// Its name.
    pub name: Str,
    /// Where it stands.
    pub origin: Origin,
    /// Its sentence.
    pub sentence: Str,
    /// What it needs.
    pub needs: Needs,
}

/// Tool lines and data: what a purpose needs, what an owner holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Needs {
    /// The calls: one line must match.
    pub lines: Vec<ToolLine>,
    /// The labels covered.
    pub covers: ClassSet,
}

/// Some operations, and what must hold of a call to them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ToolLine {
    /// The operations.
    pub ops: OpSet,
    /// What must hold.
    pub cond: Cond,
    /// Where the line stands, in the declaration's module.
    #[serde(skip)]
    pub span: bailiwick_grammar::Span,
}

/// The attributes of sessions that the project declares, with their types.
pub type SessionSchema = BTreeMap<Str, Type>;

/// A session's attributes.
pub type SessionRecord = Record;
