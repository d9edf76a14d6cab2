//! What is remembered from one revision of a database to the next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A memory, the same for every revision of its database: a query that depends on nothing makes it
/// once and hands it out ever after. It changes how fast an answer comes and never which.
pub struct Cell<T>(Arc<Mutex<T>>);

impl<T: Default> Default for Cell<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Cell<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Cell<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Eq for Cell<T> {}

impl<T> Cell<T> {
    /// The memory; what a query that was interrupted left behind is good.
    pub fn open(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
