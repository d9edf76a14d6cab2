//! Instants and durations.

use super::Malformed;
use crate::model::{AFTER_LATEST, EARLIEST};

/// An instant, `2026-12-01T10:00:00Z`: RFC 3339 in UTC, whole seconds, in range; in seconds since 1970.
pub fn parse_instant(text: &str) -> Result<i64, Malformed> {
    const SHAPE: &[u8; 20] = b"dddd-dd-ddTdd:dd:ddZ";
    let bytes = text.as_bytes();
    let shaped = bytes.len() == SHAPE.len()
        && bytes.iter().zip(SHAPE).all(
            |(byte, form)| {
                if *form == b'd' { byte.is_ascii_digit() } else { byte == form }
            },
        );
    if !shaped {
        return Err("an instant is written `2026-12-01T10:00:00Z`");
    }
    if &text[17..19] == "60" {
        return Err("leap seconds are no instants"); // jiff would read them as second 59
    }
    let instant: jiff::Timestamp = text.parse().map_err(|_| "no such date or time of day")?;
    let seconds = instant.as_second();
    if (EARLIEST..AFTER_LATEST).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("instants go from 1970 up to, not including, 2200")
    }
}

/// An instant as text, `2026-12-01T10:00:00Z`.
pub fn instant_text(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|instant| instant.to_string()).unwrap_or_default()
}

/// A duration as the language writes it: `1h30m`, `90d`, `0s`.
pub fn duration_text(seconds: i64) -> String {
    let mut left = seconds.max(0);
    let mut text = String::new();
    for (unit, size) in [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        // Whole weeks only: `90d` is how people say it, not `12w6d`.
        if unit == "w" && left % size != 0 {
            continue;
        }
        if left >= size {
            text += &format!("{}{unit}", left / size);
            left %= size;
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

/// A duration as the language writes it, in seconds: whole numbers with units, largest first.
pub fn duration_from_text(text: &str) -> Option<i64> {
    let (mut total, mut rest) = (0i64, text);
    for (unit, size) in [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)] {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && rest[digits..].starts_with(unit) {
            total = total.checked_add(rest[..digits].parse::<i64>().ok()?.checked_mul(size)?)?;
            rest = &rest[digits + 1..];
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(total)
}
