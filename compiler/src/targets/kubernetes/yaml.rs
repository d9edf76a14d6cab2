//! YAML of the little kind that manifests need: block mappings and lists, every text in double
//! quotes with JSON's escapes, which YAML shares. So no text is ever read as anything else.

use std::fmt::Write;

/// A value.
#[derive(Clone)]
pub enum Yaml {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A list.
    List(Vec<Yaml>),
    /// A mapping; keys are plain words or quoted by need.
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    /// A mapping.
    pub fn map<const N: usize>(entries: [(&str, Yaml); N]) -> Yaml {
        Yaml::Map(entries.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
    }

    /// A list of texts.
    pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Yaml {
        Yaml::List(texts.into_iter().map(Yaml::text).collect())
    }

    /// A text.
    pub fn text(text: &str) -> Yaml {
        Yaml::Text(text.to_string())
    }

    fn is_scalar(&self) -> bool {
        match self {
            Yaml::Text(_) | Yaml::Bool(_) | Yaml::Int(_) => true,
            Yaml::List(items) => items.is_empty(),
            Yaml::Map(entries) => entries.is_empty(),
        }
    }

    fn scalar(&self) -> String {
        match self {
            Yaml::Text(text) => quote(text),
            Yaml::Bool(value) => value.to_string(),
            Yaml::Int(value) => value.to_string(),
            Yaml::List(_) => "[]".to_string(),
            Yaml::Map(_) => "{}".to_string(),
        }
    }

    /// Writes it as a block, every line indented, the first one too.
    fn block(&self, indent: usize, out: &mut String) {
        let pad = " ".repeat(indent);
        match self {
            Yaml::Text(_) | Yaml::Bool(_) | Yaml::Int(_) => {
                let _ = writeln!(out, "{pad}{}", self.scalar());
            }
            Yaml::List(items) => {
                for item in items {
                    let mut inner = String::new();
                    item.block(indent + 2, &mut inner);
                    let _ = write!(out, "{pad}- {}", inner.trim_start());
                }
            }
            Yaml::Map(entries) => {
                for (key, value) in entries {
                    let key = if plain(key) { key.clone() } else { quote(key) };
                    if value.is_scalar() {
                        let _ = writeln!(out, "{pad}{key}: {}", value.scalar());
                    } else {
                        let _ = writeln!(out, "{pad}{key}:");
                        value.block(indent + 2, out);
                    }
                }
            }
        }
    }
}

/// Documents as one stream.
pub fn stream(documents: &[Yaml]) -> String {
    let texts = documents.iter().map(|document| {
        let mut text = String::new();
        document.block(0, &mut text);
        text
    });
    texts.collect::<Vec<_>>().join("---\n")
}

fn plain(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_'))
        && !matches!(
            key.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        )
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        let value = Yaml::map([
            ("no", Yaml::texts(["no", "1e3", "a: b # c", "\"\n"])),
            ("on", Yaml::Map(vec![])),
            ("yes-ish", Yaml::List(vec![Yaml::map([("a", Yaml::text("x")), ("b", Yaml::Bool(false))])])),
        ]);
        let expected = [
            r#""no":"#,
            r#"  - "no""#,
            r#"  - "1e3""#,
            r#"  - "a: b # c""#,
            r#"  - "\"\n""#,
            r#""on": {}"#,
            "yes-ish:",
            r#"  - a: "x""#,
            "    b: false",
            "---",
            r#""~""#,
        ];
        assert_eq!(stream(&[value, Yaml::text("~")]).lines().collect::<Vec<_>>(), expected);
    }
}
