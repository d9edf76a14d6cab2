//! A sign of life on a terminal, for work that takes longer than a second.

use crate::console::Console;
use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Runs `work`; after a second, says on a terminal's standard error what is being done and since when.
pub fn during<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !Console::watched() {
        return work();
    }
    let (done, waiting) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let since = Instant::now();
            let mut shown = false;
            while waiting.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(std::io::stderr(), "\r{what} … {} s", since.elapsed().as_secs());
                shown = true;
            }
            if shown {
                let _ = write!(std::io::stderr(), "\r\u{1b}[K");
            }
        });
        // dropped when the work is done or panics: the other thread then ends
        let _done = done;
        work()
    })
}
