//! `update`: record newer releases.

use std::io;

use super::{report, tabulate};
use crate::args::Tools;
use crate::host::{Host, Outcome, State};
use crate::output::{size, Console};
use crate::status::Status;

/// Poll each tool, record what is new, and show what became of each.
///
/// A rate limit would refuse the other tools as well, so it ends the polling.
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
    let heading = ["TOOL", "RESULT", "BEFORE", "AFTER", "ASSETS", "BYTES"];
    let mut limited = false;
    tabulate(directory, tools, &heading, host, console, |name, path, console| {
        if limited {
            return Ok((vec!["not polled".into()], Status::RateLimited));
        }
        Ok(match host.update(path, dry_run) {
            Ok(outcome) => {
                console.progress(&format!("{name}: {}", sentence(&outcome, dry_run)))?;
                (cells(&outcome).into(), Status::Done)
            }
            Err(error) => {
                let status = report(&format!("cannot update {name}"), &error, console)?;
                limited = status == Status::RateLimited;
                (vec!["failed".into()], status)
            }
        })
    })
}

fn sentence(outcome: &Outcome, dry_run: bool) -> String {
    let Outcome { before, after, latest, assets, bytes, .. } = outcome;
    let stays = if kept(outcome) { format!(", {latest} stays the latest") } else { String::new() };
    match outcome.state {
        State::Current => format!("{after} is recorded{stays}"),
        State::Incomplete => format!("{after} is not complete yet"),
        State::Updated => {
            let would = if dry_run { "would record" } else { "recorded" };
            let from = if before.is_empty() || kept(outcome) {
                String::new()
            } else {
                format!(" after {before}")
            };
            format!("{would} {after}{from}{stays}: {assets} assets, {}", size(*bytes))
        }
    }
}

/// Whether a release is recorded that is not the latest version: upstream's latest is a backport.
fn kept(outcome: &Outcome) -> bool {
    outcome.state != State::Incomplete && outcome.latest != outcome.after
}

fn cells(outcome: &Outcome) -> [String; 5] {
    let result = match outcome.state {
        State::Current => "current",
        State::Updated => "updated",
        State::Incomplete => "incomplete",
    };
    let result = if kept(outcome) { format!("{result}, not latest") } else { result.into() };
    let before = if outcome.before.is_empty() { "-" } else { &outcome.before };
    let (assets, bytes) = (outcome.assets.to_string(), size(outcome.bytes));
    [result, before.into(), outcome.after.clone(), assets, bytes]
}
