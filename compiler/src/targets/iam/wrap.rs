//! A role and its policies in the words of the tools that deploy them: `[targets.iam] wrappers`.
//!
//! A wrapper is made out of the documents beside it and nothing else, so it can be made again from
//! them: that is how it is read back. It holds the same documents, as the tool takes them: Terraform
//! as texts, byte for byte, with what it would read as a template escaped; CloudFormation as objects,
//! which must hold nothing that it would replace.

use super::role::{Attached, Role, attached};
use crate::model::Wrapper;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The name of a wrapper's file.
pub fn file(wrapper: Wrapper) -> &'static str {
    match wrapper {
        Wrapper::CloudFormation => "stack.json",
        Wrapper::Terraform => "main.tf.json",
    }
}

/// The wrapper of a role's files (texts by name); `None` when the tool would read something in them
/// as its own.
pub fn wrap(wrapper: Wrapper, role: &Role, files: &BTreeMap<&str, &str>) -> Option<String> {
    let document = match wrapper {
        Wrapper::CloudFormation => cloud_formation(role, files)?,
        Wrapper::Terraform => terraform(role, files),
    };
    Some(format!("{document:#}\n"))
}

/// The policies of a role: name without ending, text, and how it is attached.
fn policies<'a>(files: &'a BTreeMap<&str, &str>) -> impl Iterator<Item = (&'a str, &'a str, Attached)> {
    files.iter().filter_map(|(file, text)| Some((file.strip_suffix(".json")?, *text, attached(file)?)))
}

/// How long sessions may last, where that is said.
fn longest_session(files: &BTreeMap<&str, &str>) -> Option<Json> {
    let session: Json = serde_json::from_str(files.get("session.json")?).ok()?;
    session.get("MaxSessionDuration").cloned()
}

fn terraform(role: &Role, files: &BTreeMap<&str, &str>) -> Json {
    // `${…}` and `%{…}` are templates wherever a text stands.
    let text = |text: &str| text.replace("${", "$${").replace("%{", "%%{");
    let (name, path) = role.name_and_path();
    let mut kinds: BTreeMap<&str, Map<String, Json>> = BTreeMap::new();
    let mut add = |kind: &'static str, label: &str, resource: Json| {
        kinds.entry(kind).or_default().insert(label.to_string(), resource);
    };
    let mut of_role = Json::from(name);
    if let Some(trust) = files.get("trust.json") {
        let mut resource = json!({ "name": name, "path": path, "assume_role_policy": text(trust) });
        if let Some(seconds) = longest_session(files) {
            resource["max_session_duration"] = seconds;
        }
        if files.contains_key("boundary.json") {
            resource["permissions_boundary"] = "${aws_iam_policy.boundary.arn}".into();
        }
        add("aws_iam_role", "role", resource);
        of_role = "${aws_iam_role.role.name}".into();
    }
    let managed = |label: &str, policy: &str| json!({ "name": format!("{name}-{label}"), "path": path, "policy": text(policy) });
    if let Some(boundary) = files.get("boundary.json") {
        add("aws_iam_policy", "boundary", managed("boundary", boundary));
    }
    for (label, policy, attached) in policies(files) {
        match attached {
            Attached::Managed => {
                add("aws_iam_policy", label, managed(label, policy));
                let arn = format!("${{aws_iam_policy.{label}.arn}}");
                add("aws_iam_role_policy_attachment", label, json!({ "role": of_role, "policy_arn": arn }));
            }
            Attached::Inline => {
                let inline = json!({ "name": label, "role": of_role, "policy": text(policy) });
                add("aws_iam_role_policy", label, inline);
            }
        }
    }
    json!({ "resource": kinds })
}

fn cloud_formation(role: &Role, files: &BTreeMap<&str, &str>) -> Option<Json> {
    let (name, path) = role.name_and_path();
    let document = |text: &str| -> Option<Json> {
        let replaced = ["Fn::", "{{resolve:"].iter().any(|word| text.contains(word));
        if replaced { None } else { serde_json::from_str(text).ok() }
    };
    let mut resources = Map::new();
    let trust = files.get("trust.json");
    if let Some(trust) = trust {
        let mut properties =
            json!({ "RoleName": name, "Path": path, "AssumeRolePolicyDocument": document(trust)? });
        if let Some(seconds) = longest_session(files) {
            properties["MaxSessionDuration"] = seconds;
        }
        if files.contains_key("boundary.json") {
            properties["PermissionsBoundary"] = json!({ "Ref": "Boundary" });
        }
        resources.insert("Role".to_string(), json!({ "Type": "AWS::IAM::Role", "Properties": properties }));
    }
    let role = if trust.is_some() { json!({ "Ref": "Role" }) } else { Json::from(name) };
    let managed = |label: &str, policy: &str, roles: &[&Json]| -> Option<Json> {
        Some(json!({
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": format!("{name}-{label}"),
                "Path": path,
                "PolicyDocument": document(policy)?,
                "Roles": roles,
            },
        }))
    };
    if let Some(boundary) = files.get("boundary.json") {
        resources.insert("Boundary".to_string(), managed("boundary", boundary, &[])?);
    }
    for (label, policy, attached) in policies(files) {
        // A resource's name is letters and digits.
        let mut id: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
        id[..1].make_ascii_uppercase();
        let resource = match attached {
            Attached::Managed => managed(label, policy, &[&role])?,
            Attached::Inline => json!({
                "Type": "AWS::IAM::RolePolicy",
                "Properties": { "PolicyName": label, "RoleName": role, "PolicyDocument": document(policy)? },
            }),
        };
        resources.insert(id, resource);
    }
    Some(json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": resources }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tool_would_read_as_its_own_is_escaped_or_refused() {
        let role = Role::of("arn:aws:iam::123456789012:role/bot").expect("a role");
        let policy = r#"{"Statement":[{"Resource":"a${*}b%{c}"}]}"#;
        let files = BTreeMap::from([("policy-1.json", policy)]);
        let text = wrap(Wrapper::Terraform, &role, &files).expect("terraform takes it");
        assert!(text.contains("a$${*}b%%{c}"), "{text}");
        assert!(wrap(Wrapper::CloudFormation, &role, &files).is_some());
        for word in ["{{resolve:ssm:secret}}", "Fn::GetAtt"] {
            let files = BTreeMap::from([("policy-1.json", word)]);
            assert_eq!(wrap(Wrapper::CloudFormation, &role, &files), None, "{word}");
        }
    }
}
