//! Bindings that take themselves out: for each grant that expires a job in the cluster, on demand.
//!
//! RBAC does not know the time, so that a grant ends when its file is removed is an assumption. The
//! job makes it true where nobody else does. It has an account of its own, which may delete the
//! bindings of that one grant and nothing else, so that whoever gets hold of it can only end access.
//! A schedule has minutes and no years, and a pod takes time to start: the job starts in the last
//! minute that begins [`AHEAD`] seconds before the end or earlier, every year, and does nothing
//! before the year of the end.

use super::manifests::{Marks, RBAC, common, marks, role_name};
use super::names::readable;
use super::read::documents;
use super::yaml::{Yaml, stream};
use crate::model::*;
use crate::targets::stem::stem;
use crate::types::value::instant_text;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// How long before the end a pod is started, at least: seconds.
const AHEAD: i64 = 60;

/// What a container runs: its arguments are the moment and those of `kubectl`.
const SCRIPT: &str = r#"test "$(date +%s)" -lt "$0" || exec kubectl "$@""#;

/// Where the job of a grant is.
pub fn file(grant: &Grant) -> String {
    format!("clean-up/{}.yaml", stem(&grant.name))
}

/// Where a grant has bindings: namespaces, and the cluster.
pub type Places<'a> = BTreeSet<Option<&'a str>>;

/// The account, roles, bindings and job that take out the bindings of a grant; `None` when nobody
/// asked for it or the grant does not end.
pub fn of_grant(model: &Model, id: GrantId, places: &Places) -> Option<String> {
    let grant = model.grant(id);
    let job = job(model, id, places)?;
    let CleanUp { namespace, .. } = model.options.kubernetes.clean_up.as_ref()?;
    let object = |version: &str, kind: &str, name: &str, place: Option<&str>, rest: Vec<(&str, Yaml)>| {
        let mut entries = common(version, kind);
        entries.push(("metadata".to_string(), metadata(model, id, name, place)));
        entries.extend(rest.into_iter().map(|(key, value)| (key.to_string(), value)));
        Yaml::Map(entries)
    };
    let account = account(grant);
    let unmounted = vec![("automountServiceAccountToken", Yaml::Bool(false))];
    let mut documents = vec![object("v1", "ServiceAccount", &account, Some(&**namespace), unmounted)];
    let role = format!("bailiwick:clean-up:{}", grant.name);
    for place in places {
        let (role_kind, binding_kind, resource) = kinds(*place);
        let rule = Yaml::map([
            ("apiGroups", Yaml::texts([RBAC])),
            ("resources", Yaml::texts([resource])),
            ("resourceNames", Yaml::texts([role_name(grant).as_str()])),
            ("verbs", Yaml::texts(["delete"])),
        ]);
        let version = "rbac.authorization.k8s.io/v1";
        documents.push(object(version, role_kind, &role, *place, vec![("rules", Yaml::List(vec![rule]))]));
        let to = Yaml::map([
            ("apiGroup", Yaml::text(RBAC)),
            ("kind", Yaml::text(role_kind)),
            ("name", Yaml::text(&role)),
        ]);
        let subject = Yaml::map([
            ("kind", Yaml::text("ServiceAccount")),
            ("name", Yaml::text(&account)),
            ("namespace", Yaml::text(namespace)),
        ]);
        let bound = vec![("roleRef", to), ("subjects", Yaml::List(vec![subject]))];
        documents.push(object(version, binding_kind, &role, *place, bound));
    }
    documents.push(object("batch/v1", "CronJob", &account, Some(&**namespace), vec![("spec", job)]));
    Some(stream(&documents))
}

/// What is wrong with the clean-up of a grant, given what is written for it and what is there.
pub fn flaw(written: &str, there: Option<&str>) -> Option<&'static str> {
    let Some(there) = there else { return Some("nothing takes the grant's bindings out when it expires") };
    let differs = said(there).is_none_or(|there| Some(there) != said(written));
    differs.then_some("what takes the grant's bindings out when it expires is not as it is written")
}

/// The objects without their marks; `None` when it is not YAML.
fn said(text: &str) -> Option<Vec<Json>> {
    let mut objects = documents(text).ok()?;
    for object in &mut objects {
        if let Some(metadata) = object.get_mut("metadata").and_then(Json::as_object_mut) {
            metadata.retain(|key, _| key == "name" || key == "namespace");
        }
    }
    Some(objects)
}

/// The kinds of roles and bindings, and the bindings' resource.
fn kinds(place: Option<&str>) -> (&'static str, &'static str, &'static str) {
    match place {
        None => ("ClusterRole", "ClusterRoleBinding", "clusterrolebindings"),
        Some(_) => ("Role", "RoleBinding", "rolebindings"),
    }
}

fn metadata(model: &Model, id: GrantId, name: &str, place: Option<&str>) -> Yaml {
    let mut entries = vec![("name".to_string(), Yaml::text(name))];
    entries.extend(place.map(|place| ("namespace".to_string(), Yaml::text(place))));
    entries.extend(marks(model, &Marks::Grants(vec![id])));
    Yaml::Map(entries)
}

/// The job's specification.
fn job(model: &Model, id: GrantId, places: &Places) -> Option<Yaml> {
    let grant = model.grant(id);
    let CleanUp { image, .. } = model.options.kubernetes.clean_up.as_ref()?;
    let start = start(grant.expires?);
    let name = role_name(grant);
    let containers = places.iter().enumerate().map(|(at, place)| {
        let mut arguments =
            vec![start.to_string(), "delete".to_string(), kinds(*place).2.to_string(), name.clone()];
        arguments.extend(place.map(|place| format!("--namespace={place}")));
        arguments.extend(["--ignore-not-found", "--wait=false"].map(str::to_string));
        Yaml::map([
            ("name", Yaml::Text(format!("delete-{at}"))),
            ("image", Yaml::text(image)),
            ("command", Yaml::texts(["sh", "-c", SCRIPT])),
            ("args", Yaml::texts(arguments.iter().map(String::as_str))),
            (
                "securityContext",
                Yaml::map([
                    ("allowPrivilegeEscalation", Yaml::Bool(false)),
                    ("readOnlyRootFilesystem", Yaml::Bool(true)),
                    ("capabilities", Yaml::map([("drop", Yaml::texts(["ALL"]))])),
                ]),
            ),
        ])
    });
    let pod = Yaml::map([
        ("serviceAccountName", Yaml::text(&account(grant))),
        ("automountServiceAccountToken", Yaml::Bool(true)),
        ("restartPolicy", Yaml::text("OnFailure")),
        (
            "securityContext",
            Yaml::map([
                ("runAsNonRoot", Yaml::Bool(true)),
                ("runAsUser", Yaml::Int(65_532)),
                ("seccompProfile", Yaml::map([("type", Yaml::text("RuntimeDefault"))])),
            ]),
        ),
        ("containers", Yaml::List(containers.collect())),
    ]);
    Some(Yaml::map([
        ("schedule", Yaml::Text(schedule(start))),
        ("timeZone", Yaml::text("Etc/UTC")),
        ("concurrencyPolicy", Yaml::text("Forbid")),
        ("jobTemplate", Yaml::map([("spec", Yaml::map([("template", Yaml::map([("spec", pod)]))]))])),
    ]))
}

/// When a job starts, for a grant that ends then.
fn start(expires: i64) -> i64 {
    (expires - AHEAD).div_euclid(60) * 60
}

/// Minute, hour, day and month of a moment, as cron writes them.
fn schedule(at: i64) -> String {
    let text = instant_text(at);
    let part =
        |at: usize| text.get(at..at + 2).map_or("0", |two| two.strip_prefix('0').unwrap_or(two)).to_string();
    // 2026-12-01T00:00:00Z
    format!("{} {} {} {} *", part(14), part(11), part(8), part(5))
}

/// The name of the job and of its account: one that Kubernetes takes (of a job at most 52
/// characters), and for each grant another.
fn account(grant: &Grant) -> String {
    format!("clean-up-{}", readable(&grant.name, 30, &grant.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_starts_in_the_minute_before() {
        // 2027-01-01T00:00:00Z and the seconds around it
        let year = 1_798_761_600;
        let of = |expires| schedule(start(expires));
        assert_eq!(of(year), "59 23 31 12 *");
        assert_eq!(of(year + 59), "59 23 31 12 *");
        assert_eq!(of(year + 60), "0 0 1 1 *");
        assert_eq!(of(year - 1), "58 23 31 12 *");
        assert_eq!(of(year + 9 * 86_400 + 3_660), "0 1 10 1 *");
        assert_eq!((start(year), start(year + 59)), (year - 60, year - 60));
    }
}
