//! `import mcp`: what an MCP server answers to `tools/list`, as a catalog module.
//!
//! A tool `search` of the server `docs` that says nothing of itself but its schema becomes
//!
//! ```grant
//! tool docs.search {
//!   arg query: string
//!   # for a reviewer: the classes of data, and whether the server's hints are true
//!   effect delete
//!   reads  unclassified
//!   ingests untrusted
//!   reaches external
//!   bind mcp "docs" "search"
//! }
//! ```
//!
//! because the protocol says that a tool without hints may destroy and may reach anyone. Hints
//! are the server's word about itself; the comment above them asks for a judgement.

use super::json::Json;
use super::schema;
use super::text::{is_word, quoted, segments, shorten, shown};
use crate::diagnostic::Diagnostic;
use crate::model::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A module made from an answer, and what its reader should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The text of the module, formatted.
    pub text: String,
    /// How many tools it declares.
    pub tools: usize,
    /// What the answer says and the module does not, tool by tool and argument by argument.
    pub notes: Vec<Diagnostic>,
}

/// The characters of a tool's description that are kept.
const DESCRIPTION: usize = 240;

/// The catalog of that server. `answer` is `{"tools": […]}`, a whole JSON-RPC response
/// `{"result": {"tools": […]}}`, or the bare array.
///
/// # Errors
///
/// When the answer is not JSON, is not of that shape, or names a tool twice.
pub fn import(answer: &str, server: &str) -> Result<Imported, Vec<Diagnostic>> {
    if !is_word(server) {
        return Err(vec![
            Diagnostic::error("import-server-name", format!("{} cannot name a server", shown(server)))
                .help("letters, digits, `_` and `-`, starting with a letter or `_`"),
        ]);
    }
    let answer = Json::read(answer).map_err(|error| {
        vec![Diagnostic::error("import-not-json", format!("the answer is not JSON: {}", plain(&error)))]
    })?;
    let tools = tools(&answer)?;
    let mut import = Import { server, notes: Vec::new(), names: BTreeSet::new(), next: BTreeMap::new() };
    let more = [answer.get("nextCursor"), answer.get("result").and_then(|result| result.get("nextCursor"))];
    if more.into_iter().flatten().any(|cursor| *cursor != Json::Null) {
        import.notes.push(
            Diagnostic::warning(
                "import-incomplete",
                "the answer is one page of several: it has a `nextCursor`",
            )
            .help("ask for the other pages and join their `tools`"),
        );
    }
    let mut text = format!(
        "# Tools of the MCP server `{server}`, from its answer to `tools/list`.\n\
         #\n\
         # Not reviewed: effects are the server's own hints, or the worst where it gives none, and no\n\
         # data is classified, so that only a grant `on unclassified` covers these tools.\n"
    );
    for tool in &tools {
        text.push('\n');
        text.push_str(&import.tool(tool));
    }
    match bailiwick_grammar::format(&text) {
        Ok(text) => Ok(Imported { text, tools: tools.len(), notes: import.notes }),
        Err(errors) => Err(errors
            .iter()
            .map(|error| {
                Diagnostic::error("import-failed", format!("the module does not parse: {}", error.message))
            })
            .collect()),
    }
}

/// A tool of the answer, its shape checked.
struct Tool<'a> {
    name: &'a str,
    json: &'a Json,
}

fn tools(answer: &Json) -> Result<Vec<Tool<'_>>, Vec<Diagnostic>> {
    let wrong = |message: String| Diagnostic::error("import-shape", message);
    let list = answer
        .array()
        .or_else(|| answer.get("tools").and_then(Json::array))
        .or_else(|| answer.get("result").and_then(|result| result.get("tools")).and_then(Json::array));
    let Some(list) = list else {
        return Err(vec![
            wrong(format!("the answer is {} without a list of `tools`", answer.kind()))
                .help("give the answer to `tools/list`: `{\"tools\": […]}`, `{\"result\": {\"tools\": […]}}` or the list"),
        ]);
    };
    let (mut tools, mut errors, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (index, json) in list.iter().enumerate() {
        let Some(name) = json.get("name").and_then(Json::str).filter(|name| !name.is_empty()) else {
            errors.push(wrong(format!("tool {} of the answer has no name", index + 1)));
            continue;
        };
        if !seen.insert(name) {
            errors.push(
                Diagnostic::error(
                    "import-duplicate-tool",
                    format!("the answer has two tools named {}", shown(name)),
                )
                .help("which of them a call reaches is not known; ask the server's author"),
            );
        }
        match json.get("inputSchema") {
            None | Some(Json::Object(_)) => tools.push(Tool { name, json }),
            Some(other) => {
                errors.push(wrong(format!("the `inputSchema` of {} is {}", shown(name), other.kind())));
            }
        }
    }
    if errors.is_empty() { Ok(tools) } else { Err(errors) }
}

struct Import<'a> {
    server: &'a str,
    notes: Vec<Diagnostic>,
    names: BTreeSet<String>,
    next: BTreeMap<String, usize>,
}

impl Import<'_> {
    fn tool(&mut self, tool: &Tool) -> String {
        let name = self.name(tool.name);
        let mut text = format!("tool {name} {{\n");
        if let Some(description) = self.description(&name, tool.json) {
            let _ = writeln!(text, "  {}", quoted(&description)); // writing to a string cannot fail
        }
        for line in self.args(&name, tool.json) {
            let _ = writeln!(text, "  {line}");
        }
        text.push_str("  # for a reviewer: the classes of data, and whether the server's hints are true\n");
        for line in self.effects(&name, tool.json) {
            let _ = writeln!(text, "  {line}");
        }
        let _ = writeln!(text, "  bind mcp {} {}\n}}", quoted(self.server), quoted(tool.name));
        text
    }

    /// `server.tool`, unique in the module.
    fn name(&mut self, raw: &str) -> String {
        let base = format!("{}.{}", self.server, segments(raw));
        let mut name = base.clone();
        while self.names.contains(&name) {
            let next = self.next.entry(base.clone()).or_insert(1);
            *next += 1;
            name = format!("{base}-{next}");
        }
        self.names.insert(name.clone());
        if name.len() != self.server.len() + 1 + raw.len() || !name.ends_with(raw) {
            self.note(
                Diagnostic::warning(
                    "import-renamed",
                    format!("{} is no name, and became `{name}`", shown(raw)),
                ),
                &name,
            );
        }
        name
    }

    /// The first paragraph, on one line.
    fn description(&mut self, tool: &str, json: &Json) -> Option<String> {
        let whole = json.get("description").or_else(|| json.get("title"))?.str()?;
        if whole.chars().any(bailiwick_grammar::is_invisible) {
            self.note(
                Diagnostic::warning(
                    "import-invisible",
                    format!("the description of `{tool}` holds characters that cannot be seen"),
                )
                .help(
                    "they are escaped in the module; text that hides from a reader may be meant for a model",
                ),
                tool,
            );
        }
        let first = whole.trim().split("\n\n").next().unwrap_or_default();
        let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
        let kept = shorten(&line, DESCRIPTION);
        if kept != line || whole.trim().len() > first.len() {
            self.note(
                Diagnostic::note(
                    "import-description",
                    format!("the description of `{tool}` is longer than what was kept of it"),
                ),
                tool,
            );
        }
        (!kept.is_empty()).then_some(kept)
    }

    fn args(&mut self, tool: &str, json: &Json) -> Vec<String> {
        let Some(root) = json.get("inputSchema") else {
            self.note(
                Diagnostic::warning(
                    "import-no-schema",
                    format!("`{tool}` has no `inputSchema`, so a call with arguments is ill formed"),
                ),
                tool,
            );
            return Vec::new();
        };
        let required: BTreeSet<&str> = root
            .get("required")
            .and_then(Json::array)
            .unwrap_or_default()
            .iter()
            .filter_map(Json::str)
            .collect();
        let properties = root.get("properties").map_or(&[][..], Json::members);
        let mut lines = Vec::new();
        for (name, schema) in properties {
            let required = required.contains(name.as_str());
            if !is_word(name) {
                let outcome =
                    if required { "so every call is ill formed" } else { "so a call with it is ill formed" };
                self.note(
                    Diagnostic::warning(
                        "import-argument-name",
                        format!(
                            "the argument {} of `{tool}` is no name and was left out, {outcome}",
                            shown(name)
                        ),
                    ),
                    tool,
                );
                continue;
            }
            let typed = schema::argument(schema, root, required);
            let mark = if typed.optional && typed.default.is_none() { "?" } else { "" };
            let default = typed.default.map(|text| format!(" = {text}")).unwrap_or_default();
            lines.push(format!("arg {name}{mark}: {}{default}", typed.ty));
            if !typed.lost.is_empty() {
                let lost = shorten(&typed.lost.join("; "), 400);
                self.note(
                    Diagnostic::note(
                        "import-schema",
                        format!("of the argument `{name}` of `{tool}` the module does not say: {lost}"),
                    ),
                    tool,
                );
            }
        }
        self.whole(tool, root, &required);
        lines
    }

    /// What a schema demands of the arguments together.
    fn whole(&mut self, tool: &str, root: &Json, required: &BTreeSet<&str>) {
        let mut lost = Vec::new();
        for (key, value) in root.members() {
            match key.as_str() {
                "type" | "properties" | "required" | "$schema" | "$id" | "$defs" | "definitions"
                | "title" | "description" | "$comment" | "examples" => {}
                "additionalProperties" if matches!(value, Json::Bool(false)) => {}
                key if key.starts_with("x-") => {}
                key => lost.push(shown(key)),
            }
        }
        for name in
            required.iter().filter(|name| root.get("properties").and_then(|all| all.get(name)).is_none())
        {
            lost.push(format!("`required` {}, which has no schema", shown(name)));
        }
        if !lost.is_empty() {
            let lost = shorten(&lost.join("; "), 400);
            self.note(
                Diagnostic::note(
                    "import-schema",
                    format!("of the arguments of `{tool}` together the module does not say: {lost}"),
                ),
                tool,
            );
        }
    }

    /// The hints, with the defaults that the protocol specifies.
    fn effects(&mut self, tool: &str, json: &Json) -> Vec<&'static str> {
        let read_only = self.hint(tool, json, "readOnlyHint", false);
        let destructive = self.hint(tool, json, "destructiveHint", true);
        let open_world = self.hint(tool, json, "openWorldHint", true);
        let effect = match (read_only, destructive) {
            (true, _) => "effect read",
            (false, true) => "effect delete",
            (false, false) => "effect write",
        };
        let mut lines = vec![effect, "reads unclassified"];
        if open_world {
            lines.extend(["ingests untrusted", "reaches external"]);
        }
        lines
    }

    fn hint(&mut self, tool: &str, json: &Json, hint: &str, default: bool) -> bool {
        match json.get("annotations").and_then(|annotations| annotations.get(hint)) {
            Some(Json::Bool(value)) => *value,
            None | Some(Json::Null) => default,
            Some(other) => {
                self.note(
                    Diagnostic::warning(
                        "import-hint",
                        format!("the `{hint}` of `{tool}` is {}; taken as absent", other.kind()),
                    ),
                    tool,
                );
                default
            }
        }
    }

    fn note(&mut self, note: Diagnostic, tool: &str) {
        self.notes.push(note.about("tool", &Str::from(tool)));
    }
}

/// A message of another library, without what cannot be seen.
fn plain(message: &str) -> String {
    message.chars().filter(|c| !bailiwick_grammar::is_invisible(*c)).collect()
}

#[cfg(test)]
mod tests;
