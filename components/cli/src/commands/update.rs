//! `update`: record newer releases.

use std::io;

use super::{path, report, select};
use crate::args::Tools;
use crate::host::{Host, Outcome, State};
use crate::output::{size, Console, Table};
use crate::status::Status;

/// Poll each tool, record what is new, and show what became of each.
///
/// # Errors
///
/// If a stream cannot be written.
pub fn run(
    directory: &str,
    tools: &Tools,
    dry_run: bool,
    host: &dyn Host,
    console: &mut Console<'_>,
) -> io::Result<Status> {
    let names = match select(directory, tools, host, console)? {
        Ok(names) => names,
        Err(status) => return Ok(status),
    };
    let mut status = Status::Done;
    let mut table = Table::new(&["TOOL", "RESULT", "BEFORE", "AFTER", "ASSETS", "BYTES"]);
    for name in &names {
        match host.update(&path(directory, name), dry_run) {
            Ok(outcome) => {
                console.progress(&format!("{name}: {}", sentence(&outcome, dry_run)))?;
                row(&mut table, name, &outcome);
            }
            Err(error) => {
                status = status.and(report(&format!("cannot update {name}"), &error, console)?);
                table.row(&[name, "failed"]);
            }
        }
    }
    console.table(&table)?;
    Ok(status)
}

fn sentence(outcome: &Outcome, dry_run: bool) -> String {
    let Outcome { before, after, assets, bytes, .. } = outcome;
    match outcome.state {
        State::Current => format!("{after} is recorded"),
        State::Incomplete => format!("{after} is not complete yet"),
        State::Updated => {
            let would = if dry_run { "would record" } else { "recorded" };
            let from = if before.is_empty() { String::new() } else { format!(" after {before}") };
            format!("{would} {after}{from}: {assets} assets, {}", size(*bytes))
        }
    }
}

fn row(table: &mut Table, name: &str, outcome: &Outcome) {
    let result = match outcome.state {
        State::Current => "current",
        State::Updated => "updated",
        State::Incomplete => "incomplete",
    };
    let before = if outcome.before.is_empty() { "-" } else { &outcome.before };
    let (assets, bytes) = (outcome.assets.to_string(), size(outcome.bytes));
    table.row(&[name, result, before, &outcome.after, &assets, &bytes]);
}
