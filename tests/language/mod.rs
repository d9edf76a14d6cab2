//! The language, from text to model: pages of cases, the reference's own examples, and texts
//! that nobody would write.
//!
//! A page (`*.md` in this folder) has a heading per case, and below it one or more blocks:
//! ` ```grant ` (the module `main`, or the path that follows), ` ```toml ` (the manifest, or
//! with `lock` the lock file). What is expected stands in comments: `# error: [code] text` at
//! the end of a line, or on the line before it, says that a diagnostic of that code whose
//! message contains the text starts on that line. Whatever is not expected fails the case.

mod hostile;
mod pages;
mod reference;
