//! Artifacts edited at random: what a reader makes of them is what the engine does with them.
//!
//! [`mutation`](super::mutation) breaks artifacts in ways that somebody thought of; here nobody
//! thinks. `bailiwick verify` rests on its readers: where one believes that an edit denies what the
//! engine allows, a hole is proved to be none. So whatever is understood is held to the engine, and
//! where the engine is seen to differ from the source, the proof has to find that it does.

mod cloud;
mod contract;
mod edit;
mod policy;
mod recombine;
mod trust;

use super::agreement::{BUILT, emit, wanted};
use bailiwick_analyzer::Analysis;
use bailiwick_analyzer::verify::{Proof, Side, verify};
use bailiwick_compiler::Model;
use bailiwick_compiler::evaluator::{Decision, decide};
use bailiwick_compiler::model::GrantId;
use bailiwick_compiler::request::Request;
use bailiwick_compiler::targets::reading::Reading;
use bailiwick_compiler::targets::{Fidelity, Outcome, registry};
use bailiwick_testkit::Rng;
use std::collections::BTreeMap;

type Files = BTreeMap<String, String>;

/// A request that is asked about.
struct Asked {
    /// The account that makes it, where the target knows the agent by one.
    account: String,
    /// The contract's JSON, for engines that take it.
    json: String,
    /// What it says, where it is well formed.
    read: Option<Request>,
    /// Whether what the export takes for granted holds of it.
    assumed: bool,
}

/// An engine that was given artifacts.
trait Enforces: Sized {
    /// Nothing when it does not take them: then nothing is enforced, and nothing allowed.
    fn load(files: &Files) -> Option<Self>;

    /// Whether it lets the request through, and of how many calls to it the request is made; nothing
    /// where there is none.
    fn allows(&mut self, model: &Model, asked: &Asked) -> Option<(bool, usize)>;
}

/// How edits went.
#[derive(Default, Debug)]
struct Tally {
    /// Edits that no reader claims to understand.
    unread: usize,
    /// Those that the engine does not take.
    refused: usize,
    /// The others.
    understood: usize,
    /// Those of the others that change an answer.
    felt: usize,
    /// Requests asked of the understood ones.
    asked: usize,
    /// Differences from the source that were looked for in a proof, and found.
    proved: usize,
}

/// Changes one place of a text.
type Edit = fn(&mut Rng, &str) -> String;

/// Edits artifacts of each project at random and asks each time about the same requests; `editor`
/// says how a file is edited, if it is.
fn edited<E: Enforces>(
    target: &str,
    projects: Vec<(String, Model, Vec<Asked>)>,
    editor: impl Fn(&str) -> Option<Edit>,
) {
    let row = registry().iter().find(|row| row.name() == target).expect("the target is registered");
    let edits = wanted() / 50 / projects.len();
    let mut tally = Tally::default();
    for (seed, (name, model, asked)) in projects.iter().enumerate() {
        let honest = emit(target, model);
        let analysis = Analysis::new(model, BUILT);
        let mut engine = E::load(&honest.files).expect("what is emitted is taken");
        let before: Vec<_> = asked.iter().map(|asked| engine.allows(model, asked)).collect();
        let rng = &mut Rng::new(seed as u64);
        let editable: Vec<_> = honest.files.keys().filter_map(|path| Some((path, editor(path)?))).collect();
        if editable.is_empty() {
            continue;
        }
        for _ in 0..edits {
            let (path, edit) = *rng.pick(&editable);
            let mut files = honest.files.clone();
            let mut text = edit(rng, &honest.files[path]);
            if rng.chance(30) {
                text = edit(rng, &text);
            }
            files.insert(path.clone(), text);
            let edited = || format!("{name}, `{path}`: {}", edit::changes(&honest.files[path], &files[path]));
            let reading = row.read(model, &files);
            let Some(after) = tally.answers::<E>(model, &files, &reading, asked, edited) else { continue };
            if after == before {
                continue;
            }
            tally.felt += 1;
            let sides = differences(model, &honest.outcomes, asked, &after);
            // to prove takes longer than to ask: of some it is enough
            if sides.is_empty() || tally.proved >= edits * projects.len() / 40 {
                continue;
            }
            let Proof { gaps, open, .. } = verify(&analysis, &reading, &honest.outcomes);
            for (side, asked) in sides {
                let found = gaps.iter().any(|gap| gap.side == side) || !open.is_empty();
                assert!(found, "nobody finds that this is {side:?}: {}\n{}", asked.json, edited());
                tally.proved += 1;
            }
        }
    }
    println!("{target}: {tally:?}");
    assert!(tally.understood * 20 >= edits * projects.len(), "too few edits are understood: {tally:?}");
    assert!(tally.felt * 20 >= tally.understood, "too few edits change anything: {tally:?}");
    assert!(tally.proved * 100 + 100 >= tally.felt, "too few edits are proved to be wrong: {tally:?}");
}

/// In which directions the answers differ from the source, where the assumptions hold and the outcomes
/// say that they do not; each with a request.
fn differences<'a>(
    model: &Model,
    outcomes: &[Outcome],
    asked: &'a [Asked],
    answers: &[Option<(bool, usize)>],
) -> BTreeMap<Side, &'a Asked> {
    let exact = |grant: GrantId| {
        outcomes.iter().any(|outcome| outcome.grant == grant && outcome.result < Fidelity::Narrowed)
    };
    let differs = |(asked, answer): (&'a Asked, &Option<(bool, usize)>)| {
        let (read, (does, _)) = (asked.read.as_ref().filter(|_| asked.assumed)?, (*answer)?);
        match decide(model, read) {
            Decision::Deny(_) if does => Some((Side::Wider, asked)),
            Decision::Allow(grant) if !does && exact(grant) => Some((Side::Narrower, asked)),
            Decision::Allow(_) | Decision::Deny(_) => None,
        }
    };
    asked.iter().zip(answers).filter_map(differs).collect()
}

impl Tally {
    /// What the engine says of the requests, given files that are understood; panics where what was read
    /// says otherwise.
    fn answers<E: Enforces>(
        &mut self,
        model: &Model,
        files: &Files,
        reading: &Reading,
        asked: &[Asked],
        edited: impl Fn() -> String,
    ) -> Option<Vec<Option<(bool, usize)>>> {
        if !reading.unread.is_empty() {
            self.unread += 1;
            return None;
        }
        let Some(mut engine) = E::load(files) else {
            self.refused += 1;
            return None;
        };
        self.understood += 1;
        let answer = |asked: &Asked| {
            let answer @ (does, calls) = engine.allows(model, asked)?;
            let read = asked.read.as_ref();
            let all = read.is_some_and(|read| reading.allows(model, read));
            // a call that the request leaves open is read twice: what may go through, what does surely
            let parts = |read: &Request| reading.parts.get(&read.op).copied().unwrap_or(1);
            let open = read.filter(|read| parts(read) > calls);
            let any = |read: &Request| (0..parts(read)).any(|part| reading.allows_part(model, read, part));
            let some = open.map_or(all, any);
            assert!(
                (does || !all) && (some || !does),
                "read {all}, enforced {does}: {}\n{}",
                asked.json,
                edited()
            );
            self.asked += 1;
            Some(answer)
        };
        Some(asked.iter().map(answer).collect())
    }
}
