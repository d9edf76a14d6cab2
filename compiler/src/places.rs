//! Where in a grant's text its clauses stand.

use crate::db::{Db, Project, parse};
use crate::evaluator::Clause;
use crate::model::Grant;
use crate::resolve::modules::modules;
use bailiwick_grammar::Span;
use bailiwick_grammar::ast::{DeclKind, GrantItem};

/// The lines that say what a clause asks, in the grant's module; none where no line of the grant
/// says it, as when a ttl is the project's default.
pub fn of_clause(db: &dyn Db, project: Project, grant: &Grant, clause: &Clause) -> Vec<Span> {
    if let Clause::Approval { line } = clause {
        return vec![grant.approvals[*line].span];
    }
    let Some(file) = modules(db, project).files.get(&grant.origin.module).copied() else { return Vec::new() };
    let parsed = parse(db, file);
    let decl = parsed.module.decls.iter().find(|decl| decl.span == grant.origin.span);
    let Some(DeclKind::Grant(_, items)) = decl.map(|decl| &decl.kind) else { return Vec::new() };
    items.iter().filter(|item| says(&item.node, clause)).map(|item| item.span).collect()
}

fn says(item: &GrantItem, clause: &Clause) -> bool {
    match clause {
        Clause::Grantee | Clause::Purpose => matches!(item, GrantItem::To { .. }),
        Clause::Tool | Clause::Where => matches!(item, GrantItem::Allow(_)),
        Clause::Data { .. } => matches!(item, GrantItem::On(_)),
        Clause::Starts { .. } => matches!(item, GrantItem::Starts(_)),
        Clause::Expired { .. } => matches!(item, GrantItem::Expires(_)),
        Clause::Ttl { .. } => matches!(item, GrantItem::Ttl(_)),
        Clause::Authn { .. } => matches!(item, GrantItem::Authn(_)),
        Clause::When => matches!(item, GrantItem::When(_)),
        Clause::Approval { .. } => matches!(item, GrantItem::Approval(_)),
        Clause::Delegation => matches!(item, GrantItem::Delegate(_)),
    }
}
