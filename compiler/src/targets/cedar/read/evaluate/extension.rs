//! Cedar's extension types: decimals, networks, moments and spans of time.

use super::{Result, Value};
use jiff::civil::{Date, date};
use std::net::IpAddr;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What a function gives.
pub fn function(name: &str, args: &[Value]) -> Result<Value> {
    let [Value::Text(text)] = args else { return Err(format!("`{name}` takes one text")) };
    let found = match name {
        "decimal" => decimal(text).map(Value::Decimal),
        "ip" => net(text).map(|(address, length)| Value::Net(address, length)),
        "datetime" => datetime(text).map(Value::Datetime),
        "duration" => duration(text).map(Value::Duration),
        _ => None,
    };
    found.ok_or_else(|| format!("`{text}` is no {name}"))
}

/// What a method of a value of an extension type gives.
pub fn method(of: &Value, name: &str, args: &[Value]) -> Result<Value> {
    let fits = |time: Option<i64>| time.ok_or_else(|| "a time has more than 64 bits".to_owned());
    Ok(match (of, name, args) {
        (Value::Decimal(left), "lessThan", [Value::Decimal(right)]) => Value::Bool(left < right),
        (Value::Decimal(left), "lessThanOrEqual", [Value::Decimal(right)]) => Value::Bool(left <= right),
        (Value::Decimal(left), "greaterThan", [Value::Decimal(right)]) => Value::Bool(left > right),
        (Value::Decimal(left), "greaterThanOrEqual", [Value::Decimal(right)]) => Value::Bool(left >= right),
        (Value::Net(address, _), "isIpv4", []) => Value::Bool(address.is_ipv4()),
        (Value::Net(address, _), "isIpv6", []) => Value::Bool(address.is_ipv6()),
        (Value::Net(address, length), "isLoopback", []) => {
            Value::Bool(address.is_loopback() && *length >= if address.is_ipv4() { 8 } else { 128 })
        }
        (Value::Net(address, length), "isMulticast", []) => {
            Value::Bool(address.is_multicast() && *length >= if address.is_ipv4() { 4 } else { 8 })
        }
        (Value::Net(address, length), "isInRange", [Value::Net(other, of)]) => {
            let same = address.is_ipv4() == other.is_ipv4();
            Value::Bool(same && length >= of && prefix(*address, *of) == prefix(*other, *of))
        }
        (Value::Datetime(at), "offset", [Value::Duration(by)]) => Value::Datetime(fits(at.checked_add(*by))?),
        (Value::Datetime(at), "durationSince", [Value::Datetime(other)]) => {
            Value::Duration(fits(at.checked_sub(*other))?)
        }
        (Value::Datetime(at), "toDate", []) => Value::Datetime(fits(at.div_euclid(DAY).checked_mul(DAY))?),
        (Value::Datetime(at), "toTime", []) => Value::Duration(at.rem_euclid(DAY)),
        (Value::Duration(span), "toMilliseconds", []) => Value::Long(*span),
        (Value::Duration(span), "toSeconds", []) => Value::Long(span / SECOND),
        (Value::Duration(span), "toMinutes", []) => Value::Long(span / MINUTE),
        (Value::Duration(span), "toHours", []) => Value::Long(span / HOUR),
        (Value::Duration(span), "toDays", []) => Value::Long(span / DAY),
        _ => return Err(format!("`{name}` is asked of what has no such method")),
    })
}

/// Ten-thousandths. Unlike in the language one to four places are a must, and there are no exponents.
pub fn decimal(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |text| ("-", text));
    let (whole, places) = text.split_once('.')?;
    let shaped = !whole.is_empty() && (1..=4).contains(&places.len());
    // the least number has no positive counterpart
    let number = shaped.then(|| digits(whole).and(digits(places)))?;
    number.and_then(|_| format!("{sign}{whole}{places:0<4}").parse().ok())
}

fn net(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(a, length)| (a, Some(length)));
    // an IPv4 address in the dress of an IPv6 one is none
    let dressed = address.contains(':') && address.contains('.');
    let address: IpAddr = address.parse().ok().filter(|_| !dressed)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        None => most,
        Some(digits) if digits.len() > 1 && digits.starts_with('0') => return None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
    };
    (length <= most).then_some((address, length))
}

/// The first so many bits of an address.
fn prefix(address: IpAddr, length: u8) -> u128 {
    let (bits, width) = match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    bits.checked_shr(width - u32::from(length)).unwrap_or(0)
}

/// `2024-10-15`, `2024-10-15T11:35:00Z`, with milliseconds, with an offset `+0130`.
fn datetime(text: &str) -> Option<i64> {
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    let [year, month, day] = numbers(day, '-', &[4, 2, 2])?.try_into().ok()?;
    let day = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    let midnight = day.duration_since(date(1970, 1, 1)).as_secs() * SECOND;
    let Some(time) = time else { return Some(midnight) };
    let (clock, rest) = time.split_at_checked(8)?;
    let [hour, minute, second] = numbers(clock, ':', &[2, 2, 2])?.try_into().ok()?;
    let (milliseconds, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at_checked(3).and_then(|(part, zone)| Some((digits(part)?, zone)))?,
        None => (0, rest),
    };
    let offset = match zone.split_at_checked(1)? {
        ("Z", "") => 0,
        (sign @ ("+" | "-"), offset) if offset.len() == 4 => {
            let (hours, minutes) = offset.split_at_checked(2)?;
            let (hours, minutes) = (digits(hours)?, digits(minutes)?);
            let offset = (hours < 24 && minutes < 60).then_some(hours * HOUR + minutes * MINUTE)?;
            if sign == "+" { offset } else { -offset }
        }
        _ => return None,
    };
    let of_day = hour * HOUR + minute * MINUTE + second * SECOND + milliseconds;
    (hour < 24 && minute < 60 && second < 60).then_some(midnight + of_day - offset)
}

/// Numbers of so many digits each.
fn numbers(text: &str, between: char, lengths: &[usize]) -> Option<Vec<i64>> {
    let parts: Vec<&str> = text.split(between).collect();
    let shaped = parts.iter().map(|part| part.len()).eq(lengths.iter().copied());
    shaped.then(|| parts.into_iter().map(digits).collect())?
}

/// Without a sign.
fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// `-1d2h3m4s5ms`: units in this order, each at most once.
fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let mut units = [("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1)].into_iter();
    let mut total: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (amount, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let word = if after.starts_with("ms") { "ms" } else { after.get(..1)? };
        let (_, unit) = units.find(|(name, _)| *name == word)?;
        let amount: i64 = format!("{sign}{amount}").parse().ok()?;
        total = total.checked_add(amount.checked_mul(unit)?)?;
        rest = &after[word.len()..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_cedar_reads_them() {
        assert_eq!(decimal("-922337203685477.5808"), Some(i64::MIN));
        assert_eq!(datetime("1969-12-31T23:59:59.999+0001"), Some(-MINUTE - 1));
        assert_eq!(duration("-1d2ms"), Some(-DAY - 2));
        assert_eq!(net("10.0.0.9/8"), Some((IpAddr::from([10, 0, 0, 9]), 8)));
        for bad in ["1", "1.", ".5", "1.00000", "1.5e3", "+1.0", "922337203685477.5808"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
        for bad in [
            "2024-2-01",
            "2023-02-29",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00+0060",
        ] {
            assert_eq!(datetime(bad), None, "{bad}");
        }
        for bad in ["", "-", "1", "2ms1s", "1d1d", "9223372036854775808ms"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
        for bad in ["::ffff:10.0.0.1", "10.0.0.1/33", "10.0.0.1/08", "10.0.0.1/"] {
            assert_eq!(net(bad), None, "{bad}");
        }
    }
}
