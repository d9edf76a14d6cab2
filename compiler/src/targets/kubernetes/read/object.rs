//! Documents to objects: every field that says something is known, or the object is unread.

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// An object's fields, taken out one by one; whoever is done looks at what is left.
pub struct Fields(Map<String, Json>);

impl Fields {
    /// Those of a mapping.
    pub fn of(value: Json, what: &str) -> Result<Fields, String> {
        match value {
            Json::Object(entries) => Ok(Fields(entries)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                Err(format!("{what} is no mapping"))
            }
        }
    }

    /// Takes a field; null is as good as absent.
    pub fn take(&mut self, key: &str) -> Option<Json> {
        self.0.remove(key).filter(|value| !value.is_null())
    }

    /// Takes a mapping; an absent one is empty.
    pub fn map(&mut self, key: &str) -> Result<Fields, String> {
        self.take(key).map_or(Ok(Fields(Map::new())), |value| Fields::of(value, &format!("`{key}`")))
    }

    /// Takes a text.
    pub fn text(&mut self, key: &str) -> Result<Option<String>, String> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{key}` is no text")),
        }
    }

    /// Takes a list; an absent one is empty.
    pub fn list(&mut self, key: &str) -> Result<Vec<Json>, String> {
        match self.take(key) {
            None => Ok(Vec::new()),
            Some(Json::Array(items)) => Ok(items),
            Some(_) => Err(format!("`{key}` is no list")),
        }
    }

    /// Takes a list of texts; an absent one is empty.
    pub fn texts(&mut self, key: &str) -> Result<Vec<String>, String> {
        let items = self.list(key)?.into_iter().map(|item| match item {
            Json::String(text) => Ok(text),
            _ => Err(format!("`{key}` holds something that is no text")),
        });
        items.collect()
    }

    /// Takes a mapping from texts to texts; an absent one is empty.
    pub fn words(&mut self, key: &str) -> Result<BTreeMap<String, String>, String> {
        let entries = self.map(key)?.0.into_iter().map(|(name, value)| match value {
            Json::String(text) => Ok((name, text)),
            _ => Err(format!("`{key}` holds something that is no text")),
        });
        entries.collect()
    }

    /// Demands that nothing is left.
    pub fn done(self, what: &str) -> Result<(), String> {
        match self.0.iter().find(|(_, value)| !value.is_null()) {
            Some((key, _)) => Err(format!("{what} has a field `{key}` that is not known")),
            None => Ok(()),
        }
    }
}

/// What every object says of itself.
pub struct Meta {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl Meta {
    /// Takes `metadata`. What only the API server writes there means nothing here.
    pub fn take(fields: &mut Fields) -> Result<Meta, String> {
        let mut meta = fields.map("metadata")?;
        for key in ["creationTimestamp", "uid", "resourceVersion", "generation", "managedFields", "selfLink"]
        {
            meta.take(key);
        }
        // for people: the authorizer does not look at them
        meta.words("annotations")?;
        let read = Meta {
            name: meta.text("name")?.filter(|name| !name.is_empty()).ok_or("it has no name")?,
            namespace: meta.text("namespace")?.filter(|name| !name.is_empty()),
            labels: meta.words("labels")?,
        };
        meta.done("`metadata`")?;
        Ok(read)
    }
}

/// An object before it is looked into.
pub struct Object {
    /// `group/version`, the group left out for the core.
    pub version: String,
    /// Its kind.
    pub kind: String,
    /// The rest.
    pub fields: Fields,
}

/// The objects of a document: itself, or the items of a list.
pub fn objects(document: Json) -> Result<Vec<Object>, String> {
    let mut fields = Fields::of(document, "a document")?;
    let version = fields.text("apiVersion")?.ok_or("it has no `apiVersion`")?;
    let kind = fields.text("kind")?.ok_or("it has no `kind`")?;
    if kind != "List" {
        return Ok(vec![Object { version, kind, fields }]);
    }
    let items = fields.list("items")?;
    fields.take("metadata");
    fields.done("a list")?;
    let mut all = Vec::new();
    for item in items {
        // A list in a list is nothing that Kubernetes takes.
        let mut item = objects(item)?;
        if item.len() != 1 {
            return Err("a list stands in a list".to_string());
        }
        all.append(&mut item);
    }
    Ok(all)
}
