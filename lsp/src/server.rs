//! The conversation with the editor.

use crate::engine::{Engine, Open, Page, Snapshot, Superseded};
use crate::lifecycle::Lifecycle;
use crate::position::Lines;
use crate::state::{Document, State};
use crate::{Host, from_proto, handlers, to_proto};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::lsp_types::*;
use tower_lsp::{Client, LanguageServer, LspService, Server};

/// Serves standard input and output; whether `shutdown` came before the end.
pub async fn run(host: Host) -> bool {
    let lifecycle = Lifecycle::default();
    let (service, socket) = LspService::new(|client| Backend::new(client, host));
    let service = lifecycle.watch(service);
    tokio::select! {
        () = Server::new(tokio::io::stdin(), tokio::io::stdout(), socket).serve(service) => {}
        () = lifecycle.exited() => {}
    }
    lifecycle.is_shut_down()
}

/// What the handlers and the worker share.
struct Shared {
    client: Client,
    state: Mutex<State>,
    engine: Mutex<Engine>,
    changed: Notify,
}

struct Backend {
    shared: Arc<Shared>,
}

/// What a panic left behind is still whole: no lock here is held over an invariant.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Changes the state, and wakes the worker. No waiting here: see `state`.
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_one();
    }

    /// The projects as the editor has them now.
    fn snapshot(&self) -> Snapshot {
        let (open, stale): (Open, bool) = {
            let mut state = lock(&self.state);
            (state.open.clone(), std::mem::take(&mut state.stale))
        };
        let mut engine = lock(&self.engine);
        engine.sync(&open, stale);
        engine.snapshot()
    }

    /// Shows what is wrong, now and after each change.
    async fn work(self: Arc<Self>) {
        loop {
            self.changed.notified().await;
            let revision = lock(&self.state).revision;
            if self.show(revision, false).await {
                // the proofs take their time, while this loop waits for the next edit
                let shared = self.clone();
                tokio::spawn(async move { shared.show(revision, true).await });
            }
        }
    }

    /// Computes what is wrong and shows it, unless it was superseded; then false.
    async fn show(self: &Arc<Self>, revision: u64, deep: bool) -> bool {
        let shared = self.clone();
        let computed = spawn_blocking(move || -> std::result::Result<_, Superseded> {
            let snapshot = shared.snapshot();
            let pages = snapshot.diagnostics(deep)?;
            snapshot.ask(|| shown(&snapshot, &pages))
        });
        match computed.await {
            Ok(Ok(shown)) => self.publish(revision, shown).await,
            Ok(Err(Superseded)) => false,
            Err(panic) => {
                let message = format!("this is a fault in bailiwick, please report it: {panic}");
                self.client.log_message(MessageType::ERROR, message).await;
                false
            }
        }
    }

    async fn publish(&self, revision: u64, shown: BTreeMap<PathBuf, Vec<Diagnostic>>) -> bool {
        let mut messages = Vec::new();
        {
            let mut state = lock(&self.state);
            if state.revision != revision {
                return false;
            }
            let gone =
                state.shown.keys().filter(|path| !shown.contains_key(*path)).cloned().collect::<Vec<_>>();
            let now = shown.iter().map(|(path, found)| (path.clone(), found.clone()));
            for (path, found) in gone.into_iter().map(|path| (path, Vec::new())).chain(now) {
                let document = state.open.get(&path);
                // closed files are only told of when there is, or was, something to tell
                let was_empty = state.shown.get(&path).is_none_or(Vec::is_empty);
                if document.is_none() && found.is_empty() && was_empty {
                    continue;
                }
                let version = document.map(|document| document.version);
                messages.extend(state.uri(&path).map(|uri| (uri, found, version)));
            }
            state.shown = shown;
        }
        for (uri, found, version) in messages {
            self.client.publish_diagnostics(uri, found, version).await;
        }
        true
    }
}

/// Findings as the editor takes them.
fn shown(snapshot: &Snapshot, pages: &BTreeMap<PathBuf, Page>) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let shown = pages.iter().map(|(path, page)| {
        let lines = Lines::new(&page.text);
        let found = page.diagnostics.iter();
        let found =
            found.map(|found| to_proto::diagnostic(&lines, found, |module| snapshot.locate(path, module)));
        (path.clone(), found.collect())
    });
    shown.collect()
}

impl Backend {
    fn new(client: Client, host: Host) -> Self {
        let shared = Arc::new(Shared {
            client,
            state: Mutex::default(),
            engine: Mutex::new(Engine::new(host)),
            changed: Notify::new(),
        });
        tokio::spawn(shared.clone().work());
        Self { shared }
    }

    fn set(&self, uri: Url, version: i32, text: String) {
        if let Some(path) = from_proto::path(&uri) {
            self.shared.change(|state| state.set(path, Document { uri, version, text: text.into() }));
        }
    }

    /// Answers from a snapshot, away from the threads that talk to the editor.
    async fn answer<T: Send + 'static>(
        &self,
        handle: impl FnOnce(&Snapshot) -> std::result::Result<T, Superseded> + Send + 'static,
    ) -> Result<T> {
        let shared = self.shared.clone();
        match spawn_blocking(move || handle(&shared.snapshot())).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Superseded)) => Err(Error::content_modified()),
            Err(_) => Err(Error::new(ErrorCode::InternalError)),
        }
    }
}

#[tower_lsp::async_trait]
impl LanguageServer for Backend {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        let capabilities = ServerCapabilities {
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::FULL),
                save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                ..TextDocumentSyncOptions::default()
            })),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            definition_provider: Some(OneOf::Left(true)),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
                ..CodeActionOptions::default()
            })),
            document_formatting_provider: Some(OneOf::Left(true)),
            ..ServerCapabilities::default()
        };
        let server_info =
            ServerInfo { name: "bailiwick".into(), version: Some(env!("CARGO_PKG_VERSION").into()) };
        Ok(InitializeResult { capabilities, server_info: Some(server_info) })
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let TextDocumentItem { uri, version, text, .. } = params.text_document;
        self.set(uri, version, text);
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        if let Some(change) = params.content_changes.into_iter().next_back() {
            self.set(uri, version, change.text);
        }
    }

    async fn did_save(&self, _: DidSaveTextDocumentParams) {
        self.shared.change(State::touch);
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        if let Some(path) = from_proto::path(&params.text_document.uri) {
            self.shared.change(|state| state.close(&path));
        }
    }

    async fn did_change_watched_files(&self, _: DidChangeWatchedFilesParams) {
        self.shared.change(State::touch);
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let path = from_proto::path(&params.text_document.uri);
        let text = path
            .and_then(|path| lock(&self.shared.state).open.get(&path).map(|document| document.text.clone()));
        let Some(text) = text else { return Ok(None) };
        Ok(spawn_blocking(move || handlers::formatting(&text)).await.ok())
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let Some(path) = from_proto::path(&text_document.uri) else { return Ok(None) };
        let shown = lock(&self.shared.state).shown.get(&path).cloned().unwrap_or_default();
        self.answer(move |snapshot| handlers::hover(snapshot, &path, position, &shown)).await
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let Some(path) = from_proto::path(&text_document.uri) else { return Ok(None) };
        let found = self.answer(move |snapshot| handlers::definition(snapshot, &path, position)).await?;
        Ok(Some(GotoDefinitionResponse::Array(found)))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let Some(path) = from_proto::path(&params.text_document.uri) else { return Ok(None) };
        let shared = self.shared.clone();
        let uri = move |path: &Path| lock(&shared.state).uri(path);
        let CodeActionParams { range, context, .. } = params;
        let found = self.answer(move |snapshot| {
            handlers::code_action(snapshot, &path, range, context.only.as_deref(), uri)
        });
        found.await.map(Some)
    }
}
