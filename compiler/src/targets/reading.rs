//! What a reader makes of artifacts: rules over requests, in the model's own terms.
//!
//! An emitter turns grants and forbids into an engine's language. The reader of the same target
//! turns that text back without knowing what the emitter meant: it parses what the engine would
//! run, not what this compiler remembers. What comes out speaks of *source* requests `r`: whether
//! the target allows `p(r)`, the request that it sees (language reference, "Export"). The analyzer
//! proves that this is within the source, and equal to it where the manifest says exact.
//!
//! A call may reach a target in several parts (two `bind aws` blocks, two resources of one): it
//! goes through when every part is allowed, and each allowed part must by itself be allowed by the
//! source. Targets that see the whole call have one part, 0.
//!
//! What a reader does not understand it lists in [`Reading::unread`] and never guesses: where
//! anything is unread, nothing is proved.

use super::Source;
use crate::evaluator;
use crate::model::*;
use crate::request::Request;
use bailiwick_grammar::ast::CompareOp;
use std::collections::BTreeMap;

/// What a target's artifacts say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// A part of a call is allowed when one of these holds of it and no denial does.
    pub permits: Vec<ReadRule>,
    /// A part of a call is denied when one of these holds of it.
    pub denials: Vec<ReadRule>,
    /// How many parts the operation's calls have; one where it is not mentioned.
    pub parts: BTreeMap<OpId, usize>,
    /// What was not understood.
    pub unread: Vec<Unread>,
    /// What the artifacts allow, or ask to be allowed, that no call of the project's tools can ask for
    /// and no declaration stands behind.
    pub strays: Vec<Unread>,
}

/// A rule of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRule {
    /// The file, as in [`Emission::files`](super::Emission::files).
    pub file: String,
    /// Its name there.
    pub id: String,
    /// The declaration that it comes from: a hint for the proof, never a ground. Only when an artifact
    /// is put in and taken out goes by it, so where that is assumed it is the file that says it.
    pub from: Option<Source>,
    /// The part of the call that it speaks of.
    pub part: usize,
    /// The source requests it holds of.
    pub holds: Predicate,
}

/// A place in an artifact, and what is the matter with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The file, as in [`Emission::files`](super::Emission::files).
    pub file: String,
    /// One sentence, lower case: where in it, and what.
    pub what: String,
}

/// A property of a well-formed request. `All([])` is true, `Any([])` is false.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Predicate {
    /// Every one holds.
    All(Vec<Predicate>),
    /// At least one holds.
    Any(Vec<Predicate>),
    /// It does not hold.
    Not(Box<Predicate>),
    /// The condition holds.
    Cond(Cond),
    /// The root is one of these.
    Root(AgentSet),
    /// One of the agents behind the root is one of these.
    SomeDelegate(AgentSet),
    /// At most so many agents stand behind the root.
    Hops(usize),
    /// The operation is one of these.
    Op(OpSet),
    /// Every label is one of these.
    DataWithin(ClassSet),
    /// Some label is one of these.
    DataMeets(ClassSet),
    /// The session is at most so many seconds old.
    Age(i64),
}

impl Predicate {
    /// Holds of every request.
    pub const TRUE: Predicate = Predicate::All(Vec::new());
    /// Holds of none.
    pub const FALSE: Predicate = Predicate::Any(Vec::new());

    /// The atom is true; false where it compares something absent.
    pub fn atom(atom: Atom) -> Predicate {
        Predicate::Cond(Cond::Literal(Literal { atom, negated: false, absent: false }))
    }

    /// The attribute is there.
    pub fn has(attr: &Attr) -> Predicate {
        Predicate::atom(Atom::Has(attr.clone()))
    }

    /// The attribute is there, and compares so with the value.
    pub fn compare(attr: &Attr, op: CompareOp, value: Value) -> Predicate {
        Predicate::atom(Atom::Compare { left: attr.clone(), op, right: Operand::Value(value) })
    }

    /// The session has at least that authentication.
    pub fn at_least(level: Authn) -> Predicate {
        Predicate::compare(&Attr::Authn, CompareOp::Ge, Value::Authn(level))
    }

    /// It does not hold.
    pub fn negate(self) -> Predicate {
        Predicate::Not(Box::new(self))
    }

    /// Every agent behind the root is one of these; `count` is how many agents there are.
    pub fn delegates_within(agents: &AgentSet, count: usize) -> Predicate {
        Predicate::SomeDelegate(AgentSet::all(count).minus(agents)).negate()
    }

    /// Every literal in it, from left to right.
    pub fn literals(&self) -> Vec<&Literal> {
        match self {
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().flat_map(Predicate::literals).collect()
            }
            Predicate::Not(inner) => inner.literals(),
            Predicate::Cond(cond) => cond.literals(),
            Predicate::Root(_)
            | Predicate::SomeDelegate(_)
            | Predicate::Hops(_)
            | Predicate::Op(_)
            | Predicate::DataWithin(_)
            | Predicate::DataMeets(_)
            | Predicate::Age(_) => Vec::new(),
        }
    }

    /// Whether it holds of a request.
    pub fn holds(&self, model: &Model, request: &Request) -> bool {
        match self {
            Predicate::All(parts) => parts.iter().all(|part| part.holds(model, request)),
            Predicate::Any(parts) => parts.iter().any(|part| part.holds(model, request)),
            Predicate::Not(inner) => !inner.holds(model, request),
            Predicate::Cond(cond) => evaluator::holds(model, cond, request),
            Predicate::Root(agents) => agents.contains(request.chain[0]),
            Predicate::SomeDelegate(agents) => request.chain[1..].iter().any(|&agent| agents.contains(agent)),
            Predicate::Hops(most) => request.chain.len() - 1 <= *most,
            Predicate::Op(ops) => ops.contains(request.op),
            Predicate::DataWithin(labels) => request.data.is_subset(labels),
            Predicate::DataMeets(labels) => labels.meets(&request.data),
            Predicate::Age(most) => request.now - request.started <= *most,
        }
    }
}

impl Reading {
    /// Whether the target lets the call through: every part of it is permitted, and none denied.
    pub fn allows(&self, model: &Model, request: &Request) -> bool {
        let parts = self.parts.get(&request.op).copied().unwrap_or(1);
        (0..parts).all(|part| self.allows_part(model, request, part))
    }

    /// Whether the target lets that part of the call through.
    pub fn allows_part(&self, model: &Model, request: &Request, part: usize) -> bool {
        let holds = |rule: &ReadRule| rule.part == part && rule.holds.holds(model, request);
        self.permits.iter().any(holds) && !self.denials.iter().any(holds)
    }
}
