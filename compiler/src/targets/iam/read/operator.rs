//! Condition operators: what a test compares, and when it holds.

use super::pattern::{Pattern, Reading, tokens};
use crate::import::json::Json;
use ipnet::IpNet;
use std::net::IpAddr;

/// Places that numbers are held to.
const PLACES: usize = 9;
/// One, in the unit that numbers are held in.
pub const ONE: i128 = 10i128.pow(PLACES as u32);

/// A condition operator, without its quantifier, its negation and its `IfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operator {
    /// `StringEquals`, `StringEqualsIgnoreCase`, `StringLike`.
    String {
        /// Whether `*` and `?` are wildcards.
        like: bool,
        /// Whether letters are compared without regard to case.
        ignore_case: bool,
    },
    /// `NumericEquals` and its kin.
    Numeric(Order),
    /// `DateEquals` and its kin.
    Date(Order),
    /// `Bool`.
    Bool,
    /// `IpAddress`.
    Ip,
    /// `ArnEquals`, which is `ArnLike`.
    Arn,
    /// `Null`: whether the key is absent.
    Null,
}

/// How two values in order are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the variants say it
pub enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// Whether `left` and `right` are in it.
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Order::Equal => left == right,
            Order::Less => left < right,
            Order::LessOrEqual => left <= right,
            Order::Greater => left > right,
            Order::GreaterOrEqual => left >= right,
        }
    }
}

/// Over which of a key's values a test is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantifier {
    /// The key has one value.
    Single,
    /// `ForAnyValue:`: some value.
    Any,
    /// `ForAllValues:`: every value, and a key that is absent.
    All,
}

/// What a key's value is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Constant {
    /// For the string and ARN operators.
    Text(Pattern),
    /// For the numeric ones, in units of 1 / [`ONE`].
    Number(i128),
    /// For the date ones: nanoseconds since 1970.
    Instant(i128),
    /// For `Bool` and `Null`.
    Bool(bool),
    /// For the address ones, without host bits.
    Net(IpNet),
}

impl Constant {
    /// The text that it is, when it is one.
    pub fn text(&self) -> Option<&Pattern> {
        match self {
            Constant::Text(pattern) => Some(pattern),
            Constant::Number(_) | Constant::Instant(_) | Constant::Bool(_) | Constant::Net(_) => None,
        }
    }
}

/// An operator's word, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Over which values.
    pub quantifier: Quantifier,
    /// How.
    pub operator: Operator,
    /// Whether it holds when no constant fits.
    pub negated: bool,
    /// Whether it holds when the key is absent.
    pub if_exists: bool,
}

/// Takes an operator's word apart; the error says why it is not understood.
pub fn word(text: &str) -> Result<Word, String> {
    let (quantifier, rest) = match text.split_once(':') {
        Some(("ForAnyValue", rest)) => (Quantifier::Any, rest),
        Some(("ForAllValues", rest)) => (Quantifier::All, rest),
        Some(_) => return Err(format!("operator `{text}` is unknown")),
        None => (Quantifier::Single, text),
    };
    let (rest, if_exists) = match rest.strip_suffix("IfExists") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let string = |like, ignore_case| Operator::String { like, ignore_case };
    let (operator, negated) = match rest {
        "StringEquals" => (string(false, false), false),
        "StringNotEquals" => (string(false, false), true),
        "StringEqualsIgnoreCase" => (string(false, true), false),
        "StringNotEqualsIgnoreCase" => (string(false, true), true),
        "StringLike" => (string(true, false), false),
        "StringNotLike" => (string(true, false), true),
        "NumericEquals" => (Operator::Numeric(Order::Equal), false),
        "NumericNotEquals" => (Operator::Numeric(Order::Equal), true),
        "NumericLessThan" => (Operator::Numeric(Order::Less), false),
        "NumericLessThanEquals" => (Operator::Numeric(Order::LessOrEqual), false),
        "NumericGreaterThan" => (Operator::Numeric(Order::Greater), false),
        "NumericGreaterThanEquals" => (Operator::Numeric(Order::GreaterOrEqual), false),
        "DateEquals" => (Operator::Date(Order::Equal), false),
        "DateNotEquals" => (Operator::Date(Order::Equal), true),
        "DateLessThan" => (Operator::Date(Order::Less), false),
        "DateLessThanEquals" => (Operator::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (Operator::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (Operator::Date(Order::GreaterOrEqual), false),
        "Bool" => (Operator::Bool, false),
        "IpAddress" => (Operator::Ip, false),
        "NotIpAddress" => (Operator::Ip, true),
        "ArnEquals" | "ArnLike" => (Operator::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Operator::Arn, true),
        "Null" => (Operator::Null, false),
        _ => return Err(format!("operator `{text}` is unknown")),
    };
    if operator == Operator::Null && (if_exists || quantifier != Quantifier::Single) {
        return Err(format!("operator `{text}` is unknown: `Null` asks of the key itself"));
    }
    if if_exists && quantifier == Quantifier::Any {
        return Err(format!("nobody says what `{text}` means of an absent key"));
    }
    Ok(Word { quantifier, operator, negated, if_exists })
}

/// Reads a constant for the operator; the error says why it is none.
pub(crate) fn constant(operator: Operator, json: &Json, variables: bool) -> Result<Constant, String> {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => number.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => {
            return Err(format!("{} is no value of a condition", json.kind()));
        }
    };
    let is_no = |what: &str| format!("`{text}` is no {what}");
    match operator {
        Operator::String { like, ignore_case } => {
            let tokens = tokens(&text, Reading { wildcards: like, variables })?;
            Ok(Constant::Text(Pattern { tokens, ignore_case }))
        }
        Operator::Arn => Pattern::arn(&text, variables).map(Constant::Text),
        Operator::Numeric(_) => number(&text).map(Constant::Number).ok_or_else(|| is_no("number")),
        Operator::Date(_) => instant(&text).map(Constant::Instant).ok_or_else(|| is_no("date")),
        Operator::Bool | Operator::Null => boolean(&text).map(Constant::Bool).ok_or_else(|| is_no("boolean")),
        Operator::Ip => net(&text).map(Constant::Net).ok_or_else(|| is_no("address or network")),
    }
}

/// Whether a value of the key fits one constant; `None` when the value is not of the operator's
/// kind, or the constant has a variable without a value: then the test holds neither way round.
pub fn fits(
    operator: Operator,
    constant: &Constant,
    value: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Option<bool> {
    match (operator, constant) {
        (Operator::String { .. }, Constant::Text(pattern)) => Some(pattern.filled(variable)?.matches(value)),
        (Operator::Arn, Constant::Text(pattern)) => {
            (value.matches(':').count() >= 5).then(|| Some(pattern.filled(variable)?.matches(value)))?
        }
        (Operator::Numeric(order), Constant::Number(number_)) => Some(order.holds(&number(value)?, number_)),
        (Operator::Date(order), Constant::Instant(instant_)) => Some(order.holds(&instant(value)?, instant_)),
        (Operator::Bool, Constant::Bool(wanted)) => Some(boolean(value)? == *wanted),
        (Operator::Ip, Constant::Net(net)) => Some(net.contains(&address(value)?)),
        (
            Operator::String { .. }
            | Operator::Arn
            | Operator::Numeric(_)
            | Operator::Date(_)
            | Operator::Bool
            | Operator::Ip
            | Operator::Null,
            _,
        ) => None,
    }
}

/// A decimal number in units of 1 / [`ONE`].
pub fn number(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let digits =
        |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 20) || !digits(part, PLACES) {
        return None;
    }
    let value = whole.parse::<i128>().ok()? * ONE + format!("{part:0<PLACES$}").parse::<i128>().ok()?;
    Some(if negative { -value } else { value })
}

/// A date, a date with a time, or seconds since 1970; in nanoseconds.
pub fn instant(text: &str) -> Option<i128> {
    if text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse::<i64>().ok()? as i128 * 1_000_000_000);
    }
    if text.len() == 10 {
        return format!("{text}T00:00:00Z").parse::<jiff::Timestamp>().ok().map(|at| at.as_nanosecond());
    }
    // jiff would also take a blank for the `T`, and read a leap second as second 59.
    let shaped = text.as_bytes().get(10) == Some(&b'T') && text.get(17..19) != Some("60");
    shaped.then(|| text.parse::<jiff::Timestamp>().ok().map(|at| at.as_nanosecond()))?
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// An address; IPv4 inside IPv6 is none, as engines disagree on it.
pub fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    let mapped = matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    (!mapped).then_some(address)
}

fn net(text: &str) -> Option<IpNet> {
    let net = match text.parse::<IpNet>() {
        Ok(net) => net,
        Err(_) => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    address(&net.addr().to_string())?;
    Some(net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_dates_and_networks_are_read_exactly() {
        assert_eq!(number("-1.5"), Some(-3 * ONE / 2));
        assert_eq!(number("5"), Some(5 * ONE));
        for bad in ["", "5.", ".5", "1e3", "+1", " 1", "0x1", "1.0000000001", "--1"] {
            assert_eq!(number(bad), None, "{bad}");
        }
        let new_year = instant("2026-01-01T00:00:00Z");
        assert!(new_year.is_some());
        for same in ["2026-01-01", "2026-01-01T01:00:00+01:00", "1767225600", "2026-01-01T00:00Z"] {
            assert_eq!(instant(same), new_year, "{same}");
        }
        for bad in ["", "2026", "x", "2026-13-01", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
        assert_eq!(net("10.0.0.1/8"), "10.0.0.0/8".parse().ok());
        assert_eq!(net("10.0.0.1"), "10.0.0.1/32".parse().ok());
        assert_eq!(net("::ffff:10.0.0.0/104"), None);
    }

    #[test]
    fn words_are_known_or_said_to_be_unknown() {
        let read = word("ForAllValues:StringNotLikeIfExists").expect("an operator");
        assert!(read.negated && read.if_exists && read.quantifier == Quantifier::All);
        for bad in
            ["stringequals", "Like", "NullIfExists", "ForAnyValue:Null", "For:Bool", "BinaryEquals", ""]
        {
            assert!(word(bad).is_err(), "{bad}");
        }
    }
}
