//! Items and blocks to text.

use super::layout::{Block, File, Item, Part};
use super::space::{has_second_column, in_column, may_break, separated};
use crate::lexer::{Key, Token};
use std::collections::BTreeMap;

/// A block stays on one line while that line is no longer than this.
const ONE_LINE: usize = 100;
/// A property is broken before it grows longer than this.
const LINE: usize = 120;
/// How far a block's items stand in.
const INDENT: usize = 2;

/// The text of a file.
pub fn print(file: &File<'_>, items: &[Item]) -> String {
    let mut printer = Printer { file, out: String::new(), column: 0 };
    printer.items(items, 0, file.end());
    printer.out
}

/// The columns of a block.
#[derive(Default)]
struct Columns {
    /// The width of the words that start items.
    first: usize,
    /// The width of the second words, for each first word that has such a column.
    second: BTreeMap<Key, usize>,
}

struct Printer<'f, 's> {
    file: &'f File<'s>,
    out: String,
    /// How many characters stand on the current line.
    column: usize,
}

impl Printer<'_, '_> {
    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    /// Fills the line with spaces up to a column.
    fn pad(&mut self, column: usize) {
        while self.column < column {
            self.write(" ");
        }
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// The items of a block and the comments before its `close`, each on lines of its own.
    fn items(&mut self, items: &[Item], indent: usize, close: usize) {
        let columns = self.columns(items);
        let heads = if indent == 0 { self.heads(items) } else { Vec::new() };
        let mut end = None; // where the last thing written ends in the source
        for (index, item) in items.iter().enumerate() {
            self.comments(item.first(), indent, &mut end);
            let start = self.file.span(item.first()).start;
            self.blank_line(end, start);
            match heads.get(index).copied().flatten() {
                Some(width) => self.one_line_declaration(item, width),
                None => self.item(item, indent, &columns),
            }
            self.trailing(item.last());
            self.newline();
            let comment = self.file.trailing(item.last()).map(|comment| comment.span.end);
            end = Some(comment.unwrap_or(self.file.span(item.last()).end));
        }
        self.comments(close, indent, &mut end);
    }

    /// The comments with lines of their own before a token.
    fn comments(&mut self, index: usize, indent: usize, end: &mut Option<u32>) {
        for comment in self.file.leading(index) {
            self.blank_line(*end, comment.span.start);
            self.pad(indent);
            self.comment(&comment.text);
            self.newline();
            *end = Some(comment.span.end);
        }
    }

    fn comment(&mut self, text: &str) {
        self.write("#");
        self.write(text);
    }

    /// A blank line, where the source has one or more.
    fn blank_line(&mut self, end: Option<u32>, start: u32) {
        if end.is_some_and(|end| self.file.blank_between(end, start)) {
            self.newline();
        }
    }

    /// The comment at the end of a token's line.
    fn trailing(&mut self, index: usize) {
        if let Some(comment) = self.file.trailing(index) {
            self.write(" ");
            self.comment(&comment.text);
        }
    }

    fn item(&mut self, item: &Item, indent: usize, columns: &Columns) {
        self.pad(indent);
        let value = match self.first_key(item) {
            Some(key) if in_column(key) && columns.first > 0 => indent + columns.first + 1,
            Some(key) => indent + key.text().len() + 1,
            None => indent + INDENT,
        };
        let second =
            self.first_key(item).and_then(|key| columns.second.get(&key)).map(|width| value + width + 1);
        let widths = self.widths(item);
        for (position, part) in item.parts.iter().enumerate() {
            match part {
                Part::Token(index) => {
                    let wanted = match position {
                        1 => Some(value),
                        2 => second,
                        _ => None,
                    };
                    self.token(*index, position, indent, value, wanted, widths[position]);
                }
                Part::Block(block) => {
                    if !self.comments_inside(block.open, indent, value) {
                        self.write(" ");
                    }
                    self.block(block, indent);
                }
            }
        }
    }

    /// A token within an item. `wanted` is the column it stands in, if it has one; `width` is how
    /// much must stand on its line with it.
    fn token(
        &mut self,
        index: usize,
        position: usize,
        indent: usize,
        value: usize,
        wanted: Option<usize>,
        width: usize,
    ) {
        let file = self.file;
        if position > 0 && !self.comments_inside(index, indent, value) {
            if position > 1 && may_break(file, index) && self.column + 1 + width > LINE {
                self.newline();
                self.pad(value);
            } else if separated(file, index) {
                self.write(" ");
                if let Some(column) = wanted.filter(|_| indent > 0) {
                    self.pad(column);
                }
            }
        }
        self.write(file.text(index));
    }

    /// The comments before a token in the midst of an item, if there are any; the line that the
    /// token stands on is begun then.
    fn comments_inside(&mut self, index: usize, indent: usize, value: usize) -> bool {
        let leading = self.file.leading(index);
        if self.file.trailing(index - 1).is_none() && leading.is_empty() {
            return false;
        }
        let column = if indent == 0 { INDENT } else { value };
        self.trailing(index - 1);
        for comment in leading {
            self.newline();
            self.pad(column);
            self.comment(&comment.text);
        }
        self.newline();
        self.pad(column);
        true
    }

    /// For each part of an item, how much text may not be parted from it.
    fn widths(&self, item: &Item) -> Vec<usize> {
        let mut widths = vec![0; item.parts.len()];
        let mut after = 0;
        for (position, part) in item.parts.iter().enumerate().rev() {
            let Part::Token(index) = part else {
                after = 2; // a space and the brace
                continue;
            };
            let width = self.file.text(*index).chars().count() + after;
            widths[position] = width;
            after = if may_break(self.file, *index) {
                0
            } else {
                width + usize::from(separated(self.file, *index))
            };
        }
        widths
    }

    fn block(&mut self, block: &Block, indent: usize) {
        if let Some(text) = self.flat_block(block)
            && (block.items.is_empty() || self.column + text.chars().count() <= ONE_LINE)
        {
            self.write(&text);
            return;
        }
        self.write("{");
        self.trailing(block.open);
        self.newline();
        self.items(&block.items, indent + INDENT, block.close);
        self.pad(indent);
        self.write("}");
    }

    /// A block on one line, if it was written on one or is empty.
    fn flat_block(&self, block: &Block) -> Option<String> {
        let one_line = block.items.is_empty() || self.file.on_one_line(block.open, block.close);
        if !one_line || self.file.comments_within(block.open, block.close) {
            return None;
        }
        let mut text = String::from("{ ");
        for item in &block.items {
            text.push_str(&self.flat_item(item)?);
            text.push_str("  ");
        }
        text.pop();
        text.push('}');
        Some(text)
    }

    fn flat_item(&self, item: &Item) -> Option<String> {
        let mut text = String::new();
        for (position, part) in item.parts.iter().enumerate() {
            match part {
                Part::Token(index) => {
                    if position > 0 && separated(self.file, *index) {
                        text.push(' ');
                    }
                    text.push_str(self.file.text(*index));
                }
                Part::Block(block) => {
                    text.push(' ');
                    text.push_str(&self.flat_block(block)?);
                }
            }
        }
        Some(text)
    }

    fn first_key(&self, item: &Item) -> Option<Key> {
        match (self.file.token(item.first()), self.file.token(item.first() + 1)) {
            (Some(Token::Key(key)), next) if next != Some(Token::Colon) => Some(key),
            _ => None,
        }
    }

    fn columns(&self, items: &[Item]) -> Columns {
        let mut columns = Columns::default();
        for item in items {
            let Some(key) = self.first_key(item) else { continue };
            if in_column(key) {
                columns.first = columns.first.max(key.text().len());
            }
            if has_second_column(key) && item.parts.len() > 2 {
                let width = self.file.text(item.first() + 1).chars().count();
                let second = columns.second.entry(key).or_default();
                *second = width.max(*second);
            }
        }
        columns
    }

    /// For declarations that stand on one line each, one below the other and of one kind: the
    /// width of the longest head, so that their braces share a column.
    fn heads(&self, items: &[Item]) -> Vec<Option<usize>> {
        let mut heads: Vec<Option<usize>> = items.iter().map(|item| self.head_of_one_line(item)).collect();
        let mut from = 0;
        while from < heads.len() {
            let mut to = from + 1;
            while to < heads.len()
                && heads[to].is_some()
                && heads[from].is_some()
                && self.adjacent(&items[to - 1], &items[to])
            {
                to += 1;
            }
            let widest = heads[from..to].iter().copied().flatten().max();
            for head in &mut heads[from..to] {
                *head = head.and(widest);
            }
            from = to;
        }
        heads
    }

    /// Whether two declarations of one kind stand on lines that follow each other.
    fn adjacent(&self, one: &Item, two: &Item) -> bool {
        let blank =
            self.file.blank_between(self.file.span(one.last()).end, self.file.span(two.first()).start);
        self.file.token(one.first()) == self.file.token(two.first())
            && !blank
            && self.file.leading(two.first()).is_empty()
    }

    /// The width of what stands before the brace of a declaration on one line.
    fn head_of_one_line(&self, item: &Item) -> Option<usize> {
        let Some(Part::Block(block)) = item.parts.last() else { return None };
        if self.file.comments_within(item.first(), item.last()) {
            return None;
        }
        let text = self.flat_item(item)?;
        let head = text.chars().count() - self.flat_block(block)?.chars().count() - 1;
        (text.chars().count() <= ONE_LINE).then_some(head)
    }

    fn one_line_declaration(&mut self, item: &Item, width: usize) {
        let Some(text) = self.flat_item(item) else { return };
        let Some(Part::Block(block)) = item.parts.last() else { return };
        let Some(body) = self.flat_block(block) else { return };
        let head = &text[..text.len() - body.len()];
        self.write(head);
        self.pad(width + 1);
        self.write(&body);
    }
}
