//! The rule reference, `docs/rules.md`, made from the rules' own documentation.

use super::explanations;
use std::fmt::{Error, Write};

/// The page, as Markdown.
pub fn documentation() -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut page);
    page
}

fn write(page: &mut String) -> Result<(), Error> {
    page.push_str(
        "# Rules\n\n\
         What `bailiwick check` finds in a policy that compiles; `bailiwick explain CODE` says the same.\n\
         This page is made from the rules: `UPDATE=1 cargo test -p bailiwick-analyzer` writes it anew.\n\n",
    );
    for one in explanations() {
        writeln!(page, "- [`{0}`](#{0}) ({1}): {2}", one.code, one.severity.name(), one.finds)?;
    }
    for one in explanations() {
        writeln!(page, "\n## {}\n\n**Finds** ({}) {}.\n", one.code, one.severity.name(), one.finds)?;
        writeln!(page, "**Why it matters:** {}.\n\n**Example:**\n\n```grant\n{}```\n", one.why, one.example)?;
        writeln!(page, "**Remedy:** {}.", one.remedy)?;
        if !one.references.is_empty() {
            writeln!(page, "\n**References:** {}.", one.references.join(", "))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    #[allow(clippy::disallowed_methods)] // a test may look at the page it is about
    fn the_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/rules.md");
        let page = super::documentation();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &page).expect("the page can be written");
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == page,
            "docs/rules.md is stale: UPDATE=1 cargo test -p bailiwick-analyzer writes it"
        );
    }
}
