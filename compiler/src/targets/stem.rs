//! Names of declarations as names of files.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How long a file's name gets before its end is replaced by a digest.
const LONGEST: usize = 120;

/// The name as part of a file's name. Names that differ in capitals only, or are too long for a file,
/// still get files of their own.
pub fn stem(name: &str) -> String {
    let mut stem = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            stem.push('=');
        }
        stem.push(c);
    }
    if stem.chars().count() > LONGEST {
        stem = stem.chars().take(LONGEST).collect();
        stem.push('~');
        for byte in &Sha256::digest(name)[..16] {
            let _ = write!(stem, "{byte:02x}");
        }
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_has_a_file_of_its_own_on_every_file_system() {
        let long = "a".repeat(300);
        let names = ["con", "a.b-c", "Bot", "bot", "bOt", &long, &format!("{long}b"), &long.to_uppercase()];
        let stems: BTreeSet<_> = names.map(|name| stem(name).to_lowercase()).into_iter().collect();
        assert_eq!(stems.len(), names.len());
        assert!(stems.iter().all(|stem| stem.len() < 200));
        assert_eq!(stem("a.b-C"), "a.b-=C");
    }
}
