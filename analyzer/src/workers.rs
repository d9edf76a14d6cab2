//! Work for several threads. What comes of it does not depend on how many there are, nor on
//! which of them does what.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How often whoever waits has a look around.
const PATIENCE: Duration = Duration::from_millis(5);
/// More threads than this cost more memory than they save time.
const MOST: usize = 8;

/// Does every task and hands what came of it to `done`, in any order. While it waits it calls
/// `meanwhile`, which may unwind; then `stop` is set, for tasks to see.
pub fn each<T: Send>(
    meanwhile: impl Fn(),
    stop: &AtomicBool,
    tasks: usize,
    run: impl Fn(usize) -> T + Sync,
    mut done: impl FnMut(usize, T),
) {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST).min(tasks);
    let (send, receive) = channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (send, next, run) = (send.clone(), &next, &run);
            scope.spawn(move || {
                loop {
                    let task = next.fetch_add(1, Ordering::Relaxed);
                    if task >= tasks || stop.load(Ordering::Relaxed) {
                        break;
                    }
                    if send.send((task, run(task))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let stopping = Stopping(stop);
        loop {
            match receive.recv_timeout(PATIENCE) {
                Ok((task, result)) => done(task, result),
                Err(RecvTimeoutError::Timeout) => meanwhile(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        std::mem::forget(stopping);
    });
}

/// Stops the threads when the one that waits for them unwinds.
struct Stopping<'s>(&'s AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
