//! The command line of the checksum updater.
//!
//! Arguments in, tables and messages out. Files, network and rules belong to the components on the
//! other side of [`host::Host`]; tests put a directory in memory there.
//!
//! - [`args`] what the user asked for, and the help texts;
//! - [`commands`] a file a command;
//! - [`output`] tables and messages;
//! - [`status`] exit codes.

pub mod args;
pub mod commands;
mod help;
pub mod host;
pub mod output;
pub mod status;

use std::ffi::OsString;
use std::io::{self, Write};

use crate::args::{Args, Request};
use crate::host::Host;
use crate::output::Console;
use crate::status::Status;

/// Run the command line and return its exit code.
///
/// `arguments` are without the program's name. `out` gets what was asked for, `err` progress and errors.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    host: &dyn Host,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Status {
    let mut console = Console { out, err };
    let done = match args::parse(arguments) {
        Ok(Request::Show(text)) => console.out.write_all(text.as_bytes()).map(|()| Status::Done),
        Ok(Request::Run(args)) => dispatch(&args, host, &mut console),
        Err(error) => error.report(&mut console).map(|()| Status::Usage),
    };
    let done = done.and_then(|status| console.out.flush().map(|()| status));
    // Nobody is left to be told of this: the very streams to tell them by are gone.
    done.unwrap_or(Status::Failed)
}

fn dispatch(args: &Args, host: &dyn Host, console: &mut Console<'_>) -> io::Result<Status> {
    match &args.command {
        args::Command::List => commands::list::run(&args.directory, host, console),
        args::Command::Validate { tools } => {
            commands::validate::run(&args.directory, tools, host, console)
        }
        args::Command::Update { tools, dry_run } => {
            commands::update::run(&args.directory, tools, *dry_run, host, console)
        }
    }
}
