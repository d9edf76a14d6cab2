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

/// Where in a table sorted by name the glob matches, ascending. Names that share what stands before
/// the first star are neighbours, and no others are looked at.
pub fn positions<T>(table: &[T], glob: &str, name: impl Fn(&T) -> &str) -> Vec<usize> {
    let start = glob.split('*').next().unwrap_or_default();
    let first = table.partition_point(|row| name(row) < start);
    let near = table[first..].iter().take_while(|row| name(row).starts_with(start)).enumerate();
    near.filter(|(_, row)| matches(glob, name(row))).map(|(at, _)| first + at).collect()
}

/// Whether some text matches both globs. Quadratic.
pub fn meet(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    // For the rest of `left`, whether it meets each rest of `right`: filled from the ends.
    let mut below = vec![false; right.len() + 1];
    for l in (0..=left.len()).rev() {
        let mut row = vec![false; right.len() + 1];
        for r in (0..=right.len()).rev() {
            row[r] = match (left.get(l), right.get(r)) {
                (None, None) => true,
                (Some(b'*'), None) => below[r],
                (Some(b'*'), Some(_)) => below[r] || row[r + 1],
                (None, Some(b'*')) => row[r + 1],
                (Some(_), Some(b'*')) => row[r + 1] || below[r],
                (Some(a), Some(b)) => a == b && below[r + 1],
                (Some(_), None) | (None, Some(_)) => false,
            };
        }
        below = row;
    }
    below[0]
}

#[cfg(test)]
mod tests {
    use super::{matches, meet, positions};

    #[test]
    fn what_is_found_in_a_table_is_what_matches() {
        let table = ["", "a", "a.", "a.b", "a.b.c", "a.bc", "ab", "b", "b.a", "ä"];
        for glob in ["", "*", "a", "a*", "a.*", "a.b*c", "*b", "a.z*", "ä*", "z*", "A*", "**"] {
            let all = (0..table.len()).filter(|at| matches(glob, table[*at])).collect::<Vec<_>>();
            assert_eq!(positions(&table, glob, |name| name), all, "{glob}");
        }
    }

    #[test]
    fn globs_meet_when_a_text_matches_both() {
        let pairs = [
            ("", "*"),
            ("a*", "*b"),
            ("a*c", "*b*"),
            ("ab", "a*b"),
            ("**", ""),
            ("x:*:y", "x:1:*"),
            ("a", "a"),
        ];
        for (left, right) in pairs {
            assert!(meet(left, right) && meet(right, left), "{left} {right}");
        }
        for (left, right) in [("", "a"), ("a*", "b*"), ("a*b", "a*c"), ("a", "ab"), ("x:*:y", "x:*:z")] {
            assert!(!meet(left, right) && !meet(right, left), "{left} {right}");
        }
    }

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
