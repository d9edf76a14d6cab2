//! What stands between two tokens, where a line may break, and which words share a column.

use super::layout::File;
use crate::lexer::{Key, Token};

/// Whether a space separates the token at `index` from the one before it.
pub fn separated(file: &File<'_>, index: usize) -> bool {
    let (Some(token), Some(previous)) = (file.token(index), index.checked_sub(1).and_then(|i| file.token(i)))
    else {
        return false;
    };
    match (previous, token) {
        (_, Token::Comma | Token::ParenClose | Token::BracketClose | Token::Colon | Token::Question) => false,
        (Token::ParenOpen | Token::BracketOpen, _) => false,
        (Token::Key(Key::Set), Token::Lt) => false,
        (Token::Lt, _) => !opens_type(file, index - 1),
        (_, Token::Gt) => !closes_type(file, index),
        _ => true,
    }
}

/// Whether the `<` at `index` is that of `set<T>`.
fn opens_type(file: &File<'_>, index: usize) -> bool {
    index >= 2
        && file.token(index - 1) == Some(Token::Key(Key::Set))
        && matches!(file.token(index - 2), Some(Token::Colon))
}

/// Whether the `>` at `index` is that of `set<T>`.
fn closes_type(file: &File<'_>, index: usize) -> bool {
    let mut at = index;
    while let Some(before) = at.checked_sub(1) {
        match file.token(before) {
            Some(Token::Name(_) | Token::Key(_) | Token::Text(_) | Token::Pipe) => at = before,
            Some(Token::Lt) => return opens_type(file, before),
            _ => return false,
        }
    }
    false
}

/// Whether a line may break before the token at `index`. Never between a comma and a word of the
/// language: at the start of a line the word would begin a property.
pub fn may_break(file: &File<'_>, index: usize) -> bool {
    let previous = index.checked_sub(1).and_then(|i| file.token(i));
    match file.token(index) {
        Some(Token::Key(key)) if previous != Some(Token::Comma) => matches!(
            key,
            Key::And
                | Key::Or
                | Key::Where
                | Key::With
                | Key::On
                | Key::At
                | Key::Started
                | Key::Authn
                | Key::Session
                | Key::Approved
                | Key::Due
                | Key::Only
                | Key::For
                | Key::If
                | Key::Data
                | Key::Calling
                | Key::Depth
                | Key::Independent
                | Key::Unless
        ),
        Some(Token::Key(_)) | None => false,
        Some(_) => previous == Some(Token::Comma),
    }
}

/// Whether the value after the word that starts an item stands in the block's column.
pub fn in_column(key: Key) -> bool {
    !matches!(
        key,
        Key::Arg
            | Key::Because
            | Key::Bind
            | Key::By
            | Key::For
            | Key::Ingests
            | Key::Joining
            | Key::Reaches
            | Key::Reference
            | Key::Require
            | Key::Severity
            | Key::Suspended
            | Key::Touches
            | Key::Until
            | Key::Variant
    )
}

/// Whether what follows the second word of the item stands in a column too.
pub fn has_second_column(key: Key) -> bool {
    matches!(key, Key::Identity | Key::Duty | Key::Leg)
}
