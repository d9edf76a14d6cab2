//! Who takes a role: whatever becomes of its trust policy, nobody does who is not its agent, or a reader
//! says that something is wrong with it.

use super::super::agreement::{BUILT, wanted};
use super::super::iam_files::{FOLDER, estate};
use super::edit;
use bailiwick_compiler::targets::Target;
use bailiwick_compiler::targets::iam::Iam;
use bailiwick_compiler::targets::iam::read::document::Document;
use bailiwick_compiler::targets::iam::read::evaluate::{Decision, Policies};
use bailiwick_compiler::targets::iam::request::AwsRequest;
use bailiwick_testkit::Rng;
use std::collections::BTreeMap;

/// A way in which the agent proves who it is.
struct Way {
    /// As which principal it comes.
    who: &'static str,
    /// What it calls.
    action: &'static str,
    /// What its credential says: all of it, or it is somebody else.
    says: &'static [(&'static str, &'static str)],
}

const OWN: &[Way] = &[
    Way {
        who: "arn:aws:iam::123456789012:oidc-provider/login.acme.example/agents",
        action: "sts:AssumeRoleWithWebIdentity",
        says: &[
            ("login.acme.example/agents:aud", "sts.amazonaws.com"),
            ("login.acme.example/agents:sub", "bot${aws:userid}"),
        ],
    },
    Way {
        who: "rolesanywhere.amazonaws.com",
        action: "sts:AssumeRole",
        says: &[
            ("aws:PrincipalTag/x509SAN/URI", "spiffe://acme.example/bot"),
            ("aws:SourceArn", "arn:aws:rolesanywhere:eu-west-1:123456789012:trust-anchor/a"),
        ],
    },
    Way {
        who: "arn:aws:iam::999988887777:role/partner",
        action: "sts:AssumeRole",
        says: &[("sts:ExternalId", "acme/7f3")],
    },
];

/// Others, and what they might say.
const OTHERS: &[&str] = &[
    "arn:aws:iam::123456789012:oidc-provider/evil.example",
    "ec2.amazonaws.com",
    "arn:aws:iam::999988887777:role/other",
    "arn:aws:iam::999988887777:root",
];
const SAID: &[&str] = &[
    "arn:aws:rolesanywhere:eu-west-1:999988887777:trust-anchor/a",
    "",
    "other",
    "sts.amazonaws.com",
    "BOT${aws:userid}",
    "bot",
    "acme/7",
    "*",
];

/// Somebody who takes the role, and whether it is the agent: it comes in one of its ways, and its
/// credential says all that it should.
fn caller(rng: &mut Rng) -> (AwsRequest, bool) {
    let Way { who, action, .. } = rng.pick(OWN);
    let mut request = AwsRequest {
        role: (*who).into(),
        action: (*action).into(),
        resource: String::new(),
        context: BTreeMap::new(),
        sets: BTreeMap::new(),
    };
    let mut own = true;
    if rng.chance(20) {
        request.role = (*rng.pick(OTHERS)).into();
        own = false;
    }
    for way in OWN {
        let expected = way.who == *who;
        for (key, value) in way.says {
            let said = if rng.chance(75) { *value } else { *rng.pick(SAID) };
            let there = rng.chance(if expected { 90 } else { 30 });
            if there {
                request.context.insert((*key).into(), said.into());
            }
            own &= !expected || (there && said == *value);
        }
    }
    (request, own)
}

#[test]
fn nobody_else_takes_a_role_whose_trust_policy_is_said_to_be_good() {
    let model = estate(3);
    let emission = Iam.emit(&model, BUILT);
    let path = format!("{FOLDER}/trust.json");
    let rng = &mut Rng::new(3);
    let (mut good, mut admitted, mut refused) = (0, 0, 0);
    for nth in 0..wanted() / 10 {
        let mut files = emission.files.clone();
        let mut text = files[&path].clone();
        // the first is as it was written
        let edits = if nth == 0 { 0 } else { 1 + rng.below(3) };
        for _ in 0..edits {
            text = edit::json(rng, &text);
        }
        files.insert(path.clone(), text.clone());
        let reading = Iam.read(&model, &files);
        if !reading.unread.is_empty() || !reading.strays.is_empty() {
            refused += 1;
            continue;
        }
        good += 1;
        let document = [Document::read_trust(&text)];
        for _ in 0..60 {
            let (request, own) = caller(rng);
            let policies = Policies { identity: &document, ..Policies::default() };
            let taken = policies.decide(&request) == Decision::Allowed;
            assert!(own || !taken, "{request:#?} takes the role by\n{text}");
            assert!(nth > 0 || own == taken, "{request:#?}, {own}, by\n{text}");
            admitted += usize::from(taken);
        }
    }
    println!("trust: {good} good, {refused} not, {admitted} admitted");
    assert!(good * 20 >= refused && admitted >= good, "{good} good, {refused} not, {admitted} admitted");
}
