//! Which tools a command is about, and what is watched.

use super::Session;
use crate::args::Tools;
use crate::code::Code;
use crate::host::{Error, Watch};
use crate::nearest::nearest;
use crate::status::Status;

/// Split the requested tools into known and unknown ones, and report the unknown.
///
/// `known` is sorted.
pub(super) fn select(
    tools: &Tools,
    known: &[String],
    session: &mut Session<'_, '_>,
) -> (Vec<String>, Vec<String>) {
    let Tools::Named(named) = tools else { return (known.to_vec(), Vec::new()) };
    let (found, unknown): (Vec<_>, Vec<_>) =
        named.iter().cloned().partition(|name| known.contains(name));
    for name in &unknown {
        let error = Error::UnknownTool(name.clone());
        let help = match nearest(name, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => error.help().to_owned(),
        };
        session.console.error(&error.report(), &help, Code::from(&error));
    }
    session.unknown.clone_from(&unknown);
    (found, unknown)
}

/// The names of all tool files.
pub(super) fn files(session: &mut Session<'_, '_>) -> Result<Vec<String>, Status> {
    session.host.tools(session.directory).map_err(|error| {
        let what = format!("cannot list {}", session.shown());
        session.failed_as_a_whole(&what, &error)
    })
}

/// The entries of `tools.toml`, sorted by tool.
pub(super) fn watched(session: &mut Session<'_, '_>) -> Result<Vec<Watch>, Status> {
    let host = session.host;
    let entries = host.config(session.directory).and_then(|config| host.watched(&config));
    entries.map_err(|error| {
        let what = format!("cannot use {}/tools.toml", session.shown().trim_end_matches('/'));
        session.failed_as_a_whole(&what, &error)
    })
}

/// The entry of a tool among those that `watched` returns.
pub(super) fn entry<'a>(tool: &str, watched: &'a [Watch]) -> Option<&'a Watch> {
    let at = watched.binary_search_by(|watch| watch.tool.as_str().cmp(tool)).ok()?;
    watched.get(at)
}
