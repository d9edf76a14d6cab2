//! What the tests and benchmarks share: well-formed projects drawn from a seed, and requests drawn
//! around the boundaries of what a project grants.
//!
//! Both read no clock and no file: the same seed gives the same text on every machine, so that a
//! failure is named by its seed. The conformance vectors are read from here too.

mod less;
mod parsers;
mod project;
mod requests;
mod rng;
mod vectors;

pub use less::less;
pub use parsers::doubles_hide;
pub use project::{Options, project};
pub use requests::requests;
pub use rng::Rng;
pub use vectors::{Case, Vectors, vector_model, vectors};

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_compiler::Diagnostic;
    use bailiwick_compiler::db::{Compiled, compile_text};
    use bailiwick_compiler::evaluator::decide;
    use bailiwick_compiler::model::Severity;
    use bailiwick_compiler::request::read;

    #[test]
    fn a_seed_gives_the_same_project_and_another_seed_another() {
        let options = Options::default();
        assert_eq!(project(7, &options), project(7, &options));
        assert_ne!(project(7, &options), project(8, &options));
    }

    /// Words, each of a construct of the reference, that a handful of default projects must use.
    const CONSTRUCTS: &[&str] = &[
        "use \"./",
        "session {",
        "person ",
        "email ",
        "departed on ",
        "holds ",
        "holds data ",
        "team ",
        "lead ",
        "members ",
        "contact ",
        "agent ",
        "owner ",
        "identity spiffe",
        "identity oidc",
        "identity aws-role",
        "identity kubernetes",
        "identity entra",
        "identity oauth",
        "authn at-least",
        "review every 90d last",
        "tags ",
        "suspended because",
        "data records-0 {",
        "parent ",
        "sensitivity ",
        "regulations ",
        "tool ",
        ": bool",
        ": int",
        ": decimal",
        ": string",
        ": path",
        ": url",
        ": instant",
        ": duration",
        ": ip",
        ": cidr",
        ": person",
        "open | closed | \"in progress\"",
        "set<string>",
        "set<int>",
        ": opaque",
        "?: ",
        " = each files.path",
        "effect write",
        "effect delete irreversible",
        "effect read",
        "effect execute",
        "effect admin",
        "reads ",
        "writes ",
        "reads unclassified",
        "touches nothing",
        "ingests untrusted",
        "reaches external",
        "variant method",
        "bind mcp",
        "bind aws",
        "actions ",
        "resource ",
        "key \"",
        "bind kubernetes",
        "verbs ",
        "groups ",
        "resources ",
        "namespace args",
        "namespace cluster",
        "name args",
        "field \"spec",
        "purpose ",
        "needs ",
        "needs data",
        "grant ",
        " for purpose",
        "allow ",
        "allow tools",
        "on ",
        "when ",
        " where ",
        "approval ",
        " independent",
        " if ",
        "ttl ",
        "starts ",
        "expires ",
        "delegate to ",
        " depth ",
        " only sys",
        " only {",
        "forbid ",
        "agents ",
        "tools ",
        "because ",
        "ceiling ",
        "separate ",
        "duty ",
        "toxic ",
        "leg ",
        "unless approved",
        "joining ",
        "severity ",
        "reference ",
        "within session",
        "within agent",
        "within delegation",
        "within owner",
        "standard ",
        "for grants allowing",
        "for agents",
        "require expires within",
        "require ttl",
        "require approval independent",
        "require authn",
        "require depth",
        "require review",
        "require identity spiffe",
        "waive ",
        " until ",
        "test ",
        "given at ",
        "given session",
        "due to ",
        " via ",
        " started ",
        " approved by ",
        "prove ",
        "never ",
        "only ",
        "always ",
        " or ",
        " and ",
        "not (",
        " contains ",
        " contains-all ",
        " contains-any ",
        " subset-of ",
        " like ",
        " under ",
        " host ",
        " in \"",
        " not in (",
        "has ",
        "approved by ",
        "purpose == ",
        "purpose in (",
        "session.authn",
        "session.started",
        "now >= ",
        "during weekdays",
        "tagged ",
        "owned-by ",
        "at-least ",
        "at-most ",
        "regulated-by ",
        "irreversible",
        "== session.",
        "unclassified",
    ];

    #[test]
    fn every_construct_appears() {
        let text: String = (0..40)
            .flat_map(|seed| project(seed, &Options::default()))
            .map(|(path, text)| format!("# {path}\n{text}"))
            .collect();
        let missing: Vec<_> = CONSTRUCTS.iter().filter(|construct| !text.contains(**construct)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn generated_projects_have_no_errors() {
        let mut wrong = Vec::new();
        for seed in 0..200 {
            let modules = project(seed, &Options::default());
            let compiled = compile(&modules);
            let error = compiled.diagnostics.iter().find(|found| found.severity == Severity::Error);
            wrong.extend(error.map(|error| format!("seed {seed}: {}", shown(&modules, error))));
        }
        assert!(
            wrong.is_empty(),
            "{} seeds, such as\n{}",
            wrong.len(),
            wrong[..wrong.len().min(20)].join("\n")
        );
    }

    /// A diagnostic with the line that it is about.
    fn shown(modules: &[(String, String)], diagnostic: &Diagnostic) -> String {
        let line = diagnostic.at.as_ref().and_then(|at| {
            let (_, text) = modules.iter().find(|(path, _)| **path == *at.module)?;
            let before = text.get(..at.span.start as usize)?;
            Some(format!(
                "{}:{}: {}",
                at.module,
                before.lines().count(),
                text.get(at.span.start as usize..)?.lines().next()?
            ))
        });
        format!("{}: {} ({})", diagnostic.code, diagnostic.message, line.unwrap_or_default())
    }

    fn compile(modules: &[(String, String)]) -> Compiled {
        let modules: Vec<(&str, &str)> =
            modules.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        compile_text(&modules)
    }

    #[test]
    fn enough_requests_are_allowed_and_many_are_not() {
        let (mut all, mut allowed, mut ill_formed) = (0, 0, 0);
        for seed in 0..20 {
            let model = compile(&project(seed, &Options::default())).model;
            for request in requests(&model, seed, 200) {
                all += 1;
                match read(&model, &request) {
                    Ok(request) if decide(&model, &request).is_allow() => allowed += 1,
                    Ok(_) => {}
                    Err(_) => ill_formed += 1,
                }
            }
        }
        assert_eq!(all, 4_000);

        assert!(allowed * 100 >= all * 30, "{allowed} of {all} are allowed");
        assert!((all - allowed) * 100 >= all * 25, "{allowed} of {all} are allowed");
        assert!(ill_formed * 100 >= all * 5, "{ill_formed} of {all} are ill formed");
    }

    #[test]
    fn a_seed_gives_the_same_requests() {
        let model = compile(&project(3, &Options::default())).model;
        assert_eq!(requests(&model, 1, 50), requests(&model, 1, 50));
        assert_ne!(requests(&model, 1, 50), requests(&model, 2, 50));
    }

    #[test]
    fn a_benchmark_project_compiles_and_has_the_size_that_is_asked_for() {
        let options = Options::benchmark(1_000);
        let modules = project(1, &options);
        let text: String = modules.iter().map(|(_, text)| text.as_str()).collect();
        let count = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!(count("grant grant-"), 1_000);
        assert_eq!(count("agent agent-"), 100);
        assert_eq!(count("tool sys-"), 500);
        let errors = compile(&modules);
        let error = errors.diagnostics.iter().find(|found| found.severity == Severity::Error);
        assert!(error.is_none(), "{}", error.map(|error| shown(&modules, error)).unwrap_or_default());
    }
}
