//! The results of a run, for people and for programs.

use std::time::Duration;

use serde_json::Value;

use super::poll::Mode;
use super::{object, Fields, Session};
use crate::code::Code;
use crate::host::{Change, Error, Outcome, State};
use crate::moment::{span, utc};
use crate::status::Status;

/// Print what the table does not show; return the exit code of the outcomes.
pub(super) fn tell(outcomes: &[Outcome], mode: Mode, session: &mut Session<'_, '_>) -> Status {
    let mut status = Status::Done;
    for outcome in outcomes {
        for note in &outcome.notes {
            session.console.progress(&format!("note: {}: {note}", outcome.tool));
        }
        match outcome.problem() {
            // It has been reported, with a suggestion.
            Some(error) if session.unknown.contains(&outcome.tool) => {
                status = status.and(error.into());
            }
            Some(error) => {
                let verb = match mode {
                    Mode::Check => "check",
                    Mode::Poll => "poll",
                    Mode::Rehearse | Mode::Update => "update",
                };
                let what = format!("cannot {verb} {}", outcome.tool);
                status = status.and(session.failed(&what, error));
            }
            None => {}
        }
        if !outcome.changes.is_empty() {
            session.console.error(&report(outcome), CHANGED, Code::Mismatch);
            status = status.and(Status::Mismatch);
        }
        match &outcome.state {
            State::Unpolled => status = status.and(Status::RateLimited),
            State::Newer if mode == Mode::Check => status = status.and(Status::Available),
            _ => {}
        }
    }
    if let Some(left) = Left::of(outcomes, session) {
        left.tell(session);
    }
    status
}

/// What to do about digests that changed.
const CHANGED: &str = "ask upstream whether it released anew, and do not use these files until \
                       then; nothing was overwritten";

/// The old and new digest and the dates of a change upstream.
fn report(outcome: &Outcome) -> String {
    let count = outcome.changes.len();
    let mut lines = vec![format!(
        "{}: {count} of {} recorded digests are not the published ones",
        outcome.tool, outcome.compared
    )];
    for change in &outcome.changes {
        let Change { version, platform, asset, recorded, published, release_date, updated_at } =
            change;
        let touched = updated_at.as_ref().map(|at| format!(", changed {at}")).unwrap_or_default();
        let release_date = shown(release_date);
        lines.push(format!("  {version} {platform}: {asset}"));
        lines.push(format!("    recorded:  {recorded}, released {release_date}"));
        lines.push(format!("    published: {published}{touched}"));
    }
    lines.join("\n")
}

/// The outcomes, and what a rate limit left undone, for programs.
pub(super) fn fields(outcomes: &[Outcome], session: &Session<'_, '_>) -> Fields {
    let left = Left::of(outcomes, session).unwrap_or_default();
    let rows: Vec<Value> = outcomes.iter().map(|outcome| row(outcome, session)).collect();
    vec![
        ("tools", rows.into()),
        ("left", left.tools.into()),
        ("run_again_at", left.at.map(|(at, _)| at).into()),
    ]
}

/// One outcome, for programs.
pub(super) fn row(outcome: &Outcome, session: &Session<'_, '_>) -> Value {
    let problem = outcome.problem().map(|error| session.problem(error));
    object(vec![
        ("tool", outcome.tool.as_str().into()),
        ("state", outcome.state.name().into()),
        ("before", outcome.before.clone().into()),
        ("after", outcome.after.clone().into()),
        ("latest", outcome.latest.clone().into()),
        ("assets", outcome.assets.into()),
        ("bytes", outcome.bytes.into()),
        ("compared", outcome.compared.into()),
        ("changes", outcome.changes.iter().map(changed).collect()),
        ("notes", outcome.notes.clone().into()),
        ("problem", problem.into()),
    ])
}

fn changed(change: &Change) -> Value {
    object(vec![
        ("version", change.version.as_str().into()),
        ("platform", change.platform.as_str().into()),
        ("asset", change.asset.as_str().into()),
        ("recorded", change.recorded.as_str().into()),
        ("published", change.published.as_str().into()),
        ("release_date", change.release_date.clone().into()),
        ("updated_at", change.updated_at.clone().into()),
    ])
}

/// An unknown value shows as nothing.
pub(super) fn shown(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// What a rate limit left undone.
#[derive(Default)]
struct Left {
    tools: Vec<String>,
    of: usize,
    /// When to run again, and how many seconds that is from now.
    at: Option<(String, u64)>,
}

impl Left {
    /// Return none if no rate limit ended the run.
    fn of(outcomes: &[Outcome], session: &Session<'_, '_>) -> Option<Self> {
        let limit = |outcome: &Outcome| match outcome.problem() {
            Some(Error::RateLimited(limit)) => Some(limit.seconds),
            _ => None,
        };
        let left =
            |outcome: &&Outcome| outcome.state == State::Unpolled || limit(outcome).is_some();
        let tools: Vec<String> =
            outcomes.iter().filter(left).map(|outcome| outcome.tool.clone()).collect();
        let wait = outcomes.iter().filter_map(limit).filter(|seconds| *seconds <= YEAR).max();
        let at = wait.map(|seconds| {
            let moment = session.host.now().saturating_add(Duration::from_secs(seconds));
            (utc(moment), seconds)
        });
        (!tools.is_empty()).then_some(Self { tools, of: outcomes.len(), at })
    }

    fn tell(&self, session: &mut Session<'_, '_>) {
        let Self { tools, of, at } = self;
        let what = format!(
            "a rate limit left {} of {of} tools to be polled\n  {}",
            tools.len(),
            tools.join(", ")
        );
        let help = match at {
            Some((at, seconds)) => format!("run again after {at}, in {}", span(*seconds)),
            None => "run again later".to_owned(),
        };
        let help = format!("{help}; what is done is kept");
        session.console.error(&what, &help, Code::RateLimited);
    }
}

/// A wait that is longer is no fact about a quota.
const YEAR: u64 = 366 * 86_400;
