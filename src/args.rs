//! What can be typed. Every help text ends in examples.

use crate::clock;
use bailiwick_compiler::model::Severity;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Policy as code for AI agents: proved, and exported to the engines that enforce it.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "\
Exit status: 0 nothing at or above the threshold, 1 findings, 2 usage or input error, 3 undecided.

Examples:
  bailiwick init my-policies
  bailiwick check my-policies
  bailiwick build my-policies --target rego --out out"
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

/// How to write the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// For a program: docs/output.schema.json.
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prove what matters about the policies, or show the request that breaks it
    #[command(after_help = "\
Exit status: 0 nothing at or above the threshold, 1 findings, 2 usage or input error,
3 nothing at the threshold, but something could not be decided.

Examples:
  bailiwick check
  bailiwick check examples/broken --threshold error
  bailiwick check policies --fix
  bailiwick check policies --now 2026-12-01 --format json")]
    Check {
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The moment to check for, as 2026-12-01 or 2026-12-01T10:00:00Z [default: the system's clock]
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// The least severity that counts: note, warning or error [default: bailiwick.toml's, else warning]
        #[arg(long, value_name = "SEVERITY", value_parser = severity)]
        threshold: Option<Severity>,
        /// Make the fixes that are known, and check what comes of it
        #[arg(long)]
        fix: bool,
        /// How to write the findings
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Export the grants to the engines that enforce them, never wider than their source
    #[command(after_help = "\
Each target gets a folder of its own in the output folder, beside bailiwick-manifest.json, which says
what became of every grant. A folder is replaced as a whole; files that no build wrote are never touched.

Examples:
  bailiwick build --out out
  bailiwick build policies --target cedar,rego --out out")]
    Build {
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
        /// Targets, separated by commas [default: bailiwick.toml's, else those the tools are bound to]
        #[arg(long = "target", value_name = "TARGET", value_delimiter = ',')]
        targets: Vec<String>,
        /// The folder to write to
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The moment to build for [default: the system's clock]
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// How to write what became of each grant
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Prove that a deployed directory still allows no more than its source
    #[command(after_help = "\
Reads the artifacts back, whoever edited them, and holds them to the source with the solver.
Exit status: 0 nothing differs, 1 something is wider or narrower than its source, 2 usage or input error,
3 something could not be read or decided.

Examples:
  bailiwick verify out
  bailiwick verify /etc/policies --project policies --format json")]
    Verify {
        /// The folder that `bailiwick build --out` wrote
        dir: PathBuf,
        /// The project's folder, or a file in it
        #[arg(long = "project", value_name = "PATH", default_value = ".")]
        path: PathBuf,
        /// The moment that witnesses are near [default: the system's clock]
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// How to write what is found
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Decide requests, and say why
    #[command(after_help = "\
A request is the JSON that an enforcement point sends (docs/request.schema.json); several may come one a line.
Exit status: 0 all allowed, 1 one was denied, 2 usage or input error.

Examples:
  bailiwick eval --request request.json
  echo '{\"chain\":[\"support-bot\"], …}' | bailiwick eval policies --request -")]
    Eval {
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
        /// A file of requests, or `-` for standard input
        #[arg(long, value_name = "FILE")]
        request: PathBuf,
        /// The moment for requests that state no `now` of their own
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// How to write the decisions
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Decide requests as `eval` does, and go through every clause
    #[command(after_help = "\
Of the grant that authorises, or of those that come near: each clause met or failed, where it stands in
the source, and the values that its conditions saw; each forbid that matches, with its condition; the
approvals that would turn the denial.
Exit status: 0 all allowed, 1 one was denied, 2 usage or input error.

Examples:
  bailiwick why --request request.json
  bailiwick why policies --request - --format json < request.json")]
    Why {
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
        /// A file of requests, or `-` for standard input
        #[arg(long, value_name = "FILE")]
        request: PathBuf,
        /// The moment for requests that state no `now` of their own
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// How to write the answers
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Which agents can make such a call, directly or as a delegate, and how
    #[command(after_help = "\
The calls are written as in a `prove` block: calling TOOLS [data SET] [where CONDITION]. Each way is
proved: the grant, what is allowed of the calls, the approvals it takes, a request that shows it.
Exit status: 0 answered, 2 usage or input error, 3 something could not be decided.

Examples:
  bailiwick who-can 'calling stripe.refund where args.amount > 200'
  bailiwick who-can 'calling tools effect delete data at-least confidential' policies
  bailiwick who-can 'calling tools tagged money-movement' --format json")]
    WhoCan {
        /// The calls: calling TOOLS [data SET] [where CONDITION]
        calling: String,
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The moment that witnesses are near [default: the system's clock]
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// How to write the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// What an agent can touch: the data, by what effect, by whose grant
    #[command(after_help = "\
What the agent can do by its own grants, as a delegate of others, and what the agents do by theirs that
it can hand over to. Each line is proved; --format json has a request that shows it.
Exit status: 0 answered, 2 usage or input error, 3 something could not be decided.

Examples:
  bailiwick reach support-bot
  bailiwick reach support-bot policies --format json")]
    Reach {
        /// The agent
        agent: String,
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The moment that witnesses are near [default: the system's clock]
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// How to write the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Run the project's `test` and `prove` blocks
    #[command(after_help = "\
Exit status: 0 all hold, 1 one fails, 2 usage or input error, 3 a proof could not be decided.

Examples:
  bailiwick test
  bailiwick test policies --now 2026-12-01")]
    Test {
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The moment for requests that state none [default: the system's clock]
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// How to write the results
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Format policies
    #[command(after_help = "\
Examples:
  bailiwick fmt
  bailiwick fmt --check policies
  bailiwick fmt - < draft.grant")]
    Fmt {
        /// Files and folders, or `-` for standard input to standard output
        #[arg(default_value = ".")]
        paths: Vec<PathBuf>,
        /// Write nothing; name the files that would change, and exit 1 if there are any
        #[arg(long)]
        check: bool,
    },

    /// Turn what others wrote down into a module
    #[command(after_help = "\
Examples:
  bailiwick import mcp tools.json --server github --out catalog/github.grant")]
    Import {
        #[command(subcommand)]
        from: ImportFrom,
    },

    /// Say what a finding means and how to mend it
    #[command(after_help = "\
Examples:
  bailiwick explain over-privilege")]
    Explain {
        /// The word in front of a finding
        code: String,
    },

    /// Start a project: a few files that check clean
    #[command(after_help = "\
Examples:
  bailiwick init
  bailiwick init my-policies")]
    Init {
        /// The folder; it is made when it is not there
        #[arg(default_value = ".")]
        dir: PathBuf,
    },

    /// Accept what globs, tags and attributes in grants stand for today
    #[command(after_help = "\
Writes bailiwick.lock. A tool that appears later, or whose signature changes, is then an error
until it is accepted by running this again.

Examples:
  bailiwick lock
  bailiwick lock policies")]
    Lock {
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
    },

    /// Stop an agent at once: suspend it in the source, and write what its engines need to hear
    #[command(after_help = "\
Writes `suspended because` into the agent's declaration and, without a build, what takes effect at once
in each target: a Cedar forbid, data for Rego, IAM denials (for everything, and for sessions
issued before now), a list of Kubernetes accounts and bindings to delete. It does this too when the
project has errors, and says what is missing.
Exit status: 0 done, 1 something is missing, 2 usage or input error.

Examples:
  bailiwick revoke support-bot --because \"key leaked\" --out revoked
  bailiwick revoke support-bot policies --because INC-42 --out revoked --format json")]
    Revoke {
        /// The agent
        agent: String,
        /// A project's folder, or a file in it
        #[arg(default_value = ".")]
        path: PathBuf,
        /// Why; it is written into the source
        #[arg(long, value_name = "TEXT")]
        because: String,
        /// The folder to write to: a new or an empty one
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The moment before which sessions count as issued too early [default: the system's clock]
        #[arg(long, value_name = "INSTANT", value_parser = clock::parse)]
        now: Option<i64>,
        /// How to write what was done
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Serve an editor on standard input and output
    #[command(after_help = "\
Editors start this themselves: docs/editors.md says how.

Examples:
  bailiwick lsp")]
    Lsp {
        /// Accepted for editors that pass it: standard input and output is the only way
        #[arg(long, hide = true)]
        stdio: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum ImportFrom {
    /// An MCP server's answer to `tools/list`, as a catalog module
    #[command(after_help = "\
What the schemas say and the language cannot is reported, and everything is `unclassified`: a reviewer decides.

Examples:
  bailiwick import mcp tools.json --server github --out catalog/github.grant
  bailiwick import mcp - --server docs < answer.json")]
    Mcp {
        /// The answer as JSON, or `-` for standard input
        file: PathBuf,
        /// Where to write the module [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// The server's name, the first part of every tool's name [default: the file's name]
        #[arg(long, value_name = "NAME")]
        server: Option<String>,
    },
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::named(word).ok_or_else(|| "it is `note`, `warning` or `error`".into())
}
