//! What a tool's call is in a target, and which object it concerns there.
//!
//! Worked example. A tool bound to `iam:PassRole` on `arn:aws:iam::123456789012:role/{args.role}`
//! makes the call that `binding aws "iam:Pass*"` names, and concerns the role that its argument
//! names. Bindings and predicates may both have `*` in them; they meet when some call is both.

use super::estate::{AwsBinding, Bindings, KubernetesBinding, Place, Template, TemplatePart};
use super::value::Str;
use crate::resolve::glob;
use serde::Serialize;

/// Calls in a target, as a `binding` predicate names them: globs, alternatives of each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Calls {
    /// These actions, on these resources; on any when none is stated.
    Aws {
        /// `service:Action`.
        actions: Vec<Str>,
        /// ARNs.
        resources: Vec<Str>,
    },
    /// These verbs, on these resources, in these namespaces; in any when none is stated.
    Kubernetes {
        /// Verbs.
        verbs: Vec<Str>,
        /// What is called.
        resources: Vec<KubernetesKind>,
        /// Namespaces.
        namespaces: Vec<Str>,
    },
}

/// `RESOURCE[.GROUP][/SUBRESOURCE]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct KubernetesKind {
    /// The resource, with its subresource after `/`.
    pub resource: Str,
    /// The API group; empty for the core group.
    pub group: Str,
}

/// One call that an operation makes in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetCall {
    /// For a sentence: `iam:PassRole`, `create pods`.
    pub name: String,
    /// The object that it concerns: an ARN, or `NAMESPACE/NAME/RESOURCE.GROUP` with `*` for what
    /// the binding does not say.
    pub object: Template,
}

impl KubernetesKind {
    /// Reads `RESOURCE[.GROUP][/SUBRESOURCE]`.
    pub fn read(text: &str) -> KubernetesKind {
        let (kind, subresource) = match text.split_once('/') {
            Some((kind, subresource)) => (kind, Some(subresource)),
            None => (text, None),
        };
        let (resource, group) = kind.split_once('.').unwrap_or((kind, ""));
        let resource = match subresource {
            Some(subresource) => format!("{resource}/{subresource}").into(),
            None => resource.into(),
        };
        KubernetesKind { resource, group: group.into() }
    }
}

impl Calls {
    /// The calls among these that an operation with such bindings may make.
    pub fn made_by(&self, bindings: &Bindings) -> Vec<TargetCall> {
        match self {
            Calls::Aws { actions, resources } => {
                let calls = bindings.aws.iter().flat_map(aws);
                calls
                    .filter(|(action, call)| {
                        actions.iter().any(|wanted| {
                            glob::meet(&wanted.to_ascii_lowercase(), &action.to_ascii_lowercase())
                        }) && any(resources, &call.object.glob())
                    })
                    .map(|(_, call)| call)
                    .collect()
            }
            Calls::Kubernetes { verbs, resources, namespaces } => {
                let calls = bindings.kubernetes.iter().flat_map(kubernetes);
                calls
                    .filter(|(verb, kind, namespace, _)| {
                        any(verbs, verb)
                            && resources.iter().any(|wanted| {
                                glob::meet(&wanted.resource, &kind.resource)
                                    && glob::meet(&wanted.group, &kind.group)
                            })
                            && any(namespaces, namespace)
                    })
                    .map(|(.., call)| call)
                    .collect()
            }
        }
    }

    /// What its resources or namespaces ask of an object, as globs; none when nothing.
    pub fn objects(&self) -> Vec<String> {
        match self {
            Calls::Aws { resources, .. } => resources.iter().map(|arn| arn.to_string()).collect(),
            Calls::Kubernetes { namespaces, .. } => {
                namespaces.iter().map(|namespace| format!("{namespace}/*")).collect()
            }
        }
    }
}

impl Bindings {
    /// Every call that an operation with such bindings may make.
    pub fn calls(&self) -> Vec<TargetCall> {
        let aws = self.aws.iter().flat_map(aws).map(|(_, call)| call);
        aws.chain(self.kubernetes.iter().flat_map(kubernetes).map(|(.., call)| call)).collect()
    }
}

impl Template {
    /// The texts that it may become, arguments being anything.
    pub fn glob(&self) -> String {
        let parts = self.0.iter().map(|part| match part {
            TemplatePart::Text(text) => text,
            TemplatePart::Arg(_) => "*",
        });
        parts.collect()
    }
}

/// Whether one of the globs, or everything when there is none, meets another.
fn any(wanted: &[Str], glob: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| glob::meet(wanted, glob))
}

fn aws(binding: &AwsBinding) -> impl Iterator<Item = (&Str, TargetCall)> {
    binding.actions.iter().flat_map(|action| {
        let calls = binding.resources.iter();
        calls.map(move |object| (action, TargetCall { name: action.to_string(), object: object.clone() }))
    })
}

/// Verb, kind, namespace and the call.
fn kubernetes(
    binding: &KubernetesBinding,
) -> impl Iterator<Item = (&Str, KubernetesKind, String, TargetCall)> {
    let namespace = place(Some(&binding.namespace));
    let name = place(binding.name.as_ref());
    binding.verbs.iter().flat_map(move |verb| {
        let (namespace, name) = (namespace.clone(), name.clone());
        let kinds = binding.resources.iter().flat_map(|resource| {
            let kind = |group: &Str| KubernetesKind { resource: resource.clone(), group: group.clone() };
            binding.groups.iter().map(kind)
        });
        kinds.map(move |kind| {
            // A subresource belongs to the object that it is of.
            let resource = kind.resource.split('/').next().unwrap_or_default();
            let dot = if kind.group.is_empty() { "" } else { "." };
            let text = |text: &str| TemplatePart::Text(text.into());
            let of_kind = text(&format!("/{resource}{dot}{}", kind.group));
            let object = Template(vec![namespace.clone(), text("/"), name.clone(), of_kind]);
            let called = format!("{verb} {}", kind.resource);
            (verb, kind, Template(vec![namespace.clone()]).glob(), TargetCall { name: called, object })
        })
    })
}

/// A namespace or a name; `*` where the binding leaves it open. A call in no namespace may also be
/// how a tool reaches all of them.
fn place(place: Option<&Place>) -> TemplatePart {
    match place {
        Some(Place::Arg(arg)) => TemplatePart::Arg(arg.clone()),
        Some(Place::Fixed(name)) => TemplatePart::Text(name.clone()),
        Some(Place::Cluster) | None => TemplatePart::Text("*".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws_bound(actions: &[&str], resource: &str) -> Bindings {
        let actions = actions.iter().map(|action| (*action).into()).collect();
        let resources = vec![Template(vec![TemplatePart::Text(resource.into())])];
        Bindings { aws: vec![AwsBinding { actions, resources, keys: Vec::new() }], ..Bindings::default() }
    }

    fn kubernetes_bound(verb: &str, group: &str, resource: &str, namespace: Place) -> Bindings {
        let binding = KubernetesBinding {
            verbs: vec![verb.into()],
            groups: vec![group.into()],
            resources: vec![resource.into()],
            namespace,
            name: None,
            fields: Vec::new(),
        };
        Bindings { kubernetes: vec![binding], ..Bindings::default() }
    }

    #[test]
    fn actions_meet_whatever_their_case_and_whoever_has_the_star() {
        let pass = |pattern: &str| Calls::Aws { actions: vec![pattern.into()], resources: Vec::new() };
        let role = "arn:aws:iam::123456789012:role/x";
        for (wanted, bound) in [
            ("iam:PassRole", "iam:PassRole"),
            ("iam:passrole", "iam:PassRole"),
            ("iam:Pass*", "iam:PassRole"),
            ("iam:PassRole", "iam:*"),
            ("iam:PassRole", "iam:*Role"),
            ("iam:Pass*", "iam:*Role"),
            ("iam:PassRole", "*"),
        ] {
            assert_eq!(pass(wanted).made_by(&aws_bound(&[bound], role)).len(), 1, "{wanted} {bound}");
        }
        for (wanted, bound) in
            [("iam:PassRole", "iam:GetRole"), ("iam:PassRole", "s3:*"), ("iam:Get*", "iam:Pass*")]
        {
            assert!(pass(wanted).made_by(&aws_bound(&[bound], role)).is_empty(), "{wanted} {bound}");
        }
    }

    #[test]
    fn a_fixed_resource_bounds_a_wildcard() {
        let pass = Calls::Aws {
            actions: vec!["iam:PassRole".into()],
            resources: vec!["arn:*:iam::*:role/*".into()],
        };
        assert!(pass.made_by(&aws_bound(&["*"], "arn:aws:s3:::reports/x")).is_empty());
        assert_eq!(pass.made_by(&aws_bound(&["*"], "arn:aws:iam::123456789012:role/x")).len(), 1);
        assert_eq!(pass.made_by(&aws_bound(&["*"], "*")).len(), 1);
    }

    #[test]
    fn groups_and_subresources_are_told_apart() {
        let named = |verb: &str, kind: &str| Calls::Kubernetes {
            verbs: vec![verb.into()],
            resources: vec![KubernetesKind::read(kind)],
            namespaces: Vec::new(),
        };
        let made = |calls: &Calls, verb, group, resource| {
            !calls.made_by(&kubernetes_bound(verb, group, resource, Place::Cluster)).is_empty()
        };
        let exec = named("create", "pods/exec");
        assert!(made(&exec, "create", "", "pods/exec") && made(&exec, "*", "", "*"));
        assert!(!made(&exec, "create", "", "pods") && !made(&exec, "get", "", "pods/exec"));
        let scale = named("patch", "deployments.apps/scale");
        assert!(made(&scale, "patch", "apps", "deployments/scale"));
        assert!(made(&scale, "patch", "*", "*/scale") && !made(&scale, "patch", "", "deployments/scale"));
        let anywhere = named("*", "deployments.*");
        assert!(made(&anywhere, "get", "extensions", "deployments"));
        assert!(made(&anywhere, "get", "", "deployments"));
    }

    #[test]
    fn a_namespace_that_is_not_fixed_may_be_any() {
        let calls = Calls::Kubernetes {
            verbs: vec!["patch".into()],
            resources: vec![KubernetesKind::read("configmaps")],
            namespaces: vec!["kube-system".into()],
        };
        let made = |namespace| calls.made_by(&kubernetes_bound("patch", "", "configmaps", namespace)).len();
        assert_eq!(made(Place::Fixed("kube-system".into())), 1);
        assert_eq!(made(Place::Arg("where".into())), 1);
        assert_eq!(made(Place::Cluster), 1);
        assert_eq!(made(Place::Fixed("shop".into())), 0);
    }
}
