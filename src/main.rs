//! The command line: the only place that reads files, the clock and the terminal.
//!
//! A command opens a [`workspace`], asks the same queries as the language server, [`render`]s
//! what comes back and ends in a [`Status`](status::Status). What it cannot even begin is a [`Failure`].

mod args;
mod clock;
mod commands;
mod console;
mod output;
mod progress;
mod render;
mod session;
mod status;
mod workspace;

use args::Args;
use clap::Parser;
use console::Console;
use mimalloc::MiMalloc;
use status::Failure;
use std::process::ExitCode;

/// Models and findings are many small values, made on one thread and given up on another: `check`
/// takes a fifth less with it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // help and version go to stdout, usage errors to stderr; a closed pipe is no error
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Failure::CODE } else { 0 });
        }
    };
    let mut console = Console::new();
    if let Some(found) = bailiwick_analyzer::unsupported_solver() {
        console.fail(&Failure::new(format!("Z3 5.3 is needed, and this is {found}")).help(
            "run `./setup` and build again, or put the libz3 that came with bailiwick beside the program",
        ));
        return ExitCode::from(Failure::CODE);
    }
    let ended = commands::run(args.command, &mut console).and_then(|status| {
        console.flush()?;
        Ok(status)
    });
    match ended {
        Ok(status) => ExitCode::from(status.code()),
        Err(failure) => {
            console.fail(&failure);
            ExitCode::from(Failure::CODE)
        }
    }
}
