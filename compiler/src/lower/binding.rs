//! Bindings: what a tool is in a target.

use super::identity::is_dns_name;
use super::scope::{Lowered, Reported, Scope};
use crate::diagnostic::{Explanation, error};
use crate::model::*;
use crate::resolve::names::suggest;
use bailiwick_grammar::ast::{self, BindAwsItem, BindKubernetesItem, Binding, Name, NamespaceExpr, Text};
use bailiwick_grammar::{At, Span};
use std::collections::BTreeMap;

/// A tool's signature.
type Args = BTreeMap<Str, Arg>;

impl Scope<'_> {
    /// The bindings of a tool or of one of its variants; in a variant those for a target replace
    /// the tool's.
    pub fn bindings(&mut self, args: &Args, inherited: &Bindings, lines: &[(&Binding, Span)]) -> Bindings {
        let mut bindings = Bindings::default();
        let mut mcp = None;
        for (line, span) in lines {
            match line {
                Binding::Mcp { server, tool } => {
                    self.once(&mut mcp, (server.node.clone(), tool.node.clone()), *span, "bind mcp");
                }
                Binding::Aws(items) => bindings.aws.extend(self.aws(args, items, *span)),
                Binding::Kubernetes(items) => bindings.kubernetes.extend(self.kubernetes(args, items, *span)),
            }
        }
        bindings.mcp = mcp.map(|mcp| mcp.node).or_else(|| inherited.mcp.clone());
        if bindings.aws.is_empty() {
            bindings.aws = inherited.aws.clone();
        }
        if bindings.kubernetes.is_empty() {
            bindings.kubernetes = inherited.kubernetes.clone();
        }
        bindings
    }

    fn aws(&mut self, args: &Args, items: &[At<BindAwsItem>], span: Span) -> Lowered<AwsBinding> {
        let mut binding = AwsBinding { actions: Vec::new(), resources: Vec::new(), keys: Vec::new() };
        let mut failed = false;
        for item in items {
            match &item.node {
                BindAwsItem::Actions(actions) => {
                    for action in actions {
                        failed |=
                            self.action(action, false).map(|action| binding.actions.push(action)).is_err();
                    }
                }
                BindAwsItem::Resource(text) => {
                    failed |=
                        self.template(args, text).map(|template| binding.resources.push(template)).is_err();
                }
                BindAwsItem::Key { key, arg } => {
                    let well_formed = key.split_once(':').is_some_and(|(service, name)| {
                        !service.is_empty()
                            && !name.is_empty()
                            && key.bytes().all(|byte| byte.is_ascii_graphic())
                    });
                    if !well_formed {
                        failed = true;
                        self.bad(
                            key.span,
                            "a condition key is written `service:Key`",
                            "write, say, `\"aws:RequestedRegion\"`",
                        );
                    }
                    failed |= self
                        .bound_arg(args, arg)
                        .map(|arg| binding.keys.push((key.node.clone(), arg)))
                        .is_err();
                }
            }
        }
        if !failed && binding.actions.is_empty() {
            failed = true;
            self.bad(span, "`bind aws` names no action", "add `actions \"service:Action\"`");
        }
        if !failed && binding.resources.is_empty() {
            failed = true;
            self.bad(
                span,
                "`bind aws` names no resource",
                "add `resource \"arn:…\"`, or `resource \"*\"` for actions that have none",
            );
        }
        if failed { Err(Reported) } else { Ok(binding) }
    }

    /// The calls that a `binding` predicate names.
    pub fn calls(&mut self, calls: &ast::Calls) -> Lowered<Calls> {
        match calls {
            ast::Calls::Aws { actions, resources } => {
                let actions: Vec<_> = actions.iter().map(|action| self.action(action, true)).collect();
                let resources: Vec<_> = resources.iter().map(|arn| self.arn(arn)).collect();
                Ok(Calls::Aws {
                    actions: actions.into_iter().collect::<Lowered<_>>()?,
                    resources: resources.into_iter().collect::<Lowered<_>>()?,
                })
            }
            ast::Calls::Kubernetes { verbs, resources, namespaces } => {
                let (mut words, mut kinds, mut places) = (Vec::new(), Vec::new(), Vec::new());
                let verbs = self.plain(verbs, &mut words, "verb", true);
                let resources = self.plain(resources, &mut kinds, "resource", true);
                self.plain(namespaces, &mut places, "namespace", true).and(verbs).and(resources)?;
                Ok(Calls::Kubernetes {
                    verbs: words,
                    resources: kinds.iter().map(|kind| KubernetesKind::read(kind)).collect(),
                    namespaces: places,
                })
            }
        }
    }

    /// An ARN, or a glob on one.
    fn arn(&mut self, text: &Text) -> Lowered<Str> {
        if text.starts_with("arn:") || &*text.node == "*" {
            return Ok(text.node.clone());
        }
        let message = format!("`{}` is no arn", text.node);
        Err(self.bad(text.span, &message, "write, say, `\"arn:*:iam::*:role/*\"`"))
    }

    /// A resource with `{args.NAME}` in it.
    fn template(&mut self, args: &Args, text: &Text) -> Lowered<Template> {
        if !text.starts_with("arn:") && &*text.node != "*" {
            return Err(self.bad(
                text.span,
                "a resource is an arn, or `*`",
                "write `\"arn:aws:s3:::{args.bucket}/{args.key}\"`",
            ));
        }
        let mut parts = Vec::new();
        let mut rest = &*text.node;
        while let Some(open) = rest.find(['{', '}']) {
            let hole = rest[open..].find('}').map(|close| &rest[open..open + close + 1]);
            let arg = hole.and_then(|hole| hole.strip_prefix("{args.")?.strip_suffix('}'));
            let (Some(hole), Some(arg)) = (hole, arg) else {
                return Err(self.bad(
                    text.span,
                    "a placeholder is written `{args.NAME}`",
                    "name an argument of the tool in each pair of braces",
                ));
            };
            if open > 0 {
                parts.push(TemplatePart::Text(rest[..open].into()));
            }
            let name = At::new(format!("args.{arg}").into(), text.span);
            parts.push(TemplatePart::Arg(self.bound_arg(args, &name)?));
            rest = &rest[open + hole.len()..];
        }
        if !rest.is_empty() {
            parts.push(TemplatePart::Text(rest.into()));
        }
        Ok(Template(parts))
    }

    /// `args.NAME`, declared.
    fn bound_arg(&mut self, args: &Args, name: &Name) -> Lowered<Str> {
        let arg = name.strip_prefix("args.").unwrap_or_default();
        match args.get_key_value(arg) {
            Some((name, _)) => Ok(name.clone()),
            None => {
                let help = match suggest(arg, args.keys()) {
                    Some(near) => format!("did you mean `args.{near}`?"),
                    None => format!("declare it: `arg {arg}: string`"),
                };
                Err(self.bad(name.span, &format!("this tool has no argument `{arg}`"), &help))
            }
        }
    }

    fn kubernetes(
        &mut self,
        args: &Args,
        items: &[At<BindKubernetesItem>],
        span: Span,
    ) -> Lowered<KubernetesBinding> {
        let (mut verbs, mut groups, mut resources) = (Vec::new(), Vec::new(), Vec::new());
        let (mut namespace, mut name) = (None, None);
        let mut fields = Vec::new();
        let mut failed = false;
        for item in items {
            match &item.node {
                BindKubernetesItem::Verbs(words) => {
                    failed |= self.plain(words, &mut verbs, "verb", false).is_err()
                }
                BindKubernetesItem::Groups(words) => {
                    groups.extend(words.iter().map(|word| word.node.clone()))
                }
                BindKubernetesItem::Resources(words) => {
                    failed |= self.plain(words, &mut resources, "resource", false).is_err()
                }
                BindKubernetesItem::Namespace(place) => {
                    let place = self.place(args, place);
                    failed |=
                        place.map(|place| self.once(&mut namespace, place, item.span, "namespace")).is_err();
                }
                BindKubernetesItem::Name(NamespaceExpr::Cluster) => {
                    failed = true;
                    self.bad(
                        item.span,
                        "an object's name is an argument or a string",
                        "write `name args.NAME` or `name \"x\"`",
                    );
                }
                BindKubernetesItem::Name(place) => {
                    let place = self.place(args, place);
                    failed |= place.map(|place| self.once(&mut name, place, item.span, "name")).is_err();
                }
                BindKubernetesItem::Field { path, arg } => {
                    failed |= self.field(args, path, arg, &mut fields).is_err();
                }
            }
        }
        for (words, line) in [(&verbs, "verbs"), (&groups, "groups"), (&resources, "resources")] {
            if !failed && words.is_empty() {
                failed = true;
                self.bad(
                    span,
                    &format!("`bind kubernetes` names no {line}"),
                    &format!("add a `{line}` line (`groups \"\"` is the core group)"),
                );
            }
        }
        if !failed && namespace.is_none() {
            failed = true;
            self.bad(
                span,
                "`bind kubernetes` does not say where",
                "add `namespace args.NAME`, `namespace \"x\"` or `namespace cluster`",
            );
        }
        match namespace {
            Some(namespace) if !failed => Ok(KubernetesBinding {
                verbs,
                groups,
                resources,
                namespace: namespace.node,
                name: name.map(|name| name.node),
                fields,
            }),
            _ => Err(Reported),
        }
    }

    /// `field "spec.replicas" = args.replicas`: the path and the argument, each for the first time.
    fn field(&mut self, args: &Args, path: &Text, arg: &Name, into: &mut Vec<(Str, Str)>) -> Lowered<()> {
        let name = self.bound_arg(args, arg)?;
        if !is_field(path) {
            let message = format!("`{}` is no field of an object that a condition can speak of", path.node);
            let help = "write names of letters, digits and `_`, joined by dots: `\"spec.replicas\"`; the \
                        object's own name and namespace are what `name` and `namespace` say";
            return Err(self.bad(path.span, &message, help));
        }
        if !args.get(&name).is_some_and(|arg| arg.ty.is_plain()) {
            let message = format!("`args.{name}` is of a type that no field of an object is compared with");
            let help =
                "bind arguments of type `bool`, `int`, `string`, `path`, `url`, `person` or an enumeration";
            return Err(self.bad(arg.span, &message, help));
        }
        if let Some((have, of)) = into.iter().find(|(have, of)| *have == path.node || *of == name) {
            let message = format!("`args.{of}` is already what stands in `{have}`");
            return Err(self.bad(path.span, &message, "a field has one argument, and an argument one field"));
        }
        into.push((path.node.clone(), name));
        Ok(())
    }

    /// Words of Kubernetes; `globs` tells whether `*` may stand in them.
    fn plain(&mut self, words: &[Text], into: &mut Vec<Str>, what: &str, globs: bool) -> Lowered<()> {
        let mut result = Ok(());
        for word in words {
            let fine = |byte: u8| {
                byte.is_ascii_lowercase()
                    || byte.is_ascii_digit()
                    || b"-./:".contains(&byte)
                    || globs && byte == b'*'
            };
            if word.is_empty() || !word.bytes().all(fine) {
                let message = format!("`{}` is no {what}", word.node);
                let help = match globs {
                    true => format!("a {what} is written in lower case; `*` is any run of characters"),
                    false => format!("write each {what} out, in lower case, without wildcards"),
                };
                result = Err(self.bad(word.span, &message, &help));
            }
            into.push(word.node.clone());
        }
        result
    }

    fn place(&mut self, args: &Args, place: &NamespaceExpr) -> Lowered<Place> {
        match place {
            NamespaceExpr::Arg(arg) => self.bound_arg(args, arg).map(Place::Arg),
            NamespaceExpr::Fixed(text) if is_dns_name(text, 253) => Ok(Place::Fixed(text.node.clone())),
            NamespaceExpr::Fixed(text) => {
                let message = format!("`{}` is no name in kubernetes", text.node);
                Err(self.bad(text.span, &message, "names are lower-case letters, digits, `-` and `.`"))
            }
            NamespaceExpr::Cluster => Ok(Place::Cluster),
        }
    }

    /// Reports that a binding is wrong.
    pub fn bad(&mut self, span: Span, message: &str, help: &str) -> Reported {
        self.report(error("bad-binding", message).help(help), span)
    }
}

/// Whether a condition on an admitted object may name this field: identifiers of CEL joined by dots.
fn is_field(path: &str) -> bool {
    // What CEL keeps for itself, as names of fields: github.com/google/cel-spec, "Syntax".
    const RESERVED: [&str; 21] = [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ];
    let identifier = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with("__")
            && !RESERVED.contains(&name)
    };
    path.split('.').count() <= 16
        && path.split('.').all(identifier)
        && !matches!(path, "metadata" | "metadata.name" | "metadata.namespace" | "metadata.generateName")
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[Explanation::error(
    "bad-binding",
    "a binding is incomplete, names an argument that the tool does not have, or has a wildcard",
    "an export would allow something else than the tool does, or more",
    "tool get { arg key: string  effect read  touches nothing\n  bind aws { actions \"s3:*\"  resource \"arn:aws:s3:::b/{args.key}\" } }\n",
    "write out every action, verb and resource, and use the tool's own arguments in placeholders",
)];
