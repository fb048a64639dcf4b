//! The command line of the checksum updater.
//!
//! Arguments in; tables, JSON and messages out. Files, network and rules belong to the components
//! behind [`host::Host`]; tests replace them by a directory in memory.
//!
//! - [`args`] the command line, and the help texts;
//! - [`commands`] one file per command;
//! - [`component`] the other components of the composition;
//! - [`output`] tables and messages;
//! - [`status`] exit codes.

pub mod args;
#[rustfmt::skip]
#[allow(clippy::all, clippy::restriction, missing_docs, unreachable_pub, unsafe_code)]
mod bindings;
pub mod code;
pub mod commands;
pub mod component;
mod help;
pub mod host;
mod moment;
mod nearest;
pub mod output;
pub mod status;

use std::ffi::OsString;
use std::io::Write;

use crate::args::Request;
use crate::code::Code;
use crate::host::Host;
use crate::output::Console;
use crate::status::Status;

/// Run the command line and return its exit code.
///
/// `arguments` exclude the program's name. `out` gets the result, `err` progress and errors.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    host: &dyn Host,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Status {
    let mut console = Console::new(out, err);
    let status = match args::parse(arguments) {
        Ok(Request::Show(text)) => {
            console.show(text);
            Status::Done
        }
        Ok(Request::Run(args)) => commands::run(&args, host, &mut console),
        Err(error) => {
            console.error(&error.what, &error.help, Code::Usage);
            Status::Usage
        }
    };
    if console.broken() {
        status.and(Status::Failed)
    } else {
        status
    }
}
