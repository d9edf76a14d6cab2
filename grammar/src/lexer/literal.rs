//! Numbers, durations, instants, times of day, and text in other scripts.

use super::token::{Key, Token};
use crate::code::Code;
use crate::error::SyntaxError;
use crate::span::Span;

/// The token of a run that starts with a digit. What is out of bounds is reported and read as
/// some value of the same kind, so that nothing else is reported about it.
pub fn number<'s>(text: &str, span: Span, errors: &mut Vec<SyntaxError>) -> Token<'s> {
    match classify(text) {
        Ok(token) => token,
        Err((code, message, help, token)) => {
            errors.push(SyntaxError::new(code, message, span).help(help));
            token
        }
    }
}

type Refused<'s> = (Code, String, &'static str, Token<'s>);

fn classify<'s>(text: &str) -> Result<Token<'s>, Refused<'s>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all = |s: &str, f: fn(&u8) -> bool| !s.is_empty() && s.bytes().all(|b| f(&b));
    if all(digits, |b| b.is_ascii_digit() || *b == b'_') {
        return text.replace('_', "").parse().map(Token::Int).map_err(|_| {
            (
                Code::IntegerOverflow,
                format!("`{text}` does not fit in 64 bits"),
                "integers run from -9223372036854775808 to 9223372036854775807",
                Token::Int(0),
            )
        });
    }
    if let Some((whole, places)) = digits.split_once('.')
        && all(whole, |b| b.is_ascii_digit() || *b == b'_')
        && all(places, u8::is_ascii_digit)
    {
        return decimal(text, whole, places);
    }
    if digits.len() == text.len() {
        if all(text, |b| b.is_ascii_digit() || b"wdhms".contains(b)) {
            return duration(text);
        }
        if all(text, |b| b.is_ascii_digit() || *b == b':') {
            return time(text);
        }
        if text.split(['-', 'T', 't']).next().is_some_and(|y| y.len() >= 4 && all(y, u8::is_ascii_digit))
            && text.contains('-')
        {
            return instant(text);
        }
    }
    Err((
        Code::BadNumber,
        format!("`{text}` is neither a number, a duration, a date nor a time"),
        "write `500`, `12.5`, `1h30m`, `2026-10-01`, `2026-10-01T09:30:00Z` or `09:30`; a name starts with a letter",
        Token::Error,
    ))
}

fn decimal<'s>(text: &str, whole: &str, places: &str) -> Result<Token<'s>, Refused<'s>> {
    if places.len() > 4 {
        return Err((
            Code::TooManyPlaces,
            format!("`{text}` has more than four decimal places"),
            "a decimal has at most four",
            Token::Decimal(0),
        ));
    }
    let negative = text.starts_with('-');
    let units = whole.replace('_', "").parse::<i128>().ok().and_then(|whole| {
        let places = format!("{places:0<4}").parse::<i128>().ok()?;
        let magnitude = whole.checked_mul(10_000)?.checked_add(places)?;
        i64::try_from(if negative { -magnitude } else { magnitude }).ok()
    });
    units.map(Token::Decimal).ok_or_else(|| {
        (
            Code::DecimalOverflow,
            format!("`{text}` is out of range"),
            "decimals run from -922337203685477.5808 to 922337203685477.5807",
            Token::Decimal(0),
        )
    })
}

fn duration<'s>(text: &str) -> Result<Token<'s>, Refused<'s>> {
    const UNITS: [(u8, i64); 5] = [(b'w', 604_800), (b'd', 86_400), (b'h', 3_600), (b'm', 60), (b's', 1)];
    let bad = |message: String| {
        (
            Code::BadDuration,
            message,
            "units are `w d h m s`, each at most once, largest first: `1h30m`",
            Token::Duration(0),
        )
    };
    let (mut seconds, mut count, mut next, mut seen) = (0i64, 0i64, 0usize, false);
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            count = count
                .checked_mul(10)
                .and_then(|n| n.checked_add(i64::from(byte - b'0')))
                .ok_or_else(|| bad(format!("`{text}` is too long a duration")))?;
            seen = true;
            continue;
        }
        let Some(unit) = UNITS.iter().position(|(letter, _)| *letter == byte) else {
            return Err(bad(format!("`{}` is no unit of time", byte as char)));
        };
        if !seen || unit < next {
            return Err(bad(format!("`{text}` is not a duration: `{}` stands out of order", byte as char)));
        }
        seconds = count
            .checked_mul(UNITS[unit].1)
            .and_then(|n| n.checked_add(seconds))
            .ok_or_else(|| bad(format!("`{text}` is too long a duration")))?;
        (count, next, seen) = (0, unit + 1, false);
    }
    if seen {
        return Err(bad(format!("`{text}` ends in a number without a unit")));
    }
    Ok(Token::Duration(seconds))
}

fn two(text: &str) -> Option<i64> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn time<'s>(text: &str) -> Result<Token<'s>, Refused<'s>> {
    let minutes = text.split_once(':').and_then(|(h, m)| Some((two(h)?, two(m)?)));
    match minutes {
        Some((h @ 0..24, m @ 0..60)) => Ok(Token::Time((h * 60 + m) as u16)),
        Some((24, 0)) => Ok(Token::Time(24 * 60)),
        _ => Err((
            Code::BadTime,
            format!("`{text}` is not a time of day"),
            "a time of day is written `HH:MM`, from `00:00` to `24:00`",
            Token::Time(0),
        )),
    }
}

/// The first second that is out of range: 2200-01-01.
const END: i64 = 7_258_118_400;

fn instant<'s>(text: &str) -> Result<Token<'s>, Refused<'s>> {
    let bad = |message: String| {
        (
            Code::BadInstant,
            message,
            "a date is written `2026-10-01`, a moment in UTC `2026-10-01T09:30:00Z`",
            Token::Instant(0),
        )
    };
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let read = || -> Option<(i64, i64, i64)> {
        let &[y, m, d] = parts.as_slice() else { return None };
        let year =
            (y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit())).then(|| y.parse().ok()).flatten()?;
        Some((year, two(m)?, two(d)?))
    };
    let (year, month, day) = read().ok_or_else(|| bad(format!("`{text}` is not a date")))?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(bad(format!("`{text}`: there is no month {month}"))),
    };
    if day < 1 || day > days {
        return Err((
            Code::ImpossibleDate,
            format!("`{date}` does not exist: {year:04}-{month:02} has {days} days"),
            "write a date of the calendar",
            Token::Instant(0),
        ));
    }
    let seconds = match time {
        None => 0,
        Some(time) => {
            let clock = time
                .strip_suffix('Z')
                .ok_or_else(|| bad(format!("`{text}` does not end in `Z`: times are in UTC")))?;
            let parts: Vec<Option<i64>> = clock.split(':').map(two).collect();
            match parts.as_slice() {
                [Some(h @ 0..24), Some(m @ 0..60), Some(s @ 0..60)] => h * 3600 + m * 60 + s,
                _ => return Err(bad(format!("`{time}` is not a time of day with seconds"))),
            }
        }
    };
    let moment = days_since_1970(year, month, day) * 86_400 + seconds;
    if !(0..END).contains(&moment) {
        return Err((
            Code::InstantOutOfRange,
            format!("`{text}` is out of range"),
            "instants run from 1970-01-01 up to, not including, 2200-01-01",
            Token::Instant(0),
        ));
    }
    Ok(Token::Instant(moment))
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A run with characters that are not ASCII. `None` when nothing of it can be seen.
pub fn foreign<'s>(text: &'s str, span: Span, errors: &mut Vec<SyntaxError>) -> Option<Token<'s>> {
    if text.chars().all(crate::character::is_invisible) {
        return None;
    }
    let Some(strange) = text.chars().find(|c| !c.is_ascii() && !crate::character::is_invisible(*c)) else {
        return Some(Key::of(text).map_or(Token::Name(text), Token::Key)); // its invisible characters are reported by themselves
    };
    let plain: Option<String> =
        text.chars().map(|c| if c.is_ascii() { Some(c) } else { look_alike(c) }).collect();
    let mut error = SyntaxError::new(
        Code::NotAscii,
        format!("`{strange}` (U+{:04X}) may stand only inside strings and comments", strange as u32),
        span,
    );
    error = match (look_alike(strange), plain) {
        (Some(ascii), Some(plain)) => error
            .help(format!("it looks like `{ascii}` but is another character: write `{plain}`"))
            .fix(span, plain),
        (Some(ascii), None) => error.help(format!("it looks like `{ascii}` but is another character")),
        (None, _) => error.help("names, keywords and numbers are ASCII"),
    };
    errors.push(error);
    Some(if strange.is_alphabetic() { Token::Name(text) } else { Token::Error })
}

/// The ASCII character that another one looks like.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ո' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'ѵ' | 'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' => 'I',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'Χ' => 'X',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        '“' | '”' | '„' | '″' => '"',
        '‘' | '’' => '\'',
        '，' => ',',
        '：' => ':',
        '（' => '(',
        '）' => ')',
        '｛' => '{',
        '｝' => '}',
        '＝' => '=',
        '＊' => '*',
        '．' | '․' => '.',
        '\u{a0}' | '\u{3000}' => ' ',
        'ａ'..='ｚ' => char::from(b'a' + (c as u32 - 'ａ' as u32) as u8),
        'Ａ'..='Ｚ' => char::from(b'A' + (c as u32 - 'Ａ' as u32) as u8),
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        _ => return None,
    })
}
