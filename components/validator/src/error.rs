//! The errors of a document.

use crate::findings::Findings;

/// The errors of a document.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The document breaks rules.
    #[error("{0}")]
    Invalid(Findings),

    /// What upstream publishes cannot be used; the documents of the user may be fine.
    #[error("{0}")]
    Answer(Findings),

    /// What upstream publishes does not fit the entry of the tool in `tools.toml`.
    #[error("{0}")]
    Entry(Findings),

    /// A digest differs from the recorded one of the same asset, which is never overwritten.
    #[error("{place}: {got} came, {recorded} was recorded")]
    Mismatch {
        /// The place of the recorded digest in the document.
        place: String,
        /// The digest in the document.
        recorded: String,
        /// The other digest.
        got: String,
    },
}

impl Error {
    /// Return the error of one broken rule.
    pub fn invalid(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(Findings::one(place, reason))
    }

    /// Return the error of one reason why what upstream publishes cannot be used.
    pub fn answer(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Answer(Findings::one(place, reason))
    }

    /// Return the error of one key of an entry that does not fit what upstream publishes.
    pub fn entry(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Entry(Findings::one(key, reason))
    }
}
