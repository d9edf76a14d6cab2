//! What is remembered between two checks of a project.
//!
//! A finding depends on little: one of a grant on that grant and on the *ground*, all that is not
//! a grant; one of delegation on the ground and the grants of the agents that are reached; one of a
//! combination on the ground and the grants of the agents within its scope. So an edit of a grant
//! asks again about that grant, its grantee and the units that it is in; and about the agents from
//! which its grantee is reached, where that shows them something else now (see `Shown`). Text that
//! only moved asks nothing (see `anchor`). An edit of the ground asks everything.
//!
//! What is remembered is true of the model that it was last brought up to, however much of it is
//! there: a check that is interrupted by an edit is gone on with by the next.

use crate::analysis::{Analysis, grants_of};
use crate::anchor::{Anchored, Change};
use crate::kept::{Findings, Known, Slots};
use crate::remembered::{Remembered, Shown};
use crate::rules;
use crate::workers;
use bailiwick_compiler::Db;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::model::*;
use std::sync::{Arc, PoisonError};

/// How many subjects make one task, at most.
const SHARE: usize = 64;
/// Into how many tasks a few subjects are shared out, so that no thread is left without.
const TASKS: usize = 16;

/// What was found, and of what.
#[derive(Default)]
pub struct Memory {
    now: Option<i64>,
    anchored: Anchored,
    remembered: Arc<Remembered>,
    known: Known,
}

/// How much a check had to ask, rather than remember.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Grants that rules were asked of.
    pub grants: usize,
    /// Agents that rules were asked of.
    pub agents: usize,
    /// Agents that rules were asked of together with their grants.
    pub holders: usize,
    /// Agents that rules were asked of together with those whom hand-overs lead to.
    pub roots: usize,
    /// Rules that were asked of the ground.
    pub ground: usize,
    /// Units of combinations that were looked into.
    pub units: usize,
}

/// A piece of work for a thread.
enum Task {
    Subjects(Subjects, Vec<usize>),
    Combination(usize),
    Project(rules::OfProject),
}

/// What is asked of a subject at a time.
#[derive(Clone, Copy)]
enum Subjects {
    Grants,
    Agents,
    Holders,
    Roots,
    Ground,
}

impl Subjects {
    const ALL: [Subjects; 5] =
        [Subjects::Ground, Subjects::Roots, Subjects::Grants, Subjects::Agents, Subjects::Holders];

    fn ask(self, analysis: &Analysis, ground: &[rules::OfProject], at: usize) -> Vec<Diagnostic> {
        match self {
            Subjects::Grants => rules::of_grant(analysis, &analysis.model.grants[at]),
            Subjects::Agents => rules::of_agent(analysis, AgentId::at(at)),
            Subjects::Holders => rules::of_holder(analysis, AgentId::at(at)),
            Subjects::Roots => rules::of_root(analysis, AgentId::at(at)),
            Subjects::Ground => ground[at](analysis),
        }
    }

    /// How many of so many make one task.
    fn share(self, all: usize) -> usize {
        match self {
            Subjects::Grants | Subjects::Agents | Subjects::Holders | Subjects::Roots => {
                (all / TASKS).clamp(1, SHARE)
            }
            Subjects::Ground => 1,
        }
    }
}

impl Memory {
    /// What the rules find in a model, sorted by place, without waivers applied.
    pub fn check(&mut self, db: &dyn Db, model: &Arc<Model>, now: i64) -> (&Findings, Work) {
        let (grants_of, shown) = self.advance(model, now);
        let anchored = self.anchored.model.clone();
        let analysis = Analysis::remembering(&anchored, now, grants_of, self.remembered.clone());
        // Who reaches an agent of which all that it shows is as before sees nothing new.
        let otherwise = shown.otherwise(&analysis);
        let declared = |root| analysis.remembered.hand_overs.declared(AgentId::at(root));
        self.known.settle(|root| !declared(root).meets(&otherwise));
        let ground: Vec<rules::OfProject> = rules::of_ground().collect();

        // The long ones first.
        let mut tasks: Vec<Task> = (0..anchored.combinations.len()).map(Task::Combination).collect();
        tasks.extend(rules::of_project().map(Task::Project));
        for subjects in Subjects::ALL {
            let slots = self.slots(subjects);
            let missing = slots.missing();
            let shares = missing.chunks(subjects.share(missing.len()));
            tasks.extend(shares.map(|share| Task::Subjects(subjects, share.to_vec())));
        }

        let run = |task: usize| match &tasks[task] {
            Task::Subjects(subjects, share) => {
                let found = share.iter().map(|&at| subjects.ask(&analysis, &ground, at));
                (found.map(shared).collect(), share.len())
            }
            Task::Combination(at) => {
                let known = &analysis.remembered.combinations[*at];
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                let found = rules::of_combination(&analysis, &anchored.combinations[*at], &mut known);
                (vec![found], known.looked_into())
            }
            Task::Project(run) => (vec![shared(run(&analysis))], 0),
        };
        let (mut whole, mut work): (Vec<Findings>, Work) = Default::default();
        let meanwhile = || db.unwind_if_revision_cancelled();
        workers::each(meanwhile, &analysis.stop, tasks.len(), run, |task, (found, asked)| {
            match &tasks[task] {
                Task::Subjects(subjects, share) => {
                    let slots = self.slots(*subjects);
                    share.iter().zip(found).for_each(|(&at, found)| slots.found(at, found));
                    *work.of(*subjects) += asked;
                }
                Task::Combination(_) | Task::Project(_) => {
                    work.units += asked;
                    whole.extend(found);
                }
            }
        });
        self.known.found_of_whole(whole.into_iter().flatten());
        (self.known.placed(&self.anchored), work)
    }

    fn slots(&mut self, subjects: Subjects) -> &mut Slots {
        match subjects {
            Subjects::Grants => &mut self.known.grants,
            Subjects::Agents => &mut self.known.agents,
            Subjects::Holders => &mut self.known.holders,
            Subjects::Roots => &mut self.known.roots,
            Subjects::Ground => &mut self.known.ground,
        }
    }

    /// Brings what is remembered up to a model: what may no longer be true of it is forgotten. Gives
    /// the grants of each agent, and what changed agents showed of themselves.
    fn advance(&mut self, model: &Arc<Model>, now: i64) -> (Vec<Vec<GrantId>>, Shown) {
        let Change { ground, grants, agents, moved } = self.anchored.advance(model);
        let (model, known) = (&self.anchored.model, &mut self.known);
        let grants_of = grants_of(model);
        if ground || self.now != Some(now) {
            self.now = Some(now);
            known.reset(model.grants.len(), model.agents.len(), rules::of_ground().count());
            self.remembered = Arc::new(Remembered::new(model, &grants_of));
            return (grants_of, Shown::default());
        }
        // Now: who is interrupted is not told again of what changed. Of what was in doubt then
        // nothing is known.
        known.settle(|_| false);
        known.moved(&moved);
        known.regrant(&grants);
        agents.iter().for_each(|agent| known.forget_agent(agent.index()));
        // No check is under way, so nobody else holds it.
        let (concerned, shown) = match Arc::get_mut(&mut self.remembered) {
            Some(remembered) => remembered.advance(model, &grants_of, &agents),
            None => {
                self.remembered = Arc::new(Remembered::new(model, &grants_of));
                let shown = Shown::unknown(&agents);
                (AgentSet::all(model.agents.len()), shown)
            }
        };
        concerned.minus(&agents).iter().for_each(|root| known.doubt_root(root.index()));
        (grants_of, shown)
    }
}

impl Work {
    fn of(&mut self, subjects: Subjects) -> &mut usize {
        match subjects {
            Subjects::Grants => &mut self.grants,
            Subjects::Agents => &mut self.agents,
            Subjects::Holders => &mut self.holders,
            Subjects::Roots => &mut self.roots,
            Subjects::Ground => &mut self.ground,
        }
    }
}

fn shared(found: Vec<Diagnostic>) -> Findings {
    found.into_iter().map(Arc::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_compiler::{Database, compile_text};
    use bailiwick_testkit::{Options, Rng, project};

    /// 2026-12-01T00:00:00Z.
    const NOW: i64 = 1_796_083_200;

    fn model(modules: &[(String, String)]) -> Arc<Model> {
        let modules: Vec<(&str, &str)> = modules.iter().map(|(path, text)| (&**path, &**text)).collect();
        let compiled = compile_text(&modules);
        assert!(!compiled.has_errors(), "{:#?}", compiled.diagnostics);
        compiled.model
    }

    fn told(found: &Findings) -> Vec<String> {
        found.iter().map(|found| format!("{found:?}")).collect()
    }

    const GROUND: &str = r#"
data records { sensitivity confidential }
person alice { email "alice@acme.example" }
tool make  { arg n: int  effect write  writes records }
tool check { arg n: int  effect write  writes records }
purpose work { "Work."  needs make, check  needs data records }
agent a { owner alice }
agent b { owner alice }
agent c { owner alice }
separate duties within agent { duty make make  duty check check }
toxic handed within delegation { leg make make  leg check check }
"#;

    fn grants(limit: i64, above: &str) -> Arc<Model> {
        with_ttl(limit, above, "1h")
    }

    fn with_ttl(limit: i64, above: &str, of_b: &str) -> Arc<Model> {
        let text = format!(
            "{GROUND}{above}
grant of-a {{ to a for work  allow make where args.n < {limit}  on records  delegate to b depth 1 }}
grant of-b {{ to b for work  allow check  on records  ttl {of_b} }}
grant of-c {{ to c for work  allow make, check  on records }}
"
        );
        model(&[("main".to_string(), text)])
    }

    #[test]
    fn an_edited_grant_asks_about_itself_and_the_units_it_is_in() {
        let db = Database::default();
        let mut memory = Memory::default();
        let (first, all) = memory.check(&db, &grants(5, ""), NOW);
        let first = first.clone();
        assert_eq!((all.grants, all.agents), (3, 3));
        let (again, none) = memory.check(&db, &grants(5, ""), NOW);
        assert_eq!((told(again), none), (told(&first), Work::default()));
        // `a` is reached by none and in no unit but that of its own hand-overs: `c` and `b` are not
        // looked into again.
        let (_, one) = memory.check(&db, &grants(6, ""), NOW);
        assert_eq!(one, Work { grants: 1, holders: 1, roots: 1, units: 1, ..Work::default() });
        // `b` is reached from `a`, and shows it what it showed before: `a` is not asked again.
        let (_, one) = memory.check(&db, &with_ttl(6, "", "20m"), NOW);
        assert_eq!(one, Work { grants: 1, holders: 1, roots: 1, units: 1, ..Work::default() });
        memory.check(&db, &grants(6, ""), NOW);
        // Text that moved asks nothing, and what was found moves along.
        let (moved, none) = memory.check(&db, &grants(6, "\n# a comment\n"), NOW);
        assert_eq!(none, Work::default());
        let mut fresh = Memory::default();
        let (anew, _) = fresh.check(&db, &grants(6, "\n# a comment\n"), NOW);
        assert_eq!(told(moved), told(anew));
        // Who was interrupted after the text moved is told of it by the next check.
        memory.advance(&grants(6, "\n\n# a comment\n"), NOW);
        let (moved, none) = memory.check(&db, &grants(6, "\n\n# a comment\n"), NOW);
        assert_eq!(none, Work::default());
        let mut fresh = Memory::default();
        let (anew, _) = fresh.check(&db, &grants(6, "\n\n# a comment\n"), NOW);
        assert_eq!(told(moved), told(anew));
        // The ground is what everything rests on.
        let (_, all) = memory.check(&db, &grants(6, "forbid f { tools check }\n"), NOW);
        assert_eq!((all.grants, all.agents), (3, 3));
    }

    #[test]
    fn who_shows_the_same_is_asked_again_itself_and_nobody_who_reaches_it() {
        let db = Database::default();
        let grants = |limit: i64, depth: i64| {
            let text = format!(
                "{GROUND}
grant of-a {{ to a for work  allow check  on records  delegate to b depth 2 }}
grant of-b {{ to b for work  allow check  allow make where args.n == {limit}  on records  delegate to c depth {depth} }}
grant of-c {{ to c for work  allow check  on records }}
"
            );
            model(&[("main".to_string(), text)])
        };
        let mut memory = Memory::default();
        memory.check(&db, &grants(5, 1), NOW);
        // What `c` may do for `b` is another request now; what `b` shows first, `check`, is the same.
        for (edited, roots) in [(grants(6, 1), 1), (grants(6, 3), 1)] {
            let (told_now, work) = memory.check(&db, &edited, NOW);
            let mut fresh = Memory::default();
            let (anew, _) = fresh.check(&db, &edited, NOW);
            assert_eq!(told(told_now), told(anew));
            assert_eq!(work.roots, roots);
        }
    }

    #[test]
    fn after_any_edits_what_is_remembered_is_what_would_be_found_anew() {
        let db = Database::default();
        for seed in 0..4 {
            let mut rng = Rng::new(seed);
            let modules = project(seed, &Options::default());
            let mut memory = Memory::default();
            for _ in 0..12 {
                let edited = model(&edited(&mut rng, &modules));
                let (found, _) = memory.check(&db, &edited, NOW);
                let mut fresh = Memory::default();
                let (anew, _) = fresh.check(&db, &edited, NOW);
                assert_eq!(told(found), told(anew), "seed {seed}");
            }
        }
    }

    /// The project with a few of its grants taken out, moved, or said otherwise.
    fn edited(rng: &mut Rng, modules: &[(String, String)]) -> Vec<(String, String)> {
        let mut modules = modules.to_vec();
        for (path, text) in &mut modules {
            if !path.starts_with("grants/") {
                continue;
            }
            let (head, tail) = text.split_at(text.find("\ngrant ").unwrap_or(text.len()));
            let mut grants: Vec<String> = tail.split("\n}\n").map(|grant| format!("{grant}\n}}\n")).collect();
            grants.retain(|grant| grant.contains("\ngrant "));
            for grant in &mut grants {
                match rng.below(8) {
                    0 => *grant = format!("\n# {}\n{grant}", "x".repeat(rng.below(30))),
                    1 => {
                        *grant =
                            grant.replace("  ttl 1h\n", "  ttl 20m\n").replace("  expires 2027-03-31\n", "")
                    }
                    2 => *grant = grant.replace("depth 1", "depth 2").replace("mtls", "oauth"),
                    _ => {}
                }
            }
            // A test or the waiver may name a grant's agent, never the grant: any may go but the first.
            if grants.len() > 1 && rng.chance(30) {
                grants.remove(1 + rng.below(grants.len() - 1));
            }
            *text = format!("{head}{}", grants.concat());
        }
        modules
    }
}
