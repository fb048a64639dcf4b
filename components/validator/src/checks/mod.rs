//! What makes a tool file right: its structure, and what its fields say of each other.
//!
//! A file a level of the document. Fields that no rule names are left alone, at each level.

mod asset;
mod release;
mod tool;

use serde_json::Value;

use crate::error::Error;
use crate::findings::Findings;
use crate::json;
use crate::node::Node;

/// Check the tool file `NAME.json` and return its canonical text.
///
/// # Errors
///
/// [`Error::Invalid`] with everything that is wrong.
pub fn check(name: &str, text: &str) -> Result<String, Error> {
    approve(name, &json::parse(text)?)
}

/// Check a document that is parsed already and return its canonical text.
pub(crate) fn approve(name: &str, document: &Value) -> Result<String, Error> {
    let mut findings = Findings::default();
    tool::check(name, &Node::root(document), &mut findings);
    findings.unless_any(json::render(document)).map_err(Error::Invalid)
}

/// Check one version of a document, which was just added to it.
pub(crate) fn approve_release(version: &str, document: &Value) -> Result<(), Error> {
    let mut findings = Findings::default();
    let versions = Node::root(document).optional("versions");
    if let Some(node) = versions.and_then(|versions| versions.optional(version)) {
        release::check(version, &node, &mut findings);
    }
    findings.unless_any(()).map_err(Error::Release)
}
