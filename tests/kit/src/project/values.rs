//! Types, attributes and literals to draw from: few enough that policies and requests meet.

use crate::rng::Rng;

/// A type of the language, with what is needed to write literals of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int,
    Decimal,
    Text,
    /// A string that goes into resource names: short, plain literals.
    Label,
    Path,
    Url,
    Instant,
    Duration,
    Ip,
    Cidr,
    Person,
    Enum(&'static [&'static str]),
    Set(&'static Kind),
    Opaque,
}

/// An attribute that conditions may name: how it is written, and its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name without `args.` or `session.`.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
}

const fn attribute(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind }
}

/// What `state` may be.
const STATES: &[&str] = &["open", "closed", "in progress"];

/// Arguments by name. A name has one type everywhere, so that a line over several tools may speak
/// of what they share.
pub const ARGUMENTS: &[Attribute] = &[
    attribute("amount", Kind::Int),
    attribute("limit", Kind::Int),
    attribute("price", Kind::Decimal),
    attribute("budget", Kind::Decimal),
    attribute("note", Kind::Text),
    attribute("region", Kind::Text),
    attribute("file", Kind::Path),
    attribute("folder", Kind::Path),
    attribute("target", Kind::Url),
    attribute("due", Kind::Instant),
    attribute("wait", Kind::Duration),
    attribute("source", Kind::Ip),
    attribute("network", Kind::Cidr),
    attribute("state", Kind::Enum(STATES)),
    attribute("assignee", Kind::Person),
    attribute("force", Kind::Bool),
    attribute("labels", Kind::Set(&Kind::Text)),
    attribute("ports", Kind::Set(&Kind::Int)),
    attribute("states", Kind::Set(&Kind::Enum(STATES))),
    attribute("blob", Kind::Opaque),
];

/// Gathered from `files`.
pub const DERIVED: Attribute = attribute("paths", Kind::Set(&Kind::Path));

/// Selects a variant.
pub const METHOD: Attribute = attribute("method", Kind::Enum(&["create", "update", "purge"]));

/// What goes into an AWS resource and its condition key.
pub const AWS: [Attribute; 3] =
    [attribute("bucket", Kind::Label), attribute("key", Kind::Label), attribute("aws-region", Kind::Label)];

/// What names a Kubernetes object, and what stands in it.
pub const KUBERNETES: [Attribute; 4] = [
    attribute("namespace", Kind::Label),
    attribute("object", Kind::Label),
    attribute("replicas", Kind::Int),
    attribute("paused", Kind::Bool),
];

/// Declared session attributes.
pub const SESSION: &[Attribute] = &[
    attribute("environment", Kind::Enum(&["production", "staging"])),
    attribute("user", Kind::Person),
    attribute("address", Kind::Ip),
    attribute("quota", Kind::Int),
    attribute("level", Kind::Decimal),
    attribute("zone", Kind::Text),
    attribute("mfa", Kind::Bool),
    attribute("patience", Kind::Duration),
    attribute("shift", Kind::Instant),
    attribute("home", Kind::Path),
    attribute("origin", Kind::Url),
    attribute("scopes", Kind::Set(&Kind::Text)),
];

impl Kind {
    /// How the type is written.
    pub fn text(self) -> String {
        match self {
            Kind::Bool => "bool".into(),
            Kind::Int => "int".into(),
            Kind::Decimal => "decimal".into(),
            Kind::Text | Kind::Label => "string".into(),
            Kind::Path => "path".into(),
            Kind::Url => "url".into(),
            Kind::Instant => "instant".into(),
            Kind::Duration => "duration".into(),
            Kind::Ip => "ip".into(),
            Kind::Cidr => "cidr".into(),
            Kind::Person => "person".into(),
            Kind::Enum(values) => values.iter().map(|value| word(value)).collect::<Vec<_>>().join(" | "),
            // An alternative inside `set<…>` is written like any other type.
            Kind::Set(of) => format!("set<{}>", of.text()),
            Kind::Opaque => "opaque".into(),
        }
    }

    /// Whether `<` and its kin apply.
    pub fn is_ordered(self) -> bool {
        matches!(self, Kind::Int | Kind::Decimal | Kind::Instant | Kind::Duration)
    }

    /// A literal of the type, as a policy writes it. Sets and opaque values have none.
    pub fn literal(self, rng: &mut Rng, people: &[String]) -> String {
        let from = |rng: &mut Rng, of: &[&str]| rng.pick(of).to_string();
        match self {
            Kind::Bool => from(rng, &["true", "false"]),
            Kind::Int => from(rng, &["-1", "0", "1", "50", "100", "500", "1000", "10_000"]),
            Kind::Decimal => from(rng, &["-0.5", "0", "12.5", "99.99", "250", "0.0001"]),
            Kind::Text => from(
                rng,
                &[r#""EUR""#, r#""eu-west-1""#, r#""us-east-1""#, r#""grün ✓""#, r#""a \"b\"""#, r#""x\ny""#],
            ),
            Kind::Label => from(rng, &[r#""reports""#, r#""logs""#, r#""prod""#, r#""eu-west-1""#]),
            Kind::Path => {
                from(rng, &[r#""/srv/data""#, r#""/srv/data/in""#, r#""/home/ana""#, r#""/tmp/x.txt""#])
            }
            Kind::Url => from(
                rng,
                &[
                    r#""https://api.example.com/v1""#,
                    r#""https://files.example.com/v1/in""#,
                    r#""http://other.example:8080/x""#,
                ],
            ),
            Kind::Instant => from(rng, &["2026-10-01", "2026-12-01T10:00:00Z", "2027-01-31"]),
            Kind::Duration => from(rng, &["30s", "15m", "1h30m", "2d"]),
            Kind::Ip => from(rng, &[r#""10.0.0.1""#, r#""192.168.1.7""#, r#""2001:db8::1""#]),
            Kind::Cidr => from(rng, NETWORKS),
            Kind::Person => rng.pick(people).clone(),
            Kind::Enum(values) => word(rng.pick::<&str>(values)),
            Kind::Set(_) | Kind::Opaque => "true".into(),
        }
    }
}

/// Networks to test addresses against.
pub const NETWORKS: &[&str] = &[r#""10.0.0.0/8""#, r#""192.168.1.0/24""#, r#""2001:db8::/32""#];

/// Patterns for `like`.
pub const PATTERNS: &[&str] = &[r#""eu-*""#, r#""*-1""#, r#""*west*""#, r#""a\*b*""#, r#""us-*-1""#];

/// An enumeration's value as it is written: quoted when it is not a name.
fn word(value: &str) -> String {
    if value.contains(' ') { format!("{value:?}") } else { value.to_string() }
}
