//! People, agents, data, tools, purposes, waivers: what there is.

use super::{Literal, Name, SetExpr, Text, ToolLine};
use crate::span::At;
use serde::Serialize;

/// `NAME: TYPE` in `session`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct SessionAttr {
    /// The attribute's name.
    pub name: Name,
    /// Its type.
    pub ty: At<TypeExpr>,
}

/// A type, as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum TypeExpr {
    /// `int`, `string`, `person`, …
    Name(Name),
    /// `open | closed | "in progress"`.
    Enum(Vec<Text>),
    /// `set<T>`.
    Set(Box<At<TypeExpr>>),
}

/// A line of a `person`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum PersonItem {
    /// `email "…"`.
    Email(Text),
    /// `identity …`.
    Identity(IdentityDecl),
    /// `departed on DATE`.
    Departed(At<i64>),
    /// `holds TOOLS [where C]`.
    Holds(ToolLine),
    /// `holds data SET`.
    HoldsData(At<SetExpr>),
}

/// A line of a `team`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum TeamItem {
    /// `lead NAME`.
    Lead(Name),
    /// `members NAME, …`.
    Members(Vec<Name>),
    /// `contact "…"`.
    Contact(Text),
    /// `holds TOOLS [where C]`.
    Holds(ToolLine),
    /// `holds data SET`.
    HoldsData(At<SetExpr>),
}

/// `identity KIND "…" ["…"] [for PURPOSES]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct IdentityDecl {
    /// `spiffe`, `oidc`, `aws-role`, `kubernetes`, `entra`, `oauth`, `aws-principal`.
    pub kind: Name,
    /// One value; for `oidc` the issuer and the subject, for `aws-principal` the role and its external id.
    pub values: Vec<Text>,
    /// The purposes it serves; all when absent.
    pub purposes: Option<At<SetExpr>>,
}

/// A line of an `agent`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum AgentItem {
    /// `owner NAME`.
    Owner(Name),
    /// `identity …`.
    Identity(IdentityDecl),
    /// `authn at-least LEVEL`.
    Authn(Name),
    /// `review every D [last DATE by NAME]`; seconds.
    Review { every: At<i64>, last: Option<(At<i64>, Name)> },
    /// `tags NAME, …`.
    Tags(Vec<Name>),
    /// `suspended because "…"`.
    Suspended(Text),
}

/// A line of a `data` class.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum DataItem {
    /// `parent NAME`.
    Parent(Name),
    /// `sensitivity LEVEL`.
    Sensitivity(Name),
    /// `regulations NAME, …`.
    Regulations(Vec<Name>),
    /// `tags NAME, …`.
    Tags(Vec<Name>),
}

/// `arg …`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ArgDecl {
    /// The argument's name.
    pub name: Name,
    /// Whether `?` follows the name.
    pub optional: bool,
    /// Its type.
    pub ty: At<TypeExpr>,
    /// Its default, or what it is derived from.
    pub source: Option<ArgSource>,
}

/// What stands after `=` in an argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum ArgSource {
    /// A literal, filled in when the argument is absent. A bare name is an enumeration value.
    Default(At<Literal>),
    /// `each a.b.c`: gathered from the raw arguments.
    Each(Name),
}

/// A line of a `tool`, or of one of its variants (which have no arguments and no variants).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum ToolItem {
    /// `arg …`.
    Arg(ArgDecl),
    /// `effect E [irreversible]`.
    Effect { effect: Name, irreversible: bool },
    /// `reads SET`.
    Reads(At<SetExpr>),
    /// `writes SET`.
    Writes(At<SetExpr>),
    /// `touches nothing`.
    TouchesNothing,
    /// `ingests untrusted`.
    IngestsUntrusted,
    /// `reaches external`.
    ReachesExternal,
    /// `tags NAME, …`.
    Tags(Vec<Name>),
    /// `variant ARG VALUE { … }`.
    Variant(VariantDecl),
    /// `bind …`.
    Bind(Binding),
}

/// `variant ARG VALUE { … }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct VariantDecl {
    /// The enumerated argument.
    pub arg: Name,
    /// The value that selects the variant.
    pub value: Text,
    /// Its lines.
    pub items: Vec<At<ToolItem>>,
}

/// `bind TARGET …`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Binding {
    /// `bind mcp "server" "tool"`.
    Mcp { server: Text, tool: Text },
    /// `bind aws { … }`.
    Aws(BindAws),
    /// `bind kubernetes { … }`.
    Kubernetes(Vec<At<BindKubernetesItem>>),
}

/// The lines of `bind aws`.
pub type BindAws = Vec<At<BindAwsItem>>;

/// A line of `bind aws`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum BindAwsItem {
    /// `actions "s3:GetObject", …`.
    Actions(Vec<Text>),
    /// `resource "arn:…{args.x}…"`.
    Resource(Text),
    /// `key "aws:RequestedRegion" = args.region`.
    Key { key: Text, arg: Name },
}

/// A line of `bind kubernetes`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum BindKubernetesItem {
    /// `verbs get, list`.
    Verbs(Vec<Text>),
    /// `groups "apps", ""`.
    Groups(Vec<Text>),
    /// `resources "deployments", …`.
    Resources(Vec<Text>),
    /// `namespace …`.
    Namespace(NamespaceExpr),
    /// `name args.x` or `name "x"`.
    Name(NamespaceExpr),
    /// `field "spec.replicas" = args.replicas`.
    Field { path: Text, arg: Name },
}

/// Where a Kubernetes name comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum NamespaceExpr {
    /// `args.x`.
    Arg(Name),
    /// `"x"`.
    Fixed(Text),
    /// `cluster`: not in a namespace.
    Cluster,
}

/// A line of a `purpose`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum PurposeItem {
    /// `needs TOOLS [where C]`.
    Needs(ToolLine),
    /// `needs data SET`.
    NeedsData(At<SetExpr>),
}

/// A line of a `waive`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum WaiveItem {
    /// `by NAME`.
    By(Name),
    /// `because "…"`.
    Because(Text),
    /// `until DATE`.
    Until(At<i64>),
}
