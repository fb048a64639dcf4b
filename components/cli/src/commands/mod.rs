//! A file a command. Each does all it can: one tool that fails does not stop the others.

pub mod list;
pub mod update;
pub mod validate;

use std::io;

use crate::args::Tools;
use crate::host::{Error, Host};
use crate::output::{Console, Table};
use crate::status::Status;

/// Show a table with a row for each tool; the most urgent status is that of all.
///
/// `row` is given a tool's name and the path of its file, and returns the cells after the name.
fn tabulate(
    directory: &str,
    tools: &Tools,
    heading: &[&str],
    host: &dyn Host,
    console: &mut Console<'_>,
    mut row: impl FnMut(&str, &str, &mut Console<'_>) -> io::Result<(Vec<String>, Status)>,
) -> io::Result<Status> {
    let names = match tools {
        Tools::All => host.tools(directory),
        Tools::Named(names) => Ok(names.clone()),
    };
    let names = match names {
        Ok(names) => names,
        Err(error) => return report(&format!("cannot list {directory}"), &error, console),
    };
    let (mut table, mut status) = (Table::new(heading), Status::Done);
    for name in &names {
        let path = format!("{}/tools/{name}.json", directory.trim_end_matches('/'));
        let (cells, outcome) = row(name, &path, console)?;
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        table.row(&[&[name.as_str()], &*cells].concat());
        status = status.and(outcome);
    }
    console.table(&table)?;
    Ok(status)
}

/// Write what failed and why, and return what it means for the exit code.
fn report(what: &str, error: &Error, console: &mut Console<'_>) -> io::Result<Status> {
    console.error(&format!("{what}: {error}"), error.help())?;
    Ok(Status::from(error))
}
