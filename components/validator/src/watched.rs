//! `tools.toml`: the watched tools.

use serde_json::Value;

use crate::error::Error;
use crate::findings::Findings;
use crate::node::Node;
use crate::rules::is_tool_name;
use crate::watch::Watch;

/// Read the text of `tools.toml`; the entries are sorted by tool.
///
/// # Errors
///
/// [`Error::Invalid`] if it is not TOML, or with everything that is wrong.
pub fn parse(config: &str) -> Result<Vec<Watch>, Error> {
    let config = config.strip_prefix('\u{feff}').unwrap_or(config);
    let tools: Value = toml::from_str(config).map_err(|error| located(config, &error))?;
    // An empty text comes from a directory where nothing is watched.
    if tools.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(Vec::new());
    }
    let (mut findings, mut entries) = (Findings::default(), Vec::new());
    for (name, tool) in Node::root(&tools).entries(&mut findings) {
        if !is_tool_name(name) {
            findings.add(tool.place(), "must be named by a tool: letters, digits, `.`, `-`, `_`");
        }
        if tool.object(&mut findings).is_some() {
            entries.push(Watch::read(name, &tool, &mut findings));
        }
    }
    findings.unless_any(entries).map_err(Error::Invalid)
}

/// The parser's message without the lines that it quotes, which would look like further findings.
fn located(config: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| config.get(..span.start)).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Error::invalid(format!("line {line}"), error.message().replace('\n', ", "))
}
