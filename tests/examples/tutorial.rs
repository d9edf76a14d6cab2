//! The tutorial, from top to bottom: files are written, commands run, and what they print holds
//! the words that the page shows.

use super::{NOW, bailiwick};
use std::path::Path;

const TUTORIAL: &str = include_str!("../../docs/tutorial.md");

/// A fenced block: its info string and its text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let (mut blocks, mut open): (Vec<(&str, String)>, bool) = (Vec::new(), false);
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(info) if !open => blocks.push((info, String::new())),
            Some(_) => {}
            None => {
                if open {
                    let text = &mut blocks.last_mut().expect("a block is open").1;
                    text.push_str(line);
                    text.push('\n');
                }
                continue;
            }
        }
        open = !open;
    }
    blocks
}

fn attribute<'a>(info: &'a str, key: &str) -> Option<&'a str> {
    info.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

/// Runs a command of the page, and looks for the words of the lines below it.
fn run(folder: &Path, text: &str, status: i32) {
    let mut lines = text.lines();
    let command = lines.next().and_then(|line| line.strip_prefix("$ bailiwick ")).expect("a command");
    let mut args: Vec<&str> = command.split(' ').collect();
    if matches!(args[0], "check" | "test" | "build" | "reach") {
        args.extend(["--now", NOW]);
    }
    let (printed, actual) = bailiwick(folder, &args);
    assert_eq!(actual, status, "`bailiwick {command}`:\n{printed}");
    for word in lines.flat_map(|line| line.split('…')).map(str::trim).filter(|word| !word.is_empty()) {
        assert!(printed.contains(word), "`bailiwick {command}` does not print `{word}`:\n{printed}");
    }
}

#[test]
fn everything_on_the_page_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut commands = 0;
    for (info, text) in blocks(TUTORIAL) {
        if let Some(file) = attribute(info, "file") {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
            std::fs::write(path, &text).expect("the file is written");
            if info.starts_with("grant") {
                assert_eq!(
                    bailiwick_grammar::format(&text).as_deref(),
                    Ok(text.as_str()),
                    "{file} is not formatted"
                );
            }
        } else if info.starts_with("console") {
            let status = attribute(info, "status").unwrap_or("0").parse().expect("a status");
            run(folder.path(), &text, status);
            commands += 1;
        } else {
            panic!("a block that no test runs: ```{info}\n{text}");
        }
    }
    assert!(commands >= 6, "the page lost its commands");
}
