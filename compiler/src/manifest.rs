//! `bailiwick.toml`: what a project is called, where its policies are, what `check` demands.
//!
//! A key that is not known is an error: a misspelt `ttl` would otherwise leave every grant
//! without one.

use crate::diagnostic::{Diagnostic, Explanation, error};
use crate::model::{CleanUp, IamOptions, Options, Severity, Str, Wrapper};
use crate::resolve::names::suggest;
use crate::targets::kubernetes::is_namespace;
use crate::types::value::duration_from_text;
use bailiwick_grammar::Span;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The file's name, and the module under which it is reported on.
pub const FILE: &str = "bailiwick.toml";

/// What `bailiwick.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The project's name.
    pub name: Str,
    /// Globs of the policy files, relative to the project; every `.grant` file when absent.
    pub sources: Option<Vec<Str>>,
    /// The targets to build; those that the tools are bound to when absent.
    pub targets: Option<Vec<Str>>,
    /// The least severity that makes `check` fail.
    pub threshold: Severity,
    /// The ttl of grants that state none, in seconds.
    pub ttl: Option<i64>,
    /// What `[targets.…]` say.
    pub options: Options,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            name: "".into(),
            sources: None,
            targets: None,
            threshold: Severity::Warning,
            ttl: None,
            options: Options::default(),
        }
    }
}

/// Reads a manifest. Every error is reported, at its place in the file.
pub fn parse(text: &str) -> Result<Manifest, Vec<Diagnostic>> {
    let mut reader = Reader { manifest: Manifest::default(), problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.document(table.get_ref()),
        Err(problem) => {
            let message = problem.message().replace('\n', ", ");
            reader.problem(
                problem.span().unwrap_or_default(),
                message,
                "the file is TOML: `key = \"value\"` under `[project]`",
            );
        }
    }
    if reader.problems.is_empty() { Ok(reader.manifest) } else { Err(reader.problems) }
}

type Value<'i> = Spanned<DeValue<'i>>;

struct Reader {
    manifest: Manifest,
    problems: Vec<Diagnostic>,
}

impl Reader {
    fn document(&mut self, table: &DeTable) {
        for (section, value) in table.iter() {
            match section.get_ref().as_ref() {
                "project" => self.section(value, &["name", "sources", "targets"], Self::project),
                "check" => self.section(value, &["threshold"], Self::check),
                "defaults" => self.section(value, &["ttl"], Self::defaults),
                "targets" => self.targets(value),
                other => self.unknown(section.span(), other, &["project", "check", "defaults", "targets"]),
            }
        }
    }

    fn section(&mut self, value: &Value, keys: &[&str], read: fn(&mut Self, &str, &Value)) {
        let DeValue::Table(table) = value.get_ref() else {
            self.problem(value.span(), "this is a table", "write it as `[project]`, with its keys below");
            return;
        };
        for (key, value) in table.iter() {
            match keys.iter().find(|known| **known == key.get_ref().as_ref()) {
                Some(known) => read(self, known, value),
                None => self.unknown(key.span(), key.get_ref(), keys),
            }
        }
    }

    fn project(&mut self, key: &str, value: &Value) {
        match key {
            "name" => {
                if let Some(name) = self.text(value) {
                    self.manifest.name = name;
                }
            }
            "sources" => self.manifest.sources = self.texts(value),
            _ => self.manifest.targets = self.texts(value),
        }
    }

    fn check(&mut self, _: &str, value: &Value) {
        let Some(word) = self.text(value) else { return };
        match Severity::named(&word) {
            Some(severity) => self.manifest.threshold = severity,
            None => self.problem(
                value.span(),
                format!("`{word}` is no severity"),
                "one of `note`, `warning`, `error`",
            ),
        }
    }

    fn defaults(&mut self, _: &str, value: &Value) {
        let Some(text) = self.text(value) else { return };
        match duration_from_text(&text).filter(|seconds| *seconds > 0) {
            Some(seconds) => self.manifest.ttl = Some(seconds),
            None => self.problem(
                value.span(),
                format!("`{text}` is no duration"),
                "write, say, `ttl = \"1h30m\"`",
            ),
        }
    }

    fn targets(&mut self, value: &Value) {
        let DeValue::Table(table) = value.get_ref() else {
            self.problem(value.span(), "this is a table", "write it as `[targets.iam]`, with its keys below");
            return;
        };
        for (target, value) in table.iter() {
            match target.get_ref().as_ref() {
                "iam" => self.section(value, &["managed-policies", "wrappers"], Self::iam),
                "kubernetes" => {
                    let keys = ["clean-up-image", "clean-up-namespace"];
                    self.section(value, &keys, Self::kubernetes);
                    self.clean_up(value.span());
                }
                other => self.unknown(target.span(), other, &["iam", "kubernetes"]),
            }
        }
    }

    fn iam(&mut self, key: &str, value: &Value) {
        if key == "wrappers" {
            for word in self.texts(value).unwrap_or_default() {
                match Wrapper::ALL.into_iter().find(|wrapper| wrapper.name() == &*word) {
                    Some(wrapper) => _ = self.manifest.options.iam.wrappers.insert(wrapper),
                    None => self.problem(
                        value.span(),
                        format!("there is no wrapper `{word}`"),
                        &format!("one of {}", crate::lower::list(&Wrapper::ALL.map(Wrapper::name))),
                    ),
                }
            }
            return;
        }
        let count = match value.get_ref() {
            DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        match count.filter(|count| (1..=IamOptions::MOST_POLICIES).contains(count)) {
            Some(count) => self.manifest.options.iam.managed_policies = count,
            None => self.problem(
                value.span(),
                format!("a role takes 1 to {} managed policies", IamOptions::MOST_POLICIES),
                &format!("write the quota of the account; AWS gives {}", IamOptions::POLICIES),
            ),
        }
    }

    fn kubernetes(&mut self, key: &str, value: &Value) {
        let Some(text) = self.text(value) else { return };
        let clean_up = self
            .manifest
            .options
            .kubernetes
            .clean_up
            .get_or_insert_with(|| CleanUp { image: "".into(), namespace: CleanUp::NAMESPACE.into() });
        match key {
            "clean-up-image" if is_image(&text) => clean_up.image = text,
            "clean-up-image" => {
                let help = "write, say, `clean-up-image = \"acme.example/kubectl:1.34\"`";
                self.problem(value.span(), format!("`{text}` is no image"), help);
            }
            _ if is_namespace(&text) => clean_up.namespace = text,
            _ => {
                let help = "lower-case letters, digits and `-`, at most 63";
                self.problem(value.span(), format!("`{text}` is no namespace"), help);
            }
        }
    }

    /// A place alone says of no job what it runs.
    fn clean_up(&mut self, span: Range<usize>) {
        let clean_up = self.manifest.options.kubernetes.clean_up.as_ref();
        if clean_up.is_some_and(|clean_up| clean_up.image.is_empty()) && self.problems.is_empty() {
            let help = "write `clean-up-image = \"…\"`: an image that has `sh`, `date` and `kubectl`";
            self.problem(span, "nothing says what cleans up", help);
        }
    }

    fn text(&mut self, value: &Value) -> Option<Str> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.as_ref().into()),
            _ => {
                self.problem(value.span(), "this is not a string", "put it in quotes");
                None
            }
        }
    }

    fn texts(&mut self, value: &Value) -> Option<Vec<Str>> {
        match value.get_ref() {
            DeValue::Array(values) => values.iter().map(|value| self.text(value)).collect(),
            _ => {
                self.problem(value.span(), "this is not a list", "write `[\"…\", \"…\"]`");
                None
            }
        }
    }

    fn unknown(&mut self, span: Range<usize>, key: &str, known: &[&str]) {
        let help = match suggest(key, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", crate::lower::list(known)),
        };
        self.problem(span, format!("there is no key `{key}` here"), &help);
    }

    fn problem(&mut self, span: Range<usize>, message: impl Into<String>, help: &str) {
        let span = Span::new(span.start, span.end);
        self.problems.push(error("bad-manifest", message).at(&FILE.into(), span).help(help));
    }
}

/// Whether the text can name an image: what a registry takes, and no white space.
fn is_image(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "-._/:@".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= 512 && text.chars().all(known)
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "bad-manifest",
    "`bailiwick.toml` is not TOML, has a key that is not known, or a value of another kind",
    "a misspelt `ttl` would leave every grant without one",
    "# in `bailiwick.toml`\n# [defaults]\n# tll = \"1h\"\n",
    "correct the key or the value; the help lists what is known",
)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::KubernetesOptions;

    #[test]
    fn a_manifest_is_read_whole() {
        let text = "[project]\nname = \"acme\"\nsources = [\"p/**/*.grant\"]\ntargets = [\"cedar\"]\n[check]\nthreshold = \"error\"\n[defaults]\nttl = \"1h\"\n[targets.iam]\nmanaged-policies = 20\nwrappers = [\"terraform\"]\n[targets.kubernetes]\nclean-up-image = \"acme.example/kubectl:1.34\"\n";
        let clean_up = CleanUp { image: "acme.example/kubectl:1.34".into(), namespace: "bailiwick".into() };
        let kubernetes = KubernetesOptions { clean_up: Some(clean_up) };
        let iam = IamOptions { managed_policies: 20, wrappers: [Wrapper::Terraform].into() };
        let manifest = Manifest {
            name: "acme".into(),
            sources: Some(vec!["p/**/*.grant".into()]),
            targets: Some(vec!["cedar".into()]),
            threshold: Severity::Error,
            ttl: Some(3600),
            options: Options { iam, kubernetes },
        };
        assert_eq!(parse(text), Ok(manifest));
        assert_eq!(parse(""), Ok(Manifest::default()));
    }

    #[test]
    fn slips_are_errors_at_their_place() {
        let text = "[project]\nnmae = \"acme\"\ntargets = \"cedar\"\n[defaults]\nttl = \"0s\"\n[chekc]\n[targets.iam]\nmanaged-policies = 21\nwrappers = [\"pulumi\"]\n[targets.ima]\n";
        let found: Vec<_> = parse(text)
            .unwrap_err()
            .into_iter()
            .map(|problem| {
                let at = problem.at.unwrap();
                (at.span.text(text).to_string(), problem.help.unwrap())
            })
            .collect();
        let expected = [
            ("nmae", "did you mean `name`?"),
            ("\"cedar\"", "write `[\"…\", \"…\"]`"),
            ("\"0s\"", "write, say, `ttl = \"1h30m\"`"),
            ("chekc", "did you mean `check`?"),
            ("21", "write the quota of the account; AWS gives 10"),
            ("[\"pulumi\"]", "one of `cloudformation`, `terraform`"),
            ("ima", "did you mean `iam`?"),
        ];
        assert_eq!(found, expected.map(|(text, help)| (text.to_string(), help.to_string())));
        assert_eq!(parse("[project\n").unwrap_err()[0].code, "bad-manifest");
        for wrong in
            ["clean-up-image = \"a b\"", "clean-up-namespace = \"Ops\"", "clean-up-namespace = \"ops\""]
        {
            assert!(parse(&format!("[targets.kubernetes]\n{wrong}\n")).is_err(), "{wrong}");
        }
    }
}
