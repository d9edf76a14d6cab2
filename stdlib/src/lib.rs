//! The standard library: policy text that ships inside the tool.
//!
//! Modules are plain `.grant` files beside this crate's `src`, so that they read, format and
//! check like anyone's own, and are embedded when the tool is built. `use std/data` finds
//! `data.grant`, `use std/catalog/github` finds `catalog/github.grant`.

pub mod aws;

/// The module at that path, as `use` writes it: `std/data`; `None` when there is none.
pub fn module(path: &str) -> Option<&'static str> {
    MODULES.binary_search_by_key(&path, |(name, _)| name).ok().map(|index| MODULES[index].1)
}

/// Every module, path and text, sorted by path.
pub fn modules() -> &'static [(&'static str, &'static str)] {
    MODULES
}

const MODULES: &[(&str, &str)] = &[
    ("std/catalog/filesystem", include_str!("../catalog/filesystem.grant")),
    ("std/catalog/git", include_str!("../catalog/git.grant")),
    ("std/catalog/github", include_str!("../catalog/github.grant")),
    ("std/catalog/google-workspace", include_str!("../catalog/google-workspace.grant")),
    ("std/catalog/playwright", include_str!("../catalog/playwright.grant")),
    ("std/catalog/slack", include_str!("../catalog/slack.grant")),
    ("std/data", include_str!("../data.grant")),
    ("std/escalation/aws", include_str!("../escalation/aws.grant")),
    ("std/escalation/kubernetes", include_str!("../escalation/kubernetes.grant")),
    ("std/standards", include_str!("../standards.grant")),
    ("std/toxic", include_str!("../toxic.grant")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_sorted_and_found() {
        assert!(modules().is_sorted_by(|a, b| a.0 < b.0));
        for (path, text) in modules() {
            assert_eq!(module(path), Some(*text), "{path}");
            assert!(path.starts_with("std/") && !text.is_empty());
        }
        assert_eq!(module("std/nothing"), None);
        assert_eq!(module("data"), None);
    }

    #[test]
    fn modules_parse_and_are_formatted() {
        for (path, text) in modules() {
            let errors: Vec<_> = bailiwick_grammar::parse(text)
                .errors
                .into_iter()
                .map(|error| format!("{path}: {} ({})", error.message, error.span.text(text)))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}");
            assert!(bailiwick_grammar::format(text).is_ok_and(|formatted| formatted == *text), "{path}");
        }
    }

    #[test]
    fn every_tool_of_a_catalog_is_bound_and_classified() {
        use bailiwick_grammar::ast::{Binding, DeclKind, ToolItem};
        for (path, text) in modules() {
            let Some(server) = path.strip_prefix("std/catalog/") else { continue };
            let tools =
                bailiwick_grammar::parse(text).module.decls.into_iter().filter_map(|decl| match decl.kind {
                    DeclKind::Tool(name, items) => Some((name.node, items)),
                    _ => None,
                });
            let mut count = 0;
            for (name, items) in tools {
                let has = |test: fn(&ToolItem) -> bool| items.iter().any(|item| test(&item.node));
                assert!(has(|item| matches!(item, ToolItem::Effect { .. })), "{name}");
                assert!(
                    has(|item| matches!(
                        item,
                        ToolItem::Reads(_) | ToolItem::Writes(_) | ToolItem::TouchesNothing
                    )),
                    "{name}"
                );
                let bound = items.iter().any(|item| match &item.node {
                    ToolItem::Bind(Binding::Mcp { server: at, tool }) => {
                        &*at.node == server && format!("{server}.{}", tool.node) == *name
                    }
                    _ => false,
                });
                assert!(bound, "{name}");
                count += 1;
            }
            assert!(count > 7, "{path} has {count} tools");
        }
    }
}
