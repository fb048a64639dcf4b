//! `update`: record newer releases.

use super::outcome::{fields, shown, tell};
use super::poll::{poll, Mode};
use super::{or_nothing, Answer, Session};
use crate::args::Tools;
use crate::host::{Outcome, State};
use crate::output::{size, Table};

/// Poll each tool, record newer releases, and show the result of each.
pub(super) fn run(tools: &Tools, dry_run: bool, session: &mut Session<'_, '_>) -> Answer {
    let mode = if dry_run { Mode::Rehearse } else { Mode::Update };
    let (outcomes, status) = or_nothing(poll(tools, mode, session));
    let mut table = Table::new(&["TOOL", "RESULT", "BEFORE", "AFTER", "ASSETS", "BYTES"]);
    for outcome in &outcomes {
        let [assets, bytes] = [outcome.assets.to_string(), size(outcome.bytes)];
        let (before, after) = (shown(&outcome.before), shown(&outcome.after));
        table.row(&[&outcome.tool, &result(outcome), before, after, &assets, &bytes]);
    }
    let status = status.and(tell(&outcomes, mode, session));
    let mut fields = fields(&outcomes, session);
    fields.push(("dry_run", dry_run.into()));
    Answer { status, text: table.render(), fields }
}

/// The state, and whether a release is recorded that is not the latest: a backport.
fn result(outcome: &Outcome) -> String {
    let recorded = matches!(outcome.state, State::Current | State::Updated);
    let kept = recorded && outcome.latest != outcome.after;
    format!("{}{}", outcome.state.name(), if kept { ", not latest" } else { "" })
}
