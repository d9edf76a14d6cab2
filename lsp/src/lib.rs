//! Model and findings to an editor: the language server.
//!
//! The editor's text comes in through `from_proto`, what is answered goes out through
//! `to_proto`, and between them stand the same queries that the command line asks. `state` holds
//! what the editor has open, `engine` the projects behind it, `server` brings requests to the
//! `handlers` and findings back: syntax and names at once, proofs when they are ready. A newer
//! edit cancels what is being computed for an older one.

mod engine;
mod from_proto;
mod handlers;
mod lifecycle;
mod position;
mod server;
mod state;
mod symbols;
mod to_proto;

use bailiwick_compiler::db::SourceFile;
use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::lock::Lock;
use bailiwick_compiler::manifest::Manifest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the server asks of the machine it runs on: it reads no file and no clock itself.
#[derive(Clone, Copy, Debug)]
pub struct Host {
    /// The project of a folder, or why it cannot be had.
    pub load: fn(&Path) -> Result<Folder, String>,
    /// Seconds since 1970.
    pub now: fn() -> i64,
}

/// A project as it lies on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    /// Its folder, absolute and without links.
    pub root: PathBuf,
    /// Its modules: path relative to the root without `.grant`, and text.
    pub modules: BTreeMap<String, Arc<str>>,
    /// What `bailiwick.toml` says, or the defaults.
    pub manifest: Arc<Manifest>,
    /// What `bailiwick.lock` says.
    pub lock: Option<Arc<Lock>>,
    /// What is wrong with these two.
    pub diagnostics: Vec<Diagnostic>,
}

/// Serves an editor on standard input and output until it says `exit`; tells whether it said
/// `shutdown` before, as it should.
///
/// # Errors
///
/// When the threads that it needs cannot be had.
pub fn serve(host: Host) -> std::io::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let orderly = runtime.block_on(server::run(host));
    // a read of standard input may still be waiting, and waits for ever
    runtime.shutdown_background();
    Ok(orderly)
}

/// A module of a project, as the queries take it.
type Files = BTreeMap<String, SourceFile>;
