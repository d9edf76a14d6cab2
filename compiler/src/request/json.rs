//! JSON, read one level at a time, so that numbers keep their exact text and a key that comes
//! twice is seen: parsers disagree on which of the two counts, so neither does.

use super::IllFormed;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A JSON value as its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The value that a text holds; an error when it is not JSON or nests deeper than 128 levels.
    pub(super) fn new(text: &'a str) -> Result<Self, IllFormed> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| IllFormed(format!("it is not JSON: {error}")))?;
        Ok(Self(raw.get()))
    }

    pub(super) fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The members of an object, in order, without those that are null: null is absent.
    pub(super) fn object(self, what: &str) -> Result<Vec<(Cow<'a, str>, Json<'a>)>, IllFormed> {
        let Members(members) = serde_json::from_str(self.0)
            .map_err(|_| IllFormed(format!("{what} is not an object, or has a key twice")))?;
        Ok(members
            .into_iter()
            .map(|(key, raw)| (key, Json(raw.get())))
            .filter(|(_, json)| !json.is_null())
            .collect())
    }

    /// The elements of an array.
    pub(super) fn array(self, what: &str) -> Result<Vec<Json<'a>>, IllFormed> {
        let elements: Vec<&RawValue> =
            serde_json::from_str(self.0).map_err(|_| IllFormed(format!("{what} is not an array")))?;
        Ok(elements.into_iter().map(|raw| Json(raw.get())).collect())
    }

    /// A string.
    pub(super) fn string(self, what: &str) -> Result<String, IllFormed> {
        serde_json::from_str(self.0).map_err(|_| IllFormed(format!("{what} is not a string")))
    }

    /// `true` or `false`.
    pub(super) fn bool(self) -> Option<bool> {
        match self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The text of a number.
    pub(super) fn number(self) -> Option<&'a str> {
        self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit()).then_some(self.0)
    }

    /// Whether it is an array.
    pub(super) fn is_array(self) -> bool {
        self.0.starts_with('[')
    }
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut members, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
                while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if !seen.insert(key.clone()) {
                        return Err(serde::de::Error::custom("a key comes twice"));
                    }
                    members.push((Cow::Owned(key), value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}
