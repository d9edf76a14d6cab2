//! Globs: `*` is any run of characters, dots included.

/// Whether the glob matches all of the text. Linear in both but for backtracking to the last star.
pub fn matches(glob: &str, text: &str) -> bool {
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    let (mut g, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if g < glob.len() && glob[g] == b'*' {
            star = Some((g, t));
            g += 1;
        } else if g < glob.len() && glob[g] == text[t] {
            g += 1;
            t += 1;
        } else if let Some((at, eaten)) = star {
            star = Some((at, eaten + 1));
            g = at + 1;
            t = eaten + 1;
        } else {
            return false;
        }
    }
    glob[g..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_are_any_run() {
        for (glob, text) in
            [("*", ""), ("*", "a.b"), ("a.*", "a."), ("a.*-c", "a.b-b-c"), ("*a*b*", "xaxbx"), ("a**", "a")]
        {
            assert!(matches(glob, text), "{glob} {text}");
        }
        for (glob, text) in [("a.*", "a"), ("a.*-c", "a.b-cd"), ("*a*b", "ba"), ("", "a"), ("a", "")] {
            assert!(!matches(glob, text), "{glob} {text}");
        }
        assert!(!matches(&"a*".repeat(50), &"a".repeat(49)));
    }
}
