//! Conditions: typed, and brought into negation normal form in one walk.
//!
//! The walk carries the number of `not`s passed, odd or even; at an atom it is applied: to a
//! comparison by turning its operator round, to anything else as the literal's `negated`. What
//! a literal is worth when an attribute is absent is the context's and the same for all
//! literals of a condition (see [`crate::model::Literal`]).

use super::scope::{Lowered, Reported, Scope};
use super::zoned;
use crate::diagnostic::{Explanation, error};
use crate::model::{self, *};
use crate::resolve::names::suggest;
use crate::types::literal::an;
use crate::types::{type_text, value};
use bailiwick_grammar::ast::{self, CompareOp, Condition, Literal as Lit, Name, Operand as Expr};
use bailiwick_grammar::{At, Span};
use std::collections::BTreeSet;

/// Where a condition stands.
#[derive(Clone, Copy)]
pub(crate) struct Context<'e> {
    /// The operations that it governs: it may name the arguments that all of them have.
    pub ops: &'e OpSet,
    /// What a literal is worth when an attribute is absent.
    pub absent: bool,
    /// The life of the grant it belongs to, for zoned times.
    pub life: Life,
}

/// Whether a condition belongs to a grant, and for how long that lives.
#[derive(Clone, Copy)]
pub(crate) enum Life {
    /// It belongs to no grant.
    None,
    /// It belongs to a grant, with its start and end as far as they are stated.
    Grant(Option<i64>, Option<i64>),
}

impl<'e> Context<'e> {
    /// A condition that must be true: in ceilings, needs, holdings, `always`.
    pub fn strict(ops: &'e OpSet) -> Self {
        Self { ops, absent: false, life: Life::None }
    }

    /// A condition that counts unless it is false: in forbids, legs, duties, `never`, `only`.
    pub fn lenient(ops: &'e OpSet) -> Self {
        Self { ops, absent: true, life: Life::None }
    }
}

/// One side of an atom.
enum Side {
    Attr(Attr, Type),
    Purpose,
    Constant,
}

impl Scope<'_> {
    /// An optional condition; true when there is none.
    pub fn condition(&mut self, context: Context, condition: Option<&At<Condition>>) -> Lowered<Cond> {
        let Some(condition) = condition else { return Ok(Cond::TRUE) };
        let reported = self.diagnostics.len();
        match self.walk(context, condition, false) {
            // It governs no call, so there is no signature to read its arguments against, and it decides nothing.
            Err(Reported) if context.ops.is_empty() && self.diagnostics.len() == reported => {
                Ok(if context.absent { Cond::FALSE } else { Cond::TRUE })
            }
            read => read,
        }
    }

    fn walk(&mut self, context: Context, condition: &At<Condition>, negated: bool) -> Lowered<Cond> {
        let span = condition.span;
        let atom = match &condition.node {
            Condition::Not(inner) => return self.walk(context, inner, !negated),
            Condition::And(parts) | Condition::Or(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.walk(context, part, negated)).collect();
                let parts = parts.into_iter().collect::<Lowered<Vec<_>>>()?;
                let all = matches!(condition.node, Condition::And(_)) != negated;
                return Ok(if all { all_of(parts) } else { any_of(parts) });
            }
            Condition::Bare(operand) => return self.bare(context, operand, negated),
            Condition::Compare { left, op, right } => {
                return self.compare(context, left, *op, right, span, negated);
            }
            Condition::In { operand, values, negated: not_in } => {
                return self.one_of(context, operand, values, negated != *not_in);
            }
            Condition::Contains { operand, element } => {
                let (set, ty) = self.set_attr(context, operand)?;
                let element = self.comparand(context, element, &ty)?;
                Atom::Contains { set, element }
            }
            Condition::ContainsAll { operand, values } => {
                let (set, ty) = self.set_attr(context, operand)?;
                Atom::ContainsAll { set, values: self.constants(context, values, &ty)? }
            }
            Condition::ContainsAny { operand, values } => {
                let (set, ty) = self.set_attr(context, operand)?;
                Atom::ContainsAny { set, values: self.constants(context, values, &ty)? }
            }
            Condition::SubsetOf { operand, values } => {
                let (set, ty) = self.set_attr(context, operand)?;
                Atom::SubsetOf { set, values: self.constants(context, values, &ty)? }
            }
            Condition::Like { operand, pattern } => {
                let (attr, ty) = self.attribute(context, operand)?;
                match ty {
                    Type::String => Atom::Like { attr, pattern: pattern.node.clone() },
                    Type::Path | Type::Url => {
                        let problem = error(
                            "like-on-path",
                            format!("`like` does not know where a segment of a {} ends", type_text(&ty)),
                        )
                        .help(match ty {
                            Type::Path => "use `under \"/folder\"`, which goes by whole segments",
                            _ => "use `under` for a scheme, host and path, or `host \"*.example.com\"`",
                        });
                        return Err(self.report(problem, span));
                    }
                    ty => return Err(self.not_a(operand, &ty, "a string, for `like`")),
                }
            }
            Condition::Under { operand, base } => self.under(context, operand, base)?,
            Condition::Host { operand, host } => self.host(context, operand, host)?,
            Condition::Has(operand) => {
                let (attr, _) = self.attribute(context, operand)?;
                match attr {
                    Attr::Now | Attr::Started | Attr::Authn => return Ok(constant(!negated)),
                    Attr::Arg(_) | Attr::Session(_) => Atom::Has(attr),
                }
            }
            Condition::Approved { by, within, independent } => {
                Atom::Approved(self.demand(by, *within, *independent)?)
            }
            Condition::During { days, hours, zone } => {
                let days = self.days(days);
                let hours = self.hours(hours);
                let zone = self.zone(zone);
                let life = self.life(context.life, span);
                let ranges = zoned::expand(&zone?, &days?, hours?, life?);
                match ranges {
                    Some(ranges) => Atom::During(ranges),
                    None => {
                        return Err(self.report(
                            error(
                                "too-many-intervals",
                                "this zoned time makes too many intervals over the grant's life",
                            )
                            .help("let the grant expire sooner"),
                            span,
                        ));
                    }
                }
            }
        };
        Ok(literal(context, atom, negated))
    }

    /// An attribute of type `bool`, or `true` and `false`.
    fn bare(&mut self, context: Context, operand: &At<Expr>, negated: bool) -> Lowered<Cond> {
        if let Expr::Literal(Lit::Bool(value)) = operand.node {
            return Ok(constant(value != negated));
        }
        let (left, ty) = self.attribute(context, operand)?;
        if ty != Type::Bool {
            return Err(self.not_a(operand, &ty, "a bool, to stand alone"));
        }
        let right = model::Operand::Value(Value::Bool(true));
        Ok(literal(context, Atom::Compare { left, op: CompareOp::Eq, right }, negated))
    }

    fn compare(
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
                (b, ty, turned(op), model::Operand::Value(value))
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
        let op = if negated { inverse(op) } else { op };
        Ok(literal(context, Atom::Compare { left: attr, op, right: other }, false))
    }

    /// `a in (…)`: constants together, attributes one by one.
    fn one_of(
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

    fn under(&mut self, context: Context, operand: &At<Expr>, base: &ast::Text) -> Lowered<Atom> {
        let (attr, ty) = self.attribute(context, operand)?;
        if !matches!(ty, Type::Path | Type::Url) {
            return Err(self.not_a(operand, &ty, "a path or a url, for `under`"));
        }
        let Value::Text(text) = self.literal(&Lit::Text(base.node.clone()), base.span, &ty)? else {
            return Err(Reported);
        };
        if ty == Type::Url && text.contains(['?', '#']) {
            let meant = text.split(['?', '#']).next().map(str::to_string);
            let problem = error("not-normalised", "what `under` compares with ends before the query");
            let problem = self.offer(problem, base.span, meant);
            return Err(self.report(problem, base.span));
        }
        Ok(Atom::Under { attr, base: text })
    }

    fn host(&mut self, context: Context, operand: &At<Expr>, host: &ast::Text) -> Lowered<Atom> {
        let (attr, ty) = self.attribute(context, operand)?;
        if ty != Type::Url {
            return Err(self.not_a(operand, &ty, "a url, for `host`"));
        }
        let (name, below) = match host.strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (&*host.node, false),
        };
        if let Err(why) = value::check_host(name) {
            let lower = host.to_ascii_lowercase();
            let fine = value::check_host(lower.trim_start_matches("*.")).is_ok();
            let problem = error("not-normalised", format!("`{}` cannot stand here: {why}", host.node));
            let problem = self.offer(problem, host.span, fine.then_some(lower));
            return Err(self.report(problem, host.span));
        }
        Ok(Atom::Host { attr, host: name.into(), below })
    }

    /// An approval that is asked for.
    pub fn demand(&mut self, by: &Name, within: At<i64>, independent: bool) -> Lowered<Demand> {
        let who = self.principal(by);
        let within = self.positive(within, "an approval's age");
        Ok(Demand { by: who?, within: within?, independent })
    }

    /// A duration of a second or more.
    pub fn positive(&mut self, seconds: At<i64>, what: &str) -> Lowered<i64> {
        if seconds.node > 0 {
            return Ok(seconds.node);
        }
        let problem = error("zero-duration", format!("{what} of no time at all can never be kept"))
            .help("state a duration of a second or more, say `15m`");
        Err(self.report(problem, seconds.span))
    }

    // ---- attributes ------------------------------------------------------------------------

    fn side(&mut self, context: Context, operand: &At<Expr>) -> Lowered<Side> {
        let Expr::Name(name) = &operand.node else { return Ok(Side::Constant) };
        let attr = match &*name.node {
            "purpose" => return Ok(Side::Purpose),
            "now" => (Attr::Now, Type::Instant),
            "session.started" => (Attr::Started, Type::Instant),
            "session.authn" => (Attr::Authn, Type::Authn),
            "args" | "session" => return Err(self.not_an_attribute(operand)),
            text => match (text.strip_prefix("args."), text.strip_prefix("session.")) {
                (Some(arg), _) => (Attr::Arg(arg.into()), self.argument(context, arg, name.span)?),
                (_, Some(attr)) => (Attr::Session(attr.into()), self.session_attribute(attr, name.span)?),
                (None, None) => return Ok(Side::Constant),
            },
        };
        Ok(Side::Attr(attr.0, attr.1))
    }

    /// An attribute, for atoms that speak of one.
    fn attribute(&mut self, context: Context, operand: &At<Expr>) -> Lowered<(Attr, Type)> {
        match self.side(context, operand)? {
            Side::Attr(attr, ty) => Ok((attr, ty)),
            Side::Purpose | Side::Constant => Err(self.not_an_attribute(operand)),
        }
    }

    /// A set attribute and the type of its elements.
    fn set_attr(&mut self, context: Context, operand: &At<Expr>) -> Lowered<(Attr, Type)> {
        match self.attribute(context, operand)? {
            (attr, Type::Set(element)) => Ok((attr, *element)),
            (_, ty) => Err(self.not_a(operand, &ty, "a set")),
        }
    }

    fn comparand(&mut self, context: Context, operand: &At<Expr>, ty: &Type) -> Lowered<model::Operand> {
        match self.side(context, operand)? {
            Side::Attr(attr, other) if other == *ty => Ok(model::Operand::Attr(attr)),
            Side::Attr(_, other) => Err(self.not_a(operand, &other, &an(ty))),
            Side::Constant => self.constant(operand, ty).map(model::Operand::Value),
            Side::Purpose => Err(self.not_a(operand, &Type::String, &an(ty))),
        }
    }

    fn constants(&mut self, context: Context, values: &[At<Expr>], ty: &Type) -> Lowered<BTreeSet<Value>> {
        let read: Vec<_> = values
            .iter()
            .map(|value| match self.comparand(context, value, ty)? {
                model::Operand::Value(value) => Ok(value),
                model::Operand::Attr(attr) => {
                    let problem = error(
                        "wrong-type",
                        format!("`{}` is an attribute, and only constants can be listed here", attr.text()),
                    )
                    .help("ask for one attribute with `contains`");
                    Err(self.report(problem, value.span))
                }
            })
            .collect();
        read.into_iter().collect()
    }

    fn session_attribute(&mut self, attr: &str, span: Span) -> Lowered<Type> {
        if let Some(ty) = self.model.session.get(attr) {
            return Ok(ty.clone());
        }
        let problem = error("unknown-attribute", format!("sessions have no attribute `{attr}`"));
        let built_in = ["started".into(), "authn".into()];
        let help = match suggest(attr, self.model.session.keys().chain(&built_in)) {
            Some(near) => format!("did you mean `session.{near}`?"),
            None => format!("declare it: `session {{ {attr}: string }}`"),
        };
        Err(self.report(problem.help(help), span))
    }

    /// The type that the argument has in every governed tool.
    pub fn argument(&mut self, context: Context, arg: &str, span: Span) -> Lowered<Type> {
        let model = self.model;
        if context.ops.is_empty() {
            return Err(Reported);
        }
        let tools: BTreeSet<ToolId> = context.ops.iter().map(|op| model.op(op).tool).collect();
        let typed = |tool: &ToolId| model.tool(*tool).args.get(arg).map(|arg| &arg.ty);
        let Some((with, ty)) = tools.iter().find_map(|tool| Some((model.tool(*tool), typed(tool)?))) else {
            let candidates: BTreeSet<&Str> =
                tools.iter().flat_map(|tool| model.tool(*tool).args.keys()).collect();
            let named = tools.first().map(|tool| model.tool(*tool).name.clone()).unwrap_or_default();
            let message = match tools.len() {
                1 => format!("`{named}` has no argument `{arg}`"),
                _ => format!("none of the tools that this governs has an argument `{arg}`"),
            };
            let mut problem = error("argument-not-in-signature", message);
            problem.help = Some(match suggest(arg, candidates) {
                Some(near) => format!("did you mean `args.{near}`?"),
                None => "a condition may name the arguments that the governed tools declare".into(),
            });
            return Err(self.report(problem, span));
        };
        let Some(without) = tools.iter().find(|tool| typed(tool) != Some(ty)) else { return Ok(ty.clone()) };
        let other = &model.tool(*without).name;
        let message = match typed(without) {
            Some(theirs) => format!(
                "`args.{arg}` is {} in `{}` but {} in `{other}`, and this condition governs both",
                an(ty),
                with.name,
                an(theirs)
            ),
            None => format!("`{other}`, which this condition governs too, has no argument `{arg}`"),
        };
        let problem = error("argument-not-in-signature", message).help(format!(
            "state the condition for the tools that have it, on a line of their own: `{} where args.{arg} …`",
            with.name
        ));
        Err(self.report(problem, span))
    }

    fn not_an_attribute(&mut self, operand: &At<Expr>) -> Reported {
        let text = match &operand.node {
            Expr::Name(name) => format!("`{}` is not an attribute", name.node),
            Expr::Literal(_) => "a literal is not an attribute".to_string(),
        };
        let mut problem = error("unknown-attribute", text)
            .help("attributes are written `args.NAME`, `session.NAME`, `now`, `session.started`, `session.authn` and `purpose`");
        if let Expr::Name(name) = &operand.node
            && self.model.session.contains_key(&name.node)
        {
            problem = problem.help(format!("did you mean `session.{}`?", name.node));
        }
        self.report(problem, operand.span)
    }

    fn not_a(&mut self, operand: &At<Expr>, ty: &Type, wanted: &str) -> Reported {
        let problem = error("wrong-type", format!("this is {}, and must be {wanted}", an(ty)))
            .help("the type stands where the attribute is declared");
        self.report(problem, operand.span)
    }
}

fn literal(context: Context, atom: Atom, negated: bool) -> Cond {
    Cond::Literal(Literal { atom, negated, absent: context.absent })
}

fn constant(value: bool) -> Cond {
    if value { Cond::TRUE } else { Cond::FALSE }
}

/// The conjunction, flat, without what is trivially true.
fn all_of(parts: Vec<Cond>) -> Cond {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Cond::All(inner) => flat.extend(inner),
            Cond::Any(inner) if inner.is_empty() => return Cond::FALSE,
            part => flat.push(part),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Cond::All(flat) }
}

/// The disjunction, flat, without what is trivially false.
fn any_of(parts: Vec<Cond>) -> Cond {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Cond::Any(inner) => flat.extend(inner),
            Cond::All(inner) if inner.is_empty() => return Cond::TRUE,
            part => flat.push(part),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Cond::Any(flat) }
}

/// The operator that is true when `op` is false.
fn inverse(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Ne,
        CompareOp::Ne => CompareOp::Eq,
        CompareOp::Lt => CompareOp::Ge,
        CompareOp::Le => CompareOp::Gt,
        CompareOp::Gt => CompareOp::Le,
        CompareOp::Ge => CompareOp::Lt,
    }
}

/// The operator with its sides exchanged.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Eq,
        CompareOp::Ne => CompareOp::Ne,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
    }
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "argument-not-in-signature",
        "a condition names an argument that a tool it governs does not declare, or declares with another type",
        "for that tool the condition would be unknown for ever: a grant would allow nothing, a forbid would forbid everything",
        "tool look { arg id: string  effect read  touches nothing }\ntool pay { arg amount: int  effect write  touches nothing }\nforbid f { tools look, pay  when args.amount > 500 }\n",
        "state the condition on a line of its own, for the tools that declare the argument",
    ),
    Explanation::error(
        "like-on-path",
        "`like` is asked of a path or a url",
        "`/srv/*` also matches what a segment-wise rule would not, and hosts can be made to look alike",
        "tool read { arg file: path  effect read  touches nothing }\nforbid f { tools read  when args.file like \"/srv/*\" }\n",
        "use `under`, or `host` for a url's host",
    ),
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
    Explanation::error(
        "unknown-attribute",
        "a condition speaks of an attribute that is not there",
        "an attribute that nobody asserts is always absent",
        "forbid f { when session.enviroment == \"production\" }\n",
        "correct the name, or declare it in `session`",
    ),
    Explanation::error(
        "zero-duration",
        "a ttl, an approval's age or a review cadence of no time at all",
        "it can never be kept",
        "person alice { email \"alice@acme.example\" }\nforbid f { when not approved by alice within 0s }\n",
        "state a duration of a second or more",
    ),
    Explanation::error(
        "too-many-intervals",
        "a zoned time expands to more intervals than engines can bear",
        "every weekday of a hundred years is a rule of 26,000 lines",
        "purpose p { \"Work.\" }\nperson alice { email \"alice@acme.example\" }\nagent a { owner alice }\ntool t { effect read  touches nothing }\ngrant g { to a for p  allow t  when during weekdays in Europe/Berlin  starts 1970-01-01  expires 2199-12-31 }\n",
        "let the grant expire sooner",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile_text;

    const GROUND: &str = "purpose p { \"Work.\" }\npurpose q { \"Rest.\" }\nperson alice { email \"a@acme.example\" }\n\
        agent a { owner alice }\ntool t { arg n: int  arg m: int  arg s: string  arg ip: ip  arg set: set<string>  effect read  touches nothing }\n";

    fn in_grant(condition: &str) -> Cond {
        let text = format!("{GROUND}grant g {{ to a for p  allow t where {condition} }}");
        let found = compile_text(&[("main", &text)]);
        assert_eq!(found.diagnostics.as_slice(), [], "{condition}");
        found.model.grants[0].lines[0].cond.clone()
    }

    fn in_forbid(condition: &str) -> Cond {
        let text = format!("{GROUND}forbid f {{ tools t  when {condition} }}");
        let found = compile_text(&[("main", &text)]);
        assert_eq!(found.diagnostics.as_slice(), [], "{condition}");
        found.model.forbids[0].when.clone()
    }

    #[test]
    fn negation_goes_inwards_and_turns_operators_round() {
        let same = |a: &str, b: &str| assert_eq!(in_grant(a), in_grant(b), "{a} / {b}");
        same("not (args.n > 5 or args.s == \"x\")", "args.n <= 5 and args.s != \"x\"");
        same("not (args.n >= 5 and not args.m < 5)", "args.n < 5 or args.m < 5");
        same("5 < args.n", "args.n > 5");
        same("not args.s in (\"x\", \"y\")", "args.s not in (\"x\", \"y\")");
        same("not purpose == p", "purpose != p");
        same("args.n == 1 and (args.m == 2 and true)", "args.n == 1 and args.m == 2");
        assert_eq!(in_grant("args.n == 1 or true"), Cond::TRUE);
        assert_eq!(in_grant("args.n == 1 and not has now"), Cond::FALSE);
    }

    #[test]
    fn what_is_absent_never_widens() {
        for condition in
            ["args.n > 5", "not args.n > 5", "args.set contains args.s", "not args.ip in \"10.0.0.0/8\""]
        {
            assert!(in_grant(condition).literals().iter().all(|literal| !literal.absent), "{condition}");
            assert!(in_forbid(condition).literals().iter().all(|literal| literal.absent), "{condition}");
        }
    }

    #[test]
    fn attributes_in_a_list_are_compared_one_by_one() {
        assert_eq!(in_grant("args.n in (args.m, 5)"), in_grant("args.n == args.m or args.n in (5)"));
        assert_eq!(in_grant("args.n not in (args.m, 5)"), in_grant("args.n != args.m and args.n not in (5)"));
        assert_eq!(in_grant("args.ip in (\"10.0.0.1\")"), in_grant("args.ip in \"10.0.0.1/32\""));
    }
}
