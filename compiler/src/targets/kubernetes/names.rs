//! Names that Kubernetes takes, for things that have others.

use sha2::{Digest, Sha256};

/// What tells a text apart from every other one, in ten letters and digits.
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

/// A part of a DNS name that reads like the text, at most `most` characters of it, and ends in the
/// digest of `whole`, so that no two share it.
pub fn readable(text: &str, most: usize, whole: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let short: String = text.chars().map(plain).take(most).collect();
    match short.trim_matches('-') {
        "" => digest(whole),
        short => format!("{short}-{}", digest(whole)),
    }
}
