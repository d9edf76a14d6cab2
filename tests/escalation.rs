//! The standard library's escalation paths: every one is found where its permissions meet, and
//! none where one of them is missing.

use bailiwick_analyzer::{Clock, check};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Severity;
use bailiwick_compiler::{Database, Project, SourceFile};
use bailiwick_grammar::ast::{Calls, DeclKind, LegDecl, Predicate, RuleItem, SetExpr};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200;

/// A rule: its name, and one way to fill each of its legs.
struct Path {
    name: String,
    bindings: Vec<String>,
}

fn paths(module: &str) -> Vec<Path> {
    let text = bailiwick_stdlib::module(module).expect("the module is in the library");
    let parsed = bailiwick_grammar::parse(text);
    assert!(parsed.errors.is_empty(), "{module}: {:?}", parsed.errors);
    let rules = parsed.module.decls.into_iter().filter_map(|decl| match decl.kind {
        DeclKind::Toxic(name, _, items) => {
            let legs = items.iter().filter_map(|item| match &item.node {
                RuleItem::Leg(leg) => Some(binding(leg)),
                _ => None,
            });
            Some(Path { name: name.node.to_string(), bindings: legs.collect() })
        }
        _ => None,
    });
    rules.collect()
}

/// The binding of a tool that fills the leg, of any object that it may concern.
fn binding(leg: &LegDecl) -> String {
    let set = leg.tools.as_ref().expect("a leg of a path chooses tools");
    match first(&set.node).expect("a leg of a path chooses tools by what they are bound to") {
        Calls::Aws { actions, .. } => {
            let action = actions[0].node.replace('*', "X");
            format!("bind aws {{ actions \"{action}\"  resource \"*\" }}")
        }
        Calls::Kubernetes { verbs, resources, namespaces } => {
            let verb = verbs[0].node.replace('*', "get");
            let (kind, group) = match resources[0].node.split_once('.') {
                Some((kind, rest)) => match rest.split_once('/') {
                    Some((group, sub)) => (format!("{kind}/{sub}"), group.to_owned()),
                    None => (kind.to_owned(), rest.to_owned()),
                },
                None => (resources[0].node.to_string(), String::new()),
            };
            let [kind, group] = [kind, group].map(|text| text.replace('*', "things"));
            let place = namespaces.first().map_or("anywhere", |place| &*place.node);
            format!(
                "bind kubernetes {{ verbs {verb}  groups \"{group}\"  resources \"{kind}\"  namespace \"{place}\" }}"
            )
        }
    }
}

fn first(set: &SetExpr) -> Option<&Calls> {
    match set {
        SetExpr::Union(parts) | SetExpr::Intersection(parts) => {
            parts.iter().find_map(|part| first(&part.node))
        }
        SetExpr::Having(Predicate::Binding(calls)) => Some(calls),
        SetExpr::Not(_) | SetExpr::Name(_) | SetExpr::Glob(_) | SetExpr::Having(_) => None,
    }
}

/// The rules that break when one agent has tools with these bindings, under names that say nothing.
fn broken(module: &str, bindings: &[&String]) -> BTreeSet<String> {
    let mut text = format!(
        "use {module}\nperson alice {{ email \"a@acme.example\" }}\nagent bot {{ owner alice }}\n\
         purpose work {{ \"Work.\" needs other.* }}\ntool other.idle {{ effect read  touches nothing }}\n"
    );
    let mut allowed = vec!["other.idle".to_owned()];
    for (at, binding) in bindings.iter().enumerate() {
        let _ = writeln!(text, "tool other.t{at} {{ effect write  touches nothing  {binding} }}");
        allowed.push(format!("other.t{at}"));
    }
    let _ =
        writeln!(text, "grant all {{ to bot for work  allow {}  expires 2027-01-01 }}", allowed.join(", "));
    let found = findings(&text);
    assert!(found.iter().all(|one| one.code != "undecided"), "{text}\n{found:#?}");
    found
        .iter()
        .filter(|one| one.code == "toxic-combination")
        .filter_map(|one| one.rule.as_ref().map(ToString::to_string))
        .collect()
}

fn findings(text: &str) -> Vec<Arc<Diagnostic>> {
    let db = Database::default();
    let file = SourceFile::new(&db, "main".into(), Arc::from(text));
    let project = Project::new(&db, vec![file], Arc::default(), None);
    let found = check(&db, project, Clock::new(&db, NOW)).to_vec();
    let wrong: Vec<_> =
        found.iter().filter(|one| one.rule.is_none() && one.severity == Severity::Error).collect();
    assert!(wrong.is_empty(), "{text}\n{wrong:#?}");
    found
}

fn every_path(module: &str, least: usize) {
    let paths = paths(module);
    assert!(paths.len() >= least, "{module} has only {} paths", paths.len());
    for path in &paths {
        let all: Vec<&String> = path.bindings.iter().collect();
        assert!(broken(module, &all).contains(&path.name), "{} is not found where it is", path.name);
        for without in 0..all.len() {
            let mut some = all.clone();
            let taken = some.remove(without);
            // a tool that fills two legs leaves with both
            some.retain(|binding| *binding != taken);
            assert!(
                !broken(module, &some).contains(&path.name),
                "{} is found without its `{taken}`",
                path.name
            );
        }
    }
}

#[test]
fn every_aws_path_needs_each_of_its_permissions() {
    every_path("std/escalation/aws", 65);
}

#[test]
fn every_kubernetes_risk_needs_each_of_its_permissions() {
    every_path("std/escalation/kubernetes", 12);
}

#[test]
fn every_action_of_a_path_is_one_that_aws_has() {
    let found = findings("use std/escalation/aws\n");
    let unknown: Vec<_> = found.iter().filter(|one| one.code == "unknown-aws-action").collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    let misspelt = findings("forbid f { tools binding aws \"iam:PasRole\" }\n");
    assert!(misspelt.iter().any(|one| one.code == "unknown-aws-action"), "{misspelt:#?}");
}

#[test]
fn the_index_lists_every_path() {
    let page = include_str!("../docs/escalation.md");
    let listed: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let paths: Vec<String> = ["std/escalation/aws", "std/escalation/kubernetes"]
        .iter()
        .flat_map(|module| paths(module))
        .map(|path| path.name)
        .collect();
    assert_eq!(listed, paths, "docs/escalation.md is stale");
}
