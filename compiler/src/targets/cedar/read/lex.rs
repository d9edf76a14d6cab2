//! Cedar's tokens. Strings keep their escapes: what `\*` is depends on where the string stands.

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word.
    Word(String),
    /// Digits.
    Number(String),
    /// What stands between quotes, as written.
    Text(String),
    /// A sign.
    Sign(&'static str),
}

/// The longer ones first.
const SIGNS: [&str; 27] = [
    "::", "==", "!=", "<=", ">=", "&&", "||", "(", ")", "[", "]", "{", "}", ",", ";", ".", ":", "@", "<",
    ">", "!", "+", "-", "*", "?", "/", "%",
];

/// The tokens, each with its line; the error is what cannot be read.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, String> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let start = line;
        let length = if first.is_whitespace() {
            line += usize::from(first == '\n');
            first.len_utf8()
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            let length = string_length(rest).ok_or_else(|| format!("line {line}: a string does not end"))?;
            line += rest[..length].matches('\n').count();
            found.push((Token::Text(rest[1..length - 1].to_owned()), start));
            length
        } else if first.is_ascii_digit() {
            let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            found.push((Token::Number(rest[..length].to_owned()), start));
            length
        } else if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            found.push((Token::Word(rest[..length].to_owned()), start));
            length
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
            let sign =
                sign.ok_or_else(|| format!("line {line}: `{}` has no meaning", first.escape_default()))?;
            found.push((Token::Sign(sign), start));
            sign.len()
        };
        rest = &rest[length..];
    }
    Ok(found)
}

/// The length of the string that `text` starts with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A character of a string.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Char {
    /// Itself.
    Plain(char),
    /// An unescaped `*`.
    Star,
    /// `\*`.
    EscapedStar,
}

/// What a string's text says, escapes undone; `None` of an escape that is none.
pub fn characters(raw: &str) -> Option<Vec<Char>> {
    let mut found = Vec::new();
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        found.push(match c {
            '*' => Char::Star,
            '\\' => match chars.next()? {
                'n' => Char::Plain('\n'),
                'r' => Char::Plain('\r'),
                't' => Char::Plain('\t'),
                '0' => Char::Plain('\0'),
                '*' => Char::EscapedStar,
                c @ ('\\' | '"' | '\'') => Char::Plain(c),
                'x' => {
                    let digits: String = chars.by_ref().take(2).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().filter(|&code| code < 0x80)?;
                    Char::Plain(char::from_u32(code).filter(|_| digits.len() == 2)?)
                }
                'u' => {
                    let digits = (chars.next()? == '{').then(|| chars.by_ref().take_while(|&c| c != '}'))?;
                    let digits: String = digits.collect();
                    Char::Plain(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?)
                }
                _ => return None,
            },
            c => Char::Plain(c),
        });
    }
    Some(found)
}
