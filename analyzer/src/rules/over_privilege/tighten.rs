//! The fix of `over-privilege`: lines that are not needed go, and where a purpose needs less of a
//! tool, the line asks for what the purpose asks for.
//!
//! Worked example. The purpose needs `stripe.refund where args.amount <= 500`, the grant allows it
//! `where args.amount <= 5000 and args.currency == EUR`. That the amount is at most 5000 follows
//! from the need, the currency does not: the line becomes `where args.currency == EUR and
//! args.amount <= 500`.

use crate::analysis::{Analysis, Found};
use crate::smt::question::{Formula, Question, Slot};
use crate::wording;
use bailiwick_compiler::diagnostic::{Fix, Location};
use bailiwick_compiler::model::*;
use bailiwick_grammar::parse_call;

/// The fix, when there is one that is sure: all that is beyond is beyond by tool or by condition,
/// not by data, and the lines are of one tool each.
pub fn fix(analysis: &Analysis, grant: &Grant, needs: &Needs, found: &[Question]) -> Option<Fix> {
    let slots: Vec<&Slot> = found.iter().flat_map(|question| &question.slots).collect();
    let (mut edits, mut removed) = (Vec::new(), 0);
    for line in &grant.lines {
        let beyond: Vec<&&Slot> = slots.iter().filter(|slot| line.ops.contains(slot.op)).collect();
        if beyond.is_empty() {
            continue;
        }
        let needed: Vec<&ToolLine> = needs.lines.iter().filter(|need| need.ops.meets(&line.ops)).collect();
        let text = match needed.is_empty() {
            true => {
                removed += 1;
                String::new()
            }
            false if beyond.iter().all(|slot| slot.data.is_subset(&needs.covers)) => {
                tightened(analysis, line, &needed, beyond[0])?
            }
            false => return None,
        };
        edits.push((Location { module: grant.origin.module.clone(), span: line.span }, text));
    }
    // a grant allows something
    let title = match (edits.len(), removed) {
        (0, _) => return None,
        (_, gone) if gone == grant.lines.len() => return None,
        (all, gone) if gone == all => "take out what the purpose does not need",
        (_, 0) => "tighten the conditions to the purpose's",
        (_, _) => "take out what the purpose does not need, and tighten the conditions to its",
    };
    Some(Fix { title: title.into(), edits })
}

/// The line with what the purpose asks for, without what follows from the rest.
fn tightened(analysis: &Analysis, line: &ToolLine, needed: &[&ToolLine], slot: &Slot) -> Option<String> {
    let model = analysis.model;
    let tool = model.op(line.ops.first()?).tool;
    let whole: OpSet = model.ops_of(tool).collect();
    if line.ops != whole || !needed.iter().all(|need| whole.is_subset(&need.ops)) {
        return None;
    }
    let mut parts = conjuncts(&line.cond);
    match needed {
        [need] => parts.extend(conjuncts(&need.cond)),
        _ => parts.push(Cond::Any(needed.iter().map(|need| need.cond.clone()).collect())),
    }
    let mut at = 0;
    while at < parts.len() {
        let mut rest = parts.clone();
        let part = rest.remove(at);
        match line.ops.iter().all(|op| follows(analysis, &Slot { op, ..slot.clone() }, &rest, &part)) {
            true => parts = rest,
            false => at += 1,
        }
    }
    let hours = |part: &Cond| part.literals().iter().any(|literal| matches!(literal.atom, Atom::During(_)));
    if parts.iter().any(hours) {
        return None; // their words are not known here
    }
    let condition = wording::condition(model, &Cond::All(parts));
    let text = format!("{} where {condition}", model.tool(tool).name);
    parse_call(&format!("calling {text}")).is_ok().then(|| format!("allow {text}"))
}

fn conjuncts(cond: &Cond) -> Vec<Cond> {
    match cond {
        Cond::All(parts) => parts.clone(),
        Cond::Any(_) | Cond::Literal(_) => vec![cond.clone()],
    }
}

/// Whether a condition follows from others, of a call like the slot's.
fn follows(analysis: &Analysis, slot: &Slot, others: &[Cond], part: &Cond) -> bool {
    let others = others.iter().map(|other| Formula::cond(0, other));
    let formula = Formula::All(others.chain([Formula::cond(0, part).negate()]).collect());
    analysis.exists(&Question { slots: vec![slot.clone()], one_session: false, formula }) == Found::None
}
