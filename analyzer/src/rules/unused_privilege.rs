//! `unused-privilege`: what is granted by name and none of the agent's purposes uses.
//!
//! `over-privilege` asks one grant about its own purpose, and tells of requests. This rule asks all
//! purposes of the agent, and tells what can go altogether; also what gives no authority yet: a
//! class in `on` that no tool of the grant touches becomes authority when a tool changes. What came
//! by a glob is `glob-too-wide`'s.

use super::glob_too_wide::{names, topmost};
use super::take_out::take_out;
use super::{Rule, Run, SHOWN, listed};
use crate::analysis::Analysis;
use crate::named::Named;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "unused-privilege";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Warning,
        finds: "a tool or a data class that a grant names and no purpose of its agent uses; a note where it is needed and no tool of the grant touches it",
        why: "it was meant for something that is not there: it can go, and while it stays it waits for a use",
        example: r#"data payments { sensitivity restricted }
data personal { sensitivity confidential }
person alice { email "alice@acme.example" }
tool stripe.lookup {
  effect read
  reads payments
}
purpose support {
  "Tell customers what they were charged."
  needs stripe.lookup
  needs data payments
}
agent bot { owner alice }
grant lookup {
  to bot for support
  allow stripe.lookup
  on payments, personal
  expires 2027-06-30
}
"#,
        mend: &[("on payments, personal", "on payments")],
        remedy: "take it out of the grant; if it is needed, say so in the purpose",
        references: &["OWASP ASI03", "NIST SP 800-53 AC-6"],
    },
    run: Run::Holder(run),
};

fn run(analysis: &Analysis, agent: AgentId) -> Vec<Diagnostic> {
    let model = analysis.model;
    let grants: Vec<&Grant> = analysis.grants_of[agent.index()].iter().map(|&id| model.grant(id)).collect();
    let (mut ops, mut labels) = (OpSet::new(), ClassSet::new());
    for grant in &grants {
        let needs = &model.purpose(grant.purpose).needs;
        ops = needs.lines.iter().fold(ops, |ops, line| ops.union(&line.ops));
        labels = labels.union(&needs.covers);
    }
    grants.iter().flat_map(|grant| of_grant(analysis, grant, &ops, &labels)).collect()
}

/// What is unused of a grant, given all that the purposes of its agent need.
fn of_grant(analysis: &Analysis, grant: &Grant, ops: &OpSet, labels: &ClassSet) -> Vec<Diagnostic> {
    let model = analysis.model;
    let (mut open_ops, mut open_classes) = (OpSet::new(), ClassSet::new());
    for open in &grant.open {
        match &open.chosen {
            Chosen::Tools(ops) => open_ops = open_ops.union(ops),
            Chosen::Data(classes) => open_classes = open_classes.union(classes),
        }
    }
    let granted = grant.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
    let touched = granted.iter().fold(ClassSet::new(), |all, op| all.union(&model.op(op).labels));
    let mut found = Vec::new();
    let tools = granted.minus(&open_ops).minus(ops);
    if !tools.is_empty() {
        let names = listed(tools.iter().map(|op| model.op_name(op)));
        found.push(Unused {
            severity: Severity::Warning,
            why: NOT_USED,
            help: format!("take {names} out of the grant"),
            names,
            named: tools.iter().map(Named::Tool).collect(),
            listed: whole_tools(model, &tools),
        });
    }
    // Below a class that was named stands what nobody named: the class is used when one of them is.
    let named = grant.covers.minus(&open_classes);
    let used = |class: &ClassId, by: &ClassSet| model.class(*class).below.meets(by);
    let unneeded: ClassSet = named.iter().filter(|class| !used(class, labels)).collect();
    let untouched: ClassSet = named.minus(&unneeded).iter().filter(|class| !used(class, &touched)).collect();
    // Where nothing at all is touched the grant never applies, which says more.
    if touched.meets(&grant.covers) {
        let instead = ", or allow the tool that it was meant for";
        found.extend(classes(model, &unneeded, Severity::Warning, NOT_USED, ""));
        found.extend(classes(
            model,
            &untouched,
            Severity::Note,
            "which no tool that it allows touches",
            instead,
        ));
    }
    found.into_iter().map(|unused| told(analysis, grant, unused)).collect()
}

/// What is unused of a grant, to be told.
struct Unused {
    severity: Severity,
    names: String,
    why: &'static str,
    help: String,
    named: Vec<Named>,
    /// As it may stand in the grant's lists.
    listed: Vec<Listable>,
}

const NOT_USED: &str = "which none of the agent's purposes uses";

/// Unused classes; those above them stand for those below.
fn classes(
    model: &Model,
    unused: &ClassSet,
    severity: Severity,
    why: &'static str,
    instead: &str,
) -> Option<Unused> {
    let classes = topmost(model, unused);
    let names = listed(names(model, &classes));
    (!classes.is_empty()).then(|| Unused {
        severity,
        why,
        help: format!("take {names} out of the grant's `on`{instead}"),
        names,
        named: classes.iter().copied().map(Named::Class).collect(),
        listed: classes.into_iter().map(Listable::Class).collect(),
    })
}

fn told(analysis: &Analysis, grant: &Grant, unused: Unused) -> Diagnostic {
    let Unused { severity, names, why, help, named, listed } = unused;
    let message = format!("grant `{}` gives {} {names}, {why}", grant.name, analysis.agent_of(grant.to));
    let mut diagnostic = Diagnostic::new(CODE, severity, message)
        .at(&grant.origin.module, grant.origin.span)
        .help(help)
        .about("grant", &grant.name);
    diagnostic = take_out(diagnostic, grant, &listed, &names);
    diagnostic = analysis.naming(diagnostic, named.into_iter().take(SHOWN));
    diagnostic.references = RULE.references();
    diagnostic
}

/// The tools that these are all operations of; none when something else of a tool is used.
fn whole_tools(model: &Model, ops: &OpSet) -> Vec<Listable> {
    let mut tools: Vec<ToolId> = ops.iter().map(|op| model.op(op).tool).collect();
    tools.dedup();
    match tools.iter().all(|&tool| model.ops_of(tool).all(|op| ops.contains(op))) {
        true => tools.into_iter().map(Listable::Tool).collect(),
        false => Vec::new(),
    }
}
