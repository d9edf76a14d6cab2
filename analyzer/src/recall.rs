//! Answers that are remembered with the agents on whose grants they depend.

use bailiwick_compiler::model::AgentSet;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Answers to questions of one kind, shared by threads. Two that ask the same at once may both look
/// for the answer; they find the same.
pub struct Recall<K, V>(Mutex<HashMap<K, (AgentSet, V)>>);

impl<K, V> Default for Recall<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Recall<K, V> {
    /// The answer, remembered or found now: then `find` gives it, and the agents whose grants it
    /// looked at.
    pub fn of(&self, key: K, find: impl FnOnce() -> (AgentSet, V)) -> V {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, answer)) = known().get(&key) {
            return answer.clone();
        }
        let (looked_at, answer) = find();
        known().insert(key, (looked_at, answer.clone()));
        answer
    }

    /// Forgets what depends on the grants of these agents; gives what that was.
    pub fn forget(&mut self, changed: &AgentSet) -> Vec<(K, V)> {
        let known = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        let gone = known.extract_if(|_, (looked_at, _)| looked_at.meets(changed));
        gone.map(|(key, (_, answer))| (key, answer)).collect()
    }
}
