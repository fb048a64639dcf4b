//! `validate`: check tool files.

use serde_json::Value;

use super::outcome::{row, tell};
use super::poll::{self, Mode};
use super::tools::{entry, files, select, watched};
use super::{object, or_nothing, Answer, Fields, Session};
use crate::args::Tools;
use crate::host::{Error, Outcome, Watch};
use crate::output::Table;
use crate::status::Status;

/// Check tool files and show the result of each; if `online`, compare their digests with the
/// published ones.
pub(super) fn run(tools: &Tools, online: bool, session: &mut Session<'_, '_>) -> Answer {
    let (known, mut status) = or_nothing(files(session));
    if status != Status::Done {
        return Answer {
            status,
            text: String::new(),
            fields: vec![("tools", Value::Array(vec![]))],
        };
    }
    let (names, unknown) = select(tools, &known, session);
    if !unknown.is_empty() {
        status = Status::Failed;
    }
    // Files can be checked without `tools.toml`.
    let (entries, usable) = or_nothing(watched(session));
    status = status.and(usable);
    let mut rows = Vec::new();
    for name in &names {
        let (result, problem) = match check(name, entry(name, &entries), session) {
            Ok(result) => (result, Value::Null),
            Err(error) => {
                status = status.and(session.failed(&format!("{name} is not valid"), &error));
                ("invalid", session.problem(&error))
            }
        };
        rows.push((name, result, problem));
    }
    let polled: Vec<String> =
        names.iter().filter(|name| entry(name, &entries).is_some()).cloned().collect();
    let outcomes = if online { poll::run(&polled, Mode::Check, session) } else { Ok(Vec::new()) };
    let (outcomes, polled) = or_nothing(outcomes);
    status = status.and(polled);
    // A newer release is not a fault of the tool file.
    status = status.and(match tell(&outcomes, Mode::Check, session) {
        Status::Available => Status::Done,
        other => other,
    });
    Answer {
        status,
        text: table(&rows, online.then_some(&outcomes)),
        fields: fields(&rows, &unknown, &outcomes, session),
    }
}

/// A file need not be in canonical form: the next write makes it so.
fn check(
    name: &str,
    watch: Option<&Watch>,
    session: &Session<'_, '_>,
) -> Result<&'static str, Error> {
    let text = session.read(name)?;
    let canonical = session.host.check(name, &text, watch)?;
    Ok(if canonical == text { "valid" } else { "valid, not in canonical form" })
}

type Row<'a> = (&'a String, &'static str, Value);

fn table(rows: &[Row<'_>], outcomes: Option<&Vec<Outcome>>) -> String {
    let Some(outcomes) = outcomes else {
        let mut table = Table::new(&["TOOL", "RESULT"]);
        rows.iter().for_each(|(name, result, _)| table.row(&[name, result]));
        return table.render();
    };
    let mut table = Table::new(&["TOOL", "RESULT", "COMPARED", "CHANGED"]);
    for (name, result, _) in rows {
        let outcome = outcomes.iter().find(|outcome| outcome.tool == **name);
        let outcome = outcome.filter(|outcome| outcome.problem().is_none());
        let count = |number: &dyn Fn(&Outcome) -> String| outcome.map(number).unwrap_or_default();
        let compared = count(&|outcome| outcome.compared.to_string());
        let changed = count(&|outcome| outcome.changes.len().to_string());
        table.row(&[name, result, &compared, &changed]);
    }
    table.render()
}

fn fields(
    rows: &[Row<'_>],
    unknown: &[String],
    outcomes: &[Outcome],
    session: &Session<'_, '_>,
) -> Fields {
    let tool = |name: &str, canonical: bool, problem: Value, online: Value| {
        object(vec![
            ("tool", name.into()),
            ("valid", problem.is_null().into()),
            ("canonical", canonical.into()),
            ("problem", problem),
            ("online", online),
        ])
    };
    let known = rows.iter().map(|(name, result, problem)| {
        let outcome = outcomes.iter().find(|outcome| outcome.tool == **name);
        let online = outcome.map(|outcome| row(outcome, session));
        tool(name, *result == "valid", problem.clone(), online.into())
    });
    let unknown = unknown.iter().map(|name| {
        let problem = session.problem(&Error::UnknownTool(name.clone()));
        tool(name, false, problem, Value::Null)
    });
    vec![("tools", known.chain(unknown).collect())]
}
