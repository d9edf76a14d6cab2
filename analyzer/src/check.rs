//! `check`: everything that is wrong with a project, but for what is waived.

use crate::clock::Clock;
use crate::kept::{Findings, put_among};
use crate::memory::Memory;
use crate::rules::waivers;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::Model;
use bailiwick_compiler::{Cell, Db, Project, compile};
use std::sync::Arc;

/// What compiling the project found and, when its model is whole, what the rules find; waivers
/// applied, sorted by place.
pub fn check(db: &dyn Db, project: Project, clock: Clock) -> &[Arc<Diagnostic>] {
    found(db, project, clock)
}

#[salsa::tracked(returns(ref), no_eq)]
fn found(db: &dyn Db, project: Project, clock: Clock) -> Findings {
    let compiled = compile(db, project);
    // A model with errors lacks declarations, perhaps a forbid: nothing is proved from it.
    if compiled.has_errors() {
        return compiled.diagnostics.to_vec();
    }
    let (cell, now) = (memory(db, project), clock.now(db));
    let mut memory = cell.open();
    let (found, _) = memory.check(db, &compiled.model, now);
    settled(&compiled.model, now, &compiled.diagnostics, found)
}

/// The project's memory.
#[salsa::tracked(returns(clone))]
fn memory(_db: &dyn Db, _project: Project) -> Cell<Memory> {
    Cell::default()
}

/// What the rules find in a model, waivers applied, sorted by place; `now` in seconds since 1970.
pub fn analyze(db: &dyn Db, model: &Model, now: i64) -> Vec<Diagnostic> {
    let mut memory = Memory::default();
    let (found, _) = memory.check(db, &Arc::new(model.clone()), now);
    settled(model, now, &Findings::new(), found).into_iter().map(Arc::unwrap_or_clone).collect()
}

/// Waivers applied to what reading warned of and what the rules found; the former first.
fn settled(model: &Model, now: i64, read: &Findings, found: &Findings) -> Findings {
    let mut findings = Findings::with_capacity(read.len() + found.len());
    findings.extend_from_slice(read);
    findings.extend_from_slice(found);
    let about = waivers::apply(model, now, &mut findings);
    if !about.is_empty() {
        // Of what was read in their order some may be waived.
        let mut read = read.iter();
        let was_read = |finding: &&Arc<Diagnostic>| read.any(|one| Arc::ptr_eq(one, finding));
        let first = findings.iter().take_while(was_read).count();
        let mut rest = findings.split_off(first);
        put_among(&mut rest, about);
        findings.append(&mut rest);
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_compiler::{Database, SourceFile};
    use bailiwick_testkit::{Options, Rng, project};
    use salsa::Setter;

    /// 2026-12-01T00:00:00Z.
    const NOW: i64 = 1_796_083_200;

    /// What stands in a project for what, one way or the other.
    const SWAPS: [(&str, &str); 12] = [
        ("  ttl 1h\n", "  ttl 20m\n"),
        ("  expires 2027-03-31\n", "  expires 2026-11-30\n"),
        ("depth 1", "depth 2"),
        ("at-least mtls", "at-least oauth"),
        ("sensitivity internal", "sensitivity restricted"),
        ("effect read", "effect write"),
        (" < ", " <= "),
        ("within 1d", "within 2h"),
        ("owner team-0", "owner person-0"),
        ("allow ", "allow not "),
        ("\n\n", "\n# a comment\n\n\n"),
        ("to agent-1 ", "to agent-2 "),
    ];

    type Modules = Vec<(String, String)>;

    /// One edit: a declaration that goes, comes twice, moves or is renamed, or something in it.
    fn edit(rng: &mut Rng, modules: &mut Modules) {
        let module = rng.below(modules.len());
        let mut parts: Vec<String> = modules[module].1.split("\n}\n").map(str::to_string).collect();
        let tail = parts.pop().unwrap_or_default();
        if parts.is_empty() {
            return;
        }
        let part = rng.below(parts.len());
        match rng.below(16) {
            0 => _ = parts.remove(part),
            1 => parts.insert(part, parts[part].clone()),
            2 => {
                let other = rng.below(parts.len());
                // The first carries the `use` lines.
                if part.min(other) > 0 {
                    parts.swap(part, other);
                }
            }
            3 => {
                if let Some((head, name)) = parts[part].rsplit_once("\ngrant ") {
                    parts[part] = format!("{head}\ngrant z{name}");
                }
            }
            4 if part > 0 => {
                let moved = format!("{}\n}}\n", parts.remove(part));
                let other = rng.below(modules.len());
                if other != module {
                    modules[other].1.push_str(&moved);
                }
            }
            _ => {
                let (a, b) = SWAPS[rng.below(SWAPS.len())];
                let (from, to) = if parts[part].contains(a) { (a, b) } else { (b, a) };
                parts[part] = parts[part].replacen(from, to, 1);
            }
        }
        modules[module].1 = parts.into_iter().map(|part| format!("{part}\n}}\n")).collect::<String>() + &tail;
    }

    fn loaded(modules: &Modules) -> (Database, Project, Vec<SourceFile>) {
        let db = Database::default();
        let file = |(path, text): &(String, String)| {
            SourceFile::new(&db, path.as_str().into(), text.as_str().into())
        };
        let files: Vec<SourceFile> = modules.iter().map(file).collect();
        let project = Project::new(&db, files.clone(), Arc::default(), None);
        (db, project, files)
    }

    #[test]
    fn after_any_edits_a_project_is_what_it_would_be_anew() {
        let (mut sound, mut broken) = (0, 0);
        for seed in 0..12 {
            let mut rng = Rng::new(seed);
            let mut modules = project(seed, &Options::default());
            let (mut db, project, files) = loaded(&modules);
            for step in 0..60 {
                let before = modules.clone();
                for _ in 0..=rng.below(3) / 2 {
                    edit(&mut rng, &mut modules);
                }
                for ((file, (_, new)), (_, old)) in files.iter().zip(&modules).zip(&before) {
                    if new != old {
                        file.set_text(&mut db).to(new.as_str().into());
                    }
                }
                let (anew, of_anew, _) = loaded(&modules);
                let (edited, fresh) = (compile(&db, project), compile(&anew, of_anew));
                assert_eq!(edited.diagnostics, fresh.diagnostics, "seed {seed}, step {step}");
                assert!(edited == fresh, "seed {seed}, step {step}: another model");
                let told = check(&db, project, Clock::new(&db, NOW));
                let as_anew = check(&anew, of_anew, Clock::new(&anew, NOW));
                assert_eq!(told.len(), as_anew.len(), "seed {seed}, step {step}");
                for (one, other) in told.iter().zip(as_anew) {
                    assert_eq!(one, other, "seed {seed}, step {step}");
                }
                match edited.has_errors() {
                    true => broken += 1,
                    false => sound += 1,
                }
                if edited.has_errors() && rng.chance(90) {
                    modules = before;
                    for (file, (_, text)) in files.iter().zip(&modules) {
                        file.set_text(&mut db).to(text.as_str().into());
                    }
                }
            }
        }
        assert!(sound > 300 && broken > 150, "{sound} and {broken}");
    }
}
