//! Comparisons: of attributes with constants and with each other, one by one and with lists.

use super::attribute::Side;
use super::{Context, all_of, any_of, literal};
use crate::diagnostic::{Explanation, error};
use crate::lower::{Lowered, Reported, Scope};
use crate::model::{self, *};
use crate::types::literal::an;
use crate::types::value;
use bailiwick_grammar::ast::{CompareOp, Literal as Lit, Operand as Expr};
use bailiwick_grammar::{At, Span};
use std::collections::BTreeSet;

impl Scope<'_> {
    pub(super) fn compare(
        &mut self,
        context: Context,
        left: &At<Expr>,
        op: CompareOp,
        right: &At<Expr>,
        span: Span,
        negated: bool,
    ) -> Lowered<Cond> {
        let sides = (self.side(context, left), self.side(context, right));
        let (left_side, right_side) = (sides.0?, sides.1?);
        let (attr, ty, op, other) = match (left_side, right_side) {
            (Side::Purpose, Side::Constant) => {
                return self.purposes(op, std::slice::from_ref(right), span, negated);
            }
            (Side::Constant, Side::Purpose) => {
                return self.purposes(op, std::slice::from_ref(left), span, negated);
            }
            (Side::Attr(a, ty), Side::Attr(b, other)) => {
                if ty != other {
                    let problem = error("wrong-type", format!("{} is compared with {}", an(&ty), an(&other)))
                        .help("both sides of a comparison are of one type");
                    return Err(self.report(problem, span));
                }
                if a == b {
                    let problem =
                        error("impossible-comparison", format!("`{}` is compared with itself", a.text()))
                            .help("one of the two sides was meant to be another attribute");
                    return Err(self.report(problem, span));
                }
                if matches!(ty, Type::Set(_) | Type::Opaque) {
                    return Err(self.incomparable(span, &ty));
                }
                (a, ty, op, model::Operand::Attr(b))
            }
            (Side::Attr(a, ty), Side::Constant) => {
                let value = self.constant(right, &ty)?;
                (a, ty, op, model::Operand::Value(value))
            }
            (Side::Constant, Side::Attr(b, ty)) => {
                let value = self.constant(left, &ty)?;
                (b, ty, op.turned(), model::Operand::Value(value))
            }
            (Side::Constant, Side::Constant) => {
                let problem =
                    error("impossible-comparison", "neither side of this comparison is an attribute")
                        .help("attributes are written `args.NAME`, `session.NAME`, `now` and `purpose`");
                return Err(self.report(problem, span));
            }
            (Side::Purpose, Side::Purpose | Side::Attr(..)) | (Side::Attr(..), Side::Purpose) => {
                let problem = error("wrong-type", "the purpose can only be compared with purposes")
                    .help("write `purpose == NAME` or `purpose in (NAME, …)`");
                return Err(self.report(problem, span));
            }
        };
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) && !ty.is_ordered() {
            let problem =
                error("unordered", format!("{} has no order, so it cannot be less or more", an(&ty)))
                    .help("compare it with `==`, `!=` or `in`");
            return Err(self.report(problem, span));
        }
        let op = if negated { op.negated() } else { op };
        Ok(literal(context, Atom::Compare { left: attr, op, right: other }, false))
    }

    /// `a in (…)`: constants together, attributes one by one.
    pub(super) fn one_of(
        &mut self,
        context: Context,
        operand: &At<Expr>,
        values: &[At<Expr>],
        negated: bool,
    ) -> Lowered<Cond> {
        let (attr, ty) = match self.side(context, operand)? {
            Side::Purpose => return self.purposes(CompareOp::Eq, values, operand.span, negated),
            Side::Attr(attr, ty) => (attr, ty),
            Side::Constant => return Err(self.not_an_attribute(operand)),
        };
        if matches!(ty, Type::Set(_) | Type::Opaque) {
            return Err(self.incomparable(operand.span, &ty));
        }
        let (mut constants, mut nets, mut parts) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        let mut failed = false;
        for value in values {
            match (self.side(context, value), &value.node, &ty) {
                (Ok(Side::Attr(other, other_ty)), ..) if other_ty == ty && other != attr => {
                    let op = if negated { CompareOp::Ne } else { CompareOp::Eq };
                    let right = model::Operand::Attr(other);
                    parts.push(literal(context, Atom::Compare { left: attr.clone(), op, right }, false));
                }
                (Ok(Side::Attr(_, other)), ..) => {
                    failed = true;
                    self.not_a(value, &other, &format!("{}, other than itself", an(&ty)));
                }
                (Ok(Side::Purpose), ..) => {
                    failed = true;
                    self.not_a(value, &Type::String, &an(&ty));
                }
                (Ok(Side::Constant), Expr::Literal(Lit::Text(text)), Type::Ip) => {
                    let net = match value::parse_ip(text) {
                        Ok(address) => Ok(Net(address.into())),
                        Err(_) => self.net(text, value.span),
                    };
                    failed |= net.map(|net| nets.insert(net)).is_err();
                }
                (Ok(Side::Constant), ..) => {
                    failed |= self.constant(value, &ty).map(|value| constants.insert(value)).is_err();
                }
                (Err(Reported), ..) => failed = true,
            }
        }
        if failed {
            return Err(Reported);
        }
        if !nets.is_empty() {
            parts.push(literal(context, Atom::InNet { attr: attr.clone(), nets }, negated));
        }
        if !constants.is_empty() || parts.is_empty() {
            parts.push(literal(context, Atom::OneOf { attr, values: constants }, negated));
        }
        Ok(if negated { all_of(parts) } else { any_of(parts) })
    }

    fn purposes(&mut self, op: CompareOp, values: &[At<Expr>], span: Span, negated: bool) -> Lowered<Cond> {
        let equal = match op {
            CompareOp::Eq => true,
            CompareOp::Ne => false,
            CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => {
                let problem =
                    error("unordered", "purposes have no order, so one cannot be less or more than another")
                        .help("compare with `==`, `!=` or `in`");
                return Err(self.report(problem, span));
            }
        };
        let found: Vec<_> = values
            .iter()
            .map(|value| match &value.node {
                Expr::Name(name) => self.purpose(name),
                Expr::Literal(_) => {
                    let problem = error("wrong-type", "the purpose can only be compared with purposes")
                        .help("write the purpose's name, without quotes");
                    Err(self.report(problem, value.span))
                }
            })
            .collect();
        let set = found.into_iter().collect::<Lowered<PurposeSet>>()?;
        Ok(Cond::Literal(Literal { atom: Atom::Purpose(set), negated: negated == equal, absent: false }))
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "unordered",
        "values that have no order are compared by `<` and its kin",
        "engines order texts differently, or not at all",
        "tool read { arg id: string  effect read  touches nothing }\nforbid f { tools read  when args.id > \"a\" }\n",
        "compare with `==`, `!=` or `in`",
    ),
    Explanation::error(
        "impossible-comparison",
        "a comparison says nothing about the request: it has no attribute, or the same one twice",
        "it is always true or always false, whatever was meant",
        "forbid f { when 1 < 2 }\n",
        "name the attribute that was meant",
    ),
];
