//! What a finding's sentence names is labelled: whoever reads it can go to each declaration.

use bailiwick_compiler::diagnostic::{Diagnostic, Location};
use bailiwick_compiler::model::{Declared, Id, Model, OpId, Origin};

/// The first name in a finding's sentence of whose declarations none is labelled; names of what the
/// library declares are left out, and what no declaration has for a name is none.
pub fn unlabelled(model: &Model, finding: &Diagnostic) -> Option<String> {
    let named = finding.message.split('`').skip(1).step_by(2);
    let missing = named.filter(|name| {
        let origins = origins(model, name);
        let ours = origins.iter().all(|origin| !origin.module.starts_with("std/"));
        !origins.is_empty() && ours && !origins.iter().any(|origin| shown(finding, origin))
    });
    missing.map(str::to_owned).next()
}

/// Whether one of the finding's places is in the declaration.
fn shown(finding: &Diagnostic, origin: &Origin) -> bool {
    let inside = |at: &Location| {
        at.module == origin.module && origin.span.start <= at.span.start && at.span.end <= origin.span.end
    };
    finding.at.iter().chain(finding.labels.iter().map(|label| &label.at)).any(inside)
}

/// Where what has that name is declared, whatever it is.
fn origins<'m>(model: &'m Model, name: &str) -> Vec<&'m Origin> {
    fn of<'m, T: Declared>(table: &'m [std::sync::Arc<T>], name: &str) -> Vec<&'m Origin> {
        table.iter().filter(|row| **row.name() == *name).map(|row| row.origin()).collect()
    }
    let operation = (0..model.ops.len()).map(OpId::at).find(|&op| model.op_name(op) == name);
    let tool = operation.map(|op| model.tool(model.op(op).tool).origin());
    [
        of(&model.principals, name),
        of(&model.agents, name),
        of(&model.classes[1..], name),
        of(&model.purposes, name),
        of(&model.grants, name),
        of(&model.forbids, name),
        of(&model.ceilings, name),
        of(&model.combinations, name),
        of(&model.standards, name),
        tool.into_iter().collect(),
    ]
    .concat()
}
