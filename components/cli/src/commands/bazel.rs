//! `generate-bazel-rules`: tool files as a Starlark module.

use serde_json::{Map, Value};

use super::tools::{files, misunderstood, select, watched};
use super::{object, Answer, Session};
use crate::args::Tools;
use crate::host::Error;
use crate::status::Status;

/// Render tool files; tell what could not be rendered.
pub(super) fn run(tools: &Tools, session: &mut Session<'_, '_>) -> Answer {
    let mut status = Status::Done;
    let rendered = texts(tools, &mut status, session).and_then(|input| {
        let rendered = session.host.bazel(&input.to_string()).and_then(|text| parse(&text));
        let what = "cannot render the tool files";
        rendered.map_err(|error| session.failed_as_a_whole(what, &error))
    });
    let (text, skipped) = rendered.unwrap_or_else(|failed| {
        status = status.and(failed);
        Default::default()
    });
    for line in &skipped {
        session.console.progress(&format!("skipped: {line}"));
    }
    let fields = vec![("text", text.as_str().into()), ("skipped", skipped.into())];
    Answer { status, text, fields }
}

/// What there is to be rendered; a file that cannot be read does not hide the others.
fn texts(
    tools: &Tools,
    status: &mut Status,
    session: &mut Session<'_, '_>,
) -> Result<Value, Status> {
    let entries = watched(session)?;
    let known = files(session)?;
    let (names, unknown) = select(tools, &known, session);
    for name in unknown {
        let problem = session.problem(&Error::UnknownTool(name));
        session.problems.push(problem);
        *status = status.and(Status::Failed);
    }
    let mut texts = Map::new();
    for name in names {
        match session.read(&name) {
            Ok(text) => {
                texts.insert(name, text.into());
            }
            Err(error) => {
                let what = format!("cannot read {name}");
                *status = status.and(session.failed_as_a_whole(&what, &error));
            }
        }
    }
    Ok(object(vec![("tools", texts.into()), ("watched", entries.into())]))
}

fn parse(rendered: &str) -> Result<(String, Vec<String>), Error> {
    let rendered: Value = serde_json::from_str(rendered).map_err(misunderstood)?;
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let text = rendered.get("text").and_then(word);
    let skipped = rendered.get("skipped").and_then(Value::as_array);
    let skipped = skipped.and_then(|lines| lines.iter().map(word).collect::<Option<Vec<_>>>());
    text.zip(skipped).ok_or_else(|| Error::invalid("document", "no text, or no skipped"))
}
