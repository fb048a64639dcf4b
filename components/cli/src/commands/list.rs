//! `list`: what is recorded.

use std::io;

use serde_json::Value;

use super::{report, tabulate};
use crate::args::Tools;
use crate::host::{Error, Host};
use crate::output::Console;
use crate::status::Status;

/// Show the latest recorded version of each tool.
///
/// # Errors
///
/// If a stream cannot be written.
pub fn run(directory: &str, host: &dyn Host, console: &mut Console<'_>) -> io::Result<Status> {
    let heading = ["TOOL", "VERSION", "RELEASED", "PLATFORMS"];
    tabulate(directory, &Tools::All, &heading, host, console, |name, path, console| {
        Ok(match latest(path, host) {
            Ok(cells) => (cells.into(), Status::Done),
            Err(error) => {
                (vec!["?".into()], report(&format!("cannot list {name}"), &error, console)?)
            }
        })
    })
}

/// Version, date and platforms of the latest version. The rules are not asked: what can be read is shown.
fn latest(path: &str, host: &dyn Host) -> Result<[String; 3], Error> {
    let text = host.read(path)?;
    let tool: Value = serde_json::from_str(&text)
        .map_err(|error| Error::Invalid(format!("document: {error}")))?;
    let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("?").to_owned();
    let version = word(tool.get("latest_version"));
    let release = tool.get("versions").and_then(|versions| versions.get(&version));
    let released = word(release.and_then(|release| release.get("release_date")));
    let platforms = release.and_then(|release| release.get("platforms")?.as_object());
    Ok([version, released, platforms.map_or_else(|| "?".into(), |them| them.len().to_string())])
}
