//! The functions and methods of the language, with how many arguments they take.

/// Functions: constructors of the extension types.
pub const FUNCTIONS: &[(&str, usize)] = &[("datetime", 1), ("decimal", 1), ("duration", 1), ("ip", 1)];

/// Methods.
pub const METHODS: &[(&str, usize)] = &[
    ("contains", 1),
    ("containsAll", 1),
    ("containsAny", 1),
    ("durationSince", 1),
    ("getTag", 1),
    ("greaterThan", 1),
    ("greaterThanOrEqual", 1),
    ("hasTag", 1),
    ("isEmpty", 0),
    ("isInRange", 1),
    ("isIpv4", 0),
    ("isIpv6", 0),
    ("isLoopback", 0),
    ("isMulticast", 0),
    ("lessThan", 1),
    ("lessThanOrEqual", 1),
    ("offset", 1),
    ("toDate", 0),
    ("toDays", 0),
    ("toHours", 0),
    ("toMilliseconds", 0),
    ("toMinutes", 0),
    ("toSeconds", 0),
    ("toTime", 0),
];
