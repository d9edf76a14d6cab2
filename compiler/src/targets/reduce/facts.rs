//! What a target may rely on of the requests of a grant and an operation.

use crate::model::*;
use crate::targets::Assumption;
use crate::targets::dual::dual;
use bailiwick_grammar::ast::CompareOp;
use std::collections::BTreeSet;

/// What is known of every request that a grant is about to cover, without looking at it.
pub struct Facts<'a> {
    /// The model.
    pub model: &'a Model,
    /// The grant.
    pub grant: &'a Grant,
    /// The operation.
    pub op: OpId,
}

impl<'a> Facts<'a> {
    /// The authentication that sessions of the grant's identity are assumed to have.
    pub fn authn(&self) -> Authn {
        self.model.authn_of(self.grant)
    }

    /// Whether the grant covers the operation's data, and whether that rests on the data being
    /// what the tool declares.
    fn data(&self) -> Data {
        let op = self.model.op(self.op);
        if op.labels.is_subset(&self.grant.covers) {
            Data::Covered
        } else if op.declared.is_subset(&self.grant.covers) {
            Data::CoveredIfStatic
        } else if op.labels.meets(&self.grant.covers) {
            Data::Partly
        } else {
            Data::Outside
        }
    }

    /// The forbids that may match direct calls of the operation by the grantee, and whether
    /// their matching rests on the data being what the tool declares.
    fn forbids(&self) -> Vec<(ForbidId, &'a Forbid, bool)> {
        let op = self.model.op(self.op);
        let rows = self.model.forbids.iter().enumerate();
        rows.filter(|(_, forbid)| forbid.agents.contains(self.grant.to) && forbid.ops.contains(self.op))
            .filter_map(|(at, forbid)| match &forbid.meets {
                None => Some((at, forbid, false)),
                Some(meets) if !meets.meets(&op.declared) => None,
                Some(meets) => Some((at, forbid, !op.labels.is_subset(meets))),
            })
            .map(|(at, forbid, rests)| (ForbidId::at(at), &**forbid, rests))
            .collect()
    }

    /// What is to be reckoned with where calls of the operation are exported: the forbids that may
    /// match them. `None` when nothing of it is: it lies outside the grant, is wholly forbidden, or
    /// (a loss) the grant covers its data only in part. What that rests on goes to `assumptions`.
    pub fn reckoned_with(
        &self,
        assumptions: &mut BTreeSet<Assumption>,
        losses: &mut BTreeSet<String>,
    ) -> Option<Vec<(ForbidId, &'a Forbid)>> {
        match self.data() {
            Data::Covered => {}
            Data::CoveredIfStatic => {
                assumptions.insert(Assumption::StaticDataClasses);
            }
            Data::Partly => {
                let name = self.model.op_name(self.op);
                losses.insert(format!("`{name}` touches data that the grant covers only in part"));
                return None;
            }
            Data::Outside => return None,
        }
        let forbids = self.forbids();
        if forbids.iter().any(|(_, _, rests)| *rests) {
            assumptions.insert(Assumption::StaticDataClasses);
        }
        // wholly forbidden: nothing is lost
        let wholly = forbids.iter().any(|(_, forbid, _)| forbid.when.is_true());
        (!wholly).then(|| forbids.into_iter().map(|(id, forbid, _)| (id, forbid)).collect())
    }

    /// The grant's condition on direct calls of the operation, the approvals that it demands included.
    pub fn condition(&self) -> Cond {
        let lines = self.grant.lines.iter().filter(|line| line.ops.contains(self.op));
        let mut all = vec![Cond::Any(lines.map(|line| line.cond.clone()).collect()), self.grant.when.clone()];
        let demands = self.grant.approvals.iter().filter(|approval| approval.ops.contains(self.op));
        all.extend(demands.map(|approval| {
            let given = Atom::Approved(approval.demand.clone());
            let given = Cond::Literal(Literal { atom: given, negated: false, absent: false });
            Cond::Any(vec![dual(&approval.demanded), given])
        }));
        Cond::All(all)
    }

    /// The literal's value, when it is the same for every request at hand.
    pub fn decided(&self, literal: &Literal) -> Option<bool> {
        let value = match &literal.atom {
            Atom::Purpose(purposes) => purposes.contains(self.grant.purpose),
            Atom::Has(attr) => self.present(attr).then_some(true)?,
            Atom::Compare { left: Attr::Authn, op, right: Operand::Value(Value::Authn(level)) } => {
                let levels = Authn::ALL.into_iter().filter(|have| *have >= self.authn());
                alike(levels.map(|have| compare(have.cmp(level), *op)))?
            }
            Atom::Compare { left, op: CompareOp::Eq, right: Operand::Value(value) } => {
                alike(self.domain(left)?.iter().map(|have| have == value))?
            }
            Atom::Compare { left, op: CompareOp::Ne, right: Operand::Value(value) } => {
                alike(self.domain(left)?.iter().map(|have| have != value))?
            }
            Atom::OneOf { attr: Attr::Authn, values } => {
                let levels = Authn::ALL.into_iter().filter(|have| *have >= self.authn());
                alike(levels.map(|have| values.contains(&Value::Authn(have))))?
            }
            Atom::OneOf { attr, values } => {
                alike(self.domain(attr)?.iter().map(|have| values.contains(have)))?
            }
            Atom::Compare { .. }
            | Atom::Contains { .. }
            | Atom::ContainsAll { .. }
            | Atom::ContainsAny { .. }
            | Atom::SubsetOf { .. }
            | Atom::Like { .. }
            | Atom::Under { .. }
            | Atom::Host { .. }
            | Atom::InNet { .. }
            | Atom::Approved(_)
            | Atom::During(_) => return None,
        };
        Some(value != literal.negated)
    }

    /// The declaration of an argument of the operation's tool.
    pub fn arg(&self, name: &str) -> Option<&'a Arg> {
        self.model.tool(self.model.op(self.op).tool).args.get(name)
    }

    /// Whether the attribute is there in every well-formed request.
    pub fn present(&self, attr: &Attr) -> bool {
        match attr {
            Attr::Arg(name) => self.arg(name).is_some_and(|arg| !matches!(arg.source, ArgSource::Optional)),
            Attr::Session(_) => false,
            Attr::Now | Attr::Started | Attr::Authn => true,
        }
    }

    /// The values that an attribute may have, when they are few and it is always there.
    pub fn domain(&self, attr: &Attr) -> Option<BTreeSet<Value>> {
        let Attr::Arg(name) = attr else { return None };
        if !self.present(attr) {
            return None;
        }
        domain_of(self.model, self.op, name)
    }
}

/// The values of an enumerated or boolean argument that select the operation.
pub fn domain_of(model: &Model, op: OpId, name: &str) -> Option<BTreeSet<Value>> {
    let op = model.op(op);
    let tool = model.tool(op.tool);
    let all: BTreeSet<Value> = match &tool.args.get(name)?.ty {
        Type::Enum(values) => values.iter().cloned().map(Value::Text).collect(),
        Type::Bool => [Value::Bool(false), Value::Bool(true)].into(),
        Type::Int
        | Type::Decimal
        | Type::String
        | Type::Path
        | Type::Url
        | Type::Instant
        | Type::Duration
        | Type::Ip
        | Type::Cidr
        | Type::Person
        | Type::Set(_)
        | Type::Opaque
        | Type::Authn => return None,
    };
    let Some(variants) = tool.variant.as_ref().filter(|variants| *variants.arg == *name) else {
        return Some(all);
    };
    Some(match &op.variant {
        Some(value) => [Value::Text(value.clone())].into(),
        None => all
            .into_iter()
            .filter(|value| !matches!(value, Value::Text(text) if variants.ops.contains_key(text)))
            .collect(),
    })
}

/// Whether a grant covers an operation's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Data {
    /// Whatever the labels.
    Covered,
    /// When they are those that the tool declares.
    CoveredIfStatic,
    /// Some labels below the declared ones alone.
    Partly,
    /// No label.
    Outside,
}

fn alike(mut values: impl Iterator<Item = bool>) -> Option<bool> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

fn compare(order: std::cmp::Ordering, op: CompareOp) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}
