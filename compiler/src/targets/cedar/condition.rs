//! Conditions as Cedar expressions that cannot err.
//!
//! Every attribute of the arguments and of `context.session` is read behind `has`, also those
//! that the schema requires, so that an enforcement point that forgets to validate a request
//! still gets no error: Cedar skips a policy that errs, and a skipped forbid would allow.

use super::Cedar;
use super::text::{self, all, any, has, member, not};
use crate::model::*;
use bailiwick_grammar::ast::{CompareOp, PatternPart};

/// Where a condition is evaluated.
pub(super) struct Place<'a> {
    /// Where arguments stand.
    pub shape: Cedar,
    /// The project.
    pub model: &'a Model,
    /// The operations that the condition governs; they agree on the types of what it names.
    pub ops: &'a OpSet,
}

impl Place<'_> {
    /// The condition; `true` and `false` when it is constant.
    pub(super) fn condition(&self, cond: &Cond) -> String {
        match cond {
            Cond::All(parts) => all(parts.iter().map(|part| self.condition(part)).collect()),
            Cond::Any(parts) => any(parts.iter().map(|part| self.condition(part)).collect()),
            Cond::Literal(literal) => self.literal(literal),
        }
    }

    fn literal(&self, literal: &Literal) -> String {
        let guards = self.guards(&literal.atom);
        let atom = self.atom(&literal.atom);
        let atom = if literal.negated { not(&atom) } else { atom };
        if guards.is_empty() {
            atom
        } else if literal.absent {
            format!("(if {} then {atom} else true)", all(guards))
        } else {
            all(guards.into_iter().chain([atom]).collect())
        }
    }

    fn atom(&self, atom: &Atom) -> String {
        match atom {
            Atom::Compare { left, op, right } => self.compare(left, *op, right),
            Atom::OneOf { attr, values } => match text::set(values.iter().map(text::value)) {
                Some(set) => format!("{set}.contains({})", self.read(attr)),
                None => "false".into(),
            },
            Atom::Contains { set, element } => {
                format!("{}.contains({})", self.raw(set), self.operand(element))
            }
            Atom::ContainsAll { set, values } => match text::set(values.iter().map(text::value)) {
                Some(values) => format!("{}.containsAll({values})", self.raw(set)),
                None => "true".into(),
            },
            Atom::ContainsAny { set, values } => match text::set(values.iter().map(text::value)) {
                Some(values) => format!("{}.containsAny({values})", self.raw(set)),
                None => "false".into(),
            },
            Atom::SubsetOf { set, values } => match text::set(values.iter().map(text::value)) {
                Some(values) => format!("{values}.containsAll({})", self.raw(set)),
                None => format!("{}.isEmpty()", self.raw(set)),
            },
            Atom::Like { attr, pattern } => {
                let pattern: String = pattern
                    .0
                    .iter()
                    .map(|part| match part {
                        PatternPart::Text(text) => text::pattern(text),
                        PatternPart::Star => "*".into(),
                    })
                    .collect();
                format!("{} like \"{pattern}\"", self.read(attr))
            }
            Atom::Under { attr, base } => {
                let read = self.read(attr);
                let base_is_path = base.starts_with('/');
                let inside = base.strip_suffix('/').unwrap_or(base);
                let below = ["/", "?", "#"]
                    .iter()
                    .filter(|&&next| next == "/" || !base_is_path && inside.len() == base.len());
                let below = below
                    .map(|next| format!("{read} like \"{}*\"", text::pattern(&format!("{inside}{next}"))));
                any([format!("{read} == {}", text::string(base))].into_iter().chain(below).collect())
            }
            Atom::Host { attr, host, below } => {
                let read = member(&self.raw(attr), "host");
                if *below {
                    format!("{read} like \"*.{}\"", text::pattern(host))
                } else {
                    format!("{read} == {}", text::string(host))
                }
            }
            Atom::InNet { attr, nets } => {
                let read = self.read(attr);
                any(nets.iter().map(|net| format!("{read}.isInRange({})", text::network(net))).collect())
            }
            Atom::Has(attr) => self.presence(attr).unwrap_or_else(|| "true".into()),
            Atom::Approved(demand) => self.approved(demand, None),
            Atom::Purpose(purposes) => {
                match text::set(purposes.iter().map(|id| text::purpose(self.model, id))) {
                    Some(set) => format!("{set}.contains(context.purpose)"),
                    None => "false".into(),
                }
            }
            Atom::During(ranges) => during(ranges),
        }
    }

    fn compare(&self, left: &Attr, op: CompareOp, right: &Operand) -> String {
        let (a, b) = (self.read(left), self.operand(right));
        let method = match op {
            CompareOp::Eq => return format!("{a} == {b}"),
            CompareOp::Ne => return format!("{a} != {b}"),
            _ if self.type_of(left) != Some(&Type::Decimal) => {
                return format!("{a} {} {b}", op.symbol());
            }
            CompareOp::Lt => "lessThan",
            CompareOp::Le => "lessThanOrEqual",
            CompareOp::Gt => "greaterThan",
            CompareOp::Ge => "greaterThanOrEqual",
        };
        format!("{a}.{method}({b})")
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Value(value) => text::value(value),
            Operand::Attr(attr) => self.read(attr),
        }
    }

    /// The attribute's value: of a URL, its text.
    fn read(&self, attr: &Attr) -> String {
        match self.type_of(attr) {
            Some(Type::Url) => member(&self.raw(attr), "text"),
            _ => self.raw(attr),
        }
    }

    fn type_of(&self, attr: &Attr) -> Option<&Type> {
        match attr {
            Attr::Arg(name) => {
                let op = self.model.op(self.ops.first()?);
                self.model.tool(op.tool).args.get(name).map(|arg| &arg.ty)
            }
            Attr::Session(name) => self.model.session.get(name),
            Attr::Now | Attr::Started => Some(&Type::Instant),
            Attr::Authn => Some(&Type::Authn),
        }
    }

    /// The approval is there. `root` is the root agent where the policy fixes it.
    pub(super) fn approved(&self, demand: &Demand, root: Option<AgentId>) -> String {
        let requester = self.model.may_not_approve(demand);
        let people = self.model.people_of(demand.by);
        let given = people.iter().map(|person| {
            let name = &self.model.principal(person).name;
            let at = member("context.approvals", name);
            let mut parts = vec![has("context.approvals", name)];
            if let Some(attr) = requester {
                parts.push(format!("{} != {}", member("context.session", attr), text::string(name)));
            }
            if demand.independent {
                parts.push(self.not_answerable(person, root));
            }
            // `now` is not negative, so that taking any duration from it stays within 64 bits
            parts.extend([
                format!("{at} <= context.now"),
                "context.now >= 0".into(),
                format!("context.now - {} <= {at}", demand.within),
            ]);
            all(parts)
        });
        let given = any(given.collect());
        match requester {
            Some(attr) => all(vec![has("context.session", attr), given]),
            None => given,
        }
    }

    /// The person is neither the root's owner nor a member of that owner.
    fn not_answerable(&self, person: PrincipalId, root: Option<AgentId>) -> String {
        let answers = |agent: AgentId| self.model.people_of(self.model.agent(agent).owner).contains(person);
        match root {
            Some(agent) => (!answers(agent)).to_string(),
            None => {
                let agents = (0..self.model.agents.len()).map(AgentId::at).filter(|&agent| answers(agent));
                match text::set(agents.map(|agent| text::agent(self.model, agent))) {
                    Some(set) => format!("!{set}.contains(principal)"),
                    None => "true".into(),
                }
            }
        }
    }

    /// Where the attribute stands in the context.
    fn raw(&self, attr: &Attr) -> String {
        match attr {
            Attr::Arg(name) => member(&format!("context.{}", self.shape.args()), name),
            Attr::Session(name) => member("context.session", name),
            Attr::Now => "context.now".into(),
            Attr::Started => "context.started".into(),
            Attr::Authn => "context.authn".into(),
        }
    }

    /// That the attribute is present; `None` of one that is never absent.
    fn presence(&self, attr: &Attr) -> Option<String> {
        match attr {
            Attr::Arg(name) => Some(has(&format!("context.{}", self.shape.args()), name)),
            Attr::Session(name) => Some(has("context.session", name)),
            Attr::Now | Attr::Started | Attr::Authn => None,
        }
    }

    /// What must be present for the atom to be known.
    fn guards(&self, atom: &Atom) -> Vec<String> {
        let (attr, other) = match atom {
            Atom::Compare { left, right: Operand::Attr(right), .. } => (left, Some(right)),
            Atom::Contains { set, element: Operand::Attr(element) } => (set, Some(element)),
            Atom::Compare { left: attr, right: Operand::Value(_), .. }
            | Atom::Contains { set: attr, element: Operand::Value(_) }
            | Atom::OneOf { attr, .. }
            | Atom::ContainsAll { set: attr, .. }
            | Atom::ContainsAny { set: attr, .. }
            | Atom::SubsetOf { set: attr, .. }
            | Atom::Like { attr, .. }
            | Atom::Under { attr, .. }
            | Atom::Host { attr, .. }
            | Atom::InNet { attr, .. } => (attr, None),
            Atom::Has(_) | Atom::Approved(_) | Atom::Purpose(_) | Atom::During(_) => return Vec::new(),
        };
        let mut guards: Vec<_> =
            [Some(attr), other].into_iter().flatten().filter_map(|attr| self.presence(attr)).collect();
        guards.dedup();
        guards
    }
}

/// `now` is in one of the ranges: found by halving, so that years of weekdays stay shallow and quick.
fn during(ranges: &[(i64, i64)]) -> String {
    match ranges {
        [] => "false".into(),
        [(from, to)] => format!("({from} <= context.now && context.now < {to})"),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            format!("(if context.now < {} then {} else {})", right[0].0, during(left), during(right))
        }
    }
}
