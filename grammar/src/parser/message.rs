//! From what the parser expected to what a person reads.

use super::action::Failure;
use crate::code::Code;
use crate::error::SyntaxError;
use crate::lexer::{Key, Spanned, Token};
use crate::span::Span;
use lalrpop_util::ParseError;

type Raised<'s> = ParseError<u32, Token<'s>, Failure>;

/// How many tokens back the start of a property is looked for.
const LOOK_BACK: usize = 200;

/// Turns the errors of one declaration into messages, one a line at most.
pub fn report(source: &str, chunk: &[Spanned<'_>], raised: Vec<Raised<'_>>, errors: &mut Vec<SyntaxError>) {
    let mut quiet_to = 0;
    for error in raised {
        let error = message(source, chunk, error);
        let start = error.span.start as usize;
        if start < quiet_to {
            continue;
        }
        quiet_to = source[start..].find('\n').map_or(source.len(), |end| start + end);
        errors.push(error);
    }
}

fn message(source: &str, chunk: &[Spanned<'_>], error: Raised<'_>) -> SyntaxError {
    match error {
        ParseError::User { error: Failure(error) } => error,
        ParseError::UnrecognizedToken { token: (start, token, end), expected } => {
            unexpected(source, chunk, token, Span { start, end }, &Expected(expected))
        }
        ParseError::ExtraToken { token: (start, token, end) } => {
            unexpected(source, chunk, token, Span { start, end }, &Expected(Vec::new()))
        }
        ParseError::UnrecognizedEof { location, expected } => {
            let at = chunk.last().map_or(location, |last| last.2);
            let error = SyntaxError::new(Code::Syntax, "this ends too early", Span { start: at, end: at });
            with_expected(error, &Expected(expected))
        }
        ParseError::InvalidToken { location } => {
            let span = Span { start: location, end: location };
            SyntaxError::new(Code::Syntax, "this has no meaning here", span)
        }
    }
}

/// What the parser could have gone on with: terminals as the grammar names them.
struct Expected(Vec<String>);

impl Expected {
    fn has(&self, terminal: &str) -> bool {
        self.0.iter().any(|name| name == terminal)
    }

    fn word(&self, word: &str) -> bool {
        self.0.iter().any(|name| name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) == Some(word))
    }

    /// Whether any word of the language would do: where an argument, a tag or a value is named.
    fn any_word(&self) -> bool {
        self.word("verbs") && self.word("waive")
    }

    /// Whether a set may start here.
    fn set(&self) -> bool {
        self.word("tagged") && self.word("owned-by")
    }

    /// The words of the language that would do.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|name| name.strip_prefix('"')?.strip_suffix('"'))
    }

    /// In the words of the language, from the general to the particular.
    fn phrases(&self) -> Vec<String> {
        let mut phrases = Vec::new();
        if self.set() {
            phrases.push("a set (names, globs, `tagged …`)".to_owned());
        } else if self.has("NAME") {
            phrases.push("a name".to_owned());
        }
        for (terminal, phrase) in [
            ("TEXT", "a string in double quotes"),
            ("INT", "a whole number"),
            ("DURATION", "a duration such as `15m`"),
            ("INSTANT", "a date such as `2026-10-01`"),
            ("TIME", "a time of day such as `09:00`"),
            ("SLASHED", "a name with `/` in it"),
        ] {
            if self.has(terminal) {
                phrases.push(phrase.to_owned());
            }
        }
        if self.any_word() {
            return phrases;
        }
        const OF_SETS: [&str; 12] = [
            "tagged",
            "owned-by",
            "effect",
            "irreversible",
            "ingesting",
            "reaching",
            "at-least",
            "at-most",
            "regulated-by",
            "binding",
            "not",
            "(",
        ];
        let particular = self.words().filter(|word| !(self.set() && OF_SETS.contains(word)));
        phrases.extend(particular.map(|word| format!("`{word}`")));
        phrases
    }
}

fn with_expected(error: SyntaxError, expected: &Expected) -> SyntaxError {
    let phrases = expected.phrases();
    let Some((last, others)) = phrases.split_last() else { return error };
    let list = if others.is_empty() { last.clone() } else { format!("{} or {last}", others.join(", ")) };
    error.help(format!("expected {list}"))
}

fn unexpected(
    source: &str,
    chunk: &[Spanned<'_>],
    token: Token<'_>,
    span: Span,
    expected: &Expected,
) -> SyntaxError {
    let text = span.text(source);
    let error = SyntaxError::new(Code::Syntax, format!("{} is not expected here", found(token, text)), span);
    qualifier(chunk, token, span)
        .or_else(|| slip(token, text, span, expected))
        .unwrap_or_else(|| with_expected(error, expected))
}

/// What stands there, named.
fn found(token: Token<'_>, text: &str) -> String {
    match token {
        Token::Text(_) if text.len() > 40 => "this string".to_owned(),
        Token::Text(_) => format!("the string `{text}`"),
        Token::Name(_) => format!("the name `{text}`"),
        _ => format!("`{text}`"),
    }
}

/// `where`, `when` and `if`, each in the place of another.
fn qualifier(chunk: &[Spanned<'_>], token: Token<'_>, span: Span) -> Option<SyntaxError> {
    let Token::Key(written @ (Key::Where | Key::When | Key::If)) = token else { return None };
    let Some(&(_, Token::Key(declares), _)) = chunk.first() else { return None };
    let before = &chunk[..chunk.partition_point(|before| before.0 < span.start)];
    let line = before.iter().rev().take(LOOK_BACK).find_map(|before| match before.1 {
        Token::Key(key @ (Key::Allow | Key::Approval | Key::When)) => Some(key),
        _ => None,
    });
    let meant = match (declares, line) {
        (Key::Purpose | Key::Person | Key::Team | Key::Separate | Key::Toxic | Key::Prove, _) => Key::Where,
        (Key::Grant, Some(Key::Approval)) => Key::If,
        (Key::Grant | Key::Ceiling, Some(Key::Allow)) if written == Key::If => Key::Where,
        (Key::Grant | Key::Ceiling | Key::Forbid, _) => Key::When,
        _ => return None,
    };
    if meant == written {
        return None;
    }
    Some(
        SyntaxError::new(Code::WrongQualifier, format!("`{}` cannot stand here", written.text()), span)
            .help(format!(
                "`where` qualifies tools, `when` a whole rule, `if` an approval: write `{}`",
                meant.text()
            ))
            .fix(span, meant.text()),
    )
}

/// The common slips, each with what to do about it.
fn slip(token: Token<'_>, text: &str, span: Span, expected: &Expected) -> Option<SyntaxError> {
    let replace = |code, message: String, help: String, with: &str| {
        Some(SyntaxError::new(code, message, span).help(help).fix(span, with))
    };
    match token {
        Token::Key(_) if expected.has("NAME") && !expected.set() && !expected.has("INT") => Some(
            SyntaxError::new(
                Code::ReservedWord,
                format!("`{text}` is a word of the language and cannot be a name by itself"),
                span,
            )
            .help(format!("choose another name, such as `{text}-1`, or a dotted one")),
        ),
        Token::Int(_) if expected.has("DURATION") => Some(
            SyntaxError::new(Code::MissingUnit, format!("`{text}` has no unit of time"), span)
                .help(format!("write `{text}s`, `{text}m`, `{text}h`, `{text}d` or `{text}w`")),
        ),
        Token::Name(name) => {
            let near = expected
                .words()
                .filter(|word| word.len() > 2 && !expected.any_word())
                .map(|word| (strsim::osa_distance(name, word), word))
                .filter(|(distance, word)| *distance <= 1 + word.len() / 5 || name.starts_with(word))
                .min();
            if let Some((_, word)) = near.filter(|_| !expected.has("NAME")) {
                return replace(
                    Code::UnknownWord,
                    format!("`{name}` has no meaning here"),
                    format!("did you mean `{word}`?"),
                    word,
                );
            }
            if expected.has("TEXT") && !expected.has("NAME") && !expected.words().any(|word| word != "{") {
                return replace(
                    Code::MissingQuotes,
                    format!("`{name}` is not in quotes"),
                    format!("write `\"{name}\"`"),
                    &format!("\"{name}\""),
                );
            }
            None
        }
        Token::Text(inner) if expected.has("NAME") && !expected.has("TEXT") && plain_name(inner) => replace(
            Code::NeedlessQuotes,
            "a name is written without quotes".to_owned(),
            format!("write `{inner}`"),
            inner,
        ),
        _ => None,
    }
}

fn plain_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
        && Key::of(text).is_none()
}
