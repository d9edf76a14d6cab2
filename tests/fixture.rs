//! Fixtures: Markdown pages of cases, each a heading and fenced blocks.
//!
//! Blocks before the first `##` heading belong to every case. `UPDATE=1 cargo test` writes what
//! is found into the pages, to be read before it is committed.

use std::path::{Path, PathBuf};

/// A case: what stands below one heading.
pub struct Case {
    /// The heading.
    pub title: String,
    /// The fenced blocks: language and text.
    pub blocks: Vec<(String, String)>,
}

impl Case {
    /// The texts of all blocks of a language, the page's common ones first.
    pub fn text(&self, language: &str) -> String {
        let blocks = self.blocks.iter().filter(|(of, _)| of == language);
        blocks.map(|(_, text)| text.as_str()).collect()
    }
}

/// The pages of a folder of `tests/`, sorted.
pub fn pages(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let entries = std::fs::read_dir(&folder).expect("the folder of fixtures is there");
    let mut pages: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    assert!(!pages.is_empty(), "no fixtures in {}", folder.display());
    pages
}

/// The cases of a page.
pub fn read(page: &str) -> Vec<Case> {
    let (mut common, mut cases): (Vec<(String, String)>, Vec<Case>) = (Vec::new(), Vec::new());
    let mut block: Option<(String, String)> = None;
    for line in page.lines() {
        match &mut block {
            Some(open) if line == "```" => {
                let blocks = cases.last_mut().map_or(&mut common, |case| &mut case.blocks);
                blocks.push((open.0.clone(), std::mem::take(&mut open.1)));
                block = None;
            }
            Some((_, text)) => {
                text.push_str(line);
                text.push('\n');
            }
            None => {
                if let Some(language) = line.strip_prefix("```") {
                    block = Some((language.into(), String::new()));
                } else if let Some(title) = line.strip_prefix("## ") {
                    cases.push(Case { title: title.into(), blocks: common.clone() });
                }
            }
        }
    }
    cases
}

/// Checks every case of every page of a folder: `actual` of a case must be what its block of that
/// language says. With `UPDATE` set, writes it there instead.
pub fn check(folder: &str, language: &str, actual: impl Fn(&Case) -> String) {
    let mut failures = Vec::new();
    for path in pages(folder) {
        let page = std::fs::read_to_string(&path).expect("a page is text");
        let results: Vec<(Case, String)> = read(&page)
            .into_iter()
            .map(|case| (actual(&case), case))
            .map(|(text, case)| (case, text))
            .collect();
        if std::env::var_os("UPDATE").is_some() {
            let texts: Vec<String> = results.into_iter().map(|(_, text)| text).collect();
            std::fs::write(&path, written(&page, language, &texts)).expect("a page can be written");
            continue;
        }
        for (case, text) in results {
            let expected = case.text(language);
            if expected != text {
                failures.push(format!(
                    "{} / {}\n--- expected\n{expected}--- actual\n{text}",
                    path.display(),
                    case.title
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}\n(UPDATE=1 writes what is found)", failures.join("\n"));
}

/// The page with the n-th block of that language, counted over the cases, holding the n-th text.
fn written(page: &str, language: &str, texts: &[String]) -> String {
    let (mut out, mut texts, mut inside) = (String::new(), texts.iter(), false);
    for line in page.lines() {
        if inside && line != "```" {
            continue;
        }
        inside = false;
        out.push_str(line);
        out.push('\n');
        if line.strip_prefix("```") == Some(language) {
            inside = true;
            out.push_str(texts.next().map_or("", String::as_str));
        }
    }
    out
}
