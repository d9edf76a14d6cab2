//! The pages: literate tests.

use bailiwick_compiler::model::Severity;
use bailiwick_compiler::{Compiled, Database, Project, SourceFile, compile, lock, manifest};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// A block of code in a page: what stands behind the fence, and the text.
pub struct Block {
    pub info: String,
    pub text: String,
    /// The line of the page on which the text starts, from 1.
    pub line: usize,
}

/// A heading and the blocks below it.
struct Case {
    title: String,
    blocks: Vec<Block>,
}

/// The fenced blocks of a page under their headings.
fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => {
                let block = open.take().unwrap();
                cases.last_mut().expect("a block stands below a heading").blocks.push(block);
            }
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, Some(info)) => open = Some(Block { info: info.into(), text: String::new(), line: at + 2 }),
            (None, None) if line.starts_with('#') => {
                cases.push(Case { title: line.trim_start_matches(['#', ' ']).into(), blocks: Vec::new() });
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    cases
}

/// Every block of a page.
pub fn blocks(page: &str) -> Vec<Block> {
    cases(page).into_iter().flat_map(|case| case.blocks).collect()
}

/// What a comment expects of its line, or of the next one when it stands alone.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Expected {
    module: String,
    line: usize,
    severity: Severity,
    code: String,
    text: String,
}

fn expectations(module: &str, text: &str) -> Vec<Expected> {
    let mut found = Vec::new();
    let mut waiting = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let (code, comments) =
            match line.find("# error: ").or(line.find("# warning: ")).or(line.find("# note: ")) {
                Some(start) => line.split_at(start),
                None => (line, ""),
            };
        let here = comments.split("# ").filter_map(|comment| {
            let (severity, rest) = comment.split_once(": [")?;
            let (code, text) = rest.split_once(']')?;
            Some((Severity::named(severity)?, code.to_string(), text.trim().to_string()))
        });
        waiting.extend(here);
        if !code.trim().is_empty() {
            found.extend(waiting.drain(..).map(|(severity, code, text)| Expected {
                module: module.into(),
                line: at + 1,
                severity,
                code,
                text,
            }));
        }
    }
    found
}

fn run(case: &Case) -> (Compiled, Vec<Expected>, Vec<(String, String)>) {
    let db = Database::default();
    let (mut files, mut expected, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let (mut settings, mut locked) = (Arc::default(), None);
    for block in &case.blocks {
        match block.info.split_once(' ').unwrap_or((&block.info, "")) {
            ("grant", path) => {
                let module = if path.is_empty() { "main" } else { path };
                files.push(SourceFile::new(&db, module.into(), block.text.as_str().into()));
                expected.extend(expectations(module, &block.text));
                texts.push((module.to_string(), block.text.clone()));
            }
            ("toml", "lock") => locked = Some(Arc::new(lock::parse(&block.text).expect("a lock file"))),
            ("toml", "") => settings = Arc::new(manifest::parse(&block.text).expect("a manifest")),
            (other, _) => panic!("{}: no such block: {other}", case.title),
        }
    }
    let project = Project::new(&db, files, settings, locked);
    (compile(&db, project), expected, texts)
}

fn pages() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/language");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_case_comes_out_as_its_comments_say() {
    let mut failures = String::new();
    for (path, page) in pages() {
        for case in cases(&page).into_iter().filter(|case| !case.blocks.is_empty()) {
            let (compiled, mut expected, texts) = run(&case);
            let mut complain = |what: String| {
                failures += &format!("{}: {}: {what}\n", path.file_name().unwrap().display(), case.title);
            };
            for found in compiled.diagnostics.iter() {
                let at = found.at.as_ref().expect("every diagnostic of a compilation has a place");
                let text = texts.iter().find(|(module, _)| *module == *at.module).map(|(_, text)| text);
                let line = text.map_or(0, |text| text[..at.span.start as usize].matches('\n').count() + 1);
                let position = expected.iter().position(|one| {
                    *one.module == *at.module
                        && one.line == line
                        && one.severity == found.severity
                        && one.code == found.code
                        && found.message.contains(&one.text)
                });
                match position {
                    Some(position) => _ = expected.remove(position),
                    None => complain(format!(
                        "line {line}: unexpected {}: [{}] {}",
                        found.severity.name(),
                        found.code,
                        found.message
                    )),
                }
                let proper = !found.message.ends_with('.') && !found.message.starts_with(char::is_uppercase);
                if !proper || found.severity == Severity::Error && found.help.is_none() {
                    complain(format!(
                        "[{}] {} ({:?}) is not how we speak",
                        found.code, found.message, found.help
                    ));
                }
            }
            for missing in expected {
                complain(format!("missing {missing:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn every_code_has_a_case_and_an_explanation() {
    let covered: BTreeSet<String> = pages()
        .iter()
        .flat_map(|(_, page)| cases(page))
        .flat_map(|case| case.blocks)
        .flat_map(|block| expectations("", &block.text))
        .map(|expected| expected.code)
        .collect();
    // These are not raised at a place in a module; their own unit tests raise them.
    let elsewhere = ["bad-lock", "bad-manifest", "unknown-finding"];
    // The grammar's have its own fixtures, and the examples of their explanations raise them.
    let of_text = |code: &str| bailiwick_grammar::Code::ALL.iter().any(|known| known.text() == code);
    let explained: BTreeSet<String> =
        bailiwick_compiler::explanations().iter().map(|one| one.code.to_string()).collect();
    let missing: Vec<_> = explained
        .difference(&covered)
        .filter(|code| !elsewhere.contains(&code.as_str()) && !of_text(code))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    let unexplained: Vec<_> = covered.difference(&explained).collect();
    assert!(unexplained.is_empty(), "no explanation of {unexplained:?}");
}
