//! Drives a run over some tools to its end.

use std::time::Duration;

use super::outcome::{row, shown};
use super::tools::{entry, files, select, watched};
use super::Session;
use crate::args::Tools;
pub(super) use crate::host::Mode;
use crate::host::{Error, Event, Finding, Outcome, Polling, State, Transfer, Waiting};
use crate::output::size;
use crate::status::Status;

/// How long a run prints nothing at first.
const PATIENCE: Duration = Duration::from_secs(2);
/// The shortest time between two lines of progress.
const PAUSE: Duration = Duration::from_secs(1);

/// Poll the requested tools and return an outcome for each, in that order.
pub(super) fn poll(
    tools: &Tools,
    mode: Mode,
    session: &mut Session<'_, '_>,
) -> Result<Vec<Outcome>, Status> {
    let entries = watched(session)?;
    let mut known = files(session)?;
    known.extend(entries.iter().map(|watch| watch.tool.clone()));
    known.sort();
    known.dedup();
    if entries.is_empty() && *tools == Tools::All {
        let error = Error::invalid("tools.toml", "there is no such file, or no table in it");
        return Err(session.failed_as_a_whole("no tool is watched", &error));
    }
    let (names, unknown) = select(tools, &known, session);
    let (watched, unwatched): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| entry(name, &entries).is_some());
    let mut outcomes = run(&watched, mode, session)?;
    outcomes.extend(unwatched.iter().map(|name| match tools {
        Tools::All => Outcome::new(name, State::Unwatched),
        Tools::Named(_) => {
            let why = format!("there is no table [{name}], which says what to poll");
            Outcome::new(name, State::Failed(Error::invalid("tools.toml", why)))
        }
    }));
    outcomes.extend(
        unknown
            .into_iter()
            .map(|name| Outcome::new(&name, State::Failed(Error::UnknownTool(name.clone())))),
    );
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
    let host = session.host;
    let run = host
        .begin(session.directory, tools, mode)
        .map_err(|error| session.failed_as_a_whole("cannot begin", &error))?;
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut progress = Progress::new(session.host.now());
    while let Some(event) = run.next() {
        if let Some(line) = progress.line(&event, mode, session.host.now()) {
            session.console.progress(&line);
        }
        if let Event::Finished(outcome) = event {
            if mode == Mode::Poll {
                let line = row(&outcome, session);
                session.console.json_line(&line);
            }
            outcomes.push(outcome);
        }
    }
    Ok(arrange(outcomes, tools))
}

/// Put outcomes in the order of `tools`; a tool without an outcome failed.
fn arrange(mut outcomes: Vec<Outcome>, tools: &[String]) -> Vec<Outcome> {
    let mut take = |tool: &String| {
        let place = outcomes.iter().position(|outcome| outcome.tool == *tool);
        place.map(|place| outcomes.swap_remove(place)).unwrap_or_else(|| {
            let reason = "the run ended without a result for it".to_owned();
            let problem = Error::Answer(vec![Finding { place: tool.clone(), reason }]);
            Outcome::new(tool, State::Failed(problem))
        })
    };
    tools.iter().map(&mut take).collect()
}

/// Prints progress: at most once a second, and nothing about a short run.
struct Progress {
    next: Duration,
}

impl Progress {
    fn new(begun: Duration) -> Self {
        Self { next: begun + PATIENCE }
    }

    fn line(&mut self, event: &Event, mode: Mode, now: Duration) -> Option<String> {
        let line = match event {
            Event::Polled(Polling { done, total }) => format!("polled {done} of {total} tools"),
            Event::Downloading(Transfer { tool, asset, received, size: expected }) => {
                let expected = size(expected.unwrap_or_default());
                format!("{tool}: {asset}: {} of {expected}", size(*received))
            }
            Event::Waiting(Waiting { host, seconds }) => {
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

/// Report a recorded release at once: it stays, however the rest of the run ends.
fn recorded(outcome: &Outcome, mode: Mode) -> Option<String> {
    if outcome.state != State::Updated {
        return None;
    }
    let Outcome { tool, before, after, latest, assets, bytes, .. } = outcome;
    let verb = if mode == Mode::Update { "recorded" } else { "would record" };
    let place = match before {
        _ if latest != after => format!(", {} stays the latest", shown(latest)),
        Some(before) => format!(" after {before}"),
        None => String::new(),
    };
    let after = shown(after);
    Some(format!("{tool}: {verb} {after}{place}: {assets} assets, {}", size(*bytes)))
}
