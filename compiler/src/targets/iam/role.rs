//! Roles: their ARNs, and the folder in which what belongs to one is written.

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The account's number.
    pub account: String,
    /// Its path and name, without a leading `/`.
    pub path: String,
}

impl Role {
    /// Takes an ARN apart; `None` when it is none of a role that a policy can be attached to.
    pub fn of(arn: &str) -> Option<Role> {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = fields.as_slice() else { return None };
        let path = resource.strip_prefix("role/")?;
        let is_segment = |segment: &str| {
            !segment.is_empty()
                && !matches!(segment, "." | "..")
                && segment.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
        };
        let right = partition.starts_with("aws")
            && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && path.split('/').all(is_segment);
        right.then(|| Role {
            arn: arn.to_string(),
            partition: partition.to_string(),
            account: account.to_string(),
            path: path.to_string(),
        })
    }

    /// Where what belongs to it is written.
    pub fn folder(&self) -> String {
        format!("{}/{}", self.account, self.path)
    }

    /// Its name, and the path before it with a `/` at both ends.
    pub fn name_and_path(&self) -> (&str, String) {
        match self.path.rsplit_once('/') {
            Some((path, name)) => (name, format!("/{path}/")),
            None => (&self.path, "/".to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_policy_can_be_attached_to_is_a_role() {
        let role = Role::of("arn:aws-cn:iam::123456789012:role/agents/bot").expect("a role");
        assert_eq!((role.folder().as_str(), role.partition.as_str()), ("123456789012/agents/bot", "aws-cn"));
        assert_eq!(role.name_and_path(), ("bot", "/agents/".to_string()));
        for arn in [
            "arn:aws:iam::123456789012:user/bot",
            "arn:aws:iam::1234:role/bot",
            "arn:aws:iam::123456789012:role/../bot",
            "arn:aws:iam::123456789012:role//bot",
            "arn:aws/../x:iam::123456789012:role/bot",
            "bot",
        ] {
            assert_eq!(Role::of(arn), None, "{arn}");
        }
    }
}

/// How a policy is attached to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    /// As a policy of its own, `policy-N.json`.
    Managed,
    /// Inline: `inline.json`, and what the kill switch adds.
    Inline,
}

/// How a file of a role's folder is attached; `None` for what is no policy of the role's.
pub fn attached(file: &str) -> Option<Attached> {
    let name = file.strip_suffix(".json")?;
    match name.strip_prefix("policy-") {
        Some(number) => {
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then_some(Attached::Managed)
        }
        None => matches!(name, "inline" | "suspended" | "revoked").then_some(Attached::Inline),
    }
}
