//! Integers and decimals, exactly.

/// The integer that a JSON number is, when its exact value is a 64-bit integer: `5`, `5.0`, `5e0`.
pub fn int_from_text(text: &str) -> Option<i64> {
    scaled(text, 0)
}

/// The ten-thousandths that a JSON number is, when it has no more than four places and they fit:
/// `12.5` is `125000`, so is `1.25e1`.
pub fn decimal_from_text(text: &str) -> Option<i64> {
    scaled(text, 4)
}

/// A decimal in ten-thousandths, as the language and JSON write it: at least one place.
pub fn decimal_text(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    let places = format!("{:04}", magnitude % 10_000);
    let places = places.trim_end_matches('0');
    format!("{sign}{}.{}", magnitude / 10_000, if places.is_empty() { "0" } else { places })
}

/// The exact value of a JSON number times ten to the `places`, when that is a 64-bit integer.
fn scaled(text: &str, places: i64) -> Option<i64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !all_digits(whole)
        || !all_digits(fraction)
        || (whole.len() > 1 && whole.starts_with('0'))
    {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let significant = digits.trim_end_matches('0');
    let zeros = (digits.len() - significant.len()) as i64 - fraction.len() as i64;
    let power = zeros.checked_add(exponent)?.checked_add(places)?;
    // 64 bits hold 19 digits: anything longer is out of range, however it is written.
    if !(0..=19).contains(&power) || significant.len() > 19 {
        return None;
    }
    let magnitude = significant.parse::<i128>().ok()? * 10i128.pow(power as u32);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// An exponent; one too long for 64 bits stands for "far out" with its sign.
fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if negative { -magnitude } else { magnitude })
}
