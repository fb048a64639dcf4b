//! `tools.toml`: what is watched.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::Error;
use crate::findings::Findings;
use crate::json;
use crate::node::Node;
use crate::rules::is_tool_name;
use crate::watch::Watch;

/// Turn the text of `tools.toml` into one JSON object, tool name to what is watched, each with every
/// field.
///
/// # Errors
///
/// [`Error::Invalid`] if it is not TOML, or with everything that is wrong.
pub fn watched(config: &str) -> Result<String, Error> {
    let config = config.strip_prefix('\u{feff}').unwrap_or(config);
    let tools: Value = toml::from_str(config).map_err(|error| located(config, &error))?;
    // An empty text is that of a directory where nothing is watched.
    if tools.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok("{}".into());
    }
    let (mut findings, mut entries) = (Findings::default(), BTreeMap::new());
    for (name, tool) in Node::root(&tools).entries(&mut findings) {
        if !is_tool_name(name) {
            findings.add(tool.place(), "must be named by a tool: letters, digits, `.`, `-`, `_`");
        }
        if tool.object(&mut findings).is_some() {
            entries.insert(name.clone(), Watch::read(&tool, &mut findings));
        }
    }
    findings.unless_any(()).map_err(Error::Invalid)?;
    json::text(&entries)
}

/// What the parser says without the lines it quotes, which would look like further findings.
fn located(config: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| config.get(..span.start)).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Error::invalid(format!("line {line}"), error.message().replace('\n', ", "))
}
