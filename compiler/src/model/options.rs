//! How the project wants its exports: `[targets.NAME]` of `bailiwick.toml`.

use super::value::Str;
use serde::Serialize;
use std::collections::BTreeSet;

/// The options of the targets that have any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Options {
    /// Those of AWS IAM.
    pub iam: IamOptions,
    /// Those of Kubernetes.
    pub kubernetes: KubernetesOptions,
}

/// `[targets.kubernetes]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KubernetesOptions {
    /// Who takes bindings out when their grant expires; nobody when absent.
    pub clean_up: Option<CleanUp>,
}

/// Jobs in the cluster that each take out the bindings of one grant when it expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CleanUp {
    /// An image that has `sh`, `date` and `kubectl`.
    pub image: Str,
    /// Where the jobs run.
    pub namespace: Str,
}

impl CleanUp {
    /// Where the jobs run when nothing says otherwise.
    pub const NAMESPACE: &str = "bailiwick";
}

/// `[targets.iam]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IamOptions {
    /// How many managed policies a role takes: the account's quota, 10 to [`IamOptions::MOST_POLICIES`].
    pub managed_policies: usize,
    /// The tools for which roles and policies are written as well.
    pub wrappers: BTreeSet<Wrapper>,
}

impl IamOptions {
    /// The quota that AWS gives.
    pub const POLICIES: usize = 10;
    /// The most that AWS raises it to.
    pub const MOST_POLICIES: usize = 20;
}

impl Default for IamOptions {
    fn default() -> Self {
        Self { managed_policies: Self::POLICIES, wrappers: BTreeSet::new() }
    }
}

/// A tool that deploys policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the variants are the tools' own names
pub enum Wrapper {
    CloudFormation,
    Terraform,
}

impl Wrapper {
    /// Both, in the order of their words.
    pub const ALL: [Wrapper; 2] = [Wrapper::CloudFormation, Wrapper::Terraform];

    /// Its word in `bailiwick.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Wrapper::CloudFormation => "cloudformation",
            Wrapper::Terraform => "terraform",
        }
    }
}
