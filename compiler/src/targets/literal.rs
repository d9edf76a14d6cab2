//! What the texts of several engines have in common.

/// Whether a reader sees the character as it is in a string: what does not show, or shows otherwise than it
/// stands, is escaped.
pub fn is_seen(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic() || c.is_alphabetic() && !c.is_ascii()
}

/// Whether it has the form of a name that may stand after a dot; which such words are reserved, each engine says.
pub fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
