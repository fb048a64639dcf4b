//! `validate`: check tool files.

use std::io;

use super::{report, tabulate};
use crate::args::Tools;
use crate::host::{Error, Host};
use crate::output::Console;
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
    tabulate(directory, tools, &["TOOL", "RESULT"], host, console, |name, path, console| {
        Ok(match check(name, path, host) {
            Ok(result) => (vec![result.into()], Status::Done),
            Err(error) => {
                let status = report(&format!("{name} is not valid"), &error, console)?;
                (vec!["invalid".into()], status)
            }
        })
    })
}

/// A file need not be in the canonical form: it will be as soon as it is rewritten.
fn check(name: &str, path: &str, host: &dyn Host) -> Result<&'static str, Error> {
    let text = host.read(path)?;
    let canonical = host.check(name, &text)?;
    Ok(if canonical == text { "valid" } else { "valid, not in canonical form" })
}
