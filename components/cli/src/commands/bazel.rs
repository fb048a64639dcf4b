//! `generate-bazel-rules`: tool files as a Starlark module.

use super::tools::{files, select, watched};
use super::{Answer, Session};
use crate::args::Tools;
use crate::host::{Error, Starlark, ToolFile, Watch};
use crate::status::Status;

/// Render tool files; report what could not be rendered.
pub(super) fn run(tools: &Tools, session: &mut Session<'_, '_>) -> Answer {
    let mut status = Status::Done;
    let rendered = texts(tools, &mut status, session).and_then(|(texts, entries)| {
        let what = "cannot render the tool files";
        session
            .host
            .bazel(&texts, &entries)
            .map_err(|error| session.failed_as_a_whole(what, &error))
    });
    let Starlark { text, skipped } = rendered.unwrap_or_else(|failed| {
        status = status.and(failed);
        Starlark { text: String::new(), skipped: Vec::new() }
    });
    for line in &skipped {
        session.console.progress(&format!("skipped: {line}"));
    }
    let fields = vec![("text", text.as_str().into()), ("skipped", skipped.into())];
    Answer { status, text, fields }
}

/// The files to render; a file that cannot be read does not hide the others.
fn texts(
    tools: &Tools,
    status: &mut Status,
    session: &mut Session<'_, '_>,
) -> Result<(Vec<ToolFile>, Vec<Watch>), Status> {
    let entries = watched(session)?;
    let known = files(session)?;
    let (names, unknown) = select(tools, &known, session);
    for name in unknown {
        let problem = session.problem(&Error::UnknownTool(name));
        session.problems.push(problem);
        *status = status.and(Status::Failed);
    }
    let mut texts = Vec::new();
    for name in names {
        match session.read(&name) {
            Ok(text) => texts.push(ToolFile { tool: name, text }),
            Err(error) => {
                let what = format!("cannot read {name}");
                *status = status.and(session.failed_as_a_whole(&what, &error));
            }
        }
    }
    Ok((texts, entries))
}
