//! `tools.toml`: what is watched.

use serde_json::Value;

use crate::error::Error;
use crate::findings::Findings;
use crate::node::{below, Node};
use crate::rules::{is_file_name, is_platform, is_repository, is_tool_name};

/// Where the version goes in a pattern.
const VERSION: &str = "{version}";

/// Turn the text of `tools.toml` into one JSON object, tool name to what is watched.
///
/// # Errors
///
/// [`Error::Invalid`] if it is not TOML, or with everything that is wrong.
pub fn watched(config: &str) -> Result<String, Error> {
    let tools: Value = toml::from_str(config).map_err(|error| located(config, &error))?;
    let mut findings = Findings::default();
    for (name, tool) in Node::root(&tools).entries(&mut findings) {
        check(name, &tool, &mut findings);
    }
    findings.unless_any(tools.to_string()).map_err(Error::Invalid)
}

/// What the parser says without the lines it quotes, which would look like further findings.
fn located(config: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| config.get(..span.start)).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Error::invalid(format!("line {line}"), error.message().replace('\n', ", "))
}

fn check(name: &str, tool: &Node<'_>, findings: &mut Findings) {
    let Some(fields) = tool.object(findings) else {
        return;
    };
    if !is_tool_name(name) {
        findings.add(tool.place(), "must be named by a tool: letters, digits, `.`, `-`, `_`");
    }
    for field in
        fields.keys().filter(|field| !["repository", "tag", "assets"].contains(&field.as_str()))
    {
        findings.add(tool.below(field), "is not a known key; known are repository, tag, assets");
    }
    if let Some(field) = tool.required("repository", findings) {
        field.word(is_repository, "`owner/name`", findings);
    }
    if let Some(field) = tool.required("tag", findings) {
        field.word(is_tag, "a tag with `{version}` in it once", findings);
    }
    let assets = tool.required("assets", findings);
    for (platform, field) in assets.map(|node| node.entries(findings)).unwrap_or_default() {
        if !is_platform(platform) {
            findings
                .add(field.place(), "must be named by a platform: lower-case letters, digits, `_`");
        }
        field.word(is_asset, "the name of a file, with no braces but `{version}`", findings);
    }
    distinct(tool, findings);
}

/// One file cannot be right for two platforms, and no tool file may say that it is.
fn distinct(tool: &Node<'_>, findings: &mut Findings) {
    let assets = tool.value.get("assets").and_then(Value::as_object).into_iter().flatten();
    let assets: Vec<_> = assets.filter_map(|(key, value)| Some((key, value.as_str()?))).collect();
    for (index, (platform, asset)) in assets.iter().enumerate() {
        if let Some((twin, _)) = assets.iter().take(index).find(|(_, earlier)| earlier == asset) {
            findings
                .add(below(&tool.below("assets"), platform), format!("is the asset of {twin} too"));
        }
    }
}

/// A tag may have a slash in it, as those of monorepos do.
fn is_tag(text: &str) -> bool {
    text.matches(VERSION).count() == 1 && is_pattern(text)
}

fn is_asset(text: &str) -> bool {
    is_file_name(text) && is_pattern(text)
}

fn is_pattern(text: &str) -> bool {
    !text.replace(VERSION, "").contains(['{', '}'])
}
