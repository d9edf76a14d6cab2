//! One `.grant` file a fixture, dropped into `fixtures/`: its errors, or its tree.

use bailiwick_grammar::parse;
use std::fmt::Write;

#[test]
#[allow(clippy::disallowed_methods)] // a fixture is a file
fn fixtures() {
    insta::glob!("../fixtures", "*.grant", |path| {
        let source = std::fs::read_to_string(path).expect("a fixture is text");
        let parsed = parse(&source);
        let mut out = String::new();
        for error in &parsed.errors {
            let before = &source[..error.span.start as usize];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let _ = writeln!(out, "{line}:{column}: {}: {}", error.code, error.message);
            if let Some(help) = &error.help {
                let _ = writeln!(out, "  help: {help}");
            }
            if let Some((span, text)) = &error.fix {
                let _ = writeln!(out, "  fix: {:?} to {text:?}", span.text(&source));
            }
        }
        if parsed.errors.is_empty() {
            let _ = writeln!(out, "{:#?}", Plain(&parsed.module));
        } else {
            let _ = writeln!(out, "read: {} declarations", parsed.module.decls.len());
        }
        insta::assert_snapshot!(out);
    });
}

/// A tree without its spans, and on as few lines as that allows.
struct Plain<'a>(&'a bailiwick_grammar::ast::Module);

impl std::fmt::Debug for Plain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for decl in &self.0.decls {
            let text = format!("{:?} {:?}", decl.kind, decl.description);
            writeln!(f, "{}", without_spans(&text))?;
        }
        Ok(())
    }
}

fn without_spans(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(", span: Span {") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find('}').map_or(rest.len(), |end| end + 1)..];
    }
    out.push_str(rest);
    out.replace("At { node: ", "").replace(" }", "")
}
