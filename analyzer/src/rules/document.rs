//! The reference of the findings, `docs/rules/`, made from their own documentation: a page a code
//! and an index.

use super::explanations;
use bailiwick_compiler::diagnostic::{Explanation, Section};
use std::fmt::{Error, Write};

/// A page of the reference.
pub struct Page {
    /// Its file's name.
    pub name: String,
    /// Markdown.
    pub text: String,
}

/// Every code that the tool knows, sorted: the rules' and those of reading and compiling.
pub fn every_explanation() -> Vec<Explanation> {
    let mut all = bailiwick_compiler::explanations();
    all.extend(explanations());
    all.sort_by_key(|explanation| explanation.code);
    all
}

/// The whole reference.
pub fn pages() -> Vec<Page> {
    let mut pages = vec![Page { name: "README.md".into(), text: written(index) }];
    pages.extend(
        every_explanation()
            .iter()
            .map(|one| Page { name: format!("{}.md", one.code), text: written(|text| page(text, one)) }),
    );
    pages
}

fn written(write: impl FnOnce(&mut String) -> Result<(), Error>) -> String {
    let mut text = String::new();
    // writing to a string does not fail
    let _ = write(&mut text);
    text
}

fn index(text: &mut String) -> Result<(), Error> {
    text.push_str(
        "# What Bailiwick finds\n\n\
         `bailiwick explain CODE` says the same as a code's page. These pages are made from the code:\n\
         `UPDATE=1 cargo test -p bailiwick-analyzer` writes them anew.\n\n\
         ## In a policy that compiles\n\n",
    );
    list(text, explanations())?;
    text.push_str(
        "\n## In the text of a project\n\nThese are errors: nothing is proved of a policy that has one.\n\n",
    );
    list(text, bailiwick_compiler::explanations())
}

fn list(text: &mut String, explanations: Vec<Explanation>) -> Result<(), Error> {
    text.push_str("| code | severity | finds |\n|---|---|---|\n");
    for one in explanations {
        let finds = one.finds.replace('|', "\\|");
        writeln!(text, "| [`{0}`]({0}.md) | {1} | {finds} |", one.code, one.severity.name())?;
    }
    Ok(())
}

fn page(text: &mut String, explanation: &Explanation) -> Result<(), Error> {
    let Explanation { code, severity, finds, .. } = explanation;
    writeln!(text, "# `{code}`\n\nOf severity *{}*: {finds}.", severity.name())?;
    for (title, section) in explanation.sections() {
        match section {
            Section::Prose(words) => writeln!(text, "\n## {title}\n\n{}.", capitalised(&words))?,
            Section::Policy(policy) => {
                writeln!(text, "\n## {title}\n\n```grant\n{}\n```", policy.trim_matches('\n'))?;
            }
        }
    }
    Ok(())
}

/// Messages are in lower case, pages are prose.
fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // a test may look at the pages it is about
mod tests {
    use super::pages;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn the_pages_are_up_to_date() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/rules");
        let (pages, update) = (pages(), std::env::var_os("UPDATE").is_some());
        let mut stale: Vec<String> = Vec::new();
        if update {
            fs::create_dir_all(folder).expect("the folder can be made");
        }
        for page in &pages {
            let path = format!("{folder}/{}", page.name);
            if fs::read_to_string(&path).unwrap_or_default() != page.text {
                match update {
                    true => fs::write(&path, &page.text).expect("the page can be written"),
                    false => stale.push(page.name.clone()),
                }
            }
        }
        let known: BTreeSet<&str> = pages.iter().map(|page| page.name.as_str()).collect();
        assert_eq!(known.len(), pages.len(), "a code is explained twice");
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !known.contains(name) {
                match update {
                    true => fs::remove_file(&path).expect("the page can be removed"),
                    false => stale.push(name.into()),
                }
            }
        }
        assert!(
            stale.is_empty(),
            "docs/rules is stale ({}): UPDATE=1 cargo test -p bailiwick-analyzer writes it",
            stale.join(", ")
        );
    }
}
