//! `poll`: write release files, which hold what upstream has.

use super::outcome::tell;
use super::poll::{poll, Mode};
use super::{or_nothing, Answer, Session};
use crate::args::Tools;

/// Poll each tool; each is shown as soon as it is polled.
pub(super) fn run(tools: &Tools, session: &mut Session<'_, '_>) -> Answer {
    let (outcomes, status) = or_nothing(poll(tools, Mode::Poll, session));
    let status = status.and(tell(&outcomes, Mode::Poll, session));
    Answer { status, text: String::new(), fields: Vec::new() }
}
