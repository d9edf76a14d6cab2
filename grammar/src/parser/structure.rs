//! What is decided about the tokens before the grammar sees them: where declarations start and
//! end, which commas are last, how deep things nest.

use crate::code::Code;
use crate::error::SyntaxError;
use crate::lexer::{Key, Spanned, Token};
use crate::span::Span;

/// How deep parentheses, brackets, braces and `not` may nest.
pub const DEPTH: usize = 64;

/// Cuts a file's tokens into declarations, each with balanced braces.
pub fn declarations<'s>(
    source: &str,
    tokens: Vec<Spanned<'s>>,
    errors: &mut Vec<SyntaxError>,
) -> Vec<Vec<Spanned<'s>>> {
    let mut chunks: Vec<Vec<Spanned<'s>>> = Vec::new();
    let mut open: Vec<Span> = Vec::new(); // the braces that are open
    let mut current: Vec<Spanned<'s>> = Vec::new();
    let mut stray = false; // whether what stands outside any declaration was reported
    for (index, &(start, token, end)) in tokens.iter().enumerate() {
        let span = Span { start, end };
        if !open.is_empty() && starts_declaration(source, &tokens, index, &current) {
            close(&mut current, &mut open, errors);
            chunks.push(std::mem::take(&mut current));
        }
        if open.is_empty() {
            let starts = matches!(token, Token::Key(key) if key.declares())
                && !in_header(&current, token, tokens.get(index + 1).map(|next| next.1));
            if starts {
                if !current.is_empty() {
                    chunks.push(std::mem::take(&mut current));
                }
                stray = false;
            } else if token == Token::BraceClose {
                errors.push(
                    SyntaxError::new(Code::StrayBrace, "this `}` closes nothing", span)
                        .help("remove it")
                        .fix(span, ""),
                );
                continue;
            } else if current.is_empty() {
                // kept as a chunk of its own, so that one error speaks of all of it
                if stray {
                    if let Some(last) = chunks.last_mut() {
                        last.push((start, token, end));
                    }
                    if token == Token::BraceOpen {
                        open.push(span);
                        current = chunks.pop().unwrap_or_default();
                    }
                    continue;
                }
                stray = true;
                chunks.push(vec![(start, token, end)]);
                continue;
            }
        }
        current.push((start, token, end));
        match token {
            Token::BraceOpen => open.push(span),
            Token::BraceClose => {
                open.pop();
                if open.is_empty() {
                    chunks.push(std::mem::take(&mut current));
                    stray = false;
                }
            }
            _ => {}
        }
    }
    if !open.is_empty() {
        close(&mut current, &mut open, errors);
    }
    if !current.is_empty() {
        chunks.push(current);
    }
    for chunk in &mut chunks {
        refine(source, chunk);
    }
    chunks.retain(|chunk| shallow(chunk, errors));
    chunks
}

/// The tokens of a text that is no file of declarations; `None` when it nests too deep.
pub fn alone<'s>(
    source: &str,
    mut tokens: Vec<Spanned<'s>>,
    errors: &mut Vec<SyntaxError>,
) -> Option<Vec<Spanned<'s>>> {
    refine(source, &mut tokens);
    shallow(&tokens, errors).then_some(tokens)
}

/// Closes every open brace at the end of what was read.
fn close<'s>(current: &mut Vec<Spanned<'s>>, open: &mut Vec<Span>, errors: &mut Vec<SyntaxError>) {
    let at = current.last().map_or(0, |last| last.2);
    if let Some(first) = open.last() {
        errors.push(
            SyntaxError::new(Code::MissingBrace, "this `{` is never closed", *first)
                .help("close it with `}`")
                .fix(Span { start: at, end: at }, "\n}"),
        );
    }
    current.extend(open.drain(..).map(|_| (at, Token::BraceClose, at)));
}

/// Whether the word of a declaration stands in the first line of another: `waive … on grant x`,
/// `separate x within session`; or as a name, where it may not: `tool data {`.
fn in_header(current: &[Spanned<'_>], token: Token<'_>, next: Option<Token<'_>>) -> bool {
    let Some(&(_, Token::Key(first), _)) = current.first() else { return false };
    let previous = current.last().map(|last| last.1);
    match first {
        Key::Waive => current.len() == 1 || previous == Some(Token::Key(Key::On)) && current.len() == 3,
        Key::Separate | Key::Toxic => {
            previous == Some(Token::Key(Key::Within))
                && matches!(token, Token::Key(Key::Session | Key::Agent))
        }
        Key::Use | Key::Session | Key::Test | Key::Prove => false,
        _ => current.len() == 1 && next == Some(Token::BraceOpen) && token != Token::Key(Key::Session),
    }
}

/// Whether, though braces are open, the word at `index` can only start a declaration: it stands
/// at the start of its line and is followed as only a declaration's word is.
fn starts_declaration(source: &str, tokens: &[Spanned<'_>], index: usize, current: &[Spanned<'_>]) -> bool {
    let (start, token, _) = tokens[index];
    let Token::Key(key) = token else { return false };
    if !key.declares() || !(start == 0 || source.as_bytes()[start as usize - 1] == b'\n') {
        return false;
    }
    let after = |n: usize| tokens.get(index + n).map(|t| t.1);
    match key {
        Key::Use => matches!(after(1), Some(Token::Slashed(_) | Token::Text(_))),
        Key::Test | Key::Prove => {
            matches!((after(1), after(2)), (Some(Token::Text(_)), Some(Token::BraceOpen)))
        }
        Key::Session => {
            after(1) == Some(Token::BraceOpen)
                && !matches!(current.first(), Some((_, Token::Key(Key::Test), _)))
        }
        Key::Separate | Key::Toxic => {
            matches!((after(1), after(2)), (Some(Token::Name(_)), Some(Token::Key(Key::Within))))
        }
        Key::Waive => matches!(after(2), Some(Token::Key(Key::On))),
        _ => matches!((after(1), after(2)), (Some(Token::Name(_) | Token::Key(_)), Some(Token::BraceOpen))),
    }
}

/// Tells apart the commas that are last, and the `independent` of an `approved by`.
fn refine(source: &str, tokens: &mut [Spanned<'_>]) {
    let in_tool = matches!(tokens.first(), Some((_, Token::Key(Key::Tool), _)));
    for index in 0..tokens.len() {
        match tokens[index].1 {
            Token::Comma if ends_list(source, tokens, index, in_tool) => tokens[index].1 = Token::LastComma,
            Token::Key(Key::Independent) if index >= 5 => {
                if let [
                    (_, Token::Key(Key::Approved), _),
                    (_, Token::Key(Key::By), _),
                    _,
                    (_, Token::Key(Key::Within), _),
                    (_, Token::Duration(_), _),
                ] = tokens[index - 5..index]
                {
                    tokens[index].1 = Token::ApprovedIndependent;
                }
            }
            _ => {}
        }
    }
}

/// Whether the comma at `index` follows the last element of its list: a bracket closes, or a
/// property starts on the next line.
fn ends_list(source: &str, tokens: &[Spanned<'_>], index: usize, in_tool: bool) -> bool {
    let Some(&(start, next, _)) = tokens.get(index + 1) else { return true };
    match next {
        Token::BraceClose | Token::ParenClose | Token::BracketClose => true,
        Token::Key(key) => {
            let new_line = source[tokens[index].2 as usize..start as usize].contains('\n');
            let continues = matches!(
                tokens.get(index + 2).map(|t| t.1),
                Some(Token::Comma | Token::BraceClose | Token::Pipe | Token::Colon) | None
            );
            !continues && (new_line && starts_property(key, in_tool) || qualifies(key))
        }
        _ => false,
    }
}

/// Whether a word starts a property, and no element of a set.
fn starts_property(key: Key, in_tool: bool) -> bool {
    use Key::*;
    match key {
        Effect => in_tool,
        Actions | Agents | Allow | Always | Approval | Arg | Authn | Because | Bind | By | Contact | Data
        | Delegate | Deny | Departed | Duty | Email | Expires | For | Given | Groups | Holds | Identity
        | Ingests | Joining | Item | Lead | Leg | Members | NameOf | Namespace | Needs | Never | On
        | Only | Owner | Parent | Reaches | Reads | Reference | Regulations | Require | Resource
        | Resources | Review | Sensitivity | Severity | Starts | Suspended | Tags | To | Tools | Touches
        | Ttl | Until | Variant | Verbs | When | Writes | Session | Approved | Started | Due | At
        | Calling => true,
        _ => false,
    }
}

/// Whether a word can only go on after a list, never be in one.
fn qualifies(key: Key) -> bool {
    matches!(key, Key::Where | Key::Unless | Key::Depth | Key::If | Key::Calling)
}

/// Whether a declaration nests no deeper than [`DEPTH`]; reports it otherwise.
fn shallow(tokens: &[Spanned<'_>], errors: &mut Vec<SyntaxError>) -> bool {
    let mut depth = 0usize;
    let mut nots = 0usize; // `not`s in a row, parentheses between them included
    for &(start, token, end) in tokens {
        match token {
            Token::BraceOpen | Token::ParenOpen | Token::BracketOpen => depth += 1,
            Token::BraceClose | Token::ParenClose | Token::BracketClose => depth = depth.saturating_sub(1),
            _ => {}
        }
        match token {
            Token::Key(Key::Not) => nots += 1,
            Token::ParenOpen => {}
            _ => nots = 0,
        }
        if depth.max(nots) > DEPTH {
            errors.push(
                SyntaxError::new(
                    Code::NestedTooDeep,
                    format!("this nests more than {DEPTH} levels deep"),
                    Span { start, end },
                )
                .help("name parts of it, or flatten it: `and` and `or` need no parentheses among themselves"),
            );
            return false;
        }
    }
    true
}
