//! The JSON objects in which arguments arrive.
//!
//! One string is one allocation on the caller's side of the boundary; see `wit/updater/documents.wit`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::watch::Watch;

/// The argument of `check`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The tool's name: the stem of its file.
    pub name: String,
    /// The text of the tool file.
    pub document: String,
    /// What is watched for the tool, if it is.
    pub watch: Option<Watch>,
}

/// The argument of `plan`: a tool file, and releases of its repository.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRequest<'a> {
    /// The tool's name: the stem of its file.
    pub name: String,
    /// The text of the tool file; empty if there is none.
    pub document: String,
    /// What is watched for the tool.
    pub watch: Watch,
    /// The present moment.
    pub now: String,
    /// Whether there is no further page of releases.
    pub last: bool,
    /// Releases in any order.
    #[serde(borrow)]
    pub releases: Vec<Release<'a>>,
}

/// A release of a repository. Its texts are those of the argument: there may be thousands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release<'a> {
    /// What identifies it in its repository.
    pub id: i64,
    /// Its tag.
    #[serde(borrow)]
    pub tag: Cow<'a, str>,
    /// Whether it is not published yet.
    pub draft: bool,
    /// Whether upstream calls it a prerelease.
    pub prerelease: bool,
    /// When it was published; empty if unknown.
    #[serde(borrow)]
    pub published_at: Cow<'a, str>,
    /// Its files.
    #[serde(borrow)]
    pub assets: Vec<Published<'a>>,
}

/// A file of a release.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published<'a> {
    /// Its name.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// `uploaded` once it is all there.
    #[serde(borrow)]
    pub state: Cow<'a, str>,
    /// Its size in bytes; -1 if it is not known.
    pub size: i64,
    /// `sha256:` and its digest; empty if unknown.
    #[serde(borrow)]
    pub digest: Cow<'a, str>,
    /// When it was last touched; empty if unknown.
    #[serde(borrow)]
    pub updated_at: Cow<'a, str>,
}

/// The argument of `record`: a tool file, and a release whose assets have all been confirmed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordRequest {
    /// The tool's name: the stem of its file.
    pub name: String,
    /// The text of the tool file; empty if there is none.
    pub document: String,
    /// What is watched for the tool.
    pub watch: Watch,
    /// The version, as the tool file spells it.
    pub version: String,
    /// The day it was published, `YYYY-MM-DD`.
    pub release_date: String,
    /// The tag in the repository.
    pub tag: String,
    /// The asset of each platform.
    pub platforms: BTreeMap<String, Confirmed>,
}

/// A file whose digest is confirmed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// The name of the file.
    pub asset: String,
    /// Its SHA-256, 64 lower-case hex digits.
    pub sha256: String,
    /// Its size in bytes, if known.
    pub size: Option<u64>,
    /// Who confirmed the digest: `digest`, `bytes`, …
    pub confirmed_by: Vec<String>,
}

/// The argument of `bazel`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BazelRequest {
    /// The text of each tool file.
    pub tools: BTreeMap<String, String>,
    /// What `watched` returned.
    pub watched: BTreeMap<String, Watch>,
}
