//! Texts with wildcards and policy variables, and what they match.
//!
//! Worked example. `arn:aws:s3:*:*:${aws:PrincipalTag/team}/*` is a pattern over resource names: the
//! stars in the fields before the resource stay in their field, the last one runs over anything, and
//! the variable stands for the text that the request carries under that key. Before a text is
//! matched, variables are [filled in](Pattern::filled); one without a value matches nothing.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::{fmt, iter};

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Token {
    /// This character.
    Char(char),
    /// `?`: one character.
    One,
    /// `*`: any run of characters.
    Any,
    /// `?` in a field before an ARN's resource: no `:`.
    OneInField,
    /// `*` in a field before an ARN's resource: no `:`.
    AnyInField,
    /// `${key}` or `${key, 'default'}`.
    Variable(Variable),
}

/// A policy variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Variable {
    /// The condition key, as written.
    pub key: String,
    /// What it stands for when the request does not have the key.
    pub default: Option<String>,
}

/// A text with wildcards and variables.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern {
    /// Its elements.
    pub tokens: Vec<Token>,
    /// Whether letters match without regard to case.
    pub ignore_case: bool,
}

/// How a text is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whether `*` and `?` are wildcards.
    pub wildcards: bool,
    /// Whether `${…}` is a variable: policies of 2012 have them, older ones do not.
    pub variables: bool,
}

impl Token {
    /// Whether it may stand for no character at all and for many.
    pub fn is_run(&self) -> bool {
        matches!(self, Token::Any | Token::AnyInField)
    }

    /// Whether it stands for this character, among others; a variable stands for none.
    pub fn takes(&self, c: char, ignore_case: bool) -> bool {
        match self {
            Token::Char(own) if ignore_case => fold(*own) == fold(c),
            Token::Char(own) => *own == c,
            Token::One | Token::Any => true,
            Token::OneInField | Token::AnyInField => c != ':',
            Token::Variable(_) => false,
        }
    }
}

/// A character without its case.
pub fn fold(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

/// The characters that are alike but for their case, by what all of them [fold] to: more than the two
/// that one thinks of, since `k` is also the Kelvin sign. Only those that fold to another are listed.
static CASES: LazyLock<BTreeMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut cases: BTreeMap<char, Vec<char>> = BTreeMap::new();
    for c in char::MIN..=char::MAX {
        if fold(c) != c {
            cases.entry(fold(c)).or_default().push(c);
        }
    }
    cases
});

/// The characters that are this one but for their case: itself first. `folded` is without its case.
pub fn cases(folded: char) -> impl Iterator<Item = char> {
    iter::once(folded).chain(CASES.get(&folded).into_iter().flatten().copied())
}

/// Reads a text. The error says in words why it cannot be understood.
pub fn tokens(text: &str, how: Reading) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("${") {
            if !how.variables {
                return Err(format!("`{text}` has a policy variable, which only version 2012-10-17 knows"));
            }
            let (inside, after) =
                inside.split_once('}').ok_or_else(|| format!("`{text}` has a `${{` without its `}}`"))?;
            tokens.push(match inside {
                "*" | "?" | "$" => Token::Char(inside.chars().next().unwrap_or('$')),
                _ => Token::Variable(variable(inside).ok_or_else(|| {
                    format!(
                        "`${{{inside}}}` is no policy variable: write `${{key}}` or `${{key, 'default'}}`"
                    )
                })?),
            });
            rest = after;
            continue;
        }
        tokens.push(match c {
            '*' if how.wildcards => Token::Any,
            '?' if how.wildcards => Token::One,
            c => Token::Char(c),
        });
        rest = &rest[c.len_utf8()..];
    }
    Ok(tokens)
}

fn variable(inside: &str) -> Option<Variable> {
    let (key, default) = match inside.split_once(',') {
        None => (inside, None),
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key, (!default.contains('\'')).then(|| Some(default.to_string()))?)
        }
    };
    let key = key.trim();
    let plain = key.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
        && !key.contains(['$', '{', '\'', '*', '?']);
    plain.then(|| Variable { key: key.to_string(), default })
}

impl Pattern {
    /// An action: `*`, or `service:Name` with wildcards in the name.
    pub fn action(text: &str) -> Result<Pattern, String> {
        let fine = text == "*"
            || text.split_once(':').is_some_and(|(service, name)| {
                let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
                !service.is_empty()
                    && service.chars().all(word)
                    && !name.is_empty()
                    && name.chars().all(|c| word(c) || matches!(c, '*' | '?'))
            });
        if !fine {
            return Err(format!("`{text}` is no action: `*`, or `service:Name` with wildcards in the name"));
        }
        let how = Reading { wildcards: true, variables: false };
        Ok(Pattern { tokens: tokens(text, how)?, ignore_case: true })
    }

    /// A resource: `*`, or an ARN with wildcards. In the fields before the resource a wildcard
    /// stays in its field; a `*` that ends the text stands for all that may follow.
    pub fn resource(text: &str, variables: bool) -> Result<Pattern, String> {
        let tokens = tokens(text, Reading { wildcards: true, variables })?;
        let fields = 1 + tokens.iter().filter(|token| **token == Token::Char(':')).count();
        let open = tokens.last() == Some(&Token::Any);
        if fields < 6 && !open {
            return Err(format!("`{text}` is no resource: an ARN has six fields, or ends in `*`"));
        }
        let head: String = text.splitn(4, ':').take(3).collect();
        if head.chars().any(|c| c.is_ascii_uppercase()) && !head.contains("${") {
            return Err(format!("`{text}` has capitals where no ARN has them"));
        }
        Ok(Pattern { tokens: in_fields(tokens, fields < 6), ignore_case: false })
    }

    /// An operand of an ARN operator: six fields, matched one by one.
    pub fn arn(text: &str, variables: bool) -> Result<Pattern, String> {
        let tokens = tokens(text, Reading { wildcards: true, variables })?;
        if tokens.iter().filter(|token| **token == Token::Char(':')).count() < 5 {
            return Err(format!("`{text}` is no ARN: it needs six fields"));
        }
        Ok(Pattern { tokens: in_fields(tokens, false), ignore_case: false })
    }

    /// The variables in it.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Variable(variable) => Some(variable),
            Token::Char(_) | Token::One | Token::Any | Token::OneInField | Token::AnyInField => None,
        })
    }

    /// The pattern with texts in place of its variables; `None` when one has neither value nor default.
    pub fn filled(&self, value: impl Fn(&str) -> Option<String>) -> Option<Pattern> {
        let mut tokens = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                Token::Variable(variable) => {
                    let text = value(&variable.key).or_else(|| variable.default.clone())?;
                    tokens.extend(text.chars().map(Token::Char));
                }
                other => tokens.push(other.clone()),
            }
        }
        Some(Pattern { tokens, ignore_case: self.ignore_case })
    }

    /// The pattern with texts in place of those of its variables that have one.
    pub fn with(&self, value: impl Fn(&str) -> Option<String>) -> Pattern {
        let mut tokens = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                Token::Variable(Variable { key, .. }) => match value(key) {
                    Some(text) => tokens.extend(text.chars().map(Token::Char)),
                    None => tokens.push(token.clone()),
                },
                other => tokens.push(other.clone()),
            }
        }
        Pattern { tokens, ignore_case: self.ignore_case }
    }

    /// Whether the whole text is matched; variables must have been filled in.
    pub fn matches(&self, text: &str) -> bool {
        let mut at = self.start();
        for c in text.chars() {
            at = self.step(&at, c);
        }
        self.accepts(&at)
    }

    /// The only text that it matches, when there is only one.
    pub fn literal(&self) -> Option<String> {
        let chars = self.tokens.iter().map(|token| match token {
            Token::Char(c) => Some(*c),
            Token::One | Token::Any | Token::OneInField | Token::AnyInField | Token::Variable(_) => None,
        });
        chars.collect()
    }

    /// The positions at which the pattern may be before any text: those that runs let it skip to included.
    pub fn start(&self) -> Vec<u32> {
        let mut at = Vec::new();
        self.enter(&mut at, 0);
        at
    }

    /// The positions after one more character, in ascending order.
    pub fn step(&self, at: &[u32], c: char) -> Vec<u32> {
        let mut next = Vec::new();
        for &position in at {
            let Some(token) = self.tokens.get(position as usize) else { continue };
            if token.takes(c, self.ignore_case) {
                self.enter(&mut next, if token.is_run() { position } else { position + 1 });
            }
        }
        next.sort_unstable();
        next.dedup();
        next
    }

    /// Whether the text so far is matched.
    pub fn accepts(&self, at: &[u32]) -> bool {
        at.last() == Some(&(self.tokens.len() as u32))
    }

    fn enter(&self, at: &mut Vec<u32>, mut position: u32) {
        at.push(position);
        while self.tokens.get(position as usize).is_some_and(Token::is_run) {
            position += 1;
            at.push(position);
        }
    }
}

/// Keeps wildcards of the first five fields inside them; `open`: but not the one that ends the text.
fn in_fields(tokens: Vec<Token>, open: bool) -> Vec<Token> {
    let last = tokens.len().saturating_sub(1);
    let mut colons = 0;
    let mut bound = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.into_iter().enumerate() {
        colons += usize::from(token == Token::Char(':'));
        bound.push(match token {
            Token::Any if colons < 5 && !(open && at == last) => Token::AnyInField,
            Token::One if colons < 5 => Token::OneInField,
            token => token,
        });
    }
    bound
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in &self.tokens {
            match token {
                Token::Char(c) => write!(f, "{c}")?,
                Token::One | Token::OneInField => f.write_str("?")?,
                Token::Any | Token::AnyInField => f.write_str("*")?,
                Token::Variable(Variable { key, default: None }) => write!(f, "${{{key}}}")?,
                Token::Variable(Variable { key, default: Some(default) }) => {
                    write!(f, "${{{key}, '{default}'}}")?
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_of_the_first_fields_stay_in_them() {
        for (pattern, text, expected) in [
            ("*", "*", true),
            ("arn:aws:ec2:*", "arn:aws:ec2:us:1:instance/i", true),
            ("arn:aws:ec2:us*", "arn:aws:ec2:us:1:instance/i", true),
            ("arn:aws:ec2:*:*:*", "arn:aws:ec2:us:1:instance/i", true),
            ("arn:*:instance/i:*:*:*", "arn:aws:ec2:us:1:instance/i", false),
            ("arn:aws:s?:::b/k", "arn:aws:s3:::b/k", true),
            ("arn:aws:s3:::b*k", "arn:aws:s3:::b/x:k", true),
            ("arn:aws:s3:?::b", "arn:aws:s3:::b", false),
            ("arn:aws:s3:::a${*}", "arn:aws:s3:::ab", false),
            ("arn:aws:s3:::a${*}", "arn:aws:s3:::a*", true),
        ] {
            let read = Pattern::resource(pattern, true).expect(pattern);
            assert_eq!(read.matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_said_to_be_none() {
        for bad in ["arn:aws:s3:*k", "bucket", "arn:aws:S3:::b", "arn:aws:s3:::${b", "arn:aws:s3:::${b}"] {
            assert!(Pattern::resource(bad, true).is_err(), "{bad}");
        }
        assert!(Pattern::resource("arn:aws:s3:::${aws:username}", false).is_err());
        for bad in ["s3", "s*", "*:*", "s3:", ":Get", "s3:Get Object", ""] {
            assert!(Pattern::action(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn variables_are_filled_in_as_they_are() {
        let pattern = Pattern::resource("arn:aws:s3:::${aws:PrincipalTag/t, 'x'}/${aws:userid}", true)
            .expect("it reads");
        let value = |key: &str| (key == "aws:userid").then(|| "u*".to_string());
        assert!(pattern.filled(value).expect("all have values").matches("arn:aws:s3:::x/u*"));
        assert_eq!(pattern.filled(|_| None), None);
    }
}
