//! Grants, forbids, ceilings, duties, combinations, standards: what may and may not be.

use super::{Condition, Name, SetExpr, Text};
use crate::span::At;
use serde::Serialize;

/// `TOOLS [where C]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ToolLine {
    /// The tools.
    pub tools: At<SetExpr>,
    /// What must hold of a call to them.
    pub condition: Option<Box<At<Condition>>>,
}

/// A line of a `grant`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum GrantItem {
    /// `to AGENT for PURPOSE`.
    To { agent: Name, purpose: Name },
    /// `allow TOOLS [where C]`.
    Allow(ToolLine),
    /// `on DATA`.
    On(At<SetExpr>),
    /// `when C`.
    When(At<Condition>),
    /// `authn at-least LEVEL`.
    Authn(Name),
    /// `approval …`.
    Approval(Box<Approval>),
    /// `ttl D`; seconds.
    Ttl(At<i64>),
    /// `starts DATE`; seconds since 1970.
    Starts(At<i64>),
    /// `expires DATE`; seconds since 1970.
    Expires(At<i64>),
    /// `delegate to …`.
    Delegate(Box<Delegate>),
}

/// `approval WHO within D [for TOOLS] [if C] [independent]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Approval {
    /// A person or a team.
    pub by: Name,
    /// How old it may be, in seconds.
    pub within: At<i64>,
    /// The calls that demand it; all when absent.
    pub tools: Option<At<SetExpr>>,
    /// It is demanded unless this is false.
    pub condition: Option<At<Condition>>,
    /// Whether the root agent's owner and its members are excluded.
    pub independent: bool,
}

/// `delegate to AGENTS depth N [only …]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Delegate {
    /// Who may act.
    pub to: At<SetExpr>,
    /// How many further agents a chain may have.
    pub depth: At<i64>,
    /// What they may do; all of the grant when absent.
    pub only: Option<Only>,
}

/// What a delegation is limited to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Only {
    /// `only TOOLS [where C]`.
    Line(ToolLine),
    /// `only { … }`.
    Block(Vec<At<OnlyItem>>),
}

/// A line of an `only` block.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum OnlyItem {
    /// `allow TOOLS [where C]`.
    Allow(ToolLine),
    /// `on DATA`.
    On(At<SetExpr>),
}

/// A line of a `forbid`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum ForbidItem {
    /// `agents SET`.
    Agents(At<SetExpr>),
    /// `tools SET`.
    Tools(At<SetExpr>),
    /// `data SET`.
    Data(At<SetExpr>),
    /// `when C`.
    When(At<Condition>),
    /// `because "…"`.
    Because(Text),
}

/// A line of a `ceiling`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum CeilingItem {
    /// `agents SET`.
    Agents(At<SetExpr>),
    /// `allow TOOLS [where C]`.
    Allow(ToolLine),
    /// `on DATA`.
    On(At<SetExpr>),
    /// `when C`.
    When(At<Condition>),
}

/// A line of a `separate` (duties) or a `toxic` (legs).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum RuleItem {
    /// `duty …` in a `separate`, `leg …` in a `toxic`.
    Leg(LegDecl),
    /// `joining leg.argument == leg.argument`: both sides as dotted names.
    Joining(Name, Name),
    /// `joining resource of LEG == resource of LEG`.
    JoiningResources(Name, Name),
    /// `severity LEVEL`.
    Severity(Name),
    /// `reference "…"`.
    Reference(Text),
}

/// `NAME [tools] SET [data SET] [where C] [unless approved]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct LegDecl {
    /// Its name within the rule.
    pub name: Name,
    /// The tools; all when absent.
    pub tools: Option<At<SetExpr>>,
    /// The data; any, also none, when absent.
    pub data: Option<At<SetExpr>>,
    /// What holds of the call.
    pub condition: Option<At<Condition>>,
    /// Only requests that are allowed with no approval count.
    pub unless_approved: bool,
}

/// A line of a `standard`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum StandardItem {
    /// `for grants …`, `for agents …`.
    For(StandardSubject),
    /// `require …`.
    Require(Requirement),
    /// `severity LEVEL`.
    Severity(Name),
    /// `reference "…"`.
    Reference(Text),
}

/// Whom a standard speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum StandardSubject {
    /// `for grants [allowing TOOLS] [on DATA] [to AGENTS]`.
    Grants { allowing: Option<At<SetExpr>>, on: Option<At<SetExpr>>, to: Option<At<SetExpr>> },
    /// `for agents [AGENTS]`.
    Agents(Option<At<SetExpr>>),
}

/// What a standard asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Requirement {
    /// `expires [within D]`.
    Expires(Option<At<i64>>),
    /// `ttl at-most D`.
    Ttl(At<i64>),
    /// `approval [independent]`.
    Approval { independent: bool },
    /// `authn at-least LEVEL`.
    Authn(Name),
    /// `depth at-most N`.
    Depth(At<i64>),
    /// `review every D`.
    Review(At<i64>),
    /// `identity [KIND]`.
    Identity(Option<Name>),
    /// `owner team`.
    OwnedByTeam,
    /// `when C`.
    When(At<Condition>),
}
