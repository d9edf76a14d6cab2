//! The end of the conversation: `shutdown`, then `exit`.
//!
//! The server library waits for standard input to close, which some editors never do. This layer
//! watches the messages go by and reports `exit` the moment it comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::sync::Notify;
use tower::Service;
use tower_lsp::jsonrpc::Request;

/// What has been said.
#[derive(Clone, Default)]
pub struct Lifecycle {
    shutdown: Arc<AtomicBool>,
    exit: Arc<Notify>,
}

impl Lifecycle {
    /// Whether `shutdown` was said.
    pub fn is_shut_down(&self) -> bool {
        self.shutdown.load(Ordering::SeqCst)
    }

    /// Waits for `exit`.
    pub async fn exited(&self) {
        self.exit.notified().await;
    }

    /// Watches the messages that go to a service.
    pub fn watch<S>(&self, inner: S) -> Watched<S> {
        Watched { inner, lifecycle: self.clone() }
    }
}

/// A service whose messages are watched.
pub struct Watched<S> {
    inner: S,
    lifecycle: Lifecycle,
}

impl<S: Service<Request>> Service<Request> for Watched<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match request.method() {
            "shutdown" => self.lifecycle.shutdown.store(true, Ordering::SeqCst),
            "exit" => self.lifecycle.exit.notify_one(),
            _ => {}
        }
        self.inner.call(request)
    }
}
