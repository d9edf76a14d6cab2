//! Planted faults, as somebody would plant them who knows the reference and not the code.
//!
//! A page holds a clean policy, and cases: each plants one fault in it (a block `fault`, or
//! several that are the same fault in other words) and has clean twins (`clean`) that come as near
//! to it as one can. A block is an edit: lines with `-` stand in the policy once and go, lines with
//! `+` come in their place, or at the end when nothing goes; an empty line ends a change. Every
//! text is looked at in every variant that does not change what it means (see `variants`): the
//! fault must be found in all of them, with the right rule, about the right subject, by requests
//! that replay; and of a twin nothing may be found that is graver than a note.

mod variants;

use crate::fixture;
use crate::labels::unlabelled;
use crate::witness::wrong;
use bailiwick_analyzer::{Clock, check, explanations};
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::{Model, Severity};
use bailiwick_compiler::{Database, Project, SourceFile, compile_text};
use std::collections::BTreeSet;
use std::sync::Arc;
use variants::{VARIANTS, Variant};

/// 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200;

/// Rules that say something of all requests, and show one of which it is not so.
const SHOWN: [&str; 10] = [
    "approval-impossible",
    "beyond-ceiling",
    "beyond-owner",
    "delegated-reach",
    "over-privilege",
    "overridden-grant",
    "proof-failed",
    "separation-of-duties",
    "toxic-combination",
    "delegation-cycle",
];

macro_rules! pages {
    ($($page:ident)*) => {
        $(#[test]
        fn $page() {
            holds(&stringify!($page).replace('_', "-"));
        })*

        #[test]
        fn every_page_and_every_rule_is_looked_at() {
            let here = BTreeSet::from([$(stringify!($page).replace('_', "-")),*]);
            let there: BTreeSet<String> =
                fixture::pages("planted").iter().map(|page| name(page).to_owned()).collect();
            assert_eq!(here, there);
            let texts = fixture::pages("planted");
            let planted: BTreeSet<String> = texts
                .iter()
                .flat_map(|page| fixture::read(&std::fs::read_to_string(page).expect("a page is text")))
                .map(|case| Subject::of(&case.title).code)
                .collect();
            let rules: BTreeSet<String> = explanations().iter().map(|one| one.code.to_owned()).collect();
            assert_eq!(planted, rules, "each rule has its faults, and each fault its rule");
        }
    };
}

pages! { values privilege vacuous duties delegation lifecycle claims }

fn name(page: &std::path::Path) -> &str {
    page.file_stem().and_then(|name| name.to_str()).expect("a page has a name")
}

/// What a case is about: `CODE on KIND NAME: in words`.
struct Subject {
    code: String,
    kind: String,
    name: String,
}

impl Subject {
    fn of(title: &str) -> Self {
        let what = title.split(':').next().unwrap_or(title);
        let words: Vec<&str> = what.split(' ').collect();
        let [code, "on", kind, name] = words[..] else { panic!("{title}: not `CODE on KIND NAME: …`") };
        Self { code: code.into(), kind: kind.into(), name: name.into() }
    }

    fn is_of(&self, finding: &Diagnostic, variant: &Variant) -> bool {
        let subject = match &finding.subject {
            Some((kind, name)) => format!("{kind} {name}"),
            None => "project -".into(),
        };
        let name = if self.kind == "project" { self.name.clone() } else { (variant.name)(&self.name) };
        finding.code == self.code && subject == format!("{} {name}", self.kind)
    }
}

fn holds(page: &str) {
    let path = fixture::pages("planted").into_iter().find(|path| name(path) == page);
    let text = std::fs::read_to_string(path.expect("the page is there")).expect("a page is text");
    let mut wrong = Vec::new();
    for case in fixture::read(&text) {
        let subject = Subject::of(&case.title);
        let block = |language: &str| -> Vec<String> {
            let blocks = case.blocks.iter().filter(|(of, _)| of == language);
            blocks.map(|(_, text)| text.clone()).collect()
        };
        let base = block("grant").remove(0);
        let (faults, clean) = (block("fault"), block("clean"));
        assert!(!faults.is_empty() && !clean.is_empty(), "{}: a fault and a twin", case.title);
        let except = block("except").concat();
        for variant in
            VARIANTS.iter().filter(|variant| !except.trim().split(", ").any(|one| one == variant.title))
        {
            for (planted, edits) in
                faults.iter().map(|edits| (true, edits)).chain(clean.iter().map(|edits| (false, edits)))
            {
                let text = (variant.text)(&base, &edited(&case.title, &base, edits));
                let fault =
                    if planted { missed(&text, &subject, variant) } else { cried(&text, &subject, variant) };
                wrong.extend(
                    fault.map(|why| format!("{page}: {}, {}\n{edits}{why}", case.title, variant.title)),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The policy with the changes of a block.
fn edited(title: &str, base: &str, edits: &str) -> String {
    let mut text = base.to_owned();
    for change in edits.split("\n\n") {
        let lines = |sign: &str| -> String {
            let lines = change.lines().filter_map(|line| line.strip_prefix(sign));
            lines.map(|line| format!("{line}\n")).collect()
        };
        let (goes, comes) = (lines("-"), lines("+"));
        let times = if goes.is_empty() { 1 } else { text.matches(&goes).count() };
        assert_eq!(times, 1, "{title}: stands in the policy {times} times:\n{goes}");
        match goes.is_empty() {
            true => text.push_str(&comes),
            false => text = text.replacen(&goes, &comes, 1),
        }
    }
    text
}

/// Why a planted fault counts as missed, if it does.
fn missed(text: &str, subject: &Subject, variant: &Variant) -> Option<String> {
    let (model, all) = findings(text);
    let of_it: Vec<_> = all.iter().filter(|finding| subject.is_of(finding, variant)).collect();
    let told = || all.iter().map(|one| format!("  {} {}\n", one.code, one.message)).collect::<String>();
    if let Some(error) = all.iter().find(|one| {
        !explanations().iter().any(|rule| rule.code == one.code) && one.severity == Severity::Error
    }) {
        return Some(format!("does not compile: {}", error.message));
    }
    if of_it.is_empty() {
        return Some(format!("missed; found are\n{}", told()));
    }
    if let Some((finding, name)) = of_it.iter().find_map(|one| Some((one, unlabelled(&model, one)?))) {
        return Some(format!("`{name}` is named and not labelled: {}", finding.message));
    }
    let shown =
        |finding: &&&Arc<Diagnostic>| finding.witness.as_ref().is_some_and(|one| !one.requests.is_empty());
    match of_it.iter().find(shown) {
        Some(finding) => wrong(&model, finding),
        None => SHOWN.contains(&subject.code.as_str()).then(|| "found, and nothing shows it".to_owned()),
    }
}

/// Why a clean twin counts as accused, if it does.
fn cried(text: &str, subject: &Subject, variant: &Variant) -> Option<String> {
    let (_, all) = findings(text);
    let graver = all.iter().find(|one| one.severity > Severity::Note || subject.is_of(one, variant));
    graver.map(|one| format!("cried wolf: {} {} {}", one.severity.name(), one.code, one.message))
}

fn findings(text: &str) -> (Model, Vec<Arc<Diagnostic>>) {
    let db = Database::default();
    let file = SourceFile::new(&db, "main".into(), Arc::from(text));
    let project = Project::new(&db, vec![file], Arc::default(), None);
    let model = (*compile_text(&[("main", text)]).model).clone();
    (model, check(&db, project, Clock::new(&db, NOW)).to_vec())
}
