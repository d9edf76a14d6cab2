// Starts `bailiwick lsp` and lets the editor talk to it. All that is known about the language is in the server.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

async function activate(context) {
  const command = vscode.workspace.getConfiguration("bailiwick").get("path", "bailiwick");
  const watcher = vscode.workspace.createFileSystemWatcher("**/{*.grant,bailiwick.toml,bailiwick.lock}");
  context.subscriptions.push(watcher);
  client = new LanguageClient(
    "bailiwick",
    "Bailiwick",
    { command, args: ["lsp"], transport: TransportKind.stdio },
    { documentSelector: [{ scheme: "file", language: "grant" }], synchronize: { fileEvents: watcher } },
  );
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(`bailiwick did not start: ${error.message}. Set "bailiwick.path" to the binary.`);
  }
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
