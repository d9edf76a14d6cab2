//! The moment that a check is made for.

#![allow(missing_docs)] // salsa's macros generate methods that have none

/// The moment that a check is made for: what counts as expired, lapsed or departed. It never
/// bears on what a policy allows.
#[salsa::input]
pub struct Clock {
    /// Seconds since 1970.
    #[returns(copy)]
    pub now: i64,
}
