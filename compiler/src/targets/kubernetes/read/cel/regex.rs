//! The regular expressions that are patterns of the language, too.

use crate::targets::kubernetes::admission::SPECIAL;
use bailiwick_grammar::ast::PatternPart;

/// A regular expression over whole texts, of literal runs and `.*` alone.
pub fn pattern(regex: &str) -> Option<Vec<PatternPart>> {
    let mut parts: Vec<PatternPart> = Vec::new();
    let mut run = String::new();
    let mut chars = regex.strip_prefix("(?s)^")?.chars().peekable();
    let end = |run: &mut String, parts: &mut Vec<PatternPart>| {
        if !run.is_empty() {
            parts.push(PatternPart::Text(std::mem::take(run).into()));
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '$' => {
                end(&mut run, &mut parts);
                return chars.next().is_none().then_some(parts);
            }
            '\\' => run.push(chars.next().filter(|c| SPECIAL.contains(*c))?),
            '.' => {
                chars.next_if_eq(&'*')?;
                // `.*?` and `.*+` are something else
                if chars.peek().is_some_and(|c| "*+?{".contains(*c)) {
                    return None;
                }
                end(&mut run, &mut parts);
                if parts.last() != Some(&PatternPart::Star) {
                    parts.push(PatternPart::Star);
                }
            }
            c if SPECIAL.contains(c) => return None,
            c => {
                // what comes next may say how often
                if chars.peek().is_some_and(|c| "*+?{".contains(*c)) {
                    return None;
                }
                run.push(c);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::matches_pattern;
    use bailiwick_grammar::ast::Pattern;

    #[test]
    fn regular_expressions_of_runs_and_stars_are_patterns() {
        let read = |regex: &str| pattern(regex).map(Pattern);
        let matched = |regex: &str, text: &str| read(regex).map(|pattern| matches_pattern(&pattern, text));
        assert_eq!(matched("(?s)^a.*b\\.c$", "axx\nb.c"), Some(true));
        assert_eq!(matched("(?s)^a.*b\\.c$", "ab-c"), Some(false));
        assert_eq!(matched("(?s)^$", ""), Some(true));
        for regex in [
            "^a$",
            "(?s)a$",
            "(?s)^a",
            "(?s)^a\\$",
            "(?s)^a+$",
            "(?s)^.$",
            "(?s)^a|b$",
            "(?s)^.*?$",
            "(?s)^\\d$",
            "(?s)^a\\.*$",
        ] {
            assert_eq!(read(regex), None, "{regex}");
        }
    }
}
