//! How a command ends.

use std::fmt::Display;
use std::path::Path;

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing at or above the threshold.
    Clean,
    /// A finding at or above the threshold, a failed test, a denial, a file to format.
    Findings,
    /// No such finding, but something that could not be decided: never to be read as safe.
    Undecided,
}

impl Status {
    /// The exit status.
    pub fn code(self) -> u8 {
        match self {
            Status::Clean => 0,
            Status::Findings => 1,
            Status::Undecided => 3,
        }
    }

    /// Its word in the JSON output.
    pub fn name(self) -> &'static str {
        match self {
            Status::Clean => "clean",
            Status::Findings => "findings",
            Status::Undecided => "undecided",
        }
    }
}

/// A usage or input error: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Failure {
    /// The exit status.
    pub const CODE: u8 = 2;

    /// With a sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// With a help.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Something about a path went wrong: "`PATH` cannot be read: no such file".
    pub fn at(path: &Path, what: &str, why: impl Display) -> Self {
        Self::new(format!("`{}` {what}: {why}", path.display()))
    }
}
