//! `list`: what is recorded.

use serde_json::Value;

use super::tools::files;
use super::{object, or_nothing, Answer, Session};
use crate::host::Error;
use crate::output::Table;

/// Show the latest recorded version of each tool.
///
/// The rules do not apply: everything that can be read is shown.
pub(super) fn run(session: &mut Session<'_, '_>) -> Answer {
    let mut table = Table::new(&["TOOL", "VERSION", "RELEASED", "PLATFORMS"]);
    let mut rows = Vec::new();
    let (names, mut status) = or_nothing(files(session));
    for name in &names {
        let (tool, problem) = match read(name, session) {
            Ok(tool) => (tool, Value::Null),
            Err(error) => {
                status = status.and(session.failed(&format!("cannot list {name}"), &error));
                (Value::Null, session.problem(&error))
            }
        };
        let word = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let names = |value: Option<&Value>| {
            value.and_then(Value::as_object).map(|them| them.keys().cloned().collect::<Vec<_>>())
        };
        let version = word(tool.get("latest_version"));
        let versions = names(tool.get("versions"));
        let release = version.as_ref().and_then(|version| tool.get("versions")?.get(version));
        let released = word(release.and_then(|release| release.get("release_date")));
        let platforms = names(release.and_then(|release| release.get("platforms")));
        let count = platforms.as_ref().map(|them| them.len().to_string());
        let cell = |word: &Option<String>| word.clone().unwrap_or_else(|| "?".to_owned());
        table.row(&[name, &cell(&version), &cell(&released), &cell(&count)]);
        rows.push(object(vec![
            ("tool", name.as_str().into()),
            ("latest_version", version.into()),
            ("release_date", released.into()),
            ("platforms", platforms.into()),
            ("versions", versions.into()),
            ("problem", problem),
        ]));
    }
    Answer { status, text: table.render(), fields: vec![("tools", rows.into())] }
}

fn read(name: &str, session: &Session<'_, '_>) -> Result<Value, Error> {
    let text = session.read(name)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).map_err(|error| Error::invalid("document", error.to_string()))
}
