//! The document: one tool.

use super::order::Order;
use super::release;
use crate::findings::Findings;
use crate::node::Node;
use crate::rules::{is_repository, is_tool_name};
use crate::watch::Watch;

pub(super) fn check(name: &str, tool: &Node<'_>, watch: Option<&Watch>, findings: &mut Findings) {
    if tool.object(findings).is_none() {
        return;
    }
    named(name, tool, findings);
    origin(tool, findings);
    let versions = tool.required("versions", findings);
    let versions = versions.map(|node| node.entries(findings)).unwrap_or_default();
    for (version, node) in &versions {
        release::check(version, node, watch, findings);
    }
    let latest = latest(tool, &versions, findings);
    if let Some(watch) = watch {
        let order = Order::of(&versions, watch);
        order.check(None, findings);
        order.highest(latest, findings);
    }
    platforms(tool, &versions, findings);
}

fn named(name: &str, tool: &Node<'_>, findings: &mut Findings) {
    if let Some(field) = tool.required("tool_name", findings) {
        let must = format!("the name of the file, `{name}`");
        field.word(|text| text == name && is_tool_name(text), &must, findings);
    }
}

/// A tool comes from a repository, or from a site of its own as Go does.
fn origin(tool: &Node<'_>, findings: &mut Findings) {
    let (repository, site) = (tool.optional("github_repo"), tool.optional("download_base"));
    if let Some(field) = &repository {
        field.word(is_repository, "`owner/name`", findings);
    }
    if let Some(field) = &site {
        let is_address = |text: &str| text.starts_with("https://") || text.starts_with("http://");
        field.word(is_address, "an address", findings);
    }
    if repository.is_none() && site.is_none() {
        findings.add("github_repo", "is missing, and there is no download_base either");
    }
}

/// The latest version, if it is one of the versions.
fn latest<'a>(
    tool: &Node<'a>,
    versions: &[(&String, Node<'_>)],
    findings: &mut Findings,
) -> Option<&'a str> {
    let known = |text: &str| versions.iter().any(|(version, _)| *version == text);
    let field = tool.required("latest_version", findings)?;
    field.word(known, "one of versions", findings).filter(|text| known(text))
}

/// The list may omit a platform, but not name one that no version has.
fn platforms(tool: &Node<'_>, versions: &[(&String, Node<'_>)], findings: &mut Findings) {
    let Some(field) = tool.optional("supported_platforms") else {
        return;
    };
    for platform in field.words(findings) {
        let has = |node: &Node<'_>| {
            node.value.get("platforms").is_some_and(|platforms| platforms.get(platform).is_some())
        };
        if !versions.iter().any(|(_, node)| has(node)) {
            findings.add(field.place(), format!("names `{platform}`, which no version has"));
        }
    }
}
