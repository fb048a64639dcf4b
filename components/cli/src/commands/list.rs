//! `list`: what is recorded.

use std::io;

use serde_json::Value;

use super::{path, report, select};
use crate::args::Tools;
use crate::host::{Error, Host};
use crate::output::{Console, Table};
use crate::status::Status;

/// Show the newest recorded version of each tool.
///
/// # Errors
///
/// If a stream cannot be written.
pub fn run(directory: &str, host: &dyn Host, console: &mut Console<'_>) -> io::Result<Status> {
    let names = match select(directory, &Tools::All, host, console)? {
        Ok(names) => names,
        Err(status) => return Ok(status),
    };
    let mut status = Status::Done;
    let mut table = Table::new(&["TOOL", "VERSION", "RELEASED", "PLATFORMS"]);
    for name in &names {
        match newest(&path(directory, name), host) {
            Ok([version, released, platforms]) => {
                table.row(&[name, &version, &released, &platforms]);
            }
            Err(error) => {
                table.row(&[name, "?"]);
                status = status.and(report(&format!("cannot list {name}"), &error, console)?);
            }
        }
    }
    console.table(&table)?;
    Ok(status)
}

/// Version, date and platforms of the newest release. The rules are not asked: what can be read is shown.
fn newest(path: &str, host: &dyn Host) -> Result<[String; 3], Error> {
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
