//! The JSON objects in which arguments arrive.
//!
//! One string is one allocation on the caller's side of the boundary; see `wit/updater/documents.wit`.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::findings::Findings;
use crate::json;
use crate::node::Node;

/// The argument of `check`.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// The tool's name: the stem of its file.
    pub name: String,
    /// The text of the tool file.
    pub document: String,
}

/// The argument of `record`: a tool file, and a release whose assets have all been confirmed.
#[derive(Debug, Clone)]
pub struct RecordRequest {
    /// The tool's name: the stem of its file.
    pub name: String,
    /// The text of the tool file.
    pub document: String,
    /// The version, as the tool file spells it.
    pub version: String,
    /// The day it was published, `YYYY-MM-DD`.
    pub release_date: String,
    /// The tag in the repository.
    pub tag: String,
    /// The asset of each platform.
    pub platforms: BTreeMap<String, Asset>,
}

/// One published file.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The name of the file.
    pub asset: String,
    /// Its SHA-256, 64 lower-case hex digits.
    pub sha256: String,
    /// Its size in bytes, if known.
    pub size: Option<u64>,
    /// Who confirmed the digest: `digest`, `bytes`, …
    pub confirmed_by: BTreeSet<String>,
}

impl CheckRequest {
    /// Parse the argument.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is not the object that the WIT describes.
    pub fn parse(input: &str) -> Result<Self, Error> {
        let value = json::parse(input)?;
        let (input, mut findings) = (Node::root(&value), Findings::default());
        let request = Self {
            name: text(&input, "name", &mut findings),
            document: text(&input, "document", &mut findings),
        };
        findings.unless_any(request).map_err(Error::Invalid)
    }
}

impl RecordRequest {
    /// Parse the argument.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is not the object that the WIT describes.
    pub fn parse(input: &str) -> Result<Self, Error> {
        let value = json::parse(input)?;
        let (input, mut findings) = (Node::root(&value), Findings::default());
        let platforms = input.required("platforms", &mut findings);
        let platforms = platforms.map(|node| node.entries(&mut findings)).unwrap_or_default();
        let request = Self {
            name: text(&input, "name", &mut findings),
            document: text(&input, "document", &mut findings),
            version: text(&input, "version", &mut findings),
            release_date: text(&input, "release_date", &mut findings),
            tag: text(&input, "tag", &mut findings),
            platforms: platforms
                .iter()
                .map(|(platform, node)| ((*platform).clone(), Asset::parse(node, &mut findings)))
                .collect(),
        };
        findings.unless_any(request).map_err(Error::Invalid)
    }
}

impl Asset {
    fn parse(node: &Node<'_>, findings: &mut Findings) -> Self {
        let size = node.optional("size");
        if size.as_ref().is_some_and(|field| !field.value.is_u64()) {
            findings.add(node.below("size"), "must be a whole number of bytes");
        }
        let confirmed_by = node.required("confirmed_by", findings);
        let confirmed_by = confirmed_by.map(|field| field.words(findings)).unwrap_or_default();
        Self {
            asset: text(node, "asset", findings),
            sha256: text(node, "sha256", findings),
            size: size.and_then(|field| field.value.as_u64()),
            confirmed_by: confirmed_by.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// The string in a field; nothing, and a finding, if there is none.
fn text(node: &Node<'_>, name: &str, findings: &mut Findings) -> String {
    let field = node.required(name, findings);
    field.and_then(|field| field.word(|_| true, "", findings)).unwrap_or_default().to_owned()
}
