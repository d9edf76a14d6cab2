//! Code actions: the fixes that findings carry, ready to apply.
//!
//! They are asked of the same queries as the findings that are shown, at the text as it is now: a
//! fix is never offered for a text that is gone. What an action changes is what `check --fix`
//! writes: lines that become empty go, and what was formatted is so again.

use crate::engine::{Page, Snapshot, Superseded};
use crate::position::Lines;
use crate::to_proto;
use bailiwick_compiler::diagnostic::{Diagnostic, Fix};
use bailiwick_compiler::fix::apply;
use bailiwick_grammar::Span;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use tower_lsp::lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Range, Url, WorkspaceEdit};

/// The fixes of what is found in a range of a document; none when the editor wants `only` actions
/// of other kinds. `uri` knows the address of a file.
pub fn code_action(
    snapshot: &Snapshot,
    path: &Path,
    range: Range,
    only: Option<&[CodeActionKind]>,
    uri: impl Fn(&Path) -> Option<Url>,
) -> Result<Vec<CodeActionOrCommand>, Superseded> {
    // a kind stands for those below it, and the empty one for all
    let wanted = |kind: &CodeActionKind| matches!(kind.as_str(), "" | "quickfix");
    if only.is_some_and(|only| !only.iter().any(wanted)) {
        return Ok(Vec::new());
    }
    let mut pages = snapshot.diagnostics(true)?;
    let Some(Page { text, diagnostics }) = pages.remove(path) else { return Ok(Vec::new()) };
    snapshot.ask(|| {
        let lines = Lines::new(&text);
        let here = |found: &&Arc<Diagnostic>| {
            let at = found.at.as_ref().map_or(Range::default(), |at| lines.range(at.span));
            at.start <= range.end && range.start <= at.end
        };
        let actions = diagnostics.iter().filter(here).filter_map(|found| {
            let fix = found.fix.as_ref()?;
            let edit = edit(snapshot, path, fix, &uri)?;
            let shown = to_proto::diagnostic(&lines, found, |module| snapshot.locate(path, module));
            Some(CodeActionOrCommand::CodeAction(CodeAction {
                title: fix.title.clone(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![shown]),
                edit: Some(edit),
                is_preferred: Some(true),
                ..CodeAction::default()
            }))
        });
        actions.collect()
    })
}

/// The edits of a fix, file by file; `None` when one of them is of no file that is there.
fn edit(
    snapshot: &Snapshot,
    from: &Path,
    fix: &Fix,
    uri: impl Fn(&Path) -> Option<Url>,
) -> Option<WorkspaceEdit> {
    let mut edits: BTreeMap<&str, Vec<(Span, &str)>> = BTreeMap::new();
    for (at, new) in &fix.edits {
        edits.entry(&at.module).or_default().push((at.span, new));
    }
    let changes: Option<HashMap<_, _>> = edits
        .iter()
        .map(|(module, edits)| {
            let (path, text) = snapshot.locate(from, module)?;
            Some((uri(&path)?, vec![to_proto::difference(&text, &apply(&text, edits)?)]))
        })
        .collect();
    Some(WorkspaceEdit { changes: Some(changes?), ..WorkspaceEdit::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Open};
    use crate::state::Document;
    use crate::{Folder, Host};
    use std::path::PathBuf;
    use std::sync::Arc;
    use tower_lsp::lsp_types::{NumberOrString, Position};

    const POLICY: &str = r#"data payments { sensitivity restricted }

person alice { email "alice@acme.example" }

tool stripe.refund {
  arg amount: int
  effect write irreversible
  writes payments
}

purpose refunds {
  "Return money to customers who were charged in error."
  needs stripe.refund where args.amount <= 500
  needs data payments
}

agent bot { owner alice }

grant refund {
  to    bot for refunds
  allow stripe.refund where args.amount <= 5000 # é𝄞
  on    payments
}
"#;

    /// A project of one file that lies nowhere, on 2026-12-01.
    fn opened(text: &str) -> (Snapshot, PathBuf) {
        let load = |root: &Path| {
            Ok(Folder {
                root: root.to_owned(),
                modules: BTreeMap::new(),
                manifest: Arc::default(),
                lock: None,
                diagnostics: Vec::new(),
            })
        };
        let mut engine = Engine::new(Host { load, now: || 1_796_083_200 });
        let path = std::env::temp_dir().join("no-such-project/main.grant");
        let uri = Url::from_file_path(&path).expect("the path is absolute");
        let document = Document { uri, version: 1, text: text.into() };
        engine.sync(&Open::from([(path.clone(), document)]), false);
        (engine.snapshot(), path)
    }

    fn everywhere() -> Range {
        Range { start: Position::default(), end: Position { line: u32::MAX, character: 0 } }
    }

    fn actions(text: &str, range: Range, only: Option<&[CodeActionKind]>) -> Vec<CodeAction> {
        let (snapshot, path) = opened(text);
        let found = code_action(&snapshot, &path, range, only, |path| Url::from_file_path(path).ok());
        let found = found.expect("nothing is edited meanwhile").into_iter();
        found
            .map(|one| match one {
                CodeActionOrCommand::CodeAction(action) => action,
                CodeActionOrCommand::Command(command) => panic!("a command: {}", command.title),
            })
            .collect()
    }

    fn code(action: &CodeAction) -> &str {
        match &action.diagnostics.as_deref() {
            Some([one]) => match &one.code {
                Some(NumberOrString::String(code)) => code,
                Some(NumberOrString::Number(_)) | None => panic!("no code: {one:?}"),
            },
            Some(_) | None => panic!("not one finding: {action:?}"),
        }
    }

    /// The text with the action's edits made, as an editor makes them.
    fn made(text: &str, action: &CodeAction) -> String {
        let changes = action.edit.as_ref().and_then(|edit| edit.changes.as_ref()).expect("changes");
        assert_eq!(changes.len(), 1, "one file changes");
        let lines = Lines::new(text);
        let [edit] = changes.values().next().expect("it").as_slice() else { panic!("not one edit") };
        let (start, end) = (lines.offset(edit.range.start), lines.offset(edit.range.end));
        format!("{}{}{}", &text[..start], edit.new_text, &text[end..])
    }

    #[test]
    fn every_fix_is_offered_with_its_finding_and_mends_it() {
        let found = actions(POLICY, everywhere(), None);
        let codes: Vec<&str> = found.iter().map(code).collect();
        assert_eq!(codes, ["no-expiry", "over-privilege"]);
        for action in &found {
            assert_eq!(action.kind, Some(CodeActionKind::QUICKFIX));
            assert_eq!(action.is_preferred, Some(true));
            let after = made(POLICY, action);
            assert_eq!(bailiwick_grammar::format(&after).as_deref(), Ok(after.as_str()));
            let left = actions(&after, everywhere(), None);
            assert!(left.iter().all(|one| code(one) != code(action)), "{after}");
            assert_eq!(left.len(), found.len() - 1, "{after}");
        }
        assert!(made(POLICY, &found[1]).contains("where args.amount <= 500 # é𝄞"));
    }

    #[test]
    fn slips_of_the_text_have_actions_too() {
        let text = POLICY.replace("to    bot", "to    bot;");
        let found = actions(&text, everywhere(), None);
        assert_eq!(found.iter().map(code).collect::<Vec<_>>(), ["semicolon"]);
        assert_eq!(made(&text, &found[0]), POLICY);
    }

    #[test]
    fn only_what_is_asked_for_is_offered() {
        let line =
            |line| Range { start: Position { line, character: 3 }, end: Position { line, character: 3 } };
        let at = POLICY.lines().position(|line| line.contains("5000")).expect("the line") as u32;
        // the grant that has no expiry is around the line that is too wide
        assert_eq!(actions(POLICY, line(at), None).len(), 2);
        assert!(actions(POLICY, line(0), None).is_empty());
        let only = |kind: &CodeActionKind| actions(POLICY, line(at), Some(std::slice::from_ref(kind))).len();
        assert_eq!(only(&CodeActionKind::QUICKFIX), 2);
        assert_eq!(only(&CodeActionKind::EMPTY), 2);
        assert_eq!(only(&CodeActionKind::REFACTOR), 0);
        assert_eq!(only(&CodeActionKind::SOURCE_ORGANIZE_IMPORTS), 0);
    }
}
