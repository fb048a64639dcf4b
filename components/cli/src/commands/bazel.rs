//! `generate-bazel-rules`: tool files as a Starlark module.

use serde_json::{json, Map, Value};

use super::tools::{files, misunderstood, select, watched};
use super::{Answer, Session};
use crate::args::Tools;
use crate::host::Error;
use crate::status::Status;

/// Render tool files; tell what could not be rendered.
pub(super) fn run(tools: &Tools, session: &mut Session<'_, '_>) -> Answer {
    match render(tools, session) {
        Ok((status, text, skipped)) => {
            for line in &skipped {
                session.console.progress(&format!("skipped: {line}"));
            }
            let fields = json!({"text": text, "skipped": skipped});
            Answer { status, text, fields }
        }
        Err(status) => {
            let fields = json!({"text": "", "skipped": []});
            Answer { status, text: String::new(), fields }
        }
    }
}

fn render(
    tools: &Tools,
    session: &mut Session<'_, '_>,
) -> Result<(Status, String, Vec<String>), Status> {
    let entries = watched(session)?;
    let known = files(session)?;
    let (names, unknown) = select(tools, &known, session);
    let mut status = if unknown.is_empty() { Status::Done } else { Status::Failed };
    for name in unknown {
        let problem = session.problem(&Error::UnknownTool(name));
        session.problems.push(problem);
    }
    let mut texts = Map::new();
    for name in &names {
        match session.host.read(&session.path(name)) {
            Ok(text) => {
                texts.insert(name.clone(), text.into());
            }
            Err(error) => {
                let what = format!("cannot read {name}");
                status = status.and(session.failed_as_a_whole(&what, &error));
            }
        }
    }
    let input = json!({"tools": texts, "watched": entries});
    let rendered = session.host.bazel(&input.to_string()).and_then(|text| parse(&text));
    match rendered {
        Ok((text, skipped)) => Ok((status, text, skipped)),
        Err(error) => Err(session.failed_as_a_whole("cannot render the tool files", &error)),
    }
}

fn parse(rendered: &str) -> Result<(String, Vec<String>), Error> {
    let rendered: Value = serde_json::from_str(rendered).map_err(misunderstood)?;
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let text = rendered.get("text").and_then(word);
    let skipped = rendered.get("skipped").and_then(Value::as_array);
    let skipped = skipped.and_then(|lines| lines.iter().map(word).collect::<Option<Vec<_>>>());
    text.zip(skipped).ok_or_else(|| Error::Invalid("document: no text, or no skipped".to_owned()))
}
