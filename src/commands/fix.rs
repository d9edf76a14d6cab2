//! `check --fix`: what is known how to mend is mended.

use crate::output;
use crate::render::human::Human;
use crate::render::json::{Place, place};
use crate::render::visible;
use crate::session::Session;
use crate::status::Failure;
use crate::workspace::Workspace;
use bailiwick_compiler::diagnostic::{Diagnostic, Fix, Location};
use bailiwick_compiler::fix::apply;
use bailiwick_compiler::model::Severity;
use bailiwick_grammar::Span;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// What was mended, and what could have been and was not.
#[derive(Default, Serialize)]
pub struct Mended {
    fixed: Vec<Tried>,
    left: Vec<Tried>,
}

/// A fix that was tried.
#[derive(Serialize)]
struct Tried {
    code: &'static str,
    title: String,
    at: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
    #[serde(skip)]
    location: Location,
}

/// Files that change.
type Texts = BTreeMap<String, Arc<str>>;

/// Makes the findings' fixes in the project's files: all of them when nothing breaks by it, else
/// each that fits with those before it.
pub fn mend(session: &Session, findings: &[Diagnostic]) -> Result<Mended, Failure> {
    let (workspace, mut mended) = (&session.workspace, Mended::default());
    let errors = errors(workspace, &Texts::new());
    let known: Vec<(&Diagnostic, &Fix)> =
        findings.iter().filter_map(|finding| Some((finding, finding.fix.as_ref()?))).collect();
    let all: Vec<&Fix> = known.iter().map(|(_, fix)| *fix).collect();
    let together = edited(workspace, &all).filter(|texts| self::errors(workspace, texts) <= errors);
    let (mut taken, mut texts) = (Vec::new(), Texts::new());
    for (finding, fix) in known {
        let Some(location) = fix.edits.first().map(|(at, _)| at.clone()) else { continue };
        let because = if together.is_some() {
            None
        } else {
            let with: Vec<&Fix> = taken.iter().copied().chain([fix]).collect();
            match edited(workspace, &with) {
                None => Some("it overlaps another fix; run this again"),
                Some(with) if self::errors(workspace, &with) > errors => {
                    Some("the project would not compile")
                }
                Some(with) => {
                    texts = with;
                    None
                }
            }
        };
        let at = place(workspace, &location);
        let tried = Tried { code: finding.code, title: fix.title.clone(), at, because, location };
        match because {
            None => {
                taken.push(fix);
                mended.fixed.push(tried);
            }
            Some(_) => mended.left.push(tried),
        }
    }
    for (module, text) in &together.unwrap_or(texts) {
        output::write(&workspace.file_of(module), text)?;
    }
    Ok(mended)
}

/// The files that the fixes change; `None` when they overlap or speak of what is no file of the project.
fn edited(workspace: &Workspace, fixes: &[&Fix]) -> Option<Texts> {
    let mut edits: BTreeMap<&str, Vec<(Span, &str)>> = BTreeMap::new();
    for (at, new) in fixes.iter().flat_map(|fix| &fix.edits) {
        edits.entry(&at.module).or_default().push((at.span, new));
    }
    let texts = edits.iter().map(|(module, edits)| {
        let text = apply(workspace.modules.get(*module)?, edits)?;
        Some(((*module).to_owned(), text.into()))
    });
    texts.collect()
}

/// How many errors the project has with these texts.
fn errors(workspace: &Workspace, texts: &Texts) -> usize {
    let mut workspace = workspace.clone();
    workspace.modules.extend(texts.iter().map(|(module, text)| (module.clone(), text.clone())));
    let (_, diagnostics) = Session::of(workspace).compile();
    diagnostics.iter().filter(|one| one.severity == Severity::Error).count()
}

impl Mended {
    /// Whether a file was written.
    pub fn any(&self) -> bool {
        !self.fixed.is_empty()
    }

    /// For a person: a line each. Places are those before.
    pub fn human(&self, places: &mut Human) -> String {
        let mut text = String::new();
        // writing to a string cannot fail
        for Tried { code, title, at: _, because, location } in self.fixed.iter().chain(&self.left) {
            let place = places.place(location);
            let _ = match because {
                None => writeln!(text, "fixed {code} at {place}: {title}"),
                Some(why) => writeln!(text, "left {code} at {place}: {title}: {why}"),
            };
        }
        visible(&text).into_owned()
    }
}
