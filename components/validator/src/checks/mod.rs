//! What makes a tool file right: its structure, and what its fields say of each other.
//!
//! One file per level of the document, and one for relations between versions. Fields that no rule
//! names are left alone, at each level.

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
/// What only an entry of `tools.toml` can tell, such as how the tool counts its versions, is not
/// checked without one.
///
/// # Errors
///
/// [`Error::Invalid`] with everything that is wrong.
pub fn check(name: &str, text: &str, watch: Option<&Watch>) -> Result<String, Error> {
    approve(name, &json::parse(text)?, watch)
}

/// Check a document that is parsed already and return its canonical text.
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
