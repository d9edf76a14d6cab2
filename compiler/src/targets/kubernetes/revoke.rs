//! A suspension by itself: what to delete.

use super::accounts::{check, per_purpose};
use super::emit;
use super::manifests::label;
use super::read::manifests;
use super::yaml::{Yaml, stream};
use crate::model::{Grant, IdentityKind, Model, Str};
use crate::revoke::{Revocation, Revoked};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One list for `kubectl delete --filename`: the agent's service accounts, whose tokens die with
/// them, and the bindings of all its grants, those that a forbid narrows today included.
pub(super) fn revoke(revocation: &Revocation, model: Option<&Model>) -> Revoked {
    let mut revoked = Revoked::default();
    let mut documents = Vec::new();
    let model = model.map(per_purpose);
    let mut accounts: BTreeSet<&Str> = revocation.accounts(IdentityKind::Kubernetes).collect();
    for agent in model.iter().flat_map(|model| &model.agents).filter(|agent| agent.name == revocation.agent) {
        let identities = agent.identities.iter().filter(|identity| identity.kind == IdentityKind::Kubernetes);
        accounts.extend(identities.map(|identity| &identity.value));
    }
    for account in accounts {
        match (check(account), account.split_once('/')) {
            (Ok(()), Some((namespace, name))) => {
                documents.push(reference("v1", "ServiceAccount", Some(namespace), name));
            }
            (Err(reason), _) => revoked.missing.push(reason),
            (Ok(()), None) => {}
        }
    }
    if documents.is_empty() {
        return revoked;
    }
    match &model {
        Some(model) => documents.extend(bindings(revocation, model)),
        None => revoked.missing.push(format!(
            "the project does not compile, so neither the bindings nor the accounts of single purposes are \
             listed; `kubectl delete serviceaccounts,rolebindings,clusterrolebindings --all-namespaces --selector \
             bailiwick.dev/agent={}` takes them out",
            label(&revocation.agent)
        )),
    }
    revoked.files.insert("delete.yaml".to_string(), stream(&documents));
    revoked
}

/// The bindings that any build may have made for the agent's grants.
fn bindings(revocation: &Revocation, model: &Model) -> Vec<Yaml> {
    let own = model.grants.iter().filter(|grant| model.agent(grant.to).name == revocation.agent);
    // whenever that build was
    let always = |grant: &Arc<Grant>| Arc::new(Grant { starts: None, expires: None, ..(**grant).clone() });
    let grants = own.map(always).collect();
    let mut model = model.clone();
    model.grants = grants;
    model.forbids.clear();
    let files = emit(&model, revocation.now).files;
    let read = manifests(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let bindings = read.bindings.into_iter().map(|binding| {
        let kind = if binding.namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" };
        reference("rbac.authorization.k8s.io/v1", kind, binding.namespace.as_deref(), &binding.name)
    });
    bindings.collect()
}

fn reference(version: &str, kind: &str, namespace: Option<&str>, name: &str) -> Yaml {
    let mut metadata = vec![("name".to_string(), Yaml::text(name))];
    metadata.extend(namespace.map(|namespace| ("namespace".to_string(), Yaml::text(namespace))));
    Yaml::map([
        ("apiVersion", Yaml::text(version)),
        ("kind", Yaml::text(kind)),
        ("metadata", Yaml::Map(metadata)),
    ])
}
