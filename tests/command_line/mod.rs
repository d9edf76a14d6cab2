//! The real binary: each command, each exit status, what reaches a terminal and what is left on disk.

mod output;
mod questions;
mod revoke;
pub mod schema;
mod verify;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What a run left behind.
pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

/// Runs `bailiwick` in a folder.
pub fn run(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // it may end without reading
    let _ = child.stdin.take().expect("stdin is piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the binary ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Run {
        status: output.status.code().expect("no signal"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A folder with a fresh project `p` in it.
pub fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["init", "p"], "").status, 0);
    folder
}

/// Replaces text in the project's grants, which must be there.
pub fn edit(folder: &TempDir, from: &str, to: &str) {
    let file = folder.path().join("p/policies/support.grant");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

/// A request to answer a ticket with a promised refund.
pub fn request(refund: i64) -> String {
    format!(
        concat!(
            r#"{{"chain":["support-bot"],"purpose":"customer-care","tool":"tickets.answer","#,
            r#""args":{{"ticket":"T-1","text":"done","refund":{}}},"now":"2026-12-01T10:00:00Z","#,
            r#""session":{{"started":"2026-12-01T09:30:00Z","authn":"mtls","environment":"production"}}}}"#
        ),
        refund
    )
}

const NOW: [&str; 2] = ["--now", "2026-12-01"];
const WIDER: (&str, &str) =
    ("allow   tickets.answer where args.refund <= 50", "allow   tickets.answer where args.refund <= 5000");

#[test]
fn a_fresh_project_is_clean_in_every_command() {
    let folder = project();
    for arguments in [
        &["check", "p", NOW[0], NOW[1]][..],
        &["check", "p/policies/support.grant", NOW[0], NOW[1], "--threshold", "note"],
        &["test", "p", NOW[0], NOW[1]],
        &["fmt", "--check", "p"],
        &["lock", "p"],
        &["build", "p", "--target", "cedar,rego", "--out", "out", NOW[0], NOW[1]],
        &["explain", "over-privilege"],
    ] {
        let ran = run(folder.path(), arguments, "");
        assert_eq!(ran.status, 0, "{arguments:?}\n{}{}", ran.out, ran.err);
        assert!(ran.err.is_empty(), "{arguments:?}: {}", ran.err);
    }
    assert!(folder.path().join("p/bailiwick.lock").exists());
    assert!(folder.path().join("out/bailiwick-manifest.json").exists());
}

#[test]
fn findings_are_1_and_only_at_the_threshold() {
    let folder = project();
    edit(&folder, WIDER.0, WIDER.1);
    let ran = run(folder.path(), &["check", "p", NOW[0], NOW[1]], "");
    assert_eq!(ran.status, 1, "{}", ran.out);
    assert!(
        ran.out.contains("over-privilege") && ran.out.contains("p/policies/support.grant:23"),
        "{}",
        ran.out
    );
    edit(&folder, "where args.refund > 50\n", "where args.refund > 5000\n");
    assert_eq!(run(folder.path(), &["check", "p", NOW[0], NOW[1], "--threshold", "error"], "").status, 0);
    edit(&folder, "where args.refund > 5000\n", "where args.refund > 50\n");
    // the proof is refuted, and the refutation is a request that is allowed
    let ran = run(folder.path(), &["test", "p", NOW[0], NOW[1]], "");
    assert_eq!(ran.status, 1, "{}", ran.out);
    let witness = ran.out.lines().find(|line| line.starts_with('{')).expect("a witness");
    assert_eq!(run(folder.path(), &["eval", "p", "--request", "-"], witness).status, 0, "{witness}");
}

#[test]
fn what_is_known_how_to_mend_is_mended() {
    let folder = project();
    edit(&folder, WIDER.0, WIDER.1);
    let arguments = ["check", "p", "--fix", NOW[0], NOW[1]];
    let ran = run(folder.path(), &arguments, "");
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert!(
        ran.out.starts_with("fixed over-privilege at p/policies/support.grant:23:3: tighten"),
        "{}",
        ran.out
    );
    let text = std::fs::read_to_string(folder.path().join("p/policies/support.grant")).unwrap();
    assert!(text.contains(WIDER.0), "{text}");
    assert_eq!(run(folder.path(), &["fmt", "--check", "p"], "").status, 0);
    let again = run(folder.path(), &[&arguments[..], &["--format", "json"]].concat(), "");
    assert_eq!(schema::holds(&again.out)["fixed"], serde_json::json!([]));
    // a fix that would break the project is left: the waiver names the grant
    let waived = "\nwaive grant-expired on grant old {\n  by alice\n  because \"x\"\n  until 2026-07-01\n}\n";
    let old = "\ngrant old {\n  to support-bot for customer-care\n  allow tickets.answer where args.refund <= 5\n  on ticket\n  expires 2026-06-01\n}\n";
    std::fs::write(folder.path().join("p/policies/support.grant"), format!("{text}{old}{waived}")).unwrap();
    let left = run(folder.path(), &arguments, "");
    assert!(left.out.contains("the project would not compile"), "{}", left.out);
}

#[test]
fn a_witness_can_be_pasted_into_eval() {
    let folder = project();
    edit(&folder, WIDER.0, WIDER.1);
    let found = run(folder.path(), &["check", "p", NOW[0], NOW[1]], "");
    let witness = found.out.lines().find(|line| line.starts_with('{')).expect("a witness");
    let ran = run(folder.path(), &["eval", "p", "--request", "-"], witness);
    assert_eq!((ran.status, ran.out.starts_with("allowed by grant `care`")), (0, true), "{}", ran.out);
}

#[test]
fn a_failing_test_says_what_happened() {
    let folder = project();
    edit(&folder, "refund: 51 }\n        due to no-grant", "refund: 51 }\n        due to ill-formed");
    let ran = run(folder.path(), &["test", "p", NOW[0], NOW[1]], "");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("should be denied due to `ill-formed`, but is denied: no grant"), "{}", ran.out);
}

#[test]
fn usage_and_input_errors_are_2_and_say_what_to_do() {
    let folder = project();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::write(folder.path().join("latin.grant"), b"# \xe9\n").unwrap();
    for (arguments, says) in [
        (&["check", "nowhere"][..], "`nowhere` cannot be read"),
        (&["check", "empty"], "holds no policies"),
        (&["check", "latin.grant"], "not UTF-8: the first wrong byte is byte 2, in line 1"),
        (&["check", "p", "--now", "yesterday"], "an instant is written"),
        (&["check", "p", "--threshold", "grave"], "`note`, `warning` or `error`"),
        (&["build", "p", "--out", "out", "--target", "xacml"], "there is no target `xacml`"),
        (&["build", "p"], "--out"),
        (&["eval", "p", "--request", "-"], "there is no request"),
        (&["eval", "p", "--request", "nowhere"], "`nowhere` cannot be read"),
        (&["import", "mcp", "nowhere"], "`nowhere` cannot be read"),
        (&["explain", "no-such"], "there is no finding called `no-such`"),
        (&["init", "p"], "is already there"),
        (&["lock", "empty"], "holds no policies"),
        (&["frobnicate"], "unrecognized subcommand"),
        (&[], "Usage"),
    ] {
        let ran = run(folder.path(), arguments, "");
        assert_eq!(ran.status, 2, "{arguments:?}\n{}{}", ran.out, ran.err);
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
    }
    assert!(!folder.path().join("out").exists(), "nothing half-written");
}

#[test]
fn a_broken_project_decides_and_builds_nothing() {
    let folder = project();
    edit(&folder, "owner    support", "owner    suport");
    let broken = run(folder.path(), &["check", "p", NOW[0], NOW[1]], "");
    assert_eq!(broken.status, 1);
    assert_eq!(run(folder.path(), &["eval", "p", "--request", "-"], &request(1)).status, 2);
    assert_eq!(run(folder.path(), &["build", "p", "--target", "rego", "--out", "out"], "").status, 1);
    assert_eq!(run(folder.path(), &["test", "p"], "").status, 1);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn requests_come_alone_over_lines_or_as_a_stream() {
    let folder = project();
    let eval = |input: &str| run(folder.path(), &["eval", "p", "--request", "-"], input);
    assert_eq!(eval(&request(50)).status, 0);
    let spread = request(51).replace(',', ",\n  ");
    let ran = eval(&spread);
    assert_eq!((ran.status, ran.out.lines().next()), (1, Some("denied: no grant authorises it")));
    assert!(ran.out.contains("grant `care` (p/policies/support.grant:19:1)"), "{}", ran.out);
    let stream = format!("\n{}\n\n{}\nnonsense\n{}", request(50), request(51), request(0));
    let ran = eval(&stream);
    let verdicts: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split([' ', ':']).next().unwrap())
        .collect();
    assert_eq!((ran.status, verdicts), (1, vec!["allowed", "denied", "denied", "allowed"]), "{}", ran.out);
    std::fs::write(folder.path().join("r.json"), request(50)).unwrap();
    assert_eq!(run(folder.path(), &["eval", "p", "--request", "r.json"], "").status, 0);
    // `--now` is for requests that state none, and only for them
    let timeless = request(50).replace(r#""now":"2026-12-01T10:00:00Z","#, "");
    assert_eq!(eval(&timeless).status, 1);
    let at = |now: &str| run(folder.path(), &["eval", "p", "--request", "-", "--now", now], &timeless).status;
    assert_eq!((at("2026-12-01T10:30:00Z"), at("2026-12-01T10:30:01Z")), (0, 1), "a ttl of one hour");
}

#[test]
fn formatting_keeps_windows_line_ends_and_broken_files() {
    let folder = project();
    let file = folder.path().join("w.grant");
    std::fs::write(&file, "# é\r\nperson   alice {\r\nemail \"a@b.example\" }\r\n").unwrap();
    assert_eq!(run(folder.path(), &["fmt", "--check", "w.grant"], "").status, 1);
    assert_eq!(run(folder.path(), &["fmt", "w.grant"], "").status, 0);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("person alice {\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']),
        "{text:?}"
    );
    assert_eq!(run(folder.path(), &["fmt", "--check", "w.grant"], "").status, 0);
    let ran = run(folder.path(), &["fmt", "-"], "person   alice {\n email \"a@b.example\" }");
    assert_eq!((ran.status, ran.out.as_str()), (0, "person alice {\n  email \"a@b.example\"\n}\n"));
    std::fs::write(&file, "person {").unwrap();
    assert_eq!(run(folder.path(), &["fmt", "w.grant"], "").status, 1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "person {");
}

#[test]
fn an_import_is_a_module_that_checks() {
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"{"tools":[{"name":"search","description":"Find.","inputSchema":{"type":"object","properties":{"q":{"type":"string"}},"required":["q"]}}]}"#;
    let ran = run(folder.path(), &["import", "mcp", "-", "--server", "docs", "--out", "docs.grant"], answer);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let text = std::fs::read_to_string(folder.path().join("docs.grant")).unwrap();
    assert!(text.contains("tool docs.search {") && text.contains("bind mcp \"docs\" \"search\""), "{text}");
    assert_eq!(run(folder.path(), &["check", "docs.grant"], "").status, 0);
    let refused = run(folder.path(), &["import", "mcp", "-", "--server", "docs", "--out", "x.grant"], "[]{");
    assert_eq!((refused.status, folder.path().join("x.grant").exists()), (2, false));
}

#[test]
fn help_shows_examples() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        "check", "build", "verify", "eval", "who-can", "reach", "why", "test", "fmt", "import", "explain",
        "init", "lock", "revoke", "lsp",
    ] {
        let ran = run(folder.path(), &[command, "--help"], "");
        assert_eq!(ran.status, 0);
        assert!(
            ran.out.contains(&format!("Examples:\n  bailiwick {command}")) || ran.out.contains("bailiwick "),
            "{}",
            ran.out
        );
        assert!(ran.out.contains("Examples:"), "{command}");
    }
}
