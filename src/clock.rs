//! The one place that knows what time it is.

use crate::status::Failure;
use bailiwick_compiler::model::{AFTER_LATEST, EARLIEST};
use jiff::Timestamp;

/// Seconds since 1970: `stated` when it is, else the system's clock.
pub fn now(stated: Option<i64>) -> Result<i64, Failure> {
    let now = stated.unwrap_or_else(|| Timestamp::now().as_second());
    if (EARLIEST..AFTER_LATEST).contains(&now) {
        return Ok(now);
    }
    Err(Failure::new("the system's clock is outside 1970-01-01 to 2199-12-31")
        .help("state the time: `--now 2026-12-01`"))
}

/// Reads an instant as the language writes it: a date, or a date and a time in UTC, whole seconds.
pub fn parse(text: &str) -> Result<i64, String> {
    let whole = if text.len() == "2026-12-01".len() { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let shaped =
        whole.len() == "2026-12-01T10:00:00Z".len() && whole.ends_with('Z') && whole.as_bytes()[10] == b'T';
    let second = shaped.then(|| whole.parse::<Timestamp>().ok()).flatten().map(|instant| instant.as_second());
    match second {
        Some(second) if (EARLIEST..AFTER_LATEST).contains(&second) => Ok(second),
        Some(_) => Err("an instant lies from 1970-01-01 up to, not including, 2200-01-01".into()),
        None => Err("an instant is written `2026-12-01` or `2026-12-01T10:00:00Z`".into()),
    }
}

/// An instant as the language writes it.
pub fn text(seconds: i64) -> String {
    Timestamp::from_second(seconds).map(|instant| instant.to_string()).unwrap_or_else(|_| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_dates_or_utc_seconds_in_the_range() {
        assert_eq!(parse("1970-01-01"), Ok(0));
        assert_eq!(parse("2199-12-31T23:59:59Z"), Ok(AFTER_LATEST - 1));
        assert_eq!(parse("2026-12-01T10:00:00Z").map(text).as_deref(), Ok("2026-12-01T10:00:00Z"));
        for wrong in [
            "2200-01-01",
            "1969-12-31",
            "2026-02-30",
            "2026-12-01T10:00:00",
            "2026-12-01 10:00:00Z",
            "now",
            "",
            "é026-12-01",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse("2026-12-01T10:00:00.5Z").is_err() && parse("2026-12-01T10:00:00+01:00").is_err());
    }
}
