//! `check`: are there newer releases, and are the recorded digests still published?

use super::outcome::{fields, shown, tell};
use super::poll::{poll, Mode};
use super::{or_nothing, Answer, Session};
use crate::args::Tools;
use crate::output::Table;

/// Poll each tool and show its newer release, if any; write nothing.
pub(super) fn run(tools: &Tools, session: &mut Session<'_, '_>) -> Answer {
    let (outcomes, status) = or_nothing(poll(tools, Mode::Check, session));
    let mut table = Table::new(&["TOOL", "RESULT", "RECORDED", "NEWEST", "COMPARED", "CHANGED"]);
    for outcome in &outcomes {
        let [compared, changed] = [outcome.compared.to_string(), outcome.changes.len().to_string()];
        let (before, after) = (shown(&outcome.before), shown(&outcome.after));
        let state = outcome.state.name();
        table.row(&[&outcome.tool, state, before, after, &compared, &changed]);
    }
    let status = status.and(tell(&outcomes, Mode::Check, session));
    Answer { status, text: table.render(), fields: fields(&outcomes, session) }
}
