//! Tokens and comments, grouped into items and blocks.

use crate::lexer::{Comment, Key, Spanned, Token};
use crate::span::Span;
use std::collections::HashSet;

/// A file as the printer sees it. Index `tokens.len()` stands for the end of the file.
pub struct File<'s> {
    source: &'s str,
    tokens: Vec<Spanned<'s>>,
    comments: &'s [Comment],
    /// For each token, how many comments stand before it.
    before: Vec<usize>,
}

/// A declaration or a line of one.
pub struct Item {
    /// Its parts, the first always a token.
    pub parts: Vec<Part>,
}

/// A part of an item.
pub enum Part {
    /// A token, by its index.
    Token(usize),
    /// Items in braces.
    Block(Block),
}

/// Items in braces.
pub struct Block {
    /// The index of `{`.
    pub open: usize,
    /// What stands between.
    pub items: Vec<Item>,
    /// The index of `}`.
    pub close: usize,
}

impl Item {
    /// The index of its first token.
    pub fn first(&self) -> usize {
        match self.parts.first() {
            Some(Part::Token(index)) => *index,
            Some(Part::Block(block)) => block.open,
            None => 0,
        }
    }

    /// The index of its last token.
    pub fn last(&self) -> usize {
        match self.parts.last() {
            Some(Part::Token(index)) => *index,
            Some(Part::Block(block)) => block.close,
            None => 0,
        }
    }
}

impl<'s> File<'s> {
    /// The tokens and comments of `source`. Commas after last elements are left out: the layout has none.
    pub fn new(source: &'s str, mut tokens: Vec<Spanned<'s>>, comments: &'s [Comment]) -> Self {
        tokens.retain(|token| token.1 != Token::LastComma);
        let mut before = Vec::with_capacity(tokens.len() + 1);
        let mut count = 0;
        for &(start, _, _) in &tokens {
            while comments.get(count).is_some_and(|comment| comment.span.start < start) {
                count += 1;
            }
            before.push(count);
        }
        before.push(comments.len());
        Self { source, tokens, comments, before }
    }

    /// The index that stands for the end of the file.
    pub fn end(&self) -> usize {
        self.tokens.len()
    }

    /// A token, if there is one of this index.
    pub fn token(&self, index: usize) -> Option<Token<'s>> {
        self.tokens.get(index).map(|token| token.1)
    }

    /// A token's text as written.
    pub fn text(&self, index: usize) -> &'s str {
        self.tokens.get(index).map_or("", |&(start, _, end)| &self.source[start as usize..end as usize])
    }

    /// The comments between the token before `index` and that of `index`.
    fn between(&self, index: usize) -> &'s [Comment] {
        let from = if index == 0 { 0 } else { self.before[index - 1] };
        &self.comments[from..self.before[index]]
    }

    /// The comment that ends the line of a token.
    pub fn trailing(&self, index: usize) -> Option<&'s Comment> {
        self.between(index + 1).first().filter(|comment| !comment.own_line)
    }

    /// The comments with lines of their own before a token.
    pub fn leading(&self, index: usize) -> &'s [Comment] {
        let between = self.between(index);
        match between.first() {
            Some(first) if !first.own_line && index > 0 => &between[1..],
            _ => between,
        }
    }

    /// Whether any comment stands after token `from` and before token `to`.
    pub fn comments_within(&self, from: usize, to: usize) -> bool {
        self.before[from] != self.before[to]
    }

    /// Whether two tokens stand on one line.
    pub fn on_one_line(&self, from: usize, to: usize) -> bool {
        !self.source[self.tokens[from].0 as usize..self.tokens[to].0 as usize].contains('\n')
    }

    /// Where a token stands; nowhere for the end of the file.
    pub fn span(&self, index: usize) -> Span {
        self.tokens
            .get(index)
            .map_or(Span::new(self.source.len(), self.source.len()), |&(start, _, end)| Span { start, end })
    }

    /// Whether a blank line stands between two places.
    pub fn blank_between(&self, from: u32, to: u32) -> bool {
        self.source
            .get(from as usize..to as usize)
            .is_some_and(|gap| gap.bytes().filter(|b| *b == b'\n').count() > 1)
    }
}

/// The declarations of a file.
pub fn items(file: &File<'_>, starts: &HashSet<u32>) -> Vec<Item> {
    let mut at = 0;
    items_to(file, starts, &mut at)
}

/// Items up to the `}` that closes the block, or to the end. The nesting is bounded by the parser.
fn items_to(file: &File<'_>, starts: &HashSet<u32>, at: &mut usize) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut records = 0;
    while let Some(token) = file.token(*at) {
        match token {
            Token::BraceClose if records == 0 => break,
            Token::BraceClose => records -= 1,
            _ => {}
        }
        if items.is_empty() || starts.contains(&file.span(*at).start) {
            items.push(Item { parts: Vec::new() });
        }
        let length = items.last().map_or(0, |item| item.parts.len());
        let part = if token == Token::BraceOpen && records == 0 && opens_block(file, starts, *at, length) {
            let open = *at;
            *at += 1;
            let items = items_to(file, starts, at);
            Part::Block(Block { open, items, close: *at })
        } else {
            if token == Token::BraceOpen {
                records += 1;
            }
            Part::Token(*at)
        };
        *at += 1;
        if let Some(item) = items.last_mut() {
            item.parts.push(part);
        }
    }
    items
}

/// Whether the `{` at `index`, before which `length` parts of its item stand, opens a block and
/// not a record.
fn opens_block(file: &File<'_>, starts: &HashSet<u32>, index: usize, length: usize) -> bool {
    if file.token(index + 1) != Some(Token::BraceClose) {
        return starts.contains(&file.span(index + 1).start);
    }
    match index.checked_sub(1).and_then(|before| file.token(before)) {
        Some(Token::Key(Key::With | Key::Session)) => length < 2,
        Some(Token::Colon | Token::BracketOpen | Token::Comma) => false,
        _ => true,
    }
}
