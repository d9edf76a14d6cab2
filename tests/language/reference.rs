//! The reference's examples: each compiles, against a prelude that declares what it names.

use super::pages::blocks;
use bailiwick_compiler::compile_text;
use bailiwick_compiler::model::Severity;
use bailiwick_grammar::ast::{Decl, DeclKind};

const REFERENCE: &str = include_str!("../../docs/reference.md");
const PRELUDE: &str = include_str!("reference.prelude.grant");

/// What a declaration would clash with: its kind (people and teams share names) and its name.
fn identity(decl: &Decl) -> Option<(&'static str, &str)> {
    Some(match &decl.kind {
        DeclKind::Person(name, _) | DeclKind::Team(name, _) => ("principal", &name.node),
        DeclKind::Agent(name, _) => ("agent", &name.node),
        DeclKind::Data(name, _) => ("data", &name.node),
        DeclKind::Tool(name, _) => ("tool", &name.node),
        DeclKind::Purpose(name, _) => ("purpose", &name.node),
        DeclKind::Grant(name, _) => ("grant", &name.node),
        DeclKind::Session(_) => ("session", ""),
        _ => return None,
    })
}

/// Lines that stand inside a tool are shown without it.
fn whole(text: &str) -> String {
    match text.split_whitespace().next() {
        Some("arg") => format!("tool example {{\n{text}\n effect read  touches nothing }}\n"),
        Some("bind") => format!(
            "tool example {{\n{text}\n arg bucket: string  arg key: string  arg region: string\n \
             arg namespace: string  arg name: string  arg replicas: int  effect read  touches nothing }}\n"
        ),
        _ => text.to_string(),
    }
}

#[test]
fn every_example_compiles() {
    let mut failures = String::new();
    let mut count = 0;
    for block in blocks(REFERENCE).into_iter().filter(|block| block.info.starts_with("grant")) {
        count += 1;
        let text = whole(&block.text);
        if text.starts_with("use ") {
            // It names nothing of the prelude, whose data classes are the standard library's too.
            let found = compile_text(&[("main", &text), ("payments/tools", "")]);
            assert_eq!(found.diagnostics.as_slice(), [], "line {}", block.line);
            continue;
        }
        let declared = bailiwick_grammar::parse(&text).module;
        let declared: Vec<_> = declared.decls.iter().filter_map(identity).collect();
        let prelude = bailiwick_grammar::parse(PRELUDE);
        assert!(prelude.errors.is_empty(), "{:?}", prelude.errors);
        let kept = prelude
            .module
            .decls
            .iter()
            .filter(|decl| identity(decl).is_none_or(|id| !declared.contains(&id)));
        let kept: String = kept.map(|decl| format!("{}\n", decl.span.text(PRELUDE))).collect();
        // One module, so that the prelude sees what the example declares and the reverse.
        let main = format!("{text}\n{kept}");
        let found = compile_text(&[("main", &main)]);
        for problem in found.diagnostics.iter().filter(|problem| problem.severity > Severity::Note) {
            let at = problem.at.as_ref().map(|at| at.span.text(&main)).unwrap_or_default();
            failures += &format!("line {}: [{}] {} at `{at}`\n", block.line, problem.code, problem.message);
        }
    }
    assert!(count >= 18, "the reference has {count} examples");
    assert!(failures.is_empty(), "\n{failures}");
}
