//! A file a command. Each does all it can: one tool that fails does not stop the others.

pub mod list;
pub mod update;
pub mod validate;

use std::io;

use crate::args::Tools;
use crate::host::{Error, Host};
use crate::output::Console;
use crate::status::Status;

/// The names a command is about; `None` if the directory cannot be read, which is reported.
fn select(
    directory: &str,
    tools: &Tools,
    host: &dyn Host,
    console: &mut Console<'_>,
) -> io::Result<Result<Vec<String>, Status>> {
    let names = match tools {
        Tools::All => host.tools(directory),
        Tools::Named(names) => Ok(names.clone()),
    };
    match names {
        Ok(names) => Ok(Ok(names)),
        Err(error) => report(&format!("cannot list {directory}"), &error, console).map(Err),
    }
}

/// Write what failed and why, and return what it means for the exit code.
fn report(what: &str, error: &Error, console: &mut Console<'_>) -> io::Result<Status> {
    console.error(&format!("{what}: {error}"), error.help())?;
    Ok(Status::from(error))
}

/// The path of a tool file.
fn path(directory: &str, name: &str) -> String {
    format!("{}/tools/{name}.json", directory.trim_end_matches('/'))
}
