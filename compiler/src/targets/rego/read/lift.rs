//! Grants and forbids of the data as predicates over requests: what the module makes of them.

use super::super::condition::{approval, compares};
use super::super::data::{key, object};
use super::super::tree::{Agent, Delegate, Estate, Forbid, Grant, Line, Names};
use super::condition::{Governed, Lifted, demand};
use crate::model::*;
use crate::targets::reading::Predicate;
use bailiwick_grammar::ast::CompareOp;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};

/// What names in the data stand for.
pub struct Lift<'a> {
    model: &'a Model,
    grants: HashMap<&'a str, GrantId>,
    forbids: HashMap<String, ForbidId>,
    ops: HashMap<String, OpId>,
    deepest: usize,
    /// What authentication each agent needs behind a root, by the data.
    levels: Vec<Authn>,
}

impl<'a> Lift<'a> {
    /// Names are those of the model; the agents' levels are the data's. The agents are the model's, all of them.
    pub fn new(model: &'a Model, agents: &BTreeMap<String, Agent>, deepest: usize) -> Lifted<Lift<'a>> {
        let grants = model.grants.iter().enumerate().map(|(at, grant)| (&*grant.name, GrantId::at(at)));
        let ops = operations(model).collect();
        let forbids = model.forbids.iter().enumerate().map(|(at, row)| (key(row), ForbidId::at(at)));
        let levels = model.agents.iter().map(|agent| {
            let read =
                agents.get(&*agent.name).ok_or_else(|| format!("agent `{}` is missing", agent.name))?;
            level(read.authn)
        });
        let levels = levels.collect::<Lifted<_>>()?;
        Ok(Lift { model, grants: grants.collect(), forbids: forbids.collect(), ops, deepest, levels })
    }

    /// Every place at which a grant is a candidate: its name, the root, the purpose and the operations.
    ///
    /// Of grants that the project knows the first in the fixed order is the one that a decision names.
    pub fn candidates(&self, estate: &Estate) -> Lifted<Vec<(String, AgentId, PurposeId, OpSet)>> {
        let mut found: BTreeMap<(String, AgentId, PurposeId), OpSet> = BTreeMap::new();
        for (root, by_purpose) in &estate.candidates {
            let root = self.agent(root)?;
            for (purpose, by_op) in by_purpose {
                let purpose = self.purpose(purpose)?;
                for (op, names) in by_op {
                    let op = self.op(op)?;
                    let known: Vec<_> = names.iter().filter_map(|name| self.grant(name)).collect();
                    if !known.is_sorted_by(|one, next| one < next) {
                        return Err(format!("candidates {names:?} are not in the fixed order"));
                    }
                    for name in names {
                        found.entry((name.clone(), root, purpose)).or_default().insert(op);
                    }
                }
            }
        }
        Ok(found.into_iter().map(|((name, root, purpose), ops)| (name, root, purpose, ops)).collect())
    }

    /// When a grant authorises requests of that root for that purpose, to one of these operations.
    pub fn authorises(
        &self,
        grant: &Grant,
        root: AgentId,
        purpose: PurposeId,
        ops: &OpSet,
    ) -> Lifted<Predicate> {
        // the module goes by the candidates, and tells by what the grant says
        if self.purpose(&grant.purpose)? != purpose {
            return Err(format!("it is listed under another purpose than its own, `{}`", grant.purpose));
        }
        let mut parts = vec![
            Predicate::Root(AgentSet::only(root)),
            Predicate::atom(Atom::Purpose(PurposeSet::only(purpose))),
            Predicate::Op(ops.clone()),
            self.lines(&grant.lines)?,
            Predicate::DataWithin(self.classes(&grant.covers)?),
            moment(CompareOp::Ge, grant.starts),
            moment(CompareOp::Lt, grant.expires),
            Predicate::Age(grant.ttl),
            Predicate::at_least(level(grant.authn)?),
            self.together(&grant.when, &grant.also, ops)?,
        ];
        for approval in &grant.approvals {
            parts.push(self.approval(approval)?);
        }
        let clauses = grant.delegates.iter().map(|clause| self.delegate(clause));
        let clauses = clauses.collect::<Lifted<Vec<_>>>()?;
        parts.push(Predicate::Any([Predicate::Hops(0)].into_iter().chain(clauses).collect()));
        parts.extend(self.delegates_authenticated());
        Ok(Predicate::All(parts))
    }

    /// Of which requests each forbid is looked at, by its key.
    pub fn listed<'e>(
        &self,
        estate: &'e Estate,
        by_op: &BTreeMap<OpId, Vec<String>>,
    ) -> Lifted<BTreeMap<&'e str, Predicate>> {
        let mut found: BTreeMap<&str, Listed> =
            estate.forbids.keys().map(|key| (key.as_str(), Listed::default())).collect();
        let missing = |key: &str| format!("`{key}` is listed and not there");
        for (name, agent) in &estate.agents {
            let id = self.agent(name)?;
            for key in &agent.forbids {
                found.get_mut(key.as_str()).ok_or_else(|| missing(key))?.agents.insert(id);
            }
        }
        if by_op.len() < self.model.ops.len() {
            return Err("an operation does not say which forbids to look at".into());
        }
        for (&id, keys) in by_op {
            for key in keys {
                found.get_mut(key.as_str()).ok_or_else(|| missing(key))?.ops.insert(id);
            }
        }
        let ops = self.model.ops.len();
        Ok(found.into_iter().map(|(key, listed)| (key, listed.holds(ops))).collect())
    }

    /// When a forbid is not out of the way.
    pub fn matches(&self, forbid: &Forbid) -> Lifted<Predicate> {
        let (mut parts, mut governed) = (Vec::new(), OpSet::all(self.model.ops.len()));
        if let Some(names) = &forbid.agents {
            let agents = self.agents(names)?;
            parts
                .push(Predicate::Any(vec![Predicate::Root(agents.clone()), Predicate::SomeDelegate(agents)]));
        }
        if let Some(names) = &forbid.ops {
            governed = self.operations(names)?;
            parts.push(Predicate::Op(governed.clone()));
        }
        if let Some(names) = &forbid.meets {
            parts.push(Predicate::DataMeets(self.classes(names)?));
        }
        parts.push(self.unless(forbid.unless.as_ref(), &governed)?.negate());
        Ok(Predicate::All(parts))
    }

    /// The grant of the project with that name.
    pub fn grant(&self, name: &str) -> Option<GrantId> {
        self.grants.get(name).copied()
    }

    /// The forbid or suspension of the project with that name.
    pub fn forbid(&self, kind: &str, name: &str) -> Option<ForbidId> {
        self.forbids.get(format!("{kind} {name}").as_str()).copied()
    }

    fn lines(&self, lines: &[Line]) -> Lifted<Predicate> {
        let line = |line: &Line| {
            let ops = self.operations(&line.ops)?;
            let cond = self.together(&line.when, &line.also, &ops)?;
            Ok(Predicate::All(vec![Predicate::Op(ops), cond]))
        };
        Ok(Predicate::Any(lines.iter().map(line).collect::<Lifted<_>>()?))
    }

    fn approval(&self, clause: &Map<String, Json>) -> Lifted<Predicate> {
        let mut asked = clause.clone();
        let ops = asked.remove("ops").ok_or("an approval has no `ops`")?;
        let unless = asked.remove("unless");
        let ops: Names = serde_json::from_value(ops).map_err(|error| error.to_string())?;
        let (ops, by) = (self.operations(&ops)?, demand(self.model, &asked)?);
        if object(approval(self.model, &by)) != Json::Object(asked) {
            return Err("whose approval counts is not written as this version writes it".into());
        }
        let excused = self.unless(unless.as_ref(), &ops)?;
        Ok(Predicate::Any(vec![Predicate::Op(ops).negate(), excused, Predicate::atom(Atom::Approved(by))]))
    }

    fn delegate(&self, clause: &Delegate) -> Lifted<Predicate> {
        let to = self.agents(&clause.to)?;
        let mut parts =
            vec![Predicate::Hops(clause.depth), Predicate::delegates_within(&to, self.model.agents.len())];
        if let Some(only) = &clause.only {
            parts.push(self.lines(&only.lines)?);
            if let Some(covers) = &only.covers {
                parts.push(Predicate::DataWithin(self.classes(covers)?));
            }
        }
        Ok(Predicate::All(parts))
    }

    /// Every agent behind the root has the authentication that it needs.
    fn delegates_authenticated(&self) -> impl Iterator<Item = Predicate> {
        Authn::ALL.into_iter().skip(1).map(|level| {
            let levels = self.levels.iter().enumerate();
            let demanding = levels.filter(|(_, needed)| **needed == level).map(|(at, _)| AgentId::at(at));
            Predicate::Any(vec![
                Predicate::at_least(level),
                Predicate::SomeDelegate(demanding.collect()).negate(),
            ])
        })
    }

    /// The comparisons that the module asks as they are, and what else has to hold.
    fn together(&self, when: &[Json], also: &[Json], ops: &OpSet) -> Lifted<Predicate> {
        if let Some(other) = when.iter().find(|part| !compares(part)) {
            return Err(format!("{other} stands among comparisons and is none"));
        }
        let parts = when.iter().chain(also).map(|part| self.condition(part, ops));
        parts.collect::<Lifted<_>>().map(Predicate::All)
    }

    /// Where nothing excuses, nothing does.
    fn unless(&self, json: Option<&Json>, ops: &OpSet) -> Lifted<Predicate> {
        json.map_or(Ok(Predicate::FALSE), |json| self.condition(json, ops))
    }

    fn condition(&self, json: &Json, ops: &OpSet) -> Lifted<Predicate> {
        let governed = Governed { model: self.model, ops, deepest: self.deepest };
        governed.condition(json).map(Predicate::Cond)
    }

    fn agent(&self, name: &str) -> Lifted<AgentId> {
        self.model.agent_named(name).ok_or_else(|| format!("`{name}` is no agent of the project"))
    }

    fn purpose(&self, name: &str) -> Lifted<PurposeId> {
        self.model.purpose_named(name).ok_or_else(|| format!("`{name}` is no purpose of the project"))
    }

    fn op(&self, name: &str) -> Lifted<OpId> {
        self.ops.get(name).copied().ok_or_else(|| format!("`{name}` is no operation of the project"))
    }

    fn agents(&self, names: &Names) -> Lifted<AgentSet> {
        names.keys().map(|name| self.agent(name)).collect()
    }

    fn operations(&self, names: &Names) -> Lifted<OpSet> {
        names.keys().map(|name| self.op(name)).collect()
    }

    fn classes(&self, names: &Names) -> Lifted<ClassSet> {
        let class = |name: &String| {
            self.model.class_named(name).ok_or_else(|| format!("`{name}` is no data class of the project"))
        };
        names.keys().map(class).collect()
    }
}

/// Where a forbid is listed.
#[derive(Default)]
struct Listed {
    agents: AgentSet,
    ops: OpSet,
}

impl Listed {
    /// Of which requests it is looked at, when there are so many operations.
    fn holds(self, all: usize) -> Predicate {
        let Listed { agents, ops } = self;
        if ops.len() == all {
            return Predicate::TRUE;
        }
        let mut parts = Vec::new();
        if !agents.is_empty() {
            parts.extend([Predicate::Root(agents.clone()), Predicate::SomeDelegate(agents)]);
        }
        if !ops.is_empty() {
            parts.push(Predicate::Op(ops));
        }
        Predicate::Any(parts)
    }
}

/// Every operation, by its name.
fn operations(model: &Model) -> impl Iterator<Item = (String, OpId)> + '_ {
    (0..model.ops.len()).map(OpId::at).map(|id| (model.op_name(id), id))
}

/// A level, by its place in the order.
fn level(at: i64) -> Lifted<Authn> {
    let level = usize::try_from(at).ok().and_then(|at| Authn::ALL.get(at).copied());
    level.ok_or_else(|| format!("`{at}` is no level of authentication"))
}

/// How now compares with a moment; what holds of every moment there is, or of none, is said so.
fn moment(op: CompareOp, at: i64) -> Predicate {
    match (op, at) {
        (CompareOp::Ge, ..=EARLIEST) | (CompareOp::Lt, AFTER_LATEST..) => Predicate::TRUE,
        (CompareOp::Ge, AFTER_LATEST..) | (CompareOp::Lt, ..=EARLIEST) => Predicate::FALSE,
        _ => Predicate::compare(&Attr::Now, op, Value::Instant(at)),
    }
}
