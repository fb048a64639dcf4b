//! A run over some tools, driven to its end.

use std::time::Duration;

use serde_json::Value;

use super::tools::{files, select, watched};
use super::{object, Session};
use crate::args::Tools;
use crate::host::{Error, Event, Outcome, State};
use crate::output::size;
use crate::status::Status;

/// How long a run is silent.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it is silent between two lines of progress.
const PAUSE: Duration = Duration::from_secs(1);

/// What a run may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Poll and compare, write nothing.
    Check,
    /// Also download and hash what is newer.
    Rehearse,
    /// Also replace the tool files.
    Update,
}

/// Poll the tools that were asked for and return an outcome for each, in that order.
pub(super) fn poll(
    tools: &Tools,
    mode: Mode,
    session: &mut Session<'_, '_>,
) -> Result<Vec<Outcome>, Status> {
    let entries = watched(session)?;
    let mut known = entries.clone();
    known.extend(files(session)?.into_iter().map(|name| (name, Value::Null)));
    let known: Vec<String> = known.into_iter().map(|(name, _)| name).collect();
    if entries.is_empty() && *tools == Tools::All {
        let error =
            Error::Invalid("tools.toml: there is no such file, or no table in it".to_owned());
        return Err(session.failed_as_a_whole("no tool is watched", &error));
    }
    let (names, unknown) = select(tools, &known, session);
    let (watched, unwatched): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| entries.contains_key(name));
    let mut outcomes = run(&watched, mode, session)?;
    outcomes.extend(unwatched.iter().map(|name| match tools {
        Tools::All => Outcome::new(name, State::Unwatched, None),
        Tools::Named(_) => {
            let why = format!("tools.toml: there is no table [{name}], which says what to poll");
            Outcome::new(name, State::Failed, Some(Error::Invalid(why)))
        }
    }));
    outcomes.extend(unknown.into_iter().map(|name| {
        let problem = Error::UnknownTool(name.clone());
        Outcome::new(&name, State::Failed, Some(problem))
    }));
    let order: &[String] = if let Tools::Named(named) = tools { named } else { &known };
    Ok(arrange(outcomes, order))
}

/// Poll tools that are watched.
pub(super) fn run(
    tools: &[String],
    mode: Mode,
    session: &mut Session<'_, '_>,
) -> Result<Vec<Outcome>, Status> {
    if tools.is_empty() {
        return Ok(Vec::new());
    }
    let word = match mode {
        Mode::Check => "check",
        Mode::Rehearse => "rehearse",
        Mode::Update => "update",
    };
    let request = object(vec![
        ("directory", session.directory.into()),
        ("tools", tools.into()),
        ("mode", word.into()),
    ]);
    if let Err(error) = session.host.begin(&request.to_string()) {
        return Err(session.failed_as_a_whole("cannot begin", &error));
    }
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut progress = Progress::new(session.host.now());
    while let Some(event) = session.host.next() {
        if let Some(line) = progress.line(&event, mode, session.host.now()) {
            session.console.progress(&line);
        }
        if let Event::Finished(outcome) = event {
            outcomes.push(outcome);
        }
    }
    Ok(arrange(outcomes, tools))
}

/// Put outcomes in the order of `tools`; that one is missing is a failure of that tool.
fn arrange(mut outcomes: Vec<Outcome>, tools: &[String]) -> Vec<Outcome> {
    let mut take = |tool: &String| {
        let place = outcomes.iter().position(|outcome| outcome.tool == *tool);
        place.map(|place| outcomes.swap_remove(place)).unwrap_or_else(|| {
            let problem = Error::Answer(format!("{tool}: the run ended without a result for it"));
            Outcome::new(tool, State::Failed, Some(problem))
        })
    };
    tools.iter().map(&mut take).collect()
}

/// What to tell, and when: at most once a second, and nothing of a run that is soon done.
struct Progress {
    next: Duration,
}

impl Progress {
    fn new(begun: Duration) -> Self {
        Self { next: begun + PATIENCE }
    }

    fn line(&mut self, event: &Event, mode: Mode, now: Duration) -> Option<String> {
        let line = match event {
            Event::Polled { done, total } => format!("polled {done} of {total} tools"),
            Event::Downloading { tool, asset, received, size: expected } => {
                format!("{tool}: {asset}: {} of {}", size(*received), size(*expected))
            }
            Event::Waiting { host, seconds } => {
                return Some(format!("{host}: waiting {seconds} s for its rate limit"));
            }
            Event::Finished(outcome) => return recorded(outcome, mode),
        };
        if now < self.next {
            return None;
        }
        self.next = now + PAUSE;
        Some(line)
    }
}

/// What was recorded is told at once: it holds, whatever becomes of the rest of the run.
fn recorded(outcome: &Outcome, mode: Mode) -> Option<String> {
    if outcome.state != State::Updated {
        return None;
    }
    let Outcome { tool, before, after, latest, assets, bytes, .. } = outcome;
    let verb = if mode == Mode::Update { "recorded" } else { "would record" };
    let place = if latest != after {
        format!(", {latest} stays the latest")
    } else if before.is_empty() {
        String::new()
    } else {
        format!(" after {before}")
    };
    Some(format!("{tool}: {verb} {after}{place}: {assets} assets, {}", size(*bytes)))
}
