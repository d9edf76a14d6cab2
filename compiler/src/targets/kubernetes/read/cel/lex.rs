//! Text to tokens.

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name or a word of CEL.
    Name(String),
    /// A text, its escapes resolved.
    Text(String),
    /// The digits of an integer.
    Digits(String),
    /// One of [`MARKS`].
    Mark(&'static str),
}

/// Operators and brackets; the longer ones first.
const MARKS: [&str; 20] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", "{", "}", ",", ".", "?", ":", "-",
];

/// The tokens of an expression.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.find('\n').map_or("", |end| &comment[end..]);
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if after.starts_with(['"', '\'']) {
                return Err(format!("a text with `{name}` before it is not understood"));
            }
            tokens.push(Token::Name(name.to_string()));
            rest = after;
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, after) = rest.split_at(end);
            let more = after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                || after
                    .strip_prefix('.')
                    .is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()));
            if more {
                return Err(format!("the number that starts with `{digits}` is no decimal integer"));
            }
            tokens.push(Token::Digits(digits.to_string()));
            rest = after;
        } else if first == '"' || first == '\'' {
            let (text, after) = quoted(rest, first)?;
            tokens.push(Token::Text(text));
            rest = after;
        } else if let Some(mark) = MARKS.into_iter().find(|mark| rest.starts_with(mark)) {
            tokens.push(Token::Mark(mark));
            rest = &rest[mark.len()..];
        } else {
            return Err(format!("`{first}` is not understood"));
        }
    }
}

/// A text in quotes, and what comes after it.
fn quoted(from: &str, quote: char) -> Result<(String, &str), String> {
    let mut text = String::new();
    let mut chars = from.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == quote => {
                let after = &from[at + c.len_utf8()..];
                if text.is_empty() && after.starts_with(quote) {
                    return Err("a text in three quotes is not understood".to_string());
                }
                return Ok((text, after));
            }
            '\n' | '\r' => return Err("a text does not end on its line".to_string()),
            '\\' => {
                let escape = chars.next().map(|(_, c)| c);
                text.push(match escape {
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some('b') => '\u{8}',
                    Some('f') => '\u{c}',
                    Some(c @ ('\\' | '"' | '\'' | '`' | '?')) => c,
                    Some(kind @ ('u' | 'U' | 'x')) => {
                        let digits = if kind == 'x' {
                            2
                        } else if kind == 'u' {
                            4
                        } else {
                            8
                        };
                        let mut code = 0;
                        for _ in 0..digits {
                            let digit = chars.next().and_then(|(_, c)| c.to_digit(16));
                            code = code * 16 + digit.ok_or("an escape is too short")?;
                        }
                        char::from_u32(code).ok_or("an escape is no character")?
                    }
                    Some(_) | None => return Err("an escape in a text is not understood".to_string()),
                });
            }
            c => text.push(c),
        }
    }
    Err("a text does not end".to_string())
}
