//! IAM and Kubernetes, which see calls, by the account that makes them.

use super::super::agreement::emit;
use super::super::cloud::{Assumed, Sampler, accounts, models};
use super::super::iam::{OfRole, concrete, folder, roles};
use super::super::kubernetes::Cluster;
use super::{Asked, Edit, Enforces, Files, edit, edited, policy, recombine};
use bailiwick_compiler::Model;
use bailiwick_compiler::model::IdentityKind;
use bailiwick_compiler::request::{read, write};
use bailiwick_compiler::targets::Fidelity;
use bailiwick_compiler::targets::iam::request::project as to_aws;
use bailiwick_compiler::targets::kubernetes::per_purpose;
use bailiwick_compiler::targets::kubernetes::request::{Projected, project as to_cluster};
use bailiwick_testkit::Rng;
use std::collections::BTreeMap;

/// Projects with source requests of their accounts, about half of them allowed.
fn asked(target: &str, kind: IdentityKind, of: impl Fn(Model) -> Model) -> Vec<(String, Model, Vec<Asked>)> {
    let with_requests = |(name, model): (String, Model)| {
        let model = of(model);
        let emission = emit(target, &model);
        let sampler = Sampler::new(&model);
        let rng = &mut Rng::new(5);
        let accounts = accounts(&model, kind);
        // an account that serves two purposes, or two agents, is given nothing, and read as either's
        let alone = accounts.iter().filter(|(account, agent, purpose)| {
            let same = |(a, b, c): &&(_, _, _)| a == account || (b, c) == (agent, purpose);
            accounts.iter().filter(same).count() == 1
        });
        let mut asked = Vec::new();
        for (account, agent, purpose) in alone {
            let assumed = Assumed::of_session(&model, &emission, *agent, *purpose);
            for _ in 0..12 {
                let Some(allowed) = sampler.allowed(rng, *agent, *purpose) else { break };
                let other = sampler.draw(rng, *agent, *purpose, allowed.op);
                asked.extend([allowed, other].into_iter().filter_map(|request| {
                    let json = write(&model, &request);
                    let read = read(&model, &json).ok()?;
                    // what is installed is not taken out in between, nor was it there before
                    let in_force = model.grants.iter().zip(&emission.outcomes).all(|(grant, outcome)| {
                        outcome.result == Fidelity::Refused
                            || (grant.starts.is_none_or(|start| start <= read.now)
                                && grant.expires.is_none_or(|end| read.now < end))
                    });
                    let assumed = in_force && assumed.admit(&model, &read);
                    Some(Asked { account: account.to_string(), json, read: Some(read), assumed })
                }));
            }
        }
        drop(sampler);
        (name, model, asked)
    };
    models().into_iter().take(25).map(with_requests).collect()
}

/// What IAM answers by the policies of each role, which the simulator is held to.
struct Iam(BTreeMap<String, OfRole>);

impl Enforces for Iam {
    fn load(files: &Files) -> Option<Self> {
        Some(Self(roles(files)))
    }

    fn allows(&mut self, model: &Model, asked: &Asked) -> Option<(bool, usize)> {
        let request = asked.read.as_ref()?;
        let calls = to_aws(model, &asked.account, request);
        let nothing = OfRole::default();
        let role = self.0.get(&folder(&asked.account)).unwrap_or(&nothing);
        // what AWS fills in by itself
        let filled = [
            ("aws:EpochTime", request.now.to_string()),
            ("aws:PrincipalArn", asked.account.clone()),
            ("aws:PrincipalAccount", asked.account.split(':').nth(4)?.to_owned()),
        ];
        let filled = filled.map(|(key, value)| (key.to_owned(), value));
        let through = calls.iter().all(|call| {
            let mut call = concrete(call.clone());
            call.context.extend(filled.clone());
            role.allow(&call)
        });
        (!calls.is_empty()).then_some((through, calls.len()))
    }
}

/// The documents of a role that decide, edited in some way. A wrapper is what the documents beside it
/// make, or nothing is understood: there is none.
fn documents(edit: Edit) {
    let bare = |mut model: Model| {
        model.options.iam.wrappers.clear();
        model
    };
    edited::<Iam>("iam", asked("iam", IdentityKind::AwsRole, bare), |path| {
        let name = path.rsplit('/').next()?;
        let decides = name.starts_with("policy-") || ["inline.json", "boundary.json"].contains(&name);
        decides.then_some(edit)
    });
}

#[test]
fn iam_is_read_as_it_is_enforced() {
    documents(edit::json);
}

#[test]
fn whatever_iam_policy_is_put_there_is_read_as_it_is_enforced() {
    documents(|rng, _| policy::policy(rng));
}

impl Enforces for Cluster {
    fn load(files: &Files) -> Option<Self> {
        Cluster::read(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect())
    }

    fn allows(&mut self, model: &Model, asked: &Asked) -> Option<(bool, usize)> {
        let made = to_cluster(model, &asked.account, asked.read.as_ref()?);
        // where any name may be there, one is, and none
        let calls = made.into_iter().flat_map(|made| {
            let mut named = made.clone();
            named.request.name = "any".to_owned();
            let other = made.any_name.then_some(named);
            [Some(made), other]
        });
        let calls: Vec<Projected> = calls.flatten().collect();
        (!calls.is_empty()).then(|| (calls.iter().all(|call| self.allow(call)), calls.len()))
    }
}

#[test]
fn kubernetes_is_read_as_it_is_enforced() {
    let of = |model: Model| per_purpose(&model).into_owned();
    let projects = asked("kubernetes", IdentityKind::Kubernetes, of);
    edited::<Cluster>("kubernetes", projects, |path| {
        path.ends_with(".yaml").then_some(edit::manifests as Edit)
    });
    let projects = asked("kubernetes", IdentityKind::Kubernetes, of);
    edited::<Cluster>("kubernetes", projects, |path| {
        path.starts_with("admission/").then_some(recombine::manifests as Edit)
    });
}
