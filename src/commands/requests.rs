//! Requests as they come: from a file or from standard input, alone, over several lines, or one a line.

use crate::clock;
use crate::console::Console;
use crate::status::Failure;
use crate::workspace::{self, reason};
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

/// What is done with the text of one request.
pub type Decide<'a> = dyn FnMut(&mut Console, &str) -> Result<(), Failure> + 'a;

/// Hands every request of a file, or of standard input for `-`, to `decide`.
pub fn each(console: &mut Console, from: &Path, decide: &mut Decide) -> Result<(), Failure> {
    match from == Path::new("-") {
        true => stream(console, decide),
        false => text(console, &workspace::read(from)?, decide),
    }
}

/// From standard input: line by line as they come when the first line is a request by itself, else
/// all of it as one.
fn stream(console: &mut Console, decide: &mut Decide) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(format!("standard input cannot be read: {}", reason(&error)));
    let mut input = std::io::stdin().lock();
    let mut read = Vec::new();
    let mut first = Vec::new();
    while input.read_until(b'\n', &mut read).map_err(unreadable)? > 0 {
        first.append(&mut read);
        if !first.trim_ascii().is_empty() {
            break;
        }
    }
    if !is_json(&first) {
        let mut rest = std::mem::take(&mut first);
        std::io::Read::read_to_end(&mut input, &mut rest).map_err(unreadable)?;
        return text(console, &utf8(rest)?, decide);
    }
    read = first;
    loop {
        line(console, &utf8(std::mem::take(&mut read))?, decide)?;
        console.flush()?;
        if input.read_until(b'\n', &mut read).map_err(unreadable)? == 0 {
            return Ok(());
        }
    }
}

/// What is in a text: a request a line, or one over several lines.
fn text(console: &mut Console, text: &str, decide: &mut Decide) -> Result<(), Failure> {
    let first = text.lines().find(|line| !line.trim().is_empty());
    match first {
        None => Err(Failure::new("there is no request to decide")),
        Some(first) if is_json(first.as_bytes()) => {
            text.lines().try_for_each(|one| line(console, one, decide))
        }
        Some(_) => decide(console, text),
    }
}

fn line(console: &mut Console, line: &str, decide: &mut Decide) -> Result<(), Failure> {
    let line = line.trim();
    if line.is_empty() { Ok(()) } else { decide(console, line) }
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

fn utf8(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| Failure::new("standard input is not UTF-8"))
}

/// The request with `now` filled in, when the command line states one and the request does not. It
/// is put in as text, so that whatever else is wrong with the request is still there to be found.
pub fn with_now(text: &str, now: Option<i64>) -> String {
    let fields = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(text);
    match (now, fields) {
        (Some(now), Ok(fields)) if !fields.contains_key("now") => {
            let comma = if fields.is_empty() { "" } else { "," };
            text.replacen('{', &format!("{{\"now\":\"{}\"{comma}", clock::text(now)), 1)
        }
        (Some(_) | None, Ok(_) | Err(_)) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_filled_in_only_where_it_is_missing() {
        assert_eq!(with_now("{}", Some(0)), r#"{"now":"1970-01-01T00:00:00Z"}"#);
        assert_eq!(with_now(r#" {"a":1,"a":2}"#, Some(0)), r#" {"now":"1970-01-01T00:00:00Z","a":1,"a":2}"#);
        for kept in [r#"{"now":"x"}"#, r#"{"now":null}"#, "[{}]", "{", ""] {
            assert_eq!(with_now(kept, Some(0)), kept);
        }
        assert_eq!(with_now("{}", None), "{}");
    }
}
