//! The terminal: what is written where, in colour or not, and that nothing hostile reaches it.

use crate::render::visible;
use crate::status::Failure;
use anstream::{AutoStream, ColorChoice};
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

/// Standard output and standard error.
///
/// Whoever reads our output may stop reading (`| head`): that is no error and changes no exit
/// status, we just stop writing.
pub struct Console {
    out: Option<BufWriter<AutoStream<io::Stdout>>>,
    err: AutoStream<io::Stderr>,
    width: usize,
}

impl Console {
    /// The process's own streams; colours only on a terminal, and never with `NO_COLOR`.
    pub fn new() -> Self {
        let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
        let out = BufWriter::new(AutoStream::auto(io::stdout()));
        Self { out: Some(out), err: AutoStream::auto(io::stderr()), width: width.clamp(40, 120) }
    }

    /// The columns that a report may use.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether standard output shows colours.
    pub fn colours(&self) -> bool {
        self.out.as_ref().is_some_and(|out| out.get_ref().current_choice() != ColorChoice::Never)
    }

    /// Whether somebody watches standard error.
    pub fn watched() -> bool {
        io::stderr().is_terminal()
    }

    /// Writes to standard output.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.with_out(|out| out.write_all(text.as_bytes()))
    }

    /// Hands on what is still buffered.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.with_out(|out| out.flush())
    }

    fn with_out(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let Some(out) = &mut self.out else { return Ok(()) };
        match write(out) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                // what is buffered must not be tried again when the writer is dropped
                if let Some(out) = self.out.take() {
                    let _ = out.into_parts();
                }
                Ok(())
            }
            Err(error) => Err(Failure::new(format!("standard output cannot be written: {error}"))),
        }
    }

    /// Writes a line to standard error. Nobody may be reading, which is no error.
    pub fn note(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    /// Reports a usage or input error.
    pub fn fail(&mut self, failure: &Failure) {
        let _ = self.flush();
        self.note(&format!("\u{1b}[31merror\u{1b}[0m: {}", visible(&failure.message)));
        if let Some(help) = &failure.help {
            self.note(&format!("  \u{1b}[36mhelp\u{1b}[0m: {}", visible(help)));
        }
    }
}
