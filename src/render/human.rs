//! Findings for a person: the source, what is wrong in it and what else contributes, what to do,
//! and the requests that show it, each on a line of its own so that it can be pasted into `eval`.

use super::listing::{Listing, Page};
use super::visible;
use crate::workspace::Workspace;
use bailiwick_compiler::diagnostic::{Diagnostic, Excess, Location};
use bailiwick_compiler::model::Severity;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles};
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::sync::Arc;

/// More findings than this are counted and not shown.
const MOST: usize = 500;

/// Writes reports about one project.
pub struct Human<'a> {
    workspace: &'a Workspace,
    handler: GraphicalReportHandler,
    pages: BTreeMap<String, Option<Arc<Page>>>,
    bold: (&'static str, &'static str),
}

impl<'a> Human<'a> {
    /// For a terminal of that many columns.
    pub fn new(workspace: &'a Workspace, width: usize, colours: bool) -> Self {
        let styles = if colours { ThemeStyles::ansi() } else { ThemeStyles::none() };
        let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width)
            .with_urls(false)
            .with_break_words(false)
            .without_syntax_highlighting();
        let bold = if colours { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        Self { workspace, handler, pages: BTreeMap::new(), bold }
    }

    /// All the findings, one report each.
    pub fn findings(&mut self, findings: &[Diagnostic]) -> String {
        let mut text = String::new();
        for finding in findings.iter().take(MOST) {
            self.finding(&mut text, finding);
            text.push('\n');
        }
        if let Some(left @ 1..) = findings.len().checked_sub(MOST) {
            let _ = writeln!(text, "… and {left} more\n");
        }
        text
    }

    /// Where something stands, as `path:line:column`.
    pub fn place(&mut self, at: &Location) -> String {
        match self.page(&at.module) {
            Some(page) => {
                let (line, column) = page.position(at.span.start as usize);
                format!("{}:{line}:{column}", page.name())
            }
            None => visible(&at.module).into_owned(),
        }
    }

    fn finding(&mut self, text: &mut String, finding: &Diagnostic) {
        let report = self.report(finding);
        // a string takes everything that is written to it
        let _ = self.handler.render_report(text, &report);
        let (bold, plain) = self.bold;
        for excess in &finding.excess {
            let _ = writeln!(text, "  {bold}beyond{plain}: {}", visible(&said(excess)));
        }
        if let Some(witness) = &finding.witness {
            for (role, request) in &witness.requests {
                let _ = writeln!(
                    text,
                    "  {bold}witness{plain} ({}), for `bailiwick eval --request -`:",
                    visible(role)
                );
                let _ = writeln!(text, "{}", visible(request));
            }
            if let Some(note) = &witness.note {
                let _ = writeln!(text, "  {}", visible(note));
            }
        }
    }

    fn report(&mut self, finding: &Diagnostic) -> Report {
        let mut listing = Listing::default();
        let mut labels = Vec::new();
        let mut unseen = Vec::new();
        let places = finding.at.iter().map(|at| (at, None));
        let places = places.chain(finding.labels.iter().map(|label| (&label.at, Some(label.text.as_str()))));
        for (at, words) in places {
            let words = words.map(|words| visible(words).into_owned());
            let Some(page) = self.page(&at.module) else { continue };
            match page.marked(at.span.range()) {
                Some(marked) => {
                    let start = listing.base_of(&page, &marked) + marked.start;
                    let primary = words.is_none();
                    let words = words.or_else(|| Some("here".into()));
                    labels.push(if primary {
                        LabeledSpan::new_primary_with_span(words, (start, marked.len()))
                    } else {
                        LabeledSpan::new_with_span(words, (start, marked.len()))
                    });
                }
                None => unseen.push(format!("{} at {}", words.as_deref().unwrap_or("here"), self.place(at))),
            }
        }
        let mut help: Vec<String> = unseen;
        help.extend(finding.help.clone());
        help.extend(finding.fix.as_ref().map(|fix| format!("`check --fix` would {}", fix.title)));
        if !finding.references.is_empty() {
            help.push(format!("see {}", finding.references.join(", ")));
        }
        Report {
            code: format!("{} {}", finding.severity.name(), finding.code),
            severity: finding.severity,
            message: visible(&finding.message).into_owned(),
            help: (!help.is_empty()).then(|| visible(&help.join("\n")).into_owned()),
            listing,
            labels,
        }
    }

    fn page(&mut self, module: &str) -> Option<Arc<Page>> {
        if let Some(page) = self.pages.get(module) {
            return page.clone();
        }
        let source = self.workspace.source(module);
        let page = source.map(|(name, text)| Arc::new(Page::new(visible(&name).into_owned(), &text)));
        self.pages.insert(module.to_owned(), page.clone());
        page
    }
}

/// An excess in words: the calls, and each region on a line of its own.
pub(super) fn said(excess: &Excess) -> String {
    let mut words = excess.calls.join(", ");
    let regions = excess.regions.iter().filter(|facts| !facts.is_empty());
    for facts in regions {
        words += &format!("\n    - {}", facts.join(", "));
    }
    if excess.regions.iter().any(Vec::is_empty) {
        words += ", whatever the arguments";
    }
    if let Some(rest) = &excess.rest {
        words += &format!("\n    - {rest}");
    }
    words
}

/// A finding as miette takes it.
#[derive(Debug)]
struct Report {
    code: String,
    severity: Severity,
    message: String,
    help: Option<String>,
    listing: Listing,
    labels: Vec<LabeledSpan>,
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.labels.is_empty()).then_some(&self.listing)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }
}
