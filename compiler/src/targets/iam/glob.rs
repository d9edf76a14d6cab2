//! Patterns with wildcards: how IAM writes them, where two meet, and when one covers another.

/// One element of a resource pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Token {
    /// This character.
    Char(char),
    /// Any run of characters.
    Star,
    /// Any run of characters without `/` and `:`. Patterns that are written have none: `*` there
    /// stands for more.
    Segment,
}

/// A resource pattern.
pub type Glob = Vec<Token>;

/// Whether a text can stand in a policy document as it is.
pub fn sayable(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='~'))
}

/// The pattern as IAM writes it: what is meant literally is escaped.
pub fn write(glob: &[Token]) -> String {
    let mut text = String::new();
    for token in glob {
        match token {
            Token::Star | Token::Segment => text.push('*'),
            Token::Char(c @ ('*' | '?' | '$')) => text.extend(['$', '{', *c, '}']),
            Token::Char(c) => text.push(*c),
        }
    }
    text
}

/// Whether some text is matched by both.
pub fn meet(left: &[Token], right: &[Token]) -> bool {
    let width = right.len() + 1;
    let mut reached = vec![false; (left.len() + 1) * width];
    reached[0] = true;
    for i in 0..=left.len() {
        for j in 0..=right.len() {
            if !reached[i * width + j] {
                continue;
            }
            let (a, b) = (left.get(i), right.get(j));
            let is_run = |token: Option<&Token>| matches!(token, Some(Token::Star | Token::Segment));
            if is_run(a) {
                reached[(i + 1) * width + j] = true;
            }
            if is_run(b) {
                reached[i * width + j + 1] = true;
            }
            let takes = |run: &Token, c: char| *run == Token::Star || !matches!(c, '/' | ':');
            match (a, b) {
                (Some(Token::Char(a)), Some(Token::Char(b))) if a == b => {
                    reached[(i + 1) * width + j + 1] = true;
                }
                (Some(run @ (Token::Star | Token::Segment)), Some(Token::Char(c))) if takes(run, *c) => {
                    reached[i * width + j + 1] = true;
                }
                (Some(Token::Char(c)), Some(run @ (Token::Star | Token::Segment))) if takes(run, *c) => {
                    reached[(i + 1) * width + j] = true;
                }
                _ => {}
            }
        }
    }
    reached[left.len() * width + right.len()]
}

/// Whether every text that `narrow` matches is matched by `wide`, as far as can be seen.
/// `wide` has no [`Token::Segment`].
pub fn covers(wide: &[Token], narrow: &[Token]) -> bool {
    let width = narrow.len() + 1;
    let mut reached = vec![false; (wide.len() + 1) * width];
    reached[0] = true;
    for i in 0..=wide.len() {
        for j in 0..=narrow.len() {
            if !reached[i * width + j] {
                continue;
            }
            match (wide.get(i), narrow.get(j)) {
                (Some(Token::Star), next) => {
                    reached[(i + 1) * width + j] = true;
                    if next.is_some() {
                        reached[i * width + j + 1] = true;
                    }
                }
                (Some(Token::Char(a)), Some(Token::Char(b))) if a == b => {
                    reached[(i + 1) * width + j + 1] = true;
                }
                _ => {}
            }
        }
    }
    reached[wide.len() * width + narrow.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Glob {
        let token = |c| match c {
            '*' => Token::Star,
            '%' => Token::Segment,
            c => Token::Char(c),
        };
        text.chars().map(token).collect()
    }

    #[test]
    fn patterns_meet_where_a_text_is_in_both() {
        for (left, right, expected) in [
            ("a*", "*b", true),
            ("a*", "b*", false),
            ("a/%", "a/b/c", false),
            ("a/%", "a/*/c", false),
            ("%", "*/*", false),
            ("*", "*/*", true),
            ("", "*", true),
            ("ab", "a%b", true),
        ] {
            assert_eq!(meet(&glob(left), &glob(right)), expected, "{left} {right}");
            assert_eq!(meet(&glob(right), &glob(left)), expected, "{right} {left}");
        }
    }

    #[test]
    fn a_pattern_covers_what_it_must_and_no_more() {
        for (wide, narrow, expected) in [
            ("*", "a*b", true),
            ("a*", "a*b", true),
            ("a*b", "a*", false),
            ("a*b", "ab", true),
            ("a/*", "a", false),
            ("ab", "a*", false),
        ] {
            assert_eq!(covers(&glob(wide), &glob(narrow)), expected, "{wide} {narrow}");
        }
    }

    #[test]
    fn wildcards_that_are_meant_literally_are_escaped() {
        assert_eq!(
            write(&[Token::Char('*'), Token::Star, Token::Char('?'), Token::Char('$')]),
            "${*}*${?}${$}"
        );
    }
}
