//! `glob-too-wide`: a glob, tag or attribute in a grant that takes in what its purpose does not need.
//!
//! `over-privilege` tells what the grant allows too much today, wherever it comes from. This rule
//! tells where it comes from, names every match that nobody needs, also those that a forbid or the
//! data still hold back, and so stays a note.

use super::{Rule, Run, SHOWN, listed};
use crate::analysis::Analysis;
use crate::named::Named;
use bailiwick_compiler::diagnostic::{Diagnostic, Explanation};
use bailiwick_compiler::model::*;

const CODE: &str = "glob-too-wide";

pub const RULE: Rule = Rule {
    explanation: Explanation {
        code: CODE,
        severity: Severity::Note,
        finds: "a glob, tag or attribute in a grant's tools or data that matches what its purpose does not need",
        why: "what it matches is granted without anybody having named it, and more may match tomorrow",
        example: r#"data payments { sensitivity restricted }
person alice { email "alice@acme.example" }
tool stripe.lookup {
  effect read
  reads payments
}
tool stripe.payout {
  effect write irreversible
  writes payments
}
purpose support {
  "Tell customers what they were charged."
  needs stripe.lookup
  needs data payments
}
agent bot { owner alice }
grant lookup {
  to bot for support
  allow stripe.*
  on payments
  expires 2027-06-30
}
"#,
        mend: &[("allow stripe.*", "allow stripe.lookup")],
        remedy: "name what the purpose needs, or choose by something that only that has",
        references: &["OWASP ASI03", "NIST SP 800-53 AC-6"],
    },
    run: Run::Grant(run),
};

fn run(analysis: &Analysis, grant: &Grant) -> Vec<Diagnostic> {
    let model = analysis.model;
    let purpose = model.purpose(grant.purpose);
    let needed = purpose.needs.lines.iter().fold(OpSet::new(), |ops, line| ops.union(&line.ops));
    let mut diagnostics = Vec::new();
    for open in &grant.open {
        let (unneeded, kept, named) = match &open.chosen {
            Chosen::Tools(ops) => {
                let unneeded = ops.minus(&needed);
                let named = unneeded.iter().map(Named::Tool).collect::<Vec<_>>();
                (tools(model, &unneeded), tools(model, &ops.intersection(&needed)), named)
            }
            Chosen::Data(classes) => {
                let covers = &purpose.needs.covers;
                let idle = |class: &ClassId| !model.class(*class).below.meets(covers);
                let unneeded = topmost(model, &classes.iter().filter(idle).collect());
                let needed = topmost(model, &classes.intersection(covers));
                (
                    names(model, &unneeded),
                    names(model, &needed),
                    unneeded.into_iter().map(Named::Class).collect(),
                )
            }
        };
        if unneeded.is_empty() {
            continue;
        }
        let message = format!(
            "`{}` in grant `{}` to {} also matches {}, which purpose `{}` does not need",
            open.text,
            grant.name,
            analysis.agent_of(grant.to),
            listed(unneeded),
            purpose.name,
        );
        let help = match kept.is_empty() {
            true => "take it out: the purpose needs nothing that it matches".to_string(),
            false => format!("name what the purpose needs instead: {}", quoted(&kept)),
        };
        let mut diagnostic = Diagnostic::note(CODE, message)
            .at(&grant.origin.module, open.span)
            .label(&purpose.origin.module, purpose.origin.span, "the purpose, and what it needs")
            .help(help)
            .about("grant", &grant.name);
        // A single variant has no name of its own that could stand there.
        let named_so = |name: &String| match &open.chosen {
            Chosen::Tools(_) => model.tools.iter().any(|tool| *tool.name == **name),
            Chosen::Data(_) => true,
        };
        if !kept.is_empty() && kept.iter().all(named_so) {
            let title = format!("write {} in place of `{}`", quoted(&kept), open.text);
            diagnostic = diagnostic.fix(title, &grant.origin.module, open.span, kept.join(", "));
        }
        diagnostic = analysis.naming(diagnostic, named.into_iter().take(SHOWN));
        diagnostic.references = RULE.references();
        diagnostics.push(diagnostic);
    }
    diagnostics
}

/// The operations' names: a tool's own where all of its operations are there.
fn tools(model: &Model, ops: &OpSet) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for op in ops.iter() {
        let tool = model.op(op).tool;
        let name = match model.ops_of(tool).all(|op| ops.contains(op)) {
            true => model.tool(tool).name.to_string(),
            false => model.op_name(op),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Those classes above which none is in the set.
pub fn topmost(model: &Model, classes: &ClassSet) -> Vec<ClassId> {
    let top = |class: &ClassId| model.class(*class).parent.is_none_or(|parent| !classes.contains(parent));
    classes.iter().filter(top).collect()
}

/// The names of classes.
pub fn names(model: &Model, classes: &[ClassId]) -> Vec<String> {
    classes.iter().map(|&class| model.class(class).name.to_string()).collect()
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
