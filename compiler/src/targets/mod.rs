//! Model to artifacts: what the engines run.
//!
//! A target is one folder with an emitter (and later a reader) behind [`Target`], and one line in
//! [`registry`]. What an emitter cannot say it refuses or narrows, and says so in its [`Outcome`]:
//! nothing is ever exported wider than its source.

pub mod cedar;
mod dual;
pub mod iam;
pub mod kubernetes;
mod literal;
pub mod reading;
mod reduce;
pub mod rego;
mod stem;

use crate::model::{ForbidId, GrantId, Model};
use crate::revoke::{Revocation, Revoked};
use reading::{Reading, Unread};
use serde::Serialize;
use std::collections::BTreeMap;

/// An engine to export to.
pub trait Target: Sync {
    /// Its word on the command line, and the name of its folder.
    fn name(&self) -> &'static str;

    /// Whether it is built when nobody asks for targets: whether the project's tools are bound to it.
    fn applies(&self, model: &Model) -> bool;

    /// The artifacts, and what became of every grant, built at a moment in seconds since 1970: a target
    /// that does not know the time has only what is in force then. The same model and moment give the
    /// same bytes.
    fn emit(&self, model: &Model, now: i64) -> Emission;

    /// Reads artifacts back: file contents by path, relative to the target's folder. Without a
    /// reader nothing is understood, so nothing is proved.
    fn read(&self, _model: &Model, files: &BTreeMap<String, String>) -> Reading {
        let unread =
            |file: &String| Unread { file: file.clone(), what: "this target has no reader yet".into() };
        Reading { unread: files.keys().map(unread).collect(), ..Reading::default() }
    }

    /// An archive of some of the files that the engine takes as well: its path, and which. It holds
    /// nothing that is not beside it.
    fn archive(&self) -> Option<(&'static str, &'static [&'static str])> {
        None
    }

    /// What stops an agent at once, whatever else is installed. There is no model when the project
    /// does not compile: what cannot be said then is missing.
    fn revoke(&self, revocation: &Revocation, model: Option<&Model>) -> Revoked;
}

/// Every target, in the order of their names.
pub fn registry() -> &'static [&'static dyn Target] {
    &[
        &cedar::Cedar::Contract,
        &cedar::Cedar::Mcp,
        &iam::Iam,
        &kubernetes::Kubernetes,
        &rego::Rego::Data,
        &rego::Rego::Indexed,
    ]
}

/// The artifacts of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emission {
    /// File contents by path, relative to the target's folder.
    pub files: BTreeMap<String, String>,
    /// What became of each grant, one entry a grant, in the order of the grants.
    pub outcomes: Vec<Outcome>,
    /// What the export takes for granted altogether.
    pub assumptions: Vec<Assumption>,
    /// Which emitted rule comes from which declaration, for the manifest. Targets whose rules
    /// carry their source themselves may leave it empty.
    pub rules: Vec<Rule>,
}

/// An emitted rule, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// The file, as in [`Emission::files`].
    pub file: String,
    /// Its name there: an IAM `Sid`, a Kubernetes kind and name.
    pub id: String,
    /// Its declaration.
    pub from: Source,
}

/// The declaration behind an emitted rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A grant.
    Grant(GrantId),
    /// A forbid or a suspension.
    Forbid(ForbidId),
}

/// What became of one grant in one target (language reference, "Export").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The grant.
    #[serde(skip)]
    pub grant: GrantId,
    /// How it ended.
    pub result: Fidelity,
    /// What it rests on.
    pub assumptions: Vec<Assumption>,
    /// For narrowed and refused: what the target allows less, and why; one sentence each.
    pub losses: Vec<String>,
}

/// How an export compares with its source, the grant minus the forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// The target allows the same.
    Exact,
    /// The target allows the same, as long as the assumptions hold.
    ExactUnderAssumptions,
    /// The target allows less.
    Narrowed,
    /// The target allows nothing of it.
    Refused,
}

/// What an export may take for granted: a closed list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "assume")]
pub enum Assumption {
    /// The enforcement point checks that requests are well formed before it asks.
    WellFormedRequests,
    /// The enforcement point refuses a request in which a key comes twice, a text is not Unicode or
    /// a number has more digits than its type, where the engine's own JSON parser hides that.
    StrictJson,
    /// Each agent has an identity of its own in the target.
    OneIdentityPerAgent,
    /// Each agent has an identity of its own for each purpose.
    OneIdentityPerPurpose,
    /// This tag of the session is set by whoever issues it, never by the agent.
    TagSetByIssuer {
        /// The tag or condition key.
        tag: String,
    },
    /// Where this tag of the session stands for an approval, that is one of all that the session may
    /// do with it, given to its issuer; not one of a single call.
    ApprovalOfSession {
        /// The tag or condition key.
        tag: String,
    },
    /// Sessions end after this time.
    MaximumSessionLength {
        /// Seconds.
        seconds: i64,
    },
    /// The artifact is taken out at this time.
    RemovedAt {
        /// Seconds since 1970.
        instant: i64,
    },
    /// The artifact is not installed before this time.
    InstalledFrom {
        /// Seconds since 1970.
        instant: i64,
    },
    /// What a resource holds does not change: its data classes are those that the tool declares.
    StaticDataClasses,
    /// The identity is issued only to sessions authenticated at this level or above.
    IssuedAtAuthentication {
        /// The level's word.
        level: String,
    },
    /// The credential is used by the agent itself, never handed to a delegate.
    NoDelegatedUse,
    /// This argument is one segment of a resource's name, as the target's own names are: it holds
    /// no `/` and no `:`.
    OneSegment {
        /// The tool.
        tool: String,
        /// Its argument.
        argument: String,
    },
}
