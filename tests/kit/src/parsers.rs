//! What JSON parsers of engines hide from a policy.

use bailiwick_compiler::Model;
use bailiwick_compiler::model::{Record, Value};
use bailiwick_compiler::request::read;

/// Whether a parser that keeps the last of two keys and reads numbers as doubles makes the request,
/// which is JSON, say something else.
pub fn doubles_hide(model: &Model, json: &str) -> bool {
    let Ok(seen) = serde_json::from_str::<serde_json::Value>(json) else { return false };
    let request = read(model, json).ok();
    let big = |record: &Record| record.values().any(is_beyond_doubles);
    request != read(model, &seen.to_string()).ok()
        || request.is_some_and(|request| big(&request.args) || big(&request.session))
}

/// Whether a double cannot tell it from its neighbours: four places, or the ends of 64 bits.
fn is_beyond_doubles(value: &Value) -> bool {
    match value {
        Value::Decimal(value) => value.unsigned_abs() > 1 << 51,
        Value::Int(value) | Value::Duration(value) => value.unsigned_abs() > (1 << 63) - 1024,
        Value::Set(values) => values.iter().any(is_beyond_doubles),
        _ => false,
    }
}
