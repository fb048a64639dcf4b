//! `validate`: check tool files.

use std::io;

use super::{path, report, select};
use crate::args::Tools;
use crate::host::{Error, Host};
use crate::output::{Console, Table};
use crate::status::Status;

/// Check tool files and show the result of each.
///
/// # Errors
///
/// If a stream cannot be written.
pub fn run(
    directory: &str,
    tools: &Tools,
    host: &dyn Host,
    console: &mut Console<'_>,
) -> io::Result<Status> {
    let names = match select(directory, tools, host, console)? {
        Ok(names) => names,
        Err(status) => return Ok(status),
    };
    let mut status = Status::Done;
    let mut table = Table::new(&["TOOL", "RESULT"]);
    for name in &names {
        let result = match check(name, &path(directory, name), host) {
            Ok(result) => result,
            Err(error) => {
                status = status.and(report(&format!("{name} is not valid"), &error, console)?);
                "invalid"
            }
        };
        table.row(&[name, result]);
    }
    console.table(&table)?;
    Ok(status)
}

/// A file need not be in the canonical form: it will be as soon as it is rewritten.
fn check(name: &str, path: &str, host: &dyn Host) -> Result<&'static str, Error> {
    let text = host.read(path)?;
    let canonical = host.check(name, &text)?;
    Ok(if canonical == text { "valid" } else { "valid, not in canonical form" })
}
