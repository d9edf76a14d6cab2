//! Types and values.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

/// A name or a text that many places share.
pub type Str = Arc<str>;

/// The earliest instant, 1970-01-01T00:00:00Z, in seconds since 1970.
pub const EARLIEST: i64 = 0;
/// The first instant after the latest, 2200-01-01T00:00:00Z, in seconds since 1970.
pub const AFTER_LATEST: i64 = 7_258_118_400;
/// The most agents that a chain may have.
pub const MAX_CHAIN: usize = 8;

/// The type of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// 64-bit integers.
    Int,
    /// Decimals of four places.
    Decimal,
    /// Code points, as they are.
    String,
    /// Absolute, normalised paths.
    Path,
    /// Absolute, normalised URLs.
    Url,
    /// Whole seconds from [`EARLIEST`] to before [`AFTER_LATEST`].
    Instant,
    /// Whole seconds, not negative.
    Duration,
    /// IPv4 or IPv6 addresses, no IPv4-mapped ones.
    Ip,
    /// Networks without host bits.
    Cidr,
    /// One of these texts, sorted.
    Enum(Arc<[Str]>),
    /// A declared person, by name. A session attribute `user` of this type names the requester.
    Person,
    /// A set of one of the above.
    Set(Box<Type>),
    /// Anything: only its presence can be asked.
    Opaque,
    /// An authentication level; only `session.authn` has it.
    Authn,
}

impl Type {
    /// Whether its values are ordered, for `<` and its kin.
    pub fn is_ordered(&self) -> bool {
        matches!(self, Type::Int | Type::Decimal | Type::Instant | Type::Duration | Type::Authn)
    }

    /// Whether its values are written alike wherever a target meets them: a boolean, an integer or a
    /// text. Decimals, times and addresses have several notations, and a set has none.
    pub fn is_plain(&self) -> bool {
        match self {
            Type::Bool | Type::Int | Type::String | Type::Path | Type::Url | Type::Enum(_) | Type::Person => {
                true
            }
            Type::Decimal
            | Type::Instant
            | Type::Duration
            | Type::Ip
            | Type::Cidr
            | Type::Set(_)
            | Type::Opaque
            | Type::Authn => false,
        }
    }
}

/// A value. A text, an enumeration value, a path and a URL are all `Text`: the attribute's type tells which.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A decimal, in ten-thousandths.
    Decimal(i64),
    /// A string, path, URL, enumeration value or person.
    Text(Str),
    /// Seconds since 1970.
    Instant(i64),
    /// Seconds.
    Duration(i64),
    /// An address.
    Ip(IpAddr),
    /// A network.
    Cidr(Net),
    /// A level.
    Authn(Authn),
    /// A set.
    Set(BTreeSet<Value>),
    /// Something present of which nothing else can be asked.
    Opaque,
}

/// A network without host bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Net(pub ipnet::IpNet);

impl Serialize for Net {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// How a session proved who it is, weakest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authn {
    /// A shared secret.
    #[default]
    ApiKey,
    /// An OAuth token.
    Oauth,
    /// Mutual TLS.
    Mtls,
    /// A key in hardware.
    HardwareKey,
}

impl Authn {
    /// All levels, weakest first.
    pub const ALL: [Authn; 4] = [Authn::ApiKey, Authn::Oauth, Authn::Mtls, Authn::HardwareKey];

    /// Its word in the language.
    pub fn name(self) -> &'static str {
        match self {
            Authn::ApiKey => "api-key",
            Authn::Oauth => "oauth",
            Authn::Mtls => "mtls",
            Authn::HardwareKey => "hardware-key",
        }
    }

    /// The level with that word.
    pub fn named(word: &str) -> Option<Authn> {
        Self::ALL.into_iter().find(|level| level.name() == word)
    }
}

/// A record: what is absent has no entry.
pub type Record = BTreeMap<Str, Value>;
