//! IAM: what the policies allow is allowed by every source request behind it.

use super::agreement::BUILT;
use super::cloud::{Assumed, Cases, Sampler, Tally, accounts, models, value_of};
use bailiwick_compiler::evaluator::{authorises, decide};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::iam::Iam;
use bailiwick_compiler::targets::iam::read::document::Document;
use bailiwick_compiler::targets::iam::read::evaluate::{Decision, Policies};
use bailiwick_compiler::targets::iam::request::{AwsRequest, approval_tags, project as to_aws};
use bailiwick_compiler::targets::{Emission, Fidelity, Target};
use bailiwick_testkit::Rng;
use std::collections::BTreeMap;

/// Source requests that are tried behind each target request, for each way to read it.
const DEPTH: usize = 6;

/// The documents of every role that are of one kind, by the role's folder.
fn texts(files: &BTreeMap<String, String>, is: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<&str>> {
    let mut roles: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, text) in files {
        let (role, name) = path.rsplit_once('/').expect("a folder for each role");
        if is(name) {
            roles.entry(role.to_string()).or_default().push(text);
        }
    }
    roles
}

/// The policies attached to each role.
fn attached(files: &BTreeMap<String, String>) -> BTreeMap<String, Vec<&str>> {
    texts(files, |name| name.starts_with("policy-") || ["inline.json", "suspended.json"].contains(&name))
}

/// What bounds each role.
fn boundaries(files: &BTreeMap<String, String>) -> BTreeMap<String, Vec<&str>> {
    texts(files, |name| name == "boundary.json")
}

/// What applies to a role's requests.
#[derive(Default)]
pub struct OfRole {
    identity: Vec<Document>,
    boundary: Option<Vec<Document>>,
}

impl OfRole {
    /// Whether the policies let the request through.
    pub fn allow(&self, request: &AwsRequest) -> bool {
        let boundary = self.boundary.as_deref();
        let policies = Policies { identity: &self.identity, boundary, ..Policies::default() };
        policies.decide(request) == Decision::Allowed
    }
}

/// Every role that something is attached to, by its folder; all of it must be understood.
pub fn roles(files: &BTreeMap<String, String>) -> BTreeMap<String, OfRole> {
    let documents = |texts: &Vec<&str>| {
        let documents: Vec<Document> = texts.iter().map(|text| Document::read(text)).collect();
        assert!(documents.iter().all(|document| document.unread.is_empty()), "{documents:#?}");
        documents
    };
    let boundaries = boundaries(files);
    let of_role = |role: &str, texts: &Vec<&str>| OfRole {
        identity: documents(texts),
        boundary: boundaries.get(role).map(documents),
    };
    attached(files).iter().map(|(role, texts)| (role.clone(), of_role(role, texts))).collect()
}

/// Where the files of a role are.
pub fn folder(role: &str) -> String {
    let fields: Vec<&str> = role.split(':').collect();
    format!("{}/{}", fields[4], fields[5].trim_start_matches("role/"))
}

/// The `*` of a template stands for something real.
pub fn concrete(mut request: AwsRequest) -> AwsRequest {
    request.resource = request.resource.replacen(":dynamodb:*:", ":dynamodb:eu-west-1:", 1);
    request
}

/// Every way in which a template's arguments can have given the resource.
fn parses(template: &[TemplatePart], resource: &str, colons: usize) -> Vec<BTreeMap<Str, String>> {
    let Some((first, rest)) = template.split_first() else {
        return if resource.is_empty() { vec![BTreeMap::new()] } else { Vec::new() };
    };
    match first {
        TemplatePart::Text(text) => match text.split_once('*') {
            None => match resource.strip_prefix(&**text) {
                Some(left) => parses(rest, left, colons + text.matches(':').count()),
                None => Vec::new(),
            },
            Some((before, after)) => {
                let Some(left) = resource.strip_prefix(before) else { return Vec::new() };
                let colons = colons + before.matches(':').count();
                let mut template = vec![TemplatePart::Text(after.into())];
                template.extend(rest.iter().cloned());
                let ends = (0..=left.len()).filter(|&end| left.is_char_boundary(end));
                ends.filter(|&end| colons >= 5 || !left[..end].contains(':'))
                    .flat_map(|end| parses(&template, &left[end..], colons))
                    .collect()
            }
        },
        TemplatePart::Arg(arg) => {
            let ends = (0..=resource.len()).filter(|&end| resource.is_char_boundary(end));
            let mut all = Vec::new();
            for end in ends {
                for mut parse in parses(rest, &resource[end..], colons) {
                    let text = resource[..end].to_string();
                    if parse.get(arg).is_none_or(|other| *other == text) {
                        parse.insert(arg.clone(), text);
                        all.push(parse);
                    }
                }
            }
            all
        }
    }
}

/// Source requests that become the target request, for the one who holds the role.
fn behind(
    sampler: &Sampler,
    model: &Model,
    rng: &mut Rng,
    (agent, purpose): (AgentId, PurposeId),
    target: &AwsRequest,
) -> Vec<Request> {
    let mut sources = Vec::new();
    for (at, op) in model.ops.iter().enumerate() {
        let tool = model.tool(op.tool);
        for binding in &op.bindings.aws {
            if !binding.actions.iter().any(|action| action.eq_ignore_ascii_case(&target.action)) {
                continue;
            }
            for template in &binding.resources {
                for parse in parses(&template.0, &target.resource, 0) {
                    for _ in 0..DEPTH {
                        let mut request = sampler.draw(rng, agent, purpose, OpId::at(at));
                        if fit(model, tool, binding, &parse, target, &mut request) {
                            sources.push(request);
                        }
                    }
                }
            }
        }
    }
    sources
}

/// Makes the request look like the target request to IAM; whether that is possible.
fn fit(
    model: &Model,
    tool: &Tool,
    binding: &AwsBinding,
    parse: &BTreeMap<Str, String>,
    target: &AwsRequest,
    request: &mut Request,
) -> bool {
    let variant =
        tool.variant.as_ref().map(|variants| (&variants.arg, request.args.get(&variants.arg).cloned()));
    for (arg, text) in parse {
        let Some(value) = value_of(&tool.args[arg].ty, text) else { return false };
        request.args.insert(arg.clone(), value);
    }
    for (key, arg) in &binding.keys {
        let ty = &tool.args[arg].ty;
        let value = match ty {
            Type::Set(of) => {
                let texts = target.sets.get(&**key).into_iter().flatten();
                let values: Option<_> = texts.map(|text| value_of(of, text)).collect();
                match values {
                    Some(values) => Some(Value::Set(values)),
                    None => return false,
                }
            }
            ty => match target.context.get(&**key) {
                Some(text) => match value_of(ty, text) {
                    Some(value) => Some(value),
                    None => return false,
                },
                None => None,
            },
        };
        match value {
            Some(value) if parse.contains_key(arg) && request.args.get(arg) != Some(&value) => return false,
            Some(value) => {
                request.args.insert(arg.clone(), value);
            }
            None if !matches!(tool.args[arg].source, ArgSource::Optional) => return false,
            None => {
                request.args.remove(arg);
            }
        }
    }
    for (name, ty) in &model.session {
        match target.context.get(&format!("aws:PrincipalTag/{name}")) {
            None => {
                request.session.remove(name);
            }
            Some(text) => match value_of(ty, text) {
                Some(value) => {
                    request.session.insert(name.clone(), value);
                }
                None => return false,
            },
        }
    }
    let now = bailiwick_compiler::types::value::parse_instant(&target.context["aws:CurrentTime"])
        .expect("an instant");
    let later = now - request.now;
    (request.now, request.started) = (now, request.started + later);
    request.approvals.values_mut().for_each(|given| *given += later);
    // A session may lack a tag though somebody approved, and has none that nobody approved of.
    let tags = approval_tags(model, request);
    let asked =
        target.context.keys().filter_map(|key| key.strip_prefix("aws:PrincipalTag/bailiwick:approved:"));
    asked.clone().all(|asked| tags.iter().any(|tag| tag.ends_with(&format!(":approved:{asked}"))))
        && variant.is_none_or(|(arg, value)| request.args.get(arg).cloned() == value)
}

/// A target request with one thing changed.
fn mutate(sampler: &Sampler, model: &Model, rng: &mut Rng, mut target: AwsRequest) -> AwsRequest {
    match rng.below(6) {
        0 => {
            let (head, tail) = target.resource.rsplit_once([':', '/']).unwrap_or(("", "*"));
            let tail = *rng.pick(&[tail, "red", "blue", "x", "in/x", "in", "", "b/in/x", "orders", "a*b"]);
            let cut = target.resource.len() - target.resource[head.len()..].len() + 1;
            if target.resource.len() > cut && !head.is_empty() {
                target.resource = format!("{}{tail}", &target.resource[..cut]);
            }
        }
        1 => {
            for (from, to) in [(":::blue", ":::red"), (":::red", ":::blue"), (":::green", ":::blu")] {
                if target.resource.contains(from) {
                    target.resource = target.resource.replacen(from, to, 1);
                    break;
                }
            }
        }
        2 => {
            let keys: Vec<_> =
                target.context.keys().filter(|key| *key != "aws:CurrentTime").cloned().collect();
            if !keys.is_empty() {
                target.context.remove(rng.pick(&keys));
            }
        }
        3 => {
            let (name, ty) = model.session.iter().nth(rng.below(model.session.len())).expect("an attribute");
            let value = sampler.value(rng, &Attr::Session(name.clone()), ty);
            let text = bailiwick_compiler::targets::iam::request::key_text(&value).expect("a text");
            target.context.insert(format!("aws:PrincipalTag/{name}"), text);
        }
        4 => {
            let now = rng.pick(&super::cloud::EDGES) + rng.pick(&[-1, 0, 1]);
            let now = bailiwick_compiler::types::value::instant_text(now);
            target.context.insert("aws:CurrentTime".to_string(), now);
        }
        _ => target.sets.clear(),
    }
    target
}

/// One project; the target requests that were asked, with the answers.
fn run(name: &str, seed: u64, model: &Model, count: usize, tally: &mut Tally) -> Vec<(AwsRequest, bool)> {
    let emission = Iam.emit(model, BUILT);
    assert_eq!(emission, Iam.emit(model, BUILT), "the same bytes every time");
    let policies = roles(&emission.files);
    let nothing = OfRole::default();
    let reading = Iam.read(model, &emission.files);
    assert!(
        reading.unread.is_empty() && reading.strays.is_empty(),
        "{name}: {reading:#?}\n{:#?}",
        emission.files
    );
    for outcome in &emission.outcomes {
        *tally.outcomes.entry(outcome.result).or_default() += 1;
        assert_eq!(outcome.losses.is_empty(), outcome.result < Fidelity::Narrowed, "{outcome:?}");
    }
    let sampler = Sampler::new(model);
    let rng = &mut Rng::new(seed);
    let accounts = accounts(model, IdentityKind::AwsRole);
    // Roles that are given something are asked about more often.
    let given: Vec<_> = accounts.iter().filter(|(role, ..)| policies.contains_key(&folder(role))).collect();
    let mut asked = Vec::new();
    for _ in 0..count {
        let (role, agent, purpose) = if given.is_empty() || rng.chance(5) {
            rng.pick(&accounts).clone()
        } else {
            (*rng.pick(&given)).clone()
        };
        let Some(source) = sampler.allowed(rng, agent, purpose) else { continue };
        let policy = policies.get(&folder(&role)).unwrap_or(&nothing);
        let targets = to_aws(model, &role, &source);
        // What was read says the same of a request as the documents say of its calls.
        let alone = accounts.iter().filter(|(_, a, p)| (*a, *p) == (agent, purpose)).count() == 1;
        for other in [source.clone(), sampler.draw(rng, agent, purpose, source.op)] {
            let calls = to_aws(model, &role, &other);
            let says = calls.iter().all(|call| policy.allow(&concrete(call.clone())));
            let read = reading.allows(model, &other);
            tally.read += 1;
            if alone && !calls.is_empty() {
                assert_eq!(read, says, "{name}: {role} {other:#?}\n{calls:#?}\n{:#?}", emission.files);
            }
        }
        // Exact: what is allowed goes through.
        for outcome in emission.outcomes.iter().filter(|outcome| outcome.result < Fidelity::Narrowed) {
            let grant = model.grant(outcome.grant);
            if authorises(model, grant, &source) && Assumed::all(&outcome.assumptions).admit(model, &source) {
                tally.exact += 1;
                for target in &targets {
                    let target = concrete(target.clone());
                    assert!(
                        policy.allow(&target),
                        "{name}: grant `{}` is exact, yet IAM denies {target:#?}\nof {source:?}\n{:#?}",
                        grant.name,
                        emission.files
                    );
                }
            }
        }
        // Within: what goes through is allowed, whatever is behind it.
        let assumed = Assumed::of_session(model, &emission, agent, purpose);
        let plain: Vec<_> = targets.into_iter().map(concrete).collect();
        let changed: Vec<_> =
            plain.iter().map(|target| mutate(&sampler, model, rng, target.clone())).collect();
        for target in plain.into_iter().chain(changed) {
            let allowed = policy.allow(&target);
            tally.asked += 1;
            if allowed {
                tally.allowed += 1;
                for source in behind(&sampler, model, rng, (agent, purpose), &target) {
                    if !assumed.admit(model, &source) {
                        continue;
                    }
                    tally.sources += 1;
                    assert!(
                        decide(model, &source).is_allow(),
                        "{name}: IAM allows {target:#?}\nyet this is denied: {source:?}\nop {}\n{:#?}",
                        model.op_name(source.op),
                        emission.files
                    );
                }
            }
            asked.push((target, allowed));
        }
    }
    asked
}

/// More requests for the real engine, near those of the project's tools.
fn more(seed: u64, model: &Model, emission: &Emission, count: usize) -> Vec<(AwsRequest, bool)> {
    let policies = roles(&emission.files);
    let sampler = Sampler::new(model);
    let rng = &mut Rng::new(!seed);
    let accounts = accounts(model, IdentityKind::AwsRole);
    let given: Vec<_> = accounts.iter().filter(|(role, ..)| policies.contains_key(&folder(role))).collect();
    let mut asked = Vec::new();
    while asked.len() < count && !given.is_empty() {
        let (role, agent, purpose) = (*rng.pick(&given)).clone();
        let allowed = if rng.chance(80) { sampler.allowed(rng, agent, purpose) } else { None };
        let op = OpId::at(rng.below(model.ops.len()));
        let source = allowed.unwrap_or_else(|| sampler.draw(rng, agent, purpose, op));
        for target in to_aws(model, &role, &source) {
            let mut target = concrete(target);
            if rng.chance(45) {
                target = mutate(&sampler, model, rng, target);
            }
            let answer = policies[&folder(&role)].allow(&target);
            asked.push((target, answer));
        }
        if rng.chance(1) && asked.is_empty() {
            break; // no tool of the project reaches AWS
        }
    }
    asked
}

#[test]
fn policies_are_within_their_source_and_exact_where_they_say_so() {
    let mut tally = Tally::default();
    let mut cases = Cases::create("iam");
    for (seed, (name, model)) in models().into_iter().enumerate() {
        let mut asked = run(&name, seed as u64, &model, 160, &mut tally);
        let emission = Iam.emit(&model, BUILT);
        if cases.are_wanted() {
            asked.extend(more(seed as u64, &model, &emission, 1_500));
        }
        let documents = attached(&emission.files);
        let requests: Vec<_> = asked
            .iter()
            .map(|(request, allow)| serde_json::json!({ "request": request, "folder": folder(&request.role), "allow": allow }))
            .collect();
        let boundaries = boundaries(&emission.files);
        cases.write(&serde_json::json!({
            "name": name, "documents": documents, "boundaries": boundaries, "requests": requests,
        }));
    }
    tally.finish("iam");
}
