//! Checks a tool file: its structure, and the relations of its fields.
//!
//! One file per level of the document, and one for relations between versions. Fields that no rule
//! names are ignored, at every level.

mod asset;
mod order;
mod release;
mod tool;

use serde_json::Value;

use crate::error::Error;
use crate::findings::Findings;
use crate::json;
use crate::node::Node;
use crate::watch::Watch;

/// Check the tool file `NAME.json` and return its canonical text.
///
/// Rules that need an entry of `tools.toml`, such as the order of versions, are not checked without
/// one.
///
/// # Errors
///
/// [`Error::Invalid`] with all findings.
pub fn check(name: &str, text: &str, watch: Option<&Watch>) -> Result<String, Error> {
    approve(name, &json::parse(text)?, watch)
}

/// Check a parsed document and return its canonical text.
pub(crate) fn approve(
    name: &str,
    document: &Value,
    watch: Option<&Watch>,
) -> Result<String, Error> {
    let mut findings = Findings::default();
    tool::check(name, &Node::root(document), watch, &mut findings);
    findings.unless_any(json::render(document)).map_err(Error::Invalid)
}

/// Check one version of a document, which was just added to it.
pub(crate) fn approve_release(version: &str, document: &Value, watch: &Watch) -> Result<(), Error> {
    let mut findings = Findings::default();
    let versions = Node::root(document).optional("versions");
    let versions = versions.map(|node| node.entries(&mut findings)).unwrap_or_default();
    if let Some((_, node)) = versions.iter().find(|(name, _)| *name == version) {
        release::check(version, node, Some(watch), &mut findings);
    }
    order::Order::of(&versions, watch).check(Some(version), &mut findings);
    findings.unless_any(()).map_err(Error::Answer)
}
