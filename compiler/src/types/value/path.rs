//! Paths.

use super::Malformed;
use crate::model::Str;

/// A path: absolute, `/`-separated, without `.`, `..` or empty segments, trailing `/` or NUL.
pub fn parse_path(text: &str) -> Result<Str, Malformed> {
    let Some(rest) = text.strip_prefix('/') else { return Err("a path starts with `/`") };
    if text.contains('\0') {
        return Err("a path has no NUL in it");
    }
    if rest.is_empty() {
        return Ok(text.into());
    }
    for segment in rest.split('/') {
        match segment {
            "" => return Err("a path has no empty segment and no `/` at its end"),
            "." | ".." => return Err("a path has no `.` or `..` in it"),
            _ => {}
        }
    }
    Ok(text.into())
}

/// The path that the text means, when it means one: dot and empty segments resolved.
pub fn normalise_path(text: &str) -> Option<String> {
    let rest = text.strip_prefix('/')?;
    let path = format!("/{}", resolve_dots(rest, false)?);
    parse_path(&path).ok().map(|_| path)
}

/// Whether `value` is `base` or below it, by whole segments. Both are normalised.
pub fn path_under(base: &str, value: &str) -> bool {
    match value.strip_prefix(base) {
        Some(rest) => rest.is_empty() || base == "/" || rest.starts_with('/'),
        None => false,
    }
}

/// Segments with `.` and empty ones left out and `..` applied; `None` when `..` leads out.
pub(super) fn resolve_dots(path: &str, keep_end: bool) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop()?;
            }
            name => kept.push(name),
        }
    }
    let directory = path.is_empty() || path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let mut resolved = kept.join("/");
    if keep_end && directory && !resolved.is_empty() {
        resolved.push('/');
    }
    Some(resolved)
}
