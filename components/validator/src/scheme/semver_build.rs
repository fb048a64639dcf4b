//! Semantic versioning, where build metadata counts: it distinguishes rebuilds of one version.

use super::{parts, semver, Part};

/// The rank by semantic versioning, then the text after `+`: numbers by their value, `k3s2` before
/// `k3s10`, and a version without any before all with some.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    version: semver::Rank,
    build: Vec<Part>,
}

impl Rank {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let version = semver::Rank::parse(text)?;
        let build = text.split_once('+').map(|(_, build)| parts(build)).unwrap_or_default();
        Some(Self { version, build })
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.version.is_prerelease()
    }
}
