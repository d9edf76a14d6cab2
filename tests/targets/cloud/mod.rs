//! What the tests of IAM and Kubernetes share: projects, source requests, assumptions.
//!
//! These targets see part of a request, so they are not asked about requests of the language but
//! about their own. For each of those the tests look for the source requests behind it and demand
//! that all of them are allowed when the engine allows (and, where an export says exact, that an
//! allowed source request's own requests are).

pub mod project;
mod sample;
pub mod shapes;

pub use sample::{EDGES, Sampler};

use super::agreement::wanted;
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::{Assumption, Emission, Fidelity};
use std::collections::BTreeSet;

/// What is taken for granted of source requests.
#[derive(Default)]
pub struct Assumed {
    longest: Option<i64>,
    authn: Authn,
    static_data: bool,
    segments: BTreeSet<(String, String)>,
    life: (Option<i64>, Option<i64>),
}

impl Assumed {
    /// These together.
    pub fn all<'a>(assumptions: impl IntoIterator<Item = &'a Assumption>) -> Assumed {
        let mut all = Assumed::default();
        for assumption in assumptions {
            match assumption {
                // What is asked here is well formed, and comes from the agent itself for one purpose.
                Assumption::WellFormedRequests
                | Assumption::OneIdentityPerAgent
                | Assumption::OneIdentityPerPurpose
                | Assumption::NoDelegatedUse
                | Assumption::TagSetByIssuer { .. }
                | Assumption::ApprovalOfSession { .. } => {}
                Assumption::MaximumSessionLength { seconds } => {
                    all.longest = Some(all.longest.map_or(*seconds, |have| have.min(*seconds)));
                }
                Assumption::RemovedAt { instant } => all.life.1 = Some(*instant),
                Assumption::InstalledFrom { instant } => all.life.0 = Some(*instant),
                Assumption::StaticDataClasses => all.static_data = true,
                Assumption::IssuedAtAuthentication { level } => {
                    all.authn = all.authn.max(Authn::named(level).expect("a level"));
                }
                Assumption::OneSegment { tool, argument } => {
                    all.segments.insert((tool.clone(), argument.clone()));
                }
                other => panic!("{other:?} is not for a static target"),
            }
        }
        all
    }

    /// Those of every grant to the agent for the purpose that was exported at all.
    pub fn of_session(model: &Model, emission: &Emission, agent: AgentId, purpose: PurposeId) -> Assumed {
        let outcomes = emission.outcomes.iter().filter(|outcome| {
            let grant = model.grant(outcome.grant);
            grant.to == agent && grant.purpose == purpose && outcome.result != Fidelity::Refused
        });
        let mut assumed = Assumed::all(outcomes.flat_map(|outcome| &outcome.assumptions));
        assumed.life = (None, None); // each grant's own: the engine holds what is installed
        assumed
    }

    /// Whether a request is one of those.
    pub fn admit(&self, model: &Model, request: &Request) -> bool {
        let op = model.op(request.op);
        let tool = model.tool(op.tool);
        request.chain.len() == 1
            && self.longest.is_none_or(|longest| request.now - request.started <= longest)
            && request.authn >= self.authn
            && (!self.static_data || request.data == op.declared)
            && self.life.0.is_none_or(|start| request.now >= start)
            && self.life.1.is_none_or(|end| request.now < end)
            && request.args.iter().all(|(name, value)| match value {
                Value::Text(text) => {
                    !self.segments.contains(&(tool.name.to_string(), name.to_string()))
                        || !text.contains(['/', ':'])
                }
                _ => true,
            })
    }
}

/// The accounts of a kind that stand for one agent and one purpose.
pub fn accounts(model: &Model, kind: IdentityKind) -> Vec<(Str, AgentId, PurposeId)> {
    let mut accounts = Vec::new();
    for (at, agent) in model.agents.iter().enumerate() {
        for identity in agent.identities.iter().filter(|identity| identity.kind == kind) {
            let purposes: Vec<PurposeId> = match &identity.purposes {
                Some(purposes) => purposes.iter().collect(),
                None => {
                    let grants = model.grants.iter().filter(|grant| grant.to == AgentId::at(at));
                    grants.map(|grant| grant.purpose).collect::<BTreeSet<_>>().into_iter().collect()
                }
            };
            accounts.extend(
                purposes.into_iter().map(|purpose| (identity.value.clone(), AgentId::at(at), purpose)),
            );
        }
    }
    accounts
}

/// The value of a type that a text stands for, in a resource's name or a condition key.
pub fn value_of(ty: &Type, text: &str) -> Option<Value> {
    let words = |value: Str| Some(Value::Text(value));
    match ty {
        Type::String => words(text.into()),
        Type::Enum(values) => words(values.iter().find(|value| ***value == *text)?.clone()),
        Type::Person => words(text.into()),
        Type::Int => text.parse().ok().filter(|value: &i64| value.to_string() == text).map(Value::Int),
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Ip => text.parse().ok().map(Value::Ip),
        other => panic!("{other:?} is not in the tests' projects"),
    }
}

/// How many projects are drawn: what is asked of them comes to more than 200,000 requests an engine. Who
/// wants ten times as many asks about ten times as many projects.
fn drawn() -> u64 {
    150 * (wanted() as u64 / 200_000).max(1)
}

/// The projects that are asked about: the example with bound tools, and generated ones.
pub fn models() -> Vec<(String, Model)> {
    let written = [("examples/platform".to_string(), example("platform"))];
    let generated =
        (0..drawn()).map(|seed| (format!("seed {seed}"), vec![("main".to_string(), project::project(seed))]));
    written
        .into_iter()
        .chain(generated)
        .map(|(name, files)| {
            let files: Vec<(&str, &str)> =
                files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            let compiled = bailiwick_compiler::compile_text(&files);
            assert!(!compiled.has_errors(), "{name}: {:#?}", compiled.diagnostics);
            let mut model = (*compiled.model).clone();
            model.options.iam.wrappers = Wrapper::ALL.into();
            (name, model)
        })
        .collect()
}

/// The modules of an example: path without `.grant`, text.
pub fn example(name: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the example")
        .filter_map(|entry| {
            let path = entry.expect("a file").path();
            let module = path.file_name()?.to_str()?.strip_suffix(".grant")?.to_string();
            Some((module, std::fs::read_to_string(&path).expect("a module")))
        })
        .collect();
    files.sort();
    files
}

/// How a run went; printed, and held against what is asked for.
#[derive(Default)]
pub struct Tally {
    /// Target requests.
    pub asked: usize,
    /// Those that the engine allowed.
    pub allowed: usize,
    /// Source requests that were held against an allowed one.
    pub sources: usize,
    /// Allowed source requests of grants that are exact.
    pub exact: usize,
    /// Source requests of which it was asked what was read back from the artifacts.
    pub read: usize,
    /// Grants by outcome.
    pub outcomes: std::collections::BTreeMap<Fidelity, usize>,
}

impl Tally {
    /// Prints it and demands that it means something.
    pub fn finish(&self, target: &str) {
        let Tally { asked, allowed, sources, exact, read, outcomes } = self;
        println!("{target}: {asked} requests, {allowed} allowed; {sources} source requests behind those");
        println!("{target}: {read} requests of what was read back");
        println!("{target}: {exact} requests of exact grants; grants {outcomes:?}");
        assert!(*asked >= 20_000, "{asked} requests are too few");
        assert!(*allowed * 10 >= *asked * 3, "{allowed} of {asked} allowed are too few");
        assert!(*sources > *allowed && *exact >= 1_000, "{sources} sources, {exact} exact are too few");
        for result in [Fidelity::ExactUnderAssumptions, Fidelity::Narrowed, Fidelity::Refused] {
            assert!(outcomes.get(&result).is_some_and(|count| *count >= 20), "few grants end {result:?}");
        }
    }
}

/// Where asked requests and their answers go for the real engines: to `$BAILIWICK_CASES/NAME.jsonl`,
/// a project a line, or nowhere.
pub struct Cases(Option<std::fs::File>);

impl Cases {
    /// A new file, when they are wanted.
    pub fn create(name: &str) -> Cases {
        let folder = std::env::var_os("BAILIWICK_CASES").map(std::path::PathBuf::from);
        Cases(folder.map(|folder| {
            std::fs::create_dir_all(&folder).expect("a folder for the cases");
            std::fs::File::create(folder.join(format!("{name}.jsonl"))).expect("a file for the cases")
        }))
    }

    /// Whether anybody will ask an engine.
    pub fn are_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Adds a line.
    pub fn write(&mut self, project: &serde_json::Value) {
        if let Some(file) = &mut self.0 {
            use std::io::Write;
            writeln!(file, "{project}").expect("room for the cases");
        }
    }
}
