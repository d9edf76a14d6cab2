//! Several files as one source, so that a report can point into all of them.
//!
//! The reports of miette point into one source with byte offsets. A [`Listing`] lays the files end
//! to end: a file's base is where its offsets begin. A span that would cross from one file into the
//! next is refused, and that keeps their snippets apart.
//!
//! Snippets come in the order of their offsets. The file of the place that a report is about is laid
//! down for it and what stands around it first, and once more for what else is shown of it.

use super::covered;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::sync::Arc;

/// Longer lines are not shown: nobody reads them, and a hostile one would fill the screen.
const LONGEST_LINE: usize = 400;
/// Of a label over more lines than this only the first is shown.
const MOST_LINES: usize = 4;

/// A file, ready to be shown.
#[derive(Debug)]
pub(super) struct Page {
    name: String,
    text: String,
    /// Where each line starts.
    lines: Vec<usize>,
}

impl Page {
    pub(super) fn new(name: String, text: &str) -> Self {
        let text = covered(text);
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { name, text, lines }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The line, from 0, that a byte stands in.
    fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|&start| start <= offset) - 1
    }

    /// The byte after a line, its end included.
    fn line_end(&self, line: usize) -> usize {
        self.lines.get(line + 1).copied().unwrap_or(self.text.len())
    }

    /// Line and column, both from 1; columns count characters.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line_of(offset.min(self.text.len()));
        let before = self.text.get(self.lines[line]..offset).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    /// What to mark for a span: inside the text, and not more than a few lines of it; `None` when
    /// its line is too long to be shown.
    pub(super) fn marked(&self, span: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        let start = span.start.min(self.text.len());
        let end = span.end.clamp(start, self.text.len());
        let (first, last) = (self.line_of(start), self.line_of(end.saturating_sub(1).max(start)));
        let around = first.saturating_sub(1)..=(last + 1).min(self.lines.len() - 1);
        if around.clone().count() > 64
            || around.clone().all(|line| self.line_end(line) - self.lines[line] <= LONGEST_LINE)
        {
            if last - first < MOST_LINES {
                return Some(start..end);
            }
            let line = self.text[start..self.line_end(first)].trim_end();
            return (line.len() <= LONGEST_LINE).then(|| start..start + line.len());
        }
        None
    }
}

/// Lines that one snippet shows together with a place: its own, and as many around it.
const AROUND: usize = 2;

/// Files end to end.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pages: Vec<(usize, Arc<Page>)>,
    /// The lines around the place that the report is about, on the first page.
    around: std::ops::Range<usize>,
}

impl Listing {
    /// Adds a file, or finds it, and says where its offsets begin for what is marked. What is marked
    /// first is what the report is about.
    pub(super) fn base_of(&mut self, page: &Arc<Page>, marked: &std::ops::Range<usize>) -> usize {
        let lines =
            page.line_of(marked.start)..page.line_of(marked.end.saturating_sub(1).max(marked.start)) + 1;
        if self.pages.is_empty() {
            self.around = lines.start.saturating_sub(AROUND)..lines.end + AROUND;
        }
        let apart = lines.start >= self.around.end || lines.end <= self.around.start;
        let there = self.pages.iter().skip(usize::from(apart)).find(|(_, there)| Arc::ptr_eq(there, page));
        if let Some((base, _)) = there {
            return *base;
        }
        // one byte of room, so that the end of a file is not the start of the next
        let base = self.pages.last().map_or(0, |(base, page)| base + page.text.len() + 1);
        self.pages.push((base, page.clone()));
        base
    }
}

impl SourceCode for Listing {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let at = self.pages.partition_point(|(base, _)| *base <= span.offset());
        let (base, page) =
            at.checked_sub(1).and_then(|at| self.pages.get(at)).ok_or(MietteError::OutOfBounds)?;
        let start = span.offset() - base;
        let end = start + span.len();
        if end > page.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = page.line_of(start).saturating_sub(before);
        let last = (page.line_of(end.saturating_sub(1).max(start)) + after).min(page.lines.len() - 1);
        let (from, to) = (page.lines[first], page.line_end(last));
        let column = if before == 0 { page.position(start).1 - 1 } else { 0 };
        let from = if before == 0 { start } else { from };
        let line = if before == 0 { page.line_of(start) } else { first };
        Ok(Box::new(MietteSpanContents::new_named(
            page.name.clone(),
            &page.text.as_bytes()[from..to],
            SourceSpan::new((base + from).into(), to - from),
            line,
            column,
            last - line + 1,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_find_their_file_and_never_cross() {
        let (a, b) =
            (Arc::new(Page::new("a".into(), "one\ntwo\n")), Arc::new(Page::new("b".into(), "three")));
        let mut listing = Listing::default();
        let mut base = |page, at| listing.base_of(page, &(at..at));
        assert_eq!((base(&a, 0), base(&b, 0), base(&a, 4)), (0, 9, 0));
        let read = |offset: usize, length: usize| {
            listing.read_span(&SourceSpan::new(offset.into(), length), 1, 1).map(|found| {
                (
                    found.name().unwrap().to_owned(),
                    String::from_utf8(found.data().to_vec()).unwrap(),
                    found.line(),
                )
            })
        };
        assert_eq!(read(4, 3).unwrap(), ("a".into(), "one\ntwo\n".into(), 0));
        assert_eq!(read(9, 5).unwrap(), ("b".into(), "three".into(), 0));
        assert_eq!(read(14, 0).unwrap().0, "b");
        assert!(read(4, 8).is_err() && read(15, 1).is_err());
    }

    #[test]
    fn what_a_report_is_about_comes_before_what_stands_above_it() {
        let page = Arc::new(Page::new("a".into(), &"x\n".repeat(20)));
        let mut listing = Listing::default();
        let mut base = |line: usize| listing.base_of(&page, &(line * 2..line * 2 + 1));
        assert_eq!([10, 8, 12].map(&mut base), [0, 0, 0], "its own snippet");
        assert_eq!([0, 7, 13].map(base), [41, 41, 41], "the same file, after it");
    }

    #[test]
    fn long_lines_are_not_shown_and_long_labels_are_cut() {
        let page = Page::new("a".into(), &format!("{}\nshort\nx\nx\nx\nx\nx\n", "y".repeat(500)));
        assert_eq!(page.marked(0..3), None);
        assert_eq!(page.marked(507..516), Some(507..508));
        assert_eq!(page.marked(900..901), Some(page.text.len()..page.text.len()));
        assert_eq!(page.position(501), (2, 1));
    }
}
