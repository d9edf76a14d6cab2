//! Policy documents as trees: what JSON may say, and nothing guessed.
//!
//! Whatever this does not know (an element, an operator, a version, a value of the wrong form, a
//! key that comes twice) makes its statement *unread*, with the reason.

use super::operator::{Constant, Operator, Quantifier, constant, word};
use super::pattern::Pattern;
use crate::import::json::Json;

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What was understood.
    pub statements: Vec<Statement>,
    /// What was not: where, and why; one sentence each. Nothing may be concluded while there is any.
    pub unread: Vec<String>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its place in the document, from 1.
    pub number: usize,
    /// `Allow` or `Deny`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; policies of identities have none.
    pub principals: Option<Matcher<Principal>>,
    /// `Action` or `NotAction`.
    pub actions: Matcher<Pattern>,
    /// `Resource` or `NotResource`.
    pub resources: Matcher<Pattern>,
    /// `Condition`: all of these hold.
    pub tests: Vec<Test>,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // IAM's own words
pub enum Effect {
    Allow,
    Deny,
}

/// One of these, or (`negated`) none of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher<T> {
    /// Whether it is the `Not…` element.
    pub negated: bool,
    /// What is listed, at least one.
    pub of: Vec<T>,
}

/// Who makes the request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// Everybody.
    Anyone,
    /// All of an account.
    Account(String),
    /// One of a kind: `AWS`, `Service`, `Federated`, `CanonicalUser`, and who.
    One(String, String),
}

/// A test on a condition key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Test {
    /// Over which of the key's values.
    pub quantifier: Quantifier,
    /// How.
    pub operator: Operator,
    /// Whether it holds when no constant fits.
    pub negated: bool,
    /// Whether it holds when the key is absent.
    pub if_exists: bool,
    /// The key, as written.
    pub key: String,
    /// What its value is compared with, at least one.
    pub constants: Vec<Constant>,
}

impl Test {
    /// The key as keys are compared: without regard to case.
    pub fn key_folded(&self) -> String {
        self.key.to_ascii_lowercase()
    }
}

impl Statement {
    /// Its name in a message.
    pub fn name(&self) -> String {
        match &self.sid {
            Some(sid) => sid.clone(),
            None => format!("statement {}", self.number),
        }
    }
}

impl Document {
    /// Reads a text.
    pub fn read(text: &str) -> Document {
        match Json::read(text) {
            Ok(json) => Document::of(&json),
            Err(error) => Document::unread(format!("it is not JSON: {error}")),
        }
    }

    /// Reads the trust policy of a role, whose statements speak of that role and name no resource.
    pub fn read_trust(text: &str) -> Document {
        match Json::read(text) {
            Ok(json) => Document::with(&json, true),
            Err(error) => Document::unread(format!("it is not JSON: {error}")),
        }
    }

    /// Reads JSON that was parsed already.
    pub(crate) fn of(json: &Json) -> Document {
        Document::with(json, false)
    }

    fn with(json: &Json, of_trust: bool) -> Document {
        let Json::Object(members) = json else {
            return Document::unread(format!("a policy is an object, not {}", json.kind()));
        };
        let known = ["Version", "Id", "Statement"];
        if let Some((key, _)) = members.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            return Document::unread(format!("element `{key}` is unknown"));
        }
        let variables = match json.get("Version") {
            None => false,
            Some(version) => match version.str() {
                Some("2012-10-17") => true,
                Some("2008-10-17") => false,
                _ => return Document::unread(format!("version {version} is unknown")),
            },
        };
        let list = match json.get("Statement") {
            None => return Document::unread("it has no `Statement`".to_string()),
            Some(Json::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let mut document = Document::default();
        for (at, json) in list.iter().enumerate() {
            match statement(json, at + 1, variables, of_trust) {
                Ok(statement) => document.statements.push(statement),
                Err(reason) => document.unread.push(format!("statement {}: {reason}", at + 1)),
            }
        }
        document
    }

    fn unread(reason: String) -> Document {
        Document { statements: Vec::new(), unread: vec![reason] }
    }
}

fn statement(json: &Json, number: usize, variables: bool, of_trust: bool) -> Result<Statement, String> {
    let Json::Object(members) = json else {
        return Err(format!("a statement is an object, not {}", json.kind()));
    };
    const KNOWN: [&str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    if let Some((key, _)) = members.iter().find(|(key, _)| !KNOWN.contains(&key.as_str())) {
        return Err(format!("element `{key}` is unknown"));
    }
    let sid = match json.get("Sid") {
        None => None,
        Some(sid) => Some(sid.str().ok_or("`Sid` is a string")?.to_string()),
    };
    let effect = match json.get("Effect").and_then(Json::str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err("`Effect` is `Allow` or `Deny`".to_string()),
    };
    let principals = match (json.get("Principal"), json.get("NotPrincipal")) {
        (None, None) => None,
        (Some(json), None) => Some(Matcher { negated: false, of: principals(json)? }),
        (None, Some(json)) => Some(Matcher { negated: true, of: principals(json)? }),
        (Some(_), Some(_)) => return Err("it has both `Principal` and `NotPrincipal`".to_string()),
    };
    let actions = matcher(json, "Action", "NotAction", &Pattern::action)?;
    let resource = |text: &str| Pattern::resource(text, variables);
    let resources = match of_trust && json.get("Resource").or(json.get("NotResource")).is_none() {
        true => Matcher { negated: false, of: vec![resource("*")?] },
        false if of_trust => return Err("a trust policy names no resource".to_string()),
        false => matcher(json, "Resource", "NotResource", &resource)?,
    };
    let mut tests = Vec::new();
    match json.get("Condition") {
        None => {}
        Some(Json::Object(operators)) => {
            for (operator, keys) in operators {
                read_tests(operator, keys, variables, &mut tests)?;
            }
        }
        Some(other) => return Err(format!("`Condition` is an object, not {}", other.kind())),
    }
    Ok(Statement { sid, number, effect, principals, actions, resources, tests })
}

fn read_tests(operator: &str, keys: &Json, variables: bool, tests: &mut Vec<Test>) -> Result<(), String> {
    let word = word(operator)?;
    let Json::Object(keys) = keys else {
        return Err(format!("`{operator}` takes an object, not {}", keys.kind()));
    };
    for (at, (key, values)) in keys.iter().enumerate() {
        if keys[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(key)) {
            return Err(format!("`{operator}` asks twice of `{key}`"));
        }
        let plain =
            key.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !plain || key.contains("${") {
            return Err(format!("`{key}` is no condition key"));
        }
        let constants: Vec<Constant> = elements(values)
            .iter()
            .map(|value| constant(word.operator, value, variables))
            .collect::<Result<_, _>>()
            .map_err(|reason| format!("`{operator}` on `{key}`: {reason}"))?;
        if constants.is_empty() {
            return Err(format!("`{operator}` on `{key}` has no value"));
        }
        tests.push(Test {
            quantifier: word.quantifier,
            operator: word.operator,
            negated: word.negated,
            if_exists: word.if_exists,
            key: key.clone(),
            constants,
        });
    }
    Ok(())
}

fn matcher(
    json: &Json,
    name: &str,
    not: &str,
    read: &dyn Fn(&str) -> Result<Pattern, String>,
) -> Result<Matcher<Pattern>, String> {
    let (negated, list) = match (json.get(name), json.get(not)) {
        (Some(list), None) => (false, list),
        (None, Some(list)) => (true, list),
        (None, None) => return Err(format!("it has neither `{name}` nor `{not}`")),
        (Some(_), Some(_)) => return Err(format!("it has both `{name}` and `{not}`")),
    };
    let of: Vec<Pattern> = elements(list)
        .iter()
        .map(|text| match text.str() {
            Some(text) => read(text),
            None => Err(format!("`{name}` lists strings, not {}", text.kind())),
        })
        .collect::<Result<_, _>>()?;
    if of.is_empty() {
        return Err(format!("`{}` is empty", if negated { not } else { name }));
    }
    Ok(Matcher { negated, of })
}

fn principals(json: &Json) -> Result<Vec<Principal>, String> {
    if json.str() == Some("*") {
        return Ok(vec![Principal::Anyone]);
    }
    let Json::Object(kinds) = json else {
        return Err("a principal is `*` or an object".to_string());
    };
    let mut of = Vec::new();
    for (kind, list) in kinds {
        if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str()) {
            return Err(format!("`{kind}` is no kind of principal"));
        }
        for text in elements(list) {
            let text = text.str().ok_or("principals are strings")?;
            let account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
            let root = text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
            of.push(match (kind.as_str(), text) {
                ("AWS", "*") => Principal::Anyone,
                ("AWS", text) if account(text) => Principal::Account(text.to_string()),
                ("AWS", _) if root.is_some_and(account) => {
                    Principal::Account(root.unwrap_or_default().to_string())
                }
                (_, text) if text.contains(['*', '?', '$']) => {
                    return Err(format!("`{text}` is no principal: it may not hold wildcards"));
                }
                (kind, text) => Principal::One(kind.to_string(), text.to_string()),
            });
        }
    }
    if of.is_empty() { Err("no principal is named".to_string()) } else { Ok(of) }
}

/// A list, or one element of it by itself.
fn elements(json: &Json) -> &[Json] {
    match json {
        Json::Array(list) => list,
        one => std::slice::from_ref(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(statement: &str) -> String {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        let document = Document::read(&text);
        assert!(document.statements.is_empty(), "{statement}");
        document.unread.join("; ")
    }

    #[test]
    fn what_is_not_known_is_said() {
        for (statement, part) in [
            (r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Extra": 1}"#, "`Extra`"),
            (r#"{"Effect": "allow", "Action": "*", "Resource": "*"}"#, "`Effect`"),
            (r#"{"Effect": "Allow", "Action": "*", "NotAction": "s3:Get", "Resource": "*"}"#, "both"),
            (r#"{"Effect": "Allow", "Action": [], "Resource": "*"}"#, "empty"),
            (r#"{"Effect": "Allow", "Action": "*", "Action": "*", "Resource": "*"}"#, "twice"),
            (r#"{"Effect": "Allow", "Action": "*"}"#, "neither"),
            (
                r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Like": {"aws:x": "y"}}}"#,
                "`Like`",
            ),
            (
                r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:x": "y"}}}"#,
                "boolean",
            ),
            (
                r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:x": []}}}"#,
                "no value",
            ),
            (r#""Allow""#, "object"),
        ] {
            assert!(reason(statement).contains(part), "{statement}: {}", reason(statement));
        }
        assert!(
            Document::read(r#"{"Version": "2013-10-17", "Statement": []}"#).unread[0].contains("version")
        );
        assert!(!Document::read("{").unread.is_empty());
    }

    #[test]
    fn one_may_stand_for_a_list() {
        let text = r#"{"Statement": {"Effect": "Deny", "NotAction": "s3:Get*", "NotResource": ["*"],
            "Principal": {"AWS": ["123456789012", "arn:aws:iam::123456789012:root"], "Service": "ec2.amazonaws.com"},
            "Condition": {"NumericLessThan": {"s3:max-keys": 10}, "Bool": {"aws:SecureTransport": true}}}}"#;
        let document = Document::read(text);
        assert!(document.unread.is_empty(), "{:?}", document.unread);
        let statement = &document.statements[0];
        assert!(statement.actions.negated && statement.resources.negated && statement.tests.len() == 2);
        let account = Principal::Account("123456789012".to_string());
        let service = Principal::One("Service".to_string(), "ec2.amazonaws.com".to_string());
        let principals = statement.principals.as_ref().expect("principals");
        assert_eq!(principals.of, [account.clone(), account, service]);
    }
}
