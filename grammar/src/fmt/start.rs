//! Where the lines of declarations start, out of the tree.

use crate::ast::{Binding, DeclKind, GrantItem, Module, Only, ToolItem};
use crate::span::At;
use std::collections::HashSet;

/// The offsets at which a declaration, its description or one of its lines starts.
pub fn starts(module: &Module) -> HashSet<u32> {
    let mut starts = HashSet::new();
    for decl in &module.decls {
        starts.insert(decl.span.start);
        starts.extend(decl.description.iter().map(|text| text.span.start));
        match &decl.kind {
            DeclKind::Use(_) => {}
            DeclKind::Session(items) => add(&mut starts, items),
            DeclKind::Person(_, items) => add(&mut starts, items),
            DeclKind::Team(_, items) => add(&mut starts, items),
            DeclKind::Agent(_, items) => add(&mut starts, items),
            DeclKind::Data(_, items) => add(&mut starts, items),
            DeclKind::Tool(_, items) => tool(&mut starts, items),
            DeclKind::Purpose(_, items) => add(&mut starts, items),
            DeclKind::Grant(_, items) => {
                add(&mut starts, items);
                for item in items {
                    if let GrantItem::Delegate(delegate) = &item.node
                        && let Some(Only::Block(items)) = &delegate.only
                    {
                        add(&mut starts, items);
                    }
                }
            }
            DeclKind::Forbid(_, items) => add(&mut starts, items),
            DeclKind::Ceiling(_, items) => add(&mut starts, items),
            DeclKind::Separate(_, _, items) | DeclKind::Toxic(_, _, items) => add(&mut starts, items),
            DeclKind::Standard(_, items) => add(&mut starts, items),
            DeclKind::Waive { items, .. } => add(&mut starts, items),
            DeclKind::Test(_, items) => add(&mut starts, items),
            DeclKind::Prove(_, items) => add(&mut starts, items),
        }
    }
    starts
}

fn add<T>(starts: &mut HashSet<u32>, items: &[At<T>]) {
    starts.extend(items.iter().map(|item| item.span.start));
}

fn tool(starts: &mut HashSet<u32>, items: &[At<ToolItem>]) {
    add(starts, items);
    for item in items {
        match &item.node {
            ToolItem::Variant(variant) => tool(starts, &variant.items),
            ToolItem::Bind(Binding::Aws(items)) => add(starts, items),
            ToolItem::Bind(Binding::Kubernetes(items)) => add(starts, items),
            _ => {}
        }
    }
}
